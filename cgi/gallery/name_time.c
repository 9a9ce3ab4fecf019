#include "gallery/name_time.h"

#include <string.h>

#define FIRST_YEAR 1990 /* no older camera has named a file */

/* The forms, in which a letter of "YMDhmsf" is a digit of that part (f: of the milliseconds), # any
 * digit, _ one of "_-", | one of " _-T", and : one of ".-_:". Longer ones come first, since a form
 * may not be followed by a digit. */
static const char *const forms[] = {
    "YYYYMMDD_hhmmssfff",     "YYYYMMDD_hhmmss",   "YYYY-MM-DD|hh:mm:ss",
    "YYYY-MM-DD at hh:mm:ss", "YYYY-MM-DD_hhmmss", "YYYYMMDD-WA####",
};

/* After "IMG" or "VID", with nothing in between. */
static const char joined[] = "YYYYMMDDhhmmss";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static unsigned *find_part(struct photo_time_parts *parts, char letter)
{
    switch (letter) {
    case 'Y':
        return &parts->year;
    case 'M':
        return &parts->month;
    case 'D':
        return &parts->day;
    case 'h':
        return &parts->hour;
    case 'm':
        return &parts->minute;
    case 's':
        return &parts->second;
    case 'f':
        return &parts->millisecond;
    default:
        return NULL;
    }
}

/* Whether the text begins in this form, and no digit follows; fills the parts. A form without an
 * hour is a date, whose parts stay those of noon. */
static bool is_in_form(const char *text, const char *form, struct photo_time_parts *parts)
{
    bool has_hour = strchr(form, 'h') != NULL;

    *parts = (struct photo_time_parts){.hour = has_hour ? 0 : 12};
    for (; *form != '\0'; form++, text++) {
        unsigned *part = find_part(parts, *form);

        if (part != NULL || *form == '#') {
            if (!is_digit(*text))
                return false;
            if (part != NULL)
                *part = *part * 10 + (unsigned)(*text - '0');
        } else if (!(*form == '_'   ? is_one_of(*text, "_-")
                     : *form == '|' ? is_one_of(*text, " _-T")
                     : *form == ':' ? is_one_of(*text, ".-_:")
                                    : *text == *form)) {
            return false;
        }
    }
    return !is_digit(*text);
}

/* macOS's screenshots have times of twelve hours, with a blank of some kind before AM or PM. */
static void adjust_hour(const char *after, struct photo_time_parts *parts)
{
    after += strncmp(after, "\xe2\x80\xaf", 3) == 0 ? 3 : *after == ' ' ? 1 : 0;
    if (after[0] == '\0' || after[1] != 'M' || parts->hour > 12)
        return;
    if (after[0] == 'A' && parts->hour == 12)
        parts->hour = 0;
    if (after[0] == 'P' && parts->hour < 12)
        parts->hour += 12;
}

/* Finds the first form that there is at this place, which a word may begin at. */
static bool find_at(const char *name, size_t at, struct photo_time_parts *parts)
{
    if (at == 3 && (strncmp(name, "IMG", 3) == 0 || strncmp(name, "VID", 3) == 0) &&
        is_in_form(name + at, joined, parts))
        return true;
    if (at > 0 && (is_digit(name[at - 1]) || (name[at - 1] >= 'A' && name[at - 1] <= 'Z') ||
                   (name[at - 1] >= 'a' && name[at - 1] <= 'z')))
        return false;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (!is_in_form(name + at, forms[i], parts))
            continue;
        adjust_hour(name + at + strlen(forms[i]), parts);
        return true;
    }
    return false;
}

bool name_time_guess(const char *name, int64_t now, struct photo_time *time)
{
    for (size_t at = 0; name[at] != '\0'; at++) {
        struct photo_time_parts parts;
        struct photo_time found;

        if (!find_at(name, at, &parts) || parts.year < FIRST_YEAR ||
            !photo_time_from_parts(&parts, &found))
            continue;
        if (strncmp(name, "PXL_", 4) == 0)
            found.offset = 0;
        if (photo_time_is_after(found, now))
            continue;
        *time = found;
        return true;
    }
    return false;
}
