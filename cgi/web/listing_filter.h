/* The filters of a listing, as the API takes them. */
#ifndef VITRINE_WEB_LISTING_FILTER_H
#define VITRINE_WEB_LISTING_FILTER_H

#include "base/buf.h"
#include "gallery/image_json.h"
#include "store/listing.h"

/* The names of the parameters, for messages: "taken, camera" and so on; static. */
extern const char listing_filter_names[];

/* Reads a parameter of that name; *known says whether it is a filter. VT_ERR_MALFORMED and *why if
 * its value is none of a filter. */
enum vt_error listing_filter_read(const char *name, const char *value,
                                  struct listing_filter *filter, bool *known,
                                  struct vt_reason *why) VT_MUST_CHECK;

/* Calls visit with the name and value of each parameter that gives the filter. */
void listing_filter_each(const struct listing_filter *filter,
                         void (*visit)(void *context, const char *name, const char *value),
                         void *context);

/* How much somebody must be told of images to be allowed to find them by the filter: otherwise the
 * filter would tell it. */
enum image_json_view listing_filter_tells(const struct listing_filter *filter) VT_MUST_CHECK;

#endif
