/* The catalogue on a disk that fails to read, which is not damage and must not be repaired. */
#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "../support/support.h"
#include "store/catalogue.h"

#define ROWS 200 /* more than a page has */

/* From where on the disk fails to read: SQLite asks for whole pages, or for the header alone. */
static off_t failing_from;

static ssize_t read_badly(int fd, void *out, size_t len, off_t at)
{
    if (at + (off_t)len > failing_from) {
        errno = EIO;
        return -1;
    }
    return pread(fd, out, len, at);
}

/* Has SQLite read by read_badly() from now on; every test has a process of its own. */
static void break_disk(off_t from)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

    failing_from = from;
    ck_assert_int_eq(
        vfs->xSetSystemCall(vfs, "pread", (sqlite3_syscall_ptr)(void (*)(void))read_badly),
        SQLITE_OK);
    ck_assert_int_eq(
        vfs->xSetSystemCall(vfs, "pread64", (sqlite3_syscall_ptr)(void (*)(void))read_badly),
        SQLITE_OK);
}

static const char *file(void)
{
    return support_path(support_folder(), "catalogue.sqlite");
}

static struct catalogue *opened(void)
{
    struct catalogue *catalogue;

    ck_assert_int_eq(catalogue_sqlite_open(file(), &catalogue, NULL), VT_OK);
    return catalogue;
}

static void fill(void)
{
    struct catalogue *catalogue = opened();

    ck_assert_int_eq(catalogue_lock(catalogue), VT_OK);
    for (unsigned i = 0; i < ROWS; i++) {
        struct record record = support_record(i);

        ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    }
    ck_assert_int_eq(catalogue_commit(catalogue), VT_OK);
    catalogue_close(catalogue);
}

START_TEST(opening_tells_an_input_output_error_as_one)
{
    struct vt_reason why = {""};
    struct catalogue *catalogue;

    fill();
    break_disk(0);
    ck_assert_int_eq(catalogue_sqlite_open(file(), &catalogue, &why), VT_ERR_IO);
    ck_assert_str_eq(why.text, CATALOGUE_DISK_FAULT);
}
END_TEST

static void note_fault(void *context, enum catalogue_part part, const char *text)
{
    unsigned *faults = context;

    (void)part;
    (void)text;
    (*faults)++;
}

START_TEST(looking_for_faults_fails_rather_than_finding_damage)
{
    struct catalogue *catalogue;
    unsigned faults = 0;

    fill();
    catalogue = opened();
    break_disk(5 * 4096);
    ck_assert_int_eq(catalogue_verify(catalogue, _i != 0, note_fault, &faults), VT_ERR_IO);
    catalogue_close(catalogue);
}
END_TEST

static enum vt_error count(void *context, const struct record *record)
{
    unsigned *rows = context;

    (void)record;
    (*rows)++;
    return VT_OK;
}

static enum vt_error no_deletion(void *context, const char *id, int64_t at)
{
    (void)context;
    (void)id;
    (void)at;
    return VT_OK;
}

START_TEST(rows_are_not_given_up_for_a_disk_that_fails)
{
    static const off_t from[] = {0, 4096, 5 * 4096, 12 * 4096};
    struct vt_reason why = {""};
    unsigned rows = 0;
    bool whole;

    fill();
    break_disk(from[_i]);
    ck_assert_int_eq(catalogue_sqlite_salvage(file(), count, no_deletion, &rows, &whole, &why),
                     VT_ERR_IO);
    ck_assert_str_eq(why.text, CATALOGUE_DISK_FAULT);
    ck_assert_uint_lt(rows, ROWS);
}
END_TEST

START_TEST(damage_is_damage_on_a_disk_that_works)
{
    struct catalogue *catalogue;
    struct buf bytes;

    fill();
    support_read_file(file(), &bytes);
    memset(bytes.data, 'x', 200);
    support_write_file(file(), bytes.data, bytes.len);
    buf_free(&bytes);
    ck_assert_int_eq(catalogue_sqlite_open(file(), &catalogue, NULL), VT_ERR_DAMAGED);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("catalogue_disk");
    TCase *cases = tcase_create("faults");

    tcase_add_test(cases, opening_tells_an_input_output_error_as_one);
    tcase_add_loop_test(cases, looking_for_faults_fails_rather_than_finding_damage, 0, 2);
    tcase_add_loop_test(cases, rows_are_not_given_up_for_a_disk_that_fails, 0, 4);
    tcase_add_test(cases, damage_is_damage_on_a_disk_that_works);
    suite_add_tcase(suite, cases);
    return suite;
}
