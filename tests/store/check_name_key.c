#include "store/name_key.h"

#include <stdio.h>
#include <string.h>

#include "../support/support.h"

/* Negative where the first name comes before the second. */
static int compare_len(const char *a, size_t a_len, const char *b, size_t b_len)
{
    uint8_t keys[2][NAME_KEY_SIZE];
    size_t lens[2] = {name_key(a, a_len, keys[0]), name_key(b, b_len, keys[1])};
    size_t shorter = lens[0] < lens[1] ? lens[0] : lens[1];
    int by_bytes = memcmp(keys[0], keys[1], shorter);

    ck_assert_uint_le(lens[0], NAME_KEY_SIZE);
    ck_assert_uint_le(lens[1], NAME_KEY_SIZE);
    if (by_bytes != 0)
        return by_bytes;
    return (lens[0] > lens[1]) - (lens[0] < lens[1]);
}

static int compare(const char *a, const char *b)
{
    return compare_len(a, strlen(a), b, strlen(b));
}

/* Each name is to come before all that follow it, up to NULL. */
static void check_order(const char *const names[])
{
    for (size_t i = 0; names[i] != NULL; i++) {
        ck_assert_int_eq(compare(names[i], names[i]), 0);
        for (size_t j = i + 1; names[j] != NULL; j++) {
            ck_assert_msg(compare(names[i], names[j]) < 0, "%s, %s", names[i], names[j]);
            ck_assert_msg(compare(names[j], names[i]) > 0, "%s, %s", names[j], names[i]);
        }
    }
}

START_TEST(numbers_sort_by_their_value)
{
    static const char *const names[] = {"IMG_0.jpg",
                                        "IMG_1.jpg",
                                        "IMG_2.jpg",
                                        "IMG_10.jpg",
                                        "IMG_10a.jpg",
                                        "IMG_11.jpg",
                                        "IMG_100.jpg",
                                        "IMG_99999999999999999999.jpg",
                                        "IMG_100000000000000000000.jpg",
                                        NULL};

    check_order(names);
}
END_TEST

START_TEST(several_numbers_of_a_name_all_count)
{
    static const char *const names[] = {"day 2, picture 3", "day 2, picture 20",
                                        "day 10, picture 1", NULL};

    check_order(names);
}
END_TEST

START_TEST(leading_zeros_decide_between_equal_numbers_only)
{
    check_order((const char *const[]){"a 0", "a 000", "a 001", "a 01", "a 1", "a 002", NULL});
    check_order((const char *const[]){"7 a", "007 b", "7 c", NULL});
}
END_TEST

START_TEST(a_number_may_be_as_long_as_a_name)
{
    char nines[NAME_SIZE], one[NAME_SIZE];

    memset(nines, '9', sizeof nines);
    nines[NAME_SIZE - 2] = '\0';
    memset(one, '0', sizeof one);
    one[0] = '1';
    one[NAME_SIZE - 1] = '\0';
    ck_assert_int_lt(compare(nines, one), 0);
    one[NAME_SIZE - 2] = '1';
    ck_assert_int_gt(compare(one, nines), 0);
}
END_TEST

START_TEST(digits_of_other_scripts_are_numbers)
{
    /* Full-width, Arabic, Devanagari; circled. */
    static const char *const names[] = {"img １",   "img ٢",  "img ३",   "img ④",
                                        "img １０", "img ٢٠", "img 100", NULL};

    check_order(names);
}
END_TEST

START_TEST(case_makes_a_difference_between_equal_names_only)
{
    static const char *const names[] = {"APPLE",  "Apple", "apple", "Apple 2", "apple 10",
                                        "banana", "Zebra", "zebra", NULL};

    check_order(names);
}
END_TEST

START_TEST(accents_make_a_difference_between_equal_names_only)
{
    static const char *const names[] = {"Eclair",   "eclair",  "Éclair",   "éclair",
                                        "Eclair 2", "eclipse", "uber",     "Über",
                                        "über",     "Übung",   "Umbrella", NULL};

    check_order(names);
    /* Composed or not. */
    check_order((const char *const[]){"e\xcc\x81"
                                      "clair a",
                                      "éclair b",
                                      "e\xcc\x81"
                                      "clair c",
                                      NULL});
}
END_TEST

START_TEST(letters_with_strokes_stand_beside_the_plain_ones)
{
    static const char *const names[] = {"Aero",     "Ærø 1",     "Aerosol",  "Lodz 1", "Łódź 2",
                                        "Lodz 3",   "Oslo",      "Østerbro", "Otter",  "Strasse 1",
                                        "Straße 2", "Strasse 3", "zebra",    NULL};

    check_order(names);
}
END_TEST

START_TEST(cyrillic_letters_with_marks_follow_the_plain_ones)
{
    check_order((const char *const[]){"ива", "ия", "йа", "к", NULL});
    check_order((const char *const[]){"ия",
                                      "и\xcc\x86"
                                      "а 1",
                                      "йа 2",
                                      "и\xcc\x86"
                                      "а 3",
                                      "к", NULL});
    check_order((const char *const[]){"ель 1", "ёль 2", "ель 3", NULL});
}
END_TEST

START_TEST(letters_of_slavic_alphabets_have_their_places)
{
    check_order((const char *const[]){"гора", "ґанок", "дим", "ель", "єнот", "жук", "зоря", "ива",
                                      "йод", "іскра", "їжак", "кіт", NULL});
    check_order((const char *const[]){"дом", "ђак", "еж", "ија", "јеж", "ку", "лук", "љубав", "мак",
                                      "нос", "његош", "око", "там", "ћуп", "уво", "час", "џак",
                                      "ша", NULL});
}
END_TEST

START_TEST(forms_of_a_character_are_the_same_character)
{
    check_order((const char *const[]){"ﬁle 1", "file 2", "ｆｉｌｅ 3", "file 4", NULL});
    check_order((const char *const[]){"a\xc2\xa0"
                                      "b 1", /* a blank that does not break */
                                      "a b 2",
                                      "a\xc2\xa0"
                                      "b 3",
                                      NULL});
    /* With a variation selector, and a joiner. */
    check_order((const char *const[]){"❤\xef\xb8\x8f 1", "❤ 2", "❤\xef\xb8\x8f 3", NULL});
}
END_TEST

START_TEST(blanks_come_before_signs_before_numbers_before_letters)
{
    static const char *const names[] = {"a",   "a b", "a-b", "a.b", "a_b", "a~b", "a€b",
                                        "a📷b", "a1b", "ab",  "aé",  "aж",  "a写", NULL};

    check_order(names);
}
END_TEST

START_TEST(vowel_signs_count_as_letters)
{
    static const char *const names[] = {"कम", "का", "कि", "की", "कु", NULL};

    check_order(names);
    check_order((const char *const[]){"גרון 1", "גָּרוֹן 2", "גרון 3", NULL}); /* Hebrew points */
}
END_TEST

START_TEST(a_beginning_comes_before_what_begins_with_it)
{
    char name[NAME_SIZE], beginning[NAME_SIZE];
    const char *text = "Żółw №7 — Ångström １２３ 写真 ½ IMG_0001 (2).jpeg";

    for (size_t i = 0; i < strlen(text); i += text_character(text + i, strlen(text) - i)) {
        (void)snprintf(name, sizeof name, "%s", text);
        (void)snprintf(beginning, sizeof beginning, "%.*s", (int)i, text);
        ck_assert_msg(compare(beginning, name) < 0, "%s", beginning);
    }
}
END_TEST

START_TEST(only_equal_names_have_equal_keys)
{
    char a[NAME_SIZE], b[NAME_SIZE];

    ck_assert_int_ne(compare("A", "a"), 0);
    ck_assert_int_ne(compare("é", "e\xcc\x81"), 0);
    ck_assert_int_ne(compare("01", "1"), 0);
    ck_assert_int_ne(compare("", "\xcc\x81"), 0); /* nothing but an accent */
    /* Longer than a key has room for before it comes to the end; each is eighteen letters. */
    for (size_t i = 0; i < 84; i++)
        memcpy(a + 3 * i, "\xef\xb7\xba", 3);
    memcpy(a + 252, "1", 2);
    memcpy(b, a, sizeof b);
    b[252] = '2';
    ck_assert_int_lt(compare(a, b), 0);
}
END_TEST

START_TEST(an_empty_name_has_an_empty_key_and_no_other_begins_with_nul)
{
    uint8_t key[NAME_KEY_SIZE];

    ck_assert_uint_eq(name_key("", 0, key), 0);
    ck_assert_uint_gt(name_key(".", 1, key), 0);
    ck_assert_uint_ne(key[0], 0);
}
END_TEST

/* A damaged catalogue may have any. */
START_TEST(any_bytes_have_a_key)
{
    unsigned char bytes[600];
    unsigned state = 1;

    for (int round = 0; round < 2000; round++) {
        char other[sizeof bytes];
        size_t len = (size_t)(round % (int)sizeof bytes);

        for (size_t i = 0; i < len; i++) {
            state = state * 1103515245 + 12345;
            bytes[i] = (unsigned char)(state >> 16);
        }
        memcpy(other, bytes, sizeof other);
        ck_assert_int_eq(compare_len((char *)bytes, len, other, len), 0);
        if (len == 0 || len >= NAME_SIZE)
            continue;
        other[len - 1] ^= 1;
        ck_assert_int_ne(compare_len((char *)bytes, len, other, len), 0);
        ck_assert_int_eq(compare_len((char *)bytes, len, other, len) < 0,
                         compare_len(other, len, (char *)bytes, len) > 0);
    }
}
END_TEST

START_TEST(the_version_names_that_of_unicode)
{
    char version[NAME_KEY_VERSION_SIZE];
    unsigned format, major, minor;

    name_key_version(version);
    ck_assert_int_eq(sscanf(version, "%u-%u.%u", &format, &major, &minor), 3);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("name_key");
    TCase *order = tcase_create("order"), *keys = tcase_create("keys");

    tcase_add_test(order, numbers_sort_by_their_value);
    tcase_add_test(order, several_numbers_of_a_name_all_count);
    tcase_add_test(order, leading_zeros_decide_between_equal_numbers_only);
    tcase_add_test(order, a_number_may_be_as_long_as_a_name);
    tcase_add_test(order, digits_of_other_scripts_are_numbers);
    tcase_add_test(order, case_makes_a_difference_between_equal_names_only);
    tcase_add_test(order, accents_make_a_difference_between_equal_names_only);
    tcase_add_test(order, letters_with_strokes_stand_beside_the_plain_ones);
    tcase_add_test(order, cyrillic_letters_with_marks_follow_the_plain_ones);
    tcase_add_test(order, letters_of_slavic_alphabets_have_their_places);
    tcase_add_test(order, forms_of_a_character_are_the_same_character);
    tcase_add_test(order, blanks_come_before_signs_before_numbers_before_letters);
    tcase_add_test(order, vowel_signs_count_as_letters);
    tcase_add_test(order, a_beginning_comes_before_what_begins_with_it);
    suite_add_tcase(suite, order);
    tcase_add_test(keys, only_equal_names_have_equal_keys);
    tcase_add_test(keys, an_empty_name_has_an_empty_key_and_no_other_begins_with_nul);
    tcase_add_test(keys, any_bytes_have_a_key);
    tcase_add_test(keys, the_version_names_that_of_unicode);
    suite_add_tcase(suite, keys);
    return suite;
}
