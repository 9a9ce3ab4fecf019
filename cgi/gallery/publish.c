/* The end of every change: the old first page is removed, the change is committed, the new page is
 * written. */
#include "base/log.h"
#include "gallery/internal.h"

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
        first_page_is_there(gallery->first_page))
        return;
    /* The process that has the lock publishes after its commit, or else the next listing does. */
    if (catalogue_try_lock(gallery->catalogue) != VT_OK)
        return;
    err = catalogue_totals(gallery->catalogue, &totals);
    if (err == VT_OK)
        err = gallery->write_page(gallery, &page);
    if (err == VT_OK)
        err = first_page_write(gallery->first_page, &page, totals.stamp);
    if (err != VT_OK)
        log_warning("gallery: the first page of the listing cannot be written: %s",
                    vt_strerror(err));
    gallery->failed_to_publish |= err != VT_OK;
    catalogue_rollback(gallery->catalogue); /* nothing was written: this releases the lock */
    buf_free(&page);
}

enum vt_error gallery_commit(struct gallery *gallery)
{
    enum vt_error err = first_page_remove(gallery->first_page);

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
