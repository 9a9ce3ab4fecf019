/* Copies of originals for everybody: made once, kept, counted and removed with their image. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/app.h"
#include "../support/forged.h"
#include "../support/support.h"
#include "gallery/gallery.h"
#include "upkeep/upkeep.h"

static struct config config;
static struct gallery *gallery;
static struct added added;
static struct gallery_file made;

static void start(void)
{
    support_config(support_subfolder(support_folder(), "data"), &config);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
}

static void stop(void)
{
    gallery_free(gallery);
}

static void add(const void *data, size_t len, const char *name)
{
    struct upload *upload = NULL;
    struct vt_reason why = {""};

    ck_assert_int_eq(gallery_upload_begin(gallery, &upload), VT_OK);
    ck_assert_int_eq(gallery_upload_write(upload, data, len), VT_OK);
    ck_assert_int_eq(gallery_upload_finish(upload, name, &added, &why), VT_OK);
    gallery_upload_free(upload);
}

/* A JPEG that says something, in EXIF and in a comment; or nothing. */
static void add_jpeg(bool says)
{
    struct buf file = BUF_INIT, whole = BUF_INIT;

    support_picture(&(struct picture){.coder = "JPEG", .orientation = says ? 6 : 0}, &file);
    buf_append(&whole, file.data, 2);
    if (says)
        PUT(&whole, "\xff\xfe\0\x09"
                    "SECRET!");
    buf_append(&whole, file.data + 2, file.len - 2);
    add(whole.data, whole.len, "a.jpg");
    buf_free(&file);
    buf_free(&whole);
}

static const char *file_of(unsigned size, const char *extension)
{
    char name[128];

    if (size == 0)
        (void)snprintf(name, sizeof name, "uploads/%.2s/%s.%s", added.record.id, added.record.id,
                       extension);
    else
        (void)snprintf(name, sizeof name, "thumbs/%u/%.2s/%s.%s", size, added.record.id,
                       added.record.id, extension);
    return support_path(config.data, name);
}

static bool exists(unsigned size, const char *extension)
{
    return access(file_of(size, extension), F_OK) == 0;
}

static ino_t inode(unsigned size, const char *extension)
{
    struct stat status;

    ck_assert_int_eq(stat(file_of(size, extension), &status), 0);
    return status.st_ino;
}

static enum vt_error make(const char *extension)
{
    made = (struct gallery_file){9999, ""};
    return gallery_make_copy(gallery, added.record.id, extension, &made);
}

static uint64_t derived(void)
{
    struct totals totals;

    ck_assert_int_eq(gallery_totals(gallery, &totals), VT_OK);
    return totals.derived;
}

START_TEST(a_copy_is_made_of_the_level_that_is_set)
{
    unsigned level = _i == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    uint64_t before;
    struct stat status;
    struct buf copy = BUF_INIT;

    config.metadata = _i == 0 ? METADATA_HIDE_PLACE : METADATA_HIDE_ALL;
    add_jpeg(true);
    before = derived();
    ck_assert_int_eq(make("jpg"), VT_OK);
    ck_assert_uint_eq(made.size, level);
    ck_assert_str_eq(made.extension, "jpg");
    ck_assert(exists(level, "jpg"));
    ck_assert(!exists(3 - level, "jpg"));
    support_read_file(file_of(level, "jpg"), &copy);
    ck_assert_ptr_null(memmem(copy.data, copy.len, "SECRET", 6));
    ck_assert_int_eq(stat(file_of(level, "jpg"), &status), 0);
    ck_assert_uint_eq(derived() - before, (uint64_t)status.st_size);
    buf_free(&copy);
}
END_TEST

START_TEST(a_copy_is_made_once)
{
    ino_t first;

    add_jpeg(true);
    ck_assert_int_eq(make("jpg"), VT_OK);
    first = inode(IMAGE_REDACT_PLACE, "jpg");
    ck_assert_int_eq(make("jpg"), VT_OK);
    ck_assert(inode(IMAGE_REDACT_PLACE, "jpg") == first);
}
END_TEST

START_TEST(a_file_that_hides_nothing_is_a_second_name_of_the_original)
{
    uint64_t before;

    add_jpeg(false);
    before = derived();
    ck_assert_int_eq(make("jpg"), VT_OK);
    ck_assert(inode(IMAGE_REDACT_PLACE, "jpg") == inode(0, "jpg"));
    ck_assert_uint_eq(derived(), before);
}
END_TEST

START_TEST(an_original_that_everybody_gets_has_no_copy)
{
    config.metadata = METADATA_SHOW;
    add_jpeg(true);
    ck_assert_int_eq(make("jpg"), VT_ERR_NOT_FOUND);
    ck_assert(!gallery_has_no_copy(gallery, &added.record));
}
END_TEST

START_TEST(another_type_or_image_has_no_copy)
{
    struct gallery_file file;

    add_jpeg(true);
    ck_assert_int_eq(make("png"), VT_ERR_NOT_FOUND);
    ck_assert_int_eq(make("none"), VT_ERR_NOT_FOUND);
    ck_assert_int_eq(gallery_make_copy(gallery, "00000000000000000000000000000000", "jpg", &file),
                     VT_ERR_NOT_FOUND);
}
END_TEST

START_TEST(the_largest_thumbnail_stands_in_for_a_copy_that_cannot_be_made)
{
    struct buf file = BUF_INIT, odd = BUF_INIT;

    support_picture(&(struct picture){.coder = "PNG"}, &file);
    add(file.data, file.len, "a.png");
    ck_assert(!gallery_has_no_copy(gallery, &added.record));
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 2048, "jpg"), VT_OK);
    /* Behind the header, a chunk without which the picture would be another one. */
    buf_append(&odd, file.data, 33);
    PUT(&odd, "\0\0\0\0ODDC\0\0\0\0");
    buf_append(&odd, file.data + 33, file.len - 33);
    support_write_file(file_of(0, "png"), odd.data, odd.len);
    ck_assert_int_eq(make("png"), VT_OK);
    ck_assert_uint_eq(made.size, 2048);
    ck_assert_str_eq(made.extension, "jpg");
    ck_assert(!exists(IMAGE_REDACT_PLACE, "png"));
    ck_assert(gallery_has_no_copy(gallery, &added.record));
    ck_assert_int_eq(make("png"), VT_OK); /* it is not tried again */
    ck_assert_uint_eq(made.size, 2048);
    buf_free(&file);
    buf_free(&odd);
}
END_TEST

START_TEST(copies_are_removed_with_their_image)
{
    add_jpeg(_i == 0);
    ck_assert_int_eq(make("jpg"), VT_OK);
    ck_assert_int_eq(gallery_remove(gallery, added.record.id), VT_OK);
    ck_assert_uint_eq(support_count_files(support_path(config.data, "thumbs")), 0);
    ck_assert_uint_eq(support_count_files(support_path(config.data, "uploads")), 0);
    ck_assert_int_eq(make("jpg"), VT_ERR_NOT_FOUND);
}
END_TEST

START_TEST(a_deletion_that_was_interrupted_removes_copies_later)
{
    struct sweep sweep;
    struct buf copy = BUF_INIT;
    char folder[32];

    add_jpeg(true);
    ck_assert_int_eq(make("jpg"), VT_OK);
    support_read_file(file_of(IMAGE_REDACT_PLACE, "jpg"), &copy);
    ck_assert_int_eq(gallery_remove(gallery, added.record.id), VT_OK);
    support_write_file(file_of(IMAGE_REDACT_PLACE, "jpg"), copy.data, copy.len);
    (void)support_subfolder(config.data, "thumbs/2");
    (void)snprintf(folder, sizeof folder, "thumbs/2/%.2s", added.record.id);
    (void)support_subfolder(config.data, folder);
    support_write_file(file_of(IMAGE_REDACT_ALL, "none"), "", 0);
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    ck_assert_uint_eq(sweep.blobs, 2);
    ck_assert(!exists(IMAGE_REDACT_PLACE, "jpg"));
    buf_free(&copy);
}
END_TEST

START_TEST(an_original_that_was_restored_gets_another_copy)
{
    struct buf file = BUF_INIT;

    add_jpeg(false);
    support_read_file(file_of(0, "jpg"), &file);
    ck_assert_int_eq(make("jpg"), VT_OK);
    ck_assert_int_eq(truncate(file_of(0, "jpg"), 100), 0); /* the copy is the same file */
    add(file.data, file.len, "a.jpg");
    ck_assert(added.known);
    ck_assert(!exists(IMAGE_REDACT_PLACE, "jpg"));
    ck_assert_int_eq(make("jpg"), VT_OK);
    ck_assert(inode(IMAGE_REDACT_PLACE, "jpg") == inode(0, "jpg"));
    buf_free(&file);
}
END_TEST

START_TEST(a_full_gallery_makes_no_copies)
{
    add_jpeg(true);
    config.quota = 1;
    ck_assert_int_eq(make("jpg"), VT_OK); /* a thumbnail of the upload stands in */
    ck_assert_uint_gt(made.size, IMAGE_REDACT_ALL);
    ck_assert(!exists(IMAGE_REDACT_PLACE, "jpg"));
    ck_assert(!exists(IMAGE_REDACT_PLACE, "none"));
    config.quota = 0;
    ck_assert_int_eq(make("jpg"), VT_OK);
}
END_TEST

START_TEST(what_the_store_uses_has_copies_in_it)
{
    struct store_usage usage;
    struct stat status;

    add_jpeg(true);
    ck_assert_int_eq(make("jpg"), VT_OK);
    ck_assert_int_eq(stat(file_of(IMAGE_REDACT_PLACE, "jpg"), &status), 0);
    ck_assert_int_eq(upkeep_usage(gallery, &usage), VT_OK);
    ck_assert_uint_eq(usage.copies.files, 1);
    ck_assert_uint_eq(usage.copies.bytes, (uint64_t)status.st_size);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("copies");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, start, stop);
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, a_copy_is_made_of_the_level_that_is_set, 0, 2);
    tcase_add_test(all, a_copy_is_made_once);
    tcase_add_test(all, a_file_that_hides_nothing_is_a_second_name_of_the_original);
    tcase_add_test(all, an_original_that_everybody_gets_has_no_copy);
    tcase_add_test(all, another_type_or_image_has_no_copy);
    tcase_add_test(all, the_largest_thumbnail_stands_in_for_a_copy_that_cannot_be_made);
    tcase_add_loop_test(all, copies_are_removed_with_their_image, 0, 2);
    tcase_add_test(all, a_deletion_that_was_interrupted_removes_copies_later);
    tcase_add_test(all, an_original_that_was_restored_gets_another_copy);
    tcase_add_test(all, a_full_gallery_makes_no_copies);
    tcase_add_test(all, what_the_store_uses_has_copies_in_it);
    suite_add_tcase(suite, all);
    return suite;
}
