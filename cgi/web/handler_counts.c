/* What there is to find, with counts: for a date rail. */
#include <string.h>

#include "web/entity_tag.h"
#include "web/handlers.h"
#include "web/render.h"

static enum vt_error add_month(void *context, const char *month, uint64_t images)
{
    struct buf *months = context;

    buf_printf(months, "%s{\"month\":\"%s\",\"count\":%llu}", months->len > 0 ? "," : "", month,
               (unsigned long long)images);
    return buf_ok(months) ? VT_OK : VT_ERR_MEMORY;
}

static enum vt_error write_timeline(struct app *app, struct http_response *response,
                                    char version[VERSION_SIZE])
{
    struct buf months = BUF_INIT;
    struct totals totals;
    enum vt_error err = gallery_months(app->gallery, add_month, &months, &totals);

    if (err == VT_OK) {
        memcpy(version, totals.version, VERSION_SIZE);
        buf_printf(&response->body, "{\"count\":%llu,\"months\":[",
                   (unsigned long long)totals.images);
        buf_append(&response->body, months.data, months.len);
        buf_puts(&response->body, "]}\n");
        render_body(response, 200, "application/json");
    }
    buf_free(&months);
    return err;
}

enum vt_error handler_counts_timeline(struct app *app, const struct http_request *request,
                                      const struct route_parameters *parameters,
                                      struct http_response *response)
{
    char version[VERSION_SIZE];
    enum vt_error err = entity_tag_check(app, request, "", response, version);

    (void)parameters;
    if (err == VT_OK && response->status != 304)
        err = write_timeline(app, response, version);
    if (err == VT_OK)
        entity_tag_send(version, "", response);
    return err;
}
