/* Compares the store's files with the rows. */
#include <string.h>
#include <unistd.h>

#include "upkeep/fsck.h"
#include "upkeep/rescan.h"

/* ---- originals without a row ---- */

/* Under the write lock: adds a row for the original, or sets the file aside if it is not a valid
 * one. */
static enum vt_error take_up(struct fscking *self, const struct blob_key *key, const char *path,
                             bool has_row)
{
    struct gallery *gallery = self->gallery;
    struct vt_reason why = {"the row has another type"};
    struct record record;
    enum vt_error err =
        has_row ? VT_ERR_INVALID_IMAGE : gallery_describe(gallery, key, &record, &why);

    if (vt_is_unreadable(err)) {
        catalogue_rollback(gallery->catalogue);
        self->has_unknown = true;
        fsck_tell(self, FINDING_ORIGINAL_UNREADABLE, path,
                  "the original has no row and cannot be read", false);
        return VT_OK;
    }
    if (err == VT_OK)
        err = catalogue_add(gallery->catalogue, &record);
    if (err == VT_OK)
        err = rescan_note(gallery, record.sequence);
    if (err == VT_OK) {
        err = gallery_commit(gallery);
        if (err == VT_OK)
            fsck_tell(self, FINDING_ORIGINAL_UNKNOWN, path, "the original had no row", true);
        return err;
    }
    if (err == VT_ERR_INVALID_IMAGE || err == VT_ERR_UNSUPPORTED) {
        err = blobs_set_aside(gallery->blobs, path);
        if (err == VT_OK)
            fsck_tell(self, FINDING_ORIGINAL_DAMAGED, path, why.text, true);
    }
    catalogue_rollback(gallery->catalogue);
    return err;
}

/* Under the write lock: removes what a deletion has left, so that it does not become an image
 * again. */
static enum vt_error settle_deleted(struct fscking *self, const struct blob_key *key,
                                    const struct orphan *orphan, const char *path)
{
    enum vt_error err = VT_OK;

    if (orphan->deleted < self->before) { /* otherwise the deletion may be in progress */
        if (self->fsck->repair)
            err = blobs_remove(self->gallery->blobs, key);
        if (err == VT_OK)
            fsck_tell(self, FINDING_ORIGINAL_DELETED, path, "the image was deleted",
                      self->fsck->repair);
    }
    catalogue_rollback(self->gallery->catalogue); /* nothing was written */
    return err;
}

static enum vt_error settle_original(struct fscking *self, const struct blob_key *key)
{
    struct gallery *gallery = self->gallery;
    char path[BLOB_PATH_SIZE];
    struct record record;
    struct orphan orphan;
    bool has_row, is_its_own = false;
    enum vt_error err = blobs_name(gallery->blobs, key, path);

    if (err == VT_OK)
        err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = gallery_judge(gallery, key, &orphan);
    has_row = err == VT_OK && orphan.kind == ORPHAN_NONE;
    if (has_row) {
        err = catalogue_find(gallery->catalogue, key->id, &record);
        is_its_own = err == VT_OK && strcmp(image_type_extension(record.type), key->extension) == 0;
    }
    if (err != VT_OK || is_its_own) {
        catalogue_rollback(gallery->catalogue);
        return err; /* a row was added meanwhile, or the catalogue fails */
    }
    if (orphan.kind == ORPHAN_DELETED)
        return settle_deleted(self, key, &orphan, path);
    if (self->fsck->repair)
        return take_up(self, key, path, has_row);
    catalogue_rollback(gallery->catalogue);
    self->has_unknown = true;
    fsck_tell(self, FINDING_ORIGINAL_UNKNOWN, path, "the original has no row", false);
    return VT_OK;
}

/* ---- thumbnails, WebP variants and copies ---- */

/* Whether the image can have a thumbnail of this size and form, or such a copy. */
static bool is_thumbnail_of(const struct record *record, const struct blob_key *key)
{
    if (gallery_is_copy(key))
        return strcmp(key->extension, GALLERY_NO_COPY) == 0 ||
               strcmp(key->extension, image_type_extension(record->type)) == 0;
    return gallery_has_size(record, key->size) &&
           (strcmp(key->extension, gallery_thumbnail_extension(record)) == 0 ||
            (!record->alpha && (strcmp(key->extension, GALLERY_WEBP_VARIANT) == 0 ||
                                strcmp(key->extension, GALLERY_SAME) == 0)));
}

/* A thumbnail can be made again, so an invalid one is removed. */
static enum vt_error settle_thumbnail(struct fscking *self, const struct blob_key *key,
                                      enum finding_kind kind)
{
    struct gallery *gallery = self->gallery;
    char path[BLOB_PATH_SIZE];
    struct record record;
    struct orphan orphan;
    bool is_wrong;
    enum vt_error err = blobs_name(gallery->blobs, key, path);

    if (err == VT_OK)
        err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = gallery_judge(gallery, key, &orphan);
    is_wrong = orphan.kind == ORPHAN_SPARE ||
               (orphan.kind == ORPHAN_DELETED && orphan.deleted < self->before);
    if (err == VT_OK && orphan.kind == ORPHAN_NONE) {
        err = catalogue_find(gallery->catalogue, key->id, &record);
        is_wrong =
            err == VT_OK && (kind == FINDING_THUMBNAIL_DAMAGED || !is_thumbnail_of(&record, key));
    }
    if (err == VT_OK && is_wrong) {
        bool removed = self->fsck->repair && blobs_remove(gallery->blobs, key) == VT_OK;

        fsck_tell(self, kind, path,
                  kind == FINDING_THUMBNAIL_DAMAGED ? "the thumbnail is damaged"
                                                    : "no image has such a thumbnail",
                  removed);
    }
    catalogue_rollback(gallery->catalogue); /* nothing was written: this releases the lock */
    return err;
}

static bool is_read_as(const struct mapping *file, enum image_type type)
{
    struct image_header header;

    return file->len > 0 && image_header_read(file->data, file->len, &header, NULL) == VT_OK &&
           header.type == type;
}

/* Whether the bytes are a complete thumbnail of that form; a copy must match the JPEG beside it. */
static bool is_whole(struct gallery *gallery, const struct blob_key *key,
                     const struct mapping *file)
{
    struct blob_key jpeg = *key;
    struct mapping other = {NULL, 0};
    bool same = true;
    enum image_type type;
    int fd;

    if (gallery_is_copy(key))
        return !image_type_from_extension(key->extension, &type) || is_read_as(file, type);
    if (strcmp(key->extension, "jpg") == 0)
        return is_read_as(file, IMAGE_JPEG);
    if (strcmp(key->extension, GALLERY_SAME) != 0)
        return is_read_as(file, IMAGE_WEBP);
    jpeg.extension = "jpg";
    if (blobs_open(gallery->blobs, &jpeg, &fd) != VT_OK)
        return is_read_as(file, IMAGE_JPEG);
    if (gallery_read(fd, &other) == VT_OK)
        same = other.len == file->len && memcmp(other.data, file->data, file->len) == 0;
    gallery_unmap(&other);
    (void)close(fd);
    return same;
}

static enum vt_error check_content(struct fscking *self, const struct blob_key *key)
{
    struct mapping file = {NULL, 0};
    bool whole = true;
    int fd;
    enum vt_error err = blobs_open(self->gallery->blobs, key, &fd);

    if (err == VT_ERR_NOT_FOUND)
        return VT_OK; /* removed meanwhile */
    if (err == VT_OK) {
        err = gallery_read(fd, &file);
        if (err == VT_OK)
            whole = is_whole(self->gallery, key, &file);
        gallery_unmap(&file);
        (void)close(fd);
    }
    if (vt_is_unreadable(err)) {
        whole = false; /* another one can be made */
        err = VT_OK;
    }
    return err == VT_OK && !whole ? settle_thumbnail(self, key, FINDING_THUMBNAIL_DAMAGED) : err;
}

static enum vt_error check_thumbnail(struct fscking *self, const struct blob_key *key,
                                     const struct record *record)
{
    if (record == NULL || !is_thumbnail_of(record, key))
        return settle_thumbnail(self, key, FINDING_THUMBNAIL_UNKNOWN);
    return self->fsck->quick ? VT_OK : check_content(self, key);
}

/* ---- every file ---- */

static enum vt_error check_blob(void *context, const struct blob_key *key,
                                const struct blob_status *status)
{
    struct fscking *self = context;
    struct record record;
    enum vt_error err = fsck_tick(self);
    bool has_row;

    if (err != VT_OK)
        return err;
    err = catalogue_find(self->gallery->catalogue, key->id, &record);
    has_row = err == VT_OK;
    if (!has_row && err != VT_ERR_NOT_FOUND)
        return err;
    /* If the catalogue was made beside the originals, even a young original without a row is
     * checked. */
    if (!has_row && !status->unreadable && status->modified >= self->before &&
        !(self->made_anew && key->size == 0))
        return VT_OK;
    if (key->size != 0)
        return check_thumbnail(self, key, has_row ? &record : NULL);
    if (has_row && strcmp(image_type_extension(record.type), key->extension) == 0)
        return VT_OK; /* checked with its row */
    return settle_original(self, key);
}

static enum vt_error check_stray(void *context, const char *path, bool is_stage,
                                 const struct blob_status *status)
{
    struct fscking *self = context;
    bool repaired = self->fsck->repair;
    enum vt_error err = VT_OK;

    if (status->modified >= self->before || status->held)
        return VT_OK;
    if (is_stage) { /* all of them are swept at the end */
        fsck_tell(self, FINDING_UNFINISHED, path, "an upload that was never finished", repaired);
        return VT_OK;
    }
    if (repaired)
        err = blobs_set_aside(self->gallery->blobs, path);
    if (err == VT_OK)
        fsck_tell(self, FINDING_STRAY, path, "not a file of the store's", repaired);
    return err;
}

enum vt_error fsck_files(struct fscking *self)
{
    unsigned removed = 0;
    enum vt_error err;

    self->before = time(NULL) - GALLERY_GRACE_SECONDS;
    err = blobs_walk(self->gallery->blobs, check_blob, self);
    if (err == VT_OK)
        err = blobs_walk_strays(self->gallery->blobs, check_stray, self);
    if (err == VT_OK && self->fsck->repair)
        err = blobs_sweep_stages(self->gallery->blobs, self->before, &removed);
    if (err == VT_OK && self->fsck->repair)
        err = gallery_recount(self->gallery, NULL);
    return err;
}
