/* Copies a store that changes meanwhile, and takes over what another gallery has recorded. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/app.h"
#include "../support/support.h"
#include "store/catalogue.h"
#include "upkeep/upkeep.h"

#define COUNT 3

static struct config config;
static struct gallery *gallery;
static struct added added[COUNT];

static void start(void)
{
    support_config(support_subfolder(support_folder(), "data"), &config);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
    for (unsigned i = 0; i < COUNT; i++)
        support_add_picture(gallery, &(struct picture){.coder = "PNG", .seed = i + 1}, "x",
                            &added[i]);
}

static void stop(void)
{
    gallery_free(gallery);
}

static const char *original(unsigned which)
{
    char name[128];
    const char *id = added[which].record.id;

    (void)snprintf(name, sizeof name, "uploads/%.2s/%s.png", id, id);
    return support_path(config.data, name);
}

/* What a snapshot has given. */
struct seen {
    char ids[COUNT][ID_LENGTH + 1];
    unsigned count, missing;
    int remove; /* the image that is removed at the first visit, or -1 */
};

static enum vt_error visit(void *context, const struct record *record, const char *path,
                           enum original_state state, int fd)
{
    struct seen *seen = context;
    char id[ID_LENGTH + 1];

    if (seen->remove >= 0) {
        ck_assert_int_eq(gallery_remove(gallery, added[seen->remove].record.id), VT_OK);
        seen->remove = -1;
    }
    ck_assert(fd < 0 ? state == ORIGINAL_MISSING : state == ORIGINAL_OPEN);
    if (fd < 0) {
        seen->missing++;
        return VT_OK;
    }
    ck_assert_int_eq(record_read_id(fd, id), VT_OK);
    ck_assert_str_eq(id, record->id);
    ck_assert_ptr_nonnull(strstr(path, record->id));
    memcpy(seen->ids[seen->count++], id, sizeof id);
    return VT_OK;
}

/* Opens what a snapshot gave as a catalogue of its own, and checks that it has just those images.
 */
static void check_copy(struct snapshot *snapshot, const struct seen *seen)
{
    const char *path = support_path(support_folder(), "copy.sqlite");
    struct catalogue *copy;
    struct record record;
    struct totals totals;
    char piece[4096];
    ssize_t got;
    int fd, out = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    ck_assert_int_eq(upkeep_snapshot_open(snapshot, &fd), VT_OK);
    while ((got = read(fd, piece, sizeof piece)) > 0)
        ck_assert_int_eq(write(out, piece, (size_t)got), got);
    (void)close(fd);
    (void)close(out);
    ck_assert_int_eq(
        catalogue_sqlite_open(support_path(support_folder(), "copy.sqlite"), &copy, NULL), VT_OK);
    ck_assert_int_eq(catalogue_totals(copy, &totals), VT_OK);
    ck_assert_uint_eq(totals.images, seen->count);
    for (unsigned i = 0; i < seen->count; i++)
        ck_assert_int_eq(catalogue_find(copy, seen->ids[i], &record), VT_OK);
    catalogue_close(copy);
}

static void take(struct seen *seen)
{
    struct snapshot *snapshot;

    ck_assert_int_eq(upkeep_snapshot_begin(gallery, &snapshot), VT_OK);
    ck_assert_uint_eq(upkeep_snapshot_count(snapshot), COUNT);
    ck_assert_int_eq(upkeep_snapshot_each(snapshot, visit, seen), VT_OK);
    check_copy(snapshot, seen);
    upkeep_snapshot_free(snapshot);
    ck_assert_uint_eq(support_count_files(support_path(config.data, "tmp")), 0);
}

START_TEST(a_snapshot_visits_every_image_of_the_store)
{
    struct seen seen = {.remove = -1};

    take(&seen);
    ck_assert_uint_eq(seen.count, COUNT);
    ck_assert_uint_eq(seen.missing, 0);
}
END_TEST

START_TEST(a_copy_has_an_epoch_of_its_own)
{
    struct snapshot *snapshot;
    struct totals source, first;
    char version[64] = "";
    sqlite3 *db;
    sqlite3_stmt *row;
    int fd;

    ck_assert_int_eq(gallery_totals(gallery, &source), VT_OK);
    ck_assert_int_eq(upkeep_snapshot_begin(gallery, &snapshot), VT_OK);
    ck_assert_int_eq(upkeep_snapshot_open(snapshot, &fd), VT_OK);
    (void)snprintf(version, sizeof version, "/proc/self/fd/%d", fd);
    ck_assert_int_eq(sqlite3_open_v2(version, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT epoch FROM total", -1, &row, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
    ck_assert_int_ne(strncmp((const char *)sqlite3_column_text(row, 0), source.version, 16), 0);
    (void)sqlite3_finalize(row);
    (void)sqlite3_close(db);
    (void)close(fd);
    upkeep_snapshot_free(snapshot);
    ck_assert_int_eq(gallery_totals(gallery, &first), VT_OK);
    ck_assert_str_eq(first.version, source.version);
}
END_TEST

START_TEST(an_image_removed_before_its_visit_is_not_in_the_copy)
{
    struct seen seen = {.remove = COUNT - 1};

    take(&seen);
    ck_assert_uint_eq(seen.count, COUNT - 1);
    ck_assert_uint_eq(seen.missing, 0);
}
END_TEST

START_TEST(an_image_removed_after_its_visit_is_in_the_copy)
{
    struct seen seen = {.remove = 0};

    take(&seen);
    ck_assert_uint_eq(seen.count, COUNT);
}
END_TEST

START_TEST(a_missing_original_is_reported_and_not_in_the_copy)
{
    struct seen seen = {.remove = -1};
    enum original_state state;
    int fd;

    ck_assert_int_eq(unlink(original(1)), 0);
    take(&seen);
    ck_assert_uint_eq(seen.count, COUNT - 1);
    ck_assert_uint_eq(seen.missing, 1);
    ck_assert_int_eq(upkeep_open_original(gallery, &added[1].record, &state, &fd), VT_OK);
    ck_assert_int_eq(state, ORIGINAL_MISSING);
    ck_assert_int_eq(gallery_remove(gallery, added[1].record.id), VT_OK);
    ck_assert_int_eq(upkeep_open_original(gallery, &added[1].record, &state, &fd), VT_OK);
    ck_assert_int_eq(state, ORIGINAL_REMOVED);
    ck_assert_int_eq(fd, -1);
    ck_assert_int_eq(upkeep_open_original(gallery, &added[0].record, &state, &fd), VT_OK);
    ck_assert_int_eq(state, ORIGINAL_OPEN);
    (void)close(fd);
}
END_TEST

/* ---- gallery_upload_keep() ---- */

static enum vt_error add_kept(unsigned seed, const struct change *change, const struct photo *photo,
                              struct added *out)
{
    struct upload *upload;
    struct buf bytes;
    enum vt_error err;

    support_picture(&(struct picture){.coder = "PNG", .seed = seed}, &bytes);
    ck_assert_int_eq(gallery_upload_begin(gallery, &upload), VT_OK);
    err = gallery_upload_keep(upload,
                              &(struct gallery_kept){.created = 1234567,
                                                     .change = *change,
                                                     .photo = photo,
                                                     .says_set = photo != NULL,
                                                     .set_by_person = RECORD_SET_PLACE},
                              NULL);
    if (err == VT_OK)
        err = gallery_upload_write(upload, bytes.data, bytes.len);
    if (err == VT_OK)
        err = gallery_upload_finish(upload, "folder/file", out, NULL);
    gallery_upload_free(upload);
    buf_free(&bytes);
    return err;
}

START_TEST(an_upload_keeps_what_was_known)
{
    static const char *const tags[] = {"one", " two\n", "one"};
    const struct change change = {.name = "a/b", .tags = tags, .tag_count = 3};
    struct record record;
    struct added out;

    ck_assert_int_eq(add_kept(100, &change, NULL, &out), VT_OK);
    ck_assert_int_eq(gallery_get(gallery, out.record.id, &record), VT_OK);
    ck_assert_str_eq(record.name, "a/b");
    ck_assert_str_eq(record.tags, "one\ntwo");
    ck_assert_int_eq(record.created, 1234567);
    ck_assert_uint_eq(record.set_by_person, RECORD_SET_NAME | RECORD_SET_TAGS);
}
END_TEST

START_TEST(an_upload_keeps_what_was_known_of_the_photograph)
{
    const struct change change = {.name = "a"};
    struct photo photo = support_photo();
    struct record record;
    struct added out;

    ck_assert_int_eq(add_kept(102, &change, &photo, &out), VT_OK);
    ck_assert_int_eq(gallery_get(gallery, out.record.id, &record), VT_OK);
    support_photos_equal(&record.photo, &photo);
    ck_assert_uint_eq(record.set_by_person, RECORD_SET_PLACE);
    photo.latitude = 91;
    photo.rating = 6;
    ck_assert_int_eq(add_kept(103, &change, &photo, &out), VT_OK);
    ck_assert(!out.record.photo.has_place);
    ck_assert_uint_eq(out.record.photo.rating, 0);
}
END_TEST

START_TEST(an_upload_keeps_no_bad_tags)
{
    static const char *const tags[] = {"\x01"};
    const struct change change = {.name = "a", .tags = tags, .tag_count = 1};
    struct added out;

    ck_assert_int_eq(add_kept(101, &change, NULL, &out), VT_ERR_MALFORMED);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("gallery_snapshot");
    TCase *tests = tcase_create("snapshot");

    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, a_snapshot_visits_every_image_of_the_store);
    tcase_add_test(tests, a_copy_has_an_epoch_of_its_own);
    tcase_add_test(tests, an_image_removed_before_its_visit_is_not_in_the_copy);
    tcase_add_test(tests, an_image_removed_after_its_visit_is_in_the_copy);
    tcase_add_test(tests, a_missing_original_is_reported_and_not_in_the_copy);
    tcase_add_test(tests, an_upload_keeps_what_was_known);
    tcase_add_test(tests, an_upload_keeps_what_was_known_of_the_photograph);
    tcase_add_test(tests, an_upload_keeps_no_bad_tags);
    suite_add_tcase(suite, tests);
    return suite;
}
