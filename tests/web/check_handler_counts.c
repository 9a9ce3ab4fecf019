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

static void tag(unsigned seed, const char *const *tags, size_t count)
{
    const struct change change = {.tags = tags, .tag_count = count};
    struct added added;
    struct record record;

    support_add_picture(app.app.gallery, &(struct picture){.coder = "PNG", .seed = seed}, "x",
                        &added);
    ck_assert_int_eq(gallery_change(app.app.gallery, added.record.id, &change, &record, NULL),
                     VT_OK);
}

static int get_tags(const char *query)
{
    struct support_request request;

    support_request(&request, HTTP_GET, "/api/tags", "", 0);
    request.request.query = query;
    return support_answer(&app, &request, &response);
}

START_TEST(tags_are_listed_with_their_counts)
{
    static const char *const tags[] = {"sea", "\"\xc3\xa9\"", "shore"};
    char known[64];

    ck_assert_int_eq(get_tags(""), 200);
    ck_assert_str_eq(response.body.data, "{\"tags\":[]}\n");
    tag(1, tags, 3);
    tag(2, tags + 2, 1);
    ck_assert_int_eq(get_tags(""), 200);
    ck_assert_str_eq(response.body.data,
                     "{\"tags\":[{\"tag\":\"shore\",\"count\":2},{\"tag\":\"\\\"\xc3\xa9\\\"\","
                     "\"count\":1},{\"tag\":\"sea\",\"count\":1}]}\n");
    ck_assert_int_eq(get_tags("limit=1"), 200);
    ck_assert_str_eq(response.body.data, "{\"tags\":[{\"tag\":\"shore\",\"count\":2}]}\n");
    ck_assert_int_eq(get_tags("q=SE&limit=200"), 200);
    ck_assert_str_eq(response.body.data, "{\"tags\":[{\"tag\":\"sea\",\"count\":1}]}\n");
    (void)snprintf(known, sizeof known, "%s", etag());
    ck_assert_int_eq(get_if_none_match("/api/tags", known), 304);
}
END_TEST

static const char *const refused[] = {"limit=0",   "limit=201", "q=a&q=b", "limit=1&limit=1",
                                      "sort=name", "q=%00",     "=",       "cursor=x"};

START_TEST(an_invalid_question_for_tags_is_refused)
{
    ck_assert_int_eq(get_tags(refused[_i]), 400);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("handler_counts");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, start, stop);
    tcase_add_test(all, timeline_counts_the_images_of_each_month);
    tcase_add_test(all, a_timeline_that_the_client_has_is_not_sent_again);
    tcase_add_test(all, tags_are_listed_with_their_counts);
    tcase_add_loop_test(all, an_invalid_question_for_tags_is_refused, 0,
                        sizeof refused / sizeof refused[0]);
    suite_add_tcase(suite, all);
    return suite;
}
