/* Thumbnails that are made on request, the sweep, and a data folder that appears late. */
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../support/app.h"
#include "../support/support.h"
#include "../support/tiff.h"
#include "gallery/gallery.h"
#include "image/header/header.h"
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

static unsigned count(const char *folder)
{
    return support_count_files(support_path(config.data, folder));
}

static const char *blob(const char *id, const char *folder, const char *extension)
{
    char name[128];

    (void)snprintf(name, sizeof name, "%s/%.2s/%s.%s", folder, id, id, extension);
    return support_path(config.data, name);
}

static bool exists(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

static void add(const struct picture *picture, struct added *added)
{
    support_add_picture(gallery, picture, "x", added);
}

/* Takes an image's row away, as a crash between two steps might leave it. */
static void lose_row(const char *id)
{
    struct catalogue *catalogue;

    ck_assert_int_eq(
        catalogue_sqlite_open(support_path(config.data, "catalogue.sqlite"), &catalogue, NULL),
        VT_OK);
    ck_assert_int_eq(catalogue_remove(catalogue, id), VT_OK);
    catalogue_close(catalogue);
}

/* ---- thumbnails ---- */

/* size, and the width and height of the thumbnail of 2400 by 1800 pixels */
static const unsigned sizes[][3] = {
    {320, 320, 240}, {640, 640, 480}, {1280, 1280, 960}, {2048, 2048, 1536}};

START_TEST(thumbnails_of_each_size_are_made)
{
    const struct picture picture = {
        .coder = "JPEG", .width = 2400, .height = 1800, .orientation = 8};
    char folder[32];
    struct added added;
    struct buf bytes;
    struct pixels pixels;

    add(&picture, &added);
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, sizes[_i][0], "jpg"), VT_OK);
    (void)snprintf(folder, sizeof folder, "thumbs/%u", sizes[_i][0]);
    support_read_file(blob(added.record.id, folder, "jpg"), &bytes);
    support_pixels("JPEG", &bytes, &pixels);
    ck_assert_uint_eq(pixels.width, sizes[_i][1]);
    ck_assert_uint_eq(pixels.height, sizes[_i][2]);
    ck_assert(support_is_color(&pixels, 5, 5, 0xff0000));
    ck_assert(support_is_color(&pixels, sizes[_i][1] - 5, 5, 0x00ff00));
    ck_assert_uint_eq(count("tmp"), 0);
    free(pixels.data);
    buf_free(&bytes);
}
END_TEST

START_TEST(a_tiff_has_a_full_size_thumbnail)
{
    const struct picture picture = {.coder = "TIFF", .width = 3000, .height = 2200};
    struct added added;
    struct buf bytes;
    struct image_header header;

    add(&picture, &added);
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 8192, "jpg"), VT_OK);
    support_read_file(blob(added.record.id, "thumbs/8192", "jpg"), &bytes);
    ck_assert_int_eq(image_header_read(bytes.data, bytes.len, &header, NULL), VT_OK);
    ck_assert_uint_eq(header.width, 3000);
    ck_assert_uint_eq(header.height, 2200);
    ck_assert_int_eq(gallery_remove(gallery, added.record.id), VT_OK);
    ck_assert_uint_eq(count("thumbs"), 0);
    buf_free(&bytes);
}
END_TEST

/* The store is as that version left it; the thumbnail has been lost, or its size is a new one. */
START_TEST(camera_raw_that_an_earlier_version_took_gets_thumbnails_but_is_not_taken_again)
{
    struct added added, again;
    struct vt_reason why = {""};
    struct buf raw, bytes;
    struct image_header header;

    add(&(struct picture){.coder = "TIFF"}, &added);
    support_tiff(&(struct tiff_picture){.dng = true}, &raw);
    support_write_file(blob(added.record.id, "uploads", "tiff"), raw.data, raw.len);
    for (int i = 0; i < 2; i++) {
        const char *folder = i == 0 ? "thumbs/320" : "thumbs/8192";

        (void)unlink(blob(added.record.id, folder, "jpg"));
        ck_assert_int_eq(
            gallery_make_thumbnail(gallery, added.record.id, i == 0 ? 320 : 8192, "jpg"), VT_OK);
        support_read_file(blob(added.record.id, folder, "jpg"), &bytes);
        ck_assert_int_eq(image_header_read(bytes.data, bytes.len, &header, NULL), VT_OK);
        ck_assert_uint_eq(header.width, 64);
        ck_assert_uint_eq(header.height, 48);
        buf_free(&bytes);
    }
    ck_assert_int_eq(support_add(gallery, raw.data, raw.len, "raw", &again, &why),
                     VT_ERR_UNSUPPORTED);
    ck_assert_msg(strstr(why.text, "a DNG camera raw file") != NULL, "%s", why.text);
    buf_free(&raw);
}
END_TEST

START_TEST(a_thumbnail_that_is_there_is_not_made_again)
{
    const struct picture picture = {.coder = "PNG", .alpha = true};
    struct added added;
    struct buf bytes;

    add(&picture, &added);
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 640, "webp"), VT_OK);
    support_write_file(blob(added.record.id, "thumbs/640", "webp"), "mark", 4);
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 640, "webp"), VT_OK);
    support_read_file(blob(added.record.id, "thumbs/640", "webp"), &bytes);
    ck_assert_str_eq(bytes.data, "mark");
    buf_free(&bytes);
}
END_TEST

START_TEST(other_sizes_and_extensions_are_not_found)
{
    static const unsigned others[] = {0, 1, 319, 321, 4096, 8192, 0xffffffff};
    static const char *const extensions[] = {"webp", "png", "", "JPG", "jpg/../x"};
    const struct picture picture = {.coder = "PNG"};
    struct added added;

    add(&picture, &added);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ck_assert(!gallery_has_size(&added.record, others[i]));
        ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, others[i], "jpg"),
                         VT_ERR_NOT_FOUND);
    }
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
        ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 320, extensions[i]),
                         VT_ERR_NOT_FOUND);
    ck_assert_uint_eq(count("thumbs"), 2);
}
END_TEST

START_TEST(an_image_without_its_original_has_no_new_thumbnails)
{
    const struct picture picture = {.coder = "PNG"};
    struct added added;

    add(&picture, &added);
    ck_assert_int_eq(unlink(blob(added.record.id, "uploads", "png")), 0);
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 2048, "jpg"),
                     VT_ERR_NOT_FOUND);
    ck_assert_uint_eq(count("thumbs"), 2);
}
END_TEST

START_TEST(many_who_want_one_thumbnail_get_it)
{
    const struct picture picture = {.coder = "PNG", .width = 400, .height = 300};
    pid_t children[6];
    struct added added;

    add(&picture, &added);
    gallery_free(gallery);
    for (int i = 0; i < 6; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct gallery *own;

            SUPPORT_MUST(gallery_new(&config, &own) == VT_OK);
            SUPPORT_MUST(gallery_make_thumbnail(own, added.record.id, 1280, "jpg") == VT_OK);
            SUPPORT_MUST(exists(blob(added.record.id, "thumbs/1280", "jpg")));
            gallery_free(own);
            _exit(0);
        }
    }
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(support_wait(children[i]), 0);
    ck_assert_uint_eq(count("thumbs"), 3);
    ck_assert_uint_eq(count("tmp"), 0);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
}
END_TEST

/* ---- the sweep ---- */

/* Notes that an image was deleted, as a deletion does. */
static void note_deletion(const char *id)
{
    struct catalogue *catalogue;

    ck_assert_int_eq(
        catalogue_sqlite_open(support_path(config.data, "catalogue.sqlite"), &catalogue, NULL),
        VT_OK);
    ck_assert_int_eq(catalogue_note_deletion(catalogue, id, time(NULL)), VT_OK);
    catalogue_close(catalogue);
}

START_TEST(sweep_removes_no_original_for_want_of_a_row)
{
    struct added added;
    struct sweep sweep;

    add(&(struct picture){.coder = "PNG"}, &added);
    lose_row(added.record.id);
    support_age_file(blob(added.record.id, "uploads", "png"), 100000);
    support_age_file(blob(added.record.id, "thumbs/320", "jpg"), 100000);
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    ck_assert_uint_eq(sweep.blobs, 0);
    ck_assert_uint_eq(sweep.left, 1);
    ck_assert(!sweep.made_anew);
    ck_assert(exists(blob(added.record.id, "uploads", "png")));
    ck_assert(exists(blob(added.record.id, "thumbs/320", "jpg"))); /* a rebuild reads it */
}
END_TEST

static unsigned asked, stops_at;

static bool stops(void)
{
    return ++asked >= stops_at;
}

START_TEST(sweep_ends_where_it_is_told_to)
{
    struct added first, second;
    struct sweep sweep;

    add(&(struct picture){.coder = "PNG", .seed = 1}, &first);
    add(&(struct picture){.coder = "PNG", .seed = 2}, &second);
    stops_at = UINT_MAX;
    ck_assert_int_eq(gallery_sweep(gallery, stops, &sweep), VT_OK);
    stops_at = asked; /* the last row */
    for (; stops_at > 0; stops_at--) {
        asked = 0;
        ck_assert_int_eq(gallery_sweep(gallery, stops, &sweep), VT_ERR_STOPPED);
        ck_assert_uint_eq(asked, stops_at);
    }
}
END_TEST

START_TEST(sweep_removes_what_a_deletion_has_left_however_young)
{
    struct added deleted, kept;
    struct sweep sweep;

    add(&(struct picture){.coder = "PNG", .seed = 1}, &deleted);
    add(&(struct picture){.coder = "PNG", .seed = 2}, &kept);
    note_deletion(kept.record.id); /* a note beside a row says nothing */
    lose_row(deleted.record.id);
    note_deletion(deleted.record.id);
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    ck_assert_uint_eq(sweep.blobs, 3);
    ck_assert_uint_eq(sweep.left, 0);
    ck_assert(!exists(blob(deleted.record.id, "uploads", "png")));
    ck_assert(!exists(blob(deleted.record.id, "thumbs/640", "jpg")));
    ck_assert(exists(blob(kept.record.id, "uploads", "png")));
    ck_assert_uint_eq(count("thumbs"), 2);
}
END_TEST

START_TEST(sweep_removes_old_thumbnails_without_row_and_original_and_no_others)
{
    const struct picture pictures[] = {
        {.coder = "PNG", .seed = 1}, {.coder = "PNG", .seed = 2}, {.coder = "PNG", .seed = 3}};
    const char *old, *young, *kept;
    struct added added[3];
    struct sweep sweep;

    for (int i = 0; i < 3; i++)
        add(&pictures[i], &added[i]);
    old = added[0].record.id;
    young = added[1].record.id;
    kept = added[2].record.id;
    lose_row(old);
    lose_row(young);
    ck_assert_int_eq(unlink(blob(old, "uploads", "png")), 0);
    support_age_file(blob(old, "thumbs/320", "jpg"), 3700);
    support_age_file(blob(young, "uploads", "png"), 3500);
    support_age_file(blob(kept, "uploads", "png"), 100000);
    support_age_file(blob(kept, "thumbs/320", "jpg"), 100000);
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    ck_assert_uint_eq(sweep.blobs, 1);
    ck_assert_uint_eq(sweep.left + sweep.stages, 0);
    ck_assert(!exists(blob(old, "thumbs/320", "jpg")));
    ck_assert(exists(blob(old, "thumbs/640", "jpg"))); /* young itself */
    ck_assert(exists(blob(young, "uploads", "png")));
    ck_assert(exists(blob(kept, "uploads", "png")));
    ck_assert(exists(blob(kept, "thumbs/320", "jpg")));
}
END_TEST

START_TEST(the_sweep_removes_stale_stages)
{
    struct upload *upload;
    struct sweep sweep;

    ck_assert_int_eq(gallery_upload_begin(gallery, &upload), VT_OK);
    support_write_file(support_path(config.data, "tmp/0123456789abcdef"), "x", 1);
    support_age_file(support_path(config.data, "tmp/0123456789abcdef"), 3700);
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    ck_assert_uint_eq(sweep.stages, 1);
    ck_assert_uint_eq(sweep.blobs, 0);
    ck_assert_uint_eq(count("tmp"), 1); /* the upload under way */
    gallery_upload_free(upload);
    ck_assert_uint_eq(count("tmp"), 0);
}
END_TEST

START_TEST(sweep_of_a_store_that_is_in_order_does_nothing)
{
    const struct picture picture = {.coder = "PNG"};
    struct added added;
    struct sweep sweep;

    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    add(&picture, &added);
    support_write_file(support_path(config.data, "uploads/README"), "x", 1);
    support_age_file(support_path(config.data, "uploads/README"), 100000);
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    ck_assert_uint_eq(sweep.blobs + sweep.stages, 0);
    ck_assert_uint_eq(count("uploads"), 2);
}
END_TEST

/* ---- a catalogue that was lost ---- */

static void remove_catalogue(void)
{
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"catalogue.sqlite", "catalogue.sqlite-wal",
                                            "catalogue.sqlite-shm"};

        (void)unlink(support_path(config.data, names[i]));
    }
}

static void lose_catalogue(void)
{
    gallery_free(gallery);
    remove_catalogue();
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
}

static bool is_made_anew(void)
{
    bool made_anew = false;

    ck_assert_int_eq(gallery_is_made_anew(gallery, &made_anew), VT_OK);
    return made_anew;
}

/* What is told outlives the first upload, and the process. */
START_TEST(a_catalogue_made_beside_originals_says_so_until_it_is_accepted)
{
    struct added first, second;
    struct health health;
    struct sweep sweep;

    ck_assert(!is_made_anew());
    add(&(struct picture){.coder = "PNG", .seed = 1}, &first);
    support_age_file(blob(first.record.id, "uploads", "png"), 100000);
    lose_catalogue();
    ck_assert(is_made_anew());
    add(&(struct picture){.coder = "PNG", .seed = 2}, &second);
    gallery_free(gallery);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
    gallery_check(gallery, &health);
    ck_assert(health.made_anew);
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    ck_assert(sweep.made_anew);
    ck_assert_uint_eq(sweep.left, 1);
    ck_assert(exists(blob(first.record.id, "uploads", "png")));
    ck_assert_int_eq(gallery_accept(gallery), VT_OK);
    ck_assert(!is_made_anew());
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    ck_assert(exists(blob(first.record.id, "uploads", "png")));
}
END_TEST

/* The file that is open then has no name any more: what is written to it is lost. */
START_TEST(a_catalogue_that_is_removed_takes_no_upload)
{
    const struct picture pictures[] = {{.coder = "PNG", .seed = 1}, {.coder = "PNG", .seed = 2}};
    struct gallery *other;
    struct upload *upload;
    struct record record;
    struct added added;
    struct buf file;

    add(&pictures[0], &added);
    support_picture(&pictures[1], &file);
    ck_assert_int_eq(gallery_upload_begin(gallery, &upload), VT_OK);
    ck_assert_int_eq(gallery_upload_write(upload, file.data, file.len), VT_OK);
    remove_catalogue();
    ck_assert_int_eq(gallery_upload_finish(upload, "x", &added, NULL), VT_ERR_UNAVAILABLE);
    gallery_upload_free(upload);
    ck_assert_int_eq(support_add(gallery, file.data, file.len, "x", &added, NULL), VT_OK);
    ck_assert(is_made_anew());
    ck_assert_int_eq(gallery_new(&config, &other), VT_OK);
    ck_assert_int_eq(gallery_get(other, added.record.id, &record), VT_OK);
    gallery_free(other);
    buf_free(&file);
}
END_TEST

START_TEST(a_new_catalogue_without_originals_is_theirs_for_ever)
{
    struct added added;

    ck_assert(!is_made_anew());
    add(&(struct picture){.coder = "PNG"}, &added);
    ck_assert_int_eq(gallery_remove(gallery, added.record.id), VT_OK);
    gallery_free(gallery);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
    ck_assert(!is_made_anew());
}
END_TEST

/* ---- deletions that were not finished ---- */

START_TEST(the_next_process_finishes_a_deletion)
{
    struct added deleted, unknown;

    add(&(struct picture){.coder = "PNG", .seed = 1}, &deleted);
    add(&(struct picture){.coder = "PNG", .seed = 2}, &unknown);
    lose_row(deleted.record.id);
    lose_row(unknown.record.id);
    note_deletion(deleted.record.id);
    gallery_free(gallery);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
    ck_assert_int_eq(gallery_open(gallery, NULL), VT_OK);
    ck_assert(gallery_is_behind(gallery));
    gallery_catch_up(gallery);
    ck_assert(!gallery_is_behind(gallery));
    ck_assert_uint_eq(count("uploads"), 1);
    ck_assert_uint_eq(count("thumbs"), 2);
    ck_assert(exists(blob(unknown.record.id, "uploads", "png")));
}
END_TEST

START_TEST(a_deletion_is_finished_once_the_lock_is_free)
{
    struct catalogue *catalogue;
    struct added deleted;

    add(&(struct picture){.coder = "PNG"}, &deleted);
    lose_row(deleted.record.id);
    note_deletion(deleted.record.id);
    gallery_free(gallery);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
    ck_assert_int_eq(gallery_open(gallery, NULL), VT_OK);
    ck_assert_int_eq(
        catalogue_sqlite_open(support_path(config.data, "catalogue.sqlite"), &catalogue, NULL),
        VT_OK);
    ck_assert_int_eq(catalogue_lock(catalogue), VT_OK);
    gallery_catch_up(gallery);
    ck_assert(gallery_is_behind(gallery));
    ck_assert_uint_eq(count("uploads"), 1);
    catalogue_rollback(catalogue);
    catalogue_close(catalogue);
    gallery_catch_up(gallery);
    ck_assert(!gallery_is_behind(gallery));
    ck_assert_uint_eq(count("uploads") + count("thumbs"), 0);
}
END_TEST

/* ---- originals that are missing ---- */

START_TEST(the_same_bytes_again_put_an_original_back)
{
    struct added added, again;
    struct buf file, back;

    support_picture(&(struct picture){.coder = "PNG"}, &file);
    ck_assert_int_eq(support_add(gallery, file.data, file.len, "x", &added, NULL), VT_OK);
    if (_i == 0)
        ck_assert_int_eq(unlink(blob(added.record.id, "uploads", "png")), 0);
    else
        ck_assert_int_eq(truncate(blob(added.record.id, "uploads", "png"), 10), 0);
    ck_assert(!gallery_is_whole(gallery, &added.record));
    ck_assert_int_eq(support_add(gallery, file.data, file.len, "y", &again, NULL), VT_OK);
    ck_assert(again.known);
    ck_assert_str_eq(again.token, "");
    ck_assert_str_eq(again.record.name, "x");
    support_read_file(blob(added.record.id, "uploads", "png"), &back);
    ck_assert_uint_eq(back.len, file.len);
    ck_assert_mem_eq(back.data, file.data, file.len);
    ck_assert_uint_eq(count("tmp"), 0);
    buf_free(&file);
    buf_free(&back);
}
END_TEST

/* ---- what fails, and what meets ---- */

static void change_catalogue(const char *sql)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(support_path(config.data, "catalogue.sqlite"), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

START_TEST(a_row_that_cannot_be_written_leaves_no_blobs)
{
    struct buf file;
    struct added added;

    ck_assert_int_eq(gallery_open(gallery, NULL), VT_OK);
    change_catalogue("CREATE TRIGGER stop BEFORE INSERT ON image"
                     " BEGIN SELECT RAISE(ABORT, 'no row for now'); END");
    support_picture(&(struct picture){.coder = "PNG"}, &file);
    ck_assert_int_ne(support_add(gallery, file.data, file.len, "x", &added, NULL), VT_OK);
    ck_assert_uint_eq(count("uploads") + count("thumbs") + count("tmp"), 0);
    change_catalogue("DROP TRIGGER stop");
    ck_assert_int_eq(support_add(gallery, file.data, file.len, "x", &added, NULL), VT_OK);
    ck_assert(!added.known);
    ck_assert_uint_eq(count("uploads"), 1);
    buf_free(&file);
}
END_TEST

/* Adds the file and removes it again, so many times. */
static void come_and_go(const struct buf *file, bool adds)
{
    struct gallery *own;
    struct added added;
    uint8_t hash[DIGEST_SIZE];
    char id[ID_LENGTH + 1];

    SUPPORT_MUST(gallery_new(&config, &own) == VT_OK);
    digest_of(file->data, file->len, hash);
    record_write_id(hash, id);
    for (int i = 0; i < 20; i++) {
        if (adds) {
            SUPPORT_MUST(support_add(own, file->data, file->len, "x", &added, NULL) == VT_OK);
        } else {
            enum vt_error err = gallery_remove(own, id);

            SUPPORT_MUST(err == VT_OK || err == VT_ERR_NOT_FOUND);
        }
    }
    gallery_free(own);
}

/* Whoever was last, there are the row and its three blobs, or nothing of either. */
START_TEST(uploads_and_removals_of_one_image_do_not_cross)
{
    pid_t children[6];
    struct totals totals;
    struct buf file;

    support_picture(&(struct picture){.coder = "PNG"}, &file);
    for (int i = 0; i < 6; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            come_and_go(&file, i % 2 == 0);
            _exit(0);
        }
    }
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(support_wait(children[i]), 0);
    ck_assert_int_eq(gallery_totals(gallery, &totals), VT_OK);
    ck_assert_uint_le(totals.images, 1);
    ck_assert_uint_eq(count("uploads"), totals.images);
    ck_assert_uint_eq(count("thumbs"), 2 * totals.images);
    ck_assert_uint_eq(count("tmp"), 0);
    buf_free(&file);
}
END_TEST

/* ---- the store itself ---- */

START_TEST(a_store_that_comes_late_is_found)
{
    char nowhere[128];
    const struct picture picture = {.coder = "PNG"};
    struct record record;
    struct upload *upload;
    struct added added;
    struct health health;
    struct vt_reason why = {""};

    (void)snprintf(nowhere, sizeof nowhere, "%s/late", support_folder());
    (void)snprintf(config.data, sizeof config.data, "%s", nowhere);
    ck_assert_int_eq(gallery_open(gallery, &why), VT_ERR_UNAVAILABLE);
    ck_assert_str_ne(why.text, "");
    ck_assert_int_eq(gallery_get(gallery, "x", &record), VT_ERR_UNAVAILABLE);
    ck_assert_int_eq(gallery_upload_begin(gallery, &upload), VT_ERR_UNAVAILABLE);
    ck_assert_ptr_null(upload);
    gallery_check(gallery, &health);
    ck_assert_int_eq(health.catalogue, VT_ERR_UNAVAILABLE);
    ck_assert_int_eq(health.disk, VT_ERR_UNAVAILABLE);
    ck_assert_uint_eq(health.free_bytes, 0);
    ck_assert(!exists(nowhere)); /* a mount point must not be filled before the mount */
    ck_assert_int_eq(mkdir(nowhere, 0700), 0);
    add(&picture, &added);
    ck_assert_int_eq(gallery_get(gallery, added.record.id, &record), VT_OK);
}
END_TEST

START_TEST(a_catalogue_that_is_none_spares_the_disk)
{
    struct health health;
    char text[2000];

    memset(text, 'x', sizeof text);
    support_write_file(support_path(config.data, "catalogue.sqlite"), text, sizeof text);
    gallery_check(gallery, &health);
    ck_assert_int_eq(health.catalogue, VT_ERR_DAMAGED);
    ck_assert_int_eq(health.disk, VT_OK);
    ck_assert_uint_gt(health.free_bytes, 0);
    ck_assert_int_eq(unlink(support_path(config.data, "catalogue.sqlite")), 0);
    gallery_check(gallery, &health);
    ck_assert_int_eq(health.catalogue, VT_OK);
}
END_TEST

START_TEST(a_fine_store_is_healthy)
{
    struct health health;

    gallery_check(gallery, &health);
    ck_assert_int_eq(health.catalogue, VT_OK);
    ck_assert_int_eq(health.disk, VT_OK);
    ck_assert_uint_gt(health.free_bytes, 0);
    gallery_free(NULL);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("gallery_upkeep");
    TCase *thumbnails = tcase_create("thumbnails"), *sweeps = tcase_create("sweeps");
    TCase *store = tcase_create("store");

    tcase_add_loop_test(thumbnails, thumbnails_of_each_size_are_made, 0, 4);
    tcase_add_test(thumbnails, a_tiff_has_a_full_size_thumbnail);
    tcase_add_test(thumbnails,
                   camera_raw_that_an_earlier_version_took_gets_thumbnails_but_is_not_taken_again);
    tcase_add_test(thumbnails, a_thumbnail_that_is_there_is_not_made_again);
    tcase_add_test(thumbnails, other_sizes_and_extensions_are_not_found);
    tcase_add_test(thumbnails, an_image_without_its_original_has_no_new_thumbnails);
    tcase_add_test(thumbnails, many_who_want_one_thumbnail_get_it);
    tcase_add_test(sweeps, sweep_removes_no_original_for_want_of_a_row);
    tcase_add_test(sweeps, sweep_ends_where_it_is_told_to);
    tcase_add_test(sweeps, sweep_removes_what_a_deletion_has_left_however_young);
    tcase_add_test(sweeps, sweep_removes_old_thumbnails_without_row_and_original_and_no_others);
    tcase_add_test(sweeps, the_sweep_removes_stale_stages);
    tcase_add_test(sweeps, sweep_of_a_store_that_is_in_order_does_nothing);
    tcase_add_test(store, a_catalogue_made_beside_originals_says_so_until_it_is_accepted);
    tcase_add_test(store, a_catalogue_that_is_removed_takes_no_upload);
    tcase_add_test(store, a_new_catalogue_without_originals_is_theirs_for_ever);
    tcase_add_test(store, the_next_process_finishes_a_deletion);
    tcase_add_test(store, a_deletion_is_finished_once_the_lock_is_free);
    tcase_add_loop_test(store, the_same_bytes_again_put_an_original_back, 0, 2);
    tcase_add_test(store, a_row_that_cannot_be_written_leaves_no_blobs);
    tcase_add_test(store, uploads_and_removals_of_one_image_do_not_cross);
    tcase_add_test(store, a_store_that_comes_late_is_found);
    tcase_add_test(store, a_catalogue_that_is_none_spares_the_disk);
    tcase_add_test(store, a_fine_store_is_healthy);
    for (TCase *const *at = (TCase *const[]){thumbnails, sweeps, store, NULL}; *at != NULL; at++) {
        tcase_add_checked_fixture(*at, start, stop);
        tcase_set_timeout(*at, 60);
        suite_add_tcase(suite, *at);
    }
    return suite;
}
