#include "web/listing_filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char listing_filter_names[] = "taken, camera, type, tag, near and has";

/* ---- taken ---- */

/* Reads exactly so many digits. */
static bool read_digits(const char **at, unsigned count, unsigned *number)
{
    *number = 0;
    for (; count > 0; count--, ++*at) {
        if (**at < '0' || **at > '9')
            return false;
        *number = *number * 10 + (unsigned)(**at - '0');
    }
    return true;
}

/* A year, a month or a day; what is not given is 0. */
struct date {
    unsigned year, month, day;
};

static bool read_date(const char **at, struct date *date)
{
    *date = (struct date){0};
    if (!read_digits(at, 4, &date->year) || date->year == 0)
        return false;
    if (**at != '-')
        return true;
    ++*at;
    if (!read_digits(at, 2, &date->month) || date->month < 1 || date->month > 12)
        return false;
    if (**at != '-')
        return true;
    ++*at;
    return read_digits(at, 2, &date->day) && date->day >= 1 && date->day <= 31;
}

/* The first millisecond of a day; days may be counted past the end of a month, and months past the
 * end of a year. False if the day does not exist and must. */
static bool begin_of(struct date date, bool must_exist, int64_t *time)
{
    struct tm tm = {
        .tm_year = (int)date.year - 1900, .tm_mon = (int)date.month - 1, .tm_mday = (int)date.day};

    *time = (int64_t)timegm(&tm) * 1000;
    return !must_exist || tm.tm_mday == (int)date.day;
}

static bool set_first(struct date date, struct listing_filter *filter)
{
    struct date first = {date.year, date.month > 0 ? date.month : 1, date.day > 0 ? date.day : 1};

    filter->first_day = date.year * 10000 + date.month * 100 + date.day;
    return begin_of(first, true, &filter->from);
}

static bool set_last(struct date date, struct listing_filter *filter)
{
    struct date next = date;
    int64_t begin;
    bool exists = date.day == 0 || begin_of(date, true, &begin);

    filter->last_day = date.year * 10000 + (date.month > 0 ? date.month : 99) * 100 +
                       (date.day > 0 ? date.day : 99);
    if (date.month == 0)
        next = (struct date){date.year + 1, 1, 1};
    else if (date.day == 0)
        next = (struct date){date.year, date.month + 1, 1};
    else
        next.day++;
    (void)begin_of(next, false, &filter->to);
    filter->to--;
    return exists;
}

static bool read_range(const char *at, struct listing_filter *filter)
{
    struct date date = {0};
    bool has_first = *at != '.';

    filter->from = INT64_MIN;
    filter->to = INT64_MAX;
    filter->first_day = 0;
    filter->last_day = 99999999;
    if (has_first && (!read_date(&at, &date) || !set_first(date, filter)))
        return false;
    if (has_first && *at == '\0')
        return set_last(date, filter);
    if (strncmp(at, "..", 2) != 0)
        return false;
    at += 2;
    if (*at == '\0')
        return has_first;
    return read_date(&at, &date) && set_last(date, filter) && *at == '\0' &&
           filter->from <= filter->to;
}

static enum vt_error read_taken(const char *value, struct listing_filter *filter,
                                struct vt_reason *why)
{
    if (strlen(value) >= sizeof filter->taken || !read_range(value, filter))
        return vt_fail(
            why, VT_ERR_MALFORMED,
            "taken must be a year, a month or a day, as 2024, 2024-05 or 2024-05-12, or a"
            " range of them, as 2023..2024-05, ..2024 or 2024-05..");
    (void)strcpy(filter->taken, value);
    return VT_OK;
}

/* ---- near ---- */

/* Reads a decimal number of at most 20 characters, without an exponent. */
static bool read_number(const char **at, double limit, double *number)
{
    size_t len = strspn(*at, "-0123456789.");
    char text[24], *end;

    if (len == 0 || len > 20)
        return false;
    memcpy(text, *at, len);
    text[len] = '\0';
    *number = strtod(text, &end);
    *at += len;
    return *end == '\0' && fabs(*number) <= limit;
}

static bool read_comma(const char **at)
{
    return *(*at)++ == ',';
}

static enum vt_error read_near(const char *value, struct listing_filter *filter,
                               struct vt_reason *why)
{
    const char *at = value;

    if (strlen(value) >= sizeof filter->near ||
        !read_number(&at, PHOTO_LATITUDE_MAX, &filter->latitude) || !read_comma(&at) ||
        !read_number(&at, PHOTO_LONGITUDE_MAX, &filter->longitude) || !read_comma(&at) ||
        !read_number(&at, LISTING_NEAR_MAX_KM, &filter->km) || *at != '\0' || filter->km <= 0)
        return vt_fail(why, VT_ERR_MALFORMED,
                       "near must be latitude, longitude and kilometres, as 43.4674,11.8851,5");
    (void)strcpy(filter->near, value);
    return VT_OK;
}

/* ---- the others ---- */

static enum vt_error read_text(const char *value, const char *name, char *out, size_t size,
                               struct vt_reason *why)
{
    text_clean(value, strlen(value), out, size);
    if (out[0] == '\0' || strcmp(out, value) != 0)
        return vt_fail(why, VT_ERR_MALFORMED,
                       "%s must be a text that an image can have, as written"
                       " there",
                       name);
    return VT_OK;
}

static enum vt_error read_camera(const char *value, struct listing_filter *filter,
                                 struct vt_reason *why)
{
    return read_text(value, "camera", filter->camera, sizeof filter->camera, why);
}

static enum vt_error read_tag(const char *value, struct listing_filter *filter,
                              struct vt_reason *why)
{
    return read_text(value, "tag", filter->tag, sizeof filter->tag, why);
}

static enum vt_error read_type(const char *value, struct listing_filter *filter,
                               struct vt_reason *why)
{
    for (int i = 0; i < IMAGE_TYPE_COUNT; i++)
        if (strcmp(image_type_media((enum image_type)i), value) == 0) {
            (void)strcpy(filter->type, image_type_extension((enum image_type)i));
            return VT_OK;
        }
    return vt_fail(why, VT_ERR_MALFORMED,
                   "type must be the media type of an image that is accepted, as image/jpeg");
}

static enum vt_error read_has(const char *value, struct listing_filter *filter,
                              struct vt_reason *why)
{
    filter->has_place = strcmp(value, "place") == 0;
    return filter->has_place ? VT_OK : vt_fail(why, VT_ERR_MALFORMED, "has must be place");
}

static const char *media_of(const struct listing_filter *filter)
{
    enum image_type type;

    return image_type_from_extension(filter->type, &type) ? image_type_media(type) : "";
}

enum vt_error listing_filter_read(const char *name, const char *value,
                                  struct listing_filter *filter, bool *known, struct vt_reason *why)
{
    static const struct {
        const char *name;
        enum vt_error (*read)(const char *, struct listing_filter *, struct vt_reason *);
    } filters[] = {{"taken", read_taken}, {"camera", read_camera}, {"type", read_type},
                   {"tag", read_tag},     {"near", read_near},     {"has", read_has}};

    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
        if (strcmp(filters[i].name, name) == 0) {
            *known = true;
            return filters[i].read(value, filter, why);
        }
    *known = false;
    return VT_OK;
}

void listing_filter_each(const struct listing_filter *filter,
                         void (*visit)(void *context, const char *name, const char *value),
                         void *context)
{
    const struct {
        const char *name, *value;
    } given[] = {{"taken", filter->taken},   {"camera", filter->camera},
                 {"type", media_of(filter)}, {"tag", filter->tag},
                 {"near", filter->near},     {"has", filter->has_place ? "place" : ""}};

    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        if (given[i].value[0] != '\0')
            visit(context, given[i].name, given[i].value);
}

enum image_json_view listing_filter_tells(const struct listing_filter *filter)
{
    if (filter->has_place || filter->near[0] != '\0')
        return IMAGE_JSON_WHOLE;
    return filter->camera[0] != '\0' ? IMAGE_JSON_WITHOUT_PLACE : IMAGE_JSON_TIME;
}
