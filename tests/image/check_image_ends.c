/* Files without their end marker are taken if every pixel is there, as Chromium 156 shows them;
 * cut-off ones are refused. */
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "../support/codec.h"
#include "../support/engine.h"
#include "../support/forged.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))
#define SIZE .width = 64, .height = 48

static const struct codec_jpeg jpegs[] = {
    {SIZE, .sampling = 2},       {SIZE, .grey = true},
    {SIZE, .progressive = true}, {SIZE, .progressive = true, .grey = true},
    {SIZE, .restart = 1},        {SIZE, .scans = true},
    {SIZE, .inks = CODEC_YCCK},  {SIZE, .inks = CODEC_CMYK, .progressive = true},
};

static enum vt_error take_part(const struct buf *file, size_t len, size_t zeros)
{
    char *copy = calloc(1, len + zeros); /* of just that size, so that reading past it is seen */
    const struct buf part = {.data = copy, .len = len + zeros};
    struct image *image;
    enum vt_error err;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, file->data, len);
    err = support_engine_decode(&part, &image, NULL);
    ck_assert(err == VT_OK || err == VT_ERR_INVALID_IMAGE);
    image_free(image);
    free(copy);
    return err;
}

START_TEST(a_jpeg_needs_every_pixel_but_no_end_marker)
{
    static const size_t pads[] = {0, 16, 1000};
    struct buf file;
    size_t whole;

    codec_jpeg(&jpegs[_i], &file);
    whole = file.len - 2;
    ck_assert_mem_eq(file.data + whole, "\xff\xd9", 2);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(take_part(&file, whole, pads[i]), VT_OK);
        ck_assert_int_eq(take_part(&file, whole - 1, pads[i]), VT_ERR_INVALID_IMAGE);
        ck_assert_int_eq(take_part(&file, whole * 9 / 10, pads[i]), VT_ERR_INVALID_IMAGE);
    }
    for (size_t len = 3; len < whole; len++) /* any number of scans, blocks, rows */
        ck_assert_msg(take_part(&file, len, 0) == VT_ERR_INVALID_IMAGE, "%zu of %zu", len, whole);
    buf_free(&file);
}
END_TEST

/* White has no colours, so the last block of a picture that ends in white may end in a byte of
 * zeros. */
START_TEST(zero_bytes_at_the_end_of_a_jpeg_without_an_end_marker_may_be_pixels)
{
    unsigned found = 0;

    for (unsigned i = 0; i < 64; i++) {
        struct buf file;
        size_t whole;

        codec_jpeg(&(struct codec_jpeg){.width = 40 + i % 8 * 5, .height = 40 + i / 8 * 5}, &file);
        whole = file.len - 2;
        found += file.data[whole - 1] == 0;
        ck_assert_int_eq(take_part(&file, whole, 0), VT_OK);
        ck_assert_int_eq(take_part(&file, whole * 9 / 10, 2), VT_ERR_INVALID_IMAGE);
        buf_free(&file);
    }
    ck_assert_uint_gt(found, 0);
}
END_TEST

/* One block whose only coefficient is the last one: in the pixels, a byte of 0xFF comes last, and
 * is followed by a zero, which is no padding. */
START_TEST(a_jpeg_without_end_marker_may_end_with_any_byte)
{
    static const size_t pads[] = {0, 1, 1000};
    struct buf file = BUF_INIT;

    PUT(&file, "\xff\xd8\xff\xdb\0\x43\0");
    for (int i = 0; i < 64; i++)
        PUT(&file, "\1");
    PUT(&file, "\xff\xc0\0\x0b\x08\0\x08\0\x08\1\1\x11\0"
               "\xff\xc4\0\x14\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
               "\xff\xc4\0\x15\x10\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xf0\xe7"
               "\xff\xda\0\x08\1\1\0\0\x3f\0"
               "\0\xff\0");
    for (int i = 0; i < COUNT(pads); i++)
        ck_assert_int_eq(take_part(&file, file.len, pads[i]), VT_OK);
    ck_assert_int_eq(take_part(&file, file.len - 2, 0), VT_ERR_INVALID_IMAGE);
    buf_free(&file);
}
END_TEST

/* Past its end, arithmetic coding goes on as if there were zeros, and nobody notices. */
START_TEST(a_jpeg_of_arithmetic_coding_needs_its_end_marker)
{
    struct buf file;

    codec_jpeg(&(struct codec_jpeg){SIZE, .arithmetic = true}, &file);
    ck_assert_int_eq(take_part(&file, file.len, 0), VT_OK);
    ck_assert_int_eq(take_part(&file, file.len - 2, 0), VT_ERR_INVALID_IMAGE);
    buf_free(&file);
}
END_TEST

START_TEST(a_png_needs_every_pixel_but_no_end)
{
    struct buf file;
    size_t whole;

    codec_png(&(struct codec_png){SIZE, PNG_COLOR_TYPE_RGB, 8, .interlaced = _i == 1}, &file);
    whole = file.len - 12;
    ck_assert_mem_eq(file.data + whole + 4, "IEND", 4);
    for (size_t len = 8; len < file.len; len++)
        ck_assert_msg((take_part(&file, len, 0) == VT_OK) == (len >= whole), "%zu of %zu", len,
                      whole);
    buf_free(&file);
}
END_TEST

/* All chunks that are there are whole, but the last one is not. */
START_TEST(a_png_that_lost_its_last_rows_is_refused)
{
    struct codec_png png = {.width = 64, .height = 48, .color = PNG_COLOR_TYPE_RGB, .depth = 8};
    struct buf small, file = BUF_INIT;
    const char *data;

    codec_png(&png, &small);
    data = memmem(small.data, small.len, "IDAT", 4);
    ck_assert_ptr_nonnull(data);
    buf_append(&file, small.data, (size_t)(data - 4 - small.data));
    codec_png_chunk(&file, "IDAT", data + 4, (size_t)(small.data + small.len - data) - 16 - 14);
    ck_assert_int_eq(take_part(&file, file.len, 0), VT_ERR_INVALID_IMAGE);
    codec_png_chunk(&file, "IEND", NULL, 0);
    ck_assert_int_eq(take_part(&file, file.len, 0), VT_ERR_INVALID_IMAGE);
    buf_free(&small);
    buf_free(&file);
}
END_TEST

START_TEST(an_animated_png_needs_its_end_if_frames_may_be_missing)
{
    static const char control[26] = "\0\0\0\0\0\0\0\x40\0\0\0\x30";
    struct buf file, chunks = BUF_INIT;

    codec_png_chunk(&chunks, "acTL", _i == 0 ? "\0\0\0\1\0\0\0\0" : "\0\0\0\2\0\0\0\0", 8);
    codec_png_chunk(&chunks, "fcTL", control, sizeof control);
    codec_png(&(struct codec_png){SIZE, PNG_COLOR_TYPE_RGB, 8, .chunks = &chunks}, &file);
    ck_assert_int_eq(take_part(&file, file.len, 0), VT_OK);
    ck_assert_int_eq(take_part(&file, file.len - 12, 0), _i == 0 ? VT_OK : VT_ERR_INVALID_IMAGE);
    buf_free(&chunks);
    buf_free(&file);
}
END_TEST

START_TEST(a_gif_needs_every_block_but_no_trailer)
{
    struct buf file;

    codec_gif(&(struct codec_gif){64, 48, 0, 0, 64, 48, NULL}, &file);
    ck_assert_int_eq(take_part(&file, file.len - 1, 0), VT_OK);
    ck_assert_int_eq(take_part(&file, file.len - 1, 8), VT_OK); /* padded */
    for (size_t len = 6; len < file.len - 1; len++)
        ck_assert_int_eq(take_part(&file, len, 0), VT_ERR_INVALID_IMAGE);
    buf_free(&file);
}
END_TEST

/* As in Chromium, though only metadata or padding may be missing. */
START_TEST(a_webp_is_as_long_as_it_says)
{
    struct buf file;

    codec_webp(&(struct codec_webp){SIZE, true, false, NULL, 6}, &file);
    ck_assert_int_eq(take_part(&file, file.len, 0), VT_OK);
    ck_assert_int_eq(take_part(&file, file.len, 3), VT_OK); /* what follows does not matter */
    ck_assert_int_eq(take_part(&file, file.len - 1, 0), VT_ERR_INVALID_IMAGE);
    buf_free(&file);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_ends");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, a_jpeg_needs_every_pixel_but_no_end_marker, 0, COUNT(jpegs));
    tcase_add_test(all, zero_bytes_at_the_end_of_a_jpeg_without_an_end_marker_may_be_pixels);
    tcase_add_test(all, a_jpeg_without_end_marker_may_end_with_any_byte);
    tcase_add_test(all, a_jpeg_of_arithmetic_coding_needs_its_end_marker);
    tcase_add_loop_test(all, a_png_needs_every_pixel_but_no_end, 0, 2);
    tcase_add_test(all, a_png_that_lost_its_last_rows_is_refused);
    tcase_add_loop_test(all, an_animated_png_needs_its_end_if_frames_may_be_missing, 0, 2);
    tcase_add_test(all, a_gif_needs_every_block_but_no_trailer);
    tcase_add_test(all, a_webp_is_as_long_as_it_says);
    tcase_add_checked_fixture(all, support_engine_start, support_engine_stop);
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, all);
    return suite;
}
