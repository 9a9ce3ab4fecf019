/* A request as text, through the HTTP parsers and the router, on a gallery of three pictures: a
 * line with method and target, header lines, an empty line, the body. {id} in the path stands
 * for the first picture. Uploads have their own target. */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/codec.h"
#include "base/text.h"
#include "fuzz.h"
#include "http/http_header.h"
#include "http/http_query.h"
#include "http/multipart.h"
#include "web/listing_query.h"

#define PICTURES 3

static struct support_app app;
static char first[ID_LENGTH + 1];

static void add_picture(unsigned number)
{
    const struct codec_png png = {8 + number, 8, PNG_COLOR_TYPE_RGB, 8, .alpha = false};
    const char *const tags[] = {"red", "a tag"};
    char name[32];
    const struct change change = {.tags = tags, .tag_count = number};
    struct record record;
    struct added added;
    struct buf bytes;

    codec_png(&png, &bytes);
    (void)snprintf(name, sizeof name, "picture %u.png", number);
    SUPPORT_MUST(support_add(app.app.gallery, bytes.data, bytes.len, name, &added, NULL) == VT_OK);
    if (!added.known)
        SUPPORT_MUST(gallery_change(app.app.gallery, added.record.id, &change, &record, NULL) ==
                     VT_OK);
    if (number == 0)
        memcpy(first, added.record.id, sizeof first);
    buf_free(&bytes);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_open(&app);
    for (unsigned i = 0; i < PICTURES; i++)
        add_picture(i);
    return 0;
}

/* The gallery is for every input the same. */
static void restore(const struct http_request *request, int status)
{
    const char *const none[] = {NULL};
    const struct change change = {.name = "picture 0.png", .tags = none, .tag_count = 0};
    struct record record;

    if (status >= 300 || (request->method != HTTP_PATCH && request->method != HTTP_DELETE))
        return;
    if (request->method == HTTP_PATCH)
        SUPPORT_MUST(gallery_change(app.app.gallery, first, &change, &record, NULL) == VT_OK);
    else
        add_picture(0);
}

/* What is left of an input. */
struct rest {
    char *at, *end;
};

/* The next line without its end, as a string; the last one may have none. */
static char *take_line(struct rest *rest)
{
    char *line = rest->at, *end = memchr(line, '\n', (size_t)(rest->end - line));

    if (end == NULL)
        end = rest->end; /* where the NUL is */
    rest->at = end < rest->end ? end + 1 : end;
    *end = '\0';
    return line;
}

static void read_headers(struct rest *rest, struct http_request *request)
{
    const struct {
        const char *name;
        const char **value;
    } fields[] = {{"Content-Type: ", &request->content_type},
                  {"Content-Disposition: ", &request->content_disposition},
                  {"Accept: ", &request->accept},
                  {"Authorization: ", &request->authorization},
                  {"If-None-Match: ", &request->if_none_match}};
    const char *line;

    while (*(line = take_line(rest)) != '\0')
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
            if (strncmp(line, fields[i].name, strlen(fields[i].name)) == 0)
                *fields[i].value = line + strlen(fields[i].name);
}

/* The path, {id} in it filled in. The caller frees it. */
static char *fill_path(const char *target, size_t len)
{
    struct buf path = BUF_INIT;
    const char *id = memmem(target, len, "{id}", 4);

    if (id != NULL) {
        buf_append(&path, target, (size_t)(id - target));
        buf_puts(&path, first);
        len -= (size_t)(id + 4 - target);
        target = id + 4;
    }
    buf_append(&path, target, len);
    buf_puts(&path, "");
    SUPPORT_MUST(buf_ok(&path));
    if (path.data == NULL)
        path.data = strdup("");
    return path.data;
}

/* Parameters that can be read come back as they are when they are written again. */
static void check_query(const char *query)
{
    struct http_parameter_pair pair, again;
    bool found;

    while (http_query_next(&query, &pair, &found, NULL) == VT_OK && found) {
        struct buf written = BUF_INIT;
        const char *at;

        http_query_put(&written, pair.name, pair.value);
        SUPPORT_MUST(buf_ok(&written));
        at = written.data;
        SUPPORT_MUST(http_query_next(&at, &again, &found, NULL) == VT_OK && found);
        SUPPORT_MUST(strcmp(pair.name, again.name) == 0 && strcmp(pair.value, again.value) == 0);
        SUPPORT_MUST(http_query_next(&at, &again, &found, NULL) == VT_OK && !found);
        buf_free(&written);
    }
}

/* A value is of its own type, and an image where that begins so and goes on. */
static void check_media_type(const char *value)
{
    size_t skip = strspn(value, " \t"), len = strcspn(value + skip, " \t;,");
    char *own = strndup(value + skip, len);

    SUPPORT_MUST(own != NULL);
    SUPPORT_MUST(http_header_is_media_type(value, own));
    SUPPORT_MUST(http_header_is_media_type(value, "image/*") ==
                 (strncasecmp(own, "image/", 6) == 0 && own[6] != '\0'));
    free(own);
}

/* What only uploads read. */
static void check_upload_headers(const struct http_request *request)
{
    char boundary[MULTIPART_BOUNDARY_MAX + 1], file_name[512], name[NAME_SIZE], again[NAME_SIZE];
    json_t *text;

    check_media_type(request->content_type);
    if (multipart_boundary(request->content_type, boundary, NULL) == VT_OK)
        SUPPORT_MUST(strlen(boundary) > 0 && strlen(boundary) <= MULTIPART_BOUNDARY_MAX);
    if (http_header_filename(request->content_disposition, file_name, sizeof file_name) != VT_OK)
        return;
    text_clean_name(file_name, strlen(file_name), name);
    text = json_string(name); /* UTF-8, or NULL */
    SUPPORT_MUST(text != NULL && name[0] != '\0' && strchr(name, '/') == NULL);
    json_decref(text);
    text_clean_name(name, strlen(name), again);
    SUPPORT_MUST(strcmp(name, again) == 0);
}

/* A page's cursor gives the next one, until there is none; counted is what came before it. */
static void follow_pages(const struct http_request *request, const struct http_response *response,
                         size_t counted)
{
    json_t *json = support_json(response);
    const char *cursor = json_string_value(json_object_get(json, "next"));

    counted += json_array_size(json_object_get(json, "images"));
    SUPPORT_MUST(counted <= PICTURES);
    SUPPORT_MUST(support_integer(json, "total") <= PICTURES);
    if (cursor != NULL) {
        struct http_response more = HTTP_RESPONSE_INIT;
        struct support_request next;
        struct listing_query query;
        struct buf text = BUF_INIT;

        SUPPORT_MUST(listing_query_parse(request->query, &query, NULL) == VT_OK);
        buf_printf(&text, "sort=%s&limit=%u", listing_sort_name(query.sort), query.limit);
        http_query_put(&text, "q", query.search);
        http_query_put(&text, "cursor", cursor);
        SUPPORT_MUST(buf_ok(&text));
        support_request(&next, HTTP_GET, request->path, NULL, 0);
        next.request.query = text.data;
        fuzz_answer(&app, &next, &more);
        SUPPORT_MUST(more.status == 200);
        follow_pages(&next.request, &more, counted);
        http_response_free(&more);
        buf_free(&text);
    }
    json_decref(json);
}

/* Beside what holds of every answer. The store is well, and changes are the operator's: the
 * pictures' own tokens are nowhere to be had. */
static void check_answer(const struct http_request *request, const struct http_response *response)
{
    const char *token = http_header_bearer_token(request->authorization);

    SUPPORT_MUST(response->status < 500);
    if (request->method == HTTP_PATCH || request->method == HTTP_DELETE)
        SUPPORT_MUST(response->status >= 300 || (token != NULL && strcmp(token, FUZZ_TOKEN) == 0));
    else if (request->method != HTTP_GET && request->method != HTTP_HEAD)
        SUPPORT_MUST(response->status == 404 || response->status == 405);
    else if (response->status == 200 && strcmp(request->path, "/api/images") == 0 &&
             strcmp(response->content_type, "application/json") == 0)
        follow_pages(request, response, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_response response = HTTP_RESPONSE_INIT;
    struct support_request request;
    char *copy = malloc(size + 1), *line, *path;
    const char *target;
    struct rest rest = {copy, copy + size};

    SUPPORT_MUST(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    copy[size] = '\0';
    line = take_line(&rest);
    support_request(&request, http_method_from_name(strsep(&line, " ")), "", NULL, 0);
    target = line != NULL ? line : "";
    path = fill_path(target, strcspn(target, "?"));
    request.request.path = path;
    target += strcspn(target, "?");
    request.request.query = *target == '?' ? target + 1 : target;
    read_headers(&rest, &request.request);
    request.body = rest.at;
    request.len = (size_t)(rest.end - rest.at);
    check_query(request.request.query);
    check_upload_headers(&request.request);
    if (request.request.method != HTTP_POST) {
        fuzz_answer(&app, &request, &response);
        check_answer(&request.request, &response);
        restore(&request.request, response.status);
    }
    http_response_free(&response);
    free(path);
    free(copy);
    return 0;
}
