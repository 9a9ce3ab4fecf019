/* HDR in PNGs and what their chunks say of colours: expected is what Chromium 156 has shown of
 * these very pictures, drawn on a canvas. */
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "../support/codec.h"
#include "../support/engine.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))
#define PATCH 4 /* pixels of a side */
#define PATCHES 16
#define SIZE .width = PATCH * PATCHES, .height = PATCH

/* Chromium has tables where we compute, and eight bits are not as exact as sixteen. */
#define TOLERANCE 4

static const double patches[PATCHES][3] = {
    {0, 0, 0},       {.1, .1, .1},    {.25, .25, .25}, {.4, .4, .4}, {.5, .5, .5}, {.58, .58, .58},
    {.65, .65, .65}, {.75, .75, .75}, {.85, .85, .85}, {1, 1, 1},    {.6, .2, .2}, {.2, .6, .2},
    {.2, .2, .6},    {.75, .4, .1},   {.75, .75, .3},  {.3, .5, .7}};

static unsigned full = 255; /* a sample's greatest value */

/* Alpha grows from patch to patch. */
static void paint(unsigned x, unsigned y, uint16_t pixel[4])
{
    (void)y;
    for (unsigned c = 0; c < 3; c++)
        pixel[c] = (uint16_t)(patches[x / PATCH % PATCHES][c] * full + 0.5);
    pixel[3] = (uint16_t)(full * (x / PATCH % PATCHES + 1) / PATCHES);
}

/* Any picture: no two pixels near each other are equal. */
static void paint_noise(unsigned x, unsigned y, uint16_t pixel[4])
{
    for (unsigned c = 0; c < 4; c++)
        pixel[c] = (uint16_t)((x * 7919 + y * 104729 + c * 1299709) * 2654435761u >> 12 & full);
}

static void see_png(struct codec_png png, const struct buf *chunks, struct pixels *pixels)
{
    struct buf file;

    full = (1u << png.depth) - 1;
    png.chunks = chunks;
    codec_png(&png, &file);
    support_engine_pixels(&file, pixels);
    buf_free(&file);
}

static const unsigned char *patch_of(const struct pixels *pixels, unsigned patch)
{
    return support_pixel(pixels, patch * PATCH + PATCH / 2, PATCH / 2);
}

struct chunk {
    const char *name, *data;
    size_t len;
};

#define LIGHT(most) "cLLI", most "\0\0\0\0", 8
#define CLLI_0                                                                                     \
    {                                                                                              \
        LIGHT("\0\0\0\0")                                                                          \
    }
#define CLLI_100                                                                                   \
    {                                                                                              \
        LIGHT("\0\x0f\x42\x40")                                                                    \
    }
#define CLLI_400                                                                                   \
    {                                                                                              \
        LIGHT("\0\x3d\x09\0")                                                                      \
    }
#define CLLI_4000                                                                                  \
    {                                                                                              \
        LIGHT("\2\x62\x5a\0")                                                                      \
    }
#define MDCV_400                                                                                   \
    {                                                                                              \
        "mDCV",                                                                                    \
            "\x8a\x48\x39\x08\x21\x34\x9b\xaa\x19\x96\x08\xfc\x3d\x13\x40\x42"                     \
            "\0\x3d\x09\0"                                                                         \
            "\0\0\0\1",                                                                            \
            24                                                                                     \
    }

static const struct {
    const char *cicp;
    struct chunk more[2];
    unsigned shown[PATCHES]; /* 0xRRGGBB */
} spaces[] = {
    {"\x01\x10\x00\x01",
     {{NULL}}, /* PQ of BT.709 */
     {0x000000, 0x030303, 0x1e1e1e, 0x505050, 0x838383, 0xbbbbbb, 0xdedede, 0xffffff, 0xffffff,
      0xffffff, 0xcc1212, 0x12cb12, 0x1212cb, 0xff3c01, 0xffff1a, 0x2168f7}},
    {"\x01\x12\x00\x01",
     {{NULL}}, /* HLG of BT.709 */
     {0x000000, 0x090909, 0x2b2b2b, 0x4c4c4c, 0x636363, 0x787878, 0x8f8f8f, 0xbcbcbc, 0xdddddd,
      0xffffff, 0x712323, 0x277b27, 0x21216b, 0xab5110, 0xbaba43, 0x3c6397}},
    {"\x09\x10\x00\x01",
     {{NULL}}, /* PQ of BT.2020 */
     {0x000000, 0x030303, 0x1e1e1e, 0x505050, 0x838383, 0xbbbbbb, 0xdedede, 0xffffff, 0xffffff,
      0xffffff, 0xfa0000, 0x00d400, 0x0003d2, 0xff0000, 0xffff00, 0x0067fb}},
    {"\x09\x12\x00\x01",
     {{NULL}}, /* HLG of BT.2020 */
     {0x000000, 0x090909, 0x2b2b2b, 0x4c4c4c, 0x636363, 0x787878, 0x8f8f8f, 0xbcbcbc, 0xdddddd,
      0xffffff, 0x8d0020, 0x008109, 0x111f6f, 0xd23b00, 0xc0bb0d, 0x00659b}},
    {"\x0c\x10\x00\x01",
     {{NULL}}, /* PQ of Display P3 */
     {0x000000, 0x030303, 0x1e1e1e, 0x505050, 0x838383, 0xbbbbbb, 0xdedede, 0xffffff, 0xffffff,
      0xffffff, 0xdf0000, 0x00ce00, 0x1111d1, 0xff0000, 0xffff00, 0x0067fa}},
    {"\x0c\x12\x00\x01",
     {{NULL}}, /* HLG of Display P3 */
     {0x000000, 0x090909, 0x2b2b2b, 0x4c4c4c, 0x636363, 0x787878, 0x8f8f8f, 0xbcbcbc, 0xdddddd,
      0xffffff, 0x7b1b20, 0x007d13, 0x212170, 0xb94a00, 0xbaba1e, 0x2e649b}},
    {"\x16\x10\x00\x01",
     {{NULL}}, /* PQ of EBU 3213 */
     {0x000000, 0x030303, 0x1e1e1e, 0x505050, 0x838383, 0xbbbbbb, 0xdedede, 0xffffff, 0xffffff,
      0xffffff, 0xce240f, 0x00c710, 0x132ccb, 0xff4a00, 0xfffe14, 0x1e6ff7}},
    {"\x09\x10\x00\x01",
     {CLLI_100}, /* brightest of 100 cd/m2 */
     {0x000000, 0x050505, 0x2c2c2c, 0x6f6f6f, 0xb5b5b5, 0xffffff, 0xffffff, 0xffffff, 0xffffff,
      0xffffff, 0xff0000, 0x00ff00, 0x0007ff, 0xff0000, 0xffff00, 0x00baff}},
    {"\x09\x10\x00\x01",
     {CLLI_400}, /* 400 cd/m2 */
     {0x000000, 0x040404, 0x272727, 0x636363, 0xa1a1a1, 0xe5e5e5, 0xfeffff, 0xffffff, 0xffffff,
      0xffffff, 0xff0000, 0x00fe00, 0x0005fd, 0xff0000, 0xffff00, 0x006eff}},
    {"\x09\x10\x00\x01",
     {MDCV_400}, /* a display of 400 cd/m2 */
     {0x000000, 0x040404, 0x272727, 0x636363, 0xa1a1a1, 0xe5e5e5, 0xfeffff, 0xffffff, 0xffffff,
      0xffffff, 0xff0000, 0x00fe00, 0x0005fd, 0xff0000, 0xffff00, 0x006eff}},
    {"\x09\x10\x00\x01",
     {CLLI_4000, MDCV_400}, /* the picture counts, not its display */
     {0x000000, 0x030303, 0x1e1e1e, 0x505050, 0x838383, 0xbbbbbb, 0xcfcfcf, 0xe1e1e1, 0xf5f5f5,
      0xffffff, 0xf80000, 0x00d100, 0x0003d0, 0xff0000, 0xe8e200, 0x005ce2}},
    {"\x09\x10\x00\x01",
     {CLLI_0, MDCV_400}, /* which counts if the picture says nothing */
     {0x000000, 0x040404, 0x272727, 0x636363, 0xa1a1a1, 0xe5e5e5, 0xfeffff, 0xffffff, 0xffffff,
      0xffffff, 0xff0000, 0x00fe00, 0x0005fd, 0xff0000, 0xffff00, 0x006eff}},
    {"\x09\x12\x00\x01",
     {CLLI_400}, /* HLG, 400 cd/m2 */
     {0x000000, 0x0d0d0d, 0x363636, 0x5f5f5f, 0x7b7b7b, 0x949494, 0xb0b0b0, 0xe6e6e6, 0xfefefe,
      0xffffff, 0xae002a, 0x009f0e, 0x172989, 0xff4a00, 0xebe512, 0x007dbe}},
    {"\x09\x12\x00\x01",
     {CLLI_4000}, /* HLG, 4000 cd/m2 */
     {0x000000, 0x090909, 0x2b2b2b, 0x4c4c4c, 0x636363, 0x787878, 0x8f8f8f, 0xbcbcbc, 0xcecece,
      0xe1e1e1, 0x8d0020, 0x008109, 0x111f6f, 0xd23b00, 0xc0bb0d, 0x00659b}},
    {"\x09\x10\x00\x00",
     {{NULL}}, /* narrow range: ignored */
     {0x000000, 0x191919, 0x404040, 0x666666, 0x808080, 0x949494, 0xa6a6a6, 0xbfbfbf, 0xd9d9d9,
      0xffffff, 0x993333, 0x339933, 0x333399, 0xbf6619, 0xbfbf4c, 0x4c80b3}},
    {"\x02\x10\x00\x01",
     {{NULL}}, /* unknown primaries: ignored */
     {0x000000, 0x191919, 0x404040, 0x666666, 0x808080, 0x949494, 0xa6a6a6, 0xbfbfbf, 0xd9d9d9,
      0xffffff, 0x993333, 0x339933, 0x333399, 0xbf6619, 0xbfbf4c, 0x4c80b3}},
    {"\x09\x0d\x00\x01",
     {CLLI_400}, /* no HDR: light does not count */
     {0x000000, 0x191919, 0x404040, 0x666666, 0x808080, 0x949494, 0xa6a6a6, 0xbfbfbf, 0xd9d9d9,
      0xffffff, 0xbd002f, 0x00a10e, 0x1d31a0, 0xe55300, 0xc4c026, 0x0084b8}},
    {"\x09\x07\x00\x01",
     {{NULL}}, /* SMPTE 240M */
     {0x000000, 0x2c2c2c, 0x515151, 0x757575, 0x8d8d8d, 0x9f9f9f, 0xb0b0b0, 0xc6c6c6, 0xdddddd,
      0xffffff, 0xc82741, 0x00ac2e, 0x3643ab, 0xeb6501, 0xcbc744, 0x0091c1}},
};

static void put_chunks(int number, struct buf *chunks)
{
    const struct chunk *more = spaces[number].more;

    *chunks = BUF_INIT;
    codec_png_chunk(chunks, "cICP", spaces[number].cicp, 4);
    for (int i = 0; i < 2 && more[i].name != NULL; i++)
        codec_png_chunk(chunks, more[i].name, more[i].data, more[i].len);
}

START_TEST(a_png_has_the_colours_that_chromium_shows)
{
    const unsigned *shown = spaces[_i / 4].shown;
    struct buf chunks;
    struct pixels pixels;

    put_chunks(_i / 4, &chunks);
    see_png((struct codec_png){SIZE, PNG_COLOR_TYPE_RGB, _i % 2 == 0 ? 8 : 16,
                               .interlaced = _i % 4 >= 2, .paint = paint},
            &chunks, &pixels);
    for (unsigned i = 0; i < PATCHES; i++)
        for (unsigned c = 0; c < 3; c++) {
            int want = (int)(shown[i] >> (16 - 8 * c) & 255), is = patch_of(&pixels, i)[c];

            ck_assert_msg(abs(is - want) <= TOLERANCE, "patch %u, channel %u: %d, not %d", i, c, is,
                          want);
        }
    free(pixels.data);
    buf_free(&chunks);
}
END_TEST

/* A gray sample is that of all three colours, whatever the primaries. */
START_TEST(a_gray_png_of_hdr_is_mapped_as_its_greys_are)
{
    struct buf chunks;
    struct pixels pixels;

    put_chunks(2 + _i / 4, &chunks);
    see_png((struct codec_png){SIZE, _i % 4 < 2 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_GRAY_ALPHA,
                               _i % 2 == 0 ? 8 : 16, .paint = paint},
            &chunks, &pixels);
    for (unsigned i = 0; i < 10; i++)
        for (unsigned c = 0; c < 3; c++)
            ck_assert_int_le(
                abs(patch_of(&pixels, i)[c] - (int)(spaces[2 + _i / 4].shown[i] & 255)), TOLERANCE);
    free(pixels.data);
    buf_free(&chunks);
}
END_TEST

START_TEST(a_png_of_hdr_keeps_its_transparency)
{
    struct buf chunks;
    struct pixels pixels;

    put_chunks(2, &chunks);
    see_png((struct codec_png){SIZE, PNG_COLOR_TYPE_RGB_ALPHA, _i % 2 == 0 ? 8 : 16,
                               .interlaced = _i >= 2, .paint = paint},
            &chunks, &pixels);
    for (unsigned i = 0; i < PATCHES; i++)
        ck_assert_int_le(abs(patch_of(&pixels, i)[3] - (int)(255 * (i + 1) / PATCHES)), 1);
    free(pixels.data);
    buf_free(&chunks);
}
END_TEST

START_TEST(light_with_a_wrong_checksum_is_ignored)
{
    struct buf chunks = BUF_INIT;
    struct pixels pixels;

    codec_png_chunk(&chunks, "cICP", "\x09\x10\0\1", 4);
    codec_png_chunk(&chunks, LIGHT("\0\x3d\x09\0"));
    chunks.data[chunks.len - 1] ^= 1;
    see_png((struct codec_png){SIZE, PNG_COLOR_TYPE_RGB, 8, .paint = paint}, &chunks, &pixels);
    ck_assert_int_le(abs(patch_of(&pixels, 5)[0] - 187), TOLERANCE); /* with it, 229 */
    free(pixels.data);
    buf_free(&chunks);
}
END_TEST

/* Of the smallest ones, some of the seven passes are empty. */
START_TEST(an_interlaced_png_has_each_pixel_at_its_place)
{
    static const int types[] = {PNG_COLOR_TYPE_RGB_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_GRAY};
    const unsigned depth = _i % 2 == 0 ? 8 : 16;
    struct buf chunks;

    put_chunks(_i < 6 ? 2 : 13, &chunks); /* HDR, or sRGB */
    for (unsigned size = 0; size < 100; size++) {
        struct codec_png png = {1 + size % 10, 1 + size / 10, types[_i / 2 % 3], depth,
                                .paint = paint_noise};
        struct pixels whole, passes;

        see_png(png, &chunks, &whole);
        png.interlaced = true;
        see_png(png, &chunks, &passes);
        ck_assert_mem_eq(passes.data, whole.data, (size_t)png.width * png.height * 4);
        free(whole.data);
        free(passes.data);
    }
    buf_free(&chunks);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_png_space");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, support_engine_start, support_engine_stop);
    tcase_add_loop_test(all, a_png_has_the_colours_that_chromium_shows, 0, 4 * COUNT(spaces));
    tcase_add_loop_test(all, a_gray_png_of_hdr_is_mapped_as_its_greys_are, 0, 8);
    tcase_add_loop_test(all, a_png_of_hdr_keeps_its_transparency, 0, 4);
    tcase_add_test(all, light_with_a_wrong_checksum_is_ignored);
    tcase_add_loop_test(all, an_interlaced_png_has_each_pixel_at_its_place, 0, 12);
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, all);
    return suite;
}
