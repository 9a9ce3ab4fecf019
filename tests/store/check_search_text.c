/* What the search index has of an image, and the queries by which it is found. */
#include "store/search_text.h"

#include <string.h>

#include "../support/support.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static struct buf text;

static void start(void)
{
    text = BUF_INIT;
}

static void stop(void)
{
    buf_free(&text);
}

static const struct {
    const char *text, *parts;
} parts[] = {
    {"", ""},
    {"img", ""},
    {"photo", "hoto "},
    {"IMG_20240131.jpg", "0240131 240131 40131 0131 "},
    {"M\xc3\xbcller", "\xc3\xbcller ller "},
    {"\xe5\x86\x99\xe7\x9c\x9f\xe9\xa4\xa8", "\xe7\x9c\x9f\xe9\xa4\xa8 \xe9\xa4\xa8 "},
    {"a-b c,d", ""},
    {"0123456789012345678901234567", "123456789012345678901234 23456789012345678901234"},
};

START_TEST(the_parts_of_a_word_are_its_ends)
{
    search_text_parts(&text, parts[_i].text);
    ck_assert(buf_ok(&text));
    if (_i == COUNT(parts) - 1)
        ck_assert_int_eq(strncmp(text.data, parts[_i].parts, strlen(parts[_i].parts)), 0);
    else
        ck_assert_str_eq(text.len > 0 ? text.data : "", parts[_i].parts);
}
END_TEST

START_TEST(the_parts_of_the_longest_tags_are_bounded)
{
    char tags[TAGS_SIZE];

    memset(tags, 'a', sizeof tags);
    tags[sizeof tags - 1] = '\0';
    search_text_parts(&text, tags);
    ck_assert_uint_le(text.len, 4096);
    buf_clear(&text);
    for (size_t i = 20; i < sizeof tags - 1; i += 21)
        tags[i] = '\n';
    search_text_parts(&text, tags);
    ck_assert_uint_le(text.len, 4096);
    ck_assert_uint_gt(text.len, 3000);
}
END_TEST

/* Every kind of broken UTF-8 must be walked without reading past its end. */
START_TEST(bytes_that_are_not_utf8_are_parted_too)
{
    char bytes[9];

    for (unsigned i = 0; i < 65536; i += 7) {
        memset(bytes, 0xf4, sizeof bytes);
        bytes[2] = (char)(i >> 8);
        bytes[3] = (char)i;
        bytes[8] = '\0';
        buf_clear(&text);
        search_text_parts(&text, bytes);
        ck_assert(buf_ok(&text));
    }
}
END_TEST

static const struct {
    const char *search;
    bool details;
    const char *match;
} words[] = {
    {"", false, ""},
    {"ab", false, "{shown} : \"ab\" *"},
    {"a", false, "{shown} : \"a\""},
    {"abcd", false, "{shown parts} : \"abcd\" *"},
    {"abcd", true, "{shown parts known} : \"abcd\" *"},
    {"e-m", false, "{shown} : \"e-m\""},
    {"m)", false, "{shown} : \"m)\""},
    {"a-bc", false, "{shown} : \"a-bc\" *"},
    {"\xc3\xa9", false, "{shown} : \"\xc3\xa9\""},
    {"\xc3\xa9t", false, "{shown} : \"\xc3\xa9t\" *"},
    {"\xe4\xba\xac", false, "{shown parts} : \"\xe4\xba\xac\" *"},
    {"a\"b cd", false, "{shown} : \"a\"\"b\" {shown} : \"cd\" *"},
};

START_TEST(a_search_names_the_texts_that_it_looks_at)
{
    search_text_match_words(&text, words[_i].search, words[_i].details);
    ck_assert_str_eq(text.len > 0 ? text.data : "", words[_i].match);
}
END_TEST

static const struct {
    unsigned first, last;
    const char *match;
} days[] = {
    {20240512, 20240512, "marks : (zzd20240512)"},
    {20240500, 20240599, "marks : (zzm202405)"},
    {20240000, 20249999, "marks : (zze2024)"},
    {20000000, 20999999, "marks : (zzf20)"},
    {20231200, 20240299, "marks : (zzm202312 OR zzm202401 OR zzm202402)"},
    {20240530, 20240601, "marks : (zzd20240530 OR zzd20240531 OR zzd20240601)"},
    {20230000, 20240299, "marks : (zze2023 OR zzm202401 OR zzm202402)"},
    {0, 2029999, "marks : (zzf00 OR zzf01 OR zze0200 OR zze0201 OR zze0202)"},
    {99981200, 99999999, "marks : (zzm999812 OR zze9999)"},
};

START_TEST(a_range_of_days_is_covered_by_few_marks)
{
    const struct listing_filter filter = {
        .taken = "x", .first_day = days[_i].first, .last_day = days[_i].last};

    search_text_match_filter(&text, &filter);
    ck_assert_str_eq(text.data, days[_i].match);
}
END_TEST

START_TEST(an_image_is_marked_by_all_that_filters_ask)
{
    const struct search_text_facts facts = {.type = "jpg",
                                            .tags = "a\nb c",
                                            .camera = "N",
                                            .time = 1715508671345,
                                            .has_place = true,
                                            .latitude = -90,
                                            .longitude = 180};

    search_text_marks(&text, &facts);
    ck_assert_str_eq(text.data, "zzyjpg zzf20 zze2024 zzm202405 zzd20240512 zzt61 zzt622063 zzc4e "
                                "zzp zzg00 zzg10 zzg20 zzg30");
}
END_TEST

START_TEST(distances_are_those_of_a_sphere)
{
    ck_assert(search_text_is_near(0, 0, 0, 1, 111.2));
    ck_assert(!search_text_is_near(0, 0, 0, 1, 111.1));
    ck_assert(search_text_is_near(89, 0, 89, 180, 222.5));
    ck_assert(!search_text_is_near(89, 0, 89, 180, 222.3));
    ck_assert(search_text_is_near(10, 179.9, 10, -179.9, 22));
    ck_assert(search_text_is_near(90, 0, -90, 77, LISTING_NEAR_MAX_KM));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("search_text");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, start, stop);
    tcase_add_loop_test(all, the_parts_of_a_word_are_its_ends, 0, COUNT(parts));
    tcase_add_test(all, the_parts_of_the_longest_tags_are_bounded);
    tcase_add_test(all, bytes_that_are_not_utf8_are_parted_too);
    tcase_add_loop_test(all, a_search_names_the_texts_that_it_looks_at, 0, COUNT(words));
    tcase_add_loop_test(all, a_range_of_days_is_covered_by_few_marks, 0, COUNT(days));
    tcase_add_test(all, an_image_is_marked_by_all_that_filters_ask);
    tcase_add_test(all, distances_are_those_of_a_sphere);
    suite_add_tcase(suite, all);
    return suite;
}
