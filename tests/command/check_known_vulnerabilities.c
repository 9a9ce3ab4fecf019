#include "command/known_vulnerabilities.h"

#include <string.h>

#include "../support/support.h"
#include "command/package_version.h"

START_TEST(the_table_names_the_fixed_version_of_each_vulnerability)
{
    size_t count;
    const struct known_vulnerability *table = known_vulnerabilities(&count);

    ck_assert_uint_gt(count, 0);
    for (size_t i = 0; i < count; i++) {
        ck_assert(strncmp(table[i].id, "CVE-", 4) == 0);
        ck_assert(table[i].debian != NULL || table[i].upstream != NULL);
        ck_assert(table[i].object != NULL || table[i].debian != NULL);
    }
}
END_TEST

START_TEST(the_vulnerabilities_of_a_library_are_listed_together_the_newest_first)
{
    size_t count;
    const struct known_vulnerability *table = known_vulnerabilities(&count);

    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            if (strcmp(table[i].library, table[j].library) != 0)
                continue;
            ck_assert_str_eq(table[j - 1].library, table[j].library);
            ck_assert_str_eq(table[i].package, table[j].package);
            if (table[i].debian != NULL && table[j].debian != NULL)
                ck_assert_int_gt(package_version_compare(table[i].debian, table[j].debian), 0);
        }
}
END_TEST

static const struct known_vulnerability fixed = {"a",   "liba.so.", "liba1", "1.2-3+deb12u2",
                                                 "1.4", "CVE-0"};

START_TEST(a_package_is_judged_by_its_revision_among_those_of_its_upstream_version)
{
    ck_assert(known_vulnerabilities_affect_package(&fixed, "1.2-3+deb12u1"));
    ck_assert(known_vulnerabilities_affect_package(&fixed, "1.2-1"));
    ck_assert(!known_vulnerabilities_affect_package(&fixed, "1.2-3+deb12u2"));
    ck_assert(!known_vulnerabilities_affect_package(&fixed, "1.2-3+deb12u10"));
    ck_assert(!known_vulnerabilities_affect_package(&fixed, "1.1-3+deb11u7"));
    ck_assert(!known_vulnerabilities_affect_package(&fixed, "1.3-1"));
}
END_TEST

START_TEST(a_library_of_no_package_is_judged_by_its_own_version)
{
    const struct known_vulnerability unknown = {"a", "liba.so.", "liba1", "1.2-3", NULL, "CVE-0"};

    ck_assert(known_vulnerabilities_affect_library(&fixed, "1.3.9"));
    ck_assert(!known_vulnerabilities_affect_library(&fixed, "1.4"));
    ck_assert(!known_vulnerabilities_affect_library(&unknown, "0.1"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("known_vulnerabilities");
    TCase *tests = tcase_create("known_vulnerabilities");

    tcase_add_test(tests, the_table_names_the_fixed_version_of_each_vulnerability);
    tcase_add_test(tests, the_vulnerabilities_of_a_library_are_listed_together_the_newest_first);
    tcase_add_test(tests, a_package_is_judged_by_its_revision_among_those_of_its_upstream_version);
    tcase_add_test(tests, a_library_of_no_package_is_judged_by_its_own_version);
    suite_add_tcase(suite, tests);
    return suite;
}
