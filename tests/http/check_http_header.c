#include "http/http_header.h"

#include <string.h>

#include "../support/support.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* ---- media types ---- */

static const struct {
    const char *value, *type;
    bool is;
} media_types[] = {
    {"image/png", "image/png", true},
    {"Image/PNG", "image/png", true},
    {" \timage/png", "image/png", true},
    {"image/png; q=1", "image/png", true},
    {"image/png;q=1", "image/png", true},
    {"image/png , text/html", "image/png", true},
    {"image/pngx", "image/png", false},
    {"image/pn", "image/png", false},
    {"x-image/png", "image/png", false},
    {"text/html, image/png", "image/png", false},
    {"", "image/png", false},
    {";image/png", "image/png", false},
    {"image/png", "image/*", true},
    {"IMAGE/x", "image/*", true},
    {"image/", "image/*", false},
    {"image", "image/*", false},
    {"image/;png", "image/*", false},
    {"images/png", "image/*", false},
    {"text/image/png", "image/*", false},
};

START_TEST(media_type_is_compared_without_parameters_and_case)
{
    ck_assert_int_eq(http_header_is_media_type(media_types[_i].value, media_types[_i].type),
                     media_types[_i].is);
}
END_TEST

/* ---- parameters ---- */

static const struct {
    const char *value, *name;
    enum vt_error err;
    const char *out;
} parameters[] = {
    {"form-data; name=a", "name", VT_OK, "a"},
    {"form-data;name=a", "name", VT_OK, "a"},
    {"form-data ; NAME = a ; x=y", "name", VT_OK, "a"},
    {"form-data; name=\"a b\"", "name", VT_OK, "a b"},
    {"form-data; name=\"a;b=c\"; x=y", "x", VT_OK, "y"},
    {"form-data; a=\"name=x\"; name=y", "name", VT_OK, "y"},
    {"form-data; name=\"\"", "name", VT_OK, ""},
    {"form-data; name=", "name", VT_OK, ""},
    {"form-data; name=; x=y", "x", VT_OK, "y"},
    {"form-data; name=\"a\\\"b\\\\c\"", "name", VT_OK, "a\"b\\c"},
    {"form-data; x=\"\\\"; name=z; \\\\\"; name=y", "name", VT_OK, "y"},
    {"form-data; name=\"C:\\dir\\new\"", "name", VT_OK, "C:\\dir\\new"},
    {"form-data; name=a; name=b", "name", VT_OK, "a"},
    {"form-data;; ;name=a;", "name", VT_OK, "a"},
    {"; name=a", "name", VT_OK, "a"},
    {"form-data", "name", VT_ERR_NOT_FOUND, NULL},
    {"form-data;", "name", VT_ERR_NOT_FOUND, NULL},
    {"form-data; names=a; xname=b", "name", VT_ERR_NOT_FOUND, NULL},
    {"form-data; nam=a", "name", VT_ERR_NOT_FOUND, NULL},
    {"name=a", "name", VT_ERR_NOT_FOUND, NULL},
    {"", "name", VT_ERR_NOT_FOUND, NULL},
    {"form-data; x=\"; name=a; \"", "name", VT_ERR_NOT_FOUND, NULL},
    {"form-data; name", "name", VT_ERR_MALFORMED, NULL},
    {"form-data; x; name=a", "name", VT_ERR_MALFORMED, NULL},
    {"form-data; =x; name=a", "name", VT_ERR_MALFORMED, NULL},
    {"form-data; name=\"a", "name", VT_ERR_MALFORMED, NULL},
    {"form-data; name=\"a\\\"", "name", VT_ERR_MALFORMED, NULL},
    {"form-data; name=\"", "name", VT_ERR_MALFORMED, NULL},
    {"form-data; x=\"a; name=b", "name", VT_ERR_MALFORMED, NULL},
    {"form-data; x=\"a\\\"; name=b", "name", VT_ERR_MALFORMED, NULL},
    {"form-data; x=\"a\"b; name=c", "name", VT_ERR_MALFORMED, NULL},
    {"form-data; x=a b; name=c", "name", VT_ERR_MALFORMED, NULL},
    {"form-data; name=\"a\"b", "name", VT_ERR_MALFORMED, NULL},
    {"form-data; name=a b", "name", VT_ERR_MALFORMED, NULL},
};

START_TEST(parameter_is_found_and_unquoted)
{
    char out[64] = "untouched";
    enum vt_error err =
        http_header_parameter(parameters[_i].value, parameters[_i].name, out, sizeof out);

    ck_assert_int_eq(err, parameters[_i].err);
    if (err == VT_OK)
        ck_assert_str_eq(out, parameters[_i].out);
}
END_TEST

START_TEST(parameter_needs_room_for_its_nul)
{
    char out[6];

    ck_assert_int_eq(http_header_parameter("x; a=12345", "a", out, 6), VT_OK);
    ck_assert_str_eq(out, "12345");
    ck_assert_int_eq(http_header_parameter("x; a=\"123\\\"5\"", "a", out, 6), VT_OK);
    ck_assert_str_eq(out, "123\"5");
    ck_assert_int_eq(http_header_parameter("x; a=12345", "a", out, 5), VT_ERR_TOO_LARGE);
    ck_assert_int_eq(http_header_parameter("x; a=\"123\\\"5\"", "a", out, 5), VT_ERR_TOO_LARGE);
    ck_assert_int_eq(http_header_parameter("x; a=1", "a", out, 1), VT_ERR_TOO_LARGE);
    ck_assert_int_eq(http_header_parameter("x; a=\"\"", "a", out, 1), VT_OK);
    ck_assert_str_eq(out, "");
    ck_assert_int_eq(http_header_parameter("x; b=0123456789; a=1", "a", out, 2), VT_OK);
    ck_assert_str_eq(out, "1");
}
END_TEST

/* ---- file names ---- */

static const struct {
    const char *value;
    enum vt_error err;
    const char *name;
} file_names[] = {
    {"attachment; filename=a.jpg", VT_OK, "a.jpg"},
    {"form-data; name=\"file\"; filename=\"a b.jpg\"", VT_OK, "a b.jpg"},
    {"form-data; filename=\"\"", VT_OK, ""},
    {"form-data; filename=\"C:\\photos\\me.jpg\"", VT_OK, "C:\\photos\\me.jpg"},
    {"form-data; filename=\"caf\xc3\xa9.jpg\"", VT_OK, "caf\xc3\xa9.jpg"},
    {"form-data; filename=\"a%22b.jpg\"", VT_OK, "a\"b.jpg"},
    {"form-data; filename=\"a%0D%0Ab%0d%0ac\"", VT_OK, "a\n\nb\n\nc"},
    {"form-data; filename=\"100%.jpg %41%2\"", VT_OK, "100%.jpg %41%2"},
    {"form-data; filename=\"%2522\"", VT_OK, "%2522"},
    {"attachment; filename*=UTF-8''%e2%82%ac%20rates", VT_OK, "\xe2\x82\xac rates"},
    {"attachment; filename*=utf-8'en'a%2Fb.jpg", VT_OK, "a/b.jpg"},
    {"attachment; filename*=UTF-8''it%27s", VT_OK, "it's"},
    {"attachment; filename*=\"UTF-8''a%20b\"", VT_OK, "a b"},
    {"attachment; FileName*=ISO-8859-1''caf%E9%FF%41", VT_OK,
     "caf\xc3\xa9\xc3\xbf"
     "A"},
    {"attachment; filename*=iso-8859-1'fr'%80", VT_OK, "\xc2\x80"},
    {"attachment; filename*=UTF-8''", VT_OK, ""},
    {"attachment; filename*=UTF-8''a%00b", VT_OK,
     "a\x01"
     "b"},
    {"attachment; filename=a; filename*=UTF-8''b", VT_OK, "b"},
    {"attachment; filename*=UTF-8''b; filename=a", VT_OK, "b"},
    {"attachment; filename*=UTF-8''%2522", VT_OK, "%22"},
    {"attachment; filename=\"a; filename*=UTF-8''b\"", VT_OK, "a; filename*=UTF-8''b"},
    {"attachment", VT_ERR_NOT_FOUND, NULL},
    {"form-data; name=\"filename\"", VT_ERR_NOT_FOUND, NULL},
    {"", VT_ERR_NOT_FOUND, NULL},
    {"attachment; filename*=UTF-8''a%", VT_ERR_MALFORMED, NULL},
    {"attachment; filename*=UTF-8''a%4", VT_ERR_MALFORMED, NULL},
    {"attachment; filename*=UTF-8''a%4g", VT_ERR_MALFORMED, NULL},
    {"attachment; filename*=UTF-8''a%g4", VT_ERR_MALFORMED, NULL},
    {"attachment; filename*=UTF-8''a%+4", VT_ERR_MALFORMED, NULL},
    {"attachment; filename*=UTF-8'a", VT_ERR_MALFORMED, NULL},
    {"attachment; filename*=UTF-8", VT_ERR_MALFORMED, NULL},
    {"attachment; filename*=''a", VT_ERR_MALFORMED, NULL},
    {"attachment; filename*=a.jpg", VT_ERR_MALFORMED, NULL},
    {"attachment; filename*=UTF-16''a", VT_ERR_MALFORMED, NULL},
    {"attachment; filename*=", VT_ERR_MALFORMED, NULL},
    {"attachment; filename=\"a", VT_ERR_MALFORMED, NULL},
    {"attachment; filename", VT_ERR_MALFORMED, NULL},
};

START_TEST(a_file_name_is_unquoted_and_decoded)
{
    char out[64] = "untouched";
    enum vt_error err = http_header_filename(file_names[_i].value, out, sizeof out);

    ck_assert_int_eq(err, file_names[_i].err);
    if (err == VT_OK)
        ck_assert_str_eq(out, file_names[_i].name);
}
END_TEST

START_TEST(file_name_needs_room_for_its_nul)
{
    static const char *const five_bytes[] = {"x; filename=12345", "x; filename*=UTF-8''%31234%35",
                                             "x; filename*=ISO-8859-1''1%e94%35",
                                             "x; filename*=ISO-8859-1''123%e9"};
    char out[6];

    for (size_t i = 0; i < sizeof five_bytes / sizeof five_bytes[0]; i++) {
        ck_assert_int_eq(http_header_filename(five_bytes[i], out, 6), VT_OK);
        ck_assert_uint_eq(strlen(out), 5);
        ck_assert_int_eq(http_header_filename(five_bytes[i], out, 5), VT_ERR_TOO_LARGE);
        ck_assert_int_eq(http_header_filename(five_bytes[i], out, 1), VT_ERR_TOO_LARGE);
    }
}
END_TEST

START_TEST(file_name_of_thousands_of_escapes_is_too_large)
{
    char out[8192];
    struct buf value = BUF_INIT;

    buf_puts(&value, "attachment; filename*=UTF-8''");
    for (int i = 0; i < 2000; i++)
        buf_puts(&value, "%41");
    ck_assert_int_eq(http_header_filename(value.data, out, sizeof out), VT_ERR_TOO_LARGE);
    buf_free(&value);
}
END_TEST

/* ---- bearer tokens ---- */

static const struct {
    const char *value, *token;
} tokens[] = {
    {"Bearer abc", "abc"},
    {"bearer abc", "abc"},
    {"BEARER   abc", "abc"},
    {"Bearer a.b-c_d~e+f/g==", "a.b-c_d~e+f/g=="},
    {"Bearer", NULL},
    {"Bearer ", NULL},
    {"Bearer    ", NULL},
    {"Bearerabc", NULL},
    {"Bearer\tabc", NULL},
    {" Bearer abc", NULL},
    {"Basic abc", NULL},
    {"Basic Bearer abc", NULL},
    {"", NULL},
};

START_TEST(a_bearer_token_is_found)
{
    const char *token = http_header_bearer_token(tokens[_i].value);

    if (tokens[_i].token == NULL)
        ck_assert_ptr_null(token);
    else
        ck_assert_pstr_eq(token, tokens[_i].token);
}
END_TEST

/* ---- Accept ---- */

static const struct {
    const char *value;
    bool html;
} accepts[] = {
    {"text/html", true},
    {"TEXT/HTML", true},
    {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true},
    {"application/json, text/html;q=0.001", true},
    {"application/json;q=0, text/html", true},
    {"text/html;level=1", true},
    {"text/html;level=1;q=0.5", true},
    {" , text/html", true},
    {"text/html;q=0, text/html;level=1", true},
    {"text/html;q=0", false},
    {"text/html; q=0.0, */*", false},
    {"text/html;Q=0.000", false},
    {"text/html;level=1;q=0", false},
    {"*/*", false},
    {"text/*", false},
    {"application/json", false},
    {"text/htmlx", false},
    {"text/plain;x=text/html", false},
    {"", false},
};

START_TEST(accept_names_html_or_not)
{
    ck_assert_int_eq(http_header_accepts_html(accepts[_i].value), accepts[_i].html);
}
END_TEST

START_TEST(accept_with_long_parameters_is_read)
{
    char value[512] = "text/html;x=";

    memset(value + strlen(value), 'x', 300);
    ck_assert(http_header_accepts_html(value));
}
END_TEST

/* ---- If-None-Match ---- */

static const struct {
    const char *value;
    bool matches; /* the tag "a-1" */
} if_none_matches[] = {
    {"\"a-1\"", true},
    {"W/\"a-1\"", true},
    {" \t\"a-1\"", true},
    {"\"x\", \"a-1\"", true},
    {"W/\"x\",W/\"a-1\"", true},
    {"\"x\" , , \"a-1\", \"y\"", true},
    {"\"x,y\", \"a-1\"", true},
    {"*", true},
    {" *", true},
    {"\"a-2\"", false},
    {"\"a-1 \"", false},
    {"\"a-10\"", false},
    {"\"a-\"", false},
    {"a-1", false},
    {"w/\"a-1\"", false},
    {"\"a-1", false},
    {"\"x\", \"a-1", false},
    {"x, \"a-1\"", false},
    {"\"\"", false},
    {"\"", false},
    {"W/", false},
    {",,,", false},
    {"", false},
};

START_TEST(entity_tag_is_found_by_the_weak_comparison)
{
    ck_assert_int_eq(http_header_etag_matches(if_none_matches[_i].value, "\"a-1\""),
                     if_none_matches[_i].matches);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("http_header");
    TCase *values = tcase_create("values"), *names = tcase_create("file names");

    tcase_add_loop_test(values, media_type_is_compared_without_parameters_and_case, 0,
                        COUNT(media_types));
    tcase_add_loop_test(values, parameter_is_found_and_unquoted, 0, COUNT(parameters));
    tcase_add_test(values, parameter_needs_room_for_its_nul);
    tcase_add_loop_test(values, a_bearer_token_is_found, 0, COUNT(tokens));
    tcase_add_loop_test(values, accept_names_html_or_not, 0, COUNT(accepts));
    tcase_add_test(values, accept_with_long_parameters_is_read);
    tcase_add_loop_test(values, entity_tag_is_found_by_the_weak_comparison, 0,
                        COUNT(if_none_matches));
    suite_add_tcase(suite, values);
    tcase_add_loop_test(names, a_file_name_is_unquoted_and_decoded, 0, COUNT(file_names));
    tcase_add_test(names, file_name_needs_room_for_its_nul);
    tcase_add_test(names, file_name_of_thousands_of_escapes_is_too_large);
    suite_add_tcase(suite, names);
    return suite;
}
