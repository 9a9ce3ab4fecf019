/* A gallery on an empty folder, behind the router, for tests of everything above the store. As in
 * support.h, every function ends the process on failure. */
#ifndef VITRINE_TESTS_SUPPORT_APP_H
#define VITRINE_TESTS_SUPPORT_APP_H

#include <jansson.h>

#include "support.h"
#include "web/router.h"

struct support_app {
    struct config config; /* may be changed between requests */
    struct app app;
};

/* Opens a gallery in support_folder(). The caller closes it. */
void support_app_open(struct support_app *self, enum pool pool);
void support_app_close(struct support_app *self);

/* Adds bytes as a file of that name. Returns the result of gallery_upload_finish(). */
enum vt_error support_add(struct gallery *gallery, const void *data, size_t len, const char *name,
                          struct added *added, struct vt_reason *why) VT_MUST_CHECK;

/* Adds a picture, which must be accepted. */
void support_add_picture(struct gallery *gallery, const struct picture *picture, const char *name,
                         struct added *added);

/* Answers a request and returns the status. The response may hold an earlier answer; the caller
 * frees it. */
int support_answer(struct support_app *self, const struct support_request *request,
                   struct http_response *response);

/* Whether the response has exactly this header line. */
bool support_has_header(const struct http_response *response, const char *line);

/* Parses the response's body, which must be JSON and have the content type that belongs to its
 * status. The caller owns the result. */
json_t *support_json(const struct http_response *response);

/* A string or a number in a JSON object; it must exist. */
const char *support_string(const json_t *json, const char *key);
json_int_t support_integer(const json_t *json, const char *key);

#endif
