/* What the catalogue keeps of a photograph's metadata, and of what a person has set. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "../support/support.h"
#include "store/catalogue.h"

static struct catalogue *catalogue;

static const char *file(void)
{
    return support_path(support_folder(), "catalogue.sqlite");
}

static void start(void)
{
    ck_assert_int_eq(catalogue_sqlite_open(file(), &catalogue, NULL), VT_OK);
}

static void stop(void)
{
    catalogue_close(catalogue);
}

/* The number that a query of the file gives. */
static int64_t look(const char *text)
{
    sqlite3_stmt *statement;
    sqlite3 *db;
    int64_t number;

    ck_assert_int_eq(sqlite3_open(file(), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    number = sqlite3_column_int64(statement, 0);
    ck_assert_int_eq(sqlite3_finalize(statement), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    return number;
}

static struct record photographed(unsigned number)
{
    struct record record = support_record(number);

    record.photo = support_photo();
    record.set_by_person = RECORD_SET_NAME | RECORD_SET_PLACE;
    return record;
}

static void find(unsigned number, struct record *found)
{
    ck_assert_int_eq(catalogue_find(catalogue, support_record(number).id, found), VT_OK);
}

START_TEST(adding_an_image_keeps_all_that_its_photograph_knows)
{
    struct record record = photographed(1), found;

    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    stop();
    start();
    find(1, &found);
    support_photos_equal(&found.photo, &record.photo);
    ck_assert_uint_eq(found.set_by_person, record.set_by_person);
}
END_TEST

START_TEST(what_is_not_known_is_not_known_when_it_is_read)
{
    struct record record = support_record(1), empty = support_record(2), found;

    memset(&empty.photo, 0, sizeof empty.photo); /* as PHOTO_INIT, but for the time */
    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    ck_assert_int_eq(catalogue_add(catalogue, &empty), VT_OK);
    for (unsigned i = 1; i <= 2; i++) {
        find(i, &found);
        support_photos_equal(&found.photo, &PHOTO_INIT);
        ck_assert(!record_is_dated(&found));
        ck_assert_uint_eq(found.set_by_person, 0);
    }
}
END_TEST

START_TEST(a_time_without_offset_and_a_place_without_altitude_stay_without)
{
    struct record record = photographed(1), found;

    record.photo.taken.offset = PHOTO_TIME_NO_OFFSET;
    record.photo.has_altitude = false;
    record.photo.altitude = 0;
    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    find(1, &found);
    support_photos_equal(&found.photo, &record.photo);
    ck_assert(record_is_dated(&found));
}
END_TEST

START_TEST(numbers_that_are_none_are_kept_as_unknown)
{
    struct record record = photographed(1), found;

    record.photo.exposure = __builtin_nan("");
    record.photo.aperture = __builtin_inf();
    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    find(1, &found);
    ck_assert_double_eq(found.photo.exposure, 0);
    ck_assert_double_eq(found.photo.aperture, 0);
}
END_TEST

START_TEST(a_change_writes_all_that_the_photograph_knows)
{
    struct record record = photographed(1), found;
    struct totals before, after;

    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    record.photo = PHOTO_INIT;
    record.set_by_person = RECORD_SET_TAKEN;
    record.photo.taken_from = PHOTO_TAKEN_BY_PERSON; /* who says that nobody knows */
    (void)snprintf(record.photo.description, sizeof record.photo.description, "other");
    ck_assert_int_eq(catalogue_totals(catalogue, &before), VT_OK);
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
    ck_assert_int_eq(catalogue_totals(catalogue, &after), VT_OK);
    ck_assert_str_ne(after.version, before.version);
    find(1, &found);
    support_photos_equal(&found.photo, &record.photo);
    ck_assert_uint_eq(found.set_by_person, RECORD_SET_TAKEN);
}
END_TEST

START_TEST(a_change_of_the_photograph_leaves_the_search_index_alone)
{
    struct record record = photographed(1);
    int64_t before;

    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    before = look("SELECT sum(length(block)) FROM image_search_data");
    record.photo.iso = 100;
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
    ck_assert_int_eq(look("SELECT sum(length(block)) FROM image_search_data"), before);
    record.name[0] = 'P'; /* which is the same to everything but the eye */
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
    ck_assert_int_ne(look("SELECT sum(length(block)) FROM image_search_data"), before);
}
END_TEST

static enum vt_error keep(void *context, const struct record *record)
{
    struct record *kept = context;

    *kept = *record;
    return VT_OK;
}

START_TEST(a_listing_tells_when_a_photograph_was_taken_and_no_more)
{
    struct listing_query query = {.sort = (enum listing_sort)_i, .limit = 1};
    struct record record = photographed(1), listed;
    struct photo wanted = PHOTO_INIT;
    struct listing_page page;

    wanted.taken = record.photo.taken;
    wanted.taken_from = record.photo.taken_from;
    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    memset(&listed, 0xff, sizeof listed);
    ck_assert_int_eq(catalogue_list(catalogue, &query, keep, &listed, &page), VT_OK);
    support_photos_equal(&listed.photo, &wanted);
    ck_assert_uint_eq(listed.set_by_person, 0);
    ck_assert_str_eq(listed.name, record.name);
}
END_TEST

START_TEST(a_listing_of_whole_images_tells_everything)
{
    struct listing_query query = {.sort = SORT_OLD, .limit = 1, .is_whole = true};
    struct record record = photographed(1), listed;
    struct listing_page page;

    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    ck_assert_int_eq(catalogue_list(catalogue, &query, keep, &listed, &page), VT_OK);
    support_photos_equal(&listed.photo, &record.photo);
    ck_assert_uint_eq(listed.set_by_person, record.set_by_person);
}
END_TEST

START_TEST(a_copy_has_the_photographs)
{
    char path[PATH_MAX];
    struct catalogue *copy;
    struct record record = photographed(1), found;

    (void)snprintf(path, sizeof path, "%s/copy.sqlite", support_folder());
    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    ck_assert_int_eq(catalogue_copy(catalogue, path), VT_OK);
    ck_assert_int_eq(catalogue_sqlite_open(path, &copy, NULL), VT_OK);
    ck_assert_int_eq(catalogue_find(copy, record.id, &found), VT_OK);
    support_photos_equal(&found.photo, &record.photo);
    catalogue_close(copy);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("catalogue_photo");
    TCase *photo = tcase_create("photo");

    tcase_add_checked_fixture(photo, start, stop);
    tcase_add_test(photo, adding_an_image_keeps_all_that_its_photograph_knows);
    tcase_add_test(photo, what_is_not_known_is_not_known_when_it_is_read);
    tcase_add_test(photo, a_time_without_offset_and_a_place_without_altitude_stay_without);
    tcase_add_test(photo, numbers_that_are_none_are_kept_as_unknown);
    tcase_add_test(photo, a_change_writes_all_that_the_photograph_knows);
    tcase_add_test(photo, a_change_of_the_photograph_leaves_the_search_index_alone);
    tcase_add_loop_test(photo, a_listing_tells_when_a_photograph_was_taken_and_no_more, 0,
                        SORT_COUNT);
    tcase_add_test(photo, a_listing_of_whole_images_tells_everything);
    tcase_add_test(photo, a_copy_has_the_photographs);
    suite_add_tcase(suite, photo);
    return suite;
}
