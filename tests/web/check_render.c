#include "web/render.h"

#include <string.h>

#include "../support/app.h"
#include "../support/support.h"

START_TEST(an_image_alone_is_a_whole_body)
{
    struct http_response response = HTTP_RESPONSE_INIT;
    struct record record = support_record(1);
    const struct image_json_form form = {IMAGE_JSON_WHOLE, METADATA_HIDE_ALL, false};
    struct buf image = BUF_INIT;

    buf_puts(&response.body, "of before");
    render_image_alone(&response, &record, &form);
    image_json(&image, &record, &form);
    buf_puts(&image, "\n");
    ck_assert_int_eq(response.status, 200);
    ck_assert_str_eq(response.content_type, "application/json");
    ck_assert_str_eq(response.body.data, image.data);
    buf_free(&image);
    http_response_free(&response);
}
END_TEST

START_TEST(json_becomes_the_whole_body)
{
    struct http_response response = HTTP_RESPONSE_INIT;

    buf_puts(&response.body, "of before");
    render_json(&response, 201, "application/json", json_pack("{s:s}", "a", "\"\n<"));
    ck_assert_int_eq(response.status, 201);
    ck_assert_str_eq(response.content_type, "application/json");
    ck_assert_str_eq(response.body.data, "{\"a\":\"\\\"\\n<\"}\n");
    http_response_free(&response);
}
END_TEST

START_TEST(json_that_could_not_be_built_is_503_without_a_body)
{
    struct http_response response = HTTP_RESPONSE_INIT;

    buf_puts(&response.body, "of before");
    render_json(&response, 200, "application/json", NULL);
    ck_assert_int_eq(response.status, 503);
    ck_assert_ptr_null(response.content_type);
    ck_assert_uint_eq(response.body.len, 0);
    http_response_free(&response);
}
END_TEST

START_TEST(an_html_page_escapes_its_texts)
{
    static const char *const messages[] = {"<script>alert(1)</script>", "a & b",
                                           "\"quoted\" 'too'"};
    struct http_response response = HTTP_RESPONSE_INIT;
    const char *body;

    buf_puts(&response.body, "of before");
    render_page(&response, 422, "<i>title</i>", messages, 3);
    body = response.body.data;
    ck_assert_int_eq(response.status, 422);
    ck_assert_str_eq(response.content_type, "text/html; charset=utf-8");
    ck_assert_int_eq(strncmp(body, "<!doctype html>", 15), 0);
    ck_assert_ptr_nonnull(strstr(body, "<title>&lt;i&gt;title&lt;/i&gt;</title>"));
    ck_assert_ptr_nonnull(strstr(body, "<h1>&lt;i&gt;title&lt;/i&gt;</h1>"));
    ck_assert_ptr_nonnull(strstr(body, "<li>&lt;script&gt;alert(1)&lt;/script&gt;</li>"));
    ck_assert_ptr_nonnull(strstr(body, "<li>a &amp; b</li>"));
    ck_assert_ptr_nonnull(strstr(body, "<li>&quot;quoted&quot; &#39;too&#39;</li>"));
    ck_assert_ptr_nonnull(strstr(body, "<a href=\"/\">"));
    ck_assert_ptr_null(strstr(body, "<script"));
    ck_assert_ptr_null(strstr(body, "of before"));
    http_response_free(&response);
}
END_TEST

START_TEST(pages_without_messages_are_whole)
{
    struct http_response response = HTTP_RESPONSE_INIT;

    render_page(&response, 404, "Nothing", NULL, 0);
    ck_assert_ptr_null(strstr(response.body.data, "<li>"));
    ck_assert_ptr_nonnull(strstr(response.body.data, "</html>\n"));
    http_response_free(&response);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("render");
    TCase *bodies = tcase_create("bodies");

    tcase_add_test(bodies, an_image_alone_is_a_whole_body);
    tcase_add_test(bodies, json_becomes_the_whole_body);
    tcase_add_test(bodies, json_that_could_not_be_built_is_503_without_a_body);
    tcase_add_test(bodies, an_html_page_escapes_its_texts);
    tcase_add_test(bodies, pages_without_messages_are_whole);
    suite_add_tcase(suite, bodies);
    return suite;
}
