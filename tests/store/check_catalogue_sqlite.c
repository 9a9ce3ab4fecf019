/* The catalogue's rows, transactions and file. Listings are in check_catalogue_listing.c. */
#include "store/catalogue.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../support/support.h"

/* SQLite calls this for each connection that the process opens, the catalogue's own included: the
 * tests reach what no call of the catalogue can bring about, such as a full disk. */
static sqlite3 *last_opened;

static int note_opened(sqlite3 *db, const char **message, const void *api)
{
    (void)message;
    (void)api;
    last_opened = db;
    return SQLITE_OK;
}

static const char *file(void)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "%s/catalogue.sqlite", support_folder());
    return path;
}

static struct catalogue *opened(void)
{
    struct catalogue *catalogue;
    struct vt_reason why = {""};

    (void)sqlite3_auto_extension((void (*)(void))note_opened);
    ck_assert_int_eq(catalogue_sqlite_open(file(), &catalogue, &why), VT_OK);
    (void)sqlite3_cancel_auto_extension((void (*)(void))note_opened);
    return catalogue;
}

/* A connection of somebody else, which waits for nobody. */
static sqlite3 *other(void)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(file(), &db), SQLITE_OK);
    return db;
}

static void change_file(const char *sql)
{
    sqlite3 *db = other();

    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

/* The text of a query's one row. */
static const char *look(const char *sql)
{
    static char text[64];
    sqlite3 *db = other();
    sqlite3_stmt *statement;

    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    (void)snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(statement, 0));
    (void)sqlite3_finalize(statement);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    return text;
}

static void add(struct catalogue *catalogue, unsigned number)
{
    struct record record = support_record(number);

    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
}

static enum vt_error find(struct catalogue *catalogue, unsigned number)
{
    struct record wanted = support_record(number), found;

    return catalogue_find(catalogue, wanted.id, &found);
}

static void check_totals(struct catalogue *catalogue, uint64_t images, uint64_t bytes)
{
    struct totals totals;

    ck_assert_int_eq(catalogue_totals(catalogue, &totals), VT_OK);
    ck_assert_uint_eq(totals.images, images);
    ck_assert_uint_eq(totals.bytes, bytes);
}

/* ---- the file ---- */

START_TEST(opening_a_catalogue_makes_its_schema)
{
    struct catalogue *catalogue = opened();

    check_totals(catalogue, 0, 0);
    ck_assert_str_eq(look("PRAGMA user_version"), "6");
    ck_assert_str_eq(look("PRAGMA journal_mode"), "wal");
    ck_assert_str_eq(look("PRAGMA integrity_check"), "ok");
    catalogue_close(catalogue);
}
END_TEST

START_TEST(only_its_owner_may_read_it)
{
    struct catalogue *catalogue = opened();
    static const char *const ends[] = {"", "-wal", "-shm"};

    add(catalogue, 1);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char path[PATH_MAX];
        struct stat status;

        (void)snprintf(path, sizeof path, "%s%s", file(), ends[i]);
        ck_assert_int_eq(stat(path, &status), 0);
        ck_assert_int_eq(status.st_mode & 07777, 0600);
    }
    catalogue_close(catalogue);
}
END_TEST

START_TEST(open_keeps_what_is_there)
{
    struct catalogue *catalogue = opened();
    struct totals before, after;

    add(catalogue, 1);
    ck_assert_int_eq(catalogue_totals(catalogue, &before), VT_OK);
    catalogue_close(catalogue);
    catalogue = opened();
    ck_assert_int_eq(find(catalogue, 1), VT_OK);
    ck_assert_int_eq(catalogue_totals(catalogue, &after), VT_OK);
    ck_assert_str_eq(before.version, after.version);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(open_by_many_processes_at_once_makes_one_schema)
{
    pid_t children[8];

    (void)file(); /* the folder is the parent's */
    for (int i = 0; i < 8; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct catalogue *catalogue;
            struct record record = support_record((unsigned)i);

            if (catalogue_sqlite_open(file(), &catalogue, NULL) != VT_OK ||
                catalogue_add(catalogue, &record) != VT_OK)
                _exit(1);
            catalogue_close(catalogue);
            _exit(0);
        }
    }
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(support_wait(children[i]), 0);
    ck_assert_str_eq(look("SELECT count(*) FROM image"), "8");
    ck_assert_str_eq(look("SELECT images FROM total"), "8");
}
END_TEST

/* Makes the file one of the fifth schema. */
static void take_counters_back(void)
{
    change_file("DROP TRIGGER month_added; DROP TRIGGER month_removed; DROP TRIGGER month_changed;"
                " DROP TABLE month; ALTER TABLE image DROP COLUMN shown_month;"
                "DROP TRIGGER tag_added; DROP TRIGGER tag_removed; DROP TRIGGER tag_changed;"
                " DROP TABLE tag; ALTER TABLE image DROP COLUMN tag_list;"
                "DROP TRIGGER image_added; DROP TRIGGER image_removed;"
                " DROP TRIGGER image_search_changed; DROP TABLE image_search; DROP TABLE unindexed;"
                "CREATE VIRTUAL TABLE image_search USING fts5 (name, tags, content = 'image',"
                "  content_rowid = 'sequence', tokenize = 'unicode61 remove_diacritics 2',"
                "  prefix = '2 3');"
                "INSERT INTO image_search (image_search) VALUES ('rebuild');"
                "CREATE TRIGGER image_added AFTER INSERT ON image BEGIN"
                "  UPDATE total SET images = images + 1, bytes = bytes + new.bytes,"
                "    version = version + 1;"
                "  INSERT INTO image_search (rowid, name, tags)"
                "    VALUES (new.sequence, new.name, new.tags); END;"
                "CREATE TRIGGER image_removed AFTER DELETE ON image BEGIN"
                "  UPDATE total SET images = images - 1, bytes = bytes - old.bytes,"
                "    version = version + 1;"
                "  INSERT INTO image_search (image_search, rowid, name, tags)"
                "    VALUES ('delete', old.sequence, old.name, old.tags); END;"
                "CREATE TRIGGER image_search_changed AFTER UPDATE OF name, tags ON image BEGIN"
                "  INSERT INTO image_search (image_search, rowid, name, tags)"
                "    VALUES ('delete', old.sequence, old.name, old.tags);"
                "  INSERT INTO image_search (rowid, name, tags)"
                "    VALUES (new.sequence, new.name, new.tags); END;"
                "PRAGMA user_version = 5");
}

/* Makes the file one of the fourth schema. */
static void take_photographs_back(void)
{
    static const char *const columns[] = {
        "shown_time", "taken",  "taken_offset", "taken_from",      "set_by_person",
        "camera",     "lens",   "focal_length", "focal_length_35", "aperture",
        "exposure",   "iso",    "flash",        "latitude",        "longitude",
        "altitude",   "rating", "description"};

    take_counters_back();
    change_file("DROP INDEX image_by_taken; DROP TRIGGER image_changed;"
                " DROP TRIGGER image_search_changed;");
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        char sql[100];

        (void)snprintf(sql, sizeof sql, "ALTER TABLE image DROP COLUMN %s", columns[i]);
        change_file(sql);
    }
    change_file("CREATE TRIGGER image_changed AFTER UPDATE OF name, tags ON image BEGIN"
                "  UPDATE total SET version = version + 1;"
                "  INSERT INTO image_search (image_search, rowid, name, tags)"
                "    VALUES ('delete', old.sequence, old.name, old.tags);"
                "  INSERT INTO image_search (rowid, name, tags)"
                "    VALUES (new.sequence, new.name, new.tags); END;"
                "PRAGMA user_version = 4");
}

/* Makes the file one of the third schema. */
static void take_names_back(void)
{
    take_photographs_back();
    change_file("DROP TRIGGER name_changed; DROP INDEX image_by_name;"
                " ALTER TABLE image DROP COLUMN name_key; ALTER TABLE total DROP COLUMN name_keys;"
                " CREATE INDEX image_by_name ON image (name, sequence); PRAGMA user_version = 3");
}

/* Makes the file one of the first schema. */
static void take_schema_back(void)
{
    take_names_back();
    change_file("DROP TRIGGER derived_changed; DROP TRIGGER derived_removed;"
                " ALTER TABLE image DROP COLUMN derived; ALTER TABLE total DROP COLUMN derived;"
                " DROP TABLE deletion; DROP TRIGGER image_came_again;"
                " ALTER TABLE total DROP COLUMN origin; PRAGMA user_version = 1");
}

START_TEST(open_brings_the_first_schema_up)
{
    struct catalogue *catalogue = opened();
    enum catalogue_origin origin;

    catalogue_close(catalogue);
    take_schema_back();
    catalogue = opened();
    ck_assert_str_eq(look("PRAGMA user_version"), "6");
    ck_assert_int_eq(catalogue_origin(catalogue, &origin), VT_OK);
    ck_assert_int_eq(origin, CATALOGUE_UNSETTLED); /* it may be one that was made in a loss */
    add(catalogue, 1);
    catalogue_close(catalogue);
    take_schema_back();
    catalogue = opened();
    ck_assert_int_eq(catalogue_origin(catalogue, &origin), VT_OK);
    ck_assert_int_eq(origin, CATALOGUE_SETTLED);
    ck_assert_int_eq(find(catalogue, 1), VT_OK);
    catalogue_close(catalogue);
}
END_TEST

static void add_named(struct catalogue *catalogue, unsigned number, const char *name)
{
    struct record record = support_record(number);

    (void)snprintf(record.name, sizeof record.name, "%s", name);
    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
}

static enum vt_error append_name(void *context, const struct record *record)
{
    char *names = context;

    (void)strcat(strcat(names, names[0] != '\0' ? ", " : ""), record->name);
    return VT_OK;
}

/* The names in the listing's order. */
static const char *names_in_order(struct catalogue *catalogue)
{
    static char names[1000];
    const struct listing_query query = {.sort = SORT_NAME, .limit = 3};
    struct listing_page page;

    names[0] = '\0';
    ck_assert_int_eq(catalogue_list(catalogue, &query, append_name, names, &page), VT_OK);
    return names;
}

static void add_three(void)
{
    struct catalogue *catalogue = opened();

    add_named(catalogue, 1, "img 10");
    add_named(catalogue, 2, "Éclair");
    add_named(catalogue, 3, "img 9");
    catalogue_close(catalogue);
}

START_TEST(open_gives_the_names_of_an_older_schema_their_order)
{
    struct catalogue *catalogue;
    struct totals before, after;

    add_three();
    catalogue = opened();
    ck_assert_int_eq(catalogue_totals(catalogue, &before), VT_OK);
    catalogue_close(catalogue);
    take_names_back();
    catalogue = opened();
    ck_assert_str_eq(look("PRAGMA user_version"), "6");
    ck_assert_str_eq(look("PRAGMA integrity_check"), "ok");
    ck_assert_str_eq(names_in_order(catalogue), "Éclair, img 9, img 10");
    ck_assert_int_eq(catalogue_totals(catalogue, &after), VT_OK);
    ck_assert_str_ne(after.version, before.version); /* the listing has another order */
    ck_assert_uint_eq(after.images, 3);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(a_failed_migration_leaves_the_older_schema_as_it_was)
{
    struct catalogue *catalogue;
    sqlite3 *db;

    add_three();
    take_names_back();
    db = other();
    ck_assert_int_eq(sqlite3_exec(db,
                                  "CREATE TRIGGER full BEFORE UPDATE ON total BEGIN"
                                  " SELECT RAISE (ABORT, 'full'); END",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(catalogue_sqlite_open(file(), &catalogue, NULL), VT_ERR_INTERNAL);
    ck_assert_str_eq(look("PRAGMA user_version"), "3");
    ck_assert_str_eq(
        look("SELECT count(*) FROM pragma_table_info ('image') WHERE name = 'name_key'"), "0");
    ck_assert_int_eq(sqlite3_exec(db, "DROP TRIGGER full", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    catalogue = opened();
    ck_assert_str_eq(names_in_order(catalogue), "Éclair, img 9, img 10");
    catalogue_close(catalogue);
}
END_TEST

/* As a worker of the version before does, which has not ended yet. */
START_TEST(open_gives_names_that_another_program_wrote_their_place)
{
    struct catalogue *catalogue;

    add_three();
    change_file("UPDATE image SET name = 'img 8' WHERE name = 'img 10'");
    change_file("UPDATE image SET name = 'éCLAIR' WHERE name = 'Éclair'");
    ck_assert_str_eq(look("SELECT count(*) FROM image WHERE name_key = x''"), "2");
    change_file("INSERT INTO image (id, name, tags, type, width, height, bytes, created, alpha,"
                " token_hash) SELECT '00112233445566778899aabbccddeeff', 'Eclair', tags, type,"
                " width, height, bytes, created, alpha, token_hash FROM image LIMIT 1");
    catalogue = opened();
    ck_assert_str_eq(look("SELECT count(*) FROM image WHERE name_key = x''"), "0");
    ck_assert_str_eq(names_in_order(catalogue), "Eclair, éCLAIR, img 8");
    catalogue_close(catalogue);
}
END_TEST

START_TEST(open_computes_keys_of_another_version_anew)
{
    struct catalogue *catalogue;
    char version[64];

    add_three();
    (void)snprintf(version, sizeof version, "%s", look("SELECT name_keys FROM total"));
    change_file("UPDATE total SET name_keys = '0-1.0'; UPDATE image SET name_key = x'99' WHERE"
                " name = 'Éclair'");
    catalogue = opened();
    ck_assert_str_eq(look("SELECT name_keys FROM total"), version);
    ck_assert_str_eq(names_in_order(catalogue), "Éclair, img 9, img 10");
    catalogue_close(catalogue);
}
END_TEST

START_TEST(keys_that_cannot_be_computed_anew_do_not_keep_the_catalogue_closed)
{
    struct catalogue *catalogue;

    add_three();
    change_file("UPDATE total SET name_keys = '0-1.0'; CREATE TRIGGER full BEFORE UPDATE ON total"
                " BEGIN SELECT RAISE (ABORT, 'full'); END");
    catalogue = opened();
    ck_assert_str_eq(look("SELECT name_keys FROM total"), "0-1.0");
    ck_assert_str_eq(names_in_order(catalogue), "Éclair, img 9, img 10");
    catalogue_close(catalogue);
}
END_TEST

START_TEST(open_writes_nothing_where_the_keys_are_right)
{
    struct catalogue *catalogue;
    struct totals before, after;

    add_three();
    catalogue = opened();
    ck_assert_int_eq(catalogue_totals(catalogue, &before), VT_OK);
    catalogue_close(catalogue);
    catalogue = opened();
    ck_assert_int_eq(catalogue_totals(catalogue, &after), VT_OK);
    ck_assert_str_eq(after.version, before.version);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(a_log_that_has_grown_becomes_small_again)
{
    struct catalogue *catalogue = opened();
    char path[PATH_MAX];
    struct stat status;
    sqlite3 *reader = other();

    (void)snprintf(path, sizeof path, "%s-wal", file());
    ck_assert_int_eq(sqlite3_exec(reader, "BEGIN; SELECT * FROM total", NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(last_opened,
                                  "CREATE TABLE large (x); INSERT INTO large"
                                  " VALUES (zeroblob(12000000)); DROP TABLE large",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_gt(status.st_size, 10000000);
    ck_assert_int_eq(sqlite3_close(reader), SQLITE_OK);
    for (unsigned i = 0; i < 3; i++) /* the first checkpoints, the second begins the log anew */
        add(catalogue, i);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_le(status.st_size, 8388608);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(open_leaves_a_newer_schema_alone)
{
    struct catalogue *catalogue = opened();
    struct vt_reason why = {""};

    add(catalogue, 1);
    catalogue_close(catalogue);
    change_file("PRAGMA user_version = 99");
    ck_assert_int_eq(catalogue_sqlite_open(file(), &catalogue, &why), VT_ERR_UNAVAILABLE);
    ck_assert_ptr_null(catalogue);
    ck_assert_ptr_nonnull(strstr(why.text, "newer"));
    ck_assert_str_eq(look("PRAGMA user_version"), "99");
    ck_assert_str_eq(look("SELECT count(*) FROM image"), "1");
}
END_TEST

START_TEST(open_refuses_a_file_that_is_no_database)
{
    char text[2000];
    struct catalogue *catalogue;
    struct buf after;

    memset(text, 'x', sizeof text);
    support_write_file(file(), text, sizeof text);
    ck_assert_int_eq(catalogue_sqlite_open(file(), &catalogue, NULL), VT_ERR_DAMAGED);
    ck_assert_ptr_null(catalogue);
    support_read_file(file(), &after);
    ck_assert_uint_eq(after.len, sizeof text);
    ck_assert_mem_eq(after.data, text, sizeof text);
    buf_free(&after);
}
END_TEST

START_TEST(open_refuses_a_folder_and_a_path_without_one)
{
    struct catalogue *catalogue;
    struct vt_reason why = {""};
    const char *nowhere = support_path(support_folder(), "nowhere/catalogue.sqlite");

    ck_assert_int_eq(catalogue_sqlite_open(support_folder(), &catalogue, &why), VT_ERR_UNAVAILABLE);
    ck_assert_ptr_null(catalogue);
    ck_assert_int_eq(catalogue_sqlite_open(nowhere, &catalogue, &why), VT_ERR_UNAVAILABLE);
    ck_assert_ptr_null(catalogue);
    ck_assert_ptr_null(strstr(why.text, support_folder()));
}
END_TEST

/* Whoever may only read the file and its folder. */
START_TEST(a_read_only_file_takes_no_row)
{
    struct catalogue *catalogue = opened();
    struct record record = support_record(2);
    enum vt_error err;

    add(catalogue, 1);
    catalogue_close(catalogue);
    ck_assert_int_eq(chmod(file(), 0444), 0);
    ck_assert_int_eq(chmod(support_folder(), 0555), 0);
    if (geteuid() == 0)
        ck_assert_int_eq(seteuid(65534), 0);
    err = catalogue_sqlite_open(file(), &catalogue, NULL);
    if (err == VT_OK)
        err = catalogue_add(catalogue, &record);
    catalogue_close(catalogue);
    ck_assert_int_eq(seteuid(getuid()), 0);
    ck_assert_int_eq(chmod(support_folder(), 0700), 0);
    ck_assert_int_eq(err, VT_ERR_UNAVAILABLE);
    ck_assert_str_eq(look("SELECT count(*) FROM image"), "1");
}
END_TEST

/* ---- rows ---- */

START_TEST(adding_a_row_keeps_every_field)
{
    struct catalogue *catalogue = opened();
    struct record record = {.id = "00112233445566778899aabbccddeeff",
                            .name = "Kyōto \"at\" night.heic",
                            .tags = "one\ntwo words",
                            .type = IMAGE_HEIC,
                            .width = 65535,
                            .height = 1,
                            .bytes = UINT64_C(1) << 40,
                            .created = 1764000000123,
                            .alpha = true};
    struct record found;

    memset(record.token_hash, 0xa5, DIGEST_SIZE);
    record.token_hash[3] = 0;
    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    ck_assert_int_eq(record.sequence, 1);
    ck_assert_int_eq(catalogue_find(catalogue, record.id, &found), VT_OK);
    ck_assert_int_eq(found.sequence, 1);
    ck_assert_str_eq(found.id, record.id);
    ck_assert_str_eq(found.name, record.name);
    ck_assert_str_eq(found.tags, record.tags);
    ck_assert_int_eq(found.type, IMAGE_HEIC);
    ck_assert_uint_eq(found.width, 65535);
    ck_assert_uint_eq(found.height, 1);
    ck_assert_uint_eq(found.bytes, UINT64_C(1) << 40);
    ck_assert_int_eq(found.created, 1764000000123);
    ck_assert(found.alpha);
    ck_assert_mem_eq(found.token_hash, record.token_hash, DIGEST_SIZE);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(add_of_an_id_that_is_there_changes_nothing)
{
    struct catalogue *catalogue = opened();
    struct record again = support_record(1);

    add(catalogue, 1);
    again.bytes = 5;
    ck_assert_int_ne(catalogue_add(catalogue, &again), VT_OK);
    check_totals(catalogue, 1, 1001);
    add(catalogue, 2);
    check_totals(catalogue, 2, 1001 + 1002);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(change_keeps_what_is_not_for_people_to_change)
{
    struct catalogue *catalogue = opened();
    struct record record = support_record(1), found;

    add(catalogue, 1);
    (void)snprintf(record.name, sizeof record.name, "other.png");
    (void)snprintf(record.tags, sizeof record.tags, "a\nb");
    record.bytes = 7;
    record.token_hash[0] = 99;
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
    ck_assert_int_eq(catalogue_find(catalogue, record.id, &found), VT_OK);
    ck_assert_str_eq(found.name, "other.png");
    ck_assert_str_eq(found.tags, "a\nb");
    ck_assert_uint_eq(found.bytes, 1001);
    ck_assert_uint_eq(found.token_hash[0], 1);
    check_totals(catalogue, 1, 1001);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(a_missing_image_is_not_found)
{
    struct catalogue *catalogue = opened();
    struct record record = support_record(2);

    add(catalogue, 1);
    ck_assert_int_eq(find(catalogue, 2), VT_ERR_NOT_FOUND);
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_ERR_NOT_FOUND);
    ck_assert_int_eq(catalogue_remove(catalogue, record.id), VT_ERR_NOT_FOUND);
    ck_assert_int_eq(catalogue_remove(catalogue, "' OR 1 --"), VT_ERR_NOT_FOUND);
    check_totals(catalogue, 1, 1001);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(a_removed_row_is_gone_and_its_sequence_with_it)
{
    struct catalogue *catalogue = opened();
    struct record record = support_record(1);

    add(catalogue, 1);
    ck_assert_int_eq(catalogue_remove(catalogue, record.id), VT_OK);
    ck_assert_int_eq(find(catalogue, 1), VT_ERR_NOT_FOUND);
    check_totals(catalogue, 0, 0);
    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    ck_assert_int_eq(record.sequence, 2); /* a cursor of before must not meet it */
    catalogue_close(catalogue);
}
END_TEST

START_TEST(a_damaged_row_is_an_error_of_its_own)
{
    struct catalogue *catalogue = opened();

    add(catalogue, 1);
    add(catalogue, 2);
    change_file("UPDATE image SET type = 'svg' WHERE sequence = 1");
    ck_assert_int_eq(find(catalogue, 1), VT_ERR_DAMAGED);
    ck_assert_int_eq(find(catalogue, 2), VT_OK);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(the_version_changes_with_every_change)
{
    struct catalogue *catalogue = opened();
    struct record record = support_record(1), missing = support_record(9);
    struct totals totals[5];

    ck_assert_int_eq(catalogue_totals(catalogue, &totals[0]), VT_OK);
    add(catalogue, 1);
    ck_assert_int_eq(catalogue_totals(catalogue, &totals[1]), VT_OK);
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
    ck_assert_int_eq(catalogue_totals(catalogue, &totals[2]), VT_OK);
    ck_assert_int_eq(catalogue_remove(catalogue, record.id), VT_OK);
    ck_assert_int_eq(catalogue_totals(catalogue, &totals[3]), VT_OK);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(totals[i].version, totals[j].version);
    ck_assert_int_eq(catalogue_remove(catalogue, missing.id), VT_ERR_NOT_FOUND);
    ck_assert_int_eq(catalogue_totals(catalogue, &totals[4]), VT_OK);
    ck_assert_str_eq(totals[4].version, totals[3].version);
    ck_assert_ptr_null(strpbrk(totals[0].version, "\" \\\r\n"));
    catalogue_close(catalogue);
}
END_TEST

START_TEST(two_stores_never_share_a_version)
{
    struct catalogue *catalogue = opened();
    struct totals first, second;

    ck_assert_int_eq(catalogue_totals(catalogue, &first), VT_OK);
    catalogue_close(catalogue);
    ck_assert_int_eq(unlink(file()), 0);
    catalogue = opened();
    ck_assert_int_eq(catalogue_totals(catalogue, &second), VT_OK);
    ck_assert_str_ne(first.version, second.version);
    catalogue_close(catalogue);
}
END_TEST

/* ---- transactions ---- */

START_TEST(rollback_undoes_and_is_safe_without_a_transaction)
{
    struct catalogue *catalogue = opened();
    struct totals before, after;

    catalogue_rollback(catalogue);
    add(catalogue, 1);
    ck_assert_int_eq(catalogue_totals(catalogue, &before), VT_OK);
    ck_assert_int_eq(catalogue_lock(catalogue), VT_OK);
    add(catalogue, 2);
    ck_assert_int_eq(find(catalogue, 2), VT_OK);
    catalogue_rollback(catalogue);
    ck_assert_int_eq(find(catalogue, 2), VT_ERR_NOT_FOUND);
    ck_assert_int_eq(catalogue_totals(catalogue, &after), VT_OK);
    ck_assert_str_eq(before.version, after.version);
    ck_assert_int_eq(catalogue_lock(catalogue), VT_OK);
    catalogue_rollback(catalogue);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(commit_is_seen_by_others_and_not_before)
{
    struct catalogue *one = opened(), *two = opened();

    ck_assert_int_eq(catalogue_lock(one), VT_OK);
    add(one, 1);
    ck_assert_int_eq(find(two, 1), VT_ERR_NOT_FOUND);
    check_totals(two, 0, 0);
    ck_assert_int_eq(catalogue_commit(one), VT_OK);
    ck_assert_int_eq(find(two, 1), VT_OK);
    check_totals(two, 1, 1001);
    catalogue_close(one);
    catalogue_close(two);
}
END_TEST

START_TEST(trying_the_lock_does_not_wait_for_it)
{
    struct catalogue *one = opened(), *two = opened();
    struct record record = support_record(2);
    struct timespec start, end;

    ck_assert_int_eq(catalogue_lock(one), VT_OK);
    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &start), 0);
    ck_assert_int_eq(catalogue_try_lock(two), VT_ERR_UNAVAILABLE);
    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &end), 0);
    ck_assert_int_le(end.tv_sec - start.tv_sec, 2); /* a wait would be of five seconds */
    catalogue_rollback(one);
    ck_assert_int_eq(catalogue_try_lock(two), VT_OK);
    ck_assert_int_eq(catalogue_add(two, &record), VT_OK);
    ck_assert_int_eq(catalogue_commit(two), VT_OK);
    ck_assert_int_eq(find(one, 2), VT_OK);
    catalogue_close(one);
    catalogue_close(two);
}
END_TEST

START_TEST(the_write_lock_excludes_other_processes)
{
    struct catalogue *one = opened(), *two = opened();
    struct record record = support_record(2);

    /* The wait itself is SQLite's; here it would only take its time. */
    ck_assert_int_eq(sqlite3_busy_timeout(last_opened, 0), SQLITE_OK);
    ck_assert_int_eq(catalogue_lock(one), VT_OK);
    ck_assert_int_eq(catalogue_lock(two), VT_ERR_UNAVAILABLE);
    ck_assert_int_eq(catalogue_add(two, &record), VT_ERR_UNAVAILABLE);
    ck_assert_int_eq(find(two, 2), VT_ERR_NOT_FOUND);
    catalogue_rollback(one);
    ck_assert_int_eq(catalogue_lock(two), VT_OK);
    ck_assert_int_eq(catalogue_add(two, &record), VT_OK);
    ck_assert_int_eq(catalogue_commit(two), VT_OK);
    catalogue_close(one);
    catalogue_close(two);
}
END_TEST

/* Each of four processes adds one to a number that is kept in a name, and none of it is lost. */
static void count_up(int times)
{
    struct catalogue *catalogue;
    struct record record;
    unsigned number = 0;

    SUPPORT_MUST(catalogue_sqlite_open(file(), &catalogue, NULL) == VT_OK);
    for (int i = 0; i < times; i++) {
        SUPPORT_MUST(catalogue_lock(catalogue) == VT_OK);
        SUPPORT_MUST(catalogue_find(catalogue, support_record(1).id, &record) == VT_OK);
        SUPPORT_MUST(sscanf(record.name, "%u", &number) == 1);
        (void)snprintf(record.name, sizeof record.name, "%u", number + 1);
        SUPPORT_MUST(catalogue_change(catalogue, &record) == VT_OK);
        SUPPORT_MUST(catalogue_commit(catalogue) == VT_OK);
    }
    catalogue_close(catalogue);
}

START_TEST(no_change_under_the_lock_is_lost)
{
    struct catalogue *catalogue = opened();
    struct record record = support_record(1);
    pid_t children[4];

    (void)snprintf(record.name, sizeof record.name, "0");
    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    catalogue_close(catalogue); /* a connection must not cross a fork */
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            count_up(25);
            _exit(0);
        }
    }
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(support_wait(children[i]), 0);
    ck_assert_str_eq(look("SELECT name FROM image"), "100");
}
END_TEST

START_TEST(a_full_disk_is_no_space_and_loses_nothing)
{
    struct catalogue *catalogue = opened();
    uint64_t added = 0;
    enum vt_error err = VT_OK;

    ck_assert_int_eq(sqlite3_exec(last_opened, "PRAGMA max_page_count = 1", NULL, NULL, NULL),
                     SQLITE_OK);
    while (err == VT_OK && added < 10000) {
        struct record record = support_record((unsigned)added);

        memset(record.tags, 't', 1000);
        err = catalogue_add(catalogue, &record);
        added += err == VT_OK;
    }
    ck_assert_int_eq(err, VT_ERR_NO_SPACE);
    ck_assert_int_eq(find(catalogue, (unsigned)added), VT_ERR_NOT_FOUND);
    check_totals(catalogue, added, added * 1000 + (added > 0 ? added * (added - 1) / 2 : 0));
    ck_assert_int_eq(sqlite3_exec(last_opened, "PRAGMA max_page_count = 100000", NULL, NULL, NULL),
                     SQLITE_OK);
    add(catalogue, (unsigned)added);
    catalogue_close(catalogue);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("catalogue_sqlite");
    TCase *files = tcase_create("file"), *rows = tcase_create("rows");
    TCase *transactions = tcase_create("transactions");

    tcase_add_test(files, opening_a_catalogue_makes_its_schema);
    tcase_add_test(files, only_its_owner_may_read_it);
    tcase_add_test(files, open_keeps_what_is_there);
    tcase_add_test(files, open_by_many_processes_at_once_makes_one_schema);
    tcase_add_test(files, open_brings_the_first_schema_up);
    tcase_add_test(files, open_gives_the_names_of_an_older_schema_their_order);
    tcase_add_test(files, a_failed_migration_leaves_the_older_schema_as_it_was);
    tcase_add_test(files, open_gives_names_that_another_program_wrote_their_place);
    tcase_add_test(files, open_computes_keys_of_another_version_anew);
    tcase_add_test(files, keys_that_cannot_be_computed_anew_do_not_keep_the_catalogue_closed);
    tcase_add_test(files, open_writes_nothing_where_the_keys_are_right);
    tcase_add_test(files, a_log_that_has_grown_becomes_small_again);
    tcase_add_test(files, open_leaves_a_newer_schema_alone);
    tcase_add_test(files, open_refuses_a_file_that_is_no_database);
    tcase_add_test(files, open_refuses_a_folder_and_a_path_without_one);
    tcase_add_test(files, a_read_only_file_takes_no_row);
    suite_add_tcase(suite, files);
    tcase_add_test(rows, adding_a_row_keeps_every_field);
    tcase_add_test(rows, add_of_an_id_that_is_there_changes_nothing);
    tcase_add_test(rows, change_keeps_what_is_not_for_people_to_change);
    tcase_add_test(rows, a_missing_image_is_not_found);
    tcase_add_test(rows, a_removed_row_is_gone_and_its_sequence_with_it);
    tcase_add_test(rows, a_damaged_row_is_an_error_of_its_own);
    tcase_add_test(rows, the_version_changes_with_every_change);
    tcase_add_test(rows, two_stores_never_share_a_version);
    suite_add_tcase(suite, rows);
    tcase_add_test(transactions, rollback_undoes_and_is_safe_without_a_transaction);
    tcase_add_test(transactions, commit_is_seen_by_others_and_not_before);
    tcase_add_test(transactions, the_write_lock_excludes_other_processes);
    tcase_add_test(transactions, trying_the_lock_does_not_wait_for_it);
    tcase_add_test(transactions, no_change_under_the_lock_is_lost);
    tcase_add_test(transactions, a_full_disk_is_no_space_and_loses_nothing);
    suite_add_tcase(suite, transactions);
    for (TCase *const *at = (TCase *const[]){files, rows, transactions, NULL}; *at != NULL; at++)
        tcase_set_timeout(*at, 60);
    return suite;
}
