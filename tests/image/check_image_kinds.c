/* The kinds of JPEG, PNG and WebP: what our decoders give, compared with their libraries' plainest
 * calls on the same file. */
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "../support/codec.h"
#include "../support/profile.h"
#include "image/color.h"
#include "image/decode.h"
#include "image/image.h"
#include "image/reducer.h"

/* What a file is to show. */
struct look {
    unsigned quarters[4]; /* 0xRRGGBB */
    bool alpha;           /* the right upper quarter is transparent */
};

static const struct look in_color = {{0xff0000, 0x00ff00, 0x0000ff, 0xffffff}, false};
static const struct look in_color_with_alpha = {{0xff0000, 0x00ff00, 0x0000ff, 0xffffff}, true};

static struct look in_grey(unsigned depth, bool alpha)
{
    struct look look = {.alpha = alpha};

    for (unsigned i = 0; i < 4; i++)
        look.quarters[i] = codec_grey(i, depth);
    return look;
}

/* The middle of each quarter, within a few levels. */
static void check_look(const struct raster *raster, const struct look *look, int tolerance)
{
    for (unsigned quarter = 0; quarter < 4; quarter++) {
        uint32_t x = raster->width * (quarter % 2 * 2 + 1) / 4;
        uint32_t y = raster->height * (quarter / 2 * 2 + 1) / 4;
        const uint8_t *pixel = raster->pixels + ((size_t)y * raster->width + x) * RASTER_PIXEL;
        bool clear = look->alpha && quarter == 1;

        ck_assert_uint_eq(pixel[3], clear ? 0 : 255);
        for (unsigned c = 0; c < 3 && !clear; c++) {
            int want = (int)(look->quarters[quarter] >> (16 - 8 * c) & 255);

            ck_assert_msg(abs(pixel[c] - want) <= tolerance, "quarter %u, channel %u: %u, not %d",
                          quarter, c, pixel[c], want);
        }
    }
}

static void read_header(const struct buf *file, struct image_header *header)
{
    struct vt_reason why = {""};
    enum vt_error err = image_header_read(file->data, file->len, header, &why);

    ck_assert_msg(err == VT_OK, "%s", why.text);
}

static enum vt_error decode_own(const struct buf *file, unsigned detail, struct decoded *decoded)
{
    static image_decoder *const decoders[] = {
        [IMAGE_JPEG] = image_jpeg_decode,
        [IMAGE_PNG] = image_png_decode,
        [IMAGE_WEBP] = image_webp_decode,
    };
    struct image_header header;
    struct image_source source = {(const uint8_t *)file->data, file->len, &header, detail, {0, 0}};

    read_header(file, &header);
    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &source.deadline), 0);
    source.deadline.tv_sec += 60;
    return decoders[header.type](&source, decoded, NULL);
}

/* How far two pictures of one size are apart where they can be seen: the most, and the mean. */
static void compare(const struct raster *a, const struct raster *b, int *most, double *mean)
{
    size_t count = (size_t)a->width * a->height * RASTER_PIXEL;
    double sum = 0;

    *most = 0;
    ck_assert_uint_eq(a->width, b->width);
    ck_assert_uint_eq(a->height, b->height);
    for (size_t i = 0; i < count; i++) {
        int off = abs(a->pixels[i] - b->pixels[i]);

        if (i % 4 != 3 && a->pixels[i | 3] == 0 && b->pixels[i | 3] == 0)
            continue;
        *most = off > *most ? off : *most;
        sum += off;
    }
    *mean = sum / (double)count;
}

/* What the file shows, at its own size and reduced. */
static void expect_look(const struct buf *file, const struct look *look, int tolerance)
{
    for (int i = 0; i < 2; i++) {
        struct decoded own;

        ck_assert_int_eq(decode_own(file, i == 0 ? 1000 : 80, &own), VT_OK);
        if (own.profile != NULL)
            ck_assert_int_eq(image_color_convert(&own.raster, own.profile, own.profile_len), VT_OK);
        check_look(&own.raster, look, tolerance);
        image_decode_free(&own);
    }
}

/* And it has every pixel that the library gives. Where it is reduced, edges may come out a little
 * sharper or softer than by a filter over all of them. */
static void expect_own(const struct buf *file, const struct look *look, int tolerance)
{
    struct image_header header;
    struct pixels pixels;

    expect_look(file, look, tolerance);
    read_header(file, &header);
    support_pixels(image_type_coder(header.type), file, &pixels);
    for (int i = 0; i < 2; i++) {
        const struct raster whole = {pixels.width, pixels.height, pixels.data};
        struct raster want;
        struct decoded own;
        double mean;
        int most;

        ck_assert_int_eq(decode_own(file, i == 0 ? 1000 : 80, &own), VT_OK);
        ck_assert_int_eq(
            reducer_run(&whole, own.raster.width, own.raster.height, look->alpha, &want), VT_OK);
        compare(&own.raster, &want, &most, &mean);
        ck_assert_msg(i == 1 || most <= 3, "%d apart", most);
        ck_assert_msg(mean <= 2, "%.2f apart", mean);
        ck_assert_uint_eq(own.width, pixels.width);
        ck_assert_uint_eq(own.height, pixels.height);
        raster_free(&want);
        image_decode_free(&own);
    }
    free(pixels.data);
}

/* And all the way: sizes as seen, and a thumbnail. */
static void expect_thumbnail(const struct buf *file, uint32_t width, uint32_t height, bool alpha)
{
    struct image_header header;
    struct image *image;
    struct pixels pixels;
    struct buf out = BUF_INIT;
    uint32_t seen_width, seen_height;

    read_header(file, &header);
    ck_assert_int_eq(image_decode(NULL, file->data, file->len, &header, 80, 30, &image, NULL),
                     VT_OK);
    image_size(image, &seen_width, &seen_height);
    ck_assert_uint_eq(seen_width, width);
    ck_assert_uint_eq(seen_height, height);
    ck_assert_int_eq(image_has_alpha(image), alpha);
    ck_assert_int_eq(image_shrink(image, 40), VT_OK);
    ck_assert_int_eq(image_encode(image, alpha ? IMAGE_WEBP : IMAGE_JPEG, alpha, &out), VT_OK);
    if (!alpha && header.channels == 1) {
        read_header(&out, &header);
        ck_assert_uint_eq(header.channels, 1);
    }
    support_pixels(alpha ? "WEBP" : "JPEG", &out, &pixels);
    ck_assert_uint_eq(pixels.width, width > height ? 40 : 30);
    ck_assert_uint_eq(pixels.height, width > height ? 30 : 40);
    free(pixels.data);
    buf_free(&out);
    image_free(image);
}

/* ---- JPEG ---- */

#define SIZE .width = 240, .height = 180

static const struct codec_jpeg jpegs[] = {
    {SIZE, .sampling = 1},
    {SIZE, .sampling = 2},
    {SIZE, .sampling = 2, .progressive = true},
    {SIZE, .sampling = 1, .progressive = true, .restart = 2},
    {SIZE, .sampling = 2, .restart = 1},
    {SIZE, .grey = true},
    {SIZE, .grey = true, .progressive = true},
    {SIZE, .grey = true, .restart = 1},
};

START_TEST(jpegs_are_our_own)
{
    struct look look = jpegs[_i].grey ? in_grey(8, false) : in_color;
    struct buf file;

    codec_jpeg(&jpegs[_i], &file);
    expect_own(&file, &look, 4);
    expect_thumbnail(&file, 240, 180, false);
    buf_free(&file);
}
END_TEST

START_TEST(cmyk_is_our_own)
{
    const struct picture picture = {.coder = "JPEG", SIZE, .cmyk = true};
    struct buf file;

    support_picture(&picture, &file);
    expect_look(&file, &in_color, 48);
    expect_thumbnail(&file, 240, 180, false);
    buf_free(&file);
}
END_TEST

/* ---- PNG ---- */

static const struct codec_png pngs[] = {
    {SIZE, PNG_COLOR_TYPE_GRAY, 1},
    {SIZE, PNG_COLOR_TYPE_GRAY, 2},
    {SIZE, PNG_COLOR_TYPE_GRAY, 4},
    {SIZE, PNG_COLOR_TYPE_GRAY, 8},
    {SIZE, PNG_COLOR_TYPE_GRAY, 16},
    {SIZE, PNG_COLOR_TYPE_GRAY, 2, .alpha = true},
    {SIZE, PNG_COLOR_TYPE_GRAY, 8, .alpha = true},
    {SIZE, PNG_COLOR_TYPE_GRAY, 16, .alpha = true},
    {SIZE, PNG_COLOR_TYPE_GRAY_ALPHA, 8, .alpha = false},
    {SIZE, PNG_COLOR_TYPE_GRAY_ALPHA, 16},
    {SIZE, PNG_COLOR_TYPE_PALETTE, 2},
    {SIZE, PNG_COLOR_TYPE_PALETTE, 4},
    {SIZE, PNG_COLOR_TYPE_PALETTE, 8},
    {SIZE, PNG_COLOR_TYPE_PALETTE, 2, .alpha = true},
    {SIZE, PNG_COLOR_TYPE_PALETTE, 8, .alpha = true},
    {SIZE, PNG_COLOR_TYPE_RGB, 8},
    {SIZE, PNG_COLOR_TYPE_RGB, 16},
    {SIZE, PNG_COLOR_TYPE_RGB, 8, .alpha = true},
    {SIZE, PNG_COLOR_TYPE_RGB, 16, .alpha = true},
    {SIZE, PNG_COLOR_TYPE_RGB_ALPHA, 8},
    {SIZE, PNG_COLOR_TYPE_RGB_ALPHA, 16},
    {SIZE, PNG_COLOR_TYPE_RGB, 8, .gamma = 0.45455}, /* sRGB's own */
    {SIZE, PNG_COLOR_TYPE_RGB, 8, .interlaced = true},
    {SIZE, PNG_COLOR_TYPE_RGB_ALPHA, 16, .interlaced = true},
    {SIZE, PNG_COLOR_TYPE_PALETTE, 2, .interlaced = true},
};

START_TEST(pngs_are_our_own)
{
    const struct codec_png *png = &pngs[_i];
    bool alpha = png->alpha || (png->color & PNG_COLOR_MASK_ALPHA) != 0;
    bool color = (png->color & PNG_COLOR_MASK_COLOR) != 0;
    struct look look = color ? in_color : in_grey(png->depth, alpha);
    struct buf file;

    look.alpha = alpha;
    codec_png(png, &file);
    expect_own(&file, &look, 1);
    expect_thumbnail(&file, 240, 180, alpha);
    buf_free(&file);
}
END_TEST

/* Behind the pixels, EXIF is invalid, and ignored as in Chromium. */
START_TEST(a_png_is_turned_by_exif_before_its_pixels)
{
    const struct codec_png png = {SIZE, PNG_COLOR_TYPE_RGB, 8, .orientation = 6, .late = _i == 1};
    struct decoded decoded;
    struct buf file;

    codec_png(&png, &file);
    ck_assert_int_eq(decode_own(&file, 80, &decoded), VT_OK);
    ck_assert_uint_eq(decoded.orientation, _i == 1 ? 1 : 6);
    check_look(&decoded.raster, &in_color, 1); /* as stored */
    image_decode_free(&decoded);
    expect_thumbnail(&file, _i == 1 ? 240 : 180, _i == 1 ? 180 : 240, false);
    buf_free(&file);
}
END_TEST

/* ---- WebP ---- */

static const struct codec_webp webps[] = {
    {SIZE, false, false, NULL, 0},
    {SIZE, true, false, NULL, 0},
    {SIZE, false, true, NULL, 0},
    {SIZE, true, true, NULL, 0},
};

START_TEST(webps_are_our_own)
{
    struct buf file;

    codec_webp(&webps[_i], &file);
    expect_own(&file, webps[_i].alpha ? &in_color_with_alpha : &in_color, 6);
    expect_thumbnail(&file, 240, 180, webps[_i].alpha);
    buf_free(&file);
}
END_TEST

START_TEST(animated_webp_is_our_own)
{
    const struct picture picture = {.coder = "WEBP", SIZE, .frames = 3};
    struct buf file;

    support_picture(&picture, &file);
    expect_look(&file, &in_color, 48); /* the plainest call takes no animation */
    buf_free(&file);
}
END_TEST

/* The decoder gives the alpha that is in the pixels, whatever the bit beside the size says (RFC
 * 9649, 3): what is hidden must not shine through. */
START_TEST(a_webps_word_on_its_alpha_is_a_hint)
{
    const struct codec_webp webp = {SIZE, true, true, NULL, 0};
    struct decoded decoded;
    unsigned clear = 0;
    struct buf file;

    codec_webp(&webp, &file);
    ck_assert_mem_eq(file.data + 12, "VP8L", 4);
    ck_assert_int_eq(file.data[24] & 0x10, 0x10);
    file.data[24] &= ~0x10;
    ck_assert_int_eq(decode_own(&file, 120, &decoded), VT_OK);
    for (size_t i = 0; i < (size_t)120 * 40; i++) { /* of the upper half: red, and a hidden green */
        const uint8_t *pixel = decoded.raster.pixels + i * RASTER_PIXEL;

        clear += pixel[3] == 0;
        if (pixel[3] > 16)
            ck_assert_int_le(abs(pixel[0] - 255) + pixel[1] + pixel[2], 9);
    }
    ck_assert_uint_ge(clear, 55 * 40);
    image_decode_free(&decoded);
    buf_free(&file);
}
END_TEST

/* How much of the green is seen at a pixel: coarse chroma brings some along in the file itself. */
static int green(const struct raster *raster, size_t i)
{
    return raster->pixels[i * RASTER_PIXEL + 1] * raster->pixels[i * RASTER_PIXEL + 3] / 255;
}

/* Beside red, in the upper half. It is no more than a filter over all of the picture leaves. */
START_TEST(a_webps_hidden_colours_stay_hidden)
{
    const struct codec_webp webp = {301, 180, _i == 1, true, NULL, 0};
    struct decoded whole;
    struct buf file;

    codec_webp(&webp, &file);
    ck_assert_int_eq(decode_own(&file, 301, &whole), VT_OK);
    for (unsigned detail = 31; detail < 300; detail += 18) {
        struct decoded decoded;
        struct raster want;

        ck_assert_int_eq(decode_own(&file, detail, &decoded), VT_OK);
        ck_assert_int_eq(
            reducer_run(&whole.raster, decoded.raster.width, decoded.raster.height, true, &want),
            VT_OK);
        for (size_t i = 0; i < (size_t)want.width * (want.height * 2 / 5); i++)
            ck_assert_int_le(abs(green(&decoded.raster, i) - green(&want, i)), 2);
        raster_free(&want);
        image_decode_free(&decoded);
    }
    image_decode_free(&whole);
    buf_free(&file);
}
END_TEST

/* ---- profiles ---- */

/* A space like sRGB's, but red and green have changed places. */
static void make_profile(struct buf *out)
{
    const cmsCIExyY white = {0.3127, 0.3290, 1};
    const cmsCIExyYTRIPLE primaries = {{0.30, 0.60, 1}, {0.64, 0.33, 1}, {0.15, 0.06, 1}};
    cmsToneCurve *gamma = cmsBuildGamma(NULL, 2.2), *curves[3] = {gamma, gamma, gamma};
    cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);

    support_profile(profile, out);
    cmsCloseProfile(profile);
    cmsFreeToneCurve(gamma);
}

START_TEST(profiles_are_followed)
{
    const struct look swapped = {{0x00ff00, 0xff0000, 0x0000ff, 0xffffff}, false};
    struct buf profile, file;

    make_profile(&profile);
    if (_i == 0) {
        codec_png(&(struct codec_png){SIZE, PNG_COLOR_TYPE_RGB, 8, .profile = &profile}, &file);
        expect_look(&file, &swapped, 4);
    } else {
        codec_webp(&(struct codec_webp){SIZE, _i == 1, false, &profile, 8}, &file);
        expect_look(&file, &swapped, 8);
        expect_thumbnail(&file, 240, 180, false); /* it is not turned */
    }
    buf_free(&profile);
    buf_free(&file);
}
END_TEST

#define LENGTH(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_kinds");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, jpegs_are_our_own, 0, LENGTH(jpegs));
    tcase_add_test(all, cmyk_is_our_own);
    tcase_add_loop_test(all, pngs_are_our_own, 0, LENGTH(pngs));
    tcase_add_loop_test(all, a_png_is_turned_by_exif_before_its_pixels, 0, 2);
    tcase_add_loop_test(all, webps_are_our_own, 0, LENGTH(webps));
    tcase_add_test(all, animated_webp_is_our_own);
    tcase_add_test(all, a_webps_word_on_its_alpha_is_a_hint);
    tcase_add_loop_test(all, a_webps_hidden_colours_stay_hidden, 0, 2);
    tcase_add_loop_test(all, profiles_are_followed, 0, 3);
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, all);
    return suite;
}
