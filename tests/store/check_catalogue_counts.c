/* The counters that the catalogue's triggers maintain: how many images each month and each tag has.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "../support/support.h"
#include "store/catalogue.h"

static const char *path(void)
{
    return support_path(support_folder(), "catalogue.sqlite");
}

static struct catalogue *opened(void)
{
    struct catalogue *catalogue;

    ck_assert_int_eq(catalogue_sqlite_open(path(), &catalogue, NULL), VT_OK);
    return catalogue;
}

/* What another program, which knows nothing of the counters, does to the rows. */
static void execute(const char *sql)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(path(), &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

#define DAY INT64_C(86400000)

static struct record dated(unsigned number, int64_t time)
{
    struct record record = support_record(number);

    record.photo.taken_from = PHOTO_TAKEN_BY_FILE;
    record.photo.taken = (struct photo_time){time, 60};
    return record;
}

static void add(struct catalogue *catalogue, struct record record)
{
    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
}

static enum vt_error append(void *context, const char *month, uint64_t images)
{
    char *text = context;

    (void)snprintf(text + strlen(text), 1000 - strlen(text), "%s%s:%llu", text[0] ? " " : "", month,
                   (unsigned long long)images);
    return VT_OK;
}

static const char *months(struct catalogue *catalogue)
{
    static char text[1000];
    struct totals totals, now;

    text[0] = '\0';
    ck_assert_int_eq(catalogue_months(catalogue, append, text, &totals), VT_OK);
    ck_assert_int_eq(catalogue_totals(catalogue, &now), VT_OK);
    ck_assert_uint_eq(totals.images, now.images);
    ck_assert_str_eq(totals.version, now.version);
    return text;
}

static const char *tags(struct catalogue *catalogue, const char *prefix, unsigned limit)
{
    static char text[1000];
    struct totals totals;

    text[0] = '\0';
    ck_assert_int_eq(catalogue_tags(catalogue, prefix, limit, append, text, &totals), VT_OK);
    return text;
}

static struct record tagged(unsigned number, const char *lines)
{
    struct record record = support_record(number);

    (void)snprintf(record.tags, sizeof record.tags, "%s", lines);
    return record;
}

static void fail_at_fault(void *context, enum catalogue_part part, const char *text)
{
    (void)context;
    ck_abort_msg("part %d: %s", (int)part, text);
}

START_TEST(the_months_of_nothing_are_none)
{
    struct catalogue *catalogue = opened();

    ck_assert_str_eq(months(catalogue), "");
    catalogue_close(catalogue);
}
END_TEST

START_TEST(each_image_counts_in_the_month_in_which_it_was_taken)
{
    struct catalogue *catalogue = opened();

    add(catalogue, dated(1, 1706745599999)); /* the last millisecond of January 2024 */
    add(catalogue, dated(2, 1706745600000));
    add(catalogue, dated(3, 1709164800000)); /* 29 February */
    add(catalogue, dated(4, -1));            /* the last of 1969 */
    add(catalogue, dated(5, 0));
    add(catalogue, dated(6, -4544208000000)); /* 1 January 1826 */
    add(catalogue, support_record(7));        /* not dated, and uploaded in November 2023 */
    ck_assert_str_eq(months(catalogue),
                     "2024-02:2 2024-01:1 2023-11:1 1970-01:1 1969-12:1 1826-01:1");
    catalogue_close(catalogue);
}
END_TEST

START_TEST(a_time_that_no_calendar_has_counts_at_its_end)
{
    struct catalogue *catalogue = opened();
    struct record late = support_record(1), early = support_record(2);

    late.created = INT64_MAX;
    early.created = INT64_MIN;
    add(catalogue, late);
    add(catalogue, early);
    ck_assert_str_eq(months(catalogue), "9999-12:1 0000-01:1");
    catalogue_close(catalogue);
}
END_TEST

START_TEST(the_months_follow_changes_and_removals)
{
    struct catalogue *catalogue = opened();
    struct record record = dated(1, 0);

    add(catalogue, record);
    add(catalogue, dated(2, DAY));
    ck_assert_str_eq(months(catalogue), "1970-01:2");
    record.photo.taken.local = 40 * DAY;
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
    ck_assert_str_eq(months(catalogue), "1970-02:1 1970-01:1");
    record.photo.taken.local = 41 * DAY;
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
    ck_assert_str_eq(months(catalogue), "1970-02:1 1970-01:1");
    record.photo.taken = PHOTO_TIME_NONE;
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
    ck_assert_str_eq(months(catalogue), "2023-11:1 1970-01:1");
    ck_assert_int_eq(catalogue_remove(catalogue, record.id), VT_OK);
    ck_assert_str_eq(months(catalogue), "1970-01:1");
    ck_assert_int_eq(catalogue_lock(catalogue), VT_OK);
    add(catalogue, dated(3, 0));
    ck_assert_str_eq(months(catalogue), "1970-01:2");
    catalogue_rollback(catalogue);
    ck_assert_str_eq(months(catalogue), "1970-01:1");
    catalogue_close(catalogue);
}
END_TEST

START_TEST(what_other_programs_do_to_the_rows_is_counted)
{
    struct catalogue *catalogue = opened();

    for (unsigned i = 1; i <= 9; i++)
        add(catalogue, dated(i, i * 20 * DAY));
    execute("UPDATE image SET taken = NULL WHERE sequence % 3 = 0");
    execute("UPDATE image SET created = 0 WHERE sequence IN (3, 4)");
    execute("DELETE FROM image WHERE sequence IN (6, 7, 8)");
    ck_assert_str_eq(months(catalogue), "2023-11:1 1970-04:1 1970-03:1 1970-02:1 1970-01:2");
    ck_assert_int_eq(catalogue_verify(catalogue, true, fail_at_fault, NULL), VT_OK);
    execute("DELETE FROM image");
    ck_assert_str_eq(months(catalogue), "");
    catalogue_close(catalogue);
}
END_TEST

/* ---- tags ---- */

START_TEST(each_tag_counts_its_images_the_most_used_first)
{
    struct catalogue *catalogue = opened();
    struct record record = tagged(1, "sea\nearly morning");

    ck_assert_str_eq(tags(catalogue, "", 50), "");
    add(catalogue, record);
    add(catalogue, tagged(2, "sea"));
    add(catalogue, tagged(3, "Sea\nsea\n\"quoted\\\"\nb\\n,c"));
    add(catalogue, tagged(4, ""));
    ck_assert_str_eq(tags(catalogue, "", 50),
                     "sea:3 \"quoted\\\":1 Sea:1 b\\n,c:1 early morning:1");
    ck_assert_str_eq(tags(catalogue, "", 1), "sea:3");
    (void)snprintf(record.tags, sizeof record.tags, "early morning\nlate\n\xc3\x89t\xc3\xa9");
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
    ck_assert_str_eq(
        tags(catalogue, "", 50),
        "sea:2 \"quoted\\\":1 Sea:1 b\\n,c:1 early morning:1 late:1 \xc3\x89t\xc3\xa9:1");
    ck_assert_int_eq(catalogue_remove(catalogue, support_record(3).id), VT_OK);
    ck_assert_int_eq(catalogue_remove(catalogue, support_record(4).id), VT_OK);
    ck_assert_str_eq(tags(catalogue, "", 50), "early morning:1 late:1 sea:1 \xc3\x89t\xc3\xa9:1");
    ck_assert_int_eq(catalogue_verify(catalogue, true, fail_at_fault, NULL), VT_OK);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(tags_are_found_by_their_beginning)
{
    struct catalogue *catalogue = opened();

    add(catalogue, tagged(1, "sea\nsea shore\nSeal\nse\nthe sea\nse%x\n\xc3\xa9t\xc3\xa9"));
    add(catalogue, tagged(2, "sea shore"));
    ck_assert_str_eq(tags(catalogue, "sea", 50), "sea shore:2 Seal:1 sea:1");
    ck_assert_str_eq(tags(catalogue, "SEA", 2), "sea shore:2 Seal:1");
    ck_assert_str_eq(tags(catalogue, "se%", 50), "se%x:1");
    ck_assert_str_eq(tags(catalogue, "\xc3\xa9", 50), "\xc3\xa9t\xc3\xa9:1");
    ck_assert_str_eq(tags(catalogue, "z", 50), "");
    catalogue_close(catalogue);
}
END_TEST

START_TEST(tags_that_no_program_of_ours_writes_do_not_stop_another_one)
{
    struct catalogue *catalogue = opened();

    add(catalogue, tagged(1, "sea"));
    execute("UPDATE image SET tags = 'a' || char(10) || 'a' || char(10) || char(10) || 'b'");
    ck_assert_str_eq(tags(catalogue, "a", 50), "a:1");
    ck_assert_int_eq(catalogue_verify(catalogue, true, fail_at_fault, NULL), VT_OK);
    execute("UPDATE image SET tags = 'a' || char(1)");
    ck_assert_str_eq(tags(catalogue, "", 50), "");
    ck_assert_int_eq(catalogue_verify(catalogue, true, fail_at_fault, NULL), VT_OK);
    execute("DELETE FROM image");
    ck_assert_int_eq(catalogue_verify(catalogue, true, fail_at_fault, NULL), VT_OK);
    catalogue_close(catalogue);
}
END_TEST

static void note_fault(void *context, enum catalogue_part part, const char *text)
{
    unsigned *found = context;

    (void)text;
    *found |= 1U << part;
}

static const char *const faults[] = {
    "UPDATE month SET images = 7",
    "DELETE FROM month WHERE month = '1970-01'",
    "INSERT INTO month VALUES ('2030-01', 1)",
    "UPDATE tag SET images = 7",
    "DELETE FROM tag",
    "INSERT INTO tag VALUES ('none', 1)",
};

START_TEST(a_wrong_counter_is_found_and_mended)
{
    struct catalogue *catalogue = opened();
    unsigned found = 0;

    add(catalogue, dated(1, 0));
    add(catalogue, dated(2, 40 * DAY));
    execute("UPDATE image SET tags = 'sea' WHERE sequence = 1");
    execute(faults[_i]);
    ck_assert_int_eq(catalogue_verify(catalogue, false, note_fault, &found), VT_OK);
    ck_assert_uint_eq(found, 1U << CATALOGUE_COUNTERS);
    ck_assert_int_eq(catalogue_mend(catalogue, CATALOGUE_COUNTERS), VT_OK);
    ck_assert_int_eq(catalogue_verify(catalogue, false, fail_at_fault, NULL), VT_OK);
    ck_assert_str_eq(months(catalogue), "1970-02:1 1970-01:1");
    ck_assert_str_eq(tags(catalogue, "", 50), "sea:1");
    catalogue_close(catalogue);
}
END_TEST

static enum vt_error refuse(void *context, const char *month, uint64_t images)
{
    (void)context;
    (void)month;
    (void)images;
    return VT_ERR_FORBIDDEN;
}

START_TEST(a_visitor_ends_the_months_with_its_error)
{
    struct catalogue *catalogue = opened();
    struct totals totals;

    add(catalogue, dated(1, 0));
    ck_assert_int_eq(catalogue_months(catalogue, refuse, NULL, &totals), VT_ERR_FORBIDDEN);
    ck_assert_str_eq(months(catalogue), "1970-01:1");
    ck_assert_int_eq(catalogue_lock(catalogue), VT_OK); /* no transaction was left */
    catalogue_rollback(catalogue);
    catalogue_close(catalogue);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("catalogue_counts");
    TCase *all = tcase_create("all");

    tcase_add_test(all, the_months_of_nothing_are_none);
    tcase_add_test(all, each_image_counts_in_the_month_in_which_it_was_taken);
    tcase_add_test(all, a_time_that_no_calendar_has_counts_at_its_end);
    tcase_add_test(all, the_months_follow_changes_and_removals);
    tcase_add_test(all, what_other_programs_do_to_the_rows_is_counted);
    tcase_add_test(all, each_tag_counts_its_images_the_most_used_first);
    tcase_add_test(all, tags_are_found_by_their_beginning);
    tcase_add_test(all, tags_that_no_program_of_ours_writes_do_not_stop_another_one);
    tcase_add_loop_test(all, a_wrong_counter_is_found_and_mended, 0,
                        sizeof faults / sizeof faults[0]);
    tcase_add_test(all, a_visitor_ends_the_months_with_its_error);
    suite_add_tcase(suite, all);
    return suite;
}
