/* Which thumbnails count as flat, and that these keep each pixel. */
#include <stdlib.h>
#include <string.h>

#include "../support/support.h"
#include "image/encode.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static void paint_colors(struct raster *raster, uint32_t width, uint32_t height, unsigned colors)
{
    ck_assert_int_eq(raster_new(width, height, raster), VT_OK);
    for (uint32_t i = 0; i < width * height; i++) {
        unsigned color = i * 31 % colors;
        uint8_t pixel[4] = {(uint8_t)(color * 7), (uint8_t)(color >> 8), (uint8_t)(color * 53),
                            255};

        memcpy(raster->pixels + (size_t)i * 4, pixel, 4);
    }
}

/* Where a JPEG's frame says how many pixels share the colours. */
static unsigned sampling_of(const struct buf *jpeg)
{
    const unsigned char *data = (const unsigned char *)jpeg->data;

    for (size_t at = 2; at + 12 < jpeg->len; at += 2 + data[at + 2] * 256u + data[at + 3])
        if (data[at + 1] == 0xc0)
            return data[at + 11];
    return 0;
}

static const struct {
    uint32_t width, height;
    unsigned colors;
    bool flat;
} pictures[] = {
    {64, 64, 4000, true},  {65, 64, 4000, false}, {300, 200, 256, true}, {300, 200, 257, false},
    {1280, 1280, 2, true}, {1281, 10, 2, false},  {8, 8, 4, true},
};

START_TEST(the_thumbnail_of_a_flat_picture_keeps_each_pixel)
{
    struct buf webp = BUF_INIT, jpeg = BUF_INIT;
    struct raster raster;
    struct pixels pixels;
    bool flat = pictures[_i].flat;

    paint_colors(&raster, pictures[_i].width, pictures[_i].height, pictures[_i].colors);
    ck_assert_int_eq(raster_is_flat(&raster), flat);
    ck_assert_int_eq(image_encode_webp(&raster, false, &webp), VT_OK);
    ck_assert_mem_eq(webp.data + 12, flat ? "VP8L" : "VP8 ", 4);
    support_pixels("WEBP", &webp, &pixels);
    if (flat)
        ck_assert_mem_eq(pixels.data, raster.pixels, (size_t)raster.width * raster.height * 4);
    ck_assert_int_eq(image_encode_jpeg(&raster, &jpeg), VT_OK);
    ck_assert_uint_eq(sampling_of(&jpeg), flat ? 0x11 : 0x22);
    free(pixels.data);
    raster_free(&raster);
    buf_free(&webp);
    buf_free(&jpeg);
}
END_TEST

/* Gray has no colours that could bleed; a profile may have tinted it a little. */
START_TEST(the_thumbnail_of_a_gray_photograph_is_not_lossless)
{
    static const struct {
        unsigned levels, tint;
        bool flat;
    } grays[] = {{256, 0, false}, {17, 0, false}, {16, 0, true}, {256, 8, false}, {256, 9, true}};
    struct raster raster;

    ck_assert_int_eq(raster_new(300, 200, &raster), VT_OK);
    for (unsigned i = 0; i < 300 * 200; i++) {
        uint8_t level = (uint8_t)(i * 31 % grays[_i].levels);
        uint8_t tinted = level < 128 ? (uint8_t)(level + grays[_i].tint) : level;
        uint8_t pixel[4] = {level, tinted, level, 255};

        memcpy(raster.pixels + (size_t)i * 4, pixel, 4);
    }
    ck_assert_int_eq(raster_is_flat(&raster), grays[_i].flat);
    raster_free(&raster);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_flat");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, the_thumbnail_of_a_flat_picture_keeps_each_pixel, 0, COUNT(pictures));
    tcase_add_loop_test(all, the_thumbnail_of_a_gray_photograph_is_not_lossless, 0, 5);
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, all);
    return suite;
}
