#include "store/first_page.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "../support/support.h"

static struct first_page *first_page;

static const char *path(const char *name)
{
    return support_path(support_folder(), name);
}

static void start(void)
{
    (void)umask(027);
    ck_assert_int_eq(first_page_open(support_folder(), false, &first_page), VT_OK);
}

static void stop(void)
{
    first_page_close(first_page);
}

static bool exists(const char *name)
{
    struct stat status;

    return lstat(path(name), &status) == 0;
}

static struct stat status_of(const char *name)
{
    struct stat status;

    ck_assert_int_eq(stat(path(name), &status), 0);
    return status;
}

static enum vt_error publish(const char *text, uint64_t version)
{
    struct buf page = BUF_INIT;
    enum vt_error err;

    buf_puts(&page, text);
    err = first_page_write(first_page, &page, version);
    buf_free(&page);
    return err;
}

/* What the page is for who takes it as it is, and for who takes it compressed. */
static void check_page(const char *text)
{
    static char unpacked[100000];
    struct buf plain;
    gzFile file = gzopen(path("listing/first.json.gz"), "rb");
    int len;

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(gzdirect(file), 0);
    len = gzread(file, unpacked, sizeof unpacked);
    ck_assert_int_eq(gzclose(file), Z_OK);
    support_read_file(path("listing/first.json"), &plain);
    ck_assert_uint_eq(plain.len, strlen(text));
    ck_assert_mem_eq(plain.data, text, plain.len);
    ck_assert_int_eq(len, (int)plain.len);
    ck_assert_mem_eq(unpacked, text, plain.len);
    buf_free(&plain);
}

/* Nothing that nginx could serve, and nothing half-done. */
static void check_none(void)
{
    ck_assert(!first_page_is_there(first_page));
    ck_assert(!exists("listing/first.json"));
    ck_assert(!exists("listing/first.json.gz"));
    ck_assert(!exists("listing/new.json"));
    ck_assert(!exists("listing/new.json.gz"));
}

START_TEST(a_page_is_there_twice)
{
    check_none();
    ck_assert_int_eq(publish("{\"images\":[]}\n", 7), VT_OK);
    ck_assert(first_page_is_there(first_page));
    check_page("{\"images\":[]}\n");
    ck_assert_uint_eq(support_count_files(path("listing")), 2);
}
END_TEST

START_TEST(a_large_page_is_compressed)
{
    static char text[60001];

    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = (char)('a' + i * i % 7);
    ck_assert_int_eq(publish(text, 1), VT_OK);
    check_page(text);
    ck_assert_int_lt(status_of("listing/first.json.gz").st_size, 20000);
}
END_TEST

START_TEST(a_page_takes_the_place_of_another)
{
    ck_assert_int_eq(publish("a longer page than the next one", 1), VT_OK);
    ck_assert_int_eq(publish("second", 2), VT_OK);
    check_page("second");
}
END_TEST

START_TEST(nginx_may_read_it_and_others_may_not)
{
    ck_assert_int_eq(publish("x", 1), VT_OK);
    ck_assert_uint_eq(status_of("listing").st_mode & 07777, 0750);
    ck_assert_uint_eq(status_of("listing/first.json").st_mode & 07777, 0640);
    ck_assert_uint_eq(status_of("listing/first.json.gz").st_mode & 07777, 0640);
}
END_TEST

START_TEST(each_version_has_times_of_its_own)
{
    static const uint64_t versions[] = {0, 1, 2, 1000000, (UINT64_C(1) << 30) - 1};
    time_t seen[10];

    for (size_t i = 0; i < 5; i++) {
        ck_assert_int_eq(publish("the same", versions[i]), VT_OK);
        seen[2 * i] = status_of("listing/first.json").st_mtim.tv_sec;
        seen[2 * i + 1] = status_of("listing/first.json.gz").st_mtim.tv_sec;
    }
    for (size_t i = 0; i < 10; i++) {
        ck_assert_int_ge(seen[i], 0);
        ck_assert_int_lt(seen[i], INT64_C(1) << 31);
        for (size_t k = 0; k < i; k++)
            ck_assert_int_ne(seen[i], seen[k]);
    }
}
END_TEST

START_TEST(removing_the_first_page_leaves_no_file)
{
    ck_assert_int_eq(first_page_remove(first_page), VT_OK);
    ck_assert_int_eq(publish("x", 1), VT_OK);
    ck_assert_int_eq(first_page_remove(first_page), VT_OK);
    check_none();
    ck_assert_int_eq(first_page_remove(first_page), VT_OK);
}
END_TEST

START_TEST(opening_removes_what_was_there)
{
    struct first_page *other;

    ck_assert_int_eq(publish("x", 1), VT_OK);
    ck_assert_int_eq(first_page_open(support_folder(), false, &other), VT_OK);
    check_none();
    first_page_close(other);
    first_page_close(NULL);
}
END_TEST

START_TEST(half_a_page_of_a_crash_does_no_harm)
{
    (void)support_subfolder(support_folder(), "listing");
    support_write_file(path("listing/new.json"), "half a page, and longer than the next one", 41);
    support_write_file(path("listing/new.json.gz"), "half", 4);
    support_write_file(path("listing/first.json.gz"), "of the same version", 19);
    ck_assert(!first_page_is_there(first_page));
    ck_assert_int_eq(publish("whole", 2), VT_OK);
    check_page("whole");
    ck_assert_uint_eq(support_count_files(path("listing")), 2);
}
END_TEST

START_TEST(a_folder_that_is_gone_is_made_again)
{
    ck_assert_int_eq(publish("x", 1), VT_OK);
    ck_assert_int_eq(first_page_remove(first_page), VT_OK);
    ck_assert_int_eq(rmdir(path("listing")), 0);
    ck_assert_int_eq(first_page_remove(first_page), VT_OK);
    ck_assert_int_eq(first_page_check(first_page), VT_OK);
    ck_assert_int_eq(publish("y", 2), VT_OK);
    check_page("y");
}
END_TEST

START_TEST(a_folder_that_is_none_fails_and_can_have_no_page)
{
    support_write_file(path("listing"), "", 0);
    ck_assert_int_ne(publish("x", 1), VT_OK);
    ck_assert(!first_page_is_there(first_page));
    ck_assert_int_eq(first_page_remove(first_page), VT_OK);
    ck_assert_int_eq(first_page_check(first_page), VT_ERR_UNAVAILABLE);
}
END_TEST

/* Folders in the place of files: what fails for root as well. */
static const char *const obstacles[] = {"listing/new.json", "listing/new.json.gz",
                                        "listing/first.json.gz"};

START_TEST(a_failed_write_leaves_no_first_page)
{
    (void)support_subfolder(support_folder(), "listing");
    (void)support_subfolder(support_folder(), obstacles[_i]);
    ck_assert_int_ne(publish("x", 1), VT_OK);
    ck_assert(!first_page_is_there(first_page));
    ck_assert_uint_eq(support_count_files(path("listing")), 0);
    ck_assert_int_eq(rmdir(path(obstacles[_i])), 0);
    ck_assert_int_eq(publish("y", 2), VT_OK);
    check_page("y");
}
END_TEST

START_TEST(a_first_page_that_cannot_be_removed_is_an_error)
{
    (void)support_subfolder(support_folder(), "listing");
    (void)support_subfolder(support_folder(), "listing/first.json");
    ck_assert_int_ne(first_page_remove(first_page), VT_OK);
}
END_TEST

START_TEST(a_data_folder_that_is_away_is_not_found)
{
    struct first_page *other;

    ck_assert_int_eq(first_page_open(path("nothing"), false, &other), VT_ERR_NOT_FOUND);
    ck_assert_ptr_null(other);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("first_page");
    TCase *pages = tcase_create("pages"), *faults = tcase_create("faults");

    tcase_add_checked_fixture(pages, start, stop);
    tcase_add_test(pages, a_page_is_there_twice);
    tcase_add_test(pages, a_large_page_is_compressed);
    tcase_add_test(pages, a_page_takes_the_place_of_another);
    tcase_add_test(pages, nginx_may_read_it_and_others_may_not);
    tcase_add_test(pages, each_version_has_times_of_its_own);
    tcase_add_test(pages, removing_the_first_page_leaves_no_file);
    tcase_add_test(pages, opening_removes_what_was_there);
    suite_add_tcase(suite, pages);
    tcase_add_checked_fixture(faults, start, stop);
    tcase_add_test(faults, half_a_page_of_a_crash_does_no_harm);
    tcase_add_test(faults, a_folder_that_is_gone_is_made_again);
    tcase_add_test(faults, a_folder_that_is_none_fails_and_can_have_no_page);
    tcase_add_loop_test(faults, a_failed_write_leaves_no_first_page, 0, 3);
    tcase_add_test(faults, a_first_page_that_cannot_be_removed_is_an_error);
    tcase_add_test(faults, a_data_folder_that_is_away_is_not_found);
    suite_add_tcase(suite, faults);
    return suite;
}
