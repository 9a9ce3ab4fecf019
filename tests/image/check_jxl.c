/* JPEG XL as libjxl decodes it: colours, transparency, depth, turns, frames, boxes. Expected
 * colours are those that Little CMS gives, and for HDR those that an AVIF of the same numbers has.
 */
#include "image/image.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/codec.h"
#include "../support/engine.h"
#include "../support/heif_file.h"
#include "../support/jxl_file.h"
#include "../support/profile.h"

#define PATCH 16 /* pixels of a side */
#define PATCHES 12

static const cmsCIExyY d65 = {0.3127, 0.3290, 1};
static const cmsCIExyYTRIPLE p3 = {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
static const cmsCIExyYTRIPLE bt709 = {{0.640, 0.330, 1}, {0.300, 0.600, 1}, {0.150, 0.060, 1}};

static void decode_file(const struct jxl_file *made, struct pixels *pixels)
{
    struct buf file;

    jxl_file_make(made, &file);
    support_engine_pixels(&file, pixels);
    buf_free(&file);
}

/* ---- colours ---- */

static unsigned deepest = 255; /* value of what is painted */
static const double patches[PATCHES][3] = {
    {0, 0, 0},    {.1, .1, .1}, {.25, .25, .25}, {.5, .5, .5},  {.75, .75, .75}, {1, 1, 1},
    {.6, .3, .3}, {.3, .6, .3}, {.3, .3, .6},    {.75, .5, .3}, {.75, .75, .5},  {.4, .5, .7}};

static void paint_patches(unsigned x, unsigned y, uint16_t pixel[4])
{
    (void)y;
    for (int i = 0; i < 3; i++)
        pixel[i] = (uint16_t)(patches[x / PATCH % PATCHES][i] * deepest + 0.5);
}

static struct jxl_file file_of_patches(unsigned depth, bool is_lossless)
{
    deepest = (1u << depth) - 1;
    return (struct jxl_file){.width = PATCH * PATCHES,
                             .height = PATCH,
                             .depth = depth,
                             .is_lossless = is_lossless,
                             .paint = paint_patches};
}

/* A profile of these primaries, and what Little CMS makes of the patches. */
static void convert_patches(const cmsCIExyYTRIPLE *primaries, cmsToneCurve *curve,
                            struct buf *profile, unsigned char want[PATCHES][3])
{
    cmsToneCurve *curves[3] = {curve, curve, curve};
    cmsHPROFILE from = cmsCreateRGBProfile(&d65, primaries, curves), to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM transform =
        cmsCreateTransform(from, TYPE_RGB_DBL, to, TYPE_RGB_8, INTENT_PERCEPTUAL, 0);

    SUPPORT_MUST(transform != NULL);
    cmsDoTransform(transform, patches, want, PATCHES);
    if (profile != NULL)
        support_profile(from, profile);
    cmsDeleteTransform(transform);
    cmsFreeToneCurve(curve);
    cmsCloseProfile(from);
    cmsCloseProfile(to);
}

static void check_patches(const struct jxl_file *file, unsigned char want[PATCHES][3],
                          int tolerance)
{
    struct pixels pixels;

    decode_file(file, &pixels);
    for (unsigned i = 0; i < PATCHES; i++)
        support_expect_color(&pixels, i * PATCH + PATCH / 2, PATCH / 2, want[i], tolerance);
    free(pixels.data);
}

START_TEST(a_profile_counts_with_and_without_loss_in_8_and_16_bits)
{
    struct jxl_file file = file_of_patches(_i / 2 == 0 ? 8 : 16, _i % 2 == 0);
    unsigned char want[PATCHES][3];
    struct buf profile;

    convert_patches(&p3, cmsBuildGamma(NULL, 2.2), &profile, want);
    file.profile = &profile;
    check_patches(&file, want, 7);
    buf_free(&profile);
}
END_TEST

#define P3 11
#define LINEAR 8
#define BT_709 1
#define DCI 17
#define PQ 16
#define HLG 18

static cmsToneCurve *curve_of(unsigned transfer, double gamma)
{
    const double srgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
    const double camera[] = {1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081};

    if (gamma > 0)
        return cmsBuildGamma(NULL, 1 / gamma);
    if (transfer == LINEAR)
        return cmsBuildGamma(NULL, 1);
    if (transfer == DCI)
        return cmsBuildGamma(NULL, 2.6);
    return cmsBuildParametricToneCurve(NULL, 4, transfer == BT_709 ? camera : srgb);
}

static const struct {
    unsigned primaries, transfer;
    double gamma;
} spaces[] = {{0, 0, 0},   {P3, 0, 0},      {0, LINEAR, 0}, {0, BT_709, 0},
              {0, DCI, 0}, {0, 0, 1 / 1.8}, {P3, LINEAR, 0}};

#define SPACES ((int)(sizeof spaces / sizeof spaces[0]))

START_TEST(numbers_give_the_colours_of_their_space)
{
    struct jxl_file file = file_of_patches(_i / SPACES / 2 == 0 ? 8 : 16, _i / SPACES % 2 == 0);
    const cmsCIExyYTRIPLE *primaries = spaces[_i % SPACES].primaries == P3 ? &p3 : &bt709;
    unsigned char want[PATCHES][3];

    file.primaries = spaces[_i % SPACES].primaries;
    file.transfer = spaces[_i % SPACES].transfer;
    file.gamma = spaces[_i % SPACES].gamma;
    convert_patches(primaries, curve_of(file.transfer, file.gamma), NULL, want);
    check_patches(&file, want, 7);
}
END_TEST

START_TEST(hdr_looks_as_in_an_avif_of_the_same_numbers)
{
    const unsigned transfer = _i % 2 == 0 ? PQ : HLG;
    struct jxl_file file = file_of_patches(10, _i / 2 == 0);
    const struct heif_file avif = {.is_avif = true,
                                   .width = file.width,
                                   .height = file.height,
                                   .depth = 10,
                                   .paint = paint_patches,
                                   .primaries = 9,
                                   .transfer = transfer,
                                   .matrix = 9};
    unsigned char want[PATCHES][3];
    struct pixels pixels;
    struct buf made;

    heif_file_make(&avif, &made);
    support_engine_pixels(&made, &pixels);
    for (unsigned i = 0; i < PATCHES; i++)
        memcpy(want[i], support_pixel(&pixels, i * PATCH + PATCH / 2, PATCH / 2), 3);
    file.primaries = 9;
    file.transfer = transfer;
    check_patches(&file, want, 12);
    free(pixels.data);
    buf_free(&made);
}
END_TEST

START_TEST(a_profile_of_gray_counts)
{
    struct jxl_file file = file_of_patches(8, true);
    cmsToneCurve *curve = cmsBuildGamma(NULL, 1.0);
    cmsHPROFILE gray = cmsCreateGrayProfile(&d65, curve);
    struct pixels pixels;
    struct buf profile;

    support_profile(gray, &profile);
    file.is_grey = true;
    file.profile = &profile;
    decode_file(&file, &pixels);
    support_expect_color(&pixels, 3 * PATCH + 8, 8, (const unsigned char[]){188, 188, 188}, 4);
    free(pixels.data);
    buf_free(&profile);
    cmsCloseProfile(gray);
    cmsFreeToneCurve(curve);
}
END_TEST

static const unsigned depths[] = {8, 9, 10, 12, 16};

START_TEST(every_depth_and_gray_have_their_values)
{
    struct jxl_file file = file_of_patches(depths[_i / 4], _i % 2 == 0);
    unsigned char want[PATCHES][3];

    file.is_grey = _i / 2 % 2 == 0;
    for (unsigned i = 0; i < PATCHES; i++)
        for (int c = 0; c < 3; c++)
            want[i][c] = (unsigned char)lround(patches[i][file.is_grey ? 0 : c] * 255);
    check_patches(&file, want, 5);
}
END_TEST

/* ---- transparency ---- */

static bool multiplies;

/* A colour of 200, 100, 50 that becomes transparent from left to right. */
static void paint_fading(unsigned x, unsigned y, uint16_t pixel[4])
{
    static const unsigned color[] = {200, 100, 50};
    unsigned alpha = 255 - x;

    (void)y;
    for (int i = 0; i < 3; i++)
        pixel[i] =
            (uint16_t)((multiplies ? (color[i] * alpha + 127) / 255 : color[i]) * deepest / 255);
    pixel[3] = (uint16_t)(alpha * deepest / 255);
}

/* Marks the colours of such a file as multiplied by alpha, which libjxl 0.7's encoder cannot. */
static void mark_as_premultiplied(unsigned depth, struct buf *file)
{
    /* the size, one flag each, depth, one flag, the number of channels, a flag, a type, a depth */
    unsigned at = 30 + 2 + (depth == 8 ? 3 : 9) + 1 + 2 + 1 + 2 + 9 + 2 + 2;
    char *start = memmem(file->data, file->len, "jxlc", 4);

    ck_assert_ptr_nonnull(start);
    start += 4;
    ck_assert_mem_eq(start, "\xff\x0a", 2);
    ck_assert_int_eq(start[at / 8] >> at % 8 & 1, 0);
    start[at / 8] |= (char)(1 << at % 8);
}

START_TEST(transparency_is_kept_premultiplied_or_not)
{
    const unsigned depth = _i / 2 % 2 == 0 ? 8 : 16;
    const struct jxl_file file = {.width = 256,
                                  .height = 16,
                                  .depth = depth,
                                  .alpha = true,
                                  .alpha_depth = 16,
                                  .is_lossless = true,
                                  .paint = paint_fading};
    struct pixels pixels;
    struct buf made;

    multiplies = _i % 2 == 1;
    deepest = (1u << depth) - 1;
    jxl_file_make(&file, &made);
    if (multiplies)
        mark_as_premultiplied(depth, &made);
    support_engine_pixels(&made, &pixels);
    buf_free(&made);
    for (unsigned x = 0; x < 200; x += 20) {
        support_expect_color(&pixels, x, 8, (const unsigned char[]){200, 100, 50}, 8);
        ck_assert_int_le(abs(support_pixel(&pixels, x, 8)[3] - (int)(255 - x)), 2);
    }
    ck_assert_uint_le(support_pixel(&pixels, 255, 8)[3], 1);
    free(pixels.data);
}
END_TEST

START_TEST(channels_of_no_colour_are_ignored)
{
    struct jxl_file file = file_of_patches(8, true);
    unsigned char want[PATCHES][3];

    file.spare = 2;
    for (unsigned i = 0; i < PATCHES; i++)
        for (int c = 0; c < 3; c++)
            want[i][c] = (unsigned char)lround(patches[i][c] * 255);
    check_patches(&file, want, 3);
}
END_TEST

/* ---- shapes ---- */

static void paint_quarters(unsigned x, unsigned y, uint16_t pixel[4])
{
    unsigned color = codec_color((y >= 32) * 2u + (x >= 48));

    for (unsigned i = 0; i < 3; i++)
        pixel[i] = (uint16_t)(color >> (16 - 8 * i) & 255);
}

static const struct jxl_file quarters = {
    .width = 96, .height = 64, .depth = 8, .paint = paint_quarters};

/* Of each orientation, the quarters as they are seen. */
static const unsigned turned[9][4] = {{0, 1, 2, 3}, {0, 1, 2, 3}, {1, 0, 3, 2},
                                      {3, 2, 1, 0}, {2, 3, 0, 1}, {0, 2, 1, 3},
                                      {2, 0, 3, 1}, {3, 1, 2, 0}, {1, 3, 0, 2}};

static void check_quarters(const struct pixels *pixels, const unsigned seen[4])
{
    for (unsigned i = 0; i < 4; i++)
        ck_assert(support_is_color(pixels, pixels->width * (1 + i % 2 * 2) / 4,
                                   pixels->height * (1 + i / 2 * 2) / 4, codec_color(seen[i])));
}

START_TEST(every_orientation_comes_out_upright)
{
    struct jxl_file file = quarters;
    struct pixels pixels;

    file.orientation = (unsigned)_i;
    file.is_lossless = true;
    decode_file(&file, &pixels);
    ck_assert_uint_eq(pixels.width, _i >= 5 ? 64 : 96);
    ck_assert_uint_eq(pixels.height, _i >= 5 ? 96 : 64);
    check_quarters(&pixels, turned[_i]);
    free(pixels.data);
}
END_TEST

START_TEST(the_first_frame_of_an_animation_is_shown)
{
    struct jxl_file file = quarters;
    struct pixels pixels;

    file.frames = 3;
    decode_file(&file, &pixels);
    ck_assert_uint_eq(pixels.width, 96);
    check_quarters(&pixels, turned[1]);
    free(pixels.data);
}
END_TEST

START_TEST(a_transcoded_jpeg_looks_as_the_jpeg)
{
    struct buf jpeg, file;
    struct pixels pixels;

    codec_jpeg(&(struct codec_jpeg){.width = 96, .height = 64, .sampling = 1 + (unsigned)_i},
               &jpeg);
    jxl_file_of_jpeg(&jpeg, &file);
    ck_assert_ptr_nonnull(memmem(file.data, file.len, "jbrd", 4));
    support_engine_pixels(&file, &pixels);
    ck_assert_uint_eq(pixels.width, 96);
    ck_assert_uint_eq(pixels.height, 64);
    check_quarters(&pixels, turned[1]);
    free(pixels.data);
    buf_free(&jpeg);
    buf_free(&file);
}
END_TEST

/* ---- boxes ---- */

static void add_box(struct buf *out, const char *name, const char *head, const void *data,
                    size_t len)
{
    size_t size = 8 + (head != NULL ? 4u : 0u) + len;
    const char number[4] = {(char)(size >> 24), (char)(size >> 16), (char)(size >> 8), (char)size};

    buf_append(out, number, 4);
    buf_append(out, name, 4);
    if (head != NULL)
        buf_append(out, head, 4);
    buf_append(out, data, len);
}

START_TEST(a_codestream_in_parts_is_put_together)
{
    struct jxl_file made = quarters;
    struct buf bare, file = BUF_INIT;
    struct pixels pixels;

    made.is_bare = true;
    jxl_file_make(&made, &bare);
    ck_assert_mem_eq(bare.data, "\xff\x0a", 2);
    buf_append(&file, "\0\0\0\x0cJXL \r\n\x87\n", 12);
    add_box(&file, "ftyp", "jxl ", "\0\0\0\0jxl ", 8);
    add_box(&file, "Exif", NULL, "\0\0\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0", 18);
    add_box(&file, "jxlp", "\0\0\0\0", bare.data, 3);
    add_box(&file, "xml ", NULL, "<x/>", 4);
    add_box(&file, "jxlp", "\0\0\0\1", bare.data + 3, 20);
    add_box(&file, "jxlp", "\x80\0\0\2", bare.data + 23, bare.len - 23);
    ck_assert(buf_ok(&file));
    support_engine_pixels(&file, &pixels);
    check_quarters(&pixels, turned[1]);
    free(pixels.data);
    buf_free(&bare);
    buf_free(&file);
}
END_TEST

START_TEST(a_bare_codestream_is_taken_and_one_cut_off_is_refused)
{
    struct jxl_file made = quarters;
    struct vt_reason why = {""};
    struct image *image;
    struct buf file;

    made.is_bare = true;
    made.is_lossless = _i != 0;
    jxl_file_make(&made, &file);
    ck_assert_int_eq(support_engine_decode(&file, &image, &why), VT_OK);
    image_free(image);
    for (size_t len = 3; len < file.len; len++) {
        struct buf cut = {.data = file.data, .len = len};

        ck_assert_int_eq(support_engine_decode(&cut, &image, &why), VT_ERR_INVALID_IMAGE);
        ck_assert_str_ne(why.text, "");
    }
    buf_free(&file);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("jxl");
    TCase *colors = tcase_create("colors"), *shapes = tcase_create("shapes");

    tcase_add_loop_test(colors, a_profile_counts_with_and_without_loss_in_8_and_16_bits, 0, 4);
    tcase_add_loop_test(colors, numbers_give_the_colours_of_their_space, 0, 4 * SPACES);
    tcase_add_loop_test(colors, hdr_looks_as_in_an_avif_of_the_same_numbers, 0, 4);
    tcase_add_test(colors, a_profile_of_gray_counts);
    tcase_add_loop_test(colors, every_depth_and_gray_have_their_values, 0, 20);
    tcase_add_loop_test(colors, transparency_is_kept_premultiplied_or_not, 0, 4);
    tcase_add_test(colors, channels_of_no_colour_are_ignored);
    tcase_add_checked_fixture(colors, support_engine_start, support_engine_stop);
    tcase_set_timeout(colors, 60);
    suite_add_tcase(suite, colors);
    tcase_add_loop_test(shapes, every_orientation_comes_out_upright, 1, 9);
    tcase_add_test(shapes, the_first_frame_of_an_animation_is_shown);
    tcase_add_loop_test(shapes, a_transcoded_jpeg_looks_as_the_jpeg, 0, 2);
    tcase_add_test(shapes, a_codestream_in_parts_is_put_together);
    tcase_add_loop_test(shapes, a_bare_codestream_is_taken_and_one_cut_off_is_refused, 0, 2);
    tcase_add_checked_fixture(shapes, support_engine_start, support_engine_stop);
    tcase_set_timeout(shapes, 60);
    suite_add_tcase(suite, shapes);
    return suite;
}
