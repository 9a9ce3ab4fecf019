/* For operators and their tools: counts, health, metrics. */
#include "web/access.h"
#include "web/handlers.h"
#include "web/render.h"

enum vt_error handler_operations_stats(struct app *app, const struct http_request *request,
                                       const struct route_parameters *parameters,
                                       struct http_response *response)
{
    uint64_t quota = app->config->quota;
    struct totals totals;
    enum vt_error err = gallery_totals(app->gallery, &totals);

    (void)request;
    (void)parameters;
    if (err != VT_OK)
        return err;
    http_header(response, "Cache-Control", "no-cache");
    render_json(response, 200, "application/json",
                json_pack("{s:I, s:I, s:I, s:o}", "images", (json_int_t)totals.images, "bytes",
                          (json_int_t)totals.bytes, "thumbnail_bytes", (json_int_t)totals.derived,
                          "quota", quota != 0 ? json_integer((json_int_t)quota) : json_null()));
    return VT_OK;
}

enum vt_error handler_operations_session(struct app *app, const struct http_request *request,
                                         const struct route_parameters *parameters,
                                         struct http_response *response)
{
    bool is_operator;
    enum vt_error err =
        access_find_operator(app->config, app->guesses, request, &is_operator, &response->why);

    (void)parameters;
    if (err != VT_OK)
        return err;
    http_header(response, "Cache-Control", "no-store");
    render_json(response, 200, "application/json",
                json_pack("{s:b, s:b}", "operator", is_operator, "upload",
                          is_operator || app->config->token[0] == '\0'));
    return VT_OK;
}

/* The pool is alive if it answers at all. */
enum vt_error handler_operations_health(struct app *app, const struct http_request *request,
                                        const struct route_parameters *parameters,
                                        struct http_response *response)
{
    struct health health;
    bool well;

    (void)request;
    (void)parameters;
    gallery_check(app->gallery, &health);
    well = health.catalogue == VT_OK && health.disk == VT_OK;
    http_header(response, "Cache-Control", "no-store");
    render_json(response, well ? 200 : 503, "application/json",
                json_pack("{s:s, s:s, s:s, s:s, s:I, s:s*}", "status", well ? "ok" : "failing",
                          "pool", config_pool_name(app->config->pool), "catalogue",
                          vt_strerror(health.catalogue), "disk", vt_strerror(health.disk),
                          "free_bytes", (json_int_t)health.free_bytes, "notice",
                          health.notice.text[0] != '\0' ? health.notice.text : NULL));
    return VT_OK;
}

enum vt_error handler_operations_metrics(struct app *app, const struct http_request *request,
                                         const struct route_parameters *parameters,
                                         struct http_response *response)
{
    struct totals totals;
    struct health health;
    struct buf *body = &response->body;
    enum vt_error err = gallery_totals(app->gallery, &totals);

    (void)request;
    (void)parameters;
    gallery_check(app->gallery, &health);
    if (err == VT_OK)
        buf_printf(
            body,
            "# HELP vitrine_images Images in the store.\n# TYPE vitrine_images gauge\n"
            "vitrine_images %llu\n"
            "# HELP vitrine_image_bytes Bytes of all originals.\n"
            "# TYPE vitrine_image_bytes gauge\nvitrine_image_bytes %llu\n"
            "# HELP vitrine_thumbnail_bytes Bytes of all thumbnails, WebP variants and copies.\n"
            "# TYPE vitrine_thumbnail_bytes gauge\nvitrine_thumbnail_bytes %llu\n",
            (unsigned long long)totals.images, (unsigned long long)totals.bytes,
            (unsigned long long)totals.derived);
    if (app->config->quota != 0)
        buf_printf(body,
                   "# HELP vitrine_quota_bytes Bytes that originals and thumbnails may have.\n"
                   "# TYPE vitrine_quota_bytes gauge\nvitrine_quota_bytes %llu\n",
                   (unsigned long long)app->config->quota);
    buf_printf(body,
               "# HELP vitrine_free_bytes Bytes left on the store's disk.\n"
               "# TYPE vitrine_free_bytes gauge\nvitrine_free_bytes %llu\n"
               "# HELP vitrine_reserve_bytes Bytes of the disk that uploads leave free.\n"
               "# TYPE vitrine_reserve_bytes gauge\nvitrine_reserve_bytes %llu\n"
               "# HELP vitrine_up Whether the part of the store works.\n# TYPE vitrine_up gauge\n"
               "vitrine_up{part=\"catalogue\"} %d\nvitrine_up{part=\"disk\"} %d\n",
               (unsigned long long)health.free_bytes, (unsigned long long)health.reserve,
               health.catalogue == VT_OK, health.disk == VT_OK);
    metrics_write(app->metrics, body);
    if (!buf_ok(body))
        return VT_ERR_MEMORY;
    http_header(response, "Cache-Control", "no-store");
    response->status = 200;
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    return VT_OK;
}
