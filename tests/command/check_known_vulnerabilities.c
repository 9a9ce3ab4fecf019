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
        bool is_fixed = table[i].upstream != NULL && table[i].library->object != NULL;

        for (int release = 0; release < DEBIAN_RELEASE_COUNT; release++)
            is_fixed = is_fixed || table[i].fixed[release] != NULL;
        ck_assert(is_fixed);
        ck_assert(strncmp(table[i].id, "CVE-", 4) == 0);
    }
}
END_TEST

START_TEST(the_vulnerabilities_of_a_library_are_listed_together_the_newest_first)
{
    size_t count;
    const struct known_vulnerability *table = known_vulnerabilities(&count);

    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            if (table[i].library != table[j].library)
                continue;
            ck_assert_ptr_eq(table[j - 1].library, table[j].library);
            for (int release = 0; release < DEBIAN_RELEASE_COUNT; release++)
                if (table[i].fixed[release] != NULL && table[j].fixed[release] != NULL)
                    ck_assert_int_gt(
                        package_version_compare(table[i].fixed[release], table[j].fixed[release]),
                        0);
        }
}
END_TEST

/* Otherwise a package of Debian 12 could be taken for one of Debian 13. */
START_TEST(a_fixed_version_is_of_its_release_and_older_than_what_the_next_release_came_out_with)
{
    size_t count;
    const struct known_vulnerability *table = known_vulnerabilities(&count);

    for (size_t i = 0; i < count; i++)
        for (int release = 0; release < DEBIAN_RELEASE_COUNT; release++) {
            const struct known_package *packages = table[i].library->packages;
            const char *fixed = table[i].fixed[release];

            if (fixed == NULL)
                continue;
            ck_assert_int_ge(package_version_compare(fixed, packages[release].since), 0);
            ck_assert(release + 1 == DEBIAN_RELEASE_COUNT ||
                      package_version_compare(fixed, packages[release + 1].since) < 0);
        }
}
END_TEST

/* The newest packages of both releases on 2026-11-30, and those that the releases came out with. */
static const struct {
    const char *name, *released[DEBIAN_RELEASE_COUNT], *newest[DEBIAN_RELEASE_COUNT];
} packages[] = {
    {"libheif", {"1.15.1-1", "1.19.8-1"}, {"1.15.1-1+deb12u1", "1.23.6-2~deb13u1"}},
    {"libde265", {"1.0.11-1", "1.0.15-1"}, {"1.0.11-1+deb12u3", "1.0.15-1+deb13u2"}},
    {"libaom", {"3.6.0-1", "3.12.1-1"}, {"3.6.0-1+deb12u3", "3.12.1-1+deb13u1"}},
    {"dav1d", {"1.0.0-2", "1.5.1-1"}, {"1.0.0-2+deb12u1", "1.5.1-1"}},
    {"libjxl", {"0.7.0-10", "0.11.1-4"}, {"0.7.0-10+deb12u1", "0.11.2-0.1~deb13u3"}},
    {"libwebp", {"1.2.4-0.2", "1.5.0-0.1"}, {"1.2.4-0.2+deb12u1", "1.5.0-0.1"}},
    {"libpng", {"1.6.39-2", "1.6.48-1"}, {"1.6.39-2+deb12u6", "1.6.48-1+deb13u6"}},
    {"libtiff", {"4.5.0-6", "4.7.0-3"}, {"4.5.0-6+deb12u4", "4.7.0-3+deb13u3"}},
    {"zstd", {"1.5.4+dfsg2-5", "1.5.7+dfsg-1"}, {"1.5.4+dfsg2-5+deb12u1", "1.5.7+dfsg-1+deb13u1"}},
    {"Expat", {"2.5.0-1", "2.7.1-2"}, {"2.5.0-1+deb12u5", "2.9.0-1~deb13u1"}},
    {"ImageMagick",
     {"8:6.9.11.60+dfsg-1.6", "8:7.1.1.43+dfsg1-1"},
     {"8:6.9.11.60+dfsg-1.6+deb12u15", "8:7.1.1.43+dfsg1-1+deb13u14"}},
    {"Little CMS", {"2.14-2", "2.16-2"}, {"2.14-2+deb12u1", "2.16-2+deb13u2"}},
    {"nginx", {"1.22.1-9", "1.26.3-3"}, {"1.22.1-9+deb12u11", "1.26.3-3+deb13u11"}},
};

/* Whether any vulnerability of the library is in a package of this version, whatever the release,
 * as `vitrine check` asks. */
static bool is_named(const char *library, const char *version)
{
    size_t count;
    const struct known_vulnerability *table = known_vulnerabilities(&count);
    bool named = false;

    for (size_t i = 0; i < count; i++)
        for (int release = 0; release < DEBIAN_RELEASE_COUNT; release++)
            named = named || (strcmp(table[i].library->name, library) == 0 &&
                              known_vulnerabilities_affect_package(&table[i], release, version));
    return named;
}

START_TEST(no_package_of_an_upgraded_debian_12_or_13_is_named)
{
    for (int release = 0; release < DEBIAN_RELEASE_COUNT; release++)
        ck_assert_msg(!is_named(packages[_i].name, packages[_i].newest[release]), "%s %s",
                      packages[_i].name, packages[_i].newest[release]);
}
END_TEST

/* Debian 13 came out with a dav1d and a libwebp that have the fixes, and with a libaom of which
 * only the encoder was fixed since. */
START_TEST(each_package_that_debian_12_or_13_came_out_with_is_named_if_it_was_fixed_since)
{
    static const char *const fixed_from_the_start[] = {"dav1d", "libwebp", "libaom"};
    bool is_fixed = false;

    for (size_t i = 0; i < sizeof fixed_from_the_start / sizeof *fixed_from_the_start; i++)
        is_fixed = is_fixed || strcmp(packages[_i].name, fixed_from_the_start[i]) == 0;
    ck_assert(is_named(packages[_i].name, packages[_i].released[DEBIAN_12]));
    ck_assert_int_eq(is_named(packages[_i].name, packages[_i].released[DEBIAN_13]), !is_fixed);
}
END_TEST

START_TEST(each_library_of_the_table_is_among_the_packages_of_both_releases)
{
    size_t count, i;
    const struct known_vulnerability *table = known_vulnerabilities(&count);

    for (size_t j = 0; j < count; j++) {
        for (i = 0; i < sizeof packages / sizeof *packages; i++)
            if (strcmp(packages[i].name, table[j].library->name) == 0)
                break;
        ck_assert_msg(i < sizeof packages / sizeof *packages, "%s", table[j].library->name);
    }
}
END_TEST

static const struct known_library library = {
    "a", "liba.so.", {{"liba1", NULL, "1.2"}, {"liba1t64", NULL, "1.6"}}};
static const struct known_vulnerability fixed = {
    &library, {"1.2-3+deb12u2", "1.8.1-2~deb13u1"}, "1.8", "CVE-0"};

START_TEST(a_package_is_judged_from_the_version_that_its_release_came_out_with)
{
    ck_assert(known_vulnerabilities_affect_package(&fixed, DEBIAN_12, "1.2-3+deb12u1"));
    ck_assert(known_vulnerabilities_affect_package(&fixed, DEBIAN_12, "1.2-1"));
    ck_assert(!known_vulnerabilities_affect_package(&fixed, DEBIAN_12, "1.2-3+deb12u2"));
    ck_assert(!known_vulnerabilities_affect_package(&fixed, DEBIAN_12, "1.2-3+deb12u10"));
    ck_assert(!known_vulnerabilities_affect_package(&fixed, DEBIAN_12, "1.1-3+deb11u7"));
    ck_assert(!known_vulnerabilities_affect_package(&fixed, DEBIAN_12, "1.3-1"));
    ck_assert(!known_vulnerabilities_affect_package(&fixed, DEBIAN_13, "1.2-3+deb12u1"));
}
END_TEST

START_TEST(a_package_is_judged_up_to_a_later_upstream_version_if_its_release_took_that)
{
    ck_assert(known_vulnerabilities_affect_package(&fixed, DEBIAN_13, "1.6-4"));
    ck_assert(known_vulnerabilities_affect_package(&fixed, DEBIAN_13, "1.8-1"));
    ck_assert(!known_vulnerabilities_affect_package(&fixed, DEBIAN_13, "1.8.1-2~deb13u1"));
    ck_assert(!known_vulnerabilities_affect_package(&fixed, DEBIAN_13, "1.9-1"));
}
END_TEST

START_TEST(a_package_of_a_release_without_a_fix_is_not_judged)
{
    const struct known_vulnerability unfixed = {
        &library, {NULL, "1.8.1-2~deb13u1"}, "1.8", "CVE-0"};

    ck_assert(!known_vulnerabilities_affect_package(&unfixed, DEBIAN_12, "1.2-3"));
}
END_TEST

START_TEST(a_library_of_no_package_is_judged_by_its_own_version)
{
    const struct known_vulnerability unknown = {&library, {"1.2-3", NULL}, NULL, "CVE-0"};

    ck_assert(known_vulnerabilities_affect_library(&fixed, "1.7.9"));
    ck_assert(!known_vulnerabilities_affect_library(&fixed, "1.8"));
    ck_assert(!known_vulnerabilities_affect_library(&unknown, "0.1"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("known_vulnerabilities");
    TCase *tests = tcase_create("known_vulnerabilities");

    tcase_add_test(tests, the_table_names_the_fixed_version_of_each_vulnerability);
    tcase_add_test(tests, the_vulnerabilities_of_a_library_are_listed_together_the_newest_first);
    tcase_add_test(
        tests,
        a_fixed_version_is_of_its_release_and_older_than_what_the_next_release_came_out_with);
    tcase_add_loop_test(tests, no_package_of_an_upgraded_debian_12_or_13_is_named, 0,
                        sizeof packages / sizeof *packages);
    tcase_add_loop_test(
        tests, each_package_that_debian_12_or_13_came_out_with_is_named_if_it_was_fixed_since, 0,
        sizeof packages / sizeof *packages);
    tcase_add_test(tests, each_library_of_the_table_is_among_the_packages_of_both_releases);
    tcase_add_test(tests, a_package_is_judged_from_the_version_that_its_release_came_out_with);
    tcase_add_test(tests,
                   a_package_is_judged_up_to_a_later_upstream_version_if_its_release_took_that);
    tcase_add_test(tests, a_package_of_a_release_without_a_fix_is_not_judged);
    tcase_add_test(tests, a_library_of_no_package_is_judged_by_its_own_version);
    suite_add_tcase(suite, tests);
    return suite;
}
