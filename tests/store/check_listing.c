#include "store/listing.h"

#include "../support/support.h"

START_TEST(a_search_is_split_into_different_words)
{
    struct listing_word words[LISTING_SEARCH_WORDS];

    ck_assert_uint_eq(listing_search_words("", words), 0);
    ck_assert_uint_eq(listing_search_words("  a  A b a ", words), 2);
    ck_assert(words[0].len == 1 && words[1].text[0] == 'b');
    ck_assert_uint_eq(listing_search_words("a b c d e f g h A", words), 8);
    ck_assert_uint_eq(listing_search_words("a b c d e f g h i", words), 9);
}
END_TEST

static const struct record record = {
    .sequence = 42,
    .name = "caf\xc3\xa9",
    .bytes = 1000,
    .photo = {.taken_from = PHOTO_TAKEN_BY_FILE, .taken = {-86400000, 60}}};

/* Of every order; that hostile ones are refused is in check_listing_query.c. */
START_TEST(a_cursor_is_read_as_it_was_written_and_by_its_own_order_alone)
{
    char text[LISTING_CURSOR_SIZE];
    struct listing_cursor cursor;

    listing_cursor_write((enum listing_sort)_i, &record, text);
    for (int sort = 0; sort < SORT_COUNT; sort++)
        ck_assert(listing_cursor_read(text, (enum listing_sort)sort, &cursor) == (sort == _i));
    ck_assert(listing_cursor_read(text, (enum listing_sort)_i, &cursor));
    ck_assert_int_eq(cursor.sequence, 42);
    ck_assert_str_eq(cursor.name, _i == SORT_NAME ? record.name : "");
    ck_assert_uint_eq(cursor.bytes, _i == SORT_SIZE ? 1000 : 0);
    ck_assert_int_eq(cursor.time, _i == SORT_TAKEN || _i == SORT_TAKEN_OLD ? -86400000 : 0);
}
END_TEST

START_TEST(an_order_is_found_by_its_name)
{
    enum listing_sort sort;

    ck_assert(listing_sort_from_name(listing_sort_name((enum listing_sort)_i), &sort));
    ck_assert_int_eq(sort, _i);
    ck_assert(!listing_sort_from_name("", &sort));
    ck_assert(!listing_sort_from_name("New", &sort));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("listing");
    TCase *all = tcase_create("all");

    tcase_add_test(all, a_search_is_split_into_different_words);
    tcase_add_loop_test(all, a_cursor_is_read_as_it_was_written_and_by_its_own_order_alone, 0,
                        SORT_COUNT);
    tcase_add_loop_test(all, an_order_is_found_by_its_name, 0, SORT_COUNT);
    suite_add_tcase(suite, all);
    return suite;
}
