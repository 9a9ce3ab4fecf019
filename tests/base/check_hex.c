#include "base/hex.h"

#include <string.h>

#include "../support/support.h"

START_TEST(bytes_are_two_lower_case_digits_each)
{
    static const uint8_t bytes[] = {0x00, 0x01, 0x7f, 0x80, 0xab, 0xff};
    char out[2 * sizeof bytes + 1];
    uint8_t back[sizeof bytes];

    hex_write(bytes, sizeof bytes, out);
    ck_assert_str_eq(out, "00017f80abff");
    ck_assert(hex_read(out, back));
    ck_assert_mem_eq(back, bytes, sizeof bytes);
    hex_write(bytes, 0, out);
    ck_assert_str_eq(out, "");
    ck_assert(hex_read("", back));
}
END_TEST

static const char *const others[] = {"0", "000", "AB", "0 1", "00 ", " 00", "0x00", "g0", "0\n0"};

START_TEST(text_that_is_not_hex_is_refused)
{
    uint8_t out[4];

    ck_assert(!hex_read(others[_i], out));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("hex");
    TCase *all = tcase_create("all");

    tcase_add_test(all, bytes_are_two_lower_case_digits_each);
    tcase_add_loop_test(all, text_that_is_not_hex_is_refused, 0,
                        (int)(sizeof others / sizeof others[0]));
    suite_add_tcase(suite, all);
    return suite;
}
