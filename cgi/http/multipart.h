/* An incremental parser for multipart/form-data (RFC 7578, RFC 2046 section 5.1).
 *
 * The caller feeds it bytes as they arrive; it reports parts as events. It uses one fixed buffer,
 * whatever the size of the body. */
#ifndef VITRINE_HTTP_MULTIPART_H
#define VITRINE_HTTP_MULTIPART_H

#include <stddef.h>

#include "base/error.h"

#define MULTIPART_BOUNDARY_MAX 70  /* RFC 2046, 5.1.1 */
#define MULTIPART_HEADERS_MAX 8192 /* bytes of one part's header block */

struct multipart;

/* The functions that the parser calls. A result other than VT_OK ends the parsing with that result.
 */
struct multipart_events {
    /* A part begins. disposition is its Content-Disposition value, with NUL bytes replaced by 0x01;
     * empty if it has none. */
    enum vt_error (*begin)(void *context, const char *disposition, struct vt_reason *why);
    /* Bytes of the part's content, in order; len is never 0. */
    enum vt_error (*data)(void *context, const void *data, size_t len, struct vt_reason *why);
};

/* Extracts the boundary from a Content-Type value. VT_ERR_MALFORMED, with the reason, if the type
 * is not multipart/form-data, or the boundary is absent, empty, longer than 70 characters or
 * contains characters that RFC 2046 does not allow. */
enum vt_error multipart_boundary(const char *content_type,
                                 char boundary[MULTIPART_BOUNDARY_MAX + 1],
                                 struct vt_reason *why) VT_MUST_CHECK;

/* Makes a parser for a checked boundary. events is kept by reference. The caller frees *multipart.
 */
enum vt_error multipart_new(const char *boundary, const struct multipart_events *events,
                            void *context, struct multipart **multipart) VT_MUST_CHECK;

/* Parses more of the body. VT_ERR_MALFORMED, with the reason, if it is not well formed. After any
 * failure, the parser can only be freed. */
enum vt_error multipart_feed(struct multipart *multipart, const void *data, size_t len,
                             struct vt_reason *why) VT_MUST_CHECK;

/* Ends the body. VT_ERR_MALFORMED if the closing delimiter has not come. */
enum vt_error multipart_finish(struct multipart *multipart, struct vt_reason *why) VT_MUST_CHECK;

/* Frees the memory. NULL is allowed. */
void multipart_free(struct multipart *multipart);

#endif
