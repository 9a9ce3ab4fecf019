#include "command/import_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/support.h"

static char root[256], data[256];
static int folder;
static struct import_list list;

static void start(void)
{
    (void)snprintf(root, sizeof root, "%s", support_subfolder(support_folder(), "in"));
    (void)snprintf(data, sizeof data, "%s", support_subfolder(support_folder(), "data"));
    folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(folder, 0);
    list = IMPORT_LIST_INIT;
}

static void stop(void)
{
    import_list_free(&list);
    (void)close(folder);
}

static void put(const char *name)
{
    support_write_file(support_path(root, name), name, strlen(name));
}

/* The paths of the list, joined by commas. */
static const char *listed(const struct manifest *manifest)
{
    static char out[1024];
    size_t at = 0;

    import_list_free(&list);
    ck_assert_int_eq(import_list_make(folder, data, manifest, &list, NULL), VT_OK);
    out[0] = '\0';
    for (size_t i = 0; i < list.count; i++)
        at += (size_t)snprintf(out + at, sizeof out - at, "%s%s", i > 0 ? "," : "", list.paths[i]);
    return out;
}

START_TEST(files_are_listed_in_order_with_folders)
{
    ck_assert_str_eq(listed(NULL), "");
    ck_assert_int_eq(mkdirat(folder, "b", 0700), 0);
    ck_assert_int_eq(mkdirat(folder, "b/c", 0700), 0);
    put("IMG_10");
    put("IMG_9");
    put("b/c/deep");
    put("b/one");
    put("a");
    ck_assert_str_eq(listed(NULL), "IMG_9,IMG_10,a,b/c/deep,b/one");
    ck_assert_uint_eq(list.passed_over, 0);
}
END_TEST

START_TEST(only_files_that_are_not_hidden_are_listed)
{
    put("a");
    put(".hidden");
    put(MANIFEST_FILE);
    ck_assert_int_eq(mkdirat(folder, ".git", 0700), 0);
    put(".git/config");
    ck_assert_int_eq(symlinkat("a", folder, "link"), 0);
    ck_assert_int_eq(symlinkat("/", folder, "root"), 0);
    ck_assert_int_eq(mkfifoat(folder, "pipe", 0600), 0);
    ck_assert_int_eq(mkdirat(folder, "b", 0700), 0);
    put("b/" MANIFEST_FILE);
    ck_assert_str_eq(listed(NULL), "a,b/" MANIFEST_FILE);
    ck_assert_uint_eq(list.passed_over, 3);
}
END_TEST

START_TEST(files_of_the_manifest_come_first)
{
    struct record record = support_record(1);
    struct buf text = BUF_INIT;
    struct manifest *manifest;
    int fd;

    manifest_write(&text, &record, "c");
    manifest_write(&text, &record, "../data/x");
    manifest_write(&text, &record, "gone");
    manifest_write(&text, &record, "a");
    manifest_write(&text, &record, "c");
    support_write_file(support_path(root, MANIFEST_FILE), text.data, text.len);
    fd = openat(folder, MANIFEST_FILE, O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(manifest_read(fd, &manifest, NULL), VT_OK);
    put("a");
    put("b");
    put("c");
    put("\xff");
    ck_assert_str_eq(listed(manifest), "c,a,b,\xff");
    manifest_free(manifest);
    buf_free(&text);
    (void)close(fd);
}
END_TEST

START_TEST(the_data_folder_is_not_imported)
{
    struct vt_reason why = {""};
    int above = open(support_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    ck_assert_int_eq(import_list_make(above, data, NULL, &list, &why), VT_ERR_MALFORMED);
    ck_assert_str_ne(why.text, "");
    (void)close(above);
}
END_TEST

START_TEST(folders_are_listed_to_a_limited_depth)
{
    char path[512] = "";
    size_t at = 0;

    for (int i = 0; i < 60; i++) {
        at += (size_t)snprintf(path + at, sizeof path - at, "%sd", i > 0 ? "/" : "");
        ck_assert_int_eq(mkdirat(folder, path, 0700), 0);
    }
    ck_assert_str_eq(listed(NULL), "");
    ck_assert_uint_eq(list.passed_over, 1);
}
END_TEST

START_TEST(opening_a_file_to_import_follows_no_link)
{
    int fd;

    ck_assert_int_eq(mkdirat(folder, "b", 0700), 0);
    put("b/one");
    fd = import_list_open(folder, "b/one");
    ck_assert_int_ge(fd, 0);
    (void)close(fd);
    /* What has become one since it was listed. */
    ck_assert_int_eq(symlinkat("b", folder, "c"), 0);
    ck_assert_int_eq(import_list_open(folder, "c/one"), -1);
    ck_assert(errno == ELOOP || errno == ENOTDIR);
    ck_assert_int_eq(symlinkat("one", folder, "b/two"), 0);
    ck_assert_int_eq(import_list_open(folder, "b/two"), -1);
    ck_assert_int_eq(errno, ELOOP);
    ck_assert_int_eq(import_list_open(folder, "b/gone"), -1);
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("import_list");
    TCase *tests = tcase_create("import_list");

    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, files_are_listed_in_order_with_folders);
    tcase_add_test(tests, only_files_that_are_not_hidden_are_listed);
    tcase_add_test(tests, files_of_the_manifest_come_first);
    tcase_add_test(tests, the_data_folder_is_not_imported);
    tcase_add_test(tests, folders_are_listed_to_a_limited_depth);
    tcase_add_test(tests, opening_a_file_to_import_follows_no_link);
    suite_add_tcase(suite, tests);
    return suite;
}
