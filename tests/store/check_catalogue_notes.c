/* What the catalogue records beside the images: deletions, its origin, its epoch. */
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

static void reopen(void)
{
    stop();
    start();
}

static void sql(const char *text)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(file(), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static const char *id_of(unsigned number)
{
    static struct record record;

    record = support_record(number);
    return record.id;
}

/* ---- deletions ---- */

START_TEST(a_deletion_is_noted_until_the_image_is_added_again)
{
    struct record record = support_record(1);
    int64_t at = 0;

    ck_assert_int_eq(catalogue_find_deletion(catalogue, record.id, &at), VT_ERR_NOT_FOUND);
    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    ck_assert_int_eq(catalogue_remove(catalogue, record.id), VT_OK);
    ck_assert_int_eq(catalogue_find_deletion(catalogue, record.id, &at), VT_ERR_NOT_FOUND);
    ck_assert_int_eq(catalogue_note_deletion(catalogue, record.id, 17), VT_OK);
    ck_assert_int_eq(catalogue_note_deletion(catalogue, record.id, 18), VT_OK);
    reopen();
    ck_assert_int_eq(catalogue_find_deletion(catalogue, record.id, &at), VT_OK);
    ck_assert_int_eq(at, 18);
    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    ck_assert_int_eq(catalogue_find_deletion(catalogue, record.id, &at), VT_ERR_NOT_FOUND);
}
END_TEST

struct seen {
    int64_t times[8];
    size_t count;
};

static enum vt_error see(void *context, const char *id, int64_t at)
{
    struct seen *seen = context;

    ck_assert_str_eq(id, id_of((unsigned)at));
    seen->times[seen->count++] = at;
    return seen->count < 4 ? VT_OK : VT_ERR_STOPPED;
}

START_TEST(the_newest_deletions_are_visited_in_their_order)
{
    struct seen seen = {.count = 0};

    ck_assert_int_eq(catalogue_each_deletion(catalogue, 3, see, &seen), VT_OK);
    ck_assert_uint_eq(seen.count, 0);
    for (unsigned i = 1; i <= 5; i++)
        ck_assert_int_eq(catalogue_note_deletion(catalogue, id_of(i), i), VT_OK);
    ck_assert_int_eq(catalogue_each_deletion(catalogue, 3, see, &seen), VT_OK);
    ck_assert_uint_eq(seen.count, 3);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(seen.times[i], 3 + i);
    seen.count = 0;
    ck_assert_int_eq(catalogue_each_deletion(catalogue, 100, see, &seen), VT_ERR_STOPPED);
}
END_TEST

START_TEST(notes_of_deletions_do_not_grow_without_end)
{
    int64_t at;

    ck_assert_int_eq(catalogue_note_deletion(catalogue, id_of(1), 1), VT_OK);
    sql("UPDATE deletion SET sequence = -999998"); /* as if a million had come since, less one */
    ck_assert_int_eq(catalogue_note_deletion(catalogue, id_of(2), 2), VT_OK);
    sql("UPDATE deletion SET sequence = 1 WHERE at = 2");
    ck_assert_int_eq(catalogue_find_deletion(catalogue, id_of(1), &at), VT_OK);
    ck_assert_int_eq(catalogue_note_deletion(catalogue, id_of(3), 3), VT_OK);
    ck_assert_int_eq(catalogue_find_deletion(catalogue, id_of(1), &at), VT_ERR_NOT_FOUND);
    ck_assert_int_eq(catalogue_find_deletion(catalogue, id_of(2), &at), VT_OK);
}
END_TEST

/* ---- how it came to be ---- */

START_TEST(how_it_came_to_be_is_kept)
{
    enum catalogue_origin origin;

    ck_assert_int_eq(catalogue_origin(catalogue, &origin), VT_OK);
    ck_assert_int_eq(origin, CATALOGUE_UNSETTLED);
    ck_assert_int_eq(catalogue_settle(catalogue, CATALOGUE_BESIDE_ORIGINALS), VT_OK);
    reopen();
    ck_assert_int_eq(catalogue_origin(catalogue, &origin), VT_OK);
    ck_assert_int_eq(origin, CATALOGUE_BESIDE_ORIGINALS);
    ck_assert_int_eq(catalogue_settle(catalogue, CATALOGUE_SETTLED), VT_OK);
    ck_assert_int_eq(catalogue_origin(catalogue, &origin), VT_OK);
    ck_assert_int_eq(origin, CATALOGUE_SETTLED);
}
END_TEST

START_TEST(a_new_epoch_gives_another_version_to_the_same_rows)
{
    struct totals before, after;

    ck_assert_int_eq(catalogue_totals(catalogue, &before), VT_OK);
    ck_assert_int_eq(catalogue_renew(catalogue), VT_OK);
    ck_assert_int_eq(catalogue_totals(catalogue, &after), VT_OK);
    ck_assert_str_ne(before.version, after.version);
    ck_assert_uint_eq(before.changes, after.changes);
}
END_TEST

/* ---- thumbnails ---- */

START_TEST(what_thumbnails_take_is_counted_until_the_image_is_removed)
{
    struct record one = support_record(1), two = support_record(2);
    struct totals before, totals;
    uint64_t bytes;

    ck_assert_int_eq(catalogue_derived(catalogue, one.id, &bytes), VT_ERR_NOT_FOUND);
    ck_assert_int_eq(catalogue_note_derived(catalogue, one.id, 5), VT_OK); /* of no image */
    ck_assert_int_eq(catalogue_add(catalogue, &one), VT_OK);
    ck_assert_int_eq(catalogue_add(catalogue, &two), VT_OK);
    ck_assert_int_eq(catalogue_totals(catalogue, &before), VT_OK);
    ck_assert_uint_eq(before.derived, 0);
    ck_assert_int_eq(catalogue_note_derived(catalogue, one.id, UINT64_C(5) << 40), VT_OK);
    ck_assert_int_eq(catalogue_note_derived(catalogue, two.id, 20), VT_OK);
    ck_assert_int_eq(catalogue_note_derived(catalogue, two.id, 7), VT_OK);
    reopen();
    ck_assert_int_eq(catalogue_derived(catalogue, two.id, &bytes), VT_OK);
    ck_assert_uint_eq(bytes, 7);
    ck_assert_int_eq(catalogue_totals(catalogue, &totals), VT_OK);
    ck_assert_uint_eq(totals.derived, (UINT64_C(5) << 40) + 7);
    ck_assert_str_eq(totals.version, before.version);
    ck_assert_int_eq(catalogue_remove(catalogue, one.id), VT_OK);
    ck_assert_int_eq(catalogue_totals(catalogue, &totals), VT_OK);
    ck_assert_uint_eq(totals.derived, 7);
}
END_TEST

START_TEST(the_images_of_a_range_are_counted)
{
    uint64_t images = 0;

    for (unsigned i = 1; i <= 5; i++) {
        struct record record = support_record(i);

        ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    }
    ck_assert_int_eq(catalogue_remove(catalogue, id_of(3)), VT_OK);
    ck_assert_int_eq(catalogue_count(catalogue, 0, INT64_MAX, &images), VT_OK);
    ck_assert_uint_eq(images, 4);
    ck_assert_int_eq(catalogue_count(catalogue, 1, 4, &images), VT_OK);
    ck_assert_uint_eq(images, 2);
    ck_assert_int_eq(catalogue_count(catalogue, 5, INT64_MAX, &images), VT_OK);
    ck_assert_uint_eq(images, 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("catalogue_notes");
    TCase *notes = tcase_create("notes");

    tcase_add_checked_fixture(notes, start, stop);
    tcase_add_test(notes, a_deletion_is_noted_until_the_image_is_added_again);
    tcase_add_test(notes, the_newest_deletions_are_visited_in_their_order);
    tcase_add_test(notes, notes_of_deletions_do_not_grow_without_end);
    tcase_add_test(notes, how_it_came_to_be_is_kept);
    tcase_add_test(notes, a_new_epoch_gives_another_version_to_the_same_rows);
    tcase_add_test(notes, what_thumbnails_take_is_counted_until_the_image_is_removed);
    tcase_add_test(notes, the_images_of_a_range_are_counted);
    suite_add_tcase(suite, notes);
    return suite;
}
