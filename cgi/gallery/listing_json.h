/* A listing as JSON, for the API and for the first page. */
#ifndef VITRINE_GALLERY_LISTING_JSON_H
#define VITRINE_GALLERY_LISTING_JSON_H

#include "base/buf.h"
#include "gallery/gallery.h"
#include "store/listing.h"

/* Writes the result of the query to *body, which is empty: the images, the cursor of the next page,
 * the total, and whether that is only as far as the search looked. *page is filled by
 * gallery_list(). */
enum vt_error listing_json(struct gallery *gallery, const struct listing_query *query,
                           struct buf *body, struct listing_page *page) VT_MUST_CHECK;

/* The same for the query of an empty query string. This is a gallery_page_writer. */
enum vt_error listing_json_first(struct gallery *gallery, struct buf *body) VT_MUST_CHECK;

/* Whether it is that query. */
bool listing_json_is_first(const struct listing_query *query) VT_MUST_CHECK;

#endif
