/* JSON answers and small pages. The handlers' answers are written here, in render_listing.c and in
 * gallery/image_json.c. */
#ifndef VITRINE_WEB_RENDER_H
#define VITRINE_WEB_RENDER_H

#include <jansson.h>

#include "base/buf.h"
#include "base/error.h"
#include "gallery/image_json.h"
#include "http/http.h"

/* Sets the response's status and JSON body. Takes the reference to json; NULL, which a builder
 * returns when out of memory, becomes a 503. type is static. */
void render_json(struct http_response *response, int status, const char *type, json_t *json);

/* Sets status and type of the response, whose body is already written; if writing it failed, the
 * response becomes a 503 without a body. type is static. */
void render_body(struct http_response *response, int status, const char *type);

/* Turns the response into a 200 with one image. */
void render_image_alone(struct http_response *response, const struct record *record,
                        const struct image_json_form *form);

/* Turns the response into a small HTML page for visitors without scripts: a title, a line for each
 * message, a link back. The texts are escaped here. */
void render_page(struct http_response *response, int status, const char *title,
                 const char *const *messages, size_t count);

#endif
