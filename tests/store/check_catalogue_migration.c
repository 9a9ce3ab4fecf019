/* The migrations from the schemas before: to 5, which gives images what their photographs know, and
 * to 6, which counts and finds by that. Of a large catalogue, killed at any moment, and beside
 * programs of the older schema that still run. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/support.h"
#include "store/catalogue.h"
#include "store/catalogue_schema.h"
#include "store/catalogue_sqlite.h"

#define FIRST 4 /* the oldest schema that is tried */
#define ROWS 30000
#define KILLS 12

static const char *at(const char *name)
{
    return support_path(support_folder(), name);
}

static void run(sqlite3 *db, const char *sql)
{
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
}

/* The number that a query gives. */
static int64_t look(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    int64_t number;

    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    number = sqlite3_column_int64(statement, 0);
    ck_assert_int_eq(sqlite3_finalize(statement), SQLITE_OK);
    return number;
}

/* Opens the file as a program of an older schema does, whose statements are those of a worker. */
static sqlite3 *open_old(const char *path)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_busy_timeout(db, 5000), SQLITE_OK);
    ck_assert_int_eq(catalogue_sqlite_set_up_names(db), SQLITE_OK);
    return db;
}

#define FILL                                                                                       \
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"                \
    " INSERT INTO image (id, name, tags, type, width, height, bytes, created, alpha, token_hash,"  \
    " name_key) SELECT printf ('%%032x', i), printf ('IMG_%%d.jpg', i), '', 'jpg', 640, 480, i,"   \
    " 1700000000000 + i, 0, zeroblob (32), key_of_name (printf ('IMG_%%d.jpg', i)) FROM n"

/* Makes the catalogue of that schema as its workers left it. */
static void make_old(const char *path, int schema, int rows)
{
    sqlite3 *db = open_old(path);
    char sql[1000];
    int version = 0;

    run(db, "PRAGMA journal_mode = WAL");
    ck_assert_int_eq(catalogue_schema_migrate(db, schema, &version), SQLITE_OK);
    ck_assert_int_eq(version, schema);
    (void)snprintf(sql, sizeof sql, FILL, rows);
    run(db, sql);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static void copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct stat status;

    ck_assert_int_eq(fstat(in, &status), 0);
    for (off_t done = 0; done < status.st_size;)
        ck_assert_int_gt(sendfile(out, in, &done, (size_t)(status.st_size - done)), 0);
    ck_assert_int_eq(close(in) | close(out), 0);
}

/* Opens the catalogue with the program of today, which migrates it. */
static struct catalogue *open_new(const char *path)
{
    struct catalogue *catalogue;

    ck_assert_int_eq(catalogue_sqlite_open(path, &catalogue, NULL), VT_OK);
    return catalogue;
}

/* SQLite calls back after so many steps of its virtual machine, of which the index has most. */
#define STEPS 500

static unsigned calls, deadly_call;

static int count_call(void *context)
{
    (void)context;
    if (++calls == deadly_call)
        (void)raise(SIGKILL);
    return 0;
}

static int count_calls(sqlite3 *db, char **message, const struct sqlite3_api_routines *api)
{
    (void)message;
    (void)api;
    sqlite3_progress_handler(db, STEPS, count_call, NULL);
    return SQLITE_OK;
}

/* Opens the catalogue in a process, which kills itself at that call, and gives how it ended. */
static int open_new_and_die(const char *path, unsigned at_call)
{
    pid_t child = fork();
    struct catalogue *catalogue;
    int status;

    ck_assert_int_ge(child, 0);
    if (child == 0) {
        calls = 0;
        deadly_call = at_call;
        (void)sqlite3_auto_extension((void (*)(void))count_calls);
        SUPPORT_MUST(catalogue_sqlite_open(path, &catalogue, NULL) == VT_OK);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static void fail_at_fault(void *context, enum catalogue_part part, const char *text)
{
    (void)context;
    ck_abort_msg("part %d: %s", (int)part, text);
}

static void check_migrated(const char *path)
{
    struct catalogue *catalogue = open_new(path);
    struct record found;
    struct totals totals;
    sqlite3 *db = open_old(path);

    ck_assert_int_eq(look(db, "PRAGMA user_version"), CATALOGUE_SCHEMA_VERSION);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    ck_assert_int_eq(catalogue_verify(catalogue, true, fail_at_fault, NULL), VT_OK);
    ck_assert_int_eq(catalogue_verify_search(catalogue, fail_at_fault, NULL), VT_OK);
    ck_assert_int_eq(catalogue_totals(catalogue, &totals), VT_OK);
    ck_assert_uint_eq(totals.images, ROWS);
    ck_assert_int_eq(catalogue_find(catalogue, support_record(ROWS / 2).id, &found), VT_OK);
    support_photos_equal(&found.photo, &PHOTO_INIT);
    catalogue_close(catalogue);
}

/* The number of calls that a whole migration makes. */
static unsigned count_whole(const char *path)
{
    struct catalogue *catalogue;

    calls = deadly_call = 0;
    (void)sqlite3_auto_extension((void (*)(void))count_calls);
    catalogue = open_new(path);
    (void)sqlite3_cancel_auto_extension((void (*)(void))count_calls);
    catalogue_close(catalogue);
    return calls;
}

static void remove_files(void)
{
    static const char *const names[] = {"catalogue.sqlite", "catalogue.sqlite-wal",
                                        "catalogue.sqlite-shm"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        (void)unlink(at(names[i]));
}

/* All of the migration or nothing of it has been done, and of the indexing that follows any part.
 */
static void check_half_done(sqlite3 *db, int old)
{
    int64_t version = look(db, "PRAGMA user_version");

    ck_assert(version == old || version == CATALOGUE_SCHEMA_VERSION);
    ck_assert_int_eq(look(db, "SELECT count(*) FROM image"), ROWS);
    ck_assert_int_eq(look(db, "SELECT count(*) FROM pragma_table_info ('image')"
                              " WHERE name = 'taken'"),
                     version >= 5);
    ck_assert_int_eq(look(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'month'"),
                     version >= 6);
    if (version == CATALOGUE_SCHEMA_VERSION)
        ck_assert_int_eq(look(db, "SELECT (SELECT count(*) FROM unindexed)"
                                  " + (SELECT count(*) FROM image_search)"),
                         ROWS);
}

START_TEST(a_migration_that_is_killed_is_done_by_the_next_opening)
{
    char made[PATH_MAX], path[PATH_MAX];
    unsigned whole;

    (void)snprintf(made, sizeof made, "%s", at("made.sqlite"));
    (void)snprintf(path, sizeof path, "%s", at("catalogue.sqlite"));
    make_old(made, _i, ROWS);
    copy_file(made, path);
    whole = count_whole(path);
    ck_assert_uint_gt(whole, 100 * KILLS);
    for (unsigned i = 0; i < KILLS; i++) {
        int status;
        sqlite3 *db;

        remove_files();
        copy_file(made, path);
        status = open_new_and_die(path, 1 + whole * i / KILLS + (unsigned)rand() % (whole / KILLS));
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        db = open_old(path);
        check_half_done(db, _i);
        ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
        check_migrated(path);
    }
}
END_TEST

static enum vt_error ignore(void *context, const struct record *record)
{
    (void)context;
    (void)record;
    return VT_OK;
}

static uint64_t matches(struct catalogue *catalogue, const char *search)
{
    struct listing_query query = LISTING_QUERY_INIT;
    struct listing_page page;

    (void)snprintf(query.search, sizeof query.search, "%s", search);
    ck_assert_int_eq(catalogue_list(catalogue, &query, ignore, NULL, &page), VT_OK);
    return page.total;
}

#define OLD_ADD                                                                                    \
    "INSERT INTO image (id, name, tags, type, width, height, bytes, created, alpha, token_hash,"   \
    " name_key) VALUES ('00112233445566778899aabbccddeeff', 'Old', '', 'png', 1, 1, 5, 1000, 0,"   \
    " zeroblob (32), key_of_name ('Old'))"
#define OLD_CHANGE "UPDATE image SET name = 'new', name_key = key_of_name ('new') WHERE id = ?1"
#define OLD_FIND                                                                                   \
    "SELECT sequence, id, name, tags, type, width, height, bytes, created, alpha, token_hash"      \
    " FROM image WHERE id = ?1"

START_TEST(a_program_of_the_older_schema_that_still_runs_reads_and_writes)
{
    static const char *const statements[] = {OLD_FIND, OLD_ADD, OLD_CHANGE};
    sqlite3_stmt *prepared[3];
    struct record found;
    struct catalogue *catalogue;
    sqlite3 *old;

    make_old(at("catalogue.sqlite"), _i, 10);
    old = open_old(at("catalogue.sqlite"));
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(sqlite3_prepare_v3(old, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                                            &prepared[i], NULL),
                         SQLITE_OK);
    for (int i = 0; i < 3; i += 2)
        ck_assert_int_eq(
            sqlite3_bind_text(prepared[i], 1, support_record(3).id, -1, SQLITE_TRANSIENT),
            SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(prepared[0]), SQLITE_ROW);
    ck_assert_int_eq(sqlite3_reset(prepared[0]), SQLITE_OK);
    catalogue = open_new(at("catalogue.sqlite"));
    ck_assert_int_eq(sqlite3_step(prepared[0]), SQLITE_ROW);
    ck_assert_int_eq(sqlite3_reset(prepared[0]), SQLITE_OK);
    for (int i = 1; i < 3; i++)
        ck_assert_int_eq(sqlite3_step(prepared[i]), SQLITE_DONE);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(sqlite3_finalize(prepared[i]), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(old), SQLITE_OK);
    ck_assert_int_eq(catalogue_find(catalogue, "00112233445566778899aabbccddeeff", &found), VT_OK);
    ck_assert_str_eq(found.name, "Old");
    support_photos_equal(&found.photo, &PHOTO_INIT);
    ck_assert_int_eq(catalogue_find(catalogue, support_record(3).id, &found), VT_OK);
    ck_assert_str_eq(found.name, "new");
    ck_assert_uint_eq(matches(catalogue, "old"), 0); /* until the catalogue is opened again */
    catalogue_close(catalogue);
    catalogue = open_new(at("catalogue.sqlite"));
    ck_assert_uint_eq(matches(catalogue, "old"), 1);
    ck_assert_uint_eq(matches(catalogue, "new"), 1);
    ck_assert_uint_eq(matches(catalogue, "img"), 9);
    ck_assert_int_eq(catalogue_verify(catalogue, true, fail_at_fault, NULL), VT_OK);
    ck_assert_int_eq(catalogue_verify_search(catalogue, fail_at_fault, NULL), VT_OK);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(many_processes_that_open_an_older_catalogue_migrate_it_once)
{
    pid_t children[8];
    sqlite3 *db;

    make_old(at("catalogue.sqlite"), _i, 1000);
    for (int i = 0; i < 8; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            catalogue_close(open_new(at("catalogue.sqlite")));
            _exit(0);
        }
    }
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(support_wait(children[i]), 0);
    db = open_old(at("catalogue.sqlite"));
    ck_assert_int_eq(look(db, "PRAGMA user_version"), CATALOGUE_SCHEMA_VERSION);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("catalogue_migration");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, a_migration_that_is_killed_is_done_by_the_next_opening, FIRST,
                        CATALOGUE_SCHEMA_VERSION);
    tcase_add_loop_test(all, a_program_of_the_older_schema_that_still_runs_reads_and_writes, FIRST,
                        CATALOGUE_SCHEMA_VERSION);
    tcase_add_loop_test(all, many_processes_that_open_an_older_catalogue_migrate_it_once, FIRST,
                        CATALOGUE_SCHEMA_VERSION);
    tcase_set_timeout(all, 300);
    suite_add_tcase(suite, all);
    return suite;
}
