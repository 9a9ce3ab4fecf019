#include "http/multipart.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/http_header.h"

#define WINDOW_SIZE (64 * 1024)

enum state {
    PREAMBLE,  /* before the first delimiter; ignored */
    DELIMITER, /* after a boundary: "--" or the end of the line */
    HEADERS,
    CONTENT,
    EPILOGUE /* after the closing delimiter; ignored */
};

struct multipart {
    const struct multipart_events *events;
    void *context;
    enum state state;
    char delimiter[4 + MULTIPART_BOUNDARY_MAX + 1]; /* CRLF "--" boundary */
    size_t delimiter_len;
    size_t len; /* bytes in the window */
    char window[WINDOW_SIZE];
};

enum vt_error multipart_boundary(const char *content_type,
                                 char boundary[MULTIPART_BOUNDARY_MAX + 1], struct vt_reason *why)
{
    static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "'()+_,-./:=? ";
    size_t len;

    if (!http_header_is_media_type(content_type, "multipart/form-data"))
        return vt_fail(why, VT_ERR_MALFORMED,
                       "the body must be multipart/form-data, or one image as image/… or "
                       "application/octet-stream");
    switch (http_header_parameter(content_type, "boundary", boundary, MULTIPART_BOUNDARY_MAX + 1)) {
    case VT_OK:
        break;
    case VT_ERR_TOO_LARGE:
        return vt_fail(why, VT_ERR_MALFORMED, "the multipart boundary is over %d characters",
                       MULTIPART_BOUNDARY_MAX);
    default:
        return vt_fail(why, VT_ERR_MALFORMED, "the Content-Type has no multipart boundary");
    }
    len = strlen(boundary);
    if (len == 0 || strspn(boundary, allowed) != len || boundary[len - 1] == ' ')
        return vt_fail(why, VT_ERR_MALFORMED,
                       "the multipart boundary is empty or has characters it may not have");
    return VT_OK;
}

enum vt_error multipart_new(const char *boundary, const struct multipart_events *events,
                            void *context, struct multipart **multipart)
{
    struct multipart *self = malloc(sizeof *self);
    size_t len = strlen(boundary);

    *multipart = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    if (len > MULTIPART_BOUNDARY_MAX) {
        free(self);
        return VT_ERR_MALFORMED;
    }
    self->events = events;
    self->context = context;
    self->state = PREAMBLE;
    memcpy(self->delimiter, "\r\n--", 4);
    memcpy(self->delimiter + 4, boundary, len + 1);
    self->delimiter_len = 4 + len;
    /* Starts as if a line had ended before the body, as the first delimiter needs no CRLF of its
     * own. */
    memcpy(self->window, "\r\n", 2);
    self->len = 2;
    *multipart = self;
    return VT_OK;
}

static void consume(struct multipart *self, size_t count)
{
    self->len -= count;
    memmove(self->window, self->window + count, self->len);
}

/* Passes on the content up to the delimiter, or, if there is none, all that cannot be the beginning
 * of one. */
static enum vt_error parse_content(struct multipart *self, bool *more, struct vt_reason *why)
{
    const char *end = memmem(self->window, self->len, self->delimiter, self->delimiter_len);
    size_t keep = self->delimiter_len - 1, count;
    enum vt_error err = VT_OK;

    if (end != NULL)
        count = (size_t)(end - self->window);
    else
        count = self->len > keep ? self->len - keep : 0;
    if (count > 0 && self->state == CONTENT)
        err = self->events->data(self->context, self->window, count, why);
    *more = end != NULL;
    if (end != NULL) {
        self->state = DELIMITER;
        count += self->delimiter_len;
    }
    consume(self, count);
    return err;
}

/* RFC 2046, 5.1.1: after the boundary comes "--", or blanks and the end of the line. */
static enum vt_error parse_delimiter(struct multipart *self, bool *more, struct vt_reason *why)
{
    size_t blanks = 0;

    *more = false;
    if (self->len < 2)
        return VT_OK;
    if (memcmp(self->window, "--", 2) == 0) {
        self->state = EPILOGUE;
        *more = true;
        return VT_OK;
    }
    while (blanks < self->len && (self->window[blanks] == ' ' || self->window[blanks] == '\t'))
        blanks++;
    if (blanks > MULTIPART_HEADERS_MAX)
        return vt_fail(why, VT_ERR_MALFORMED, "a multipart delimiter does not end");
    if (self->len - blanks < 2)
        return VT_OK;
    if (memcmp(self->window + blanks, "\r\n", 2) != 0)
        return vt_fail(why, VT_ERR_MALFORMED, "a multipart delimiter is not well formed");
    self->state = HEADERS;
    *more = true;
    consume(self, blanks); /* keeps the CRLF, which may be half of an empty header block's end */
    return VT_OK;
}

/* Finds the value of Content-Disposition in the header block, a NUL-terminated string, and
 * terminates it at the end of its line. Returns NULL if there is none. */
static const char *find_disposition(char *block)
{
    static const char field[] = "Content-Disposition:";

    for (char *line = block; line != NULL;) {
        char *end = strstr(line, "\r\n");

        if (strncasecmp(line, field, sizeof field - 1) == 0) {
            if (end != NULL)
                *end = '\0';
            line += sizeof field - 1;
            return line + strspn(line, " \t");
        }
        line = end != NULL ? end + 2 : NULL;
    }
    return NULL;
}

static enum vt_error parse_headers(struct multipart *self, bool *more, struct vt_reason *why)
{
    char *end = memmem(self->window, self->len, "\r\n\r\n", 4);
    const char *disposition;
    size_t len = end == NULL ? self->len : (size_t)(end - self->window);
    size_t max = MULTIPART_HEADERS_MAX + 2; /* the CRLF of the delimiter comes before the block */
    enum vt_error err;

    *more = false;
    if (len > (end == NULL ? max + 3 : max)) /* all but one byte of the block's end may have come */
        return vt_fail(why, VT_ERR_MALFORMED, "the headers of a part are over %d bytes",
                       MULTIPART_HEADERS_MAX);
    if (end == NULL)
        return VT_OK;
    for (size_t i = 0; i < len; i++)
        if (self->window[i] == '\0')
            self->window[i] = 0x01;
    *end = '\0';
    disposition = find_disposition(self->window);
    err = self->events->begin(self->context, disposition == NULL ? "" : disposition, why);
    if (err != VT_OK)
        return err;
    consume(self, len + 4);
    self->state = CONTENT;
    *more = true;
    return VT_OK;
}

static enum vt_error step(struct multipart *self, bool *more, struct vt_reason *why)
{
    switch (self->state) {
    case DELIMITER:
        return parse_delimiter(self, more, why);
    case HEADERS:
        return parse_headers(self, more, why);
    case EPILOGUE:
        self->len = 0;
        *more = false;
        return VT_OK;
    case PREAMBLE:
    case CONTENT:
    default:
        return parse_content(self, more, why);
    }
}

enum vt_error multipart_feed(struct multipart *self, const void *data, size_t len,
                             struct vt_reason *why)
{
    const char *at = data;

    while (len > 0) {
        size_t room = WINDOW_SIZE - self->len, count = len < room ? len : room;
        bool more = true;

        memcpy(self->window + self->len, at, count);
        self->len += count;
        at += count;
        len -= count;
        while (more) {
            enum vt_error err = step(self, &more, why);

            if (err != VT_OK)
                return err;
        }
    }
    return VT_OK;
}

enum vt_error multipart_finish(struct multipart *self, struct vt_reason *why)
{
    if (self->state == PREAMBLE)
        return vt_fail(why, VT_ERR_MALFORMED, "the body has no multipart delimiter");
    if (self->state != EPILOGUE)
        return vt_fail(why, VT_ERR_MALFORMED,
                       "the body ends before its closing multipart delimiter");
    return VT_OK;
}

void multipart_free(struct multipart *self)
{
    free(self);
}
