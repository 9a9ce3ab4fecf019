#include "render.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int append_chunk(const char *data, size_t len, void *context)
{
    buf_append(context, data, len);
    return 0;
}

void render_append(struct buf *buf, const json_t *json)
{
    if (json_dump_callback(json, append_chunk, buf, JSON_COMPACT | JSON_ENCODE_ANY) != 0) {
        buf_free(buf);
        buf->failed = true;
    }
}

void render_json(struct http_response *response, int status, const char *type, json_t *json)
{
    buf_clear(&response->body);
    if (json != NULL) {
        render_append(&response->body, json);
        buf_puts(&response->body, "\n");
        json_decref(json);
    }
    if (json == NULL || !buf_ok(&response->body)) {
        response->status = 503;
        response->content_type = NULL;
        buf_clear(&response->body);
        return;
    }
    response->status = status;
    response->content_type = type;
}

/* RFC 3339, in UTC, with milliseconds. */
static void write_time(int64_t milliseconds, char *out, size_t size)
{
    time_t seconds = (time_t)(milliseconds / 1000);
    struct tm parts;
    size_t len;

    if (gmtime_r(&seconds, &parts) == NULL)
        memset(&parts, 0, sizeof parts);
    len = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(out + len, size - len, ".%03dZ", (int)(milliseconds % 1000));
}

static json_t *render_tags(const char *tags)
{
    json_t *list = json_array();

    while (list != NULL && *tags != '\0') {
        size_t len = strcspn(tags, "\n");

        if (json_array_append_new(list, json_stringn(tags, len)) != 0) {
            json_decref(list);
            return NULL;
        }
        tags += len;
        tags += *tags == '\n';
    }
    return list;
}

void render_image_url(const struct record *record, char out[RENDER_URL_SIZE])
{
    (void)snprintf(out, RENDER_URL_SIZE, "/uploads/%.2s/%s.%s", record->id, record->id,
                   image_type_extension(record->type));
}

void render_thumbnail_url(const struct record *record, unsigned size, char out[RENDER_URL_SIZE])
{
    (void)snprintf(out, RENDER_URL_SIZE, "/thumbs/%u/%.2s/%s.%s", size, record->id, record->id,
                   gallery_thumbnail_extension(record));
}

static json_t *render_thumbs(const struct record *record)
{
    const unsigned *sizes = gallery_thumbnail_sizes;
    json_t *thumbs = json_object();
    char url[RENDER_URL_SIZE], size[8];

    for (size_t i = 0; thumbs != NULL && i < GALLERY_THUMBNAIL_SIZES; i++) {
        (void)snprintf(size, sizeof size, "%u", sizes[i]);
        render_thumbnail_url(record, sizes[i], url);
        if (json_object_set_new_nocheck(thumbs, size, json_string_nocheck(url)) != 0) {
            json_decref(thumbs);
            return NULL;
        }
    }
    return thumbs;
}

json_t *render_image(const struct record *record)
{
    char created[40], url[RENDER_URL_SIZE];

    write_time(record->created, created, sizeof created);
    render_image_url(record, url);
    return json_pack("{s:s, s:s, s:o, s:s, s:I, s:I, s:I, s:s, s:s, s:o}", "id", record->id, "name",
                     record->name, "tags", render_tags(record->tags), "type",
                     image_type_media(record->type), "width", (json_int_t)record->width, "height",
                     (json_int_t)record->height, "bytes", (json_int_t)record->bytes, "created",
                     created, "url", url, "thumbs", render_thumbs(record));
}

void render_page(struct http_response *response, int status, const char *title,
                 const char *const *messages, size_t count)
{
    struct buf *body = &response->body;

    buf_clear(body);
    buf_puts(body, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<link rel=\"stylesheet\" href=\"/vitrine.css\">\n<title>");
    buf_puts_html(body, title);
    buf_puts(body, "</title>\n<main class=\"notice\">\n<h1>");
    buf_puts_html(body, title);
    buf_puts(body, "</h1>\n<ul>\n");
    for (size_t i = 0; i < count; i++) {
        buf_puts(body, "<li>");
        buf_puts_html(body, messages[i]);
        buf_puts(body, "</li>\n");
    }
    buf_puts(body, "</ul>\n<p><a href=\"/\">Back to the gallery</a></p>\n</main>\n</html>\n");
    response->status = status;
    response->content_type = "text/html; charset=utf-8";
}
