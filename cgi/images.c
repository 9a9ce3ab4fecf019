/* /api/images and /api/images/{id}, but for uploads, which are in images_add.c. */
#include <string.h>

#include "access.h"
#include "handlers.h"
#include "http_header.h"
#include "render.h"
#include "render_listing.h"

#define CHANGE_MAX_BYTES (16 * 1024)

struct listing {
    struct buf *body;
    bool any;
};

static enum vt_error add_json(void *context, const struct record *record)
{
    struct listing *listing = context;
    json_t *json = render_image(record);

    if (json == NULL)
        return VT_ERR_MEMORY;
    buf_puts(listing->body, listing->any ? "," : "");
    render_append(listing->body, json);
    json_decref(json);
    listing->any = true;
    return buf_ok(listing->body) ? VT_OK : VT_ERR_MEMORY;
}

static enum vt_error add_html(void *context, const struct record *record)
{
    struct buf *items = context;

    render_listing_item(items, record);
    return buf_ok(items) ? VT_OK : VT_ERR_MEMORY;
}

/* With next, total, and whether the total is only how far a search looked. */
static enum vt_error list_json(struct app *app, const struct listing_query *query,
                               struct http_response *response)
{
    struct buf *body = &response->body;
    struct listing listing = {body, false};
    char cursor[LISTING_CURSOR_SIZE];
    struct listing_page page;
    enum vt_error err;

    buf_puts(body, "{\"images\":[");
    err = gallery_list(app->gallery, query, add_json, &listing, &page);
    if (err != VT_OK)
        return err;
    buf_puts(body, "],\"next\":");
    if (page.more) {
        /* A cursor's characters need no escape in JSON either. */
        listing_cursor_write(query->sort, &page.last, cursor);
        buf_printf(body, "\"%s\"", cursor);
    } else {
        buf_puts(body, "null");
    }
    buf_printf(body, ",\"total\":%llu%s}\n", (unsigned long long)page.total,
               page.total_capped ? ",\"total_capped\":true" : "");
    response->status = 200;
    response->content_type = "application/json";
    return buf_ok(body) ? VT_OK : VT_ERR_MEMORY;
}

/* The total stands above the images and is known after them: they have a buffer of their own. */
static enum vt_error list_html(struct app *app, const struct listing_query *query,
                               struct http_response *response)
{
    struct buf items = BUF_INIT;
    struct listing_page page;
    enum vt_error err = gallery_list(app->gallery, query, add_html, &items, &page);

    if (err == VT_OK)
        render_listing(response, query, &page, &items);
    if (err == VT_OK && !buf_ok(&response->body))
        err = VT_ERR_MEMORY;
    buf_free(&items);
    return err;
}

enum vt_error images_list(struct app *app, const struct http_request *request,
                          const struct route_parameters *parameters, struct http_response *response)
{
    bool html = http_accepts_html(request->accept);
    struct listing_query query;
    struct totals totals;
    char etag[48];
    enum vt_error err = listing_parse(request->query, &query, &response->why);

    (void)parameters;
    http_header(response, "Vary", "Accept"); /* of errors too */
    if (err == VT_OK)
        err = gallery_totals(app->gallery, &totals);
    if (err != VT_OK)
        return err;
    /* Read before the rows: the tag may be older than the page it names, never newer. */
    (void)snprintf(etag, sizeof etag, "\"%s%s\"", totals.version, html ? "-html" : "");
    http_header(response, "ETag", "%s", etag);
    http_header(response, "Cache-Control", "no-cache");
    if (http_etag_matches(request->if_none_match, etag)) {
        response->status = 304;
        return VT_OK;
    }
    return html ? list_html(app, &query, response) : list_json(app, &query, response);
}

enum vt_error images_get(struct app *app, const struct http_request *request,
                         const struct route_parameters *parameters, struct http_response *response)
{
    struct record record;
    enum vt_error err = gallery_get(app->gallery, parameters->values[0], &record);

    (void)request;
    if (err != VT_OK)
        return err;
    http_header(response, "Cache-Control", "no-cache");
    render_json(response, 200, "application/json", render_image(&record));
    return VT_OK;
}

/* Reads a change out of its JSON. The strings are the JSON's; tags has room for TAG_MAX_COUNT + 1,
 * so that the gallery sees when there are too many. */
static enum vt_error read_change(json_t *json, struct change *change, const char **tags,
                                 struct vt_reason *why)
{
    const char *key;
    json_t *value, *tag;
    size_t i;

    *change = (struct change){NULL, NULL, 0};
    if (!json_is_object(json))
        return vt_fail(why, VT_ERR_MALFORMED, "the body is not a JSON object");
    json_object_foreach(json, key, value)
    {
        if (strcmp(key, "name") == 0 && json_is_string(value)) {
            change->name = json_string_value(value);
        } else if (strcmp(key, "tags") == 0 && json_is_array(value)) {
            change->tags = tags;
            json_array_foreach(value, i, tag)
            {
                if (!json_is_string(tag))
                    return vt_fail(why, VT_ERR_MALFORMED, "a tag is not a string");
                if (i <= TAG_MAX_COUNT)
                    tags[change->tag_count++] = json_string_value(tag);
            }
        } else {
            return vt_fail(why, VT_ERR_MALFORMED,
                           "a change has name, a string, and tags, an array, and nothing else");
        }
    }
    if (change->name == NULL && change->tags == NULL)
        return vt_fail(why, VT_ERR_MALFORMED, "the change has neither name nor tags");
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
        err = access_may_change(app->config, request, &record, why);
    return err;
}

enum vt_error images_change(struct app *app, const struct http_request *request,
                            const struct route_parameters *parameters,
                            struct http_response *response)
{
    const char *id = parameters->values[0], *tags[TAG_MAX_COUNT + 1];
    struct buf body = BUF_INIT;
    json_t *json = NULL;
    struct change change;
    struct record record;
    enum vt_error err = may_change(app, request, id, &response->why);

    if (err == VT_OK && !http_media_type_is(request->content_type, "application/json") &&
        !http_media_type_is(request->content_type, "application/merge-patch+json"))
        err = vt_fail(&response->why, VT_ERR_UNSUPPORTED, "a change is sent as application/json");
    if (err == VT_OK)
        err = http_read_body(request, CHANGE_MAX_BYTES, &body, &response->why);
    if (err != VT_OK)
        goto out;
    json = json_loadb(body.data, body.len, JSON_REJECT_DUPLICATES, NULL);
    err = read_change(json, &change, tags, &response->why);
    if (err == VT_OK)
        err = gallery_change(app->gallery, id, &change, &record, &response->why);
    if (err == VT_OK)
        render_json(response, 200, "application/json", render_image(&record));
out:
    json_decref(json);
    buf_free(&body);
    return err;
}

enum vt_error images_remove(struct app *app, const struct http_request *request,
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
