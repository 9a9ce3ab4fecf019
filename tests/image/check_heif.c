/* HEIC and AVIF as libheif decodes them: colours, transparency, depth, turns, grids. Expected
 * colours are those that Little CMS gives, or that Chromium 156 has shown. */
#include "image/image.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/engine.h"
#include "../support/heif.h"
#include "../support/heif_file.h"
#include "../support/profile.h"

#define PATCH 32 /* pixels of a side */
#define PATCHES 16

static const cmsCIExyY d65 = {0.3127, 0.3290, 1};
static const cmsCIExyYTRIPLE p3 = {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};

static void decode_file(const struct heif_file *made, struct pixels *pixels)
{
    struct buf file;

    heif_file_make(made, &file);
    support_engine_pixels(&file, pixels);
    buf_free(&file);
}

/* ---- colours ---- */

static unsigned deepest = 255; /* value of what is painted */
static const double patches[PATCHES][3] = {
    {0, 0, 0},       {.1, .1, .1},    {.25, .25, .25}, {.4, .4, .4}, {.5, .5, .5}, {.58, .58, .58},
    {.65, .65, .65}, {.75, .75, .75}, {.85, .85, .85}, {1, 1, 1},    {.6, .2, .2}, {.2, .6, .2},
    {.2, .2, .6},    {.75, .4, .1},   {.75, .75, .3},  {.3, .5, .7}};

static void paint_patches(unsigned x, unsigned y, uint16_t pixel[4])
{
    (void)y;
    for (int i = 0; i < 3; i++)
        pixel[i] = (uint16_t)(patches[x / PATCH % PATCHES][i] * deepest + 0.5);
}

static struct heif_file file_of_patches(bool is_avif, unsigned depth)
{
    deepest = (1u << depth) - 1;
    return (struct heif_file){.is_avif = is_avif,
                              .width = PATCH * PATCHES,
                              .height = PATCH,
                              .depth = depth,
                              .paint = paint_patches};
}

static void wide_profile(struct buf *out)
{
    cmsToneCurve *gamma = cmsBuildGamma(NULL, 2.2), *curves[3] = {gamma, gamma, gamma};
    cmsHPROFILE profile = cmsCreateRGBProfile(&d65, &p3, curves);

    cmsFreeToneCurve(gamma);
    support_profile(profile, out);
    cmsCloseProfile(profile);
}

/* What Little CMS makes of the patches. */
static void convert_patches(const struct buf *profile, unsigned char want[PATCHES][3])
{
    cmsHPROFILE from = cmsOpenProfileFromMem(profile->data, (cmsUInt32Number)profile->len),
                to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM transform =
        cmsCreateTransform(from, TYPE_RGB_DBL, to, TYPE_RGB_8, INTENT_PERCEPTUAL, 0);

    SUPPORT_MUST(transform != NULL);
    cmsDoTransform(transform, patches, want, PATCHES);
    cmsDeleteTransform(transform);
    cmsCloseProfile(from);
    cmsCloseProfile(to);
}

static void check_patches(const struct heif_file *file, unsigned char want[PATCHES][3],
                          int tolerance)
{
    struct pixels pixels;

    decode_file(file, &pixels);
    for (unsigned i = 0; i < PATCHES; i++)
        support_expect_color(&pixels, i * PATCH + PATCH / 2, PATCH / 2, want[i], tolerance);
    free(pixels.data);
}

START_TEST(a_profile_counts_and_has_precedence_over_numbers)
{
    struct heif_file file = file_of_patches(_i % 2 == 0, 8);
    unsigned char want[PATCHES][3];
    struct buf profile;

    wide_profile(&profile);
    convert_patches(&profile, want);
    file.profile = &profile;
    if (_i >= 2) {
        file.primaries = 9;
        file.transfer = 16;
        file.matrix = 6;
    }
    check_patches(&file, want, 6);
    buf_free(&profile);
}
END_TEST

/* primaries, transfer and matrix by H.273, the depth, and what Chromium shows */
static const struct {
    unsigned primaries, transfer, matrix, depth;
    unsigned char shown[PATCHES][3];
} spaces[] = {
    {12,
     13,
     6,
     8, /* Display P3 */
     {{0, 0, 0},
      {26, 26, 26},
      {64, 64, 64},
      {102, 102, 102},
      {128, 128, 128},
      {148, 148, 148},
      {166, 166, 166},
      {191, 191, 191},
      {217, 217, 217},
      {255, 255, 255},
      {166, 39, 46},
      {0, 157, 26},
      {52, 51, 159},
      {206, 96, 0},
      {191, 191, 49},
      {57, 131, 184}}},
    {9,
     14,
     9,
     10, /* BT.2020 */
     {{0, 0, 0},
      {25, 25, 25},
      {64, 64, 64},
      {102, 102, 102},
      {128, 128, 128},
      {148, 148, 148},
      {166, 166, 166},
      {191, 191, 191},
      {217, 217, 217},
      {255, 255, 255},
      {189, 0, 45},
      {0, 162, 13},
      {29, 49, 160},
      {228, 83, 0},
      {194, 193, 37},
      {0, 132, 182}}},
    {1,
     1,
     1,
     8, /* BT.709, whose curve is taken for sRGB's */
     {{0, 0, 0},
      {26, 26, 26},
      {64, 64, 64},
      {102, 102, 102},
      {128, 128, 128},
      {148, 148, 148},
      {166, 166, 166},
      {191, 191, 191},
      {217, 217, 217},
      {255, 255, 255},
      {153, 51, 51},
      {51, 153, 51},
      {50, 51, 153},
      {191, 101, 26},
      {191, 191, 77},
      {77, 128, 179}}},
    {1,
     8,
     1,
     8, /* linear */
     {{0, 0, 0},
      {90, 90, 90},
      {137, 137, 137},
      {170, 170, 170},
      {188, 188, 188},
      {200, 200, 200},
      {211, 211, 211},
      {224, 224, 224},
      {238, 238, 238},
      {255, 255, 255},
      {203, 124, 124},
      {124, 203, 124},
      {122, 124, 203},
      {224, 169, 90},
      {224, 224, 149},
      {149, 188, 218}}},
    {9,
     16,
     9,
     10, /* PQ */
     {{0, 0, 0},
      {3, 3, 3},
      {30, 30, 30},
      {80, 80, 80},
      {131, 131, 131},
      {187, 187, 187},
      {222, 222, 222},
      {254, 254, 254},
      {255, 255, 255},
      {255, 255, 255},
      {250, 0, 0},
      {0, 211, 0},
      {0, 3, 211},
      {255, 0, 0},
      {255, 255, 0},
      {0, 104, 250}}},
    {9,
     18,
     9,
     10, /* HLG */
     {{0, 0, 0},
      {9, 9, 9},
      {43, 43, 43},
      {76, 76, 76},
      {99, 99, 99},
      {120, 120, 120},
      {143, 143, 143},
      {187, 187, 187},
      {221, 221, 221},
      {255, 255, 255},
      {141, 0, 32},
      {0, 129, 9},
      {17, 31, 111},
      {209, 59, 0},
      {191, 187, 13},
      {0, 101, 155}}},
};

#define SPACES ((int)(sizeof spaces / sizeof spaces[0]))

START_TEST(numbers_give_the_colours_that_chromium_shows)
{
    struct heif_file file = file_of_patches(_i % 2 == 0, spaces[_i / 2].depth);
    unsigned char want[PATCHES][3];

    file.primaries = spaces[_i / 2].primaries;
    file.transfer = spaces[_i / 2].transfer;
    file.matrix = spaces[_i / 2].matrix;
    memcpy(want, spaces[_i / 2].shown, sizeof want);
    check_patches(&file, want, 8);
}
END_TEST

/* As it shows PQ and HLG of BT.2020, of which the brightest light is 400 cd/m2. */
static const unsigned char dimmer[2][PATCHES][3] = {
    {{0, 0, 0},
     {4, 4, 4},
     {39, 39, 39},
     {99, 99, 99},
     {161, 161, 161},
     {229, 229, 229},
     {255, 255, 255},
     {255, 255, 255},
     {255, 255, 255},
     {255, 255, 255},
     {255, 0, 0},
     {0, 254, 0},
     {0, 5, 253},
     {255, 0, 0},
     {255, 255, 0},
     {0, 110, 255}},
    {{0, 0, 0},
     {13, 13, 13},
     {54, 54, 54},
     {95, 95, 95},
     {123, 123, 123},
     {148, 148, 148},
     {176, 176, 176},
     {230, 230, 230},
     {254, 254, 254},
     {255, 255, 255},
     {174, 0, 42},
     {0, 159, 14},
     {23, 41, 137},
     {255, 74, 0},
     {235, 229, 18},
     {0, 125, 190}},
};

START_TEST(the_brightest_light_of_hdr_counts_as_in_chromium)
{
    struct heif_file file = file_of_patches(_i % 2 == 0, 10);
    unsigned char want[PATCHES][3];

    file.primaries = file.matrix = 9;
    file.transfer = _i < 2 ? 16 : 18;
    file.brightest = 400;
    memcpy(want, dimmer[_i / 2], sizeof want);
    check_patches(&file, want, 8);
}
END_TEST

START_TEST(every_depth_and_grey_have_their_values)
{
    static const unsigned depths[] = {8, 10, 12};
    struct heif_file file = file_of_patches(_i % 2 == 0, depths[_i / 2 % 3]);
    unsigned char want[PATCHES][3];

    file.is_grey = _i >= 6;
    for (unsigned i = 0; i < PATCHES; i++)
        for (unsigned c = 0; c < 3; c++)
            want[i][c] = (unsigned char)(patches[i][file.is_grey ? 0 : c] * 255 + 0.5);
    check_patches(&file, want, 6);
}
END_TEST

/* Samples are light in the one of gray, so that all between black and white get lighter. */
static void gray_profile(struct buf *out)
{
    cmsToneCurve *gamma = cmsBuildGamma(NULL, 1);
    cmsHPROFILE profile = cmsCreateGrayProfile(cmsD50_xyY(), gamma);

    cmsFreeToneCurve(gamma);
    support_profile(profile, out);
    cmsCloseProfile(profile);
}

START_TEST(a_profile_of_gray_counts_if_the_picture_is_gray)
{
    struct heif_file file = file_of_patches(_i % 2 == 0, 8);
    unsigned char want[PATCHES][3];
    struct buf profile;

    gray_profile(&profile);
    file.profile = &profile;
    file.is_grey = _i < 2;
    for (unsigned i = 0; i < PATCHES; i++)
        for (unsigned c = 0; c < 3; c++) {
            double light = patches[i][0];

            want[i][c] = (unsigned char)((file.is_grey ? light <= 0.0031308
                                                             ? light * 12.92
                                                             : 1.055 * pow(light, 1 / 2.4) - 0.055
                                                       : patches[i][c]) *
                                             255 +
                                         0.5);
        }
    check_patches(&file, want, 8);
    buf_free(&profile);
}
END_TEST

/* ---- transparency ---- */

static bool premultiplies;

/* Red; transparent on the right, half transparent in the middle. */
static void paint_alpha(unsigned x, unsigned y, uint16_t pixel[4])
{
    unsigned alpha = x < 40 ? deepest : x < 80 ? deepest / 2 : 0;

    (void)y;
    pixel[0] = (uint16_t)(premultiplies ? alpha : deepest);
    pixel[1] = pixel[2] = 0;
    pixel[3] = (uint16_t)alpha;
}

START_TEST(transparency_is_kept_premultiplied_or_not)
{
    const struct heif_file file = {.is_avif = _i % 2 == 0,
                                   .width = 120,
                                   .height = 41,
                                   .depth = _i >= 4 ? 12 : 8,
                                   .alpha = true,
                                   .is_premultiplied = _i / 2 % 2 == 1,
                                   .paint = paint_alpha};
    const unsigned char red[] = {255, 0, 0};
    struct pixels pixels;

    deepest = (1u << file.depth) - 1;
    premultiplies = file.is_premultiplied;
    if (!file.is_avif && file.depth == 12)
        return; /* x265 is not built for it */
    decode_file(&file, &pixels);
    support_expect_color(&pixels, 15, 20, red, 16);
    support_expect_color(&pixels, 60, 20, red, 16);
    ck_assert_uint_eq(support_pixel(&pixels, 15, 20)[3], 255);
    ck_assert_int_le(abs(support_pixel(&pixels, 60, 20)[3] - 127), 3);
    ck_assert_uint_eq(support_pixel(&pixels, 110, 20)[3], 0);
    free(pixels.data);
}
END_TEST

/* ---- turns and grids ---- */

/* Takes apart a picture of quarters, 96 by 64, and puts it together with other properties. */
static void quarters(const char *coder, struct buf *data, struct buf *config)
{
    struct buf file;

    support_picture(&(struct picture){.coder = coder, .width = 96, .height = 64}, &file);
    heif_file_split(&file, data, config);
    buf_free(&file);
}

static struct forged_heif one(const char *coder, const struct buf *data, const char *properties)
{
    bool is_avif = strcmp(coder, "AVIF") == 0;

    return (struct forged_heif){is_avif ? "avif" : "heic",
                                1,
                                {{is_avif ? "av01" : "hvc1", data->data, data->len, properties}},
                                .method = 1};
}

static const char *const coders[] = {"AVIF", "HEIC"};

/* Properties in different orders; 3 is a turn by a quarter, counterclockwise. */
static const char *const orders[] = {"\1\2\3", "\3\1\2"};

START_TEST(a_turn_is_applied_once_before_or_behind_the_size)
{
    const char *coder = coders[_i % 2];
    struct buf data, config, file = BUF_INIT;
    struct forged_heif heif;
    struct pixels pixels;

    quarters(coder, &data, &config);
    heif = one(coder, &data, orders[_i / 2]);
    forged_ispe(&heif.properties, 96, 64);
    buf_append(&heif.properties, config.data, config.len);
    forged_box(&heif.properties, "irot", "\1", 1);
    forged_heif(&heif, &file);
    support_engine_pixels(&file, &pixels);
    ck_assert_uint_eq(pixels.width, 64);
    ck_assert_uint_eq(pixels.height, 96);
    ck_assert(support_is_color(&pixels, 8, 8, 0x00ff00));
    ck_assert(support_is_color(&pixels, 56, 8, 0xffffff));
    ck_assert(support_is_color(&pixels, 8, 80, 0xff0000));
    ck_assert(support_is_color(&pixels, 56, 80, 0x0000ff));
    free(pixels.data);
    buf_free(&data);
    buf_free(&config);
    buf_free(&file);
}
END_TEST

START_TEST(a_clean_aperture_and_a_mirror_are_applied_once)
{
    const char *coder = coders[_i];
    /* 48 by 64, whose centre is 24 pixels to the left: the left half */
    static const char clap[] =
        "\0\0\0\x30\0\0\0\1\0\0\0\x40\0\0\0\1\xff\xff\xff\xe8\0\0\0\1\0\0\0\0"
        "\0\0\0\1";
    struct buf data, config, file = BUF_INIT;
    struct forged_heif heif;
    struct pixels pixels;

    quarters(coder, &data, &config);
    heif = one(coder, &data, "\1\2\3\4");
    forged_ispe(&heif.properties, 96, 64);
    buf_append(&heif.properties, config.data, config.len);
    forged_box(&heif.properties, "clap", clap, sizeof clap - 1);
    forged_box(&heif.properties, "imir", "\0", 1); /* about a vertical or a horizontal axis */
    forged_heif(&heif, &file);
    support_engine_pixels(&file, &pixels);
    ck_assert_uint_eq(pixels.width, 48);
    ck_assert_uint_eq(pixels.height, 64);
    ck_assert(support_is_color(&pixels, 20, 8, 0x0000ff) ||
              support_is_color(&pixels, 20, 8, 0xff0000));
    ck_assert(!support_is_color(&pixels, 40, 8, 0x00ff00));
    free(pixels.data);
    buf_free(&data);
    buf_free(&config);
    buf_free(&file);
}
END_TEST

START_TEST(a_grid_is_put_together)
{
    const char *coder = coders[_i];
    struct buf data, config, file = BUF_INIT;
    struct forged_heif heif;
    struct pixels pixels;

    quarters(coder, &data, &config);
    heif = one(coder, &data, "\2\3");
    heif.items[1] = heif.items[0];
    heif.items[2] = (struct forged_item){"grid", forged_grid(1, 2, 180, 60), 8, "\1"};
    heif.primary = 3;
    forged_ispe(&heif.properties, 180, 60); /* less than two tiles */
    forged_ispe(&heif.properties, 96, 64);
    buf_append(&heif.properties, config.data, config.len);
    forged_reference(&heif.references, "dimg", 3, "\1\2");
    forged_heif(&heif, &file);
    support_engine_pixels(&file, &pixels);
    ck_assert_uint_eq(pixels.width, 180);
    ck_assert_uint_eq(pixels.height, 60);
    for (unsigned x = 0; x < 180; x += 96) {
        ck_assert(support_is_color(&pixels, x + 8, 8, 0xff0000));
        ck_assert(support_is_color(&pixels, x + 70, 8, 0x00ff00));
        ck_assert(support_is_color(&pixels, x + 8, 50, 0x0000ff));
        ck_assert(support_is_color(&pixels, x + 70, 50, 0xffffff));
    }
    free(pixels.data);
    buf_free(&data);
    buf_free(&config);
    buf_free(&file);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("heif");
    TCase *colors = tcase_create("colors"), *shapes = tcase_create("shapes");

    tcase_add_loop_test(colors, a_profile_counts_and_has_precedence_over_numbers, 0, 4);
    tcase_add_loop_test(colors, numbers_give_the_colours_that_chromium_shows, 0, 2 * SPACES);
    tcase_add_loop_test(colors, the_brightest_light_of_hdr_counts_as_in_chromium, 0, 4);
    tcase_add_loop_test(colors, a_profile_of_gray_counts_if_the_picture_is_gray, 0, 4);
    tcase_add_loop_test(colors, every_depth_and_grey_have_their_values, 0, 8);
    tcase_add_loop_test(colors, transparency_is_kept_premultiplied_or_not, 0, 6);
    tcase_add_checked_fixture(colors, support_engine_start, support_engine_stop);
    tcase_set_timeout(colors, 60);
    suite_add_tcase(suite, colors);
    tcase_add_loop_test(shapes, a_turn_is_applied_once_before_or_behind_the_size, 0, 4);
    tcase_add_loop_test(shapes, a_clean_aperture_and_a_mirror_are_applied_once, 0, 2);
    tcase_add_loop_test(shapes, a_grid_is_put_together, 0, 2);
    tcase_add_checked_fixture(shapes, support_engine_start, support_engine_stop);
    tcase_set_timeout(shapes, 60);
    suite_add_tcase(suite, shapes);
    return suite;
}
