/* A request and a response, as handlers see them. Nothing here knows FastCGI. */
#ifndef VITRINE_HTTP_HTTP_H
#define VITRINE_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PATCH, HTTP_DELETE, HTTP_OTHER };

/* Strings are NUL-terminated, never NULL (empty where the client sent none), and live as long as
 * the request. */
struct http_request {
    enum http_method method;
    const char *path;  /* decoded and normalised by nginx, without the query */
    const char *query; /* as sent, without its '?' */
    const char *content_type;
    const char *content_disposition;
    const char *accept;
    const char *authorization;
    const char *if_none_match;
    const char *address; /* the client's, as nginx tells it */
    int connection;      /* to nginx, which closes it where the client has gone; 0 where none is */
    /* Whether somebody else waits for a worker: who is answered sooner keeps them waiting less.
     * NULL where nobody ever does. */
    bool (*others_wait)(void *source);

    /* Reads up to size bytes of the body into data; *got is 0 at its end. A body past the limit
     * gives VT_ERR_TOO_LARGE, one that ends early VT_ERR_MALFORMED. */
    enum vt_error (*read_body)(void *source, void *data, size_t size, size_t *got,
                               struct vt_reason *why);
    void *body_source;
};

/* What a handler fills. The response owns its buffers. */
struct http_response {
    int status;               /* 0 until somebody sets it */
    const char *content_type; /* static; NULL where there is no body */
    struct buf headers;       /* whole lines, each ended by CRLF */
    struct buf body;
    struct vt_reason why; /* the reason of the error that the handler returned */
};

#define HTTP_RESPONSE_INIT ((struct http_response){0, NULL, BUF_INIT, BUF_INIT, {""}})

/* The method of an RFC 9110 method token; case matters. */
enum http_method http_method_from_name(const char *name);

/* "GET", "POST", …; static. "OTHER" for the rest. */
const char *http_method_name(enum http_method method);

/* The reason phrase of a status that Vitrine answers with (RFC 9110, 15), static; "Status" for any
 * other. */
const char *http_status_reason(int status);

/* Reads the body in one call: VT_ERR_TOO_LARGE where it is over max bytes. The caller frees *body,
 * whatever the result. */
enum vt_error http_read_body(const struct http_request *request, size_t max, struct buf *body,
                             struct vt_reason *why) VT_MUST_CHECK;

/* Adds a header. The value is formatted; control characters in it become spaces, so that no value
 * can start a line of its own. */
void http_header(struct http_response *response, const char *name, const char *format, ...)
    VT_PRINTF(3, 4);

/* Forgets what was set so far, headers and reason included; keeps memory. */
void http_response_clear(struct http_response *response);

/* Gives the memory back. Safe on a cleared one. */
void http_response_free(struct http_response *response);

#endif
