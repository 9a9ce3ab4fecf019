/* The sweep: what unfinished uploads and deletions have left behind. */
#include <string.h>
#include <time.h>

#include "gallery_internal.h"
#include "log.h"

struct sweeping {
    struct gallery *gallery;
    time_t before;
    struct sweep *sweep;
};

static enum vt_error sweep_blob(void *context, const struct blob_key *key,
                                const struct blob_status *status)
{
    struct sweeping *sweeping = context;
    struct gallery *gallery = sweeping->gallery;
    struct record record;
    enum vt_error err;

    if (status->modified >= sweeping->before)
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

static enum vt_error refuse_original(void *context, const struct blob_key *key,
                                     const struct blob_status *status)
{
    (void)context;
    (void)status;
    return key->size == 0 ? VT_ERR_DAMAGED : VT_OK;
}

/* A catalogue that was lost is made anew, empty, by whoever opens the store next. All originals
 * would be swept then. */
static enum vt_error check_catalogue_is_theirs(struct gallery *gallery)
{
    struct totals totals;
    enum vt_error err = catalogue_totals(gallery->catalogue, &totals);

    if (err != VT_OK || totals.changes > 0)
        return err;
    err = blobs_walk(gallery->blobs, refuse_original, NULL);
    if (err == VT_ERR_DAMAGED)
        log_error("gallery: the catalogue is new, but there are originals: run: vitrine rebuild");
    return err;
}

enum vt_error gallery_sweep(struct gallery *gallery, struct sweep *sweep)
{
    time_t before = time(NULL) - GALLERY_GRACE_SECONDS;
    struct sweeping sweeping = {gallery, before, sweep};
    enum vt_error err = gallery_open(gallery, NULL);

    memset(sweep, 0, sizeof *sweep);
    if (err == VT_OK)
        err = check_catalogue_is_theirs(gallery);
    if (err == VT_OK)
        err = blobs_sweep_stages(gallery->blobs, before, &sweep->stages);
    if (err == VT_OK)
        err = blobs_walk(gallery->blobs, sweep_blob, &sweeping);
    return err;
}
