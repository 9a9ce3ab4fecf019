/* A listing as JSON. */
#ifndef VITRINE_LISTING_JSON_H
#define VITRINE_LISTING_JSON_H

#include "buf.h"
#include "gallery.h"
#include "listing.h"

/* Writes what the query finds to *body, which is empty: the images, the cursor of the next page,
 * the total, and whether that is only how far a search looked. *page is gallery_list()'s. */
enum vt_error listing_json(struct gallery *gallery, const struct listing_query *query,
                           struct buf *body, struct listing_page *page) VT_MUST_CHECK;

#endif
