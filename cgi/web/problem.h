/* Errors as the client sees them: RFC 9457 problem details. The only place that maps Vitrine's
 * errors to HTTP statuses. */
#ifndef VITRINE_WEB_PROBLEM_H
#define VITRINE_WEB_PROBLEM_H

#include <jansson.h>

#include "base/error.h"
#include "http/http.h"

/* The HTTP status of an error, 400 to 599. */
int problem_status(enum vt_error err);

/* A general description of the error for people; static. */
const char *problem_title(enum vt_error err);

/* The error as a JSON object with type, title, status and, if there is a reason, detail. The caller
 * owns it; NULL if out of memory. */
json_t *problem_json(enum vt_error err, const struct vt_reason *why) VT_MUST_CHECK;

/* Turns the response into that error: status, body, and the headers that belong to the status.
 * Headers that are already set stay. */
void problem_respond(struct http_response *response, enum vt_error err,
                     const struct vt_reason *why);

#endif
