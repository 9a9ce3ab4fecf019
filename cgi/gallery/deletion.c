/* Deleting: the row, then the blobs. Also finishes deletions whose process was killed between the
 * two or could not get the lock. */
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "gallery/internal.h"

#define DELETIONS_EXAMINED 64 /* the newest; one worker leaves no more in its lifetime */
#define FINISH_ATTEMPTS 600   /* a tenth of a second apart */

enum vt_error gallery_remove_thumbnails(struct gallery *gallery, const char *id)
{
    enum vt_error err = VT_OK;
    struct blob_key key;

    for (size_t i = 0; err == VT_OK && gallery_derived_key(id, i, &key); i++)
        err = blobs_remove(gallery->blobs, &key);
    return err;
}

static bool has_thumbnails(struct gallery *gallery, const char *id)
{
    struct blob_key key;

    for (size_t i = 0; gallery_derived_key(id, i, &key); i++)
        if (gallery_has_blob(gallery, &key))
            return true;
    return false;
}

/* A commit that failed with an error of the disk may nevertheless be complete in the log: after a
 * crash, a process that reads the log would take it as committed. The next commit overwrites it. */
static enum vt_error end_doubt(struct gallery *gallery)
{
    enum vt_error err;

    if (!gallery->is_in_doubt)
        return VT_OK;
    err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = catalogue_renew(gallery->catalogue); /* something must be written */
    if (err == VT_OK)
        return gallery_commit(gallery);
    catalogue_rollback(gallery->catalogue);
    return err;
}

enum vt_error gallery_collect(struct gallery *gallery, const struct record *record)
{
    struct blob_key key = {0, record->id, image_type_extension(record->type)};
    struct record found;
    enum vt_error err = end_doubt(gallery);

    if (err == VT_OK)
        err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = catalogue_find(gallery->catalogue, record->id, &found);
    if (err == VT_ERR_NOT_FOUND) {
        err = blobs_remove(gallery->blobs, &key);
        if (err == VT_OK)
            err = gallery_remove_thumbnails(gallery, record->id);
    }
    catalogue_rollback(gallery->catalogue); /* nothing was written: this releases the lock */
    return err;
}

enum vt_error gallery_remove(struct gallery *gallery, const char *id)
{
    struct record record;
    enum vt_error err = gallery_get(gallery, id, &record);

    if (err == VT_OK)
        err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = catalogue_remove(gallery->catalogue, id);
    if (err == VT_OK)
        err = catalogue_note_deletion(gallery->catalogue, id, time(NULL));
    if (err == VT_OK)
        err = gallery_commit(gallery);
    else
        catalogue_rollback(gallery->catalogue);
    if (err != VT_OK)
        return err;
    /* From here on the image is gone; blobs that cannot be removed now are removed soon. */
    if (gallery_collect(gallery, &record) != VT_OK) {
        log_warning("gallery: blobs of %s are removed later", id);
        gallery->has_unfinished = true;
    }
    return VT_OK;
}

/* ---- unfinished deletions ---- */

struct unfinished {
    char ids[DELETIONS_EXAMINED][ID_LENGTH + 1];
    size_t count;
};

static enum vt_error keep_id(void *context, const char *id, int64_t at)
{
    struct unfinished *self = context;

    (void)at;
    if (!record_is_id(id) || self->count == DELETIONS_EXAMINED)
        return VT_OK;
    memcpy(self->ids[self->count++], id, ID_LENGTH + 1);
    return VT_OK;
}

/* Removes the remaining files of a deleted image, without waiting for the lock. */
static enum vt_error finish(struct gallery *gallery, const char *id)
{
    struct orphan orphan;
    enum vt_error err;

    if (!gallery_has_original(gallery, id) && !has_thumbnails(gallery, id))
        return VT_OK;
    err = catalogue_try_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = gallery_judge(gallery, &(struct blob_key){0, id, "jpg"}, &orphan);
    for (int i = 0; err == VT_OK && orphan.kind == ORPHAN_DELETED && i < IMAGE_TYPE_COUNT; i++)
        err = blobs_remove(gallery->blobs,
                           &(struct blob_key){0, id, image_type_extension((enum image_type)i)});
    if (err == VT_OK && orphan.kind == ORPHAN_DELETED)
        err = gallery_remove_thumbnails(gallery, id);
    catalogue_rollback(gallery->catalogue); /* nothing was written: this releases the lock */
    return err;
}

void gallery_finish_deletions(struct gallery *gallery)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    struct unfinished unfinished = {.count = 0};
    enum vt_error err = gallery_open(gallery, NULL);

    if (err == VT_OK)
        err = catalogue_each_deletion(gallery->catalogue, DELETIONS_EXAMINED, keep_id, &unfinished);
    for (size_t i = 0; err == VT_OK && i < unfinished.count; i++)
        err = finish(gallery, unfinished.ids[i]);
    if (err == VT_ERR_UNAVAILABLE && ++gallery->finish_attempts < FINISH_ATTEMPTS) {
        (void)nanosleep(&pause, NULL); /* the lock is taken: the next call tries again */
        return;
    }
    gallery->has_unfinished = false;
    gallery->finish_attempts = 0;
    if (err != VT_OK)
        log_warning("gallery: files of deleted images are left for the sweep: %s",
                    vt_strerror(err));
}
