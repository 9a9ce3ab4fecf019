#include "base/text.h"

#include <stdio.h>
#include <string.h>

#include "../support/support.h"

static const char *cleaned(const char *in)
{
    static char out[NAME_SIZE];

    text_clean_name(in, strlen(in), out);
    return out;
}

START_TEST(text_clean_name_keeps_ordinary_names)
{
    ck_assert_str_eq(cleaned("holiday.jpg"), "holiday.jpg");
    ck_assert_str_eq(cleaned("a name with spaces, and \"quotes\".png"),
                     "a name with spaces, and \"quotes\".png");
    ck_assert_str_eq(cleaned("Grüße aus Kyōto 京都 📷.jpg"), "Grüße aus Kyōto 京都 📷.jpg");
}
END_TEST

START_TEST(text_clean_name_drops_folders)
{
    ck_assert_str_eq(cleaned("../../etc/passwd"), "passwd");
    ck_assert_str_eq(cleaned("C:\\Users\\me\\cat.gif"), "cat.gif");
    ck_assert_str_eq(cleaned("/"), "untitled");
    ck_assert_str_eq(cleaned("a/.."), "untitled");
    ck_assert_str_eq(cleaned("."), "untitled");
    ck_assert_str_eq(cleaned(""), "untitled");
}
END_TEST

START_TEST(text_clean_name_drops_what_cannot_be_seen)
{
    char out[NAME_SIZE];

    ck_assert_str_eq(cleaned("a\r\nb\tc\x7f.jpg"), "abc.jpg");
    ck_assert_str_eq(cleaned("gpj.\xe2\x80\xae"
                             "exe"),
                     "gpj.exe"); /* a right-to-left override */
    ck_assert_str_eq(cleaned("\xef\xbb\xbfstart.jpg"), "start.jpg");
    ck_assert_str_eq(cleaned("  spaces  "), "spaces");
    ck_assert_str_eq(cleaned(" \r\n "), "untitled");
    text_clean_name("a\0b.jpg", 7, out);
    ck_assert_str_eq(out, "ab.jpg");
}
END_TEST

/* Invisible characters by which one name looks like another, each between "a" and "b". */
static const char *const hidden[] = {
    "\xc2\x85",     "\xc2\xad",         "\xcd\x8f",         "\xd8\x9c",         "\xe1\x85\x9f",
    "\xe1\xa0\x8e", "\xe2\x80\x8b",     "\xe2\x80\x8e",     "\xe2\x80\xae",     "\xe2\x81\xa0",
    "\xe2\x81\xa9", "\xe2\x81\xaf",     "\xe3\x85\xa4",     "\xef\xbe\xa0",     "\xef\xbf\xb9",
    "\xef\xbf\xbb", "\xf0\x9d\x85\xb3", "\xf3\xa0\x80\x81", "\xf3\xa0\x81\xa1", "\xf3\xa0\x81\xbf"};

START_TEST(text_clean_name_drops_characters_that_deceive)
{
    char in[16];

    (void)snprintf(in, sizeof in, "a%sb", hidden[_i]);
    ck_assert_str_eq(cleaned(in), "ab");
    ck_assert_uint_eq(text_hidden(hidden[_i], strlen(hidden[_i])), strlen(hidden[_i]));
}
END_TEST

START_TEST(text_clean_name_keeps_what_scripts_and_emoji_need)
{
    static const char *const needed[] = {
        "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac.jpg", /* a zero-width joiner */
        "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae\xd9\x88.jpg", /* a non-joiner */
        "\xe2\x9d\xa4\xef\xb8\x8f.jpg",                     /* U+FE0F */
        "\xe8\x91\x9b\xf3\xa0\x84\x80.jpg",                 /* an ideographic variation */
    };

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        ck_assert_str_eq(cleaned(needed[i]), needed[i]);
}
END_TEST

START_TEST(text_clean_name_replaces_what_is_not_utf8)
{
    ck_assert_str_eq(cleaned("caf\xe9.jpg"), "caf\xef\xbf\xbd.jpg");
    ck_assert_str_eq(cleaned("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd"); /* overlong */
    ck_assert_str_eq(cleaned("\xed\xa0\x80"),
                     "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* surrogate */
    ck_assert_str_eq(cleaned("\xf4\x90\x80\x80"),
                     "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");    /* past U+10FFFF */
    ck_assert_str_eq(cleaned("end\xe4\xba"), "end\xef\xbf\xbd\xef\xbf\xbd"); /* cut off */
}
END_TEST

START_TEST(text_clean_name_cuts_long_names_but_not_their_extension)
{
    char in[301];
    const char *out;

    memset(in, 'x', 300);
    memcpy(in + 296, ".jpg", 5);
    out = cleaned(in);
    ck_assert_uint_eq(strlen(out), NAME_SIZE - 1);
    ck_assert_str_eq(out + NAME_SIZE - 5, ".jpg");
}
END_TEST

START_TEST(text_clean_name_cuts_between_characters)
{
    char in[400] = "";
    const char *out;

    for (int i = 0; i < 130; i++)
        memcpy(in + 3 * i, "\xe4\xba\xac", 4);
    out = cleaned(in);
    ck_assert_uint_eq(strlen(out), 255);
    ck_assert_uint_eq(strlen(out) % 3, 0);
    ck_assert_ptr_null(strstr(out, "\xef\xbf\xbd"));
}
END_TEST

START_TEST(text_clean_fits_any_size)
{
    char out[8];

    text_clean("one two", 7, out, 4);
    ck_assert_str_eq(out, "one");
    text_clean("one two", 7, out, 5);
    ck_assert_str_eq(out, "one"); /* the blank at the end goes too */
    text_clean("one two", 7, out, 1);
    ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(text_bytes_is_a_size_for_people)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } sizes[] = {{0, "0 B"},
                 {999, "999 B"},
                 {1023, "1023 B"},
                 {1024, "1 kB"},
                 {1536, "1.5 kB"},
                 {94371840, "90 MB"},
                 {94371000, "90.0 MB"},
                 {UINT64_C(3) << 30, "3 GB"},
                 {UINT64_C(200) << 40, "200 TB"},
                 {UINT64_MAX, "16 EB"}};
    char out[TEXT_BYTES_SIZE];

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        ck_assert_str_eq(text_bytes(sizes[i].bytes, out), sizes[i].text);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("text");
    TCase *names = tcase_create("names");

    tcase_add_test(names, text_clean_name_keeps_ordinary_names);
    tcase_add_test(names, text_clean_name_drops_folders);
    tcase_add_test(names, text_clean_name_drops_what_cannot_be_seen);
    tcase_add_loop_test(names, text_clean_name_drops_characters_that_deceive, 0,
                        (int)(sizeof hidden / sizeof hidden[0]));
    tcase_add_test(names, text_clean_name_keeps_what_scripts_and_emoji_need);
    tcase_add_test(names, text_clean_name_replaces_what_is_not_utf8);
    tcase_add_test(names, text_clean_name_cuts_long_names_but_not_their_extension);
    tcase_add_test(names, text_clean_name_cuts_between_characters);
    tcase_add_test(names, text_clean_fits_any_size);
    tcase_add_test(names, text_bytes_is_a_size_for_people);
    suite_add_tcase(suite, names);
    return suite;
}
