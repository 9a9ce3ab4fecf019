#include "gallery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gallery_internal.h"
#include "log.h"

#define SWEEP_AGE_SECONDS 3600

const unsigned gallery_thumbnail_sizes[GALLERY_THUMBNAIL_SIZES] = {320, 640, 1280, 2048};

enum vt_error gallery_new(const struct config *config, struct gallery **gallery)
{
    *gallery = calloc(1, sizeof **gallery);
    if (*gallery == NULL)
        return VT_ERR_MEMORY;
    (*gallery)->config = config;
    return VT_OK;
}

void gallery_free(struct gallery *gallery)
{
    if (gallery == NULL)
        return;
    image_engine_free(gallery->engine);
    catalogue_close(gallery->catalogue);
    blobs_close(gallery->blobs);
    free(gallery);
}

enum vt_error gallery_open(struct gallery *gallery, struct vt_reason *why)
{
    char path[PATH_MAX];
    int len;
    enum vt_error err;

    if (gallery->blobs == NULL) {
        err = blobs_dir_open(gallery->config->data, &gallery->blobs, why);
        if (err == VT_ERR_NOT_FOUND)
            return VT_ERR_UNAVAILABLE; /* the folder is away: a mount that is late */
        if (err != VT_OK)
            return err;
    }
    if (gallery->catalogue != NULL)
        return VT_OK;
    len = snprintf(path, sizeof path, "%s/catalogue.sqlite", gallery->config->data);
    if (len < 0 || (size_t)len >= sizeof path)
        return vt_fail(why, VT_ERR_INTERNAL, "the data folder's path is too long");
    return catalogue_sqlite_open(path, &gallery->catalogue, why);
}

enum vt_error gallery_map(int fd, struct mapping *mapping)
{
    struct stat status;

    *mapping = (struct mapping){NULL, 0};
    if (fstat(fd, &status) != 0)
        return VT_ERR_INTERNAL;
    if (status.st_size == 0)
        return VT_OK;
    mapping->data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (mapping->data == MAP_FAILED) {
        mapping->data = NULL;
        return VT_ERR_MEMORY;
    }
    mapping->len = (size_t)status.st_size;
    return VT_OK;
}

void gallery_unmap(struct mapping *mapping)
{
    if (mapping->data != NULL && munmap(mapping->data, mapping->len) != 0)
        log_error("gallery: a file stays mapped");
    *mapping = (struct mapping){NULL, 0};
}

enum vt_error gallery_decode(struct gallery *gallery, const struct mapping *file, unsigned detail,
                             struct image_header *header, struct image **image,
                             struct vt_reason *why)
{
    const struct image_limits limits = {gallery->config->max_pixels, GALLERY_SIDE_LIMIT,
                                        gallery->config->max_frames};
    enum vt_error err = image_header_read(file->data, file->len, header, why);

    *image = NULL;
    if (err == VT_OK)
        err = image_header_check(header, &limits, why);
    if (err == VT_OK && gallery->engine == NULL)
        err = image_engine_new(gallery->config->policy_dir, limits.pixels, &gallery->engine);
    if (err == VT_OK)
        err = image_decode(gallery->engine, file->data, file->len, header, detail, image, why);
    return err;
}

enum vt_error gallery_stage_thumbnail(struct gallery *gallery, struct image *image, unsigned size,
                                      bool alpha, struct blob_stage *stage)
{
    struct buf bytes = BUF_INIT;
    enum vt_error err = image_shrink(image, size);

    if (err == VT_OK)
        err = image_encode(image, alpha, &bytes);
    if (err == VT_OK)
        err = blobs_stage(gallery->blobs, stage);
    if (err == VT_OK)
        err = blob_stage_write(stage, bytes.data, bytes.len);
    if (err == VT_OK)
        err = blob_stage_sync(stage);
    buf_free(&bytes);
    return err;
}

enum vt_error gallery_collect(struct gallery *gallery, const struct record *record)
{
    struct blob_key key = {0, record->id, image_type_extension(record->type)};
    struct record found;
    enum vt_error err = catalogue_lock(gallery->catalogue);

    if (err != VT_OK)
        return err;
    err = catalogue_find(gallery->catalogue, record->id, &found);
    if (err == VT_ERR_NOT_FOUND) {
        err = blobs_remove(gallery->blobs, &key);
        key.extension = gallery_thumbnail_extension(record);
        for (size_t i = 0; err == VT_OK && i < GALLERY_THUMBNAIL_SIZES; i++) {
            key.size = gallery_thumbnail_sizes[i];
            err = blobs_remove(gallery->blobs, &key);
        }
    }
    catalogue_rollback(gallery->catalogue); /* nothing was written: this gives the lock back */
    return err;
}

enum vt_error gallery_get(struct gallery *gallery, const char *id, struct record *record)
{
    enum vt_error err = gallery_open(gallery, NULL);

    return err == VT_OK ? catalogue_find(gallery->catalogue, id, record) : err;
}

enum vt_error gallery_list(struct gallery *gallery, const struct listing_query *query,
                           enum vt_error (*visit)(void *context, const struct record *record),
                           void *context, struct listing_page *page)
{
    enum vt_error err = gallery_open(gallery, NULL);

    return err == VT_OK ? catalogue_list(gallery->catalogue, query, visit, context, page) : err;
}

enum vt_error gallery_totals(struct gallery *gallery, struct totals *totals)
{
    enum vt_error err = gallery_open(gallery, NULL);

    return err == VT_OK ? catalogue_totals(gallery->catalogue, totals) : err;
}

const char *gallery_thumbnail_extension(const struct record *record)
{
    return record->alpha ? "webp" : "jpg";
}

bool gallery_is_thumbnail_size(unsigned size)
{
    for (size_t i = 0; i < GALLERY_THUMBNAIL_SIZES; i++)
        if (gallery_thumbnail_sizes[i] == size)
            return true;
    return false;
}

/* Whether the blob is in its place. */
static enum vt_error is_there(struct gallery *gallery, const struct blob_key *key)
{
    int fd;
    enum vt_error err = blobs_open(gallery->blobs, key, &fd);

    if (err == VT_OK)
        (void)close(fd);
    return err;
}

/* Publishes a thumbnail of an image that still has its row: one removed meanwhile gets none. */
static enum vt_error publish_thumbnail(struct gallery *gallery, struct blob_stage *stage,
                                       const struct blob_key *key)
{
    struct record record;
    enum vt_error err = catalogue_lock(gallery->catalogue);

    if (err != VT_OK)
        return err;
    err = catalogue_find(gallery->catalogue, key->id, &record);
    if (err == VT_OK)
        err = blob_stage_publish(stage, key);
    catalogue_rollback(gallery->catalogue);
    return err;
}

static enum vt_error make_thumbnail(struct gallery *gallery, int fd, const struct record *record,
                                    const struct blob_key *key)
{
    struct blob_stage stage = BLOB_STAGE_INIT;
    struct mapping file = {NULL, 0};
    struct image_header header;
    struct image *image = NULL;
    enum vt_error err;

    /* Who comes second waits for the first and finds the thumbnail made. */
    if (flock(fd, LOCK_EX) != 0)
        return VT_ERR_INTERNAL;
    err = is_there(gallery, key);
    if (err != VT_ERR_NOT_FOUND)
        return err;
    err = gallery_map(fd, &file);
    if (err == VT_OK)
        err = gallery_decode(gallery, &file, key->size, &header, &image, NULL);
    if (err == VT_OK)
        err = gallery_stage_thumbnail(gallery, image, key->size, record->alpha, &stage);
    if (err == VT_OK)
        err = publish_thumbnail(gallery, &stage, key);
    blob_stage_free(&stage);
    image_free(image);
    gallery_unmap(&file);
    return err;
}

/* Opens what a thumbnail is made from: a larger thumbnail, whose decode costs a tenth of the
 * original's, or the original. */
static enum vt_error open_source(struct gallery *gallery, const struct record *record,
                                 unsigned size, int *fd)
{
    struct blob_key key = {FIRST_THUMBNAIL_SIZE, record->id, gallery_thumbnail_extension(record)};
    enum vt_error err = VT_ERR_NOT_FOUND;

    if (size < FIRST_THUMBNAIL_SIZE)
        err = blobs_open(gallery->blobs, &key, fd);
    if (err != VT_ERR_NOT_FOUND)
        return err;
    key.size = 0;
    key.extension = image_type_extension(record->type);
    return blobs_open(gallery->blobs, &key, fd);
}

enum vt_error gallery_make_thumbnail(struct gallery *gallery, const char *id, unsigned size,
                                     const char *extension)
{
    const struct blob_key thumbnail = {size, id, extension};
    struct record record;
    int fd;
    enum vt_error err = gallery_get(gallery, id, &record);

    if (err != VT_OK)
        return err;
    if (!gallery_is_thumbnail_size(size) ||
        strcmp(extension, gallery_thumbnail_extension(&record)) != 0)
        return VT_ERR_NOT_FOUND;
    err = open_source(gallery, &record, size, &fd);
    if (err != VT_OK)
        return err;
    err = make_thumbnail(gallery, fd, &record, &thumbnail);
    (void)close(fd);
    return err;
}

/* Whether the tag is one of the lines of tags. */
static bool has_tag(const char *tags, const char *tag)
{
    size_t len = strlen(tag);

    while (*tags != '\0') {
        size_t line = strcspn(tags, "\n");

        if (line == len && memcmp(tags, tag, len) == 0)
            return true;
        tags += line;
        tags += *tags == '\n';
    }
    return false;
}

static enum vt_error join_tags(const struct change *change, char out[TAGS_SIZE],
                               struct vt_reason *why)
{
    char tag[TAG_SIZE];
    size_t at = 0;

    if (change->tag_count > TAG_MAX_COUNT)
        return vt_fail(why, VT_ERR_MALFORMED, "an image may have %d tags", TAG_MAX_COUNT);
    out[0] = '\0';
    for (size_t i = 0; i < change->tag_count; i++) {
        text_clean(change->tags[i], strlen(change->tags[i]), tag, sizeof tag);
        if (tag[0] == '\0')
            return vt_fail(why, VT_ERR_MALFORMED, "a tag is empty");
        if (!has_tag(out, tag))
            at += (size_t)snprintf(out + at, TAGS_SIZE - at, "%s%s", at > 0 ? "\n" : "", tag);
    }
    return VT_OK;
}

enum vt_error gallery_change(struct gallery *gallery, const char *id, const struct change *change,
                             struct record *record, struct vt_reason *why)
{
    char name[NAME_SIZE];
    enum vt_error err = gallery_open(gallery, why);

    if (err == VT_OK)
        err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = catalogue_find(gallery->catalogue, id, record);
    if (err == VT_OK && change->name != NULL) {
        text_clean(change->name, strlen(change->name), name, sizeof name);
        if (name[0] == '\0')
            err = vt_fail(why, VT_ERR_MALFORMED, "the name is empty");
        memcpy(record->name, name, sizeof name);
    }
    if (err == VT_OK && change->tags != NULL)
        err = join_tags(change, record->tags, why);
    if (err == VT_OK)
        err = catalogue_change(gallery->catalogue, record);
    if (err == VT_OK)
        return catalogue_commit(gallery->catalogue);
    catalogue_rollback(gallery->catalogue);
    return err;
}

enum vt_error gallery_remove(struct gallery *gallery, const char *id)
{
    struct record record;
    enum vt_error err = gallery_get(gallery, id, &record);

    if (err == VT_OK)
        err = catalogue_remove(gallery->catalogue, id);
    if (err != VT_OK)
        return err;
    /* The image is gone from here on; blobs that cannot be removed now wait for the sweep. */
    if (gallery_collect(gallery, &record) != VT_OK)
        log_warning("gallery: blobs of %s are left for the sweep", id);
    return VT_OK;
}

struct sweeping {
    struct gallery *gallery;
    time_t before;
    struct sweep *sweep;
};

static enum vt_error sweep_blob(void *context, const struct blob_key *key, time_t modified)
{
    struct sweeping *sweeping = context;
    struct gallery *gallery = sweeping->gallery;
    struct record record;
    enum vt_error err;

    if (modified >= sweeping->before)
        return VT_OK;
    err = catalogue_find(gallery->catalogue, key->id, &record);
    if (err != VT_ERR_NOT_FOUND)
        return err;
    err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = catalogue_find(gallery->catalogue, key->id, &record);
    if (err == VT_ERR_NOT_FOUND) {
        err = blobs_remove(gallery->blobs, key);
        if (err == VT_OK)
            sweeping->sweep->blobs++;
    }
    catalogue_rollback(gallery->catalogue);
    return err;
}

enum vt_error gallery_sweep(struct gallery *gallery, struct sweep *sweep)
{
    time_t before = time(NULL) - SWEEP_AGE_SECONDS;
    struct sweeping sweeping = {gallery, before, sweep};
    enum vt_error err = gallery_open(gallery, NULL);

    memset(sweep, 0, sizeof *sweep);
    if (err == VT_OK)
        err = blobs_sweep_stages(gallery->blobs, before, &sweep->stages);
    if (err == VT_OK)
        err = blobs_walk(gallery->blobs, sweep_blob, &sweeping);
    return err;
}

void gallery_check(struct gallery *gallery, struct health *health)
{
    struct totals totals;
    enum vt_error err = gallery_open(gallery, NULL);

    health->free_bytes = 0;
    health->catalogue = err == VT_OK ? catalogue_totals(gallery->catalogue, &totals) : err;
    health->disk = gallery->blobs != NULL ? blobs_check(gallery->blobs, &health->free_bytes)
                                          : VT_ERR_UNAVAILABLE;
}
