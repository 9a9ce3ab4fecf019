/* The size and place of a frame that does not cover its screen or canvas, as Chromium 156 shows it.
 */
#include <stdlib.h>

#include "../support/codec.h"
#include "../support/engine.h"
#include "../support/forged.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const unsigned plain[4] = {0xff0000, 0x00ff00, 0x0000ff, 0xffffff};

/* The frame, of 32 by 24 pixels, at its place, and nothing around it. */
static void expect_placed(const struct buf *file, unsigned width, unsigned height, unsigned x,
                          unsigned y)
{
    struct image_header header;
    struct pixels pixels;

    ck_assert_int_eq(image_header_read(file->data, file->len, &header, NULL), VT_OK);
    ck_assert_uint_ge(header.width, width);
    ck_assert_uint_ge(header.height, height);
    support_engine_pixels(file, &pixels);
    ck_assert_uint_eq(pixels.width, width);
    ck_assert_uint_eq(pixels.height, height);
    for (unsigned i = 0; i < width * height; i++) {
        unsigned left = i % width - x, top = i / width - y; /* large if it is before */
        const unsigned char *pixel = support_pixel(&pixels, i % width, i / width);

        ck_assert_int_eq(pixel[3], left < 32 && top < 24 ? 255 : 0);
        if (left < 32 && left % 16 >= 4 && left % 16 < 12 && top < 24 && top % 12 >= 3 &&
            top % 12 < 9)
            ck_assert(support_is_color(&pixels, i % width, i / width,
                                       plain[(top >= 12 ? 2 : 0) + (left >= 16 ? 1 : 0)]));
    }
    free(pixels.data);
}

/* Screen, place, and what is seen: a screen that the frame does not fit on is extended. */
static const unsigned screens[][6] = {
    {64, 48, 0, 0, 64, 48},   {64, 48, 8, 4, 64, 48}, {64, 48, 32, 24, 64, 48},
    {32, 24, 16, 12, 48, 36}, {16, 12, 0, 0, 32, 24}, {32, 24, 40, 40, 72, 64},
    {0, 0, 0, 0, 32, 24},
};

START_TEST(a_gif_is_as_large_as_its_screen)
{
    const unsigned *one = screens[_i];
    struct buf file;

    codec_gif(&(struct codec_gif){one[0], one[1], one[2], one[3], 32, 24, NULL}, &file);
    expect_placed(&file, one[4], one[5], one[2], one[3]);
    buf_free(&file);
}
END_TEST

START_TEST(a_large_screen_is_shrunk_with_its_frame)
{
    struct image *image;
    struct buf file, out = BUF_INIT;
    struct pixels pixels;

    codec_gif(&(struct codec_gif){1280, 960, 640, 480, 640, 480, NULL}, &file);
    ck_assert_int_eq(support_engine_decode(&file, &image, NULL), VT_OK);
    ck_assert_int_eq(image_shrink(image, 320), VT_OK);
    ck_assert_int_eq(image_encode(image, IMAGE_WEBP, true, &out), VT_OK);
    support_pixels("WEBP", &out, &pixels);
    ck_assert_uint_eq(pixels.width, 320);
    ck_assert_uint_eq(pixels.height, 240);
    ck_assert_uint_eq(support_pixel(&pixels, 150, 200)[3], 0);
    ck_assert(support_is_color(&pixels, 170, 130, 0xff0000));
    ck_assert(support_is_color(&pixels, 310, 230, 0xffffff));
    free(pixels.data);
    buf_free(&out);
    buf_free(&file);
    image_free(image);
}
END_TEST

/* Makes an animation of one or two frames, of which the first is the one of codec_webp(). RFC 9649,
 * 2.7.1 */
static void make_animation(const unsigned canvas[2], const unsigned place[2], bool lossless,
                           unsigned frames, struct buf *out)
{
    struct buf frame, body = BUF_INIT;

    codec_webp(&(struct codec_webp){32, 24, lossless, false, NULL, 0}, &frame);
    PUT(&body, "WEBPVP8X\x0a\0\0\0\x12\0\0\0");
    forged_little(&body, 3, canvas[0] - 1);
    forged_little(&body, 3, canvas[1] - 1);
    PUT(&body, "ANIM\x06\0\0\0\x20\x40\x60\xff\0\0"); /* a background, which browsers ignore */
    for (unsigned i = 0; i < frames; i++) {
        PUT(&body, "ANMF");
        forged_little(&body, 4, 16 + frame.len - 12);
        forged_little(&body, 3, place[0] / 2);
        forged_little(&body, 3, place[1] / 2);
        forged_little(&body, 3, 31);
        forged_little(&body, 3, 23);
        PUT(&body, "\x64\0\0\0");
        buf_append(&body, frame.data + 12, frame.len - 12);
    }
    *out = BUF_INIT;
    PUT(out, "RIFF");
    forged_little(out, 4, body.len);
    buf_append(out, body.data, body.len);
    ck_assert(buf_ok(out));
    buf_free(&body);
    buf_free(&frame);
}

static const unsigned canvases[][4] = {{32, 24, 0, 0}, {64, 48, 8, 4}, {64, 48, 32, 24}};

START_TEST(an_animated_webp_is_as_large_as_its_canvas)
{
    const unsigned *one = canvases[_i / 4];
    struct buf file;

    make_animation(one, one + 2, _i % 2 == 0, 1 + (unsigned)_i % 4 / 2, &file);
    expect_placed(&file, one[0], one[1], one[2], one[3]);
    buf_free(&file);
}
END_TEST

/* Chromium shows none of it. */
START_TEST(a_frame_outside_its_canvas_is_refused)
{
    static const unsigned canvas[] = {40, 24}, place[] = {10, 0};
    struct image *image;
    struct buf file;

    make_animation(canvas, place, true, 2, &file);
    ck_assert_int_eq(support_engine_decode(&file, &image, NULL), VT_ERR_INVALID_IMAGE);
    buf_free(&file);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_frames");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, a_gif_is_as_large_as_its_screen, 0, COUNT(screens));
    tcase_add_test(all, a_large_screen_is_shrunk_with_its_frame);
    tcase_add_loop_test(all, an_animated_webp_is_as_large_as_its_canvas, 0, COUNT(canvases) * 4);
    tcase_add_test(all, a_frame_outside_its_canvas_is_refused);
    tcase_add_checked_fixture(all, support_engine_start, support_engine_stop);
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, all);
    return suite;
}
