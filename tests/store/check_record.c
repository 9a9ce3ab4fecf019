#include "store/record.h"

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

Suite *make_suite(void)
{
    Suite *suite = suite_create("record");
    TCase *ids = tcase_create("ids");

    tcase_add_test(ids, id_has_32_lower_case_hex_digits);
    tcase_add_loop_test(ids, anything_else_is_no_id, 0, (int)(sizeof others / sizeof others[0]));
    tcase_add_test(ids, id_is_the_first_half_in_hex);
    suite_add_tcase(suite, ids);
    return suite;
}
