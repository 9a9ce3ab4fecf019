#include "http/http.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../support/support.h"

/* ---- methods ---- */

static const struct {
    const char *name;
    enum http_method method;
} methods[] = {
    {"GET", HTTP_GET},       {"HEAD", HTTP_HEAD}, {"POST", HTTP_POST},     {"PATCH", HTTP_PATCH},
    {"DELETE", HTTP_DELETE}, {"PUT", HTTP_OTHER}, {"OPTIONS", HTTP_OTHER}, {"get", HTTP_OTHER},
    {"Get", HTTP_OTHER},     {"GE", HTTP_OTHER},  {"GETS", HTTP_OTHER},    {" GET", HTTP_OTHER},
    {"OTHER", HTTP_OTHER},   {"", HTTP_OTHER},
};

START_TEST(method_is_found_by_its_exact_name)
{
    enum http_method method = http_method_from_name(methods[_i].name);

    ck_assert_int_eq(method, methods[_i].method);
    if (method == HTTP_OTHER)
        ck_assert_str_eq(http_method_name(method), "OTHER");
    else
        ck_assert_str_eq(http_method_name(method), methods[_i].name);
}
END_TEST

/* ---- headers ---- */

START_TEST(each_header_is_a_whole_line)
{
    struct http_response response = HTTP_RESPONSE_INIT;

    http_header(&response, "Location", "/api/images/%s", "abc");
    http_header(&response, "X-Count", "%d", 7);
    http_header(&response, "X-Empty", "%s", "");
    ck_assert_str_eq(response.headers.data,
                     "Location: /api/images/abc\r\nX-Count: 7\r\nX-Empty: \r\n");
    http_response_free(&response);
}
END_TEST

START_TEST(no_value_starts_a_line_of_its_own)
{
    struct http_response response = HTTP_RESPONSE_INIT;

    for (int c = 1; c < 256; c++) {
        char want[32];

        http_response_clear(&response);
        http_header(&response, "X", "a%cSet-Cookie: b", c);
        (void)snprintf(want, sizeof want, "X: a%cSet-Cookie: b\r\n", c < 32 || c == 127 ? ' ' : c);
        ck_assert_str_eq(response.headers.data, want);
    }
    http_response_clear(&response);
    http_header(&response, "X", "%s", "a\r\nb: c\r\n\r\nbody");
    ck_assert_str_eq(response.headers.data, "X: a  b: c    body\r\n");
    http_response_free(&response);
}
END_TEST

START_TEST(long_header_stays_one_line)
{
    struct http_response response = HTTP_RESPONSE_INIT;
    char value[5000];

    memset(value, 'v', sizeof value);
    value[sizeof value - 1] = '\0';
    http_header(&response, "X", "%s", value);
    http_header(&response, "Y", "z");
    ck_assert_ptr_eq(strstr(response.headers.data, "\r\n"),
                     response.headers.data + response.headers.len - strlen("\r\nY: z\r\n"));
    http_response_free(&response);
}
END_TEST

START_TEST(clearing_a_response_resets_all_of_it)
{
    struct http_response response = HTTP_RESPONSE_INIT;

    response.status = 404;
    response.content_type = "text/plain";
    http_header(&response, "X", "y");
    buf_puts(&response.body, "body");
    ck_assert_int_eq(vt_fail(&response.why, VT_ERR_NOT_FOUND, "gone"), VT_ERR_NOT_FOUND);
    http_response_clear(&response);
    ck_assert_int_eq(response.status, 0);
    ck_assert_ptr_null(response.content_type);
    ck_assert_uint_eq(response.headers.len, 0);
    ck_assert_uint_eq(response.body.len, 0);
    ck_assert_str_eq(response.why.text, "");
    http_response_free(&response);
    ck_assert_ptr_null(response.headers.data);
    ck_assert_ptr_null(response.body.data);
    http_response_free(&response);
}
END_TEST

/* ---- bodies ---- */

#define BODY_SIZE 10000

/* Reads a body of BODY_SIZE bytes, each another than its neighbour. */
static enum vt_error read_body(size_t piece, size_t max, struct buf *body, struct vt_reason *why)
{
    static char bytes[BODY_SIZE];
    struct support_request support;

    for (size_t i = 0; i < BODY_SIZE; i++)
        bytes[i] = (char)(i * 31 % 251);
    support_request(&support, HTTP_POST, "/", bytes, BODY_SIZE);
    support.piece = piece;
    *body = BUF_INIT;
    why->text[0] = '\0';
    return http_read_body(&support.request, max, body, why);
}

static const size_t pieces[] = {1, 100, 4095, 4096, 4097, BODY_SIZE};

START_TEST(body_is_read_in_whatever_pieces_it_comes)
{
    struct buf body;
    struct vt_reason why;

    ck_assert_int_eq(read_body(pieces[_i], SIZE_MAX, &body, &why), VT_OK);
    ck_assert_uint_eq(body.len, BODY_SIZE);
    for (size_t i = 0; i < BODY_SIZE; i++)
        if (body.data[i] != (char)(i * 31 % 251))
            ck_abort_msg("byte %zu is another", i);
    buf_free(&body);
}
END_TEST

START_TEST(body_may_fill_its_limit_and_no_more)
{
    struct buf body;
    struct vt_reason why;

    ck_assert_int_eq(read_body(pieces[_i], BODY_SIZE, &body, &why), VT_OK);
    ck_assert_uint_eq(body.len, BODY_SIZE);
    buf_free(&body);
    ck_assert_int_eq(read_body(pieces[_i], BODY_SIZE - 1, &body, &why), VT_ERR_TOO_LARGE);
    ck_assert_str_eq(why.text, "the body is larger than 9.8 kB");
    ck_assert_uint_le(body.len, BODY_SIZE - 1);
    buf_free(&body);
    ck_assert_int_eq(read_body(pieces[_i], 0, &body, &why), VT_ERR_TOO_LARGE);
    buf_free(&body);
}
END_TEST

START_TEST(empty_body_is_within_every_limit)
{
    struct support_request support;
    struct buf body = BUF_INIT;
    struct vt_reason why;

    support_request(&support, HTTP_POST, "/", "", 0);
    ck_assert_int_eq(http_read_body(&support.request, 0, &body, &why), VT_OK);
    ck_assert_uint_eq(body.len, 0);
    buf_free(&body);
}
END_TEST

/* A body that fails behind its first piece. */
static enum vt_error read_and_fail(void *source, void *data, size_t size, size_t *got,
                                   struct vt_reason *why)
{
    unsigned *calls = source;

    ck_assert_uint_ge(size, 4);
    if ((*calls)++ > 0)
        return vt_fail(why, VT_ERR_MALFORMED, "the body ends early");
    memcpy(data, "some", 4);
    *got = 4;
    return VT_OK;
}

START_TEST(failure_of_a_read_is_passed_on)
{
    unsigned calls = 0;
    struct http_request request = {.read_body = read_and_fail, .body_source = &calls};
    struct buf body = BUF_INIT;
    struct vt_reason why = {""};

    ck_assert_int_eq(http_read_body(&request, 100, &body, &why), VT_ERR_MALFORMED);
    ck_assert_str_eq(why.text, "the body ends early");
    ck_assert_uint_eq(calls, 2);
    buf_free(&body);
}
END_TEST

Suite *make_suite(void)
{
    const int count = (int)(sizeof pieces / sizeof pieces[0]);
    Suite *suite = suite_create("http");
    TCase *head = tcase_create("head"), *body = tcase_create("body");

    tcase_add_loop_test(head, method_is_found_by_its_exact_name, 0,
                        (int)(sizeof methods / sizeof methods[0]));
    tcase_add_test(head, each_header_is_a_whole_line);
    tcase_add_test(head, no_value_starts_a_line_of_its_own);
    tcase_add_test(head, long_header_stays_one_line);
    tcase_add_test(head, clearing_a_response_resets_all_of_it);
    suite_add_tcase(suite, head);
    tcase_add_loop_test(body, body_is_read_in_whatever_pieces_it_comes, 0, count);
    tcase_add_loop_test(body, body_may_fill_its_limit_and_no_more, 0, count);
    tcase_add_test(body, empty_body_is_within_every_limit);
    tcase_add_test(body, failure_of_a_read_is_passed_on);
    suite_add_tcase(suite, body);
    return suite;
}
