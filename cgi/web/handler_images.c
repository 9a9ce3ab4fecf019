/* /api/images and /api/images/{id}, except uploads, which are in handler_upload.c. */
#include <string.h>

#include "gallery/listing_json.h"
#include "http/http_header.h"
#include "web/access.h"
#include "web/change_json.h"
#include "web/entity_tag.h"
#include "web/handlers.h"
#include "web/listing_filter.h"
#include "web/listing_query.h"
#include "web/render.h"
#include "web/render_listing.h"

#define CHANGE_MAX_BYTES (16 * 1024)

/* The items of a listing as HTML. */
struct items {
    struct buf html;
    enum metadata_mode metadata;
};

static enum vt_error add_html(void *context, const struct record *record)
{
    struct items *items = context;

    render_listing_item(&items->html, record, items->metadata);
    return buf_ok(&items->html) ? VT_OK : VT_ERR_MEMORY;
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
    struct items items = {BUF_INIT, app->config->metadata};
    enum vt_error err = gallery_list(app->gallery, query, add_html, &items, page);

    if (err == VT_OK)
        render_listing(response, query, page, &items.html);
    if (err == VT_OK && !buf_ok(&response->body))
        err = VT_ERR_MEMORY;
    buf_free(&items.html);
    return err;
}

/* Whether the answer depends on who asks, as the query is about what is hidden from others. */
static bool is_about_hidden(const struct config *config, const struct listing_query *query)
{
    enum image_json_view view = image_json_view_of_others(config);

    return listing_filter_tells(&query->filter) > view ||
           (query->search[0] != '\0' && view < IMAGE_JSON_WITHOUT_PLACE);
}

/* Nobody may find out by a search or a filter what the answers about an image would not tell: a
 * filter is refused, and a search looks at less. */
static enum vt_error look_who_asks(struct app *app, const struct http_request *request,
                                   struct listing_query *query, bool *is_operator,
                                   struct vt_reason *why)
{
    enum image_json_view view = image_json_view_of_others(app->config);
    enum vt_error err = VT_OK;

    *is_operator = false;
    if (is_about_hidden(app->config, query))
        err = access_find_operator(app->config, app->guesses, request, is_operator, why);
    if (err == VT_OK && !*is_operator && listing_filter_tells(&query->filter) > view)
        err = vt_fail(why, VT_ERR_UNAUTHORIZED,
                      "this gallery hides what near, has or camera would tell: send the operator's"
                      " token as Authorization: Bearer TOKEN");
    query->searches_details = *is_operator || view >= IMAGE_JSON_WITHOUT_PLACE;
    return err;
}

static const char *form_of(bool html, bool is_operator)
{
    static const char *const forms[2][2] = {{"", "-operator"}, {"-html", "-html-operator"}};

    return forms[html][is_operator];
}

enum vt_error handler_images_list(struct app *app, const struct http_request *request,
                                  const struct route_parameters *parameters,
                                  struct http_response *response)
{
    bool html = http_header_accepts_html(request->accept), is_operator = false;
    struct listing_query query;
    struct listing_page page;
    enum vt_error err = listing_query_parse(request->query, &query, &response->why);

    (void)parameters;
    http_header(response, "Vary", /* for errors, too */
                err == VT_OK && is_about_hidden(app->config, &query) ? "Accept, Authorization"
                                                                     : "Accept");
    if (err == VT_OK)
        err = look_who_asks(app, request, &query, &is_operator, &response->why);
    if (err == VT_OK)
        err = entity_tag_check(app, request, form_of(html, is_operator), response, page.version);
    if (err == VT_OK && response->status != 304)
        err = html ? list_html(app, &query, response, &page)
                   : list_json(app, &query, response, &page);
    if (err == VT_ERR_BUSY && (query.search[0] != '\0' || listing_filter_is_set(&query.filter)))
        err = vt_fail(&response->why, VT_ERR_MALFORMED,
                      "the search takes too long; use fewer words, or longer ones");
    if (err != VT_OK)
        return err;
    entity_tag_send(app, page.version, form_of(html, is_operator), response);
    return VT_OK;
}

enum vt_error handler_images_get(struct app *app, const struct http_request *request,
                                 const struct route_parameters *parameters,
                                 struct http_response *response)
{
    struct image_json_form form = {image_json_view_of_others(app->config), app->config->metadata,
                                   false};
    struct record record;
    enum vt_error err = gallery_get(app->gallery, parameters->values[0], &record);

    http_header(response, "Vary", "Authorization");
    if (err == VT_OK && http_header_bearer_token(request->authorization) != NULL) {
        err = access_may_change(app->config, app->guesses, request, &record, &response->why);
        form.view = IMAGE_JSON_WHOLE;
    }
    if (err != VT_OK)
        return err;
    http_header(response, "Cache-Control", "no-cache");
    form.has_no_copy = gallery_has_no_copy(app->gallery, &record);
    render_image_alone(response, &record, &form);
    return VT_OK;
}

/* Checks the token; *record is the image. */
static enum vt_error may_change(struct app *app, const struct http_request *request, const char *id,
                                struct record *record, struct vt_reason *why)
{
    enum vt_error err = access_has_token(request, why);

    if (err == VT_OK)
        err = gallery_get(app->gallery, id, record);
    if (err == VT_OK)
        err = access_may_change(app->config, app->guesses, request, record, why);
    return err;
}

/* nginx sends the file, which is found by a place of its own: the path of an original is not open
 * to everybody, and what it answers may be kept by any cache. */
enum vt_error handler_images_original(struct app *app, const struct http_request *request,
                                      const struct route_parameters *parameters,
                                      struct http_response *response)
{
    struct record record;
    enum vt_error err = may_change(app, request, parameters->values[0], &record, &response->why);

    http_header(response, "Vary", "Authorization");
    if (err != VT_OK)
        return err;
    http_header(response, "Cache-Control", "private, no-cache");
    http_header(response, "X-Accel-Redirect", "/made/original/%.2s/%s.%s", record.id, record.id,
                image_type_extension(record.type));
    response->status = 200;
    return VT_OK;
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
    enum vt_error err = may_change(app, request, id, &record, &response->why);

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
        render_image_alone(response, &record,
                           &(struct image_json_form){IMAGE_JSON_WHOLE, app->config->metadata,
                                                     gallery_has_no_copy(app->gallery, &record)});
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
    struct record record;
    enum vt_error err = may_change(app, request, id, &record, &response->why);

    if (err == VT_OK)
        err = gallery_remove(app->gallery, id);
    if (err == VT_OK)
        response->status = 204;
    return err;
}
