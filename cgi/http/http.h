/* A request and a response, as handlers see them, independent of FastCGI. */
#ifndef VITRINE_HTTP_HTTP_H
#define VITRINE_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PATCH, HTTP_DELETE, HTTP_OTHER };

/* Strings are NUL-terminated, never NULL (empty if the client sent none), and live as long as the
 * request. */
struct http_request {
    enum http_method method;
    const char *path;  /* decoded and normalised by nginx, without the query */
    const char *query; /* as sent, without its '?' */
    const char *content_type;
    const char *content_disposition;
    const char *accept;
    const char *authorization;
    const char *if_none_match;
    const char *address; /* the client's IP address, as nginx passes it */
    int connection;      /* to nginx, which closes it once the client is gone; 0 if none */
    /* True if another connection is queued for a worker; skip optional work then, to keep it
     * waiting less. NULL if that never happens. */
    bool (*others_wait)(void *source);

    /* Reads up to size bytes of the body into data; *got is 0 at its end. VT_ERR_TOO_LARGE for a
     * body over the limit, VT_ERR_MALFORMED for one that ends early. */
    enum vt_error (*read_body)(void *source, void *data, size_t size, size_t *got,
                               struct vt_reason *why);
    void *body_source;
};

/* What a handler fills. The response owns its buffers. */
struct http_response {
    int status;               /* 0 until it is set */
    const char *content_type; /* static; NULL if there is no body */
    struct buf headers;       /* whole lines, each ended by CRLF */
    struct buf body;
    struct vt_reason why; /* the reason of the error that the handler returned */
};

#define HTTP_RESPONSE_INIT ((struct http_response){0, NULL, BUF_INIT, BUF_INIT, {""}})

/* The method of an RFC 9110 method token; case matters. */
enum http_method http_method_from_name(const char *name);

/* "GET", "POST" and so on; "OTHER" for the rest. Static. */
const char *http_method_name(enum http_method method);

/* The reason phrase (RFC 9110, 15) of a status that Vitrine uses; "Status" for any other. Static.
 */
const char *http_status_reason(int status);

/* Reads the whole body. VT_ERR_TOO_LARGE if it has more than max bytes. The caller frees *body,
 * whatever the result. */
enum vt_error http_read_body(const struct http_request *request, size_t max, struct buf *body,
                             struct vt_reason *why) VT_MUST_CHECK;

/* Adds a header. The value is formatted; control characters in it become spaces, so that no value
 * can start a line of its own. */
void http_header(struct http_response *response, const char *name, const char *format, ...)
    VT_PRINTF(3, 4);

/* Clears everything that was set so far, including headers and reason, but keeps the memory. */
void http_response_clear(struct http_response *response);

/* Frees the memory. Safe on a cleared response. */
void http_response_free(struct http_response *response);

#endif
