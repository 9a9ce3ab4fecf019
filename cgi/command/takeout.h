/* Reads the JSON that Google Takeout writes beside pictures and into the folders of albums. It is
 * untrusted. */
#ifndef VITRINE_COMMAND_TAKEOUT_H
#define VITRINE_COMMAND_TAKEOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/photo.h"

#define TAKEOUT_SIZE_MAX (1 << 20) /* bytes of a file; real ones have some thousand */

struct takeout {
    char title[NAME_SIZE]; /* the name that the file had, cleaned; "" if it is not said */
    struct photo photo;    /* sound; with time, place and description alone */
};

/* Reads what is said of a picture, at that time (milliseconds since 1970, UTC). False if it is not
 * such a file. The time is a moment, in UTC; one in the future is none, and so is a place of 0, 0.
 */
bool takeout_read(const char *data, size_t len, int64_t now, struct takeout *takeout) VT_MUST_CHECK;

/* Reads the title of an album, cleaned; it may be "". False if it is not a file of an album. */
bool takeout_read_album(const char *data, size_t len, char title[NAME_SIZE]) VT_MUST_CHECK;

/* Whether the title or folder is that of a year, into which Takeout puts all pictures, rather than
 * of an album: "Photos from 2024". */
bool takeout_is_year(const char *title) VT_MUST_CHECK;

#endif
