#include "gallery/gallery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "gallery/internal.h"

const unsigned gallery_thumbnail_sizes[GALLERY_THUMBNAIL_SIZES] = {320, 640, 1280, 2048, FULL_SIZE};

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
    decoder_free(gallery->decoder);
    decode_budget_free(gallery->budget);
    catalogue_close(gallery->catalogue);
    blobs_close(gallery->blobs);
    free(gallery->twins_left);
    published_close(gallery->published);
    free(gallery);
}

void gallery_keep_page(struct gallery *gallery)
{
    gallery->keeps_page = true;
}

enum vt_error gallery_path(const struct gallery *gallery, const char *name, char path[PATH_MAX])
{
    int len = snprintf(path, PATH_MAX, "%s/%s", gallery->config->data, name);

    return len > 0 && len < PATH_MAX ? VT_OK : VT_ERR_INTERNAL;
}

enum vt_error gallery_open_files(struct gallery *gallery, struct vt_reason *why)
{
    enum vt_error err;

    if (gallery->blobs == NULL) {
        err = blobs_dir_open(gallery->config->data, &gallery->blobs, why);
        if (err != VT_OK)
            return err;
    }
    err = gallery_confine(gallery, why);
    if (err != VT_OK)
        return err;
    if (gallery->published == NULL) {
        err = published_open(gallery->config->data, gallery->keeps_page, &gallery->published);
        if (err != VT_OK)
            return vt_fail(why, err, "the data folder cannot be used");
    }
    return VT_OK;
}

enum vt_error gallery_open(struct gallery *gallery, struct vt_reason *why)
{
    char path[PATH_MAX];
    enum vt_error err = gallery_open_files(gallery, why);

    if (gallery->catalogue != NULL && catalogue_has_moved(gallery->catalogue)) {
        log_error("gallery: the catalogue was removed or replaced; it is opened anew");
        catalogue_close(gallery->catalogue);
        gallery->catalogue = NULL;
        if (err == VT_OK && !gallery->keeps_page)
            err = published_remove(gallery->published); /* it is that of the old one */
        if (err == VT_OK && gallery->is_narrowed)       /* a new process can open it */
            err = vt_fail(why, VT_ERR_UNAVAILABLE, "the catalogue was removed or replaced");
    }
    if (err != VT_OK)
        return err;
    if (gallery->catalogue != NULL)
        return gallery_narrow(gallery, why);
    err = gallery_path(gallery, "catalogue.sqlite", path);
    if (err != VT_OK)
        return vt_fail(why, err, "the data folder's path is too long");
    err = catalogue_sqlite_open(path, &gallery->catalogue, why);
    if (err == VT_OK)
        err = gallery_look_at_origin(gallery, why);
    if (err == VT_OK && !gallery->keeps_page)
        err = gallery_look_for_unfinished(gallery);
    return err == VT_OK ? gallery_narrow(gallery, why) : err;
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

bool gallery_has_size(const struct record *record, unsigned size)
{
    if (size == FULL_SIZE)
        return !image_type_is_shown(record->type);
    for (size_t i = 0; i < GALLERY_THUMBNAIL_SIZES; i++)
        if (gallery_thumbnail_sizes[i] == size)
            return true;
    return false;
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

enum vt_error gallery_apply(const struct change *change, struct record *record,
                            struct vt_reason *why)
{
    char name[NAME_SIZE];

    if (change->name != NULL) {
        text_clean(change->name, strlen(change->name), name, sizeof name);
        if (name[0] == '\0')
            return vt_fail(why, VT_ERR_MALFORMED, "the name is empty");
        memcpy(record->name, name, sizeof name);
    }
    return change->tags != NULL ? join_tags(change, record->tags, why) : VT_OK;
}

enum vt_error gallery_change(struct gallery *gallery, const char *id, const struct change *change,
                             struct record *record, struct vt_reason *why)
{
    enum vt_error err = gallery_open(gallery, why);

    if (err == VT_OK)
        err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = catalogue_find(gallery->catalogue, id, record);
    if (err == VT_OK)
        err = gallery_apply(change, record, why);
    if (err == VT_OK)
        err = catalogue_change(gallery->catalogue, record);
    if (err == VT_OK)
        return gallery_commit(gallery);
    catalogue_rollback(gallery->catalogue);
    return err;
}

void gallery_publish_by(struct gallery *gallery, gallery_page_writer write)
{
    gallery->write_page = write;
}

void gallery_publish(struct gallery *gallery)
{
    struct buf page = BUF_INIT;
    struct totals totals;
    enum vt_error err;

    if (gallery->write_page == NULL || gallery_open(gallery, NULL) != VT_OK ||
        published_is_there(gallery->published))
        return;
    /* Who has the lock now publishes after the commit, or the next listing does. */
    if (catalogue_try_lock(gallery->catalogue) != VT_OK)
        return;
    err = catalogue_totals(gallery->catalogue, &totals);
    if (err == VT_OK)
        err = gallery->write_page(gallery, &page);
    if (err == VT_OK)
        err = published_write(gallery->published, &page, totals.stamp);
    if (err != VT_OK)
        log_warning("gallery: the listing's first page is not published: %s", vt_strerror(err));
    gallery->failed_to_publish |= err != VT_OK;
    catalogue_rollback(gallery->catalogue); /* nothing was written: this gives the lock back */
    buf_free(&page);
}

enum vt_error gallery_commit(struct gallery *gallery)
{
    enum vt_error err = published_remove(gallery->published);

    if (err == VT_OK) {
        err = catalogue_commit(gallery->catalogue);
        gallery->is_in_doubt = err != VT_OK;
    }
    if (err != VT_OK) {
        catalogue_rollback(gallery->catalogue);
        return err;
    }
    gallery_publish(gallery);
    return VT_OK;
}

/* Tells how full the disk is, and what follows from it. */
static void check_room(struct gallery *gallery, struct health *health)
{
    struct vt_reason why = {""};
    struct blobs_space space;

    if (blobs_space(gallery->blobs, &space) == VT_OK)
        health->reserve = gallery_reserve(gallery, &space);
    if (gallery_check_reserve(gallery, &why) == VT_ERR_NO_SPACE && !health->made_anew)
        (void)snprintf(health->notice.text, sizeof health->notice.text,
                       "no uploads are taken and no thumbnails made: %.*s",
                       (int)sizeof health->notice.text / 2, why.text);
}

void gallery_check(struct gallery *gallery, struct health *health)
{
    struct totals totals;
    enum vt_error err = gallery_open(gallery, NULL);

    *health = (struct health){.catalogue = err, .disk = VT_ERR_UNAVAILABLE};
    if (err == VT_OK)
        health->catalogue = catalogue_totals(gallery->catalogue, &totals);
    if (health->catalogue == VT_OK)
        health->catalogue = gallery_is_made_anew(gallery, &health->made_anew);
    if (health->made_anew)
        (void)snprintf(health->notice.text, sizeof health->notice.text, "%s", GALLERY_MADE_ANEW);
    if (gallery->blobs != NULL) {
        health->disk = blobs_check(gallery->blobs, &health->free_bytes);
        check_room(gallery, health);
    }
    if (health->disk == VT_OK && gallery->published != NULL)
        health->disk = published_check(gallery->published);
}
