#include "base/photo_time.h"

#include <string.h>
#include <time.h>

#define MINUTE_MS INT64_C(60000)

bool photo_time_from_parts(const struct photo_time_parts *parts, struct photo_time *time)
{
    struct tm tm = {0}, back;
    time_t seconds;

    if (parts->year < PHOTO_TIME_FIRST_YEAR || parts->year > 9999 || parts->month < 1 ||
        parts->month > 12 || parts->day < 1 || parts->day > 31 || parts->hour > 23 ||
        parts->minute > 59 || parts->second > 60 || parts->millisecond > 999)
        return false;
    tm.tm_year = (int)parts->year - 1900;
    tm.tm_mon = (int)parts->month - 1;
    tm.tm_mday = (int)parts->day;
    tm.tm_hour = (int)parts->hour;
    tm.tm_min = (int)parts->minute;
    tm.tm_sec = parts->second == 60 ? 59 : (int)parts->second;
    seconds = timegm(&tm);
    /* A day that the month does not have comes back as one of the next month. */
    if (gmtime_r(&seconds, &back) == NULL || back.tm_mday != (int)parts->day)
        return false;
    *time = (struct photo_time){.local = (int64_t)seconds * 1000 + parts->millisecond,
                                .offset = PHOTO_TIME_NO_OFFSET};
    return true;
}

void photo_time_to_parts(struct photo_time time, struct photo_time_parts *parts)
{
    int64_t millisecond = time.local % 1000;
    time_t seconds;
    struct tm tm = {0};

    if (millisecond < 0)
        millisecond += 1000;
    seconds = (time_t)((time.local - millisecond) / 1000);
    if (gmtime_r(&seconds, &tm) == NULL)
        tm = (struct tm){.tm_mday = 1};
    *parts = (struct photo_time_parts){.year = (unsigned)(tm.tm_year + 1900),
                                       .month = (unsigned)tm.tm_mon + 1,
                                       .day = (unsigned)tm.tm_mday,
                                       .hour = (unsigned)tm.tm_hour,
                                       .minute = (unsigned)tm.tm_min,
                                       .second = (unsigned)tm.tm_sec,
                                       .millisecond = (unsigned)millisecond};
}

/* A text that is read from its beginning. */
struct scan {
    const char *at, *end;
};

static bool is_digit(const struct scan *scan)
{
    return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

/* Reads exactly so many digits. */
static bool read_digits(struct scan *scan, unsigned count, unsigned *number)
{
    *number = 0;
    for (; count > 0; count--) {
        if (!is_digit(scan))
            return false;
        *number = *number * 10 + (unsigned)(*scan->at++ - '0');
    }
    return true;
}

/* Reads one character of the set, which is not empty. */
static bool read_one_of(struct scan *scan, const char *set, char *found)
{
    if (scan->at == scan->end || *scan->at == '\0' || strchr(set, *scan->at) == NULL)
        return false;
    *found = *scan->at++;
    return true;
}

static bool read_char(struct scan *scan, const char *set)
{
    char found;

    return read_one_of(scan, set, &found);
}

/* Reads the digits of a fraction, of which there is at least one. */
static bool read_fraction(struct scan *scan, unsigned *milliseconds)
{
    unsigned weight = 100;

    if (!is_digit(scan))
        return false;
    *milliseconds = 0;
    for (; is_digit(scan); scan->at++, weight /= 10)
        *milliseconds += weight * (unsigned)(*scan->at - '0');
    return true;
}

static bool read_clock(struct scan *scan, struct photo_time_parts *parts)
{
    if (!read_digits(scan, 2, &parts->hour) || !read_char(scan, ":") ||
        !read_digits(scan, 2, &parts->minute))
        return false;
    if (!read_char(scan, ":"))
        return true;
    return read_digits(scan, 2, &parts->second) &&
           (!read_char(scan, ".,") || read_fraction(scan, &parts->millisecond));
}

static bool read_offset(struct scan *scan, int32_t *offset)
{
    unsigned hours, minutes;
    char sign;

    if (read_char(scan, "Zz")) {
        *offset = 0;
        return true;
    }
    if (!read_one_of(scan, "+-", &sign) || !read_digits(scan, 2, &hours) || !read_char(scan, ":") ||
        !read_digits(scan, 2, &minutes) || minutes > 59 ||
        hours * 60 + minutes > PHOTO_TIME_OFFSET_MAX)
        return false;
    *offset = (int32_t)(hours * 60 + minutes) * (sign == '-' ? -1 : 1);
    return true;
}

bool photo_time_read(const char *text, size_t len, struct photo_time *time)
{
    struct scan scan = {text, text + len};
    struct photo_time_parts parts = {.hour = 12};
    int32_t offset = PHOTO_TIME_NO_OFFSET;

    if (!read_digits(&scan, 4, &parts.year) || !read_char(&scan, "-") ||
        !read_digits(&scan, 2, &parts.month) || !read_char(&scan, "-") ||
        !read_digits(&scan, 2, &parts.day))
        return false;
    if (scan.at < scan.end && (!read_char(&scan, "Tt ") || !read_clock(&scan, &parts)))
        return false;
    if (scan.at < scan.end && !read_offset(&scan, &offset))
        return false;
    if (scan.at < scan.end || !photo_time_from_parts(&parts, time))
        return false;
    time->offset = offset;
    return true;
}

static char *write_number(char *at, unsigned number, unsigned digits)
{
    for (unsigned i = digits; i-- > 0; number /= 10)
        at[i] = (char)('0' + number % 10);
    return at + digits;
}

/* Without strftime() or the like, as a listing writes fifty times. */
void photo_time_write(struct photo_time time, char out[PHOTO_TIME_SIZE])
{
    static const char between[] = "--T::";
    struct photo_time_parts parts;
    char *at = out;

    photo_time_to_parts(time, &parts);
    {
        const unsigned numbers[] = {parts.year, parts.month,  parts.day,
                                    parts.hour, parts.minute, parts.second};

        for (unsigned i = 0; i < 6; i++) {
            at = write_number(at, numbers[i], i == 0 ? 4 : 2);
            *at++ = i < 5 ? between[i] : '.';
        }
    }
    at = write_number(at, parts.millisecond, 3);
    if (time.offset != PHOTO_TIME_NO_OFFSET) {
        unsigned minutes = (unsigned)(time.offset < 0 ? -time.offset : time.offset);

        *at++ = time.offset < 0 ? '-' : '+';
        at = write_number(at, minutes / 60, 2);
        *at++ = ':';
        at = write_number(at, minutes % 60, 2);
    }
    *at = '\0';
}

bool photo_time_is_after(struct photo_time time, int64_t now)
{
    int64_t offset = time.offset == PHOTO_TIME_NO_OFFSET ? 14 * 60 : time.offset;

    return time.local - offset * MINUTE_MS > now;
}
