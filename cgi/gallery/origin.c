/* A catalogue that is made while there are originals is not theirs: it was lost, or is elsewhere.
 * Whoever opens a new catalogue looks for originals, and notes in it what was found. And the epoch,
 * which tells a catalogue that was restored from what it was before. */
#include "base/log.h"
#include "gallery/internal.h"

static enum vt_error find_original(void *context, const struct blob_key *key,
                                   const struct blob_status *status)
{
    bool *found = context;

    (void)status;
    *found = key->size == 0;
    return *found ? VT_ERR_STOPPED : VT_OK;
}

/* Looks whether there are originals beside a new catalogue, under the lock: whoever else opens it
 * does so, too, before adding any. */
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

enum vt_error gallery_look_at_origin(struct gallery *gallery, struct vt_reason *why)
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

enum vt_error gallery_is_made_anew(struct gallery *gallery, bool *made_anew)
{
    enum catalogue_origin origin = CATALOGUE_SETTLED;
    enum vt_error err = gallery_open(gallery, NULL);

    if (err == VT_OK)
        err = catalogue_origin(gallery->catalogue, &origin);
    *made_anew = origin == CATALOGUE_BESIDE_ORIGINALS;
    return err;
}

enum vt_error gallery_accept(struct gallery *gallery)
{
    enum vt_error err = gallery_open(gallery, NULL);

    if (err == VT_OK)
        err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = catalogue_settle(gallery->catalogue, CATALOGUE_SETTLED);
    if (err == VT_OK)
        return catalogue_commit(gallery->catalogue);
    catalogue_rollback(gallery->catalogue);
    return err;
}

enum vt_error gallery_renew(struct gallery *gallery)
{
    enum vt_error err = gallery_open(gallery, NULL);

    if (err == VT_OK)
        err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = catalogue_renew(gallery->catalogue);
    if (err == VT_OK)
        return gallery_commit(gallery);
    catalogue_rollback(gallery->catalogue);
    return err;
}
