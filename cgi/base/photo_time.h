/* When a photograph was taken: the time that a clock at the place showed and, if known, by how much
 * that clock was ahead of UTC. Most cameras write no time zone, so the time at the place is what is
 * shown, and what photographs are ordered by. */
#ifndef VITRINE_BASE_PHOTO_TIME_H
#define VITRINE_BASE_PHOTO_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define PHOTO_TIME_UNKNOWN INT64_MIN /* no time */
#define PHOTO_TIME_NO_OFFSET INT32_MIN
#define PHOTO_TIME_OFFSET_MAX (15 * 60) /* minutes; the largest in use are -12:00 and +14:00 */
#define PHOTO_TIME_FIRST_YEAR 1826      /* of the oldest photograph that is known */

struct photo_time {
    int64_t local;  /* milliseconds since 1970 by the clock at the place, as if it showed UTC */
    int32_t offset; /* minutes ahead of UTC, or PHOTO_TIME_NO_OFFSET */
};

#define PHOTO_TIME_NONE                                                                            \
    ((struct photo_time){.local = PHOTO_TIME_UNKNOWN, .offset = PHOTO_TIME_NO_OFFSET})

/* A date and a time of day as written: month 1 to 12, day 1 to 31. */
struct photo_time_parts {
    unsigned year, month, day, hour, minute, second, millisecond;
};

/* Makes a time of the parts, without an offset. False, and *time stays as it is, if there is no
 * such day or time of day, or the year is before PHOTO_TIME_FIRST_YEAR or has more than four
 * digits. A second of 60 (a leap second) is taken as 59. */
bool photo_time_from_parts(const struct photo_time_parts *parts,
                           struct photo_time *time) VT_MUST_CHECK;

/* The parts of a known time. */
void photo_time_to_parts(struct photo_time time, struct photo_time_parts *parts);

/* Reads a time as RFC 3339 and XMP write it: "2024-05-12T10:11:12.345+02:00". Seconds, their
 * fraction (of which three digits count) and the offset ("Z" is +00:00) may be absent; a blank may
 * stand for the T; a date alone is its noon, which is the least wrong guess. `text` need not end in
 * a NUL. False, and *time stays as it is, if it is anything else, or no time of
 * photo_time_from_parts(). */
bool photo_time_read(const char *text, size_t len, struct photo_time *time) VT_MUST_CHECK;

#define PHOTO_TIME_SIZE 32 /* bytes of a time as text, including the NUL */

/* Writes a known time as "2024-05-12T10:11:12.345+02:00", without the offset if it is not known. */
void photo_time_write(struct photo_time time, char out[PHOTO_TIME_SIZE]);

/* Whether a known time is later than `now` (milliseconds since 1970, UTC). Without an offset, the
 * clock may have been in any time zone, so up to fourteen hours ahead are not later. */
bool photo_time_is_after(struct photo_time time, int64_t now) VT_MUST_CHECK;

#endif
