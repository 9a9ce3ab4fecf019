/* FastCGI input and output with libfcgi. Only this module includes libfcgi, and only this one
 * writes to the connection. It handles one request at a time. */
#ifndef VITRINE_HTTP_FCGI_IO_H
#define VITRINE_HTTP_FCGI_IO_H

#include <stdint.h>

#include "base/error.h"
#include "http/http.h"

struct fcgi_io;

/* Sets up FastCGI on a listening socket, which becomes non-blocking and stays the caller's. A body
 * of more than max_body bytes is refused while it is read. The caller frees *io. */
enum vt_error fcgi_io_new(int listening, uint64_t max_body, struct fcgi_io **io) VT_MUST_CHECK;

/* Accepts a request: *request is set and belongs to io until fcgi_io_finish(). It is NULL if no
 * connection is waiting or another process was faster; the caller polls the socket then. */
enum vt_error fcgi_io_accept(struct fcgi_io *io, const struct http_request **request) VT_MUST_CHECK;

/* Reads what is left of the request's body, sends the response and ends the request: nginx treats a
 * worker that stops reading as broken. A client that has disconnected is no error. */
void fcgi_io_finish(struct fcgi_io *io, const struct http_response *response);

/* Frees everything, including a request in progress. NULL is allowed. */
void fcgi_io_free(struct fcgi_io *io);

#endif
