/* Opens the store: the files, then the catalogue, each once, as soon as that succeeds.
 *
 * A catalogue that is created while there are originals is not theirs: theirs was lost, or is
 * elsewhere. A process that opens a new catalogue looks for originals and records the result in the
 * catalogue. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "gallery/internal.h"

enum vt_error gallery_new(const struct config *config, struct gallery **gallery)
{
    *gallery = calloc(1, sizeof **gallery);
    if (*gallery == NULL)
        return VT_ERR_MEMORY;
    (*gallery)->config = config;
    return VT_OK;
}

const struct config *gallery_config(const struct gallery *gallery)
{
    return gallery->config;
}

void gallery_free(struct gallery *gallery)
{
    if (gallery == NULL)
        return;
    decoder_free(gallery->decoder);
    decode_budget_free(gallery->budget);
    catalogue_close(gallery->catalogue);
    blobs_close(gallery->blobs);
    free(gallery->webp_variants_left);
    first_page_close(gallery->first_page);
    free(gallery);
}

void gallery_keep_page(struct gallery *gallery)
{
    gallery->keeps_page = true;
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
    if (gallery->first_page == NULL) {
        err = first_page_open(gallery->config->data, gallery->keeps_page, &gallery->first_page);
        if (err != VT_OK)
            return vt_fail(why, err, "the data folder cannot be used");
    }
    return VT_OK;
}

static enum vt_error find_original(void *context, const struct blob_key *key,
                                   const struct blob_status *status)
{
    bool *found = context;

    (void)status;
    *found = key->size == 0;
    return *found ? VT_ERR_STOPPED : VT_OK;
}

/* Checks under the lock whether there are originals beside a new catalogue. Every other process
 * that opens it does the same before it adds any. */
static enum vt_error settle_origin(struct gallery *gallery)
{
    enum catalogue_origin origin;
    bool found = false;
    enum vt_error err = catalogue_lock(gallery->catalogue);

    if (err != VT_OK)
        return err;
    err = catalogue_origin(gallery->catalogue, &origin);
    if (err == VT_OK && origin == CATALOGUE_UNSETTLED) {
        err = blobs_walk(gallery->blobs, find_original, &found);
        if (err == VT_OK || err == VT_ERR_STOPPED)
            err = catalogue_settle(gallery->catalogue,
                                   found ? CATALOGUE_BESIDE_ORIGINALS : CATALOGUE_SETTLED);
        if (err == VT_OK)
            return catalogue_commit(gallery->catalogue);
    }
    catalogue_rollback(gallery->catalogue);
    return err;
}

/* Completes the opening of a new catalogue: records whether it was made beside originals. After a
 * failure the catalogue is closed again. */
static enum vt_error look_at_origin(struct gallery *gallery, struct vt_reason *why)
{
    enum catalogue_origin origin;
    enum vt_error err = catalogue_origin(gallery->catalogue, &origin);

    if (err == VT_OK && origin == CATALOGUE_UNSETTLED) {
        err = settle_origin(gallery);
        if (err == VT_OK)
            err = catalogue_origin(gallery->catalogue, &origin);
    }
    if (err == VT_OK && origin == CATALOGUE_BESIDE_ORIGINALS && !gallery->keeps_page)
        log_warning("gallery: " GALLERY_MADE_ANEW);
    if (err == VT_OK)
        return VT_OK;
    catalogue_close(gallery->catalogue);
    gallery->catalogue = NULL;
    return vt_fail(why, err, "%s", catalogue_open_words(err));
}

static enum vt_error note_any(void *context, const char *id, int64_t at)
{
    bool *any = context;

    (void)id;
    (void)at;
    *any = true;
    return VT_OK;
}

/* Checks whether there are recorded deletions, which may have left blobs. */
static enum vt_error look_for_unfinished(struct gallery *gallery)
{
    return catalogue_each_deletion(gallery->catalogue, 1, note_any, &gallery->has_unfinished);
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
            err = first_page_remove(gallery->first_page); /* it is the page of the old catalogue */
        if (err == VT_OK && gallery->is_narrowed)         /* a new process can open it */
            err = vt_fail(why, VT_ERR_UNAVAILABLE, "the catalogue was removed or replaced");
    }
    if (err != VT_OK)
        return err;
    if (gallery->catalogue != NULL)
        return gallery_narrow(gallery, why);
    err = gallery_path(gallery, GALLERY_CATALOGUE, path);
    if (err != VT_OK)
        return vt_fail(why, err, "the data folder's path is too long");
    err = catalogue_sqlite_open(path, &gallery->catalogue, why);
    if (err == VT_OK)
        err = look_at_origin(gallery, why);
    if (err == VT_OK && !gallery->keeps_page)
        err = look_for_unfinished(gallery);
    return err == VT_OK ? gallery_narrow(gallery, why) : err;
}
