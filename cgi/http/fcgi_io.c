#include "http/fcgi_io.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

#define DRAIN_SIZE (64 * 1024)

struct fcgi_io {
    FCGX_Request fcgi;
    struct http_request request;
    uint64_t max_body, body_read;
};

enum vt_error fcgi_io_new(int listening, uint64_t max_body, struct fcgi_io **io)
{
    int flags = fcntl(listening, F_GETFL);
    struct fcgi_io *self;

    *io = NULL;
    if (flags < 0 || fcntl(listening, F_SETFL, flags | O_NONBLOCK) != 0)
        return VT_ERR_INTERNAL;
    self = calloc(1, sizeof *self);
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->max_body = max_body;
    if (FCGX_Init() != 0 || FCGX_InitRequest(&self->fcgi, listening, 0) != 0) {
        free(self);
        return VT_ERR_INTERNAL;
    }
    *io = self;
    return VT_OK;
}

static const char *parameter(struct fcgi_io *io, const char *name)
{
    const char *value = FCGX_GetParam(name, io->fcgi.envp);

    return value == NULL ? "" : value;
}

/* libfcgi tells where a body ends; CONTENT_LENGTH tells whether all of it has come. */
static enum vt_error read_body(void *source, void *data, size_t size, size_t *got,
                               struct vt_reason *why)
{
    struct fcgi_io *io = source;
    char limit[TEXT_BYTES_SIZE];
    int want = size > INT_MAX ? INT_MAX : (int)size;
    int count = FCGX_GetStr(data, want, io->fcgi.in);

    *got = 0;
    if (count < 0 || FCGX_GetError(io->fcgi.in) != 0)
        return vt_fail(why, VT_ERR_MALFORMED, "the body could not be read");
    io->body_read += (uint64_t)count;
    if (io->body_read > io->max_body)
        return vt_fail(why, VT_ERR_TOO_LARGE, "the request is larger than %s",
                       text_bytes(io->max_body, limit));
    if (count == 0) {
        const char *length = parameter(io, "CONTENT_LENGTH");

        if (*length != '\0' && strtoull(length, NULL, 10) != io->body_read)
            return vt_fail(why, VT_ERR_MALFORMED, "the body ends early");
    }
    *got = (size_t)count;
    return VT_OK;
}

/* Whether another connection can be accepted. */
static bool do_others_wait(void *source)
{
    const struct fcgi_io *io = source;
    struct pollfd listening = {.fd = io->fcgi.listen_sock, .events = POLLIN};

    return poll(&listening, 1, 0) > 0;
}

enum vt_error fcgi_io_accept(struct fcgi_io *io, const struct http_request **request)
{
    int code = FCGX_Accept_r(&io->fcgi);

    *request = NULL;
    if (code == -EAGAIN || code == -EINTR || code == -ECONNABORTED)
        return VT_OK;
    if (code != 0) {
        log_error("fastcgi: accept failed with %d", code);
        return VT_ERR_INTERNAL;
    }
    io->body_read = 0;
    io->request = (struct http_request){
        .method = http_method_from_name(parameter(io, "REQUEST_METHOD")),
        .path = parameter(io, "DOCUMENT_URI"),
        .query = parameter(io, "QUERY_STRING"),
        .content_type = parameter(io, "CONTENT_TYPE"),
        .content_disposition = parameter(io, "HTTP_CONTENT_DISPOSITION"),
        .accept = parameter(io, "HTTP_ACCEPT"),
        .authorization = parameter(io, "HTTP_AUTHORIZATION"),
        .if_none_match = parameter(io, "HTTP_IF_NONE_MATCH"),
        .address = parameter(io, "REMOTE_ADDR"),
        .connection = io->fcgi.ipcFd,
        .others_wait = do_others_wait,
        .read_body = read_body,
        .body_source = io,
    };
    *request = &io->request;
    return VT_OK;
}

/* Reads the rest of the body, up to the limit and a little more, so that a body over the limit is
 * not read without end. Returns whether that was all of it. */
static bool drain(struct fcgi_io *io)
{
    char waste[4096];
    uint64_t left = io->max_body + DRAIN_SIZE;
    int count;

    while ((count = FCGX_GetStr(waste, sizeof waste, io->fcgi.in)) > 0) {
        if ((uint64_t)count > left)
            return false;
        left -= (uint64_t)count;
    }
    return count == 0 && FCGX_GetError(io->fcgi.in) == 0;
}

static void put(struct fcgi_io *io, const char *data, size_t len)
{
    while (len > 0) {
        int count = len > INT_MAX ? INT_MAX : (int)len;

        if (FCGX_PutStr(data, count, io->fcgi.out) != count)
            return; /* the client has disconnected */
        data += count;
        len -= (size_t)count;
    }
}

static void write_head(const struct http_response *response, struct buf *head)
{
    buf_printf(head, "Status: %d %s\r\n", response->status, http_status_reason(response->status));
    if (response->content_type != NULL)
        buf_printf(head, "Content-Type: %s\r\nContent-Length: %zu\r\n", response->content_type,
                   response->body.len);
    buf_append(head, response->headers.data, response->headers.len);
    buf_puts(head, "\r\n");
}

void fcgi_io_finish(struct fcgi_io *io, const struct http_response *response)
{
    struct buf head = BUF_INIT;

    /* libfcgi would wait until nginx has closed the connection, since closing a socket with unread
     * data loses what was sent. If nothing is left unread, the worker need not wait. */
    if (drain(io))
        FCGX_Detach(&io->fcgi);
    else
        FCGX_Attach(&io->fcgi);
    write_head(response, &head);
    if (buf_ok(&head)) {
        put(io, head.data, head.len);
        if (io->request.method != HTTP_HEAD)
            put(io, response->body.data, response->body.len);
    }
    buf_free(&head);
    FCGX_Finish_r(&io->fcgi);
}

void fcgi_io_free(struct fcgi_io *io)
{
    if (io == NULL)
        return;
    FCGX_Free(&io->fcgi, 1);
    free(io);
}
