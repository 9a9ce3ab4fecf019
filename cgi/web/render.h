/* Answers with JSON, and small pages: what the handlers answer is written here, in render_listing.c
 * and in gallery/image_json.c. */
#ifndef VITRINE_WEB_RENDER_H
#define VITRINE_WEB_RENDER_H

#include <jansson.h>

#include "base/buf.h"
#include "base/error.h"
#include "gallery/image_json.h"
#include "http/http.h"

/* Makes the response that status and JSON body. Takes the reference to json; NULL, which a builder
 * without memory gives, becomes a 503. type is static. */
void render_json(struct http_response *response, int status, const char *type, json_t *json);

/* Gives the response, whose body is written, that status and type; a body that failed becomes a 503
 * without one. type is static. */
void render_body(struct http_response *response, int status, const char *type);

/* Makes the response a 200 with one image. */
void render_image_alone(struct http_response *response, const struct record *record);

/* Makes the response a small HTML page for people without scripts: a title, a line for each of the
 * messages, a link back. The texts are escaped here. */
void render_page(struct http_response *response, int status, const char *title,
                 const char *const *messages, size_t count);

#endif
