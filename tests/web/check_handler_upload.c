#include <stdio.h>
#include <string.h>

#include "../support/app.h"
#include "../support/support.h"

#define TYPE "multipart/form-data; boundary=BOUND"
#define PNG_PART "form-data; name=\"file\"; filename=\"a.png\""

static struct support_app app;
static struct http_response response;
static struct buf png, other_png, form;

static void start(void)
{
    support_app_open(&app, POOL_IMAGE);
    response = HTTP_RESPONSE_INIT;
    form = BUF_INIT;
    support_picture(&(struct picture){.coder = "PNG", .seed = 1}, &png);
    support_picture(&(struct picture){.coder = "PNG", .seed = 2}, &other_png);
}

static void stop(void)
{
    support_app_close(&app);
    http_response_free(&response);
    buf_free(&png);
    buf_free(&other_png);
    buf_free(&form);
}

/* Adds a part to the form, with that Content-Disposition. */
static void part(const char *disposition, const void *data, size_t len)
{
    buf_printf(&form, "--BOUND\r\nContent-Disposition: %s\r\nContent-Type: x/y\r\n\r\n",
               disposition);
    buf_append(&form, data, len);
    buf_puts(&form, "\r\n");
}

static void text_part(const char *name, const char *text)
{
    char disposition[256];

    (void)snprintf(disposition, sizeof disposition, "form-data; name=\"file\"; filename=\"%s\"",
                   name);
    part(disposition, text, strlen(text));
}

static int post(const char *type, const void *body, size_t len)
{
    struct support_request request;

    support_request(&request, HTTP_POST, "/api/images", body, len);
    request.request.content_type = type;
    return support_answer(&app, &request, &response);
}

/* Ends the form, sends it, and empties it for the next one. */
static int send_form(void)
{
    int status;

    buf_puts(&form, "--BOUND--\r\n");
    status = post(TYPE, form.data, form.len);
    buf_clear(&form);
    return status;
}

/* As a browser without scripts does. */
static int send_form_for_html(void)
{
    struct support_request request;

    buf_puts(&form, "--BOUND--\r\n");
    support_request(&request, HTTP_POST, "/api/images", form.data, form.len);
    request.request.content_type = TYPE;
    request.request.accept = "text/html,application/xhtml+xml,*/*;q=0.8";
    return support_answer(&app, &request, &response);
}

static void check_images(uint64_t images)
{
    struct totals totals;

    ck_assert_int_eq(gallery_totals(app.app.gallery, &totals), VT_OK);
    ck_assert_uint_eq(totals.images, images);
    ck_assert_uint_eq(support_count_files(support_path(support_folder(), "uploads")), images);
    ck_assert_uint_eq(support_count_files(support_path(support_folder(), "thumbs")), 2 * images);
    ck_assert_uint_eq(support_count_files(support_path(support_folder(), "tmp")), 0);
}

/* The result of a file; the response's JSON is the caller's. */
static const json_t *result(const json_t *json, size_t index)
{
    const json_t *one = json_array_get(json_object_get(json, "images"), index);

    ck_assert_ptr_nonnull(one);
    return one;
}

static const char *error_type(const json_t *one)
{
    return support_string(json_object_get(one, "error"), "type");
}

/* ---- files that are taken ---- */

START_TEST(a_new_file_is_201_with_its_token)
{
    char location[80];
    const json_t *one;
    json_t *json;

    part(PNG_PART, png.data, png.len);
    ck_assert_int_eq(send_form(), 201);
    json = support_json(&response);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "images")), 1);
    one = result(json, 0);
    ck_assert_int_eq(support_integer(one, "status"), 201);
    ck_assert_str_eq(support_string(one, "name"), "a.png");
    ck_assert_int_eq(support_integer(one, "bytes"), (json_int_t)png.len);
    ck_assert_uint_eq(strlen(support_string(one, "delete_token")), TOKEN_SIZE - 1);
    (void)snprintf(location, sizeof location, "Location: /api/images/%s",
                   support_string(one, "id"));
    ck_assert(support_has_header(&response, location));
    check_images(1);
    json_decref(json);
}
END_TEST

START_TEST(the_token_of_an_upload_opens_its_image_alone)
{
    char path[64], authorization[80];
    struct support_request request;
    struct added other;
    json_t *json;

    part(PNG_PART, png.data, png.len);
    ck_assert_int_eq(send_form(), 201);
    json = support_json(&response);
    (void)snprintf(path, sizeof path, "/api/images/%s", support_string(result(json, 0), "id"));
    (void)snprintf(authorization, sizeof authorization, "Bearer %s",
                   support_string(result(json, 0), "delete_token"));
    json_decref(json);
    ck_assert_int_eq(support_add(app.app.gallery, other_png.data, other_png.len, "x", &other, NULL),
                     VT_OK);
    support_request(&request, HTTP_DELETE, path, NULL, 0);
    request.request.authorization = authorization;
    ck_assert_int_eq(support_answer(&app, &request, &response), 204);
    (void)snprintf(path, sizeof path, "/api/images/%s", other.record.id);
    ck_assert_int_eq(support_answer(&app, &request, &response), 403);
    check_images(1);
}
END_TEST

START_TEST(a_known_file_is_200_without_a_token)
{
    const json_t *one;
    json_t *json;

    part(PNG_PART, png.data, png.len);
    ck_assert_int_eq(send_form(), 201);
    part("form-data; name=\"file\"; filename=\"b.png\"", png.data, png.len);
    ck_assert_int_eq(send_form(), 200);
    json = support_json(&response);
    one = result(json, 0);
    ck_assert_int_eq(support_integer(one, "status"), 200);
    ck_assert_str_eq(support_string(one, "name"), "a.png");
    ck_assert_ptr_null(json_object_get(one, "delete_token"));
    check_images(1);
    json_decref(json);
}
END_TEST

START_TEST(files_have_results_in_their_order)
{
    json_t *json;

    part(PNG_PART, png.data, png.len);
    part("form-data; name=\"other\"; filename=\"b.png\"", other_png.data, other_png.len);
    part("form-data; name=\"file\"; filename=\"again.png\"", png.data, png.len);
    ck_assert_int_eq(send_form(), 201);
    json = support_json(&response);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "images")), 3);
    ck_assert_str_eq(support_string(result(json, 0), "name"), "a.png");
    ck_assert_str_eq(support_string(result(json, 1), "name"), "b.png");
    ck_assert_int_eq(support_integer(result(json, 1), "status"), 201);
    ck_assert_str_eq(support_string(result(json, 2), "id"), support_string(result(json, 0), "id"));
    ck_assert_int_eq(support_integer(result(json, 2), "status"), 200);
    ck_assert_ptr_null(json_object_get(result(json, 2), "delete_token"));
    ck_assert_ptr_null(
        strstr(response.headers.data == NULL ? "" : response.headers.data, "Location"));
    check_images(2);
    json_decref(json);
}
END_TEST

/* Content-Disposition, and the name that comes of it */
static const char *const dispositions[][2] = {
    {"form-data; name=\"file\"; filename=\"../../etc/passwd\"", "passwd"},
    {"form-data; name=\"file\"; filename=\"C:\\\\x\\\\cat.png\"", "cat.png"},
    {"form-data; name=\"file\"; filename=\"Gr\xc3\xbc\xc3\x9f"
     "e.png\"",
     "Grüße.png"},
    {"form-data; name=\"file\"; filename=\"caf\xe9.png\"", "caf\xef\xbf\xbd.png"},
    {"form-data; name=\"file\"; filename=\"say %22hi%22%0D%0A.png\"", "say \"hi\".png"},
    {"form-data; name=\"file\"; filename=plain.png", "plain.png"},
    {"form-data; name=\"file\"; filename=\"x.png\"; filename*=UTF-8''%e4%ba%ac.png", "京.png"},
    {"FORM-DATA; Name=\"file\"; FileName=\"loud.png\"", "loud.png"},
    {"form-data; name=\"file\"; filename=\"..\"", "untitled"},
    {"form-data; name=\"file\"; filename=\"<script>.png\"", "<script>.png"},
};

START_TEST(names_are_cleaned_whatever_a_client_sends)
{
    json_t *json;

    part(dispositions[_i][0], png.data, png.len);
    ck_assert_int_eq(send_form(), 201);
    json = support_json(&response);
    ck_assert_str_eq(support_string(result(json, 0), "name"), dispositions[_i][1]);
    json_decref(json);
}
END_TEST

static const size_t pieces[] = {1, 2, 3, 7, 64, 4096, 65536};

START_TEST(it_does_not_matter_in_which_pieces_a_body_comes)
{
    struct support_request request;
    struct added added;

    part(PNG_PART, png.data, png.len);
    part("form-data; name=\"file\"; filename=\"b.png\"", other_png.data, other_png.len);
    buf_puts(&form, "--BOUND--");
    support_request(&request, HTTP_POST, "/api/images", form.data, form.len);
    request.request.content_type = TYPE;
    request.piece = pieces[_i];
    ck_assert_int_eq(support_answer(&app, &request, &response), 201);
    check_images(2);
    ck_assert_int_eq(support_add(app.app.gallery, png.data, png.len, "x", &added, NULL), VT_OK);
    ck_assert(added.known); /* byte for byte */
}
END_TEST

START_TEST(a_raw_body_is_one_image)
{
    struct support_request request;
    json_t *json;

    support_request(&request, HTTP_POST, "/api/images", png.data, png.len);
    request.request.content_type = "image/png";
    request.request.content_disposition = "attachment; filename=\"sent.png\"";
    ck_assert_int_eq(support_answer(&app, &request, &response), 201);
    json = support_json(&response);
    ck_assert_str_eq(support_string(result(json, 0), "name"), "sent.png");
    json_decref(json);
    ck_assert_int_eq(post("image/x-anything", other_png.data, other_png.len), 201);
    json = support_json(&response);
    ck_assert_str_eq(support_string(result(json, 0), "name"), "untitled");
    ck_assert_str_eq(support_string(result(json, 0), "type"), "image/png");
    json_decref(json);
    check_images(2);
}
END_TEST

/* ---- files that are refused ---- */

START_TEST(some_taken_and_some_not_is_207)
{
    json_t *json;

    text_part("note.txt", "no picture");
    part(PNG_PART, png.data, png.len);
    part("form-data; name=\"file\"; filename=\"half.png\"", other_png.data, other_png.len / 2);
    ck_assert_int_eq(send_form(), 207);
    json = support_json(&response);
    ck_assert_int_eq(support_integer(result(json, 0), "status"), 415);
    ck_assert_str_eq(support_string(result(json, 0), "name"), "note.txt");
    ck_assert_str_eq(error_type(result(json, 0)), "urn:vitrine:problem:unsupported-type");
    ck_assert_int_eq(support_integer(result(json, 1), "status"), 201);
    ck_assert_int_eq(support_integer(result(json, 2), "status"), 422);
    ck_assert_str_eq(error_type(result(json, 2)), "urn:vitrine:problem:invalid-image");
    check_images(1);
    json_decref(json);
}
END_TEST

/* Which files come, and the one status for all of them: t a text, e an empty file, h half a
 * picture, g one over a limit. */
static const struct {
    const char *files;
    int status;
    const char *type;
} refusals[] = {
    {"t", 415, "unsupported-type"}, {"e", 415, "unsupported-type"}, {"tt", 415, "unsupported-type"},
    {"h", 422, "invalid-image"},    {"hh", 422, "invalid-image"},   {"g", 422, "image-limit"},
    {"th", 422, "invalid-image"},   {"ht", 422, "invalid-image"},   {"teg", 422, "image-limit"},
};

START_TEST(a_form_without_an_accepted_file_is_a_problem_with_a_result_for_each)
{
    const char *files = refusals[_i].files;
    char type[64];
    json_t *json;

    if (strchr(files, 'g') != NULL)
        app.config.max_pixels = 100;
    for (const char *file = files; *file != '\0'; file++) {
        if (*file == 't')
            text_part("t", "a text");
        else if (*file == 'e')
            text_part("e", "");
        else
            part(PNG_PART, png.data, *file == 'h' ? png.len / 2 : png.len);
    }
    ck_assert_int_eq(send_form(), refusals[_i].status);
    json = support_json(&response);
    (void)snprintf(type, sizeof type, "urn:vitrine:problem:%s", refusals[_i].type);
    ck_assert_str_eq(support_string(json, "type"), type);
    ck_assert_int_eq(support_integer(json, "status"), refusals[_i].status);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "images")), strlen(files));
    for (size_t i = 0; i < strlen(files); i++) {
        ck_assert_int_eq(support_integer(result(json, i), "status"),
                         files[i] == 't' || files[i] == 'e' ? 415 : 422);
        ck_assert_ptr_nonnull(json_object_get(result(json, i), "error"));
        ck_assert_ptr_null(json_object_get(result(json, i), "delete_token"));
    }
    check_images(0);
    json_decref(json);
}
END_TEST

START_TEST(a_raw_body_that_is_no_image_is_refused)
{
    ck_assert_int_eq(post("image/png", "text", 4), 415);
    ck_assert_int_eq(post("image/png", "", 0), 415);
    ck_assert_int_eq(post("image/png", png.data, png.len / 2), 422);
    check_images(0);
}
END_TEST

/* ---- without scripts ---- */

START_TEST(a_form_without_scripts_goes_back_to_the_page)
{
    part(PNG_PART, png.data, png.len);
    ck_assert_int_eq(send_form_for_html(), 303);
    ck_assert(support_has_header(&response, "Location: /"));
    ck_assert_uint_eq(response.body.len, 0);
    check_images(1);
}
END_TEST

START_TEST(a_form_without_scripts_is_told_what_was_refused)
{
    part(PNG_PART, png.data, png.len);
    text_part("<b>\\\"&'.png", "no picture");
    ck_assert_int_eq(send_form_for_html(), 207);
    ck_assert_str_eq(response.content_type, "text/html; charset=utf-8");
    ck_assert_ptr_nonnull(strstr(response.body.data, "&lt;b&gt;&quot;&amp;&#39;.png: "));
    ck_assert_ptr_null(strstr(response.body.data, "<b>"));
    ck_assert_ptr_null(strstr(response.body.data, "a.png"));
    check_images(1);
}
END_TEST

START_TEST(a_form_without_scripts_is_told_of_its_own_faults)
{
    text_part("t", "no picture");
    ck_assert_int_eq(send_form_for_html(), 415);
    ck_assert_str_eq(response.content_type, "text/html; charset=utf-8");
    buf_clear(&form);
    part("form-data; name=\"file\"; filename=\"\"", "", 0); /* no file was chosen */
    ck_assert_int_eq(send_form_for_html(), 400);
    ck_assert_str_eq(response.content_type, "text/html; charset=utf-8");
    ck_assert_ptr_nonnull(strstr(response.body.data, "no file was chosen"));
    check_images(0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("images_add");
    TCase *taken = tcase_create("taken"), *refused = tcase_create("refused");
    TCase *html = tcase_create("html");

    tcase_add_test(taken, a_new_file_is_201_with_its_token);
    tcase_add_test(taken, the_token_of_an_upload_opens_its_image_alone);
    tcase_add_test(taken, a_known_file_is_200_without_a_token);
    tcase_add_test(taken, files_have_results_in_their_order);
    tcase_add_loop_test(taken, names_are_cleaned_whatever_a_client_sends, 0,
                        (int)(sizeof dispositions / sizeof dispositions[0]));
    tcase_add_loop_test(taken, it_does_not_matter_in_which_pieces_a_body_comes, 0,
                        (int)(sizeof pieces / sizeof pieces[0]));
    tcase_add_test(taken, a_raw_body_is_one_image);
    tcase_add_test(refused, some_taken_and_some_not_is_207);
    tcase_add_loop_test(refused,
                        a_form_without_an_accepted_file_is_a_problem_with_a_result_for_each, 0,
                        (int)(sizeof refusals / sizeof refusals[0]));
    tcase_add_test(refused, a_raw_body_that_is_no_image_is_refused);
    tcase_add_test(html, a_form_without_scripts_goes_back_to_the_page);
    tcase_add_test(html, a_form_without_scripts_is_told_what_was_refused);
    tcase_add_test(html, a_form_without_scripts_is_told_of_its_own_faults);
    for (TCase *const *at = (TCase *const[]){taken, refused, html, NULL}; *at != NULL; at++) {
        tcase_add_checked_fixture(*at, start, stop);
        tcase_set_timeout(*at, 60);
        suite_add_tcase(suite, *at);
    }
    return suite;
}
