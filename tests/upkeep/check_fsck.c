/* Maintaining the store: faults are made, found and repaired; the catalogue is rebuilt. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/app.h"
#include "../support/support.h"
#include "gallery/listing_json.h"
#include "upkeep/upkeep.h"

static struct config config;
static struct gallery *gallery;
static struct added opaque, clear; /* a JPEG, and a PNG with transparency */

static void reopen(void)
{
    gallery_free(gallery);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
    gallery_keep_page(gallery);
    gallery_publish_by(gallery, listing_json_first);
}

static void start(void)
{
    const struct picture jpeg = {.coder = "JPEG", .width = 400, .height = 300, .orientation = 6};
    const struct picture png = {.coder = "PNG", .alpha = true};

    support_config(support_subfolder(support_folder(), "data"), &config);
    reopen();
    support_add_picture(gallery, &jpeg, "opaque.jpg", &opaque);
    support_add_picture(gallery, &png, "clear.png", &clear);
}

static void stop(void)
{
    gallery_free(gallery);
}

static const char *in_data(const char *name)
{
    return support_path(config.data, name);
}

static const char *blob(const struct added *added, const char *folder, const char *extension)
{
    char name[128];

    (void)snprintf(name, sizeof name, "%s/%.2s/%s.%s", folder, added->record.id, added->record.id,
                   extension);
    return in_data(name);
}

static bool exists(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

static void sql(const char *text)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(in_data("catalogue.sqlite"), &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

/* ---- faults ---- */

static void nothing(void)
{
}

static void lose_original(void)
{
    ck_assert_int_eq(unlink(blob(&opaque, "uploads", "jpg")), 0);
}

static void shorten_original(void)
{
    ck_assert_int_eq(truncate(blob(&opaque, "uploads", "jpg"), 100), 0);
}

static void change_original(void)
{
    struct buf bytes;

    support_read_file(blob(&opaque, "uploads", "jpg"), &bytes);
    bytes.data[bytes.len / 2] ^= 1;
    support_write_file(blob(&opaque, "uploads", "jpg"), bytes.data, bytes.len);
    buf_free(&bytes);
}

static void lose_row(void)
{
    support_age_file(blob(&opaque, "uploads", "jpg"), 7200);
    sql("DELETE FROM image WHERE type = 'jpg'");
    ck_assert_int_eq(unlink(in_data("listing/first.json")), 0);
    ck_assert_int_eq(unlink(in_data("listing/first.json.gz")), 0);
}

static void lose_young_row(void)
{
    lose_row();
    support_age_file(blob(&opaque, "uploads", "jpg"), 60);
}

/* Notes a deletion of so many seconds ago. */
static void delete (const struct added *added, long age)
{
    char text[160];

    (void)snprintf(text, sizeof text,
                   "INSERT INTO deletion (id, at) VALUES ('%s', unixepoch() - %ld)",
                   added->record.id, age);
    sql(text);
}

static void leave_deleted(void)
{
    lose_row();
    support_age_file(blob(&opaque, "thumbs/320", "jpg"), 7200);
    sql("DELETE FROM deletion");
    delete (&opaque, 7200);
    ck_assert_int_eq(unlink(blob(&opaque, "thumbs/320", "jpg")), 0);
}

static void leave_just_deleted(void)
{
    lose_row();
    delete (&opaque, 0);
}

static void add_what_is_no_image(void)
{
    (void)support_subfolder(config.data, "uploads/00");
    support_write_file(in_data("uploads/00/00000000000000000000000000000000.jpg"), "x", 1);
    support_age_file(in_data("uploads/00/00000000000000000000000000000000.jpg"), 7200);
}

static void add_thumbnail_of_none(void)
{
    (void)support_subfolder(config.data, "thumbs/320/00");
    support_write_file(in_data("thumbs/320/00/00000000000000000000000000000000.jpg"), "x", 1);
    support_age_file(in_data("thumbs/320/00/00000000000000000000000000000000.jpg"), 7200);
}

static void add_thumbnail_of_other_form(void)
{
    support_write_file(blob(&clear, "thumbs/320", "jpg"), "x", 1);
}

static void cut_thumbnail(void)
{
    ck_assert_int_eq(truncate(blob(&opaque, "thumbs/320", "jpg"), 200), 0);
}

/* Copies without the place are in thumbs/1. */
static void add_copy(const struct added *added, const char *extension, const void *data, size_t len)
{
    char folder[32];

    if (!exists(in_data("thumbs/1")))
        (void)support_subfolder(config.data, "thumbs/1");
    (void)snprintf(folder, sizeof folder, "thumbs/1/%.2s", added->record.id);
    (void)support_subfolder(config.data, folder);
    support_write_file(blob(added, "thumbs/1", extension), data, len);
}

static void add_good_copies(void)
{
    struct buf bytes;

    support_read_file(blob(&opaque, "uploads", "jpg"), &bytes);
    add_copy(&opaque, "jpg", bytes.data, bytes.len);
    add_copy(&clear, "none", "", 0);
    buf_free(&bytes);
}

static void add_copy_of_other_type(void)
{
    add_copy(&clear, "jpg", "x", 1);
}

static void add_damaged_copy(void)
{
    add_copy(&opaque, "jpg", "x", 1);
}

static void copy_other_variant(void)
{
    struct buf bytes;

    support_read_file(blob(&opaque, "thumbs/640", "jpg"), &bytes);
    support_write_file(blob(&opaque, "thumbs/320", "same"), bytes.data, bytes.len);
    buf_free(&bytes);
}

static void leave_stage(void)
{
    support_write_file(in_data("tmp/0123456789abcdef"), "x", 1);
    support_age_file(in_data("tmp/0123456789abcdef"), 7200);
}

static void leave_young_stage(void)
{
    support_write_file(in_data("tmp/0123456789abcdef"), "x", 1);
}

static void add_stray(void)
{
    support_write_file(in_data("uploads/holiday.txt"), "x", 1);
    support_age_file(in_data("uploads/holiday.txt"), 7200);
}

static void miscount(void)
{
    sql("UPDATE total SET bytes = 7");
}

static void miscount_month(void)
{
    sql("UPDATE month SET images = images + 1");
}

static void misplace_name(void)
{
    sql("UPDATE image SET name_key = x'01' WHERE sequence = 1");
}

static void lose_index_entry(void)
{
    sql("DELETE FROM image_search WHERE rowid = 1");
}

static void change_index_entry(void)
{
    sql("UPDATE image_search SET shown = 'other' WHERE rowid = 1");
}

static void leave_index_entry(void)
{
    sql("INSERT INTO image_search (rowid, shown) VALUES (77, 'gone')");
}

static void damage_index(void)
{
    sql("UPDATE image_search_content SET c0 = 'other' WHERE id = 1");
}

static void change_page(void)
{
    support_write_file(in_data("listing/first.json"), "{}", 2);
}

static const struct fault {
    void (*make)(void);
    int kind;      /* -1 for none */
    bool is_quick; /* found without reading all bytes, too */
    unsigned left; /* images after the repair */
} faults[] = {
    {nothing, -1, true, 2},
    {lose_original, FINDING_ORIGINAL_MISSING, true, 1},
    {shorten_original, FINDING_ORIGINAL_DAMAGED, true, 1},
    {change_original, FINDING_ORIGINAL_DAMAGED, false, 1},
    {lose_row, FINDING_ORIGINAL_UNKNOWN, true, 2},
    {lose_young_row, -1, true, 1},
    {leave_deleted, FINDING_ORIGINAL_DELETED, true, 1},
    {leave_just_deleted, -1, true, 1},
    {add_what_is_no_image, FINDING_ORIGINAL_UNKNOWN, true, 2},
    {add_thumbnail_of_none, FINDING_THUMBNAIL_UNKNOWN, true, 2},
    {add_thumbnail_of_other_form, FINDING_THUMBNAIL_UNKNOWN, true, 2},
    {cut_thumbnail, FINDING_THUMBNAIL_DAMAGED, false, 2},
    {copy_other_variant, FINDING_THUMBNAIL_DAMAGED, false, 2},
    {add_good_copies, -1, true, 2},
    {add_copy_of_other_type, FINDING_THUMBNAIL_UNKNOWN, true, 2},
    {add_damaged_copy, FINDING_THUMBNAIL_DAMAGED, false, 2},
    {leave_stage, FINDING_UNFINISHED, true, 2},
    {leave_young_stage, -1, true, 2},
    {add_stray, FINDING_STRAY, true, 2},
    {miscount, FINDING_COUNTERS, true, 2},
    {miscount_month, FINDING_COUNTERS, true, 2},
    {misplace_name, FINDING_NAMES, true, 2},
    {lose_index_entry, FINDING_SEARCH, false, 2},
    {change_index_entry, FINDING_SEARCH, false, 2},
    {leave_index_entry, FINDING_SEARCH, false, 2},
    {damage_index, FINDING_SEARCH, false, 2},
    {change_page, FINDING_PAGE, true, 2},
};

#define FAULTS ((int)(sizeof faults / sizeof faults[0]))

static int kind_told; /* the last one's */

static void note(void *context, const struct finding *find)
{
    (void)context;
    ck_assert_str_ne(find->subject, "");
    ck_assert_str_ne(find->detail, "");
    kind_told = (int)find->kind;
}

static struct fsck_result run(bool repair, bool quick)
{
    const struct fsck fsck = {.repair = repair, .quick = quick, .tell = note};
    struct fsck_result result;

    kind_told = -1;
    reopen();
    ck_assert_int_eq(upkeep_fsck(gallery, &fsck, &result), VT_OK);
    return result;
}

START_TEST(a_fault_is_found_and_left)
{
    const struct fault *fault = &faults[_i];
    unsigned wanted = fault->kind < 0 ? 0 : 1;
    struct fsck_result result;

    fault->make();
    for (int i = 0; i < 2; i++) {
        result = run(false, false);
        ck_assert_uint_eq(result.found, wanted);
        ck_assert_uint_eq(result.repaired, 0);
        ck_assert_int_eq(kind_told, fault->kind);
    }
    result = run(false, true);
    ck_assert_uint_eq(result.found, fault->is_quick ? wanted : 0);
}
END_TEST

START_TEST(a_fault_is_repaired_and_gone)
{
    const struct fault *fault = &faults[_i];
    struct fsck_result result;
    struct totals totals;

    fault->make();
    result = run(true, false);
    ck_assert_uint_eq(result.found, fault->kind < 0 ? 0 : 1);
    ck_assert_uint_eq(result.repaired, result.found);
    result = run(false, false);
    ck_assert_uint_eq(result.found, 0);
    ck_assert_uint_eq(result.images, fault->left);
    ck_assert_int_eq(gallery_totals(gallery, &totals), VT_OK);
    ck_assert_uint_eq(totals.images, fault->left);
}
END_TEST

/* Changes go on beside it: another process may hold the write lock all the time. */
START_TEST(a_sound_gallery_is_looked_at_without_its_write_lock)
{
    const struct fsck fsck = {.tell = note};
    struct fsck_result result;
    sqlite3 *db;

    reopen();
    ck_assert_int_eq(sqlite3_open(in_data("catalogue.sqlite"), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(upkeep_fsck(gallery, &fsck, &result), VT_OK);
    ck_assert_uint_eq(result.found, 0);
    ck_assert_uint_eq(result.images, 2);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    ck_assert_uint_eq(support_count_files(in_data("tmp")), 0);
}
END_TEST

/* Whoever runs a command need not have the workers' settings. */
START_TEST(a_first_page_of_another_setting_is_no_fault)
{
    const struct fsck fsck = {.quick = true, .tell = note};
    struct fsck_result result;

    config.metadata = (enum metadata_mode)(_i / 3);
    reopen();
    ck_assert_int_eq(gallery_remove(gallery, clear.record.id), VT_OK); /* publishes the page */
    ck_assert(exists(in_data("listing/first.json")));
    config.metadata = (enum metadata_mode)(_i % 3);
    reopen();
    ck_assert_int_eq(upkeep_fsck(gallery, &fsck, &result), VT_OK);
    ck_assert_uint_eq(result.found, 0);
    ck_assert(exists(in_data("listing/first.json")));
}
END_TEST

START_TEST(a_damaged_file_is_set_aside)
{
    struct buf before, after;
    char name[160];

    change_original();
    support_read_file(blob(&opaque, "uploads", "jpg"), &before);
    ck_assert_uint_eq(run(true, false).repaired, 1);
    ck_assert(!exists(blob(&opaque, "uploads", "jpg")));
    ck_assert(!exists(blob(&opaque, "thumbs/320", "jpg")));
    (void)snprintf(name, sizeof name, "lost+found/uploads-%.2s-%s.jpg", opaque.record.id,
                   opaque.record.id);
    support_read_file(in_data(name), &after);
    ck_assert_uint_eq(after.len, before.len);
    ck_assert_mem_eq(after.data, before.data, before.len);
    buf_free(&before);
    buf_free(&after);
}
END_TEST

START_TEST(an_original_without_a_row_is_taken_up_as_it_was)
{
    struct record record;

    lose_row();
    ck_assert_uint_eq(run(true, false).repaired, 1);
    ck_assert_int_eq(gallery_get(gallery, opaque.record.id, &record), VT_OK);
    ck_assert_uint_eq(record.width, opaque.record.width);
    ck_assert_uint_eq(record.height, opaque.record.height);
    ck_assert_uint_eq(record.bytes, opaque.record.bytes);
    ck_assert_int_eq(record.type, IMAGE_JPEG);
    ck_assert(!record.alpha);
    ck_assert(!token_matches(opaque.token, record.token_hash));
    ck_assert(strncmp(record.name, opaque.record.id, ID_LENGTH) == 0);
}
END_TEST

static bool refuse(void *context, uint64_t done, uint64_t total)
{
    (void)context;
    (void)done;
    (void)total;
    return false;
}

START_TEST(fsck_and_rebuild_can_be_stopped)
{
    const struct fsck fsck = {.watch = {refuse, NULL}};
    const struct upkeep_watch watch = {refuse, NULL};
    struct rebuild_result rebuilt;
    struct fsck_result result;
    struct buf before, after;

    reopen();
    ck_assert_int_eq(upkeep_fsck(gallery, &fsck, &result), VT_ERR_STOPPED);
    reopen();
    support_read_file(in_data("catalogue.sqlite"), &before);
    ck_assert_int_eq(upkeep_rebuild(gallery, &watch, NULL, &rebuilt, NULL), VT_ERR_STOPPED);
    support_read_file(in_data("catalogue.sqlite"), &after);
    ck_assert_uint_eq(after.len, before.len);
    ck_assert_mem_eq(after.data, before.data, before.len);
    ck_assert_uint_eq(support_count_files(in_data("tmp")), 0);
    buf_free(&before);
    buf_free(&after);
}
END_TEST

/* ---- rebuilding ---- */

static const struct upkeep_watch unwatched = {NULL, NULL};

static void rebuild(struct rebuild_result *result)
{
    reopen();
    ck_assert_int_eq(upkeep_rebuild(gallery, &unwatched, NULL, result, NULL), VT_OK);
    ck_assert_uint_eq(support_count_files(in_data("tmp")), 0);
    ck_assert_uint_eq(run(false, false).found, 0);
}

START_TEST(a_good_catalogue_is_kept_whole)
{
    const char *const tags[] = {"one", "two"};
    const struct change change = {.name = "renamed",
                                  .tags = tags,
                                  .tag_count = 2,
                                  .description = "words",
                                  .sets_taken = true,
                                  .taken = {-1000, 60},
                                  .sets_place = true,
                                  .place = {true, true, 1.5, -2.5, 3}};
    struct rebuild_result result;
    struct record before, after;

    ck_assert_int_eq(gallery_change(gallery, opaque.record.id, &change, &before, NULL), VT_OK);
    rebuild(&result);
    ck_assert(result.whole);
    ck_assert_uint_eq(result.kept, 2);
    ck_assert_uint_eq(result.made + result.lost + result.refused, 0);
    ck_assert(exists(result.old));
    ck_assert_int_eq(gallery_get(gallery, opaque.record.id, &after), VT_OK);
    ck_assert_str_eq(after.name, "renamed");
    ck_assert_str_eq(after.tags, before.tags);
    ck_assert_int_eq(after.created, before.created);
    support_photos_equal(&after.photo, &before.photo);
    ck_assert_str_eq(after.photo.description, "words");
    ck_assert_uint_eq(after.set_by_person, RECORD_SET_ALL);
    ck_assert(token_matches(opaque.token, after.token_hash));
    ck_assert_int_eq(gallery_get(gallery, clear.record.id, &after), VT_OK);
    ck_assert(after.alpha);
}
END_TEST

START_TEST(a_catalogue_that_is_none_is_made_of_the_originals)
{
    struct rebuild_result result;
    struct record record;
    char text[5000];

    gallery_free(gallery);
    gallery = NULL;
    memset(text, 'x', sizeof text);
    support_write_file(in_data("catalogue.sqlite"), text, sizeof text);
    rebuild(&result);
    ck_assert(!result.whole);
    ck_assert_uint_eq(result.kept, 0);
    ck_assert_uint_eq(result.made, 2);
    ck_assert_int_eq(gallery_get(gallery, clear.record.id, &record), VT_OK);
    ck_assert(record.alpha);
    ck_assert_uint_eq(record.width, clear.record.width);
}
END_TEST

START_TEST(a_catalogue_that_is_lost_is_made_of_the_originals)
{
    struct sweep sweep;
    struct rebuild_result result;
    bool made_anew = true;

    gallery_free(gallery);
    gallery = NULL;
    ck_assert_int_eq(unlink(in_data("catalogue.sqlite")), 0);
    support_age_file(blob(&opaque, "uploads", "jpg"), 7200);
    reopen();
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    ck_assert(sweep.made_anew);
    ck_assert(exists(blob(&opaque, "uploads", "jpg")));
    rebuild(&result);
    ck_assert_uint_eq(result.made, 2);
    ck_assert_int_eq(gallery_is_made_anew(gallery, &made_anew), VT_OK);
    ck_assert(!made_anew);
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    ck_assert_uint_eq(sweep.blobs, 0);
}
END_TEST

/* With its page. */
static void lose_catalogue(void)
{
    gallery_free(gallery);
    gallery = NULL;
    ck_assert_int_eq(unlink(in_data("catalogue.sqlite")), 0);
    ck_assert_int_eq(unlink(in_data("listing/first.json")), 0);
    ck_assert_int_eq(unlink(in_data("listing/first.json.gz")), 0);
}

START_TEST(fsck_takes_up_what_a_lost_catalogue_had_and_the_new_one_is_theirs)
{
    struct fsck_result result;

    lose_catalogue();
    result = run(false, false);
    ck_assert_uint_eq(result.found, 3);
    ck_assert_int_eq(kind_told, FINDING_MADE_ANEW);
    result = run(true, false);
    ck_assert_uint_eq(result.found, 3);
    ck_assert_uint_eq(result.repaired, 3); /* however young they are */
    result = run(false, false);
    ck_assert_uint_eq(result.found, 0);
    ck_assert_uint_eq(result.images, 2);
}
END_TEST

START_TEST(an_operator_can_accept_a_catalogue_made_beside_originals)
{
    const struct fsck fsck = {.accept = true, .tell = note};
    struct fsck_result result;

    lose_catalogue();
    reopen();
    ck_assert_int_eq(upkeep_fsck(gallery, &fsck, &result), VT_OK);
    ck_assert_uint_eq(result.found, 3);
    ck_assert_uint_eq(result.repaired, 1);
    ck_assert_uint_eq(run(false, false).found, 0); /* the two are young again */
}
END_TEST

START_TEST(a_deleted_image_does_not_come_back)
{
    struct rebuild_result result;
    struct record record;
    struct sweep sweep;

    lose_row();
    delete (&opaque, 0);
    rebuild(&result);
    ck_assert_uint_eq(result.kept, 1);
    ck_assert_uint_eq(result.made, 0);
    ck_assert_uint_eq(result.deleted, 1);
    ck_assert_int_eq(gallery_get(gallery, opaque.record.id, &record), VT_ERR_NOT_FOUND);
    rebuild(&result); /* the note is kept */
    ck_assert_uint_eq(result.deleted, 1);
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    ck_assert(!exists(blob(&opaque, "uploads", "jpg")));
}
END_TEST

static enum vt_error see_name(void *context, const struct record *record)
{
    char *names = context;

    ck_assert_uint_lt(strlen(names) + strlen(record->name) + 2, 200);
    strcat(names, record->name);
    strcat(names, "|");
    return VT_OK;
}

/* An import keeps times that are not in the order of arrival. */
START_TEST(a_rebuild_keeps_names_and_order)
{
    struct rebuild_result result;
    struct added third;
    char names[200] = "";

    support_add_picture(gallery, &(struct picture){.coder = "PNG", .seed = 3}, "c", &third);
    sql("UPDATE image SET name = 'AC/DC', created = 3000 WHERE sequence = 1;"
        "UPDATE image SET name = '..', created = 1000 WHERE sequence = 2;"
        "UPDATE image SET name = 'a\\b/', created = 1000 WHERE sequence = 3");
    rebuild(&result);
    ck_assert_uint_eq(result.kept, 3);
    ck_assert_int_eq(gallery_each(gallery, see_name, names), VT_OK);
    ck_assert_str_eq(names, "AC/DC|..|a\\b/|");
}
END_TEST

START_TEST(a_newer_schema_is_not_rebuilt)
{
    struct vt_reason why = {""};
    struct rebuild_result result;

    sql("PRAGMA user_version = 99");
    reopen();
    ck_assert_int_eq(upkeep_rebuild(gallery, &unwatched, NULL, &result, &why), VT_ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(why.text, "newer"));
    sql("PRAGMA user_version = 6");
    reopen();
    rebuild(&result);
    ck_assert_uint_eq(result.kept, 2);
}
END_TEST

START_TEST(originals_decide_what_a_rebuilt_catalogue_has)
{
    struct rebuild_result result;

    change_original();
    ck_assert_int_eq(unlink(blob(&clear, "uploads", "png")), 0);
    reopen();
    ck_assert_int_eq(upkeep_rebuild(gallery, &unwatched, NULL, &result, NULL), VT_OK);
    ck_assert_uint_eq(result.kept + result.made, 0);
    ck_assert_uint_eq(result.lost, 2);
    ck_assert_uint_eq(result.refused, 1);
    ck_assert_uint_eq(support_count_files(in_data("lost+found")), 1);
}
END_TEST

START_TEST(nobody_rebuilds_what_is_in_use)
{
    struct vt_reason why = {""};
    struct rebuild_result result;
    struct gallery *other;

    ck_assert_int_eq(gallery_open(gallery, NULL), VT_OK);
    ck_assert_int_eq(gallery_new(&config, &other), VT_OK);
    ck_assert_int_eq(upkeep_rebuild(other, &unwatched, NULL, &result, &why), VT_ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(why.text, "in use"));
    gallery_free(other);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("upkeep_fsck");
    TCase *finding = tcase_create("finding"), *rebuilding = tcase_create("rebuilding");

    tcase_add_checked_fixture(finding, start, stop);
    tcase_add_checked_fixture(rebuilding, start, stop);
    tcase_add_loop_test(finding, a_fault_is_found_and_left, 0, FAULTS);
    tcase_add_loop_test(finding, a_fault_is_repaired_and_gone, 0, FAULTS);
    tcase_add_test(finding, a_sound_gallery_is_looked_at_without_its_write_lock);
    tcase_add_loop_test(finding, a_first_page_of_another_setting_is_no_fault, 0, 9);
    tcase_add_test(finding, a_damaged_file_is_set_aside);
    tcase_add_test(finding, an_original_without_a_row_is_taken_up_as_it_was);
    tcase_add_test(finding, fsck_and_rebuild_can_be_stopped);
    suite_add_tcase(suite, finding);
    tcase_add_test(rebuilding, a_good_catalogue_is_kept_whole);
    tcase_add_test(rebuilding, a_catalogue_that_is_none_is_made_of_the_originals);
    tcase_add_test(rebuilding, a_catalogue_that_is_lost_is_made_of_the_originals);
    tcase_add_test(rebuilding, fsck_takes_up_what_a_lost_catalogue_had_and_the_new_one_is_theirs);
    tcase_add_test(rebuilding, an_operator_can_accept_a_catalogue_made_beside_originals);
    tcase_add_test(rebuilding, a_deleted_image_does_not_come_back);
    tcase_add_test(rebuilding, a_rebuild_keeps_names_and_order);
    tcase_add_test(rebuilding, a_newer_schema_is_not_rebuilt);
    tcase_add_test(rebuilding, originals_decide_what_a_rebuilt_catalogue_has);
    tcase_add_test(rebuilding, nobody_rebuilds_what_is_in_use);
    suite_add_tcase(suite, rebuilding);
    return suite;
}
