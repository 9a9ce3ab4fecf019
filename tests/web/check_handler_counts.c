#include <stdio.h>
#include <string.h>

#include "../support/app.h"
#include "../support/support.h"

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

static int get_if_none_match(const char *path, const char *etag)
{
    struct support_request request;

    support_request(&request, HTTP_GET, path, "", 0);
    request.request.if_none_match = etag;
    return support_answer(&app, &request, &response);
}

static void add(unsigned seed, const char *name)
{
    struct added added;

    support_add_picture(app.app.gallery, &(struct picture){.coder = "PNG", .seed = seed}, name,
                        &added);
}

/* The response's ETag, with its quotes. */
static const char *etag(void)
{
    static char value[64];
    const char *line = strstr(response.headers.data, "ETag: ");

    ck_assert_ptr_nonnull(line);
    ck_assert_int_eq(sscanf(line, "ETag: %63[^\r]", value), 1);
    return value;
}

START_TEST(timeline_counts_the_images_of_each_month)
{
    ck_assert_int_eq(get_if_none_match("/api/timeline", ""), 200);
    ck_assert_str_eq(response.body.data, "{\"count\":0,\"months\":[]}\n");
    add(1, "IMG_20240131_101112.png");
    add(2, "IMG_20240512_101112.png");
    add(3, "IMG_20240513_101112.png");
    ck_assert_int_eq(get_if_none_match("/api/timeline", ""), 200);
    ck_assert_str_eq(response.body.data,
                     "{\"count\":3,\"months\":[{\"month\":\"2024-05\",\"count\":2},"
                     "{\"month\":\"2024-01\",\"count\":1}]}\n");
    ck_assert(support_has_header(&response, "Cache-Control: no-cache"));
    json_decref(support_json(&response));
}
END_TEST

START_TEST(a_timeline_that_the_client_has_is_not_sent_again)
{
    char known[100];

    add(1, "IMG_20240131_101112.png");
    ck_assert_int_eq(get_if_none_match("/api/timeline", ""), 200);
    (void)snprintf(known, sizeof known, "%s", etag());
    ck_assert_int_eq(get_if_none_match("/api/timeline", known), 304);
    ck_assert_str_eq(etag(), known);
    ck_assert_uint_eq(response.body.len, 0);
    add(2, "IMG_20240131_101113.png");
    ck_assert_int_eq(get_if_none_match("/api/timeline", known), 200);
    ck_assert_str_ne(etag(), known);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("handler_counts");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, start, stop);
    tcase_add_test(all, timeline_counts_the_images_of_each_month);
    tcase_add_test(all, a_timeline_that_the_client_has_is_not_sent_again);
    suite_add_tcase(suite, all);
    return suite;
}
