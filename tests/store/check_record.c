#include "store/record.h"

#include <string.h>

#include "../support/support.h"

#define ID "0123456789abcdef0123456789abcdef"

START_TEST(id_has_32_lower_case_hex_digits)
{
    ck_assert(record_is_id(ID));
    ck_assert(record_is_id("00000000000000000000000000000000"));
    ck_assert(record_is_id("ffffffffffffffffffffffffffffffff"));
}
END_TEST

static const char *const others[] = {
    "",
    "0123456789abcdef0123456789abcde",
    ID "0",
    ID "g",
    ID " ",
    ID "\n",
    ID "/",
    " " ID,
    "0123456789ABCDEF0123456789abcdef",
    "0123456789abcdeg0123456789abcdef",
    "0123456789abcdef 123456789abcdef",
    "../../../../../../../etc/passwd0",
    "0x23456789abcdef0123456789abcdef",
    "-123456789abcdef0123456789abcdef",
    "0123456789abcdef\xd9\xa1"
    "123456789abcde",
};

START_TEST(anything_else_is_no_id)
{
    ck_assert(!record_is_id(others[_i]));
}
END_TEST

START_TEST(id_is_the_first_half_in_hex)
{
    uint8_t hash[DIGEST_SIZE];
    char id[ID_LENGTH + 1];

    digest_of("abc", 3, hash);
    record_write_id(hash, id);
    ck_assert_str_eq(id, "ba7816bf8f01cfea414140de5dae2223");
    ck_assert(record_is_id(id));
}
END_TEST

START_TEST(reading_metadata_again_changes_nothing_that_a_person_has_set)
{
    const unsigned sets[] = {0, RECORD_SET_TAKEN, RECORD_SET_DESCRIPTION, RECORD_SET_PLACE,
                             RECORD_SET_TAKEN | RECORD_SET_DESCRIPTION | RECORD_SET_PLACE};
    unsigned set = sets[_i];
    struct photo file = support_photo(), person = PHOTO_INIT;
    struct record record = {.set_by_person = set};

    memcpy(person.description, "mine", 5);
    person.taken_from = PHOTO_TAKEN_BY_PERSON;
    record.photo = person;
    memcpy(file.title, "title", 6);
    memcpy(file.keywords, "keyword", 8);
    record_set_photo(&record, &file);
    file.title[0] = file.keywords[0] = '\0';
    if (set & RECORD_SET_TAKEN) {
        file.taken_from = PHOTO_TAKEN_BY_PERSON;
        file.taken = PHOTO_TIME_NONE;
    }
    if (set & RECORD_SET_DESCRIPTION)
        memcpy(file.description, "mine", 5);
    if (set & RECORD_SET_PLACE) {
        file.has_place = file.has_altitude = false;
        file.latitude = file.longitude = file.altitude = 0;
    }
    support_photos_equal(&record.photo, &file);
    ck_assert_uint_eq(record.set_by_person, set);
}
END_TEST

START_TEST(what_cannot_be_is_unknown_once_it_is_cleaned)
{
    struct record record = {.set_by_person = UINT32_MAX};
    struct photo wanted = support_photo();

    record.photo = wanted;
    record_clean_photo(&record);
    support_photos_equal(&record.photo, &wanted);
    ck_assert_uint_eq(record.set_by_person, RECORD_SET_ALL | RECORD_BESIDE_ALL);
    record.photo.taken.local = INT64_MAX;
    record.photo.exposure = -1;
    record.photo.aperture = __builtin_nan("");
    record.photo.longitude = 1e9;
    record.photo.flash = (enum photo_flash)7;
    record.photo.rating = 6;
    memcpy(record.photo.camera, "a\nb\xff", 5);
    record_clean_photo(&record);
    ck_assert(!record_is_dated(&record));
    ck_assert_int_eq(record.photo.taken_from, PHOTO_TAKEN_UNKNOWN);
    ck_assert_double_eq(record.photo.exposure, 0);
    ck_assert_double_eq(record.photo.aperture, 0);
    ck_assert(!record.photo.has_place && !record.photo.has_altitude);
    ck_assert_int_eq(record.photo.flash, PHOTO_FLASH_UNKNOWN);
    ck_assert_uint_eq(record.photo.rating, 0);
    ck_assert_str_eq(record.photo.camera, "ab\xef\xbf\xbd");
    record.photo.taken_from = PHOTO_TAKEN_BY_PERSON; /* who says that nobody knows */
    record_clean_photo(&record);
    ck_assert_int_eq(record.photo.taken_from, PHOTO_TAKEN_BY_PERSON);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("record");
    TCase *ids = tcase_create("ids");

    tcase_add_test(ids, id_has_32_lower_case_hex_digits);
    tcase_add_loop_test(ids, anything_else_is_no_id, 0, (int)(sizeof others / sizeof others[0]));
    tcase_add_test(ids, id_is_the_first_half_in_hex);
    tcase_add_loop_test(ids, reading_metadata_again_changes_nothing_that_a_person_has_set, 0, 5);
    tcase_add_test(ids, what_cannot_be_is_unknown_once_it_is_cleaned);
    suite_add_tcase(suite, ids);
    return suite;
}
