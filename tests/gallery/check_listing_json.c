#include "gallery/listing_json.h"
#include "web/listing_query.h"

#include <string.h>

#include "../support/app.h"
#include "../support/support.h"

static struct support_app app;

static void start(void)
{
    support_app_open(&app, POOL_API);
}

static void stop(void)
{
    support_app_close(&app);
}

static void add(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct picture picture = {.coder = "GIF", .width = 8, .height = 8, .seed = i};
        struct added added;

        support_add_picture(app.app.gallery, &picture, "x.gif", &added);
    }
}

/* The published page must be what a worker answers, byte for byte. */
START_TEST(the_first_page_is_what_a_worker_answers)
{
    struct http_response response = HTTP_RESPONSE_INIT;
    struct support_request request;
    struct buf page = BUF_INIT;

    add(_i == 0 ? 0 : 51);
    support_request(&request, HTTP_GET, "/api/images", NULL, 0);
    ck_assert_int_eq(support_answer(&app, &request, &response), 200);
    ck_assert_int_eq(listing_json_first(app.app.gallery, &page), VT_OK);
    ck_assert_str_eq(page.data, response.body.data);
    if (_i == 0)
        ck_assert_str_eq(page.data, "{\"images\":[],\"next\":null,\"total\":0}\n");
    else {
        ck_assert_ptr_nonnull(strstr(page.data, "],\"next\":\"taken.2."));
        ck_assert_ptr_nonnull(strstr(page.data, "\",\"total\":51}\n"));
    }
    buf_free(&page);
    http_response_free(&response);
}
END_TEST

START_TEST(a_page_tells_the_version_that_it_is_of)
{
    struct listing_query query;
    struct listing_page page;
    struct totals totals;
    struct buf body = BUF_INIT;

    add(1);
    ck_assert_int_eq(listing_query_parse("q=x&sort=name", &query, NULL), VT_OK);
    ck_assert_int_eq(listing_json(app.app.gallery, &query, &body, &page), VT_OK);
    ck_assert_int_eq(gallery_totals(app.app.gallery, &totals), VT_OK);
    ck_assert_str_eq(page.version, totals.version);
    ck_assert_uint_eq(totals.changes, 1);
    buf_free(&body);
}
END_TEST

static const struct {
    const char *query;
    bool first;
} queries[] = {
    {"", true},          {"sort=taken", true}, {"limit=50", true}, {"q=", true},
    {"sort=old", false}, {"sort=new", false},  {"q=a", false},     {"limit=49", false},
};

START_TEST(only_one_query_is_the_first_page)
{
    struct listing_query query;

    ck_assert_int_eq(listing_query_parse(queries[_i].query, &query, NULL), VT_OK);
    ck_assert(listing_json_is_first(&query) == queries[_i].first);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("listing_json");
    TCase *pages = tcase_create("pages");

    tcase_add_checked_fixture(pages, start, stop);
    tcase_set_timeout(pages, 60);
    tcase_add_loop_test(pages, the_first_page_is_what_a_worker_answers, 0, 2);
    tcase_add_test(pages, a_page_tells_the_version_that_it_is_of);
    tcase_add_loop_test(pages, only_one_query_is_the_first_page, 0,
                        (int)(sizeof queries / sizeof queries[0]));
    suite_add_tcase(suite, pages);
    return suite;
}
