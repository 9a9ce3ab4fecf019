/* Reads what can be read of a damaged catalogue of any schema version. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "../support/support.h"
#include "store/catalogue_schema.h"
#include "store/catalogue_sqlite.h"

static const char *file(void)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "%s/catalogue.sqlite", support_folder());
    return path;
}

/* Makes the file and has it execute the SQL; the schema is of that version, and empty at 0. */
static void make_file(int version, const char *sql)
{
    sqlite3 *db;
    int reached = 0;

    ck_assert_int_eq(sqlite3_open(file(), &db), SQLITE_OK);
    ck_assert_int_eq(catalogue_sqlite_set_up_names(db), SQLITE_OK);
    ck_assert_int_eq(catalogue_schema_migrate(db, version, &reached), SQLITE_OK);
    ck_assert_int_eq(reached, version);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

struct saved {
    struct record records[4];
    unsigned rows, deletions;
    bool whole;
};

static enum vt_error save(void *context, const struct record *record)
{
    struct saved *saved = context;

    ck_assert_uint_lt(saved->rows, 4);
    saved->records[saved->rows++] = *record;
    return VT_OK;
}

static enum vt_error save_deletion(void *context, const char *id, int64_t at)
{
    struct saved *saved = context;

    (void)id;
    (void)at;
    saved->deletions++;
    return VT_OK;
}

static void salvage(struct saved *saved)
{
    memset(saved, 0, sizeof *saved);
    ck_assert_int_eq(
        catalogue_sqlite_salvage(file(), save, save_deletion, saved, &saved->whole, NULL), VT_OK);
}

#define FIRST "0123456789abcdef0123456789abcdef"
#define SECOND "fedcba9876543210fedcba9876543210"
#define INSERT_BOTH                                                                                \
    "INSERT INTO image (sequence, id, name, tags, type, width, height, bytes, created, alpha,"     \
    " token_hash) VALUES"                                                                          \
    " (7, '" FIRST "', 'first', 'one' || char(10) || 'two', 'jpg', 640, 480, 1000, 1700, 0,"       \
    "  x'0101010101010101010101010101010101010101010101010101010101010101'),"                      \
    " (9, '" SECOND "', 'second', '', 'png', 64, 48, 2000, 1800, 1,"                               \
    "  x'0202020202020202020202020202020202020202020202020202020202020202')"

START_TEST(a_file_of_each_version_gives_all_that_it_has)
{
    struct saved saved;

    make_file(_i, INSERT_BOTH);
    salvage(&saved);
    ck_assert(saved.whole);
    ck_assert_uint_eq(saved.rows, 2);
    ck_assert_int_eq(saved.records[0].sequence, 7);
    ck_assert_str_eq(saved.records[0].id, FIRST);
    ck_assert_str_eq(saved.records[0].name, "first");
    ck_assert_str_eq(saved.records[0].tags, "one\ntwo");
    ck_assert_int_eq(saved.records[0].type, IMAGE_JPEG);
    ck_assert_uint_eq(saved.records[0].width, 640);
    ck_assert_uint_eq(saved.records[0].height, 480);
    ck_assert_uint_eq(saved.records[0].bytes, 1000);
    ck_assert_int_eq(saved.records[0].created, 1700);
    ck_assert(!saved.records[0].alpha);
    ck_assert_uint_eq(saved.records[0].token_hash[31], 1);
    ck_assert_str_eq(saved.records[1].id, SECOND);
    ck_assert(saved.records[1].alpha);
    support_photos_equal(&saved.records[0].photo, &PHOTO_INIT);
    ck_assert_uint_eq(saved.records[0].set_by_person, 0);
}
END_TEST

START_TEST(what_the_photograph_knows_is_saved)
{
    struct photo wanted = support_photo();
    struct saved saved;

    make_file(5, INSERT_BOTH
              "; UPDATE image SET taken = 1715508671345, taken_offset = 120, taken_from = 1,"
              " camera = 'Nikon P6000', lens = '6-24mm f/2.7-5.9', focal_length = 6,"
              " focal_length_35 = 28, aperture = 5.9, exposure = 1.0 / 75, iso = 64, flash = 1,"
              " latitude = 43.467448, longitude = 11.885126, altitude = -3.5, rating = 4,"
              " description = '\"Arezzo\", by day; \xe4\xba\xac', set_by_person = 16"
              " WHERE sequence = 9");
    salvage(&saved);
    ck_assert(saved.whole);
    support_photos_equal(&saved.records[1].photo, &wanted);
    ck_assert_uint_eq(saved.records[1].set_by_person, RECORD_SET_PLACE);
}
END_TEST

/* As a version would be that has not got a column which came later: it is no damage. */
START_TEST(a_column_that_the_file_has_not_got_costs_no_row)
{
    struct saved saved;

    make_file(0, "CREATE TABLE image (sequence INTEGER PRIMARY KEY, id, type, width, height, bytes,"
                 " created, alpha);"
                 "INSERT INTO image VALUES (7, '" FIRST "', 'jpg', 640, 480, 1000, 1700, 0)");
    salvage(&saved);
    ck_assert(saved.whole);
    ck_assert_uint_eq(saved.rows, 1);
    ck_assert_str_eq(saved.records[0].name, FIRST);
    ck_assert_str_eq(saved.records[0].tags, "");
    ck_assert_uint_eq(saved.records[0].width, 640);
    ck_assert_uint_eq(saved.records[0].token_hash[0], 0);
}
END_TEST

START_TEST(a_table_that_is_not_one_of_images_gives_nothing_and_is_not_whole)
{
    struct saved saved;

    make_file(0, "CREATE TABLE image (sequence INTEGER PRIMARY KEY, name);"
                 "INSERT INTO image VALUES (7, 'first')");
    salvage(&saved);
    ck_assert(!saved.whole);
    ck_assert_uint_eq(saved.rows, 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("catalogue_salvage");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, a_file_of_each_version_gives_all_that_it_has, 1,
                        CATALOGUE_SCHEMA_VERSION + 1);
    tcase_add_test(all, what_the_photograph_knows_is_saved);
    tcase_add_test(all, a_column_that_the_file_has_not_got_costs_no_row);
    tcase_add_test(all, a_table_that_is_not_one_of_images_gives_nothing_and_is_not_whole);
    suite_add_tcase(suite, all);
    return suite;
}
