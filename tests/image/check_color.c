/* Colours by ICC profile, compared with lcms2. */
#include "image/color.h"

#include <stdlib.h>
#include <string.h>

#include "../support/forged.h"
#include "../support/profile.h"
#include "image/icc.h"

#define BYTES(literal) literal, sizeof(literal) - 1

static const cmsCIExyY d65 = {0.3127, 0.3290, 1};

/* Display P3: the primaries of the cinema's, in daylight. */
static const cmsCIExyYTRIPLE p3 = {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};

/* Takes the profile. */
static struct buf saved(cmsHPROFILE profile)
{
    struct buf out;

    support_profile(profile, &out);
    cmsCloseProfile(profile);
    return out;
}

static struct buf wide(void)
{
    cmsToneCurve *gamma = cmsBuildGamma(NULL, 2.2), *curves[3] = {gamma, gamma, gamma};
    struct buf out = saved(cmsCreateRGBProfile(&d65, &p3, curves));

    cmsFreeToneCurve(gamma);
    return out;
}

static struct buf gray(void)
{
    cmsToneCurve *gamma = cmsBuildGamma(NULL, 2.2);
    struct buf out = saved(cmsCreateGrayProfile(cmsD50_xyY(), gamma));

    cmsFreeToneCurve(gamma);
    return out;
}

/* A profile that has no more than its header, of that space. */
static struct buf bare(cmsColorSpaceSignature space)
{
    cmsHPROFILE profile = cmsCreateProfilePlaceholder(NULL);

    SUPPORT_MUST(profile != NULL);
    cmsSetProfileVersion(profile, 4.3);
    cmsSetDeviceClass(profile, cmsSigOutputClass);
    cmsSetColorSpace(profile, space);
    cmsSetPCS(profile, cmsSigLabData);
    return saved(profile);
}

/* Colours of all sorts, each with an alpha of its own. */
static struct raster colours(void)
{
    struct raster raster;
    unsigned seed = 1;

    SUPPORT_MUST(raster_new(64, 16, &raster) == VT_OK);
    for (size_t i = 0; i < (size_t)64 * 16 * RASTER_PIXEL; i++) {
        seed = seed * 1103515245u + 12345;
        raster.pixels[i] = (uint8_t)(seed >> 16);
    }
    return raster;
}

/* The profile is refused, and the picture is as it was. */
static void check_refused(const void *profile, size_t len, bool is_rgb)
{
    struct raster raster = colours(), before = colours();

    ck_assert_int_eq(image_color_is_rgb(profile, len), is_rgb);
    ck_assert_int_eq(image_color_convert(&raster, profile, len), VT_ERR_INVALID_IMAGE);
    ck_assert_mem_eq(raster.pixels, before.pixels, (size_t)64 * 16 * RASTER_PIXEL);
    raster_free(&raster);
    raster_free(&before);
}

START_TEST(a_wide_space_becomes_srgb_as_lcms_says)
{
    struct buf profile = wide();
    cmsHPROFILE from = cmsOpenProfileFromMem(profile.data, (cmsUInt32Number)profile.len);
    cmsHPROFILE to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM exact = cmsCreateTransform(from, TYPE_RGB_DBL, to, TYPE_RGB_DBL,
                                             INTENT_PERCEPTUAL, cmsFLAGS_NOOPTIMIZE);
    struct raster raster = colours(), before = colours();
    unsigned changed = 0;

    ck_assert(image_color_is_rgb(profile.data, profile.len));
    ck_assert_int_eq(image_color_convert(&raster, profile.data, profile.len), VT_OK);
    for (size_t i = 0; i < (size_t)64 * 16; i++) {
        const uint8_t *was = before.pixels + i * RASTER_PIXEL;
        const uint8_t *is = raster.pixels + i * RASTER_PIXEL;
        double colour[3] = {was[0] / 255.0, was[1] / 255.0, was[2] / 255.0}, want[3];

        cmsDoTransform(exact, colour, want, 1);
        for (int c = 0; c < 3; c++) {
            double clipped = want[c] < 0 ? 0 : want[c] > 1 ? 255 : want[c] * 255;

            ck_assert_double_eq_tol(is[c], clipped, 1.5);
        }
        ck_assert_uint_eq(is[3], was[3]);
        changed += memcmp(was, is, 3) != 0;
    }
    ck_assert_uint_ge(changed, 900); /* of 1024 */
    cmsDeleteTransform(exact);
    cmsCloseProfile(from);
    cmsCloseProfile(to);
    raster_free(&raster);
    raster_free(&before);
    buf_free(&profile);
}
END_TEST

START_TEST(srgbs_own_profile_changes_next_to_nothing)
{
    struct raster raster = colours(), before = colours();
    struct buf profile = saved(cmsCreate_sRGBProfile());

    ck_assert(image_color_is_rgb(profile.data, profile.len));
    ck_assert_int_eq(image_color_convert(&raster, profile.data, profile.len), VT_OK);
    for (size_t i = 0; i < (size_t)64 * 16 * RASTER_PIXEL; i++)
        ck_assert_int_le(abs(raster.pixels[i] - before.pixels[i]), 1);
    raster_free(&raster);
    raster_free(&before);
    buf_free(&profile);
}
END_TEST

START_TEST(profiles_of_other_spaces_are_refused)
{
    static const cmsColorSpaceSignature spaces[] = {
        cmsSigCmykData, cmsSigGrayData, cmsSigLabData, cmsSigXYZData, cmsSigHsvData,
    };
    struct buf profile;

    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        profile = bare(spaces[i]);
        check_refused(profile.data, profile.len, false);
        buf_free(&profile);
    }
}
END_TEST

/* The other channels count for nothing, and alpha stays. */
START_TEST(gray_becomes_srgb)
{
    struct buf profile = gray();
    struct raster raster = colours(), before = colours();

    ck_assert(image_color_is_gray(profile.data, profile.len));
    ck_assert(!image_color_is_rgb(profile.data, profile.len));
    ck_assert_int_eq(image_color_convert(&raster, profile.data, profile.len), VT_OK);
    for (size_t i = 0; i < (size_t)64 * 16; i++) {
        const uint8_t *was = before.pixels + i * RASTER_PIXEL;
        const uint8_t *is = raster.pixels + i * RASTER_PIXEL;

        ck_assert_int_le(abs(is[0] - is[1]) + abs(is[0] - is[2]), 2);
        ck_assert_uint_eq(is[3], was[3]);
        if (i > 0 && was[0] > was[-RASTER_PIXEL])
            ck_assert_uint_ge(is[0], is[-RASTER_PIXEL]);
    }
    raster_free(&raster);
    raster_free(&before);
    buf_free(&profile);
}
END_TEST

/* It says that it is one of RGB, and has nothing to convert by. */
START_TEST(a_profile_without_content_is_refused)
{
    struct buf profile = bare(cmsSigRgbData);

    check_refused(profile.data, profile.len, true);
    buf_free(&profile);
}
END_TEST

/* A profile with one stage, named count times. */
static struct buf staged(unsigned count)
{
    struct buf out = BUF_INIT, tag = BUF_INIT;
    unsigned place = 16 + 8 * count;

    forged_big(&out, 4, 0);
    PUT(&out, "lcms\4\x30\0\0mntrRGB XYZ ");
    while (out.len < 36)
        PUT(&out, "\0");
    PUT(&out, "acsp");
    while (out.len < 128)
        PUT(&out, "\0");
    PUT(&tag, "mpet\0\0\0\0\0\3\0\3");
    forged_big(&tag, 4, count);
    for (unsigned i = 0; i < count; i++) {
        forged_big(&tag, 4, place);
        forged_big(&tag, 4, 60);
    }
    PUT(&tag, "matf\0\0\0\0\0\3\0\3");
    for (int i = 0; i < 12; i++)
        forged_big(&tag, 4, i < 9 && i % 4 == 0 ? 0x3f800000 : 0);
    PUT(&out, "\0\0\0\1D2B0\0\0\0\x90");
    forged_big(&out, 4, tag.len);
    buf_append(&out, tag.data, tag.len);
    SUPPORT_MUST(buf_ok(&out) && out.len == 144 + tag.len);
    buf_free(&tag);
    return out;
}

START_TEST(a_profile_that_computes_too_much_is_not_read)
{
    static const unsigned counts[] = {3, 16, 17, 3000};
    struct buf profile = staged(1), large = wide();

    ck_assert(image_icc_is_bounded(profile.data, profile.len));
    buf_free(&profile);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        profile = staged(counts[i]);
        ck_assert(!image_icc_is_bounded(profile.data, profile.len));
        check_refused(profile.data, profile.len, false);
        buf_free(&profile);
    }
    while (large.len <= 4 << 20)
        forged_big(&large, 8, 0);
    check_refused(large.data, large.len, false);
    buf_free(&large);
}
END_TEST

START_TEST(tables_lie_within_their_tags)
{
    static const struct {
        const char *tag;
        size_t len;
        bool sound;
    } tags[] = {
        {BYTES("curv\0\0\0\0\0\0\0\2\0\0\xff\xff"), true},
        {BYTES("curv\0\0\0\0\0\0\0\3\0\0\xff\xff"), false},
        {BYTES("curv\0\0\0\0\xff\xff\xff\xff\0\0\xff\xff"), false},
        {BYTES("para\0\0\0\0\0\0\0\0\0\1\0\0"), true},
        {BYTES("para\0\0\0\0\0\5\0\0\0\1\0\0"), false},
        {BYTES("para\0\0\0\0\0\4\0\0\0\1\0\0"), false},
        {BYTES("mft1\0\0\0\0\3\3\xff\0"), false},
        {BYTES("mAB \0\0\0\0\x0f\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), false},
        {BYTES("mAB \0\0\0\0\3\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), true},
        {BYTES("mAB \0\0\0\0\3\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0"), false},
        {BYTES("text\0\0\0\0any"), true},
        {BYTES("te"), false},
    };

    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        struct buf profile = staged(1);

        profile.len = 136; /* from the tag's place on */
        forged_big(&profile, 4, 144);
        forged_big(&profile, 4, tags[i].len);
        buf_append(&profile, tags[i].tag, tags[i].len);
        ck_assert_msg(image_icc_is_bounded(profile.data, profile.len) == tags[i].sound, "tag %zu",
                      i);
        buf_free(&profile);
    }
}
END_TEST

START_TEST(garbage_is_refused)
{
    char garbage[1000];

    for (unsigned i = 0; i < sizeof garbage; i++)
        garbage[i] = (char)(i * i >> 3);
    check_refused(garbage, sizeof garbage, false);
    check_refused(garbage, 1, false);
    check_refused("", 0, false);
}
END_TEST

/* Cut off anywhere, it is refused or, behind the last tag that matters, followed. */
START_TEST(a_profile_that_is_cut_off_does_no_harm)
{
    struct buf profile = wide();

    for (size_t len = 0; len < profile.len; len++) {
        struct raster raster = colours(), before = colours();
        char *copy = malloc(len + 1);
        enum vt_error err;

        SUPPORT_MUST(copy != NULL);
        memcpy(copy, profile.data, len);
        err = image_color_convert(&raster, copy, len);
        if (err != VT_OK) {
            ck_assert_int_eq(err, VT_ERR_INVALID_IMAGE);
            ck_assert_mem_eq(raster.pixels, before.pixels, (size_t)64 * 16 * RASTER_PIXEL);
        }
        free(copy);
        raster_free(&raster);
        raster_free(&before);
    }
    buf_free(&profile);
}
END_TEST

START_TEST(any_byte_of_a_profile_may_be_any_other)
{
    struct buf profile = wide();

    for (size_t at = 0; at < profile.len; at++) {
        struct raster raster = colours();
        char was = profile.data[at];
        enum vt_error err;

        profile.data[at] = (char)(was ^ (_i == 0 ? 1 : _i == 1 ? 0x80 : 0xff));
        err = image_color_convert(&raster, profile.data, profile.len);
        ck_assert(err == VT_OK || err == VT_ERR_INVALID_IMAGE);
        profile.data[at] = was;
        raster_free(&raster);
    }
    buf_free(&profile);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_color");
    TCase *all = tcase_create("all");

    tcase_add_test(all, a_wide_space_becomes_srgb_as_lcms_says);
    tcase_add_test(all, srgbs_own_profile_changes_next_to_nothing);
    tcase_add_test(all, profiles_of_other_spaces_are_refused);
    tcase_add_test(all, gray_becomes_srgb);
    tcase_add_test(all, a_profile_without_content_is_refused);
    tcase_add_test(all, a_profile_that_computes_too_much_is_not_read);
    tcase_add_test(all, tables_lie_within_their_tags);
    tcase_add_test(all, garbage_is_refused);
    tcase_add_test(all, a_profile_that_is_cut_off_does_no_harm);
    tcase_add_loop_test(all, any_byte_of_a_profile_may_be_any_other, 0, 3);
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, all);
    return suite;
}
