/* A listing's query as the API takes it: the query string of a URL. */
#ifndef VITRINE_WEB_LISTING_QUERY_H
#define VITRINE_WEB_LISTING_QUERY_H

#include "base/error.h"
#include "store/listing.h"

/* Reads `limit`, `sort`, `q`, `cursor` and the filters from a URL's query. Unknown or repeated
 * parameters, values out of range and a search of more than LISTING_SEARCH_WORDS different words
 * give VT_ERR_MALFORMED and *why. A search that is longer than its field is truncated between two
 * characters. */
enum vt_error listing_query_parse(const char *query_string, struct listing_query *query,
                                  struct vt_reason *why) VT_MUST_CHECK;

/* Reads the value of `limit`: VT_ERR_MALFORMED and *why if it is not from 1 to LISTING_MAX_LIMIT.
 */
enum vt_error listing_query_limit(const char *value, unsigned *limit,
                                  struct vt_reason *why) VT_MUST_CHECK;

#endif
