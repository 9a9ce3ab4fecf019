#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "gallery/listing_json.h"

static struct support_app *opened;

/* What is left at the end is a leak then. */
static void close_app(void)
{
    support_app_close(opened);
}

void fuzz_open(struct support_app *self)
{
    support_app_open(self, POOL_IMAGE);
    self->config.max_pixels = FUZZ_MAX_PIXELS;
    self->config.max_frames = FUZZ_MAX_FRAMES;
    memcpy(self->config.token, FUZZ_TOKEN, sizeof FUZZ_TOKEN);
    gallery_publish_by(self->app.gallery, listing_json_first);
    opened = self;
    SUPPORT_MUST(atexit(close_app) == 0);
}

static void check_headers(const struct buf *headers)
{
    const char *at = headers->data, *end = headers->len > 0 ? at + headers->len : at;

    while (at < end) {
        const char *line_end = memmem(at, (size_t)(end - at), "\r\n", 2);
        const char *colon = memchr(at, ':', (size_t)(end - at));

        SUPPORT_MUST(line_end != NULL && colon != NULL && colon > at && colon < line_end);
        for (const char *c = at; c < line_end; c++)
            SUPPORT_MUST((unsigned char)*c >= 0x20 && *c != 0x7f);
        at = line_end + 2;
    }
}

/* A status that Vitrine has, is no fault of its own, and comes with what belongs to it. */
static void check_status(const struct http_response *response)
{
    static const struct {
        int status;
        const char *field;
    } belongs[] = {{401, "WWW-Authenticate: "}, {405, "Allow: "}, {503, "Retry-After: "}};
    int status = response->status;
    const char *headers = response->headers.len > 0 ? response->headers.data : "";

    SUPPORT_MUST(status >= 200 && status <= 599);
    SUPPORT_MUST(strcmp(http_status_reason(status), "Status") != 0);
    SUPPORT_MUST(status != 500 && status != 421);
    for (size_t i = 0; i < sizeof belongs / sizeof belongs[0]; i++)
        SUPPORT_MUST(status != belongs[i].status || strstr(headers, belongs[i].field) != NULL);
    /* An error always says something; these two never do. */
    SUPPORT_MUST(status < 400 || response->body.len > 0);
    SUPPORT_MUST((status != 204 && status != 304) || response->body.len == 0);
}

static void check_json(const struct http_response *response)
{
    static const char problem[] = "urn:vitrine:problem:";
    json_t *json = support_json(response);

    SUPPORT_MUST(json_is_object(json));
    if (strcmp(response->content_type, "application/problem+json") == 0) {
        SUPPORT_MUST(support_integer(json, "status") == response->status);
        SUPPORT_MUST(strncmp(support_string(json, "type"), problem, strlen(problem)) == 0);
        SUPPORT_MUST(*support_string(json, "title") != '\0');
    }
    json_decref(json);
}

static void check_body(const struct http_response *response)
{
    if (response->body.len == 0)
        return;
    SUPPORT_MUST(response->content_type != NULL);
    if (strstr(response->content_type, "json") != NULL)
        check_json(response);
    else if (strstr(response->content_type, "html") != NULL)
        SUPPORT_MUST(strcasestr(response->body.data, "<script") == NULL);
}

void fuzz_answer(struct support_app *self, const struct support_request *request,
                 struct http_response *response)
{
    struct route_parameters parameters;
    char allow[64];
    unsigned index;
    enum vt_error err;
    const struct route *route = router_find(request->request.method, request->request.path,
                                            &parameters, &index, allow, &err);

    if (route != NULL)
        self->config.pool = route->pool;
    (void)support_answer(self, request, response);
    check_status(response);
    check_headers(&response->headers);
    check_body(response);
}
