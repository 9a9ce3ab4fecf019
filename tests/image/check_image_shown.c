/* Pictures as browsers show them: colours, size and place. What is expected of a type that Chromium
 * shows was measured in Chromium 156; the pictures are the ones of codec.h. */
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "../support/codec.h"
#include "../support/engine.h"
#include "../support/forged.h"
#include "../support/profile.h"
#include "image/encode.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))
#define SIZE .width = 64, .height = 48

/* The middle of each quarter, 0xRRGGBB. */
static void expect_quarters(const struct buf *file, const unsigned quarters[4], int tolerance)
{
    struct pixels pixels;

    support_engine_pixels(file, &pixels);
    for (unsigned i = 0; i < 4; i++) {
        const unsigned char *pixel = support_pixel(&pixels, pixels.width * (i % 2 * 2 + 1) / 4,
                                                   pixels.height * (i / 2 * 2 + 1) / 4);

        for (unsigned c = 0; c < 3; c++) {
            int want = (int)(quarters[i] >> (16 - 8 * c) & 255);

            ck_assert_msg(abs(pixel[c] - want) <= tolerance, "quarter %u, channel %u: %u, not %d",
                          i, c, pixel[c], want);
        }
        ck_assert_uint_eq(pixel[3], 255);
    }
    free(pixels.data);
}

static const unsigned plain[4] = {0xff0000, 0x00ff00, 0x0000ff, 0xffffff};
static const unsigned swapped[4] = {0x00ff00, 0xff0000, 0x0000ff, 0xffffff};
static const unsigned rotated[4] = {0x00ff00, 0x0000ff, 0xff0000, 0xffffff};
static const unsigned grey[4] = {0x000000, 0x555555, 0xaaaaaa, 0xffffff};
static const unsigned light[4] = {0x000000, 0x9c9c9c, 0xd5d5d5, 0xffffff};

/* ---- profiles ---- */

enum profile { NO_PROFILE, OF_RGB, OF_GRAY, OF_CMYK };

/* Red and green change places. */
static cmsHPROFILE make_rgb(void)
{
    const cmsCIExyY white = {0.3127, 0.3290, 1};
    const cmsCIExyYTRIPLE primaries = {{0.30, 0.60, 1}, {0.64, 0.33, 1}, {0.15, 0.06, 1}};
    cmsToneCurve *gamma = cmsBuildGamma(NULL, 2.2), *curves[3] = {gamma, gamma, gamma};
    cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);

    cmsFreeToneCurve(gamma);
    return profile;
}

/* Samples are light, so that all but black and white get lighter. */
static cmsHPROFILE make_gray(void)
{
    cmsToneCurve *gamma = cmsBuildGamma(NULL, 1);
    cmsHPROFILE profile = cmsCreateGrayProfile(cmsD50_xyY(), gamma);

    cmsFreeToneCurve(gamma);
    return profile;
}

/* Cyan takes away green, magenta blue, and yellow red. */
static cmsInt32Number mix_inks(const cmsUInt16Number inks[], cmsUInt16Number lab[], void *to_lab)
{
    cmsUInt16Number rgb[3];

    for (int i = 0; i < 3; i++)
        rgb[i] = (cmsUInt16Number)((65535u - inks[(i + 2) % 3]) * (65535.0 - inks[3]) / 65535);
    cmsDoTransform(to_lab, rgb, lab, 1);
    return 1;
}

static cmsHPROFILE make_cmyk(void)
{
    cmsHPROFILE profile = cmsCreateProfilePlaceholder(NULL), srgb = cmsCreate_sRGBProfile();
    cmsHPROFILE lab = cmsCreateLab2Profile(NULL);
    cmsHTRANSFORM to_lab =
        cmsCreateTransform(srgb, TYPE_RGB_16, lab, TYPE_Lab_16, INTENT_PERCEPTUAL, 0);
    cmsPipeline *pipeline = cmsPipelineAlloc(NULL, 4, 3);
    cmsStage *table = cmsStageAllocCLut16bit(NULL, 5, 4, 3, NULL);

    ck_assert(cmsStageSampleCLut16bit(table, mix_inks, to_lab, 0));
    ck_assert(cmsPipelineInsertStage(pipeline, cmsAT_END, table));
    cmsSetProfileVersion(profile, 2.1);
    cmsSetDeviceClass(profile, cmsSigOutputClass);
    cmsSetColorSpace(profile, cmsSigCmykData);
    cmsSetPCS(profile, cmsSigLabData);
    ck_assert(cmsWriteTag(profile, cmsSigAToB0Tag, pipeline));
    cmsPipelineFree(pipeline);
    cmsDeleteTransform(to_lab);
    cmsCloseProfile(lab);
    cmsCloseProfile(srgb);
    return profile;
}

/* NULL for none. The content is static. */
static const struct buf *make_profile(enum profile kind)
{
    static struct buf made;
    cmsHPROFILE profile;

    if (kind == NO_PROFILE)
        return NULL;
    profile = kind == OF_RGB ? make_rgb() : kind == OF_GRAY ? make_gray() : make_cmyk();
    buf_free(&made);
    support_profile(profile, &made);
    cmsCloseProfile(profile);
    return &made;
}

/* A PNG's chunk of a profile; the encoder writes none that does not fit. */
static void put_icc(const struct buf *profile, struct buf *out)
{
    uLongf len = compressBound(profile->len);
    char *data = malloc(3 + len);

    ck_assert_ptr_nonnull(data);
    memcpy(data, "p\0\0", 3); /* its name and its compression */
    ck_assert_int_eq(compress((Bytef *)data + 3, &len, (const Bytef *)profile->data, profile->len),
                     Z_OK);
    codec_png_chunk(out, "iCCP", data, 3 + len);
    free(data);
}

/* An entry of a TIFF's directory whose value is one number, or lies elsewhere. */
static void put_entry(struct buf *out, unsigned tag, unsigned type, size_t count, size_t value)
{
    forged_little(out, 2, tag);
    forged_little(out, 2, type);
    forged_little(out, 4, count);
    forged_little(out, 4, value);
}

/* The quarters without compression: gray, RGB or, with as many samples, CMYK. */
static void make_tiff(unsigned samples, const struct buf *profile, struct buf *out)
{
    enum { SHORT = 3, LONG = 4, UNDEFINED = 7, ENTRIES = 11 };
    size_t pixels = 8 + 2 + ENTRIES * 12 + 4, depths = pixels + (size_t)64 * 48 * samples;
    size_t icc = depths + 8;

    *out = BUF_INIT;
    PUT(out, "II*\0\x08\0\0\0");
    forged_little(out, 2, profile != NULL ? ENTRIES : ENTRIES - 1);
    put_entry(out, 256, LONG, 1, 64);
    put_entry(out, 257, LONG, 1, 48);
    put_entry(out, 258, SHORT, samples, samples == 1 ? 8 : depths);
    put_entry(out, 259, SHORT, 1, 1);
    put_entry(out, 262, SHORT, 1, samples == 1 ? 1 : samples == 3 ? 2 : 5);
    put_entry(out, 273, LONG, 1, pixels);
    put_entry(out, 277, SHORT, 1, samples);
    put_entry(out, 278, LONG, 1, 48);
    put_entry(out, 279, LONG, 1, depths - pixels);
    put_entry(out, 284, SHORT, 1, 1);
    if (profile != NULL)
        put_entry(out, 34675, UNDEFINED, profile->len, icc);
    forged_little(out, 4, 0);
    while (out->len < pixels)
        forged_little(out, 1, 0);
    for (unsigned i = 0; i < 64 * 48; i++) {
        unsigned quarter = (i / 64 >= 24 ? 2u : 0u) + (i % 64 >= 32 ? 1u : 0u);
        unsigned color = samples == 1 ? codec_grey(quarter, 8) : codec_color(quarter);

        for (unsigned c = 0; c < samples; c++) {
            unsigned sample = c == 3 ? 255 : color >> (16 - 8 * c) & 255;

            forged_little(out, 1, samples == 4 ? 255 - sample : sample);
        }
    }
    for (int i = 0; i < 4; i++)
        forged_little(out, 2, 8);
    if (profile != NULL)
        buf_append(out, profile->data, profile->len);
    ck_assert(buf_ok(out));
}

enum kind {
    JPEG_RGB,
    JPEG_GRAY,
    JPEG_CMYK,
    JPEG_YCCK,
    PNG_RGB,
    PNG_GRAY,
    PNG_PALETTE,
    WEBP,
    GIF,
    TIFF_RGB,
    TIFF_GRAY,
    TIFF_CMYK
};

static void make(enum kind kind, const struct buf *profile, struct buf *out)
{
    struct buf chunk = BUF_INIT;
    const struct codec_jpeg jpeg = {SIZE, .grey = kind == JPEG_GRAY, .profile = profile,
                                    .inks = kind == JPEG_CMYK   ? CODEC_CMYK
                                            : kind == JPEG_YCCK ? CODEC_YCCK
                                                                : CODEC_RGB};
    const struct codec_png png = {SIZE,
                                  kind == PNG_GRAY      ? PNG_COLOR_TYPE_GRAY
                                  : kind == PNG_PALETTE ? PNG_COLOR_TYPE_PALETTE
                                                        : PNG_COLOR_TYPE_RGB,
                                  8, .chunks = &chunk};

    if (profile != NULL)
        put_icc(profile, &chunk);
    if (kind <= JPEG_YCCK)
        codec_jpeg(&jpeg, out);
    else if (kind <= PNG_PALETTE)
        codec_png(&png, out);
    else if (kind == WEBP)
        codec_webp(&(struct codec_webp){SIZE, true, false, profile, 0}, out);
    else if (kind == GIF)
        codec_gif(&(struct codec_gif){64, 48, 0, 0, 64, 48, profile}, out);
    else
        make_tiff(kind == TIFF_RGB ? 3 : kind == TIFF_GRAY ? 1 : 4, profile, out);
    buf_free(&chunk);
}

static const struct {
    enum kind kind;
    enum profile profile;
    const unsigned *look;
} fits[] = {
    {JPEG_RGB, NO_PROFILE, plain},  {JPEG_RGB, OF_RGB, swapped},    {JPEG_RGB, OF_GRAY, plain},
    {JPEG_RGB, OF_CMYK, plain},     {JPEG_GRAY, NO_PROFILE, grey},  {JPEG_GRAY, OF_GRAY, light},
    {JPEG_GRAY, OF_RGB, grey},      {JPEG_GRAY, OF_CMYK, grey},     {JPEG_CMYK, NO_PROFILE, plain},
    {JPEG_CMYK, OF_CMYK, rotated},  {JPEG_CMYK, OF_RGB, plain},     {JPEG_CMYK, OF_GRAY, plain},
    {JPEG_YCCK, NO_PROFILE, plain}, {JPEG_YCCK, OF_CMYK, rotated},  {JPEG_YCCK, OF_RGB, plain},
    {PNG_RGB, OF_RGB, swapped},     {PNG_RGB, OF_GRAY, plain},      {PNG_RGB, OF_CMYK, plain},
    {PNG_GRAY, OF_GRAY, light},     {PNG_GRAY, OF_RGB, grey},       {PNG_GRAY, OF_CMYK, grey},
    {PNG_PALETTE, OF_RGB, swapped}, {PNG_PALETTE, OF_GRAY, plain},  {WEBP, OF_RGB, swapped},
    {WEBP, OF_GRAY, plain},         {WEBP, OF_CMYK, plain},         {GIF, OF_RGB, plain},
    {GIF, OF_CMYK, plain},          {TIFF_RGB, NO_PROFILE, plain},  {TIFF_RGB, OF_RGB, swapped},
    {TIFF_RGB, OF_CMYK, plain},     {TIFF_RGB, OF_GRAY, plain},     {TIFF_GRAY, OF_GRAY, light},
    {TIFF_GRAY, OF_CMYK, grey},     {TIFF_CMYK, NO_PROFILE, plain}, {TIFF_CMYK, OF_CMYK, rotated},
    {TIFF_CMYK, OF_RGB, plain},
};

START_TEST(a_profile_counts_if_it_fits_the_pixels)
{
    struct buf file;

    make(fits[_i].kind, make_profile(fits[_i].profile), &file);
    /* The profile of CMYK is coarse. */
    expect_quarters(&file, fits[_i].look, fits[_i].look == rotated ? 20 : 6);
    buf_free(&file);
}
END_TEST

/* ---- JPEG ---- */

/* Chromium takes the samples for light in either case. */
START_TEST(cmyk_is_no_negative_with_or_without_adobes_marker)
{
    const struct codec_jpeg jpeg = {SIZE, .inks = CODEC_CMYK, .bare = _i % 2 == 1,
                                    .progressive = _i >= 2};
    struct buf file;

    codec_jpeg(&jpeg, &file);
    ck_assert_int_eq(memmem(file.data, file.len, "Adobe", 5) == NULL, _i % 2 == 1);
    expect_quarters(&file, plain, 4);
    buf_free(&file);
}
END_TEST

/* 1 and 2 are known; of others, the library warns, and takes the usual transform. */
START_TEST(a_jpeg_may_have_an_unknown_transform)
{
    static const char markers[] = "\xff\xee\0\x0e"
                                  "Adobe\0\x64\0\0\0\0\x02";
    static const unsigned char transforms[] = {1, 2, 9};
    struct buf file, with = BUF_INIT;
    char *marker;

    codec_jpeg(&(struct codec_jpeg){SIZE, .bare = true}, &file);
    buf_append(&with, file.data, 2);
    buf_append(&with, markers, 16);
    buf_append(&with, file.data + 2, file.len - 2);
    marker = with.data + 2 + 15;
    *marker = (char)transforms[_i];
    expect_quarters(&with, plain, 4);
    buf_free(&with);
    buf_free(&file);
    codec_jpeg(&(struct codec_jpeg){SIZE, .inks = CODEC_YCCK}, &file);
    marker = memmem(file.data, file.len, "Adobe", 5);
    ck_assert_ptr_nonnull(marker);
    marker[11] = (char)transforms[_i];
    expect_quarters(&file, plain, 4);
    buf_free(&file);
}
END_TEST

/* ---- PNG ---- */

struct chunk {
    const char *name, *data;
    size_t len;
};

#define GAMA(value)                                                                                \
    {                                                                                              \
        "gAMA", value, 4                                                                           \
    }
#define CICP(value)                                                                                \
    {                                                                                              \
        "cICP", value, 4                                                                           \
    }
#define SRGB                                                                                       \
    {                                                                                              \
        "sRGB", "\0", 1                                                                            \
    }
#define ICC                                                                                        \
    {                                                                                              \
        "iCCP", NULL, 0                                                                            \
    } /* the one of gray, in which samples are light */
/* white, and red and green that have changed places */
#define CHRM                                                                                       \
    {                                                                                              \
        "cHRM",                                                                                    \
            "\0\0\x7a\x26\0\0\x80\x84\0\0\x75\x30\0\0\xea\x60\0\0\xfa\0\0\0\x80\xe8\0\0\x3a\x98\0" \
            "\0"                                                                                   \
            "\x17\x70",                                                                            \
            32                                                                                     \
    }

/* The second and third grey, of 85 and 170. */
static const struct {
    struct chunk chunks[2];
    unsigned dark, bright;
} gammas[] = {
    {{GAMA("\0\1\x86\xa0")}, 156, 213},                      /* 1 */
    {{GAMA("\0\1\x11\x70")}, 126, 197},                      /* 0.7 */
    {{GAMA("\0\0\xb1\x8f")}, 85, 170},                       /* 0.45455 */
    {{GAMA("\0\0\xab\xe0")}, 85, 170},                       /* 0.44 */
    {{GAMA("\0\0\xa7\xf8")}, 79, 168},                       /* 0.43 */
    {{GAMA("\0\0\0\0")}, 85, 170},                           /* 0 */
    {{GAMA("\0\0\0\1")}, 85, 170},                           /* 0.00001: ignored (not measured) */
    {{GAMA("\xff\xff\xff\xff")}, 85, 170},                   /* 43000: ignored (not measured) */
    {{GAMA("\0\1\x86\xa0"), SRGB}, 85, 170},                 /* sRGB before gAMA */
    {{CICP("\x01\x0d\0\1"), GAMA("\0\1\x86\xa0")}, 85, 170}, /* cICP before gAMA */
    {{CICP("\x01\x08\0\1"), SRGB}, 156, 213},                /* and before sRGB */
    {{CICP("\x01\x0d\0\1"), ICC}, 85, 170},                  /* and before iCCP */
    {{GAMA("\0\0\xb1\x8f"), ICC}, 156, 213},                 /* iCCP before gAMA */
    {{SRGB, ICC}, 156, 213},                                 /* and before sRGB */
    {{CICP("\x01\x01\0\1")}, 76, 165},                       /* BT.709 */
    {{CICP("\x01\x04\0\1")}, 84, 171},
    {{CICP("\x01\x05\0\1")}, 61, 154},
    {{CICP("\x01\x08\0\0"), GAMA("\0\1\x86\xa0")}, 156, 213}, /* not of full range: ignored */
    {{CICP("\x02\x02\0\1"), GAMA("\0\1\x86\xa0")}, 156, 213}, /* unknown: ignored */
};

static void put_chunks(const struct chunk chunks[2], struct buf *out)
{
    for (int i = 0; i < 2 && chunks[i].name != NULL; i++) {
        if (chunks[i].data == NULL)
            put_icc(make_profile(OF_GRAY), out);
        else
            codec_png_chunk(out, chunks[i].name, chunks[i].data, chunks[i].len);
    }
}

START_TEST(a_png_says_what_its_samples_mean)
{
    static const unsigned depths[] = {8, 16, 8, 16};
    unsigned dark = gammas[_i / 4].dark, bright = gammas[_i / 4].bright;
    const unsigned want[4] = {0, dark * 0x010101, bright * 0x010101, 0xffffff};
    struct buf chunks = BUF_INIT, file;

    put_chunks(gammas[_i / 4].chunks, &chunks);
    codec_png(&(struct codec_png){SIZE, PNG_COLOR_TYPE_GRAY, depths[_i % 4],
                                  .interlaced = _i % 4 >= 2, .chunks = &chunks},
              &file);
    expect_quarters(&file, want, 2);
    buf_free(&chunks);
    buf_free(&file);
}
END_TEST

static const struct {
    struct chunk chunks[2];
    const unsigned *look;
} primaries[] = {
    {{CHRM, GAMA("\0\0\xb1\x8f")}, swapped},
    {{CHRM}, plain}, /* without a gamma, they are ignored */
    {{CHRM, SRGB}, plain},
    {{CICP("\x01\x0d\0\1"), CHRM}, plain},
};

START_TEST(a_png_says_what_its_primaries_are)
{
    struct buf chunks = BUF_INIT, file;

    put_chunks(primaries[_i].chunks, &chunks);
    codec_png(&(struct codec_png){SIZE, PNG_COLOR_TYPE_PALETTE, 2, .chunks = &chunks}, &file);
    expect_quarters(&file, primaries[_i].look, 2);
    buf_free(&chunks);
    buf_free(&file);
}
END_TEST

/* BT.2020's and Display P3's: what lies outside sRGB is clipped; white stays. */
START_TEST(a_png_of_a_wide_gamut_is_converted)
{
    static const char *const spaces[] = {"\x09\x0d\0\1", "\x0c\x0d\0\1"};
    const struct chunk chunk[2] = {CICP(spaces[_i])};
    struct buf chunks = BUF_INIT, file;

    put_chunks(chunk, &chunks);
    codec_png(&(struct codec_png){SIZE, PNG_COLOR_TYPE_RGB, 8, .chunks = &chunks}, &file);
    expect_quarters(&file, plain, 0);
    buf_free(&chunks);
    buf_free(&file);
}
END_TEST

START_TEST(a_png_of_a_space_that_cannot_exist_is_taken_as_it_is)
{
    /* x and y of white, red, green and blue; sRGB's are 31270 and 32900, and so on */
    static const unsigned impossible[][8] = {
        {0},
        {31270, 0, 64000, 33000, 30000, 60000, 15000, 6000},
        {0, 0, 64000, 33000, 30000, 60000, 15000, 6000},
        {31270, 32900, 64000, 0, 30000, 60000, 15000, 6000},
        {31270, 32900, UINT32_MAX, 33000, 30000, 60000, 15000, 6000},
        {31270, 32900, 64000, 33000, 64000, 33000, 15000, 6000},
    };
    const struct chunk chunk[2] = {GAMA("\0\1\x86\xa0")};
    struct buf chunks = BUF_INIT, file;
    char chrm[32];

    for (int i = 0; i < 32; i++)
        chrm[i] = (char)(impossible[_i][i / 4] >> (24 - 8 * (i % 4)) & 255);
    codec_png_chunk(&chunks, "cHRM", chrm, sizeof chrm);
    put_chunks(chunk, &chunks);
    codec_png(&(struct codec_png){SIZE, PNG_COLOR_TYPE_GRAY, 8, .chunks = &chunks}, &file);
    expect_quarters(&file, grey, 0);
    buf_free(&chunks);
    buf_free(&file);
}
END_TEST

START_TEST(a_gamma_with_a_wrong_checksum_is_ignored)
{
    const struct chunk chunk[2] = {GAMA("\0\1\x86\xa0")};
    struct buf chunks = BUF_INIT, file;

    put_chunks(chunk, &chunks);
    chunks.data[chunks.len - 1] ^= 1;
    codec_png(&(struct codec_png){SIZE, PNG_COLOR_TYPE_GRAY, 8, .chunks = &chunks}, &file);
    expect_quarters(&file, grey, 0);
    buf_free(&chunks);
    buf_free(&file);
}
END_TEST

/* Chunks whose names begin with a small letter may be ignored. */
START_TEST(a_png_with_an_unknown_chunk_that_matters_is_refused)
{
    static const char *const names[] = {"abCD", "ABCD"};
    struct buf chunks = BUF_INIT, file;
    struct image *image;

    codec_png_chunk(&chunks, names[_i], "x", 1);
    codec_png(&(struct codec_png){SIZE, PNG_COLOR_TYPE_GRAY, 8, .chunks = &chunks}, &file);
    ck_assert_int_eq(support_engine_decode(&file, &image, NULL),
                     _i == 0 ? VT_OK : VT_ERR_INVALID_IMAGE);
    image_free(image);
    buf_free(&chunks);
    buf_free(&file);
}
END_TEST

/* ---- thumbnails ---- */

START_TEST(the_thumbnail_of_a_tiny_palette_has_its_colours)
{
    struct buf file;

    codec_png(
        &(struct codec_png){.width = 8, .height = 8, .color = PNG_COLOR_TYPE_PALETTE, .depth = 2},
        &file);
    expect_quarters(&file, plain, 0);
    buf_free(&file);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_shown");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, a_profile_counts_if_it_fits_the_pixels, 0, COUNT(fits));
    tcase_add_loop_test(all, cmyk_is_no_negative_with_or_without_adobes_marker, 0, 4);
    tcase_add_loop_test(all, a_jpeg_may_have_an_unknown_transform, 0, 3);
    tcase_add_loop_test(all, a_png_says_what_its_samples_mean, 0, COUNT(gammas) * 4);
    tcase_add_loop_test(all, a_png_says_what_its_primaries_are, 0, COUNT(primaries));
    tcase_add_loop_test(all, a_png_of_a_wide_gamut_is_converted, 0, 2);
    tcase_add_loop_test(all, a_png_of_a_space_that_cannot_exist_is_taken_as_it_is, 0, 6);
    tcase_add_test(all, a_gamma_with_a_wrong_checksum_is_ignored);
    tcase_add_loop_test(all, a_png_with_an_unknown_chunk_that_matters_is_refused, 0, 2);
    tcase_add_test(all, the_thumbnail_of_a_tiny_palette_has_its_colours);
    tcase_add_checked_fixture(all, support_engine_start, support_engine_stop);
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, all);
    return suite;
}
