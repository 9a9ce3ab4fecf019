#include "web/problem.h"

#include "../support/app.h"
#include "../support/support.h"

static const struct {
    enum vt_error err;
    int status;
    const char *type;
} problems[] = {
    {VT_ERR_MALFORMED, 400, "urn:vitrine:problem:bad-request"},
    {VT_ERR_UNAUTHORIZED, 401, "urn:vitrine:problem:token-needed"},
    {VT_ERR_FORBIDDEN, 403, "urn:vitrine:problem:wrong-token"},
    {VT_ERR_NOT_FOUND, 404, "urn:vitrine:problem:not-found"},
    {VT_ERR_METHOD, 405, "urn:vitrine:problem:method-not-allowed"},
    {VT_ERR_TOO_LARGE, 413, "urn:vitrine:problem:too-large"},
    {VT_ERR_UNSUPPORTED, 415, "urn:vitrine:problem:unsupported-type"},
    {VT_ERR_MISDIRECTED, 421, "urn:vitrine:problem:misdirected"},
    {VT_ERR_INVALID_IMAGE, 422, "urn:vitrine:problem:invalid-image"},
    {VT_ERR_IMAGE_LIMIT, 422, "urn:vitrine:problem:image-limit"},
    {VT_ERR_NO_SPACE, 507, "urn:vitrine:problem:no-space"},
    {VT_ERR_QUOTA, 507, "urn:vitrine:problem:insufficient-storage"},
    {VT_ERR_TOO_MANY, 429, "urn:vitrine:problem:too-many"},
    {VT_ERR_BUSY, 503, "urn:vitrine:problem:busy"},
    {VT_ERR_UNAVAILABLE, 503, "urn:vitrine:problem:unavailable"},
    {VT_ERR_IO, 503, "urn:vitrine:problem:input-output"},
    {VT_ERR_DAMAGED, 503, "urn:vitrine:problem:damaged"},
    {VT_ERR_STOPPED, 503, "urn:vitrine:problem:stopped"},
    {VT_ERR_MEMORY, 503, "urn:vitrine:problem:out-of-memory"},
    {VT_ERR_INTERNAL, 500, "urn:vitrine:problem:internal"},
};

#define PROBLEMS (sizeof problems / sizeof problems[0])

_Static_assert(PROBLEMS == VT_ERROR_COUNT - 1, "every error but VT_OK is here");

START_TEST(every_error_has_its_status_and_its_type)
{
    const struct vt_reason why = {"what \"went\" wrong"};
    json_t *json = problem_json(problems[_i].err, &why);

    ck_assert_int_eq(problem_status(problems[_i].err), problems[_i].status);
    ck_assert_str_eq(support_string(json, "type"), problems[_i].type);
    ck_assert_int_eq(support_integer(json, "status"), problems[_i].status);
    ck_assert_str_ne(support_string(json, "title"), "");
    ck_assert_str_eq(support_string(json, "title"), problem_title(problems[_i].err));
    ck_assert_str_eq(support_string(json, "detail"), "what \"went\" wrong");
    ck_assert_uint_eq(json_object_size(json), 4);
    json_decref(json);
}
END_TEST

START_TEST(no_two_errors_share_a_type)
{
    for (size_t i = 0; i < PROBLEMS; i++)
        for (size_t j = 0; j < i; j++) {
            ck_assert_str_ne(problems[i].type, problems[j].type);
            ck_assert_int_ne(problems[i].err, problems[j].err);
        }
}
END_TEST

START_TEST(without_a_reason_there_is_no_detail)
{
    const struct vt_reason empty = {""};
    json_t *json = problem_json(VT_ERR_NOT_FOUND, &empty);

    ck_assert_ptr_null(json_object_get(json, "detail"));
    json_decref(json);
    json = problem_json(VT_ERR_NOT_FOUND, NULL);
    ck_assert_ptr_null(json_object_get(json, "detail"));
    json_decref(json);
}
END_TEST

START_TEST(an_unknown_error_is_answered_as_an_internal_one)
{
    static const int invalid[] = {VT_OK, VT_ERROR_COUNT, 1000, -1};

    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        json_t *json = problem_json((enum vt_error)invalid[i], NULL);

        ck_assert_int_eq(problem_status((enum vt_error)invalid[i]), 500);
        ck_assert_str_eq(support_string(json, "type"), "urn:vitrine:problem:internal");
        json_decref(json);
    }
}
END_TEST

START_TEST(a_response_has_the_headers_of_its_status)
{
    struct http_response response = HTTP_RESPONSE_INIT;
    int status = problems[_i].status;
    json_t *json;

    http_header(&response, "X-Before", "kept");
    buf_puts(&response.body, "half of an answer");
    problem_respond(&response, problems[_i].err, &(struct vt_reason){"why"});
    ck_assert_int_eq(response.status, status);
    json = support_json(&response); /* of application/problem+json, and nothing before it */
    ck_assert_str_eq(support_string(json, "detail"), "why");
    ck_assert(support_has_header(&response, "X-Before: kept"));
    ck_assert_int_eq(support_has_header(&response, "WWW-Authenticate: Bearer realm=\"vitrine\""),
                     status == 401);
    ck_assert_int_eq(support_has_header(&response, "Retry-After: 5"),
                     status == 429 || status == 503);
    json_decref(json);
    http_response_free(&response);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("problem");
    TCase *all = tcase_create("problems");

    tcase_add_loop_test(all, every_error_has_its_status_and_its_type, 0, (int)PROBLEMS);
    tcase_add_test(all, no_two_errors_share_a_type);
    tcase_add_test(all, without_a_reason_there_is_no_detail);
    tcase_add_test(all, an_unknown_error_is_answered_as_an_internal_one);
    tcase_add_loop_test(all, a_response_has_the_headers_of_its_status, 0, (int)PROBLEMS);
    suite_add_tcase(suite, all);
    return suite;
}
