/* A listing as a page for visitors without scripts: plain forms and links replace the scripts of
 * the gallery's own page. */
#ifndef VITRINE_WEB_RENDER_LISTING_H
#define VITRINE_WEB_RENDER_LISTING_H

#include "base/buf.h"
#include "base/config.h"
#include "http/http.h"
#include "store/listing.h"
#include "store/record.h"

/* Appends one image to the items of a page. */
void render_listing_item(struct buf *items, const struct record *record, enum metadata_mode mode);

/* Writes the page of the query's results to the response, whose body is empty. Writing items must
 * not have failed. The caller checks the body. */
void render_listing(struct http_response *response, const struct listing_query *query,
                    const struct listing_page *page, const struct buf *items);

#endif
