/* /api/images and /api/images/{id}, except uploads, which are in handler_upload.c. */
#include <string.h>

#include "gallery/listing_json.h"
#include "http/http_header.h"
#include "web/access.h"
#include "web/change_json.h"
#include "web/entity_tag.h"
#include "web/handlers.h"
#include "web/listing_query.h"
#include "web/render.h"
#include "web/render_listing.h"

#define CHANGE_MAX_BYTES (16 * 1024)

static enum vt_error add_html(void *context, const struct record *record)
{
    struct buf *items = context;

    render_listing_item(items, record);
    return buf_ok(items) ? VT_OK : VT_ERR_MEMORY;
}

/* The first page repairs itself: a request that finds no file of it writes the file. */
static enum vt_error list_json(struct app *app, const struct listing_query *query,
                               struct http_response *response, struct listing_page *page)
{
    if (listing_json_is_first(query))
        gallery_publish(app->gallery);
    response->status = 200;
    response->content_type = "application/json";
    return listing_json(app->gallery, query, &response->body, page);
}

/* The total comes before the images on the page but is known only after them, so the images have a
 * buffer of their own. */
static enum vt_error list_html(struct app *app, const struct listing_query *query,
                               struct http_response *response, struct listing_page *page)
{
    struct buf items = BUF_INIT;
    enum vt_error err = gallery_list(app->gallery, query, add_html, &items, page);

    if (err == VT_OK)
        render_listing(response, query, page, &items);
    if (err == VT_OK && !buf_ok(&response->body))
        err = VT_ERR_MEMORY;
    buf_free(&items);
    return err;
}

enum vt_error handler_images_list(struct app *app, const struct http_request *request,
                                  const struct route_parameters *parameters,
                                  struct http_response *response)
{
    bool html = http_header_accepts_html(request->accept);
    struct listing_query query;
    struct listing_page page;
    const char *form = html ? "-html" : "";
    enum vt_error err = listing_query_parse(request->query, &query, &response->why);

    (void)parameters;
    http_header(response, "Vary", "Accept"); /* for errors, too */
    if (err == VT_OK)
        err = entity_tag_check(app, request, form, response, page.version);
    if (err == VT_OK && response->status != 304)
        err = html ? list_html(app, &query, response, &page)
                   : list_json(app, &query, response, &page);
    if (err == VT_ERR_BUSY && query.search[0] != '\0')
        err = vt_fail(&response->why, VT_ERR_MALFORMED,
                      "the search takes too long; use fewer words, or longer ones");
    if (err != VT_OK)
        return err;
    entity_tag_send(page.version, form, response);
    return VT_OK;
}

enum vt_error handler_images_get(struct app *app, const struct http_request *request,
                                 const struct route_parameters *parameters,
                                 struct http_response *response)
{
    enum image_json_view view = image_json_view_of_others(app->config);
    struct record record;
    enum vt_error err = gallery_get(app->gallery, parameters->values[0], &record);

    http_header(response, "Vary", "Authorization");
    if (err == VT_OK && http_header_bearer_token(request->authorization) != NULL) {
        err = access_may_change(app->config, app->guesses, request, &record, &response->why);
        view = IMAGE_JSON_WHOLE;
    }
    if (err != VT_OK)
        return err;
    http_header(response, "Cache-Control", "no-cache");
    render_image_alone(response, &record, view);
    return VT_OK;
}

static enum vt_error may_change(struct app *app, const struct http_request *request, const char *id,
                                struct vt_reason *why)
{
    struct record record;
    enum vt_error err = access_has_token(request, why);

    if (err == VT_OK)
        err = gallery_get(app->gallery, id, &record);
    if (err == VT_OK)
        err = access_may_change(app->config, app->guesses, request, &record, why);
    return err;
}

enum vt_error handler_images_change(struct app *app, const struct http_request *request,
                                    const struct route_parameters *parameters,
                                    struct http_response *response)
{
    const char *id = parameters->values[0], *tags[CHANGE_JSON_TAGS];
    struct buf body = BUF_INIT;
    json_t *json = NULL;
    struct change change;
    struct record record;
    enum vt_error err = may_change(app, request, id, &response->why);

    if (err == VT_OK && !http_header_is_media_type(request->content_type, "application/json") &&
        !http_header_is_media_type(request->content_type, "application/merge-patch+json"))
        err = vt_fail(&response->why, VT_ERR_UNSUPPORTED, "a change is sent as application/json");
    if (err == VT_OK)
        err = http_read_body(request, CHANGE_MAX_BYTES, &body, &response->why);
    if (err != VT_OK)
        goto out;
    json = json_loadb(body.data, body.len, JSON_REJECT_DUPLICATES, NULL);
    err = change_json_read(json, &change, tags, &response->why);
    if (err == VT_OK)
        err = gallery_change(app->gallery, id, &change, &record, &response->why);
    if (err == VT_OK)
        render_image_alone(response, &record, IMAGE_JSON_WHOLE);
out:
    json_decref(json);
    buf_free(&body);
    return err;
}

enum vt_error handler_images_remove(struct app *app, const struct http_request *request,
                                    const struct route_parameters *parameters,
                                    struct http_response *response)
{
    const char *id = parameters->values[0];
    enum vt_error err = may_change(app, request, id, &response->why);

    if (err == VT_OK)
        err = gallery_remove(app->gallery, id);
    if (err == VT_OK)
        response->status = 204;
    return err;
}
