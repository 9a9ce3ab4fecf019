/* An image as JSON, in the one form that the API, the first page and the command's output share. */
#ifndef VITRINE_GALLERY_IMAGE_JSON_H
#define VITRINE_GALLERY_IMAGE_JSON_H

#include <jansson.h>

#include "base/buf.h"
#include "base/config.h"
#include "store/record.h"

/* Appends json, compact, to buf, without taking its reference. */
void image_json_append(struct buf *buf, const json_t *json);

#define IMAGE_JSON_TIME_SIZE 64 /* enough for the longest year and the rest */

/* Formats milliseconds since 1970 per RFC 3339, in UTC, with milliseconds. */
void image_json_time(int64_t milliseconds, char out[IMAGE_JSON_TIME_SIZE]);

#define IMAGE_JSON_URL_SIZE 96

/* The part of a copy's path that says what it leaves out, as VITRINE_METADATA does: another setting
 * gives other paths, so that no cache answers for an earlier one. nginx's site has the same words.
 */
const char *image_json_copy_word(enum metadata_mode mode);

/* Write the path of the original, or of the copy of it that everybody gets instead, and of its
 * thumbnail of that size, in characters that never need an escape. */
void image_json_url(const struct record *record, enum metadata_mode mode,
                    char out[IMAGE_JSON_URL_SIZE]);
void image_json_thumbnail_url(const struct record *record, unsigned size,
                              char out[IMAGE_JSON_URL_SIZE]);

/* How much is told of what the photograph knows. Members that are not known are absent. */
enum image_json_view {
    IMAGE_JSON_TIME,          /* when it was taken: what listings tell everybody */
    IMAGE_JSON_LITTLE,        /* the same, and a description that a person wrote */
    IMAGE_JSON_WITHOUT_PLACE, /* everything but the place */
    IMAGE_JSON_WHOLE          /* everything: for those who may change the image */
};

/* What those are told who may not change the image. */
enum image_json_view image_json_view_of_others(const struct config *config);

/* How an image is described. */
struct image_json_form {
    enum image_json_view view;
    enum metadata_mode metadata; /* of the config: whether `url` gives a copy */
    bool has_no_copy;            /* gallery_has_no_copy(); listings do not look */
};

/* Appends one image as a JSON object, the one form of an image in the whole API. */
void image_json(struct buf *buf, const struct record *record, const struct image_json_form *form);

/* The same without the braces, for callers that add members of their own. */
void image_json_members(struct buf *buf, const struct record *record,
                        const struct image_json_form *form);

/* "file", "name" or "person": where the time comes from at which a photograph was taken; static.
 * NULL if that is not known. */
const char *image_json_taken_from(enum photo_taken_from from);

#endif
