/* The gallery's things as JSON, and small pages: all of the API's output is written here and in
 * render_listing.c. */
#ifndef VITRINE_WEB_RENDER_H
#define VITRINE_WEB_RENDER_H

#include <jansson.h>

#include "base/buf.h"
#include "base/error.h"
#include "gallery/gallery.h"
#include "http/http.h"

/* Makes the response that status and JSON body. Takes the reference to json; NULL, which a builder
 * without memory gives, becomes a 503. type is static. */
void render_json(struct http_response *response, int status, const char *type, json_t *json);

/* Gives the response, whose body is written, that status and type; a body that failed becomes a 503
 * without one. type is static. */
void render_body(struct http_response *response, int status, const char *type);

/* Appends json, compact, to buf, without taking its reference. */
void render_append(struct buf *buf, const json_t *json);

#define RENDER_TIME_SIZE 64 /* more than a year's longest number and the rest */

/* Writes milliseconds since 1970 as RFC 3339 has them, in UTC, with milliseconds. */
void render_time(int64_t milliseconds, char out[RENDER_TIME_SIZE]);

#define RENDER_URL_SIZE 96

/* The path of the original, and of its thumbnail of that size: characters that need no escape
 * anywhere. */
void render_image_url(const struct record *record, char out[RENDER_URL_SIZE]);
void render_thumbnail_url(const struct record *record, unsigned size, char out[RENDER_URL_SIZE]);

/* Appends one image, a JSON object: the one form that an image has in all of the API. */
void render_image(struct buf *buf, const struct record *record);

/* The same without the braces, for who adds members of its own. */
void render_image_members(struct buf *buf, const struct record *record);

/* Makes the response a 200 with one image. */
void render_image_alone(struct http_response *response, const struct record *record);

/* Makes the response a small HTML page for people without scripts: a title, a line for each of the
 * messages, a link back. The texts are escaped here. */
void render_page(struct http_response *response, int status, const char *title,
                 const char *const *messages, size_t count);

#endif
