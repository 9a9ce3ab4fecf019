#include "web/render_listing.h"

#include <stdio.h>

#include "http/http_query.h"
#include "web/listing_filter.h"
#include "web/render.h"

#define LISTING_URL "/api/images"
#define THUMBNAIL 320u /* pixels of the longer side; 640 for screens of twice the density */

static const char head[] =
    "<!doctype html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n"
    "<link rel=\"stylesheet\" href=\"/vitrine.css\">\n";

static const char upload_form[] =
    "<form class=\"plain-upload\" action=\"" LISTING_URL "\" method=\"post\" "
    "enctype=\"multipart/form-data\">\n"
    "<label>Add photographs <input type=\"file\" name=\"file\" multiple required "
    "accept=\"image/jpeg,image/png,image/gif,image/webp,image/avif,image/heic,"
    "image/tiff,image/jxl\">"
    "</label>\n"
    "<button>Upload</button>\n"
    "</form>\n";

/* A side of the thumbnail, by the rule of the decoder: never enlarged, never 0. */
static unsigned thumbnail_side(uint32_t side, uint32_t longer)
{
    uint64_t scaled;

    if (longer <= THUMBNAIL)
        return side;
    scaled = ((uint64_t)THUMBNAIL * side * 2 + longer) / (2 * (uint64_t)longer);
    return scaled == 0 ? 1 : (unsigned)scaled;
}

void render_listing_item(struct buf *items, const struct record *record, enum metadata_mode mode)
{
    uint32_t longer = record->width > record->height ? record->width : record->height;
    char original[IMAGE_JSON_URL_SIZE], thumbnail[IMAGE_JSON_URL_SIZE], dense[IMAGE_JSON_URL_SIZE];

    image_json_url(record, mode, original);
    image_json_thumbnail_url(record, THUMBNAIL, thumbnail);
    image_json_thumbnail_url(record, 2 * THUMBNAIL, dense);
    buf_printf(items,
               "<li><a href=\"%s\"><img src=\"%s\" srcset=\"%s 1x, %s 2x\" width=\"%u\" "
               "height=\"%u\" loading=\"lazy\" alt=\"",
               original, thumbnail, thumbnail, dense, thumbnail_side(record->width, longer),
               thumbnail_side(record->height, longer));
    buf_puts_html(items, record->name);
    buf_puts(items, "\"></a>\n<span class=\"plain-name\" dir=\"auto\">");
    buf_puts_html(items, record->name);
    buf_printf(items, "</span> <span class=\"plain-size\">%u &times; %u</span></li>\n",
               record->width, record->height);
}

/* Writes a number with a comma before each group of three digits. */
static void put_number(struct buf *body, uint64_t number)
{
    if (number >= 1000) {
        put_number(body, number / 1000);
        buf_printf(body, ",%03u", (unsigned)(number % 1000));
    } else {
        buf_printf(body, "%u", (unsigned)number);
    }
}

static void put_header(struct buf *body, const struct listing_query *query,
                       const struct listing_page *page)
{
    buf_puts(body, head);
    buf_puts(body, "<title>");
    buf_puts_html(body, query->search);
    buf_puts(body, query->search[0] != '\0' ? " - Vitrine" : "Vitrine");
    buf_puts(body, "</title>\n</head>\n<body>\n<header>\n"
                   "<h1><a href=\"" LISTING_URL "\">Vitrine</a></h1>\n<p class=\"plain-total\">");
    buf_puts(body, page->total_capped ? "more than " : "");
    put_number(body, page->total);
    buf_puts(body, page->total == 1 ? " image</p>\n" : " images</p>\n");
}

static void put_hidden(void *context, const char *name, const char *value)
{
    struct buf *body = context;

    buf_printf(body, "<input type=\"hidden\" name=\"%s\" value=\"", name);
    buf_puts_html(body, value);
    buf_puts(body, "\">\n");
}

static void put_parameter(void *context, const char *name, const char *value)
{
    http_query_put(context, name, value);
}

static void put_search_form(struct buf *body, const struct listing_query *query)
{
    buf_puts(body, "<form role=\"search\" action=\"" LISTING_URL "\" method=\"get\">\n"
                   "<label>Search <input type=\"search\" name=\"q\" autocomplete=\"off\" "
                   "maxlength=\"200\" value=\"");
    buf_puts_html(body, query->search);
    buf_puts(body, "\"></label>\n<label>Order <select name=\"sort\">\n");
    for (int i = 0; i < SORT_COUNT; i++)
        buf_printf(body, "<option value=\"%s\"%s>%s</option>\n",
                   listing_sort_name((enum listing_sort)i),
                   (enum listing_sort)i == query->sort ? " selected" : "",
                   listing_sort_label((enum listing_sort)i));
    buf_puts(body, "</select></label>\n");
    if (query->limit != LISTING_DEFAULT_LIMIT)
        buf_printf(body, "<input type=\"hidden\" name=\"limit\" value=\"%u\">\n", query->limit);
    listing_filter_each(&query->filter, put_hidden, body);
    buf_puts(body, "<button>Show</button>\n</form>\n</header>\n");
}

/* Writes the attribute with the URL of a page of the same listing: the first page, or that of a
 * cursor. */
static void put_page_url(struct buf *body, const struct listing_query *query, const char *cursor)
{
    struct buf parameters = BUF_INIT;
    char limit[16];

    http_query_put(&parameters, "sort", listing_sort_name(query->sort));
    if (query->search[0] != '\0')
        http_query_put(&parameters, "q", query->search);
    if (query->limit != LISTING_DEFAULT_LIMIT) {
        (void)snprintf(limit, sizeof limit, "%u", query->limit);
        http_query_put(&parameters, "limit", limit);
    }
    listing_filter_each(&query->filter, put_parameter, &parameters);
    if (cursor != NULL)
        http_query_put(&parameters, "cursor", cursor);
    if (!buf_ok(&parameters)) {
        buf_fail(body);
    } else {
        buf_puts(body, "href=\"" LISTING_URL "?");
        buf_puts_html(body, parameters.data);
        buf_puts(body, "\"");
    }
    buf_free(&parameters);
}

static void put_page_links(struct buf *body, const struct listing_query *query,
                           const struct listing_page *page)
{
    char cursor[LISTING_CURSOR_SIZE];

    if (!query->has_cursor && !page->more)
        return;
    buf_puts(body, "<nav class=\"plain-pages\" aria-label=\"Pages\">\n");
    if (query->has_cursor) {
        buf_puts(body, "<a ");
        put_page_url(body, query, NULL);
        buf_puts(body, ">First page</a>\n");
    }
    if (page->more) {
        listing_cursor_write(query->sort, &page->last, cursor);
        buf_puts(body, "<a rel=\"next\" ");
        put_page_url(body, query, cursor);
        buf_puts(body, ">Next page</a>\n");
    }
    buf_puts(body, "</nav>\n");
}

/* A page may be empty although the listing is not: the rows after a cursor can be removed. */
static const char *nothing_here(const struct listing_query *query, const struct listing_page *page)
{
    if (page->total > 0)
        return "No more images.";
    return query->search[0] != '\0' || listing_filter_is_set(&query->filter) ? "No image matches."
                                                                             : "No images yet.";
}

void render_listing(struct http_response *response, const struct listing_query *query,
                    const struct listing_page *page, const struct buf *items)
{
    struct buf *body = &response->body;

    put_header(body, query, page);
    put_search_form(body, query);
    buf_puts(body, "<main>\n");
    buf_puts(body, upload_form);
    if (items->len > 0) {
        buf_puts(body, "<ul class=\"plain-list\" aria-label=\"Images\">\n");
        buf_append(body, items->data, items->len);
        buf_puts(body, "</ul>\n");
    } else {
        buf_printf(body, "<p class=\"plain-empty\">%s</p>\n", nothing_here(query, page));
    }
    put_page_links(body, query, page);
    buf_puts(body, "</main>\n</body>\n</html>\n");
    response->status = 200;
    response->content_type = "text/html; charset=utf-8";
}
