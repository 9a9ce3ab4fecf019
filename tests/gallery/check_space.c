/* The bytes that the store counts, and VITRINE_QUOTA. */
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/app.h"
#include "../support/support.h"
#include "gallery/gallery.h"
#include "store/catalogue.h"

static struct config config;
static struct gallery *gallery;

static void start(void)
{
    support_config(support_subfolder(support_folder(), "data"), &config);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
}

static void stop(void)
{
    gallery_free(gallery);
}

static uint64_t found;

static int add_file(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    const char *end = strrchr(path, '.');

    (void)ftw;
    if (type == FTW_F && !(status->st_nlink > 1 && end != NULL && strcmp(end, ".same") == 0))
        found += (uint64_t)status->st_size;
    return 0;
}

/* Bytes of all files of a folder of the store's; those of a second name count once. */
static uint64_t bytes_in(const char *folder)
{
    found = 0;
    ck_assert_int_eq(nftw(support_path(config.data, folder), add_file, 8, FTW_PHYS), 0);
    return found;
}

static uint64_t counted(void)
{
    struct totals totals;

    ck_assert_int_eq(gallery_totals(gallery, &totals), VT_OK);
    return totals.derived;
}

static void sql(const char *text)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(support_path(config.data, "catalogue.sqlite"), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static void add(const struct picture *picture, struct added *added)
{
    support_add_picture(gallery, picture, "x", added);
}

static const char *find_variant(const struct added *added, unsigned size)
{
    const char *extension = NULL;

    ck_assert_int_eq(gallery_find_webp_variant(gallery, added->record.id, size, true, &extension),
                     VT_OK);
    return extension;
}

static const struct picture plain = {.coder = "PNG", .width = 400, .height = 300};
static const struct picture noise = {.coder = "PNG", .width = 400, .height = 300, .noise = true};
static const struct picture clear = {.coder = "PNG", .width = 400, .height = 300, .alpha = true};

/* ---- counting ---- */

START_TEST(every_thumbnail_and_webp_variant_is_counted_until_its_image_is_removed)
{
    struct added opaque, loud, transparent;

    ck_assert_uint_eq(counted(), 0);
    add(&plain, &opaque);
    add(&noise, &loud);
    add(&clear, &transparent);
    ck_assert_uint_gt(counted(), 0);
    ck_assert_uint_eq(counted(), bytes_in("thumbs"));
    ck_assert_int_eq(gallery_make_thumbnail(gallery, opaque.record.id, 1280, "jpg"), VT_OK);
    ck_assert_int_eq(gallery_make_thumbnail(gallery, transparent.record.id, 2048, "webp"), VT_OK);
    ck_assert_str_eq(find_variant(&opaque, 320), GALLERY_WEBP_VARIANT);
    ck_assert_str_eq(find_variant(&loud, 320), GALLERY_SAME);
    ck_assert_uint_eq(counted(), bytes_in("thumbs"));
    ck_assert_int_eq(gallery_remove(gallery, opaque.record.id), VT_OK);
    ck_assert_int_eq(gallery_remove(gallery, loud.record.id), VT_OK);
    ck_assert_uint_eq(counted(), bytes_in("thumbs"));
    ck_assert_int_eq(gallery_remove(gallery, transparent.record.id), VT_OK);
    ck_assert_uint_eq(counted(), 0);
}
END_TEST

START_TEST(many_processes_that_make_thumbnails_count_each_once)
{
    struct added added[3];
    pid_t children[4];

    for (unsigned i = 0; i < 3; i++)
        add(&(struct picture){.coder = "PNG", .width = 300, .height = 200, .seed = i + 1},
            &added[i]);
    gallery_free(gallery);
    for (unsigned i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            SUPPORT_MUST(gallery_new(&config, &gallery) == VT_OK);
            for (unsigned j = 0; j < 3; j++)
                SUPPORT_MUST(gallery_make_thumbnail(gallery, added[(i + j) % 3].record.id,
                                                    i % 2 == 0 ? 1280 : 2048, "jpg") == VT_OK);
            gallery_free(gallery);
            _exit(0);
        }
    }
    for (unsigned i = 0; i < 4; i++)
        ck_assert_int_eq(support_wait(children[i]), 0);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
    ck_assert_uint_eq(counted(), bytes_in("thumbs"));
}
END_TEST

START_TEST(a_sweep_counts_what_a_crash_or_an_older_version_has_not)
{
    struct added first, second;
    struct totals before, after;
    struct sweep sweep;

    add(&plain, &first);
    add(&clear, &second);
    sql("UPDATE image SET derived = 0");
    ck_assert_uint_eq(counted(), 0);
    ck_assert_int_eq(gallery_totals(gallery, &before), VT_OK);
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    ck_assert_uint_eq(counted(), bytes_in("thumbs"));
    ck_assert_int_eq(gallery_totals(gallery, &after), VT_OK);
    ck_assert_str_eq(before.version, after.version); /* no listing has changed */
}
END_TEST

START_TEST(the_next_thumbnail_of_an_image_counts_those_that_a_crash_has_not)
{
    struct added added;

    add(&plain, &added);
    sql("UPDATE image SET derived = 0");
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 1280, "jpg"), VT_OK);
    ck_assert_uint_eq(counted(), bytes_in("thumbs"));
}
END_TEST

/* ---- the quota ---- */

static enum vt_error try(const struct picture *picture, struct vt_reason *why)
{
    struct added added;
    struct buf bytes;
    enum vt_error err;

    support_picture(picture, &bytes);
    err = support_add(gallery, bytes.data, bytes.len, "x", &added, why);
    buf_free(&bytes);
    return err;
}

START_TEST(thumbnails_count_toward_the_quota)
{
    struct vt_reason why = {""};
    struct added added;
    uint64_t needed;

    add(&plain, &added);
    needed = added.record.bytes + counted();
    ck_assert_int_eq(gallery_remove(gallery, added.record.id), VT_OK);
    config.quota = needed - 1;
    ck_assert_int_eq(try(&plain, &why), VT_ERR_QUOTA);
    ck_assert_ptr_nonnull(strstr(why.text, "this file and its thumbnails need"));
    ck_assert_uint_eq(bytes_in("tmp") + bytes_in("uploads") + bytes_in("thumbs"), 0);
    config.quota = needed;
    ck_assert_int_eq(try(&plain, &why), VT_OK);
    ck_assert_int_eq(try(&plain, &why), VT_OK); /* known */
    ck_assert_int_eq(try(&noise, &why), VT_ERR_QUOTA);
}
END_TEST

START_TEST(past_the_quota_no_webp_variant_is_made_and_past_a_quarter_more_no_thumbnail)
{
    struct added added;
    uint64_t used;

    add(&plain, &added);
    used = added.record.bytes + counted();
    config.quota = used;
    ck_assert_str_eq(find_variant(&added, 320), "jpg");
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 1280, "jpg"), VT_OK);
    config.quota = used / 2;
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 1280, "jpg"), VT_OK);
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 2048, "jpg"), VT_ERR_QUOTA);
    config.quota = 10 * used;
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 2048, "jpg"), VT_OK);
    ck_assert_str_eq(find_variant(&added, 320), GALLERY_WEBP_VARIANT);
}
END_TEST

START_TEST(an_upload_past_the_quota_is_not_kept_while_it_comes)
{
    static char piece[64 * 1024];
    struct upload *upload;
    struct vt_reason why = {""};
    struct added added;

    config.quota = 3 * 1024 * 1024;
    ck_assert_int_eq(gallery_upload_begin(gallery, &upload), VT_OK);
    for (unsigned i = 0; i < 96; i++) {
        ck_assert_int_eq(gallery_upload_write(upload, piece, sizeof piece), VT_OK);
        ck_assert_uint_le(bytes_in("tmp"), config.quota + 1024 * 1024);
    }
    ck_assert_uint_eq(bytes_in("tmp"), 0);
    ck_assert_int_eq(gallery_upload_finish(upload, "x", &added, &why), VT_ERR_QUOTA);
    ck_assert_ptr_nonnull(strstr(why.text, "the gallery has no room for it: 0 B of 3 MB are used"));
    gallery_upload_free(upload);
}
END_TEST

START_TEST(known_bytes_past_the_quota_are_still_known)
{
    struct added first, again;
    struct buf bytes;

    support_picture(&(struct picture){.coder = "PNG", .width = 1200, .height = 1200, .noise = true},
                    &bytes);
    ck_assert_uint_gt(bytes.len, 1024 * 1024); /* so that it is looked for room while they come */
    ck_assert_int_eq(support_add(gallery, bytes.data, bytes.len, "x", &first, NULL), VT_OK);
    config.quota = 1;
    ck_assert_int_eq(support_add(gallery, bytes.data, bytes.len, "x", &again, NULL), VT_OK);
    ck_assert(again.known);
    ck_assert_str_eq(again.record.id, first.record.id);
    buf_free(&bytes);
}
END_TEST

START_TEST(bytes_staged_by_earlier_uploads_count_for_later_ones)
{
    static char piece[64 * 1024];
    struct upload *earlier;
    struct vt_reason why = {""};

    config.quota = sizeof piece + 1000;
    ck_assert_int_eq(gallery_upload_begin(gallery, &earlier), VT_OK);
    ck_assert_int_eq(gallery_upload_write(earlier, piece, sizeof piece), VT_OK);
    ck_assert_int_eq(try(&plain, &why), VT_ERR_QUOTA);
    ck_assert_ptr_nonnull(strstr(why.text, "64 kB of "));
    gallery_upload_free(earlier);
    ck_assert_int_eq(try(&plain, &why), VT_OK);
}
END_TEST

/* ---- the reserve ---- */

START_TEST(below_the_reserve_nothing_is_added_and_all_else_goes_on)
{
    static const struct change change = {.name = "renamed"};
    struct vt_reason why = {""};
    struct health health;
    struct added added;
    struct record record;

    add(&plain, &added);
    gallery_check(gallery, &health);
    ck_assert_str_eq(health.notice.text, "");
    ck_assert_uint_le(health.reserve, CONFIG_RESERVE_MAX);
    config.reserve = UINT64_C(1) << 50;
    ck_assert_int_eq(try(&noise, &why), VT_ERR_NO_SPACE);
    ck_assert_ptr_nonnull(strstr(why.text, "VITRINE_RESERVE keeps 1 PB free"));
    ck_assert_int_eq(try(&plain, &why), VT_OK); /* known */
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 1280, "jpg"),
                     VT_ERR_NO_SPACE);
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 320, "jpg"), VT_OK);
    ck_assert_str_eq(find_variant(&added, 320), "jpg");
    gallery_check(gallery, &health);
    ck_assert_int_eq(health.disk, VT_OK); /* it serves */
    ck_assert_ptr_nonnull(strstr(health.notice.text, "no uploads are accepted"));
    ck_assert_uint_eq(health.reserve, UINT64_C(1) << 50);
    ck_assert_int_eq(gallery_change(gallery, added.record.id, &change, &record, NULL), VT_OK);
    ck_assert_int_eq(gallery_remove(gallery, added.record.id), VT_OK);
    config.reserve = 0;
    ck_assert_int_eq(try(&noise, &why), VT_OK);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("gallery_room");
    TCase *counting = tcase_create("counting"), *quota = tcase_create("quota");

    tcase_add_test(counting,
                   every_thumbnail_and_webp_variant_is_counted_until_its_image_is_removed);
    tcase_add_test(counting, many_processes_that_make_thumbnails_count_each_once);
    tcase_add_test(counting, a_sweep_counts_what_a_crash_or_an_older_version_has_not);
    tcase_add_test(counting, the_next_thumbnail_of_an_image_counts_those_that_a_crash_has_not);
    tcase_add_test(quota, thumbnails_count_toward_the_quota);
    tcase_add_test(quota,
                   past_the_quota_no_webp_variant_is_made_and_past_a_quarter_more_no_thumbnail);
    tcase_add_test(quota, an_upload_past_the_quota_is_not_kept_while_it_comes);
    tcase_add_test(quota, known_bytes_past_the_quota_are_still_known);
    tcase_add_test(quota, bytes_staged_by_earlier_uploads_count_for_later_ones);
    tcase_add_test(quota, below_the_reserve_nothing_is_added_and_all_else_goes_on);
    for (TCase *const *at = (TCase *const[]){counting, quota, NULL}; *at != NULL; at++) {
        tcase_add_checked_fixture(*at, start, stop);
        tcase_set_timeout(*at, 60);
        suite_add_tcase(suite, *at);
    }
    return suite;
}
