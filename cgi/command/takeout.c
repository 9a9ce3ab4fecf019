#include "command/takeout.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Copies a text, cleaned; a line break or a tab becomes a blank. Without one, out becomes "". */
static void copy_text(const json_t *text, char *out, size_t size)
{
    size_t len = json_string_length(text);
    char *line = len > 0 ? malloc(len) : NULL;

    out[0] = '\0';
    if (line == NULL)
        return;
    memcpy(line, json_string_value(text), len);
    for (size_t i = 0; i < len; i++)
        if (line[i] == '\n' || line[i] == '\r' || line[i] == '\t')
            line[i] = ' ';
    text_clean(line, len, out, size);
    free(line);
}

/* Seconds since 1970 in decimal digits; 0 is what Google writes for none. */
static bool read_seconds(const json_t *time, int64_t *seconds)
{
    const char *text = json_string_value(json_object_get(time, "timestamp"));
    char *end = NULL;

    if (text == NULL || strspn(text, "-0123456789") != strlen(text))
        return false;
    errno = 0;
    *seconds = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *seconds != 0 &&
           *seconds >= -(INT64_MAX / 1000) && *seconds <= INT64_MAX / 1000;
}

static void read_time(const json_t *json, int64_t now, struct photo *photo)
{
    int64_t seconds;
    struct photo with = PHOTO_INIT;

    if (!read_seconds(json_object_get(json, "photoTakenTime"), &seconds))
        return;
    with.taken = (struct photo_time){.local = seconds * 1000, .offset = 0};
    with.taken_from = PHOTO_TAKEN_BY_FILE;
    if (!photo_is_sound(&with) || photo_time_is_after(with.taken, now))
        return;
    photo->taken = with.taken;
    photo->taken_from = with.taken_from;
}

static bool read_place(const json_t *place, struct photo *photo)
{
    struct photo with = PHOTO_INIT;

    with.latitude = json_number_value(json_object_get(place, "latitude"));
    with.longitude = json_number_value(json_object_get(place, "longitude"));
    with.altitude = json_number_value(json_object_get(place, "altitude"));
    with.has_place = with.latitude != 0 || with.longitude != 0;
    with.has_altitude = with.altitude != 0;
    if (!with.has_place || !photo_is_sound(&with))
        return false;
    photo->has_place = true;
    photo->latitude = with.latitude;
    photo->longitude = with.longitude;
    photo->has_altitude = with.has_altitude;
    photo->altitude = with.altitude;
    return true;
}

/* The person's place, if there is one, before the camera's. */
static void read_places(const json_t *json, struct photo *photo)
{
    if (!read_place(json_object_get(json, "geoData"), photo))
        (void)read_place(json_object_get(json, "geoDataExif"), photo);
}

static json_t *load(const char *data, size_t len)
{
    json_t *json = len <= TAKEOUT_SIZE_MAX ? json_loadb(data, len, 0, NULL) : NULL;

    if (json_is_object(json))
        return json;
    json_decref(json);
    return NULL;
}

bool takeout_read(const char *data, size_t len, int64_t now, struct takeout *takeout)
{
    json_t *json = load(data, len);
    bool is_takeout = json_is_object(json_object_get(json, "photoTakenTime"));

    *takeout = (struct takeout){.photo = PHOTO_INIT};
    if (is_takeout) {
        copy_text(json_object_get(json, "title"), takeout->title, sizeof takeout->title);
        copy_text(json_object_get(json, "description"), takeout->photo.description,
                  sizeof takeout->photo.description);
        read_time(json, now, &takeout->photo);
        read_places(json, &takeout->photo);
    }
    json_decref(json);
    return is_takeout;
}

bool takeout_read_album(const char *data, size_t len, char title[NAME_SIZE])
{
    json_t *json = load(data, len), *album = json;
    bool is_album;

    if (json_is_object(json_object_get(json, "albumData"))) /* until 2020 */
        album = json_object_get(json, "albumData");
    is_album = json_is_string(json_object_get(album, "title")) &&
               json_object_get(album, "photoTakenTime") == NULL;
    copy_text(is_album ? json_object_get(album, "title") : NULL, title, NAME_SIZE);
    json_decref(json);
    return is_album;
}

bool takeout_is_year(const char *title)
{
    static const char *const words[] = {"Photos from ",  "Fotos von ",      "Photos de ",
                                        "Fotos de ",     "Foto's uit ",     "Foton från ",
                                        "Bilder fra ",   "Zdjęcia z roku ", "Zdjęcia z ",
                                        "Fotky z roku ", "Фото за "};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t len = strlen(words[i]);

        if (strncmp(title, words[i], len) == 0 && strlen(title + len) == 4 &&
            strspn(title + len, "0123456789") == 4)
            return true;
    }
    return false;
}
