#include "command/known_vulnerabilities.h"

#include <string.h>

#include "../support/support.h"
#include "command/package_version.h"

START_TEST(the_table_says_of_each_hole_where_it_is_mended)
{
    size_t count;
    const struct known_hole *holes = known_holes(&count);

    ck_assert_uint_gt(count, 0);
    for (size_t i = 0; i < count; i++) {
        ck_assert(strncmp(holes[i].id, "CVE-", 4) == 0);
        ck_assert(holes[i].debian != NULL || holes[i].upstream != NULL);
        ck_assert(holes[i].object != NULL || holes[i].debian != NULL);
    }
}
END_TEST

START_TEST(the_holes_of_a_library_stand_together_the_newest_first)
{
    size_t count;
    const struct known_hole *holes = known_holes(&count);

    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            if (strcmp(holes[i].library, holes[j].library) != 0)
                continue;
            ck_assert_str_eq(holes[j - 1].library, holes[j].library);
            ck_assert_str_eq(holes[i].package, holes[j].package);
            if (holes[i].debian != NULL && holes[j].debian != NULL)
                ck_assert_int_gt(package_version_compare(holes[i].debian, holes[j].debian), 0);
        }
}
END_TEST

static const struct known_hole hole = {"a", "liba.so.", "liba1", "1.2-3+deb12u2", "1.4", "CVE-0"};

START_TEST(a_package_is_judged_by_its_revision_among_those_of_its_upstream_version)
{
    ck_assert(known_holes_are_in_package(&hole, "1.2-3+deb12u1"));
    ck_assert(known_holes_are_in_package(&hole, "1.2-1"));
    ck_assert(!known_holes_are_in_package(&hole, "1.2-3+deb12u2"));
    ck_assert(!known_holes_are_in_package(&hole, "1.2-3+deb12u10"));
    ck_assert(!known_holes_are_in_package(&hole, "1.1-3+deb11u7"));
    ck_assert(!known_holes_are_in_package(&hole, "1.3-1"));
}
END_TEST

START_TEST(a_library_of_no_package_is_judged_by_its_own_version)
{
    const struct known_hole unknown = {"a", "liba.so.", "liba1", "1.2-3", NULL, "CVE-0"};

    ck_assert(known_holes_are_in_library(&hole, "1.3.9"));
    ck_assert(!known_holes_are_in_library(&hole, "1.4"));
    ck_assert(!known_holes_are_in_library(&unknown, "0.1"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("known_holes");
    TCase *tests = tcase_create("known_holes");

    tcase_add_test(tests, the_table_says_of_each_hole_where_it_is_mended);
    tcase_add_test(tests, the_holes_of_a_library_stand_together_the_newest_first);
    tcase_add_test(tests, a_package_is_judged_by_its_revision_among_those_of_its_upstream_version);
    tcase_add_test(tests, a_library_of_no_package_is_judged_by_its_own_version);
    suite_add_tcase(suite, tests);
    return suite;
}
