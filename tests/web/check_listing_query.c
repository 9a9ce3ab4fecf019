#include "web/listing_query.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../support/support.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static void expect_refused(const char *query_string)
{
    struct listing_query query;
    struct vt_reason why = {""};

    ck_assert_msg(listing_query_parse(query_string, &query, &why) == VT_ERR_MALFORMED,
                  "%s is taken", query_string);
    ck_assert_str_ne(why.text, "");
}

static void parse(const char *query_string, struct listing_query *query)
{
    struct vt_reason why = {""};

    ck_assert_msg(listing_query_parse(query_string, query, &why) == VT_OK, "%s: %s", query_string,
                  why.text);
}

/* ---- what is taken ---- */

START_TEST(empty_query_has_the_defaults)
{
    struct listing_query query;

    memset(&query, 0xff, sizeof query);
    parse("", &query);
    ck_assert_int_eq(query.sort, SORT_TAKEN);
    ck_assert_uint_eq(query.limit, 50);
    ck_assert_str_eq(query.search, "");
    ck_assert(!query.has_cursor);
}
END_TEST

START_TEST(all_parameters_of_a_query_can_be_combined)
{
    struct listing_query query;

    parse("cursor=old.7&limit=20&q=red+car&sort=old", &query);
    ck_assert_int_eq(query.sort, SORT_OLD);
    ck_assert_uint_eq(query.limit, 20);
    ck_assert_str_eq(query.search, "red car");
    ck_assert(query.has_cursor);
    ck_assert_int_eq(query.cursor.sequence, 7);
}
END_TEST

START_TEST(limit_goes_from_1_to_200)
{
    struct listing_query query;
    char text[32];

    for (unsigned limit = 1; limit <= 200; limit++) {
        (void)snprintf(text, sizeof text, "limit=%u", limit);
        parse(text, &query);
        ck_assert_uint_eq(query.limit, limit);
    }
}
END_TEST

START_TEST(every_sort_has_a_name)
{
    static const char *const names[] = {"taken", "taken-old", "new", "old", "name", "size"};
    struct listing_query query;
    char text[32];

    ck_assert_int_eq(COUNT(names), SORT_COUNT);
    ck_assert_str_eq(listing_sort_name((enum listing_sort)_i), names[_i]);
    (void)snprintf(text, sizeof text, "sort=%s", names[_i]);
    parse(text, &query);
    ck_assert_int_eq(query.sort, _i);
}
END_TEST

static const struct {
    const char *query, *search;
} searches[] = {
    {"q=", ""},
    {"q", ""},
    {"q=cat", "cat"},
    {"q=%22a%22+OR+b*", "\"a\" OR b*"},
    {"q=++blanks++", "blanks"},
    {"q=%e4%ba%ac", "\xe4\xba\xac"},
    {"q=a%0d%0ab%7f", "ab"},
    {"q=%E2%80%AEa", "a"},
    {"q=%ff", "\xef\xbf\xbd"},
    {"q=a%26limit%3d0", "a&limit=0"},
};

START_TEST(search_is_decoded_and_cleaned)
{
    struct listing_query query;

    parse(searches[_i].query, &query);
    ck_assert_str_eq(query.search, searches[_i].search);
}
END_TEST

START_TEST(long_search_is_cut_between_characters)
{
    struct listing_query query;
    struct buf text = BUF_INIT;

    buf_puts(&text, "q=");
    for (int i = 0; i < 200; i++)
        buf_puts(&text, "%e4%ba%ac");
    parse(text.data, &query);
    ck_assert_uint_eq(strlen(query.search), LISTING_SEARCH_SIZE - 1);
    ck_assert_uint_eq(strlen(query.search) % 3, 0);
    ck_assert_ptr_null(strstr(query.search, "\xef\xbf\xbd"));
    buf_free(&text);
}
END_TEST

START_TEST(a_search_of_more_than_eight_different_words_is_refused)
{
    struct listing_query query;
    struct vt_reason why = {""};

    ck_assert_int_eq(listing_query_parse("q=a+b+c+d+e+f+g+h+a", &query, &why), VT_OK);
    ck_assert_int_eq(listing_query_parse("q=a+b+c+d+e+f+g+h+i", &query, &why), VT_ERR_MALFORMED);
    ck_assert_str_eq(why.text, "a search may have 8 different words");
}
END_TEST

/* ---- what is refused ---- */

static const char *const refused[] = {
    "limit=0",
    "limit=abc",
    "limit=201",
    "limit=1e2",
    "limit=+1",
    "limit=%2B1",
    "limit=-1",
    "limit=00",
    "limit=01",
    "limit=",
    "limit",
    "limit=1.5",
    "limit=0x10",
    "limit=50%20",
    "limit=%2050",
    "limit=4294967297",
    "limit=18446744073709551617",
    "limit=99999999999999999999999999",
    "limit=\xd9\xa1",
    "limit=10&limit=10",
    "limit=10&limit=20",
    "sort=",
    "sort",
    "sort=New",
    "sort=newest",
    "sort=ne",
    "sort=new%20",
    "sort=new,old",
    "sort=new&sort=new",
    "sort=new&limit=5&sort=old",
    "q=a&q=b",
    "q=&q=",
    "cursor=new.1&cursor=new.1",
    "offset=5",
    "Limit=5",
    "limit%20=5",
    "limits=5",
    "=5",
    "=",
    "x",
    "q=a&page=2",
    "limit=5&=",
    "q=%",
    "q=%00",
    "q=a%zz",
    "%=1",
    "limit%00=5",
};

START_TEST(an_invalid_parameter_is_refused)
{
    expect_refused(refused[_i]);
}
END_TEST

START_TEST(search_over_the_querys_limit_is_refused)
{
    char text[1100] = "q=";

    memset(text + 2, 'a', 1024);
    expect_refused(text);
}
END_TEST

/* ---- cursors ---- */

static const struct record records[] = {
    {.sequence = 1, .name = "a", .bytes = 1},
    {.sequence = INT64_MAX, .name = "caf\xc3\xa9 & \"more\".jpg", .bytes = INT64_MAX},
    {.sequence = 42, .name = "\xff\x01%2e.", .bytes = 0},
};

static void cursor_query(enum listing_sort sort, const char *cursor, char out[1024])
{
    (void)snprintf(out, 1024, "sort=%s&cursor=%s", listing_sort_name(sort), cursor);
}

static void expect_cursor_comes_back(enum listing_sort sort, const struct record *record)
{
    static const char plain[] = "0123456789abcdefghijklmnopqrstuvwxyz.-";
    char cursor[LISTING_CURSOR_SIZE], text[1024];
    struct listing_query query;

    listing_cursor_write(sort, record, cursor);
    ck_assert_uint_eq(strspn(cursor, plain), strlen(cursor));
    cursor_query(sort, cursor, text);
    parse(text, &query);
    ck_assert(query.has_cursor);
    ck_assert_int_eq(query.cursor.sequence, record->sequence);
    ck_assert_uint_eq(query.cursor.bytes, sort == SORT_SIZE ? record->bytes : 0);
    ck_assert_str_eq(query.cursor.name, sort == SORT_NAME ? record->name : "");
    ck_assert_int_eq(query.cursor.time,
                     sort == SORT_TAKEN || sort == SORT_TAKEN_OLD ? record_time(record) : 0);
}

START_TEST(cursor_comes_back_as_written)
{
    struct record longest = {.sequence = INT64_MAX};

    memset(longest.name, 0xff, NAME_SIZE - 1);
    expect_cursor_comes_back((enum listing_sort)_i, &longest);
    for (int i = 0; i < COUNT(records); i++)
        expect_cursor_comes_back((enum listing_sort)_i, &records[i]);
}
END_TEST

START_TEST(cursor_of_another_sort_is_refused)
{
    char cursor[LISTING_CURSOR_SIZE], text[1024];

    listing_cursor_write((enum listing_sort)_i, &records[0], cursor);
    for (int other = 0; other < SORT_COUNT; other++) {
        if (other == _i)
            continue;
        cursor_query((enum listing_sort)other, cursor, text);
        expect_refused(text);
    }
}
END_TEST

START_TEST(cursor_may_come_before_its_sort)
{
    struct listing_query query;

    parse("cursor=size.3.1000&sort=size", &query);
    ck_assert_uint_eq(query.cursor.bytes, 1000);
    expect_refused("cursor=size.3.1000");
}
END_TEST

static const struct {
    enum listing_sort sort;
    const char *cursor;
} hostile[] = {
    {SORT_NEW, ""},
    {SORT_NEW, "new"},
    {SORT_NEW, "new."},
    {SORT_NEW, ".1"},
    {SORT_NEW, "1"},
    {SORT_NEW, "new.-1"},
    {SORT_NEW, "new.%2B1"},
    {SORT_NEW, "new.01"},
    {SORT_NEW, "new.1a"},
    {SORT_NEW, "new.1."},
    {SORT_NEW, "new.1.2"},
    {SORT_NEW, "new.1%20"},
    {SORT_NEW, "newer.1"},
    {SORT_NEW, "NEW.1"},
    {SORT_NEW, "new.9223372036854775808"},
    {SORT_NEW, "new.18446744073709551617"},
    {SORT_NEW, "new.99999999999999999999999999999999"},
    {SORT_NEW, "new.1'%20OR%201=1--"},
    {SORT_TAKEN, "taken.1"},
    {SORT_TAKEN, "taken.1."},
    {SORT_TAKEN, "taken.1.--1"},
    {SORT_TAKEN, "taken.1.-0"},
    {SORT_TAKEN, "taken.1.-"},
    {SORT_TAKEN, "taken.1.1.5"},
    {SORT_TAKEN, "taken.-1.1"},
    {SORT_TAKEN, "taken.1.-9223372036854775808"},
    {SORT_TAKEN, "taken-old.1.1"},
    {SORT_TAKEN_OLD, "taken.1.1"},
    {SORT_SIZE, "size.1"},
    {SORT_SIZE, "size.1."},
    {SORT_SIZE, "size..1"},
    {SORT_SIZE, "size.1.-1"},
    {SORT_SIZE, "size.1.2.3"},
    {SORT_SIZE, "size.1.9223372036854775808"},
    {SORT_SIZE, "size.1.1e3"},
    {SORT_NAME, "name.1"},
    {SORT_NAME, "name..61"},
    {SORT_NAME, "name.1.6"},
    {SORT_NAME, "name.1.616"},
    {SORT_NAME, "name.1.6G"},
    {SORT_NAME, "name.1.4A"},
    {SORT_NAME, "name.1.%2061"},
    {SORT_NAME, "name.1.0x61"},
    {SORT_NAME, "name.1.61.61"},
    {SORT_NAME, "name.1.00"},
    {SORT_NAME, "name.1.610062"},
};

START_TEST(a_hostile_cursor_is_refused)
{
    char text[1024];

    cursor_query(hostile[_i].sort, hostile[_i].cursor, text);
    expect_refused(text);
}
END_TEST

START_TEST(cursor_of_a_name_that_is_too_long_is_refused)
{
    struct listing_query query;
    struct buf text = BUF_INIT;

    buf_puts(&text, "sort=name&cursor=name.1.");
    for (int i = 0; i < NAME_SIZE - 1; i++)
        buf_puts(&text, "61");
    parse(text.data, &query);
    ck_assert_uint_eq(strlen(query.cursor.name), NAME_SIZE - 1);
    buf_puts(&text, "61");
    expect_refused(text.data);
    buf_free(&text);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("listing_query");
    TCase *query = tcase_create("query"), *cursor = tcase_create("cursor");

    tcase_add_test(query, empty_query_has_the_defaults);
    tcase_add_test(query, all_parameters_of_a_query_can_be_combined);
    tcase_add_test(query, limit_goes_from_1_to_200);
    tcase_add_loop_test(query, every_sort_has_a_name, 0, SORT_COUNT);
    tcase_add_loop_test(query, search_is_decoded_and_cleaned, 0, COUNT(searches));
    tcase_add_test(query, long_search_is_cut_between_characters);
    tcase_add_test(query, a_search_of_more_than_eight_different_words_is_refused);
    tcase_add_loop_test(query, an_invalid_parameter_is_refused, 0, COUNT(refused));
    tcase_add_test(query, search_over_the_querys_limit_is_refused);
    suite_add_tcase(suite, query);
    tcase_add_loop_test(cursor, cursor_comes_back_as_written, 0, SORT_COUNT);
    tcase_add_loop_test(cursor, cursor_of_another_sort_is_refused, 0, SORT_COUNT);
    tcase_add_test(cursor, cursor_may_come_before_its_sort);
    tcase_add_loop_test(cursor, a_hostile_cursor_is_refused, 0, COUNT(hostile));
    tcase_add_test(cursor, cursor_of_a_name_that_is_too_long_is_refused);
    suite_add_tcase(suite, cursor);
    return suite;
}
