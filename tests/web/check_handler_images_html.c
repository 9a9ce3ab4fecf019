/* The listing for visitors without JavaScript: GET /api/images from a browser. */
#include <stdio.h>
#include <string.h>

#include "../support/app.h"
#include "../support/support.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))
#define BROWSER "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

static struct support_app app;
static struct http_response response;

static void start(void)
{
    support_app_open(&app, POOL_API);
    response = HTTP_RESPONSE_INIT;
}

static void stop(void)
{
    support_app_close(&app);
    http_response_free(&response);
}

static struct added add(unsigned seed, const char *name)
{
    struct added added;

    support_add_picture(app.app.gallery, &(struct picture){.coder = "PNG", .seed = seed}, name,
                        &added);
    return added;
}

static int ask(enum http_method method, const char *query, const char *accept,
               const char *if_none_match)
{
    struct support_request request;

    support_request(&request, method, "/api/images", "", 0);
    request.request.query = query;
    request.request.accept = accept;
    request.request.if_none_match = if_none_match;
    return support_answer(&app, &request, &response);
}

/* The page of a query, as a browser gets it. */
static const char *browse(const char *query)
{
    ck_assert_int_eq(ask(HTTP_GET, query, BROWSER, ""), 200);
    ck_assert_str_eq(response.content_type, "text/html; charset=utf-8");
    return response.body.data;
}

static void check_has(const char *part)
{
    ck_assert_msg(strstr(response.body.data, part) != NULL, "%s\nis not in:\n%s", part,
                  response.body.data);
}

static unsigned count(const char *part)
{
    unsigned found = 0;

    for (const char *at = response.body.data; (at = strstr(at, part)) != NULL; at += strlen(part))
        found++;
    return found;
}

/* The value of the attribute that follows a text of the page, its character references read as a
 * browser reads them; false where the text is not there. */
static bool attribute(const char *before, char *out, size_t size)
{
    static const char *const references[][2] = {
        {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}};
    const char *at = strstr(response.body.data, before);
    size_t len = 0;

    if (at == NULL)
        return false;
    for (at += strlen(before); *at != '"'; len++) {
        char c = *at;
        size_t used = 1;

        for (int i = 0; i < COUNT(references); i++)
            if (strncmp(at, references[i][0], strlen(references[i][0])) == 0) {
                c = references[i][1][0];
                used = strlen(references[i][0]);
            }
        ck_assert(*at != '\0' && len + 1 < size);
        ck_assert(c != '&' || used > 1);
        out[len] = c;
        at += used;
    }
    out[len] = '\0';
    return true;
}

/* The query of the link to the next page; false on the last one. */
static bool next_query(char *out, size_t size)
{
    return attribute("<a rel=\"next\" href=\"/api/images?", out, size);
}

static void etag(char out[64])
{
    const char *line = strstr(response.headers.data, "ETag: ");

    ck_assert_ptr_nonnull(line);
    ck_assert_int_eq(sscanf(line, "ETag: %63[^\r]", out), 1);
}

static const struct {
    const char *accept;
    bool html;
} accepts[] = {
    {BROWSER, true},
    {"text/html", true},
    {"application/json;q=0.5, TEXT/HTML;q=0.1", true},
    {"", false},
    {"*/*", false},
    {"text/*", false},
    {"application/json", false},
    {"application/json, text/plain, */*", false},
    {"text/html;q=0, */*", false},
};

START_TEST(html_is_for_who_asks_for_it)
{
    add(1, "a.png");
    ck_assert_int_eq(ask(HTTP_GET, "", accepts[_i].accept, ""), 200);
    ck_assert(support_has_header(&response, "Vary: Accept"));
    ck_assert(support_has_header(&response, "Cache-Control: no-cache"));
    if (accepts[_i].html)
        ck_assert_str_eq(response.content_type, "text/html; charset=utf-8");
    else
        json_decref(support_json(&response));
    ck_assert_int_eq(ask(HTTP_HEAD, "", accepts[_i].accept, ""), 200);
    ck_assert_int_eq(strncmp(response.content_type, "text/html", 9) == 0, accepts[_i].html);
}
END_TEST

START_TEST(each_form_has_a_tag_of_its_own)
{
    static const char *const forms[] = {BROWSER, "*/*"};
    char tags[2][64], before[64], known[140];

    add(1, "a.png");
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(ask(HTTP_GET, "", forms[i], ""), 200);
        etag(tags[i]);
    }
    ck_assert_str_ne(tags[0], tags[1]);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(known, sizeof known, "W/%s", tags[i]);
        ck_assert_int_eq(ask(HTTP_GET, "", forms[i], tags[i]), 304);
        ck_assert_uint_eq(response.body.len, 0);
        ck_assert(support_has_header(&response, "Vary: Accept"));
        ck_assert(support_has_header(&response, "Cache-Control: no-cache"));
        ck_assert_int_eq(ask(HTTP_HEAD, "", forms[i], known), 304);
        ck_assert_int_eq(ask(HTTP_GET, "", forms[1 - i], tags[i]), 200);
    }
    memcpy(before, tags[0], sizeof before);
    add(2, "b.png");
    ck_assert_int_eq(ask(HTTP_GET, "", BROWSER, before), 200);
    check_has("b.png");
}
END_TEST

START_TEST(a_page_shows_the_images)
{
    struct added first = add(1, "<img src=x onerror=alert(1)>.jpg"), second;
    char link[120];

    second = add(2, "\"quotes' & co");
    browse("");
    check_has(">2 images<");
    check_has(" alt=\"&lt;img src=x onerror=alert(1)&gt;.jpg\">");
    check_has(">&lt;img src=x onerror=alert(1)&gt;.jpg</span>");
    check_has(" alt=\"&quot;quotes&#39; &amp; co\">");
    check_has(">&quot;quotes&#39; &amp; co</span>");
    check_has(" width=\"64\" height=\"48\" ");
    ck_assert_uint_eq(count("<img "), 2);
    (void)snprintf(link, sizeof link,
                   "<a href=\"/copies/hide-place/%.2s/%s.png\"><img src=\"/thumbs/320/",
                   first.record.id, first.record.id);
    check_has(link);
    ck_assert_ptr_null(strstr(response.body.data, first.token));
    ck_assert_ptr_null(strstr(response.body.data, second.token));
}
END_TEST

START_TEST(a_page_without_images_says_so)
{
    browse("");
    check_has("No images yet.");
    check_has(">0 images<");
    add(1, "a.png");
    browse("q=nothing");
    check_has("No image matches.");
    check_has(">0 images<");
    browse("sort=new&cursor=new.1");
    check_has("No more images.");
    check_has(">1 image<");
    check_has("<a href=\"/api/images?sort=new\">First page</a>");
}
END_TEST

#define SEARCH "100% &=\"+ \xc3\xa9<'"

/* Names and a search that have to survive in URLs and attributes. */
START_TEST(links_visit_each_image_once)
{
    static const char *const searches[] = {"", "&q=100%25+%26%3D%22%2b+%C3%A9%3C'"};
    const char *sort = listing_sort_name((enum listing_sort)(_i % SORT_COUNT));
    const char *search = searches[_i / SORT_COUNT];
    struct added images[5];
    unsigned seen[5] = {0}, pages = 0;
    char query[1500], value[300];
    bool more;

    for (unsigned i = 0; i < 5; i++)
        images[i] = add(i + 1, SEARCH ".png");
    add(6, "another.png");
    (void)snprintf(query, sizeof query, "limit=2&sort=%s%s", sort, search);
    do {
        browse(query);
        check_has(*search != '\0' ? ">5 images<" : ">6 images<");
        ck_assert(attribute("maxlength=\"200\" value=\"", value, sizeof value));
        ck_assert_str_eq(value, *search != '\0' ? SEARCH : "");
        for (int i = 0; i < 5; i++) {
            char link[100];

            (void)snprintf(link, sizeof link, "<a href=\"/copies/hide-place/%.2s/%s.png\">",
                           images[i].record.id, images[i].record.id);
            seen[i] += count(link);
        }
        ck_assert_uint_eq(count("First page"), pages > 0);
        more = next_query(query, sizeof query);
    } while (more && ++pages < 10);
    ck_assert_uint_eq(pages, 2);
    for (int i = 0; i < 5; i++)
        ck_assert_uint_eq(seen[i], 1);
}
END_TEST

START_TEST(the_query_of_the_search_form_is_understood)
{
    add(1, "a.png");
    browse("q=&sort=name");
    check_has(">1 image<");
    browse("q=A&sort=size&limit=3");
    check_has(">1 image<");
    check_has("<option value=\"size\" selected>");
}
END_TEST

static const struct {
    const char *query, *reason;
} bad_queries[] = {
    {"limit=0", "<li>limit must be a whole number from 1 to 200</li>"},
    {"sort=best", "<li>sort must be one of taken, taken-old, new, old, name, size</li>"},
    {"cursor=%3Cb%3E", "<li>the cursor is not one of this listing&#39;s</li>"},
    {"q=%zz", "<li>the query has a bad percent escape</li>"},
    {"%3Cscript%3E=1", "<li>a listing takes limit, sort, q, cursor, taken, camera, type, tag, near "
                       "and has, and nothing else</li>"},
};

START_TEST(a_query_that_is_not_understood_is_told_on_a_page)
{
    ck_assert_int_eq(ask(HTTP_GET, bad_queries[_i].query, BROWSER, "*"), 400);
    ck_assert_str_eq(response.content_type, "text/html; charset=utf-8");
    ck_assert(support_has_header(&response, "Vary: Accept"));
    check_has("<h1>The images cannot be listed</h1>");
    check_has(bad_queries[_i].reason);
    ck_assert_int_eq(ask(HTTP_GET, bad_queries[_i].query, "*/*", ""), 400);
    ck_assert(support_has_header(&response, "Vary: Accept"));
    json_decref(support_json(&response));
}
END_TEST

START_TEST(a_store_that_is_away_is_told_on_a_page)
{
    struct support_app away;
    struct support_request request;

    support_app_open(&away, POOL_API);
    (void)snprintf(away.config.data, sizeof away.config.data, "%s/nowhere", support_folder());
    support_request(&request, HTTP_GET, "/api/images", "", 0);
    request.request.accept = BROWSER;
    ck_assert_int_eq(support_answer(&away, &request, &response), 503);
    ck_assert(support_has_header(&response, "Retry-After: 5"));
    check_has("<li>The store cannot be used at the moment</li>");
    ck_assert_ptr_null(strstr(response.body.data, support_folder()));
    support_app_close(&away);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("images_html");
    TCase *pages = tcase_create("pages"), *errors = tcase_create("errors");

    tcase_add_loop_test(pages, html_is_for_who_asks_for_it, 0, COUNT(accepts));
    tcase_add_test(pages, each_form_has_a_tag_of_its_own);
    tcase_add_test(pages, a_page_shows_the_images);
    tcase_add_test(pages, a_page_without_images_says_so);
    tcase_add_loop_test(pages, links_visit_each_image_once, 0, 2 * SORT_COUNT);
    tcase_add_test(pages, the_query_of_the_search_form_is_understood);
    tcase_add_loop_test(errors, a_query_that_is_not_understood_is_told_on_a_page, 0,
                        COUNT(bad_queries));
    tcase_add_test(errors, a_store_that_is_away_is_told_on_a_page);
    for (TCase *const *at = (TCase *const[]){pages, errors, NULL}; *at != NULL; at++) {
        tcase_add_checked_fixture(*at, start, stop);
        tcase_set_timeout(*at, 60);
        suite_add_tcase(suite, *at);
    }
    return suite;
}
