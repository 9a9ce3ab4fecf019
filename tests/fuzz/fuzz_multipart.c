/* Forms in pieces of any size. The first byte is the size of a piece, or 0 for the whole form.
 * Then comes the boundary, as a Content-Type value that ends with its line. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "http/http_header.h"
#include "http/multipart.h"

/* What came of a form, whatever the pieces. */
struct outcome {
    enum vt_error err;
    struct vt_reason why;
    struct buf events;
};

static enum vt_error on_part(void *context, const char *disposition, struct vt_reason *why)
{
    struct outcome *outcome = context;
    char name[MULTIPART_HEADERS_MAX];

    (void)why;
    if (http_header_filename(disposition, name, sizeof name) != VT_OK)
        name[0] = '\0';
    SUPPORT_MUST(strlen(disposition) <= MULTIPART_HEADERS_MAX);
    SUPPORT_MUST(strlen(name) <= MULTIPART_HEADERS_MAX);
    buf_printf(&outcome->events, "[%s|%s]", disposition, name);
    return VT_OK;
}

static enum vt_error on_data(void *context, const void *data, size_t len, struct vt_reason *why)
{
    struct outcome *outcome = context;

    (void)why;
    SUPPORT_MUST(len > 0);
    buf_append(&outcome->events, data, len);
    return VT_OK;
}

/* Each piece is a copy of just its size, so that reading past its end is seen. */
static enum vt_error feed(struct multipart *multipart, const uint8_t *data, size_t len,
                          struct vt_reason *why)
{
    uint8_t *copy = malloc(len);
    enum vt_error err;

    SUPPORT_MUST(copy != NULL);
    memcpy(copy, data, len);
    err = multipart_feed(multipart, copy, len, why);
    free(copy);
    return err;
}

static void parse(const char *boundary, const uint8_t *data, size_t len, size_t piece,
                  struct outcome *outcome)
{
    static const struct multipart_events events = {on_part, on_data};
    struct multipart *multipart;

    memset(outcome, 0, sizeof *outcome);
    outcome->err = multipart_new(boundary, &events, outcome, &multipart);
    while (outcome->err == VT_OK && len > 0) {
        size_t count = piece < len ? piece : len;

        outcome->err = feed(multipart, data, count, &outcome->why);
        data += count;
        len -= count;
    }
    if (outcome->err == VT_OK)
        outcome->err = multipart_finish(multipart, &outcome->why);
    multipart_free(multipart);
    SUPPORT_MUST(buf_ok(&outcome->events));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char boundary[MULTIPART_BOUNDARY_MAX + 1], *type;
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    struct outcome whole, cut;
    struct vt_reason why;
    enum vt_error err;

    if (end == NULL)
        return 0;
    type = strndup((const char *)data + 1, end > data ? (size_t)(end - data - 1) : 0);
    SUPPORT_MUST(type != NULL);
    err = multipart_boundary(type, boundary, &why);
    free(type);
    if (err != VT_OK)
        return 0;
    size -= (size_t)(end - data + 1);
    parse(boundary, end + 1, size, SIZE_MAX, &whole);
    parse(boundary, end + 1, size, data[0] + 1U, &cut);
    /* Cutting must change nothing. What came before an error may differ. */
    SUPPORT_MUST(whole.err == cut.err);
    SUPPORT_MUST(
        whole.err != VT_OK ||
        (whole.events.len == cut.events.len &&
         (cut.events.len == 0 || memcmp(whole.events.data, cut.events.data, cut.events.len) == 0)));
    buf_free(&whole.events);
    buf_free(&cut.events);
    return 0;
}
