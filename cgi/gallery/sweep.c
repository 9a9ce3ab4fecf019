/* The sweep: what unfinished uploads and deletions have left behind. */
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "gallery/internal.h"

#define LEFT_TOLD 10 /* how many originals without a row the log names */

struct sweeping {
    struct gallery *gallery;
    time_t before;
    bool (*is_stopped)(void);
    struct sweep *sweep;
};

static void leave(struct sweeping *sweeping, const struct blob_key *key)
{
    if (key->size != 0)
        return; /* reported with its original */
    if (sweeping->sweep->left < LEFT_TOLD)
        log_warning("gallery: the original %s.%s has no row and is kept", key->id, key->extension);
    sweeping->sweep->left++;
}

static enum vt_error sweep_blob(void *context, const struct blob_key *key,
                                const struct blob_status *status)
{
    struct sweeping *sweeping = context;
    struct gallery *gallery = sweeping->gallery;
    bool is_young = status->modified >= sweeping->before;
    struct orphan orphan;
    enum vt_error err;

    if (sweeping->is_stopped != NULL && sweeping->is_stopped())
        return VT_ERR_STOPPED;
    err = gallery_judge(gallery, key, &orphan);
    if (err != VT_OK || orphan.kind == ORPHAN_NONE)
        return err;
    if (is_young && orphan.kind != ORPHAN_DELETED)
        return VT_OK;
    err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = gallery_judge(gallery, key, &orphan);
    if (err == VT_OK && orphan.kind == ORPHAN_UNKNOWN)
        leave(sweeping, key);
    if (err == VT_OK && (orphan.kind == ORPHAN_DELETED || orphan.kind == ORPHAN_SPARE)) {
        err = blobs_remove(gallery->blobs, key);
        if (err == VT_OK)
            sweeping->sweep->blobs++;
    }
    catalogue_rollback(gallery->catalogue); /* nothing was written: this releases the lock */
    return err;
}

enum vt_error gallery_sweep_stages(struct gallery *gallery, unsigned *removed)
{
    enum vt_error err = gallery_open(gallery, NULL);

    *removed = 0;
    if (err == VT_OK)
        err = blobs_sweep_stages(gallery->blobs, time(NULL) - GALLERY_GRACE_SECONDS, removed);
    return err;
}

enum vt_error gallery_sweep(struct gallery *gallery, bool (*is_stopped)(void), struct sweep *sweep)
{
    time_t before = time(NULL) - GALLERY_GRACE_SECONDS;
    struct sweeping sweeping = {gallery, before, is_stopped, sweep};
    enum vt_error err = gallery_open(gallery, NULL);

    memset(sweep, 0, sizeof *sweep);
    if (err == VT_OK)
        err = gallery_is_made_anew(gallery, &sweep->made_anew);
    if (err == VT_OK)
        err = gallery_sweep_stages(gallery, &sweep->stages);
    if (err == VT_OK)
        err = blobs_walk(gallery->blobs, sweep_blob, &sweeping);
    if (err == VT_OK)
        err = gallery_recount(gallery, is_stopped);
    if (sweep->left > 0)
        log_warning(
            "gallery: %u originals have no row and are kept: vitrine fsck --repair gives them"
            " rows",
            sweep->left);
    return err;
}
