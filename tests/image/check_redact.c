/* Copies without the place, or without all metadata: what is left, of each type, and that the
 * picture is. */
#include "image/redact/redact.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "../support/codec.h"
#include "../support/engine.h"
#include "../support/heif_file.h"
#include "../support/metadata.h"
#include "../support/redact.h"
#include "../support/tiff.h"
#include "image/redact/plan.h"

/* ---- what is left ---- */

START_TEST(without_the_place_time_camera_and_words_are_left)
{
    enum image_type type = (enum image_type)_i;
    struct buf file = BUF_INIT, copy = BUF_INIT;
    struct photo photo;

    redact_make(type, &file);
    ck_assert(redact_has(&file, type == IMAGE_GIF ? "GPS" : SECRET, type == IMAGE_GIF ? 3 : 6));
    redact_expect(type, IMAGE_REDACT_PLACE, &file, &copy);
    ck_assert(!redact_has(&copy, SECRET, strlen(SECRET)));
    ck_assert(!redact_has(&copy, "GPS", 3));
    metadata_read(type, &copy, &photo);
    ck_assert(!photo.has_place);
    if (type != IMAGE_GIF) { /* it has no EXIF */
        ck_assert_str_eq(metadata_taken(&photo), "2024-01-31T10:11:12.000");
        ck_assert_str_eq(photo.camera, "NIKON D90");
        ck_assert_str_eq(photo.lens, "18-105 mm " WORD);
        ck_assert_double_eq(photo.aperture, 5.9);
        ck_assert_str_eq(photo.description, "about " WORD);
        ck_assert(redact_has(&copy, "by " WORD, 7) && redact_has(&copy, "rights " WORD, 11));
    }
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

START_TEST(without_all_metadata_nothing_is_left)
{
    enum image_type type = (enum image_type)_i;
    struct buf file = BUF_INIT, copy = BUF_INIT;
    struct photo photo, nothing;

    memset(&nothing, 0, sizeof nothing);
    nothing.taken = PHOTO_TIME_NONE;
    redact_make(type, &file);
    redact_expect(type, IMAGE_REDACT_ALL, &file, &copy);
    ck_assert(!redact_has(&copy, SECRET, strlen(SECRET)));
    ck_assert(!redact_has(&copy, WORD, strlen(WORD)));
    ck_assert(!redact_has(&copy, "GPS", 3));
    metadata_read(type, &copy, &photo);
    ck_assert_mem_eq(&photo, &nothing, sizeof photo);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

/* Their parts name each other's places. */
START_TEST(nothing_moves_in_a_tiff_heic_or_avif)
{
    static const enum image_type types[] = {IMAGE_TIFF, IMAGE_HEIC, IMAGE_AVIF};
    enum image_redact_level level = redact_level(_i);
    struct buf file = BUF_INIT, copy = BUF_INIT;

    redact_make(types[_i / 2], &file);
    redact_expect(types[_i / 2], level, &file, &copy);
    ck_assert_uint_eq(copy.len, file.len);
    if (types[_i / 2] == IMAGE_TIFF)
        ck_assert_mem_eq(copy.data + copy.len - 12, "pixels\0\0\0\0\0\0", 12);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

/* ---- the picture ---- */

static void make_noisy(unsigned x, unsigned y, uint16_t pixel[4])
{
    pixel[0] = (uint16_t)(x * 7 & 0xff);
    pixel[1] = (uint16_t)(y * 5 & 0xff);
    pixel[2] = (uint16_t)((x ^ y) & 0xff);
    pixel[3] = (uint16_t)(x * 4 & 0xff);
}

static void make_whole(int kind, struct buf *out)
{
    static const char *const coders[] = {"JPEG", "PNG",  "GIF",  "WEBP",
                                         "AVIF", "HEIC", "TIFF", "JXL"};

    if (kind < 16)
        support_picture(
            &(struct picture){.coder = coders[kind % 8], .alpha = kind >= 8 && kind != 8}, out);
    else if (kind == 16)
        codec_jpeg(&(struct codec_jpeg){64, 48, .progressive = true, .restart = 1, .sampling = 2},
                   out);
    else if (kind == 17)
        codec_jpeg(&(struct codec_jpeg){64, 48, .inks = CODEC_YCCK, .scans = true, .sampling = 1},
                   out);
    else if (kind == 18)
        codec_png(&(struct codec_png){64, 48, PNG_COLOR_TYPE_PALETTE, 8, .alpha = true,
                                      .interlaced = true, .orientation = 6},
                  out);
    else if (kind == 19)
        codec_webp(&(struct codec_webp){64, 48, true, true, NULL, 6}, out);
    else if (kind == 20)
        heif_file_make(&(struct heif_file){.is_avif = true,
                                           .width = 64,
                                           .height = 48,
                                           .depth = 10,

                                           .paint = make_noisy},
                       out);
    else if (kind == 21)
        support_tiff(
            &(struct tiff_picture){
                .tiled = true, .big = true, .separate = true, .compression = COMPRESSION_LZW},
            out);
    else if (kind == 22)
        support_tiff(
            &(struct tiff_picture){
                .big_endian = true, .compression = COMPRESSION_JPEG, .pages = 3, .orientation = 6},
            out);
    else if (kind == 23)
        support_tiff(&(struct tiff_picture){.has_photometric = true,
                                            .bits = 8,
                                            .photometric = PHOTOMETRIC_PALETTE},
                     out);
    else
        support_picture(&(struct picture){.coder = kind == 24 ? "GIF" : "WEBP", .frames = 3}, out);
}

#define KINDS 26

START_TEST(a_copy_has_the_pixels_of_its_original)
{
    enum image_redact_level level = redact_level(_i);
    struct buf file = BUF_INIT, copy = BUF_INIT;
    struct image_header before, after;
    struct pixels want, got;

    make_whole(_i / 2, &file);
    ck_assert_int_eq(image_header_read(file.data, file.len, &before, NULL), VT_OK);
    redact_expect(before.type, level, &file, &copy);
    ck_assert_int_eq(image_header_read(copy.data, copy.len, &after, NULL), VT_OK);
    ck_assert_int_eq(after.type, before.type);
    ck_assert_uint_eq(after.frames, before.frames);
    support_engine_pixels(&file, &want);
    support_engine_pixels(&copy, &got);
    ck_assert_uint_eq(got.width, want.width);
    ck_assert_uint_eq(got.height, want.height);
    ck_assert_mem_eq(got.data, want.data, (size_t)4 * want.width * want.height);
    free(want.data);
    free(got.data);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

/* So that it can be a second name of the original. */
START_TEST(a_file_without_metadata_is_its_own_copy)
{
    static const char *const coders[] = {"JPEG", "PNG", "GIF", "WEBP", "JXL"};
    struct buf file = BUF_INIT, plan = BUF_INIT;
    struct image_redact_reading reading;
    struct image_header header;

    support_picture(&(struct picture){.coder = coders[_i]}, &file);
    ck_assert_int_eq(image_header_read(file.data, file.len, &header, NULL), VT_OK);
    ck_assert_int_eq(image_redact(header.type, IMAGE_REDACT_ALL, file.data, file.len, &plan),
                     VT_OK);
    ck_assert(image_redact_plan_read(plan.data, plan.len, file.len, &reading));
    ck_assert(image_redact_plan_is_whole(&reading, file.len));
    buf_free(&file);
    buf_free(&plan);
}
END_TEST

/* ---- plans ---- */

struct written {
    struct image_redact_head head;
    struct image_redact_piece pieces[2];
    char inserted[4];
};

START_TEST(a_plan_that_cannot_be_true_is_refused)
{
    static const struct {
        struct written plan;
        size_t extra; /* bytes that follow it */
    } bad[] = {
        {{{0, 0}, {{0}}, ""}, 0},
        {{{2, 4}, {{0, 0, 10}, {0, 9, 1}}, ""}, 0},   /* an overlap */
        {{{2, 4}, {{0, 5, 5}, {0, 0, 5}}, ""}, 0},    /* out of order */
        {{{2, 4}, {{0, 0, 10}, {0, 10, 91}}, ""}, 0}, /* past the file */
        {{{2, 4}, {{0, 0, 10}, {0, UINT64_MAX, 2}}, ""}, 0},
        {{{2, 4}, {{0, 0, 10}, {0, 10, UINT64_MAX}}, ""}, 0},
        {{{2, 4}, {{1, 0, 4}, {1, 1, 4}}, ""}, 0},   /* past what is inserted */
        {{{2, 4}, {{1, 0, 4}, {0, 0, 0}}, ""}, 0},   /* nothing */
        {{{2, 4}, {{1, 0, 4}, {3, 0, 1}}, ""}, 0},   /* no kind */
        {{{2, 4}, {{2, 0, 101}, {0, 0, 1}}, ""}, 0}, /* zeros without end */
        {{{2, 4}, {{0, 0, 1}, {0, 1, 1}}, ""}, 1},
        {{{3, 4}, {{0, 0, 1}, {0, 1, 1}}, ""}, 0},
        {{{2, 5}, {{0, 0, 1}, {0, 1, 1}}, ""}, 0},
        {{{UINT64_MAX, 4}, {{0, 0, 1}, {0, 1, 1}}, ""}, 0},
        {{{2, UINT64_MAX}, {{0, 0, 1}, {0, 1, 1}}, ""}, 0},
    };
    const size_t len = sizeof(struct image_redact_head) + 2 * sizeof(struct image_redact_piece) + 4;
    static const struct written good = {{2, 4}, {{0, 0, 10}, {1, 0, 4}}, ""};
    struct image_redact_reading reading;
    char bytes[sizeof(struct written) + 1] = "";

    memcpy(bytes, &good, len);
    ck_assert(image_redact_plan_read(bytes, len, 100, &reading));
    for (size_t short_by = 1; short_by <= len; short_by++)
        ck_assert(!image_redact_plan_read(bytes, len - short_by, 100, &reading));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        memcpy(bytes, &bad[i].plan, len);
        ck_assert_msg(!image_redact_plan_read(bytes, len + bad[i].extra, 100, &reading), "%zu", i);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("redact");
    TCase *left = tcase_create("left"), *pictures = tcase_create("pictures"),
          *plans = tcase_create("plans");

    tcase_add_checked_fixture(left, redact_start, redact_stop);
    tcase_add_loop_test(left, without_the_place_time_camera_and_words_are_left, 0,
                        IMAGE_TYPE_COUNT);
    tcase_add_loop_test(left, without_all_metadata_nothing_is_left, 0, IMAGE_TYPE_COUNT);
    tcase_add_loop_test(left, nothing_moves_in_a_tiff_heic_or_avif, 0, 6);
    suite_add_tcase(suite, left);

    tcase_add_checked_fixture(pictures, support_engine_start, support_engine_stop);
    tcase_set_timeout(pictures, 60);
    tcase_add_loop_test(pictures, a_copy_has_the_pixels_of_its_original, 0, 2 * KINDS);
    tcase_add_loop_test(pictures, a_file_without_metadata_is_its_own_copy, 0, 5);
    suite_add_tcase(suite, pictures);

    tcase_add_test(plans, a_plan_that_cannot_be_true_is_refused);
    suite_add_tcase(suite, plans);
    return suite;
}
