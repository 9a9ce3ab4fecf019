#include "web/render.h"

void render_body(struct http_response *response, int status, const char *type)
{
    response->status = status;
    response->content_type = type;
    if (!buf_ok(&response->body)) {
        response->status = 503;
        response->content_type = NULL;
        buf_clear(&response->body);
    }
}

void render_json(struct http_response *response, int status, const char *type, json_t *json)
{
    struct buf *body = &response->body;

    buf_clear(body);
    if (json != NULL) {
        image_json_append(body, json);
        buf_puts(body, "\n");
        json_decref(json);
    } else {
        buf_fail(body);
    }
    render_body(response, status, type);
}

void render_image_alone(struct http_response *response, const struct record *record,
                        const struct image_json_form *form)
{
    buf_clear(&response->body);
    image_json(&response->body, record, form);
    buf_puts(&response->body, "\n");
    render_body(response, 200, "application/json");
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
