#include "command/manifest_photo.h"

#include <stdio.h>
#include <string.h>

#include "gallery/image_json.h"

/* What the file's metadata does not change, by the names of the API's members. */
static const struct {
    const char *name;
    unsigned bit;
} sets[] = {{"name", RECORD_SET_NAME},
            {"tags", RECORD_SET_TAGS},
            {"taken", RECORD_SET_TAKEN},
            {"description", RECORD_SET_DESCRIPTION},
            {"place", RECORD_SET_PLACE},
            {"taken_beside", RECORD_BESIDE_TAKEN}, /* not by a person, but beside the file */
            {"description_beside", RECORD_BESIDE_DESCRIPTION},
            {"place_beside", RECORD_BESIDE_PLACE},
            {"rating_beside", RECORD_BESIDE_RATING},
            {"camera_beside", RECORD_BESIDE_CAMERA}};

#define SETS (sizeof sets / sizeof sets[0])

/* ---- writing ---- */

/* Each of these fails if out of memory. */
static bool put_text(json_t *line, const char *key, const char *text)
{
    return text[0] == '\0' || json_object_set_new(line, key, json_string(text)) == 0;
}

static bool put_real(json_t *line, const char *key, double number, bool is_known)
{
    return !is_known || json_object_set_new(line, key, json_real(number)) == 0;
}

static bool put_number(json_t *line, const char *key, uint32_t number)
{
    return number == 0 || json_object_set_new(line, key, json_integer(number)) == 0;
}

static bool put_taken(json_t *line, const struct record *record)
{
    const char *from = image_json_taken_from(record->photo.taken_from);
    char text[PHOTO_TIME_SIZE] = "";

    if (record_is_dated(record))
        photo_time_write(record->photo.taken, text);
    return put_text(line, "taken", text) && put_text(line, "taken_from", from != NULL ? from : "");
}

static bool put_place(json_t *line, const struct photo *photo)
{
    json_t *place;
    bool done;

    if (!photo->has_place)
        return true;
    place = json_object();
    done = put_real(place, "latitude", photo->latitude, true) &&
           put_real(place, "longitude", photo->longitude, true) &&
           put_real(place, "altitude", photo->altitude, photo->has_altitude) &&
           json_object_set(line, "place", place) == 0;
    json_decref(place);
    return done;
}

static bool put_sets(json_t *line, unsigned set)
{
    json_t *names = json_array();
    bool done = names != NULL;

    for (size_t i = 0; done && i < SETS; i++)
        if ((set & sets[i].bit) != 0)
            done = json_array_append_new(names, json_string(sets[i].name)) == 0;
    done = done && json_object_set(line, "set_by_person", names) == 0;
    json_decref(names);
    return done;
}

bool manifest_photo_put(json_t *line, const struct record *record)
{
    const struct photo *photo = &record->photo;

    return put_taken(line, record) && put_text(line, "camera", photo->camera) &&
           put_text(line, "lens", photo->lens) &&
           put_real(line, "focal_length", photo->focal_length, photo->focal_length > 0) &&
           put_real(line, "focal_length_35", photo->focal_length_35, photo->focal_length_35 > 0) &&
           put_real(line, "aperture", photo->aperture, photo->aperture > 0) &&
           put_real(line, "exposure", photo->exposure, photo->exposure > 0) &&
           put_number(line, "iso", photo->iso) &&
           (photo->flash == PHOTO_FLASH_UNKNOWN ||
            json_object_set_new(line, "flash", json_boolean(photo->flash == PHOTO_FLASH_FIRED)) ==
                0) &&
           put_place(line, photo) && put_number(line, "rating", photo->rating) &&
           put_text(line, "description", photo->description) &&
           put_sets(line, record->set_by_person);
}

/* ---- reading ---- */

static bool read_from(const char *text, enum photo_taken_from *from)
{
    for (int i = PHOTO_TAKEN_BY_FILE; i <= PHOTO_TAKEN_BY_PERSON; i++) {
        if (strcmp(image_json_taken_from((enum photo_taken_from)i), text) == 0) {
            *from = (enum photo_taken_from)i;
            return true;
        }
    }
    return false;
}

static void copy_text(char *out, size_t size, const char *text)
{
    (void)snprintf(out, size, "%s", text != NULL ? text : "");
}

static bool read_number(json_t *number, double *out)
{
    *out = number != NULL ? json_number_value(number) : 0;
    return number == NULL || json_is_number(number);
}

static bool read_count(json_t *number, uint32_t *out)
{
    json_int_t value = json_integer_value(number);

    *out = value > 0 && value <= UINT32_MAX ? (uint32_t)value : 0;
    return number == NULL || json_is_integer(number);
}

static bool read_place(json_t *place, struct photo *photo)
{
    json_t *altitude = json_object_get(place, "altitude");

    photo->has_place = place != NULL;
    photo->has_altitude = altitude != NULL;
    return place == NULL || (json_is_number(json_object_get(place, "latitude")) &&
                             json_is_number(json_object_get(place, "longitude")) &&
                             read_number(json_object_get(place, "latitude"), &photo->latitude) &&
                             read_number(json_object_get(place, "longitude"), &photo->longitude) &&
                             read_number(altitude, &photo->altitude));
}

static bool read_taken_members(json_t *line, struct photo *photo)
{
    json_t *taken = json_object_get(line, "taken"), *from = json_object_get(line, "taken_from");

    if (from != NULL &&
        (!json_is_string(from) || !read_from(json_string_value(from), &photo->taken_from)))
        return false;
    return taken == NULL ||
           (from != NULL && json_is_string(taken) &&
            photo_time_read(json_string_value(taken), json_string_length(taken), &photo->taken));
}

bool manifest_photo_read(json_t *line, struct photo *photo)
{
    const char *camera = NULL, *lens = NULL, *description = NULL;
    json_t *flash = json_object_get(line, "flash");

    *photo = PHOTO_INIT;
    if (json_unpack(line, "{s?s, s?s, s?s}", "camera", &camera, "lens", &lens, "description",
                    &description) != 0 ||
        (flash != NULL && !json_is_boolean(flash)))
        return false;
    copy_text(photo->camera, sizeof photo->camera, camera);
    copy_text(photo->lens, sizeof photo->lens, lens);
    copy_text(photo->description, sizeof photo->description, description);
    if (flash != NULL)
        photo->flash = json_is_true(flash) ? PHOTO_FLASH_FIRED : PHOTO_FLASH_OFF;
    return read_taken_members(line, photo) &&
           read_number(json_object_get(line, "focal_length"), &photo->focal_length) &&
           read_number(json_object_get(line, "focal_length_35"), &photo->focal_length_35) &&
           read_number(json_object_get(line, "aperture"), &photo->aperture) &&
           read_number(json_object_get(line, "exposure"), &photo->exposure) &&
           read_count(json_object_get(line, "iso"), &photo->iso) &&
           read_count(json_object_get(line, "rating"), &photo->rating) &&
           read_place(json_object_get(line, "place"), photo);
}

bool manifest_photo_read_sets(json_t *line, bool *says_set, uint32_t *set_by_person)
{
    json_t *names = json_object_get(line, "set_by_person"), *name;
    size_t i;

    *says_set = names != NULL;
    *set_by_person = 0;
    if (names != NULL && !json_is_array(names))
        return false;
    json_array_foreach(names, i, name)
    {
        for (size_t j = 0; json_is_string(name) && j < SETS; j++)
            if (strcmp(json_string_value(name), sets[j].name) == 0)
                *set_by_person |= sets[j].bit;
    }
    return true;
}

bool manifest_photo_is_in(json_t *line)
{
    static const char *const members[] = {
        "taken",    "taken_from", "camera", "lens",  "focal_length", "focal_length_35", "aperture",
        "exposure", "iso",        "flash",  "place", "rating",       "description"};
    bool any = false;

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        any |= json_object_get(line, members[i]) != NULL;
    return any;
}
