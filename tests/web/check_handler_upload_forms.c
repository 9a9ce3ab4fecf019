/* Uploads as requests: who may send one, and invalid forms. */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../support/app.h"
#include "../support/support.h"

#define TYPE "multipart/form-data; boundary=BOUND"
#define HEAD "--BOUND\r\nContent-Disposition: form-data; name=\"file\""
#define PNG_HEAD HEAD "; filename=\"a.png\"\r\n\r\n"

static struct support_app app;
static struct http_response response;
static struct buf png, form;

static void start(void)
{
    support_app_open(&app, POOL_IMAGE);
    response = HTTP_RESPONSE_INIT;
    form = BUF_INIT;
    support_picture(&(struct picture){.coder = "PNG"}, &png);
}

static void stop(void)
{
    support_app_close(&app);
    http_response_free(&response);
    buf_free(&png);
    buf_free(&form);
}

static void check_images(uint64_t images)
{
    struct totals totals;

    ck_assert_int_eq(gallery_totals(app.app.gallery, &totals), VT_OK);
    ck_assert_uint_eq(totals.images, images);
    ck_assert_uint_eq(support_count_files(support_path(support_folder(), "uploads")), images);
    ck_assert_uint_eq(support_count_files(support_path(support_folder(), "tmp")), 0);
}

static int post(const char *type, const char *authorization, const void *body, size_t len)
{
    struct support_request request;

    support_request(&request, HTTP_POST, "/api/images", body, len);
    request.request.content_type = type;
    request.request.authorization = authorization;
    return support_answer(&app, &request, &response);
}

/* A form of one good picture, and then what the test is about. */
static int post_form(const char *type, const char *rest)
{
    buf_puts(&form, PNG_HEAD);
    buf_append(&form, png.data, png.len);
    buf_puts(&form, rest);
    return post(type, "", form.data, form.len);
}

/* ---- who may ---- */

/* The operator's token, the header, the answer */
static const struct {
    const char *token, *authorization;
    int status;
} accesses[] = {
    {"", "", 201},
    {"", "Bearer whatever", 201},
    {"secret", "", 401},
    {"secret", "secret", 401},
    {"secret", "Basic c2VjcmV0", 401},
    {"secret", "Bearer", 401},
    {"secret", "Bearer ", 401},
    {"secret", "Bearer wrong", 403},
    {"secret", "Bearer secretly", 403},
    {"secret", "Bearer secre", 403},
    {"secret", "Bearer SECRET", 403},
    {"secret", "Bearer secret", 201},
    {"secret", "bearer secret", 201}, /* the scheme's case does not matter: RFC 9110, 11.1 */
};

START_TEST(uploads_need_the_operators_token_where_there_is_one)
{
    int status = accesses[_i].status;

    (void)snprintf(app.config.token, sizeof app.config.token, "%s", accesses[_i].token);
    ck_assert_int_eq(post("image/png", accesses[_i].authorization, png.data, png.len), status);
    ck_assert_int_eq(status == 401,
                     support_has_header(&response, "WWW-Authenticate: Bearer realm=\"vitrine\""));
    check_images(status == 201);
}
END_TEST

/* ---- malformed requests ---- */

static const char *const types[] = {
    "",
    "text/plain",
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/mixed; boundary=BOUND",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=\"\"",
    "multipart/form-data; boundary=OTHER",
    "multipart/form-data; boundary=\"<BOUND>\"",
    "multipart/form-data; boundary="
    "BOUNDBOUNDBOUNDBOUNDBOUNDBOUNDBOUNDBOUNDBOUNDBOUNDBOUNDBOUNDBOUNDBOUNDX",
};

START_TEST(a_body_that_is_no_form_is_refused)
{
    json_t *json;

    ck_assert_int_eq(post_form(types[_i], "\r\n--BOUND--\r\n"), 400);
    json = support_json(&response);
    ck_assert_str_ne(support_string(json, "detail"), "");
    check_images(0);
    json_decref(json);
}
END_TEST

/* What follows a good picture, and with it makes the whole form bad. */
static const char *const endings[] = {
    "",                     /* no delimiter at all */
    "\r\n--BOUND",          /* cut inside it */
    "\r\n--BOUND\r\n",      /* another part begins */
    "\r\n--BOUNDARY--\r\n", /* the delimiter of another form */
    "\r\n--BOUND-\r\n",
    "\r\n" HEAD "; filename=\"\"\r\n\r\nx\r\n--BOUND--\r\n", /* content without a name */
    "\r\n" HEAD "; filename=\"x\r\n\r\nx\r\n--BOUND--\r\n",  /* an open quote */
    "\r\n--BOUND\r\n\r\nx\r\n--BOUND--\r\n",                 /* no headers */
    "\r\n--BOUND\r\nContent-Type: a/b\r\n\r\nx\r\n--BOUND--\r\n",
    "\r\n--BOUND\r\nContent-Disposition: attachment; filename=\"x\"\r\n\r\nx\r\n--BOUND--\r\n",
    "\r\n" HEAD "; filename=\"x\"\r\n", /* cut inside the headers */
    "\r\n" HEAD "; filename*=latin9''x\r\n\r\nx\r\n--BOUND--\r\n",
};

START_TEST(a_form_that_turns_out_malformed_stores_nothing)
{
    json_t *json;

    ck_assert_int_eq(post_form(TYPE, endings[_i]), 400);
    json = support_json(&response);
    ck_assert_str_ne(support_string(json, "detail"), "");
    check_images(0);
    json_decref(json);
}
END_TEST

START_TEST(a_form_without_files_is_refused)
{
    ck_assert_int_eq(post(TYPE, "", "--BOUND--\r\n", 11), 400);
    ck_assert_int_eq(post(TYPE, "", "", 0), 400);
    ck_assert_int_eq(post(TYPE, "", "text", 4), 400);
    check_images(0);
}
END_TEST

START_TEST(a_preamble_and_an_epilogue_are_no_files)
{
    buf_puts(&form, "a preamble\r\n");
    ck_assert_int_eq(post_form(TYPE, "\r\n--BOUND--\r\nand an epilogue: --BOUND\r\n"), 201);
    check_images(1);
}
END_TEST

static void fill(unsigned files)
{
    for (unsigned i = 0; i < files; i++)
        buf_printf(&form, HEAD "; filename=\"%u\"\r\n\r\nx\r\n", i);
}

START_TEST(a_form_may_have_a_hundred_files)
{
    json_t *json;

    fill(99);
    ck_assert_int_eq(post_form(TYPE, "\r\n--BOUND--\r\n"), 207);
    json = support_json(&response);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "images")), 100);
    check_images(1);
    json_decref(json);
}
END_TEST

START_TEST(what_is_over_a_hundred_files_is_refused_by_itself)
{
    json_t *json, *last;

    fill(100);
    ck_assert_int_eq(post_form(TYPE, "\r\n--BOUND--\r\n"), 422);
    json = support_json(&response);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "images")), 101);
    last = json_array_get(json_object_get(json, "images"), 100);
    ck_assert_int_eq(support_integer(last, "status"), 413);
    check_images(0);
    json_decref(json);
}
END_TEST

START_TEST(a_form_of_more_than_a_thousand_parts_is_refused)
{
    fill(1000);
    ck_assert_int_eq(post_form(TYPE, "\r\n--BOUND--\r\n"), 413);
    check_images(0);
}
END_TEST

/* What a form may have besides its file. */
static const char *const besides[] = {
    HEAD "\r\n\r\nvalue\r\n",           /* a text field, or a named button */
    HEAD "\r\n\r\n\r\n",                /* an empty one */
    HEAD "; filename=\"\"\r\n\r\n\r\n", /* a file field that was left empty */
    HEAD "; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n",
};

START_TEST(fields_that_are_no_files_are_ignored)
{
    json_t *json;

    buf_puts(&form, besides[_i]);
    buf_puts(&form, PNG_HEAD);
    buf_append(&form, png.data, png.len);
    buf_puts(&form, "\r\n");
    buf_puts(&form, besides[_i]);
    buf_puts(&form, "--BOUND--\r\n");
    ck_assert_int_eq(post(TYPE, "", form.data, form.len), 201);
    json = support_json(&response);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "images")), 1);
    check_images(1);
    json_decref(json);
}
END_TEST

START_TEST(a_form_of_nothing_but_such_fields_is_refused)
{
    buf_puts(&form, besides[_i]);
    buf_puts(&form, "--BOUND--\r\n");
    ck_assert_int_eq(post(TYPE, "", form.data, form.len), 400);
    ck_assert_ptr_nonnull(strstr(response.body.data, _i < 2 ? "file name" : "no file was chosen"));
    check_images(0);
}
END_TEST

START_TEST(an_octet_stream_is_taken_by_its_content)
{
    ck_assert_int_eq(post("application/octet-stream", "", png.data, png.len), 201);
    ck_assert_int_eq(post("application/octet-stream", "", "text", 4), 415);
    check_images(1);
}
END_TEST

/* A clock that is so many seconds ahead. */
static time_t ahead;

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int code = (int)syscall(SYS_clock_gettime, clock, now);

    now->tv_sec += clock == CLOCK_MONOTONIC ? ahead : 0;
    return code;
}

static enum vt_error (*read_before)(void *, void *, size_t, size_t *, struct vt_reason *);

/* The body takes most of the form's time. */
static enum vt_error read_slowly(void *source, void *data, size_t size, size_t *got,
                                 struct vt_reason *why)
{
    ahead = 105;
    return read_before(source, data, size, got, why);
}

START_TEST(a_form_that_runs_out_of_time_tells_what_was_stored)
{
    struct support_request request;
    json_t *json, *second;

    buf_puts(&form, PNG_HEAD);
    buf_append(&form, png.data, png.len);
    buf_puts(&form, "\r\n" HEAD "; filename=\"b.png\"\r\n\r\n");
    buf_append(&form, png.data, png.len);
    buf_puts(&form, "\r\n--BOUND--\r\n");
    support_request(&request, HTTP_POST, "/api/images", form.data, form.len);
    request.request.content_type = TYPE;
    read_before = request.request.read_body;
    request.request.read_body = read_slowly;
    ck_assert_int_eq(support_answer(&app, &request, &response), 207);
    json = support_json(&response);
    second = json_array_get(json_object_get(json, "images"), 1);
    ck_assert_int_eq(support_integer(second, "status"), 503);
    check_images(1);
    json_decref(json);
}
END_TEST

START_TEST(part_headers_have_their_limit)
{
    buf_puts(&form, "--BOUND\r\nX-Long: ");
    for (int i = 0; i < 9000; i++)
        buf_puts(&form, "x");
    buf_puts(&form, "\r\nContent-Disposition: form-data; filename=\"x\"\r\n\r\nx\r\n");
    ck_assert_int_eq(post_form(TYPE, "\r\n--BOUND--\r\n"), 400);
    check_images(0);
}
END_TEST

/* ---- a body that cannot be read ---- */

/* Gives half of the body, then the error that the test wants. */
static enum vt_error break_error;

static enum vt_error break_off(void *source, void *data, size_t size, size_t *got,
                               struct vt_reason *why)
{
    struct support_request *self = source;

    if (self->at > 0)
        return vt_fail(why, break_error, "the test breaks the body off");
    *got = self->len / 2 < size ? self->len / 2 : size;
    memcpy(data, self->body, *got);
    self->at += *got;
    return VT_OK;
}

START_TEST(a_body_that_breaks_off_stores_nothing)
{
    static const struct {
        enum vt_error err;
        int status;
    } breaks[] = {{VT_ERR_TOO_LARGE, 413}, {VT_ERR_MALFORMED, 400}};
    struct support_request request;

    break_error = breaks[_i / 2].err;
    buf_puts(&form, PNG_HEAD);
    buf_append(&form, png.data, png.len);
    buf_puts(&form, "\r\n--BOUND--\r\n");
    if (_i % 2 == 0)
        support_request(&request, HTTP_POST, "/api/images", form.data, form.len);
    else
        support_request(&request, HTTP_POST, "/api/images", png.data, png.len);
    request.request.content_type = _i % 2 == 0 ? TYPE : "image/png";
    request.request.read_body = break_off;
    ck_assert_int_eq(support_answer(&app, &request, &response), breaks[_i / 2].status);
    check_images(0);
}
END_TEST

START_TEST(a_store_that_is_away_is_503)
{
    json_t *json;

    (void)snprintf(app.config.data, sizeof app.config.data, "%s/nowhere", support_folder());
    ck_assert_int_eq(post_form(TYPE, "\r\n--BOUND--\r\n"), 503);
    ck_assert(support_has_header(&response, "Retry-After: 5"));
    json = support_json(&response);
    ck_assert_ptr_null(strstr(response.body.data, support_folder()));
    json_decref(json);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("images_add_forms");
    TCase *access = tcase_create("access"), *forms = tcase_create("forms");
    TCase *bodies = tcase_create("bodies");

    tcase_add_loop_test(access, uploads_need_the_operators_token_where_there_is_one, 0,
                        (int)(sizeof accesses / sizeof accesses[0]));
    tcase_add_loop_test(forms, a_body_that_is_no_form_is_refused, 0,
                        (int)(sizeof types / sizeof types[0]));
    tcase_add_loop_test(forms, a_form_that_turns_out_malformed_stores_nothing, 0,
                        (int)(sizeof endings / sizeof endings[0]));
    tcase_add_test(forms, a_form_without_files_is_refused);
    tcase_add_test(forms, a_preamble_and_an_epilogue_are_no_files);
    tcase_add_test(forms, a_form_may_have_a_hundred_files);
    tcase_add_test(forms, what_is_over_a_hundred_files_is_refused_by_itself);
    tcase_add_test(forms, a_form_of_more_than_a_thousand_parts_is_refused);
    tcase_add_loop_test(forms, fields_that_are_no_files_are_ignored, 0, 4);
    tcase_add_loop_test(forms, a_form_of_nothing_but_such_fields_is_refused, 0, 4);
    tcase_add_test(forms, an_octet_stream_is_taken_by_its_content);
    tcase_add_test(forms, a_form_that_runs_out_of_time_tells_what_was_stored);
    tcase_add_test(forms, part_headers_have_their_limit);
    tcase_add_loop_test(bodies, a_body_that_breaks_off_stores_nothing, 0, 4);
    tcase_add_test(bodies, a_store_that_is_away_is_503);
    for (TCase *const *at = (TCase *const[]){access, forms, bodies, NULL}; *at != NULL; at++) {
        tcase_add_checked_fixture(*at, start, stop);
        tcase_set_timeout(*at, 60);
        suite_add_tcase(suite, *at);
    }
    return suite;
}
