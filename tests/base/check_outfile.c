#include "base/outfile.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/support.h"

static const char *folder_path;
static int folder;

static void start(void)
{
    folder_path = support_folder();
    folder = open(folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(folder, 0);
}

static void stop(void)
{
    (void)close(folder);
}

static void begin(struct outfile *out, const char *text)
{
    ck_assert_int_eq(outfile_open(folder, "x.partial", 0640, out, NULL), VT_OK);
    ck_assert_int_eq(outfile_write(out, text, strlen(text)), VT_OK);
}

static bool has(const char *name, const char *text)
{
    const char *path = support_path(folder_path, name);
    struct buf found;
    bool same;

    if (access(path, F_OK) != 0)
        return text == NULL;
    support_read_file(path, &found);
    same = text != NULL && found.len == strlen(text) && memcmp(found.data, text, found.len) == 0;
    buf_free(&found);
    return same;
}

START_TEST(a_file_has_its_name_once_it_is_whole)
{
    struct outfile out;
    bool taken;

    begin(&out, "new");
    ck_assert(has("x", NULL));
    ck_assert_int_eq(outfile_place(&out, "x", false, &taken), VT_OK);
    ck_assert(!taken && has("x", "new") && has("x.partial", NULL));
    outfile_discard(&out);
    ck_assert(has("x", "new"));
    ck_assert_int_eq(outfile_sync_folder(folder), VT_OK);
}
END_TEST

START_TEST(an_existing_file_is_kept_or_replaced)
{
    struct outfile out;
    bool taken;

    support_write_file(support_path(folder_path, "x"), "old", 3);
    begin(&out, "new");
    ck_assert_int_eq(outfile_place(&out, "x", false, &taken), VT_OK);
    ck_assert(taken && has("x", "old") && has("x.partial", "new"));
    ck_assert_int_eq(outfile_place(&out, "x", true, &taken), VT_OK);
    ck_assert(!taken && has("x", "new") && has("x.partial", NULL));
}
END_TEST

START_TEST(a_name_that_cannot_be_leaves_the_file_to_another)
{
    char name[300];
    struct outfile out;
    bool taken;

    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    begin(&out, "new");
    ck_assert_int_eq(outfile_place(&out, name, false, &taken), VT_ERR_MALFORMED);
    ck_assert_int_eq(outfile_place(&out, "x", false, &taken), VT_OK);
    ck_assert(has("x", "new"));
    ck_assert_int_eq(outfile_open(folder, name, 0640, &out, NULL), VT_ERR_MALFORMED);
    outfile_discard(&out);
}
END_TEST

START_TEST(a_discarded_file_leaves_nothing)
{
    struct outfile out;

    begin(&out, "half");
    outfile_discard(&out);
    outfile_discard(&out);
    ck_assert(has("x.partial", NULL));
    out = OUTFILE_INIT;
    outfile_discard(&out);
}
END_TEST

START_TEST(one_at_a_time_and_what_was_left_is_written_over)
{
    struct outfile out, other;
    bool taken;

    support_write_file(support_path(folder_path, "x.partial"), "left behind", 11);
    begin(&out, "new");
    ck_assert_int_eq(outfile_open(folder, "x.partial", 0640, &other, NULL), VT_ERR_UNAVAILABLE);
    outfile_discard(&other);
    ck_assert_int_eq(outfile_place(&out, "x", false, &taken), VT_OK);
    ck_assert(has("x", "new"));
}
END_TEST

START_TEST(links_and_pipes_are_not_written_to)
{
    struct outfile out;

    ck_assert_int_eq(symlinkat("x", folder, "x.partial"), 0);
    ck_assert_int_ne(outfile_open(folder, "x.partial", 0640, &out, NULL), VT_OK);
    ck_assert_int_eq(unlinkat(folder, "x.partial", 0), 0);
    ck_assert_int_eq(mkfifoat(folder, "x.partial", 0600), 0);
    ck_assert_int_ne(outfile_open(folder, "x.partial", 0640, &out, NULL), VT_OK);
    ck_assert(has("x", NULL));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("outfile");
    TCase *tests = tcase_create("outfile");

    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, a_file_has_its_name_once_it_is_whole);
    tcase_add_test(tests, an_existing_file_is_kept_or_replaced);
    tcase_add_test(tests, a_name_that_cannot_be_leaves_the_file_to_another);
    tcase_add_test(tests, a_discarded_file_leaves_nothing);
    tcase_add_test(tests, one_at_a_time_and_what_was_left_is_written_over);
    tcase_add_test(tests, links_and_pipes_are_not_written_to);
    suite_add_tcase(suite, tests);
    return suite;
}
