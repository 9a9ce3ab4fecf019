#include "web/listing_query.h"
#include "web/render_listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../support/support.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))
#define ID "0123456789abcdef0123456789abcdef"

static struct http_response response;
static struct listing_query query;
static struct listing_page page;
static struct record record;
static struct buf items;

static void start(void)
{
    response = HTTP_RESPONSE_INIT;
    items = BUF_INIT;
    ck_assert_int_eq(listing_query_parse("", &query, NULL), VT_OK);
    page = (struct listing_page){.total = 1};
    record = support_record(1);
    (void)snprintf(record.id, sizeof record.id, ID);
}

static void stop(void)
{
    http_response_free(&response);
    buf_free(&items);
}

static void ask(const char *text)
{
    ck_assert_int_eq(listing_query_parse(text, &query, NULL), VT_OK);
}

/* The page of what the items hold. */
static const char *render(void)
{
    http_response_clear(&response);
    page.last = record;
    render_listing(&response, &query, &page, &items);
    ck_assert(buf_ok(&response.body));
    ck_assert_int_eq(response.status, 200);
    ck_assert_str_eq(response.content_type, "text/html; charset=utf-8");
    return response.body.data;
}

static unsigned count(const char *text, const char *part)
{
    unsigned found = 0;

    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        found++;
    return found;
}

static void check_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "%s\nis not in:\n%s", part, text);
}

static void check_has_not(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "%s\nis in:\n%s", part, text);
}

/* ---- the document ---- */

START_TEST(the_page_is_a_whole_document)
{
    const char *body = render();

    ck_assert_int_eq(strncmp(body, "<!doctype html>\n<html lang=\"en\">\n", 33), 0);
    check_has(body, "<meta charset=\"utf-8\">");
    check_has(body, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    check_has(body, "<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">");
    check_has(body, "<link rel=\"stylesheet\" href=\"/vitrine.css\">");
    check_has(body, "<title>Vitrine</title>");
    check_has(body, "<h1><a href=\"/api/images\">Vitrine</a></h1>");
    check_has(body, "</main>\n</body>\n</html>\n");
}
END_TEST

/* What the site's Content-Security-Policy would block. */
START_TEST(the_page_has_no_inline_script_or_style)
{
    static const char *const inlines[] = {"<script", "<style", " style=", " on", "javascript:"};
    const char *body;

    render_listing_item(&items, &record, METADATA_SHOW);
    ask("limit=1&sort=new&cursor=new.5&q=a");
    page.more = true;
    body = render();
    for (int i = 0; i < COUNT(inlines); i++)
        check_has_not(body, inlines[i]);
}
END_TEST

START_TEST(the_page_has_a_form_for_uploads)
{
    const char *body = render(), *form = strstr(body, "<form class=\"plain-upload\"");

    ck_assert_ptr_nonnull(form);
    check_has(form, "action=\"/api/images\" method=\"post\" enctype=\"multipart/form-data\">");
    check_has(form, "<input type=\"file\" name=\"file\" multiple required accept=\"");
    for (int i = 0; i < IMAGE_TYPE_COUNT; i++)
        check_has(form, image_type_media((enum image_type)i));
}
END_TEST

static const struct {
    uint64_t total;
    bool capped;
    const char *text;
} totals[] = {
    {0, false, ">0 images<"},
    {1, false, ">1 image<"},
    {2, false, ">2 images<"},
    {181, false, ">181 images<"},
    {999, false, ">999 images<"},
    {1000, false, ">1,000 images<"},
    {20034, false, ">20,034 images<"},
    {1000000, false, ">1,000,000 images<"},
    {UINT64_MAX, false, ">18,446,744,073,709,551,615 images<"},
    {LISTING_SEARCH_DEPTH, false, ">10,000 images<"},
    {LISTING_SEARCH_DEPTH, true, ">more than 10,000 images<"},
};

START_TEST(the_total_is_told_in_words)
{
    page.total = totals[_i].total;
    page.total_capped = totals[_i].capped;
    check_has(render(), totals[_i].text);
}
END_TEST

START_TEST(links_and_forms_keep_the_filters)
{
    const char *body;

    ask("tag=a%26%22b&taken=..2024-05&near=1,-2,3&limit=7&sort=new&cursor=new.5");
    page.more = true;
    body = render();
    check_has(body, "limit=7&amp;taken=..2024-05&amp;tag=a%26%22b&amp;near=1%2C-2%2C3&amp;cursor=");
    check_has(body, "<input type=\"hidden\" name=\"tag\" value=\"a&amp;&quot;b\">");
    check_has(body, "<input type=\"hidden\" name=\"taken\" value=\"..2024-05\">");
}
END_TEST

static const struct {
    const char *query;
    uint64_t total;
    const char *text;
} nothings[] = {
    {"", 0, "No images yet."},
    {"sort=new&cursor=new.5", 0, "No images yet."},
    {"q=cat", 0, "No image matches."},
    {"tag=cat", 0, "No image matches."},
    {"q=cat&sort=new&cursor=new.5", 0, "No image matches."},
    {"sort=new&cursor=new.5", 7, "No more images."},
    {"q=cat&sort=new&cursor=new.5", 7, "No more images."},
};

START_TEST(where_nothing_is_that_is_said)
{
    const char *body;

    ask(nothings[_i].query);
    page.total = nothings[_i].total;
    body = render();
    check_has(body, nothings[_i].text);
    ck_assert_uint_eq(count(body, ">No "), 1);
    check_has_not(body, "<ul");
    render_listing_item(&items, &record, METADATA_SHOW);
    body = render();
    check_has_not(body, ">No ");
    check_has(body, "<ul");
}
END_TEST

/* ---- images ---- */

static const struct {
    uint32_t width, height;
    const char *thumbnail, *size;
} sizes[] = {
    {640, 480, " width=\"320\" height=\"240\" ", ">640 &times; 480<"},
    {480, 640, " width=\"240\" height=\"320\" ", ">480 &times; 640<"},
    {320, 320, " width=\"320\" height=\"320\" ", ">320 &times; 320<"},
    {321, 320, " width=\"320\" height=\"319\" ", ">321 &times; 320<"},
    {64, 48, " width=\"64\" height=\"48\" ", ">64 &times; 48<"},
    {1, 1, " width=\"1\" height=\"1\" ", ">1 &times; 1<"},
    {60000, 10, " width=\"320\" height=\"1\" ", ">60000 &times; 10<"},
    {1, 4294967295, " width=\"1\" height=\"320\" ", ">1 &times; 4294967295<"},
    {4294967295, 4294967295, " width=\"320\" height=\"320\" ", ">4294967295 &times; 4294967295<"},
};

START_TEST(an_image_has_its_thumbnails_proportions)
{
    record.width = sizes[_i].width;
    record.height = sizes[_i].height;
    render_listing_item(&items, &record, METADATA_SHOW);
    check_has(items.data, sizes[_i].thumbnail);
    check_has(items.data, sizes[_i].size);
}
END_TEST

START_TEST(an_image_leads_to_its_original)
{
    const char *extension = _i == 1 ? "webp" : "jpg";
    char thumbs[300];

    record.alpha = _i == 1;
    render_listing_item(&items, &record, METADATA_SHOW);
    (void)snprintf(thumbs, sizeof thumbs,
                   "<img src=\"/thumbs/320/01/" ID ".%s\" srcset=\"/thumbs/320/01/" ID
                   ".%s 1x, /thumbs/640/01/" ID ".%s 2x\" ",
                   extension, extension, extension);
    ck_assert_int_eq(strncmp(items.data, "<li><a href=\"/uploads/01/" ID ".png\"><img ", 68), 0);
    check_has(items.data, thumbs);
    check_has(items.data, " loading=\"lazy\" ");
}
END_TEST

static const struct {
    const char *text, *html;
} escapes[] = {
    {"plain.jpg", "plain.jpg"},
    {"<img src=x onerror=alert(1)>.jpg", "&lt;img src=x onerror=alert(1)&gt;.jpg"},
    {"\"quotes' & co", "&quot;quotes&#39; &amp; co"},
    {"\" onload=alert(1) x=\"", "&quot; onload=alert(1) x=&quot;"},
    {"</span></title><script>alert(1)</script>",
     "&lt;/span&gt;&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;"},
    {"&lt;b&gt;", "&amp;lt;b&amp;gt;"},
    {"%s%n%%", "%s%n%%"},
    {"Z\xc3\xbcrich \xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x97\xbb.png",
     "Z\xc3\xbcrich \xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x97\xbb.png"},
};

START_TEST(names_are_escaped_wherever_they_stand)
{
    char alt[600], text[600];

    (void)snprintf(record.name, sizeof record.name, "%s", escapes[_i].text);
    (void)snprintf(alt, sizeof alt, " alt=\"%s\">", escapes[_i].html);
    (void)snprintf(text, sizeof text, ">%s</span>", escapes[_i].html);
    render_listing_item(&items, &record, METADATA_SHOW);
    check_has(items.data, alt);
    check_has(items.data, text);
    ck_assert_uint_eq(count(items.data, escapes[_i].html), 2);
    /* Five tags with their ends, and no other. */
    ck_assert_uint_eq(count(items.data, "<"), 9);
    ck_assert_uint_eq(count(items.data, ">"), 9);
    ck_assert_uint_eq(count(items.data, "\""), 20);
}
END_TEST

/* ---- search, order, pages ---- */

START_TEST(searches_are_escaped_wherever_they_stand)
{
    char title[700], value[700];
    const char *body;

    (void)snprintf(query.search, sizeof query.search, "%s", escapes[_i].text);
    (void)snprintf(title, sizeof title, "<title>%s - Vitrine</title>", escapes[_i].html);
    (void)snprintf(value, sizeof value,
                   " name=\"q\" autocomplete=\"off\" maxlength=\"200\" value=\"%s\">",
                   escapes[_i].html);
    body = render();
    check_has(body, title);
    check_has(body, value);
    ck_assert_uint_eq(count(body, escapes[_i].html), 2);
}
END_TEST

START_TEST(the_form_shows_the_order_as_it_is)
{
    char sort[40], option[80];
    const char *body, *form;

    (void)snprintf(sort, sizeof sort, "sort=%s", listing_sort_name((enum listing_sort)_i));
    (void)snprintf(option, sizeof option, "<option value=\"%s\" selected>",
                   listing_sort_name((enum listing_sort)_i));
    ask(sort);
    body = render();
    form = strstr(body, "<form role=\"search\" action=\"/api/images\" method=\"get\">");
    ck_assert_ptr_nonnull(form);
    check_has(form, option);
    ck_assert_uint_eq(count(body, " selected"), 1);
    ck_assert_uint_eq(count(body, "<option "), SORT_COUNT);
    check_has_not(body, "name=\"limit\"");
}
END_TEST

START_TEST(the_form_keeps_a_limit)
{
    ask("limit=7");
    check_has(render(), "<input type=\"hidden\" name=\"limit\" value=\"7\">");
}
END_TEST

static const struct {
    const char *query;
    bool more;
    const char *first, *next; /* the links' URLs; NULL where there is none */
} links[] = {
    {"", false, NULL, NULL},
    {"limit=7&q=a&sort=old", false, NULL, NULL},
    {"", true, NULL, "?sort=taken&amp;cursor=taken.42.5"},
    {"sort=new&cursor=new.50", false, "?sort=new", NULL},
    {"sort=new&cursor=new.50", true, "?sort=new", "?sort=new&amp;cursor=new.42"},
    {"sort=old&cursor=old.1&limit=200", true, "?sort=old&amp;limit=200",
     "?sort=old&amp;limit=200&amp;cursor=old.42"},
    {"sort=size&limit=50", true, NULL, "?sort=size&amp;cursor=size.42.1000"},
    {"sort=name&limit=1", true, NULL, "?sort=name&amp;limit=1&amp;cursor=name.42.22263c"},
    {"sort=new&cursor=new.50&q=a%26b+%22%25%3C%2B%27%23%3F%2F", true,
     "?sort=new&amp;q=a%26b%20%22%25%3C%2B%27%23%3F%2F",
     "?sort=new&amp;q=a%26b%20%22%25%3C%2B%27%23%3F%2F&amp;cursor=new.42"},
    {"sort=new&q=Z%C3%BCrich-._~", true, NULL, "?sort=new&amp;q=Z%C3%BCrich-._~&amp;cursor=new.42"},
};

START_TEST(links_lead_to_the_first_and_the_next_page)
{
    char first[300], next[300];
    const char *body;

    (void)snprintf(record.name, sizeof record.name, "\"&<");
    record.sequence = 42;
    record.bytes = 1000;
    record.created = 5;
    ask(links[_i].query);
    page.more = links[_i].more;
    (void)snprintf(first, sizeof first, "<a href=\"/api/images%s\">First page</a>",
                   links[_i].first);
    (void)snprintf(next, sizeof next, "<a rel=\"next\" href=\"/api/images%s\">Next page</a>",
                   links[_i].next);
    body = render();
    ck_assert_uint_eq(count(body, "First page"), links[_i].first != NULL);
    ck_assert_uint_eq(count(body, "Next page"), links[_i].next != NULL);
    ck_assert_uint_eq(count(body, "<nav"), links[_i].first != NULL || links[_i].next != NULL);
    if (links[_i].first != NULL)
        check_has(body, first);
    if (links[_i].next != NULL)
        check_has(body, next);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("render_listing");
    TCase *document = tcase_create("document"), *images = tcase_create("images");
    TCase *pages = tcase_create("pages");

    tcase_add_test(document, the_page_is_a_whole_document);
    tcase_add_test(document, the_page_has_no_inline_script_or_style);
    tcase_add_test(document, the_page_has_a_form_for_uploads);
    tcase_add_loop_test(document, the_total_is_told_in_words, 0, COUNT(totals));
    tcase_add_test(document, links_and_forms_keep_the_filters);
    tcase_add_loop_test(document, where_nothing_is_that_is_said, 0, COUNT(nothings));
    tcase_add_loop_test(images, an_image_has_its_thumbnails_proportions, 0, COUNT(sizes));
    tcase_add_loop_test(images, an_image_leads_to_its_original, 0, 2);
    tcase_add_loop_test(images, names_are_escaped_wherever_they_stand, 0, COUNT(escapes));
    tcase_add_loop_test(pages, searches_are_escaped_wherever_they_stand, 0, COUNT(escapes));
    tcase_add_loop_test(pages, the_form_shows_the_order_as_it_is, 0, SORT_COUNT);
    tcase_add_test(pages, the_form_keeps_a_limit);
    tcase_add_loop_test(pages, links_lead_to_the_first_and_the_next_page, 0, COUNT(links));
    for (TCase *const *at = (TCase *const[]){document, images, pages, NULL}; *at != NULL; at++) {
        tcase_add_checked_fixture(*at, start, stop);
        suite_add_tcase(suite, *at);
    }
    return suite;
}
