#include "http/http.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *const method_names[] = {
    [HTTP_GET] = "GET",     [HTTP_HEAD] = "HEAD",     [HTTP_POST] = "POST",
    [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE", [HTTP_OTHER] = "OTHER",
};

enum http_method http_method_from_name(const char *name)
{
    for (int i = 0; i < HTTP_OTHER; i++)
        if (strcmp(method_names[i], name) == 0)
            return (enum http_method)i;
    return HTTP_OTHER;
}

const char *http_method_name(enum http_method method)
{
    return method_names[method];
}

const char *http_status_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {207, "Multi-Status"},
        {303, "See Other"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
        {507, "Insufficient Storage"},
    };

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Status";
}

enum vt_error http_read_body(const struct http_request *request, size_t max, struct buf *body,
                             struct vt_reason *why)
{
    char chunk[4096], limit[TEXT_BYTES_SIZE];
    size_t got;

    do {
        enum vt_error err =
            request->read_body(request->body_source, chunk, sizeof chunk, &got, why);

        if (err != VT_OK)
            return err;
        if (got > max - body->len)
            return vt_fail(why, VT_ERR_TOO_LARGE, "the body is larger than %s",
                           text_bytes(max, limit));
        buf_append(body, chunk, got);
        if (!buf_ok(body))
            return VT_ERR_MEMORY;
    } while (got > 0);
    return VT_OK;
}

void http_header(struct http_response *response, const char *name, const char *format, ...)
{
    char value[1024];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(value, sizeof value, format, args);
    va_end(args);
    if (len < 0)
        return;
    for (unsigned char *c = (unsigned char *)value; *c != '\0'; c++)
        if (*c < 0x20 || *c == 0x7f)
            *c = ' ';
    buf_printf(&response->headers, "%s: %s\r\n", name, value);
}

void http_response_clear(struct http_response *response)
{
    response->status = 0;
    response->content_type = NULL;
    response->why.text[0] = '\0';
    buf_clear(&response->headers);
    buf_clear(&response->body);
}

void http_response_free(struct http_response *response)
{
    buf_free(&response->headers);
    buf_free(&response->body);
    *response = HTTP_RESPONSE_INIT;
}
