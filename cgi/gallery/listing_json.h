/* A listing as JSON: for who asks, and for the published page. */
#ifndef VITRINE_GALLERY_LISTING_JSON_H
#define VITRINE_GALLERY_LISTING_JSON_H

#include "base/buf.h"
#include "gallery/gallery.h"
#include "store/listing.h"

/* Writes what the query finds to *body, which is empty: the images, the cursor of the next page,
 * the total, and whether that is only how far a search looked. *page is gallery_list()'s. */
enum vt_error listing_json(struct gallery *gallery, const struct listing_query *query,
                           struct buf *body, struct listing_page *page) VT_MUST_CHECK;

/* The same of the query that an empty query string is: a gallery_page_writer. */
enum vt_error listing_json_first(struct gallery *gallery, struct buf *body) VT_MUST_CHECK;

/* Whether it is that query. */
bool listing_json_is_first(const struct listing_query *query) VT_MUST_CHECK;

#endif
