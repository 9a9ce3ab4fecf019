/* Errors as the client sees them: RFC 9457 problem details. The one place where an error of ours
 * becomes an HTTP status. */
#ifndef VITRINE_WEB_PROBLEM_H
#define VITRINE_WEB_PROBLEM_H

#include <jansson.h>

#include "base/error.h"
#include "http/http.h"

/* The HTTP status of an error, 400 to 599. */
int problem_status(enum vt_error err);

/* What is wrong in general, in words for people; static. */
const char *problem_title(enum vt_error err);

/* The error as a JSON object with type, title, status and, where there is a reason, detail. The
 * caller owns it; NULL without memory. */
json_t *problem_json(enum vt_error err, const struct vt_reason *why) VT_MUST_CHECK;

/* Makes the response that error: status, body, and the headers that belong to the status. The
 * headers that it has stay. */
void problem_respond(struct http_response *response, enum vt_error err,
                     const struct vt_reason *why);

#endif
