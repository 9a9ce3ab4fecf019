#include "gallery/listing_json.h"

#include "gallery/image_json.h"

struct listing {
    struct buf *body;
    struct image_json_form form;
    bool any;
};

static enum vt_error add_image(void *context, const struct record *record)
{
    struct listing *listing = context;

    if (listing->any)
        buf_puts(listing->body, ",");
    image_json(listing->body, record, &listing->form);
    listing->any = true;
    return buf_ok(listing->body) ? VT_OK : VT_ERR_MEMORY;
}

enum vt_error listing_json(struct gallery *gallery, const struct listing_query *query,
                           struct buf *body, struct listing_page *page)
{
    struct listing listing = {
        body, {IMAGE_JSON_TIME, gallery_config(gallery)->metadata, false}, false};
    char cursor[LISTING_CURSOR_SIZE];
    enum vt_error err;

    buf_puts(body, "{\"images\":[");
    err = gallery_list(gallery, query, add_image, &listing, page);
    if (err != VT_OK)
        return err;
    buf_puts(body, "],\"next\":");
    if (page->more) {
        /* A cursor's characters need no escape in JSON either. */
        listing_cursor_write(query->sort, &page->last, cursor);
        buf_printf(body, "\"%s\"", cursor);
    } else {
        buf_puts(body, "null");
    }
    buf_printf(body, ",\"total\":%llu%s}\n", (unsigned long long)page->total,
               page->total_capped ? ",\"total_capped\":true" : "");
    return buf_ok(body) ? VT_OK : VT_ERR_MEMORY;
}

enum vt_error listing_json_first(struct gallery *gallery, struct buf *body)
{
    const struct listing_query query = LISTING_QUERY_INIT;
    struct listing_page page;

    return listing_json(gallery, &query, body, &page);
}

bool listing_json_is_first(const struct listing_query *query)
{
    return query->sort == LISTING_DEFAULT_SORT && query->limit == LISTING_DEFAULT_LIMIT &&
           query->search[0] == '\0' && !listing_filter_is_set(&query->filter) && !query->has_cursor;
}
