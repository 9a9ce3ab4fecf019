/* A change of an image as JSON: the body of PATCH. */
#ifndef VITRINE_WEB_CHANGE_JSON_H
#define VITRINE_WEB_CHANGE_JSON_H

#include <jansson.h>

#include "gallery/gallery.h"

#define CHANGE_JSON_TAGS (TAG_MAX_COUNT + 1) /* so that the gallery notices too many */

/* Reads a change from its JSON, which owns the strings; NULL is no JSON. A member that is absent
 * changes nothing; taken and place may be null, which says that they are not known.
 * VT_ERR_MALFORMED, and *why, if it is no change, or nothing would change. */
enum vt_error change_json_read(json_t *json, struct change *change,
                               const char *tags[CHANGE_JSON_TAGS],
                               struct vt_reason *why) VT_MUST_CHECK;

#endif
