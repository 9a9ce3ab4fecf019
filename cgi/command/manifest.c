#include "command/manifest.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command/manifest_photo.h"
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

void manifest_write(struct buf *buf, const struct record *record, const char *file)
{
    char created[IMAGE_JSON_TIME_SIZE];
    json_t *line;

    image_json_time(record->created, created);
    line = json_pack("{s:s, s:s, s:s, s:o, s:s}", "file", file, "id", record->id, "name",
                     record->name, "tags", tags_json(record->tags), "created", created);
    if (line == NULL || !manifest_photo_put(line, record))
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

/* Keeps the line rather than the photograph, which takes ten times as much memory: a manifest may
 * have a million lines. */
static enum vt_error keep_photo(json_t *line, struct manifest_entry *entry)
{
    struct photo photo;

    if (!manifest_photo_read(line, &photo) ||
        !manifest_photo_read_sets(line, &entry->says_set, &entry->set_by_person))
        return VT_ERR_MALFORMED;
    if (!manifest_photo_is_in(line))
        return VT_OK;
    entry->photo = json_dumps(line, JSON_COMPACT);
    return entry->photo != NULL ? VT_OK : VT_ERR_MEMORY;
}

bool manifest_photo(const struct manifest_entry *entry, struct photo *photo)
{
    json_t *line = entry->photo != NULL ? json_loads(entry->photo, 0, NULL) : NULL;
    bool is_known = line != NULL && manifest_photo_read(line, photo);

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
