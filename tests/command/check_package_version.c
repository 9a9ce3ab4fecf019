#include "command/package_version.h"

#include "../support/support.h"

/* Each with the next: older ones first. From deb-version(7), and from changelogs. */
static const char *const ascending[][2] = {
    {"1.0~rc1", "1.0"},
    {"1.0~~", "1.0~"},
    {"1.0", "1.0a"},
    {"1.0a", "1.0+b"},
    {"1.9", "1.10"},
    {"1.09", "1.10"},
    {"1.15.1", "1.18.0"},
    {"2.14", "2.14.1"},
    {"9.9-9", "1:0"},
    {"1.0-1", "1.0-1+deb12u1"},
    {"1.0-1", "1.0-1.1"},
    {"1.0-9", "1.0-10"},
    {"1.0~deb12u1", "1.0"},
    {"6.9.11-60", "6.9.13-41"},
    {"1.6.39-2", "1.6.39-2+deb12u1"},
    {"1.6.39-2+deb12u4", "1.6.39-2+deb12u6"},
    {"1.6.39-2+deb12u9", "1.6.39-2+deb12u10"},
    {"8:6.9.11.60+dfsg-1.6+deb12u9", "8:6.9.11.60+dfsg-1.6+deb12u14"},
    {"1.2.4-0.2", "1.2.4-0.2+deb12u1"},
    {"1.5.4+dfsg2-5", "1.5.4+dfsg2-5+deb12u1"},
    {"3.0.19-1~deb12u2", "3.0.19-1"},
    {"", "0.1"},
    {"1.99999999999999999999", "1.100000000000000000000"},
};

START_TEST(versions_are_ordered_as_debian_orders_them)
{
    const char *older = ascending[_i][0], *newer = ascending[_i][1];

    ck_assert_int_lt(package_version_compare(older, newer), 0);
    ck_assert_int_gt(package_version_compare(newer, older), 0);
    ck_assert_int_eq(package_version_compare(older, older), 0);
}
END_TEST

static const char *const equal[][2] = {
    {"1.0", "1.0-0"}, {"1.0", "0:1.0"}, {"1.01", "1.1"}, {"1.0-1", "1.00-01"}, {"", "0"}};

START_TEST(different_spellings_of_a_version_are_equal)
{
    ck_assert_int_eq(package_version_compare(equal[_i][0], equal[_i][1]), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("package_version");
    TCase *tests = tcase_create("package_version");

    tcase_add_loop_test(tests, versions_are_ordered_as_debian_orders_them, 0,
                        sizeof ascending / sizeof ascending[0]);
    tcase_add_loop_test(tests, different_spellings_of_a_version_are_equal, 0,
                        sizeof equal / sizeof equal[0]);
    suite_add_tcase(suite, tests);
    return suite;
}
