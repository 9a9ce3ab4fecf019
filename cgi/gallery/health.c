/* Whether the gallery works: what /healthz, /metrics and vitrine check ask. */
#include <stdio.h>

#include "gallery/internal.h"

/* Reports how full the disk is and what follows from that. */
static void check_room(struct gallery *gallery, struct health *health)
{
    struct vt_reason why = {""};
    struct blobs_space space;

    if (blobs_space(gallery->blobs, &space) == VT_OK)
        health->reserve = gallery_reserve(gallery, &space);
    if (gallery_check_reserve(gallery, &why) == VT_ERR_NO_SPACE && !health->made_anew)
        (void)snprintf(health->notice.text, sizeof health->notice.text,
                       "no uploads are accepted and no thumbnails made: %.*s",
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
    if (health->disk == VT_OK && gallery->first_page != NULL)
        health->disk = first_page_check(gallery->first_page);
}
