/* What there is to find, with counts: for a date rail, and for completing tags. */
#include <string.h>

#include "http/http_query.h"
#include "web/entity_tag.h"
#include "web/handlers.h"
#include "web/listing_query.h"
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
        entity_tag_send(app, version, "", response);
    return err;
}

struct tags_query {
    char prefix[TAG_SIZE];
    unsigned limit;
};

static enum vt_error parse_tags_query(const char *query_string, struct tags_query *query,
                                      struct vt_reason *why)
{
    struct http_parameter_pair pair;
    bool found, has_prefix = false, has_limit = false;
    enum vt_error err;

    *query = (struct tags_query){.limit = LISTING_DEFAULT_LIMIT};
    while ((err = http_query_next(&query_string, &pair, &found, why)) == VT_OK && found) {
        bool is_prefix = strcmp(pair.name, "q") == 0, is_limit = strcmp(pair.name, "limit") == 0;

        if ((!is_prefix && !is_limit) || (is_prefix && has_prefix) || (is_limit && has_limit))
            return vt_fail(why, VT_ERR_MALFORMED, "tags are listed by q and limit, each once");
        has_prefix |= is_prefix;
        has_limit |= is_limit;
        if (is_prefix)
            text_clean(pair.value, strlen(pair.value), query->prefix, sizeof query->prefix);
        else
            err = listing_query_limit(pair.value, &query->limit, why);
        if (err != VT_OK)
            return err;
    }
    return err;
}

static enum vt_error add_tag(void *context, const char *tag, uint64_t images)
{
    struct buf *body = context;
    json_t *json = json_pack("{s:s, s:I}", "tag", tag, "count", (json_int_t)images);

    buf_puts(body, body->data[body->len - 1] == '[' ? "" : ",");
    if (json != NULL)
        image_json_append(body, json);
    else
        buf_fail(body);
    json_decref(json);
    return buf_ok(body) ? VT_OK : VT_ERR_MEMORY;
}

static enum vt_error write_tags(struct app *app, const struct tags_query *query,
                                struct http_response *response, char version[VERSION_SIZE])
{
    struct totals totals;
    enum vt_error err;

    buf_puts(&response->body, "{\"tags\":[");
    if (!buf_ok(&response->body))
        return VT_ERR_MEMORY;
    err =
        gallery_tags(app->gallery, query->prefix, query->limit, add_tag, &response->body, &totals);
    if (err != VT_OK)
        return err;
    memcpy(version, totals.version, VERSION_SIZE);
    buf_puts(&response->body, "]}\n");
    render_body(response, 200, "application/json");
    return VT_OK;
}

enum vt_error handler_counts_tags(struct app *app, const struct http_request *request,
                                  const struct route_parameters *parameters,
                                  struct http_response *response)
{
    struct tags_query query;
    char version[VERSION_SIZE];
    enum vt_error err = parse_tags_query(request->query, &query, &response->why);

    (void)parameters;
    if (err == VT_OK)
        err = entity_tag_check(app, request, "", response, version);
    if (err == VT_OK && response->status != 304)
        err = write_tags(app, &query, response, version);
    if (err == VT_OK)
        entity_tag_send(app, version, "", response);
    return err;
}
