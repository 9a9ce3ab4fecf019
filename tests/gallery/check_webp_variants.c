/* What clients that accept WebP get instead of JPEG thumbnails. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/app.h"
#include "../support/support.h"
#include "gallery/gallery.h"
#include "store/catalogue.h"

static struct config config;
static struct gallery *gallery;
static struct added added;

static void start(void)
{
    support_config(support_subfolder(support_folder(), "data"), &config);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
}

static void stop(void)
{
    gallery_free(gallery);
}

static void add(const struct picture *picture)
{
    support_add_picture(gallery, picture, "x", &added);
}

static const char *thumb(unsigned size, const char *extension)
{
    char name[128];

    (void)snprintf(name, sizeof name, "thumbs/%u/%.2s/%s.%s", size, added.record.id,
                   added.record.id, extension);
    return support_path(config.data, name);
}

static const char *original(void)
{
    char name[128];

    (void)snprintf(name, sizeof name, "uploads/%.2s/%s.png", added.record.id, added.record.id);
    return support_path(config.data, name);
}

static bool exists(unsigned size, const char *extension)
{
    return access(thumb(size, extension), F_OK) == 0;
}

static ino_t inode(unsigned size, const char *extension)
{
    struct stat status;

    ck_assert_int_eq(stat(thumb(size, extension), &status), 0);
    return status.st_ino;
}

static unsigned count(const char *folder)
{
    return support_count_files(support_path(config.data, folder));
}

static const char *find(unsigned size)
{
    const char *extension = NULL;

    ck_assert_int_eq(gallery_find_webp_variant(gallery, added.record.id, size, true, &extension),
                     VT_OK);
    return extension;
}

/* Leaves only the original as a source for the variant of that size. */
static void remove_larger(unsigned size)
{
    for (size_t i = 0; i < GALLERY_THUMBNAIL_SIZES; i++)
        if (gallery_thumbnail_sizes[i] > size && exists(gallery_thumbnail_sizes[i], "jpg"))
            ck_assert_int_eq(unlink(thumb(gallery_thumbnail_sizes[i], "jpg")), 0);
}

static void catch_up(void)
{
    ck_assert(gallery_is_behind(gallery));
    gallery_catch_up(gallery);
}

/* Checks that the variant has that size, the picture's colours and at most four fifths of the
 * JPEG's bytes. */
static void check_variant(unsigned size, unsigned width, unsigned height)
{
    struct buf jpeg, variant;
    struct pixels pixels;

    support_read_file(thumb(size, "jpg"), &jpeg);
    support_read_file(thumb(size, GALLERY_WEBP_VARIANT), &variant);
    ck_assert_uint_le(variant.len * 5, jpeg.len * 4);
    ck_assert_mem_eq(variant.data, "RIFF", 4);
    ck_assert_mem_eq(variant.data + 8, "WEBP", 4);
    support_pixels("WEBP", &variant, &pixels);
    ck_assert_uint_eq(pixels.width, width);
    ck_assert_uint_eq(pixels.height, height);
    ck_assert(support_is_color(&pixels, 5, 5, 0xff0000));
    ck_assert(support_is_color(&pixels, width - 6, 5, 0x00ff00));
    ck_assert(support_is_color(&pixels, 5, height * 3 / 4, 0x0000ff));
    free(pixels.data);
    buf_free(&variant);
    buf_free(&jpeg);
}

/* ---- what is made ---- */

/* size, and the width and height of the thumbnail of 2400 by 1800 pixels */
static const unsigned sizes[][3] = {
    {320, 320, 240}, {640, 640, 480}, {1280, 1280, 960}, {2048, 2048, 1536}};

START_TEST(a_large_original_is_decoded_when_there_is_time)
{
    const unsigned *size = sizes[_i];

    add(&(struct picture){.coder = "JPEG", .width = 2400, .height = 1800, .orientation = 8});
    remove_larger(size[0]);
    ck_assert(!gallery_is_behind(gallery));
    ck_assert_str_eq(find(size[0]), "jpg");
    ck_assert(exists(size[0], "jpg"));
    ck_assert_str_eq(find(size[0]), "jpg"); /* and is remembered once */
    ck_assert(!exists(size[0], GALLERY_WEBP_VARIANT));
    catch_up();
    ck_assert(!gallery_is_behind(gallery));
    ck_assert_str_eq(find(size[0]), GALLERY_WEBP_VARIANT);
    check_variant(size[0], size[1], size[2]);
    ck_assert_uint_eq(count("tmp"), 0);
}
END_TEST

START_TEST(a_larger_thumbnail_is_decoded_at_once)
{
    const unsigned *size = sizes[_i];

    add(&(struct picture){.coder = "PNG", .width = 2400, .height = 1800});
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, sizes[_i + 1][0], "jpg"),
                     VT_OK);
    ck_assert_str_eq(find(size[0]), GALLERY_WEBP_VARIANT);
    ck_assert(!gallery_is_behind(gallery));
    check_variant(size[0], size[1], size[2]);
}
END_TEST

START_TEST(a_small_original_is_decoded_at_once)
{
    add(&(struct picture){.coder = _i < 4 ? "PNG" : "WEBP", .width = 400, .height = 300});
    ck_assert_str_eq(find(sizes[_i % 4][0]), GALLERY_WEBP_VARIANT);
    check_variant(sizes[_i % 4][0], _i % 4 == 0 ? 320 : 400, _i % 4 == 0 ? 240 : 300);
}
END_TEST

START_TEST(without_time_the_variant_is_left_for_later)
{
    const char *extension = NULL;

    add(&(struct picture){.coder = "PNG"});
    ck_assert_int_eq(gallery_find_webp_variant(gallery, added.record.id, 2048, false, &extension),
                     VT_OK);
    ck_assert_str_eq(extension, "jpg");
    ck_assert(exists(2048, "jpg"));
    ck_assert(!exists(2048, GALLERY_WEBP_VARIANT));
    catch_up();
    ck_assert(exists(2048, GALLERY_WEBP_VARIANT));
    ck_assert_int_eq(gallery_find_webp_variant(gallery, added.record.id, 2048, false, &extension),
                     VT_OK);
    ck_assert_str_eq(extension, GALLERY_WEBP_VARIANT);
}
END_TEST

/* The thumbnails of larger sizes have no more pixels than this one, so they are no better. */
START_TEST(no_variant_is_made_from_a_thumbnail_of_the_same_pixels)
{
    struct buf other;

    add(&(struct picture){.coder = "PNG", .width = 400, .height = 300});
    support_picture(&(struct picture){.coder = "JPEG", .width = 9, .height = 9}, &other);
    for (size_t i = 1; i < GALLERY_THUMBNAIL_SIZES; i++) {
        if (!gallery_has_size(&added.record, gallery_thumbnail_sizes[i]))
            continue;
        (void)find(gallery_thumbnail_sizes[i]);
        support_write_file(thumb(gallery_thumbnail_sizes[i], "jpg"), other.data, other.len);
    }
    ck_assert_str_eq(find(320), GALLERY_WEBP_VARIANT);
    check_variant(320, 320, 240);
    buf_free(&other);
}
END_TEST

START_TEST(where_webp_saves_too_little_the_jpeg_stands_in)
{
    struct buf jpeg, same;

    add(&(struct picture){.coder = "PNG", .width = 400, .height = 300, .noise = true});
    ck_assert_str_eq(find(320), GALLERY_SAME);
    ck_assert(!exists(320, GALLERY_WEBP_VARIANT));
    support_read_file(thumb(320, "jpg"), &jpeg);
    support_read_file(thumb(320, GALLERY_SAME), &same);
    ck_assert_uint_eq(same.len, jpeg.len);
    ck_assert_mem_eq(same.data, jpeg.data, jpeg.len);
    ck_assert_uint_eq(inode(320, GALLERY_SAME), inode(320, "jpg")); /* it takes no room */
    ck_assert_int_eq(unlink(thumb(320, GALLERY_SAME)), 0);
    support_write_file(thumb(320, GALLERY_SAME), "mark", 4);
    ck_assert_str_eq(find(320), GALLERY_SAME); /* not made again */
    buf_free(&same);
    support_read_file(thumb(320, GALLERY_SAME), &same);
    ck_assert_str_eq(same.data, "mark");
    buf_free(&same);
    buf_free(&jpeg);
}
END_TEST

START_TEST(an_existing_variant_is_not_made_again)
{
    struct buf bytes;

    add(&(struct picture){.coder = "PNG"});
    ck_assert_str_eq(find(320), GALLERY_WEBP_VARIANT);
    support_write_file(thumb(320, GALLERY_WEBP_VARIANT), "mark", 4);
    ck_assert_str_eq(find(320), GALLERY_WEBP_VARIANT);
    support_read_file(thumb(320, GALLERY_WEBP_VARIANT), &bytes);
    ck_assert_str_eq(bytes.data, "mark");
    buf_free(&bytes);
}
END_TEST

START_TEST(concurrent_requests_for_one_variant_all_get_it)
{
    pid_t children[6];

    add(&(struct picture){.coder = "PNG", .width = 400, .height = 300});
    gallery_free(gallery);
    for (int i = 0; i < 6; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct gallery *own;
            const char *extension;

            SUPPORT_MUST(gallery_new(&config, &own) == VT_OK);
            SUPPORT_MUST(gallery_find_webp_variant(own, added.record.id, 640, true, &extension) ==
                         VT_OK);
            SUPPORT_MUST(strcmp(extension, GALLERY_WEBP_VARIANT) == 0);
            SUPPORT_MUST(exists(640, GALLERY_WEBP_VARIANT));
            gallery_free(own);
            _exit(0);
        }
    }
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(support_wait(children[i]), 0);
    ck_assert_uint_eq(count("tmp"), 0);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
    check_variant(640, 400, 300);
}
END_TEST

/* ---- what is not ---- */

START_TEST(an_image_without_jpeg_thumbnails_has_no_variant)
{
    static const unsigned others[] = {0, 1, 319, 4096, 0xffffffff};
    static const char *const ids[] = {"", "x", "00000000000000000000000000000000", "../../x"};
    const char *extension;
    unsigned before;

    add(&(struct picture){.coder = "PNG", .alpha = true});
    before = count("thumbs");
    ck_assert_int_eq(gallery_find_webp_variant(gallery, added.record.id, 320, true, &extension),
                     VT_ERR_NOT_FOUND);
    add(&(struct picture){.coder = "PNG"});
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_int_eq(
            gallery_find_webp_variant(gallery, added.record.id, others[i], true, &extension),
            VT_ERR_NOT_FOUND);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        ck_assert_int_eq(gallery_find_webp_variant(gallery, ids[i], 320, true, &extension),
                         VT_ERR_NOT_FOUND);
    ck_assert_uint_eq(count("thumbs"), 2 * before);
}
END_TEST

START_TEST(a_variant_that_cannot_be_made_leaves_the_jpeg)
{
    /* either no folder to write to, or no original to read */
    const char *const folder = _i == 0 ? "tmp" : "uploads";
    char elsewhere[PATH_MAX + 16];

    add(&(struct picture){.coder = "PNG", .width = 400, .height = 300});
    (void)snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", config.data);
    ck_assert_int_eq(rename(support_path(config.data, folder), elsewhere), 0);
    ck_assert_str_eq(find(320), "jpg");
    ck_assert(!exists(320, GALLERY_WEBP_VARIANT));
    ck_assert(!exists(320, GALLERY_SAME));
    ck_assert_int_eq(rename(elsewhere, support_path(config.data, folder)), 0);
    ck_assert_str_eq(find(320), GALLERY_WEBP_VARIANT); /* the next request makes it */
}
END_TEST

START_TEST(an_original_that_does_not_decode_is_not_tried_for_ever)
{
    char name[128];

    add(&(struct picture){.coder = "PNG", .width = 2400, .height = 1800});
    remove_larger(320);
    ck_assert_str_eq(find(320), "jpg");
    (void)snprintf(name, sizeof name, "uploads/%.2s/%s.png", added.record.id, added.record.id);
    ck_assert_int_eq(truncate(support_path(config.data, name), 100), 0);
    catch_up();
    ck_assert(!gallery_is_behind(gallery));
    ck_assert_str_eq(find(320), "jpg");
}
END_TEST

START_TEST(at_most_64_variants_are_left_for_later)
{
    unsigned caught_up = 0;

    for (unsigned i = 0; i < 70; i++) {
        add(&(struct picture){.coder = "GIF", .width = 1300, .height = 1300, .seed = i + 1});
        remove_larger(320);
        ck_assert_str_eq(find(320), "jpg");
        ck_assert_int_eq(gallery_remove(gallery, added.record.id), VT_OK);
    }
    while (gallery_is_behind(gallery)) {
        gallery_catch_up(gallery);
        caught_up++;
    }
    ck_assert_uint_eq(caught_up, 64);
    gallery_catch_up(gallery); /* nothing to do */
    ck_assert_uint_eq(count("thumbs"), 0);
}
END_TEST

/* ---- removal ---- */

START_TEST(removing_an_image_removes_its_variants)
{
    add(&(struct picture){.coder = "PNG", .width = 400, .height = 300, .noise = _i == 1});
    ck_assert_str_eq(find(320), _i == 1 ? GALLERY_SAME : GALLERY_WEBP_VARIANT);
    ck_assert_str_ne(find(2048), "jpg");
    ck_assert_int_eq(gallery_remove(gallery, added.record.id), VT_OK);
    ck_assert_uint_eq(count("thumbs") + count("uploads"), 0);
}
END_TEST

START_TEST(a_removed_image_gets_no_variant)
{
    const char *extension;

    add(&(struct picture){.coder = "PNG", .width = 2400, .height = 1800});
    remove_larger(320);
    ck_assert_str_eq(find(320), "jpg");
    ck_assert_int_eq(gallery_remove(gallery, added.record.id), VT_OK);
    catch_up();
    ck_assert_int_eq(gallery_find_webp_variant(gallery, added.record.id, 320, true, &extension),
                     VT_ERR_NOT_FOUND);
    ck_assert_uint_eq(count("thumbs") + count("uploads") + count("tmp"), 0);
}
END_TEST

START_TEST(the_sweep_removes_variants_without_an_image)
{
    struct catalogue *catalogue;
    struct sweep sweep;
    unsigned files;

    add(&(struct picture){.coder = "PNG", .noise = _i == 1, .width = 400, .height = 300});
    support_age_file(thumb(320, find(320)), 3700);
    files = count("thumbs");
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    ck_assert_uint_eq(sweep.blobs, 0);
    ck_assert_int_eq(
        catalogue_sqlite_open(support_path(config.data, "catalogue.sqlite"), &catalogue, NULL),
        VT_OK);
    ck_assert_int_eq(catalogue_remove(catalogue, added.record.id), VT_OK);
    catalogue_close(catalogue);
    ck_assert_int_eq(unlink(original()), 0);
    ck_assert_int_eq(gallery_sweep(gallery, NULL, &sweep), VT_OK);
    /* The other files are too young. A second name of the JPEG is as old as the JPEG. */
    ck_assert_uint_eq(sweep.blobs, _i == 1 ? 2 : 1);
    ck_assert_uint_eq(count("thumbs"), files - sweep.blobs);
    ck_assert(!exists(320, GALLERY_WEBP_VARIANT) && !exists(320, GALLERY_SAME));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("gallery_webp_variants");
    TCase *made = tcase_create("made"), *not_made = tcase_create("not made");
    TCase *removal = tcase_create("removal");

    tcase_add_loop_test(made, a_large_original_is_decoded_when_there_is_time, 0, 4);
    tcase_add_loop_test(made, a_larger_thumbnail_is_decoded_at_once, 0, 3);
    tcase_add_loop_test(made, a_small_original_is_decoded_at_once, 0, 8);
    tcase_add_test(made, without_time_the_variant_is_left_for_later);
    tcase_add_test(made, no_variant_is_made_from_a_thumbnail_of_the_same_pixels);
    tcase_add_test(made, where_webp_saves_too_little_the_jpeg_stands_in);
    tcase_add_test(made, an_existing_variant_is_not_made_again);
    tcase_add_test(made, concurrent_requests_for_one_variant_all_get_it);
    tcase_add_test(not_made, an_image_without_jpeg_thumbnails_has_no_variant);
    tcase_add_loop_test(not_made, a_variant_that_cannot_be_made_leaves_the_jpeg, 0, 2);
    tcase_add_test(not_made, an_original_that_does_not_decode_is_not_tried_for_ever);
    tcase_add_test(not_made, at_most_64_variants_are_left_for_later);
    tcase_add_loop_test(removal, removing_an_image_removes_its_variants, 0, 2);
    tcase_add_test(removal, a_removed_image_gets_no_variant);
    tcase_add_loop_test(removal, the_sweep_removes_variants_without_an_image, 0, 2);
    for (TCase *const *at = (TCase *const[]){made, not_made, removal, NULL}; *at != NULL; at++) {
        tcase_add_checked_fixture(*at, start, stop);
        tcase_set_timeout(*at, 180);
        suite_add_tcase(suite, *at);
    }
    return suite;
}
