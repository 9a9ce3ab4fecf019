/* Decides who may write. Reading is open: see "Who may write" in docs/architecture.md. */
#ifndef VITRINE_WEB_ACCESS_H
#define VITRINE_WEB_ACCESS_H

#include <stdbool.h>

#include "base/config.h"
#include "base/error.h"
#include "http/http.h"
#include "store/record.h"
#include "web/guesses.h"

/* Checks that the request may upload: anybody may, unless VITRINE_TOKEN is set, which is then
 * required. VT_ERR_UNAUTHORIZED without a bearer token if one is required, VT_ERR_FORBIDDEN with a
 * wrong one, VT_ERR_TOO_MANY if the address has sent too many wrong ones; *why says which. Wrong
 * tokens are recorded in guesses, which may be NULL. */
enum vt_error access_may_upload(const struct config *config, struct guesses *guesses,
                                const struct http_request *request,
                                struct vt_reason *why) VT_MUST_CHECK;

/* Sets *is_operator to whether the request carries the operator's token; false without any token.
 * VT_ERR_FORBIDDEN if it carries another token, VT_ERR_TOO_MANY as above; *why says so. */
enum vt_error access_find_operator(const struct config *config, struct guesses *guesses,
                                   const struct http_request *request, bool *is_operator,
                                   struct vt_reason *why) VT_MUST_CHECK;

/* Checks that the request carries a token at all: VT_ERR_UNAUTHORIZED if not. Call it before the
 * image is looked up, so that a client without a token does not learn which images exist. */
enum vt_error access_has_token(const struct http_request *request,
                               struct vt_reason *why) VT_MUST_CHECK;

/* Checks that the request's token is the image's own or the operator's. Errors as above. */
enum vt_error access_may_change(const struct config *config, struct guesses *guesses,
                                const struct http_request *request, const struct record *record,
                                struct vt_reason *why) VT_MUST_CHECK;

#endif
