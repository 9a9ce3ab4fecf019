#include "app.h"

#include <stdio.h>
#include <string.h>

void support_app_open(struct support_app *self, enum pool pool)
{
    unsigned count;
    const char *const *names = router_names(&count);

    memset(self, 0, sizeof *self);
    support_config(support_folder(), &self->config);
    self->config.pool = pool;
    self->app.config = &self->config;
    SUPPORT_MUST(gallery_new(&self->config, &self->app.gallery) == VT_OK);
    SUPPORT_MUST(metrics_new(support_path(support_folder(), "metrics"), names, count,
                             &self->app.metrics) == VT_OK);
}

void support_app_close(struct support_app *self)
{
    gallery_free(self->app.gallery);
    metrics_free(self->app.metrics);
}

enum vt_error support_add(struct gallery *gallery, const void *data, size_t len, const char *name,
                          struct added *added, struct vt_reason *why)
{
    struct upload *upload = NULL;
    enum vt_error err = gallery_upload_begin(gallery, &upload);

    if (err == VT_OK)
        err = gallery_upload_write(upload, data, len);
    if (err == VT_OK)
        err = gallery_upload_finish(upload, name, added, why);
    gallery_upload_free(upload);
    return err;
}

void support_add_picture(struct gallery *gallery, const struct picture *picture, const char *name,
                         struct added *added)
{
    struct buf bytes;

    support_picture(picture, &bytes);
    SUPPORT_MUST(support_add(gallery, bytes.data, bytes.len, name, added, NULL) == VT_OK);
    buf_free(&bytes);
}

int support_answer(struct support_app *self, const struct support_request *request,
                   struct http_response *response)
{
    http_response_clear(response);
    (void)router_handle(&self->app, &request->request, response);
    return response->status;
}

bool support_has_header(const struct http_response *response, const char *line)
{
    size_t len = strlen(line);
    const char *at = response->headers.data;

    while (at != NULL && *at != '\0') {
        const char *end = strstr(at, "\r\n");

        SUPPORT_MUST(end != NULL);
        if ((size_t)(end - at) == len && memcmp(at, line, len) == 0)
            return true;
        at = end + 2;
    }
    return false;
}

json_t *support_json(const struct http_response *response)
{
    bool fine = response->status < 400;
    const char *wanted = fine ? "application/json" : "application/problem+json";
    json_t *json = json_loadb(response->body.data, response->body.len, 0, NULL);

    SUPPORT_MUST(json != NULL);
    /* Health is reported in the same form, whether well or not. */
    SUPPORT_MUST(strcmp(response->content_type, wanted) == 0 ||
                 (response->status == 503 && json_object_get(json, "pool") != NULL));
    return json;
}

const char *support_string(const json_t *json, const char *key)
{
    const char *value = json_string_value(json_object_get(json, key));

    SUPPORT_MUST(value != NULL);
    return value;
}

json_int_t support_integer(const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);

    SUPPORT_MUST(json_is_integer(value));
    return json_integer_value(value);
}
