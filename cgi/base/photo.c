#include "base/photo.h"

#include <math.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

/* A bool that was read from elsewhere may have other values, which must not be looked at as one. */
static bool is_bool(const bool *value)
{
    unsigned char byte;

    memcpy(&byte, value, 1);
    return byte <= 1;
}

/* Whether the first `len` bytes, which hold no NUL, are what text_clean() makes of them. */
static bool is_clean(const char *text, size_t len)
{
    char again[PHOTO_DESCRIPTION_SIZE];

    text_clean(text, len, again, sizeof again);
    return strlen(again) == len && memcmp(again, text, len) == 0;
}

static bool is_text(const char *text, size_t size)
{
    size_t len = strnlen(text, size);

    return len < size && is_clean(text, len);
}

static bool are_keywords(const char *text, size_t size)
{
    size_t len = strnlen(text, size);

    if (len == size)
        return false;
    for (const char *at = text, *end = text + len; at < end;) {
        size_t one = strcspn(at, "\n");

        if (one == 0 || !is_clean(at, one) || at + one + 1 == end)
            return false;
        at += one + 1;
    }
    return true;
}

static bool is_within(double value, double least, double most)
{
    return isfinite(value) && value >= least && value <= most;
}

static bool is_time(struct photo_time time)
{
    struct photo_time_parts parts;
    struct photo_time again;

    if (time.offset != PHOTO_TIME_NO_OFFSET &&
        (time.offset < -PHOTO_TIME_OFFSET_MAX || time.offset > PHOTO_TIME_OFFSET_MAX))
        return false;
    if (time.local < -366 * 200 * DAY_MS || time.local > 366 * 9000 * DAY_MS)
        return false;
    photo_time_to_parts(time, &parts);
    return photo_time_from_parts(&parts, &again) && again.local == time.local;
}

static bool is_taken(const struct photo *photo)
{
    if ((unsigned)photo->taken_from > PHOTO_TAKEN_BY_PERSON)
        return false;
    if (photo->taken_from == PHOTO_TAKEN_UNKNOWN)
        return photo->taken.local == PHOTO_TIME_UNKNOWN &&
               photo->taken.offset == PHOTO_TIME_NO_OFFSET;
    return is_time(photo->taken);
}

static bool is_place(const struct photo *photo)
{
    if (!is_bool(&photo->has_place) || !is_bool(&photo->has_altitude))
        return false;
    return is_within(photo->latitude, -PHOTO_LATITUDE_MAX, PHOTO_LATITUDE_MAX) &&
           is_within(photo->longitude, -PHOTO_LONGITUDE_MAX, PHOTO_LONGITUDE_MAX) &&
           is_within(photo->altitude, -PHOTO_ALTITUDE_MAX, PHOTO_ALTITUDE_MAX);
}

bool photo_is_sound(const struct photo *photo)
{
    return is_taken(photo) && is_place(photo) && is_text(photo->camera, sizeof photo->camera) &&
           is_text(photo->lens, sizeof photo->lens) && is_text(photo->title, sizeof photo->title) &&
           is_text(photo->description, sizeof photo->description) &&
           are_keywords(photo->keywords, sizeof photo->keywords) &&
           is_within(photo->focal_length, 0, PHOTO_FOCAL_LENGTH_MAX) &&
           is_within(photo->focal_length_35, 0, PHOTO_FOCAL_LENGTH_MAX) &&
           is_within(photo->aperture, 0, PHOTO_APERTURE_MAX) &&
           is_within(photo->exposure, 0, PHOTO_EXPOSURE_MAX) && photo->iso <= PHOTO_ISO_MAX &&
           (unsigned)photo->flash <= PHOTO_FLASH_FIRED && photo->rating <= PHOTO_RATING_MAX;
}

static bool has_same_numbers(const struct photo *a, const struct photo *b)
{
    return a->taken_from == b->taken_from && a->taken.local == b->taken.local &&
           a->taken.offset == b->taken.offset && a->focal_length == b->focal_length &&
           a->focal_length_35 == b->focal_length_35 && a->aperture == b->aperture &&
           a->exposure == b->exposure && a->iso == b->iso && a->flash == b->flash &&
           a->rating == b->rating;
}

static bool has_same_place(const struct photo *a, const struct photo *b)
{
    return a->has_place == b->has_place && a->has_altitude == b->has_altitude &&
           a->latitude == b->latitude && a->longitude == b->longitude && a->altitude == b->altitude;
}

bool photo_is_same(const struct photo *a, const struct photo *b)
{
    return has_same_numbers(a, b) && has_same_place(a, b) && strcmp(a->camera, b->camera) == 0 &&
           strcmp(a->lens, b->lens) == 0 && strcmp(a->title, b->title) == 0 &&
           strcmp(a->description, b->description) == 0 && strcmp(a->keywords, b->keywords) == 0;
}
