/* An image as JSON: the one form that it has in the API, in the published first page and in what
 * the command prints. */
#ifndef VITRINE_GALLERY_IMAGE_JSON_H
#define VITRINE_GALLERY_IMAGE_JSON_H

#include <jansson.h>

#include "base/buf.h"
#include "store/record.h"

/* Appends json, compact, to buf, without taking its reference. */
void image_json_append(struct buf *buf, const json_t *json);

#define IMAGE_JSON_TIME_SIZE 64 /* more than a year's longest number and the rest */

/* Writes milliseconds since 1970 as RFC 3339 has them, in UTC, with milliseconds. */
void image_json_time(int64_t milliseconds, char out[IMAGE_JSON_TIME_SIZE]);

#define IMAGE_JSON_URL_SIZE 96

/* The path of the original, and of its thumbnail of that size: characters that need no escape
 * anywhere. */
void image_json_url(const struct record *record, char out[IMAGE_JSON_URL_SIZE]);
void image_json_thumbnail_url(const struct record *record, unsigned size,
                              char out[IMAGE_JSON_URL_SIZE]);

/* Appends one image, a JSON object: the one form that an image has in all of the API. */
void image_json(struct buf *buf, const struct record *record);

/* The same without the braces, for who adds members of its own. */
void image_json_members(struct buf *buf, const struct record *record);

#endif
