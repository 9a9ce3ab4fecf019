/* FastCGI in and out, by libfcgi. The only module that includes it, and the only one that writes to
 * the wire. One request at a time. */
#ifndef VITRINE_HTTP_FCGI_IO_H
#define VITRINE_HTTP_FCGI_IO_H

#include <stdint.h>

#include "base/error.h"
#include "http/http.h"

struct fcgi_io;

/* Makes the I/O on a listening socket, which becomes non-blocking and stays the caller's. Bodies of
 * over max_body bytes are refused as they are read. The caller frees *io. */
enum vt_error fcgi_io_new(int listening, uint64_t max_body, struct fcgi_io **io) VT_MUST_CHECK;

/* Accepts a request: *request is filled and belongs to io until fcgi_io_finish(). It is NULL where
 * no connection is waiting, or another process was faster; the caller polls the socket then. */
enum vt_error fcgi_io_accept(struct fcgi_io *io, const struct http_request **request) VT_MUST_CHECK;

/* Sends the response and ends the request, after reading what is left of its body: nginx calls a
 * worker that stops reading broken. A client that went away is no error. */
void fcgi_io_finish(struct fcgi_io *io, const struct http_response *response);

/* Gives everything back, a request under way included. NULL is allowed. */
void fcgi_io_free(struct fcgi_io *io);

#endif
