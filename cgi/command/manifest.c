#include "command/manifest.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gallery/image_json.h"

struct manifest {
    struct manifest_entry *entries;
    size_t count, room;
    json_t *by_id; /* indexes of entries */
};

/* ---- writing ---- */

static json_t *tags_json(const char *tags)
{
    json_t *array = json_array();

    while (*tags != '\0') {
        size_t len = strcspn(tags, "\n");

        if (json_array_append_new(array, json_stringn(tags, len)) != 0) {
            json_decref(array);
            return NULL;
        }
        tags += len;
        tags += *tags == '\n';
    }
    return array;
}

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

static bool put_photo(json_t *line, const struct record *record)
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

void manifest_write(struct buf *buf, const struct record *record, const char *file)
{
    char created[IMAGE_JSON_TIME_SIZE];
    json_t *line;

    image_json_time(record->created, created);
    line = json_pack("{s:s, s:s, s:s, s:o, s:s}", "file", file, "id", record->id, "name",
                     record->name, "tags", tags_json(record->tags), "created", created);
    if (line == NULL || !put_photo(line, record))
        buf_fail(buf);
    else
        image_json_append(buf, line);
    buf_puts(buf, "\n");
    json_decref(line);
}

/* ---- reading ---- */

/* Reads RFC 3339, in UTC, as image_json_time() writes it; the milliseconds may be left out. */
static bool read_time(const char *text, int64_t *milliseconds)
{
    struct tm parts = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    unsigned part = 0;
    int used = 0;
    time_t seconds;

    if (rest == NULL)
        return false;
    if (*rest == '.') {
        if (strspn(rest + 1, "0123456789") != 3 || sscanf(rest, ".%3u%n", &part, &used) != 1)
            return false;
        rest += used;
    }
    seconds = timegm(&parts);
    *milliseconds = (int64_t)seconds * 1000 + part;
    return strcmp(rest, "Z") == 0 && seconds >= 0;
}

static void clear_entry(struct manifest_entry *entry)
{
    free(entry->file);
    free(entry->name);
    for (size_t i = 0; i < entry->tag_count; i++)
        free(entry->tags[i]);
    free(entry->tags);
    free(entry->photo);
}

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

/* False if a member is not of its kind. */
static bool read_photo(json_t *line, struct photo *photo)
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

/* A name that another version has written says nothing to this one. */
static bool read_sets(json_t *names, struct manifest_entry *entry)
{
    json_t *name;
    size_t i;

    entry->says_set = names != NULL;
    if (names != NULL && !json_is_array(names))
        return false;
    json_array_foreach(names, i, name)
    {
        for (size_t j = 0; json_is_string(name) && j < SETS; j++)
            if (strcmp(json_string_value(name), sets[j].name) == 0)
                entry->set_by_person |= sets[j].bit;
    }
    return true;
}

/* Keeps the line rather than the photograph, which takes ten times as much memory: a manifest may
 * have a million lines. */
static enum vt_error keep_photo(json_t *line, struct manifest_entry *entry)
{
    static const char *const members[] = {
        "taken",    "taken_from", "camera", "lens",  "focal_length", "focal_length_35", "aperture",
        "exposure", "iso",        "flash",  "place", "rating",       "description"};
    struct photo photo;
    bool any = false;

    if (!read_photo(line, &photo) || !read_sets(json_object_get(line, "set_by_person"), entry))
        return VT_ERR_MALFORMED;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        any |= json_object_get(line, members[i]) != NULL;
    if (!any)
        return VT_OK;
    entry->photo = json_dumps(line, JSON_COMPACT);
    return entry->photo != NULL ? VT_OK : VT_ERR_MEMORY;
}

bool manifest_photo(const struct manifest_entry *entry, struct photo *photo)
{
    json_t *line = entry->photo != NULL ? json_loads(entry->photo, 0, NULL) : NULL;
    bool is_known = line != NULL && read_photo(line, photo);

    json_decref(line);
    return is_known;
}

static enum vt_error copy_tags(json_t *tags, struct manifest_entry *entry)
{
    size_t count = json_array_size(tags);

    if (tags != NULL && !json_is_array(tags))
        return VT_ERR_MALFORMED;
    entry->tags = calloc(count + 1, sizeof *entry->tags);
    if (entry->tags == NULL)
        return VT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const char *tag = json_string_value(json_array_get(tags, i));

        if (tag == NULL)
            return VT_ERR_MALFORMED;
        entry->tags[i] = strdup(tag);
        if (entry->tags[i] == NULL)
            return VT_ERR_MEMORY;
        entry->tag_count++;
    }
    return VT_OK;
}

static enum vt_error fill_entry(json_t *line, struct manifest_entry *entry)
{
    const char *file, *id, *name, *created;
    json_t *tags = NULL;

    if (json_unpack(line, "{s:s, s:s, s:s, s:s, s?o}", "file", &file, "id", &id, "name", &name,
                    "created", &created, "tags", &tags) != 0 ||
        !record_is_id(id) || !read_time(created, &entry->created))
        return VT_ERR_MALFORMED;
    memcpy(entry->id, id, sizeof entry->id);
    entry->file = strdup(file);
    entry->name = strdup(name);
    if (entry->file == NULL || entry->name == NULL)
        return VT_ERR_MEMORY;
    return copy_tags(tags, entry);
}

static enum vt_error make_room(struct manifest *self)
{
    size_t room = self->room == 0 ? 64 : 2 * self->room;
    struct manifest_entry *entries;

    if (self->count < self->room)
        return VT_OK;
    entries = reallocarray(self->entries, room, sizeof *entries);
    if (entries == NULL)
        return VT_ERR_MEMORY;
    self->entries = entries;
    self->room = room;
    return VT_OK;
}

static enum vt_error read_line(struct manifest *self, const char *text, size_t len)
{
    json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    struct manifest_entry entry = {0};
    enum vt_error err = make_room(self);

    if (err == VT_OK)
        err = line == NULL ? VT_ERR_MALFORMED : fill_entry(line, &entry);
    if (err == VT_OK)
        err = keep_photo(line, &entry);
    if (err == VT_OK &&
        json_object_set_new(self->by_id, entry.id, json_integer((json_int_t)self->count)) != 0)
        err = VT_ERR_MEMORY;
    json_decref(line);
    if (err == VT_OK)
        self->entries[self->count++] = entry;
    else
        clear_entry(&entry);
    return err;
}

static FILE *open_stream(int fd)
{
    int copy = dup(fd);
    FILE *stream = copy >= 0 ? fdopen(copy, "r") : NULL;

    if (stream == NULL && copy >= 0)
        (void)close(copy);
    return stream;
}

enum vt_error manifest_read(int fd, struct manifest **manifest, struct vt_reason *why)
{
    struct manifest *self = calloc(1, sizeof *self);
    FILE *stream = open_stream(fd);
    char *text = NULL;
    size_t room = 0, number = 0;
    ssize_t len = 0;
    enum vt_error err = VT_OK;

    *manifest = NULL;
    if (self != NULL)
        self->by_id = json_object();
    if (self == NULL || stream == NULL || self->by_id == NULL)
        err = VT_ERR_MEMORY;
    while (err == VT_OK && (len = getline(&text, &room, stream)) > 0) {
        number++;
        err = read_line(self, text, (size_t)len);
    }
    if (err == VT_OK && ferror(stream))
        err = VT_ERR_UNAVAILABLE;
    if (err == VT_ERR_MALFORMED)
        err = vt_fail(why, err, MANIFEST_FILE ": line %zu is not understood", number);
    free(text);
    if (stream != NULL)
        (void)fclose(stream);
    if (err == VT_OK)
        *manifest = self;
    else
        manifest_free(self);
    return err;
}

void manifest_free(struct manifest *manifest)
{
    if (manifest == NULL)
        return;
    for (size_t i = 0; i < manifest->count; i++)
        clear_entry(&manifest->entries[i]);
    free(manifest->entries);
    json_decref(manifest->by_id);
    free(manifest);
}

size_t manifest_count(const struct manifest *manifest)
{
    return manifest->count;
}

const struct manifest_entry *manifest_get(const struct manifest *manifest, size_t at)
{
    return &manifest->entries[at];
}

const struct manifest_entry *manifest_find(const struct manifest *manifest, const char *id)
{
    json_t *at = json_object_get(manifest->by_id, id);

    return at != NULL ? &manifest->entries[json_integer_value(at)] : NULL;
}
