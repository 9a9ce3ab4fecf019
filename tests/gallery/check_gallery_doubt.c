/* A disk that fails during a commit: a layer between SQLite and the system reports an error when
 * the log is synced, and the tests examine what a crash would leave then. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "../support/app.h"
#include "../support/support.h"
#include "gallery/gallery.h"

static struct config config;
static struct gallery *gallery;

/* ---- the failing disk ---- */

static sqlite3_vfs *real, failing;
static sqlite3_io_methods methods;
static const sqlite3_io_methods *real_methods;
static bool fails_once;      /* the next sync of a log fails */
static bool fails_from_then; /* and nothing more is written to it, either */
static bool is_broken;

static int fail_sync(sqlite3_file *file, int flags)
{
    int code = real_methods->xSync(file, flags);

    if (code != SQLITE_OK || !fails_once)
        return code;
    fails_once = false;
    is_broken = fails_from_then;
    return SQLITE_IOERR_FSYNC;
}

static int fail_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
    return is_broken ? SQLITE_IOERR_WRITE : real_methods->xWrite(file, data, len, at);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *out_flags)
{
    int code = real->xOpen(vfs, name, file, flags, out_flags);

    if (code == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) {
        real_methods = file->pMethods;
        methods = *real_methods;
        methods.xSync = fail_sync;
        methods.xWrite = fail_write;
        file->pMethods = &methods;
    }
    return code;
}

static void start(void)
{
    real = sqlite3_vfs_find(NULL);
    failing = *real;
    failing.zName = "failing";
    failing.xOpen = open_file;
    ck_assert_int_eq(sqlite3_vfs_register(&failing, 1), SQLITE_OK);
    support_config(support_subfolder(support_folder(), "data"), &config);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
}

static void stop(void)
{
    gallery_free(gallery);
}

/* ---- what a crash would leave ---- */

static void copy(const char *from, const char *to)
{
    struct buf file;

    support_read_file(support_path(config.data, from), &file);
    support_write_file(support_path(support_folder(), to), file.data, file.len);
    buf_free(&file);
}

/* The number of rows that whoever opens the catalogue after a crash at this moment finds. */
static int rows_after_a_crash(void)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    int rows;

    copy("catalogue.sqlite", "crashed.sqlite");
    copy("catalogue.sqlite-wal", "crashed.sqlite-wal");
    ck_assert_int_eq(sqlite3_open(support_path(support_folder(), "crashed.sqlite"), &db),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT count(*) FROM image", -1, &statement, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    rows = sqlite3_column_int(statement, 0);
    ck_assert_int_eq(sqlite3_finalize(statement), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    return rows;
}

static unsigned originals(void)
{
    return support_count_files(support_path(config.data, "uploads"));
}

static enum vt_error add(struct added *added)
{
    struct buf file;
    enum vt_error err;

    support_picture(&(struct picture){.coder = "PNG"}, &file);
    err = support_add(gallery, file.data, file.len, "x", added, NULL);
    buf_free(&file);
    return err;
}

START_TEST(an_upload_whose_commit_may_have_happened_keeps_its_files)
{
    struct totals totals;
    struct added added;

    ck_assert_int_eq(gallery_open(gallery, NULL), VT_OK);
    fails_once = fails_from_then = true;
    ck_assert_int_ne(add(&added), VT_OK);
    ck_assert_int_eq(gallery_totals(gallery, &totals), VT_OK);
    ck_assert_uint_eq(totals.images, 0);
    ck_assert_int_eq(rows_after_a_crash(), 1); /* or this test shows nothing */
    ck_assert_uint_eq(originals(), 1);
    is_broken = false;
    ck_assert_int_eq(add(&added), VT_OK);
    ck_assert(!added.known);
}
END_TEST

START_TEST(files_go_once_no_crash_can_bring_their_row_back)
{
    struct added added;

    ck_assert_int_eq(gallery_open(gallery, NULL), VT_OK);
    fails_once = true;
    ck_assert_int_ne(add(&added), VT_OK);
    ck_assert(!fails_once);
    ck_assert_int_eq(rows_after_a_crash(), 0);
    ck_assert_uint_eq(originals(), 0);
}
END_TEST

START_TEST(a_removal_whose_commit_may_have_happened_keeps_the_files)
{
    struct added added;

    ck_assert_int_eq(add(&added), VT_OK);
    fails_once = true;
    ck_assert_int_ne(gallery_remove(gallery, added.record.id), VT_OK);
    ck_assert_int_eq(rows_after_a_crash(), 0);
    ck_assert_uint_eq(originals(), 1);
    ck_assert_int_eq(gallery_remove(gallery, added.record.id), VT_OK);
    ck_assert_uint_eq(originals(), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("gallery_doubt");
    TCase *commits = tcase_create("commits");

    tcase_add_checked_fixture(commits, start, stop);
    tcase_add_test(commits, an_upload_whose_commit_may_have_happened_keeps_its_files);
    tcase_add_test(commits, files_go_once_no_crash_can_bring_their_row_back);
    tcase_add_test(commits, a_removal_whose_commit_may_have_happened_keeps_the_files);
    suite_add_tcase(suite, commits);
    return suite;
}
