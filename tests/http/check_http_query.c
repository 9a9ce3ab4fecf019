#include "http/http_query.h"

#include <string.h>

#include "../support/support.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const struct {
    const char *query;
    const char *pairs; /* "name=value|" of each, decoded; NULL where the query is refused */
} queries[] = {
    {"", ""},
    {"a=b", "a=b|"},
    {"a=b&c=d", "a=b|c=d|"},
    {"a", "a=|"},
    {"a=", "a=|"},
    {"=b", "=b|"},
    {"=", "=|"},
    {"a&b", "a=|b=|"},
    {"a=b=c", "a=b=c|"},
    {"&", ""},
    {"&&&a=b&&c=d&&", "a=b|c=d|"},
    {"a=1&a=2", "a=1|a=2|"},
    {"a+b=c+d", "a b=c d|"},
    {"a=%2B%26%3D%25", "a=+&=%|"},
    {"%61=%c3%A9", "a=\xc3\xa9|"},
    {"a=%0d%0A", "a=\r\n|"},
    {"a=%01%ff", "a=\x01\xff|"},
    {"a=%2541", "a=%41|"},
    {"a=caf\xc3\xa9;b?c", "a=caf\xc3\xa9;b?c|"},
    {"a=%", NULL},
    {"a=%4", NULL},
    {"a=%4&b=1", NULL},
    {"a=%&41", NULL},
    {"a=%4g", NULL},
    {"a=%g4", NULL},
    {"a=% 4", NULL},
    {"a=%+4", NULL},
    {"a=%-1", NULL},
    {"a=%0x", NULL},
    {"a=%%41", NULL},
    {"%=1", NULL},
    {"%4=1", NULL},
    {"a=%00", NULL},
    {"a%00b=1", NULL},
    {"a=b%00", NULL},
};

START_TEST(a_query_is_decoded_into_pairs)
{
    const char *at = queries[_i].query;
    struct http_parameter_pair pair;
    struct buf pairs = BUF_INIT;
    struct vt_reason why = {""};
    bool found;
    enum vt_error err;

    buf_puts(&pairs, "");
    while ((err = http_query_next(&at, &pair, &found, &why)) == VT_OK && found)
        buf_printf(&pairs, "%s=%s|", pair.name, pair.value);
    if (queries[_i].pairs == NULL) {
        ck_assert_int_eq(err, VT_ERR_MALFORMED);
        ck_assert_str_ne(why.text, "");
    } else {
        ck_assert_int_eq(err, VT_OK);
        ck_assert_str_eq(pairs.data, queries[_i].pairs);
    }
    buf_free(&pairs);
}
END_TEST

/* A query of one parameter whose name and value have these lengths, each letter as `unit`. */
static enum vt_error next_of_length(size_t name, size_t value, const char *unit)
{
    struct http_parameter_pair pair;
    struct buf query = BUF_INIT;
    struct vt_reason why = {""};
    const char *at;
    bool found;
    enum vt_error err;

    for (size_t i = 0; i < name; i++)
        buf_puts(&query, unit);
    buf_puts(&query, "=");
    for (size_t i = 0; i < value; i++)
        buf_puts(&query, unit);
    at = query.data;
    err = http_query_next(&at, &pair, &found, &why);
    if (err == VT_OK) {
        ck_assert(found);
        ck_assert_uint_eq(strlen(pair.name), name);
        ck_assert_uint_eq(strlen(pair.value), value);
    } else {
        ck_assert_str_eq(why.text, "a parameter of the query is too long");
    }
    buf_free(&query);
    return err;
}

START_TEST(length_is_limited_as_decoded)
{
    static const char *const units[] = {"a", "%41", "+"};
    const char *unit = units[_i];
    size_t name = HTTP_QUERY_NAME_SIZE - 1, value = HTTP_QUERY_VALUE_SIZE - 1;

    ck_assert_int_eq(next_of_length(name, value, unit), VT_OK);
    ck_assert_int_eq(next_of_length(name + 1, value, unit), VT_ERR_MALFORMED);
    ck_assert_int_eq(next_of_length(name, value + 1, unit), VT_ERR_MALFORMED);
    ck_assert_int_eq(next_of_length(1, 100 * value, unit), VT_ERR_MALFORMED);
}
END_TEST

START_TEST(vt_fail_accepts_no_reason)
{
    const char *at = "a=%00";
    struct http_parameter_pair pair;
    bool found;

    ck_assert_int_eq(http_query_next(&at, &pair, &found, NULL), VT_ERR_MALFORMED);
}
END_TEST

static const struct {
    const char *name, *value, *query;
} written[] = {
    {"a", "", "a="},
    {"a", "b", "a=b"},
    {"a", "AZaz09-._~", "a=AZaz09-._~"},
    {"a", "b c", "a=b%20c"},
    {"a", "+&=%#?/\"'<>;,:@", "a=%2B%26%3D%25%23%3F%2F%22%27%3C%3E%3B%2C%3A%40"},
    {"a&b", "c", "a%26b=c"},
    {"a", "caf\xc3\xa9 \xf0\x9f\x97\xbb", "a=caf%C3%A9%20%F0%9F%97%BB"},
    {"a", "\x01\x7f\xff\r\n", "a=%01%7F%FF%0D%0A"},
};

START_TEST(a_written_query_is_read_unchanged)
{
    struct http_parameter_pair pair;
    struct buf query = BUF_INIT;
    const char *at;
    bool found;

    http_query_put(&query, written[_i].name, written[_i].value);
    ck_assert_str_eq(query.data, written[_i].query);
    http_query_put(&query, "z", "26");
    at = query.data;
    ck_assert_int_eq(http_query_next(&at, &pair, &found, NULL), VT_OK);
    ck_assert_str_eq(pair.name, written[_i].name);
    ck_assert_str_eq(pair.value, written[_i].value);
    ck_assert_str_eq(at, "&z=26");
    buf_free(&query);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("http_query");
    TCase *query = tcase_create("query");

    tcase_add_loop_test(query, a_query_is_decoded_into_pairs, 0, COUNT(queries));
    tcase_add_loop_test(query, length_is_limited_as_decoded, 0, 3);
    tcase_add_test(query, vt_fail_accepts_no_reason);
    tcase_add_loop_test(query, a_written_query_is_read_unchanged, 0, COUNT(written));
    suite_add_tcase(suite, query);
    return suite;
}
