/* TIFFs of every kind, through libtiff: colours, channels, depths, places of pixels, faults. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "../support/engine.h"
#include "../support/forged.h"
#include "../support/profile.h"
#include "../support/tiff.h"
#include "base/reader.h"
#include "image/engine.h"
#include "image/memory.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const struct image_limits limits = {100 * 1000 * 1000, 65535, 1000};

static enum vt_error decode_raw(const struct buf *file, struct decoded *decoded,
                                struct vt_reason *why)
{
    struct image_header header;
    struct image_source source = {(const uint8_t *)file->data, file->len, &header, 640, {0, 0}};
    enum vt_error err = image_header_read(file->data, file->len, &header, why);

    *decoded = (struct decoded){.raster = RASTER_INIT};
    if (err == VT_OK)
        err = image_header_check(&header, &limits, why);
    if (err != VT_OK)
        return err;
    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &source.deadline), 0);
    source.deadline.tv_sec += 60;
    return image_engine_decode(support_engine, &source, decoded, why);
}

static void expect_pixel(const struct raster *raster, unsigned quarter, const int want[3],
                         int tolerance)
{
    uint32_t x = raster->width * (quarter % 2 * 2 + 1) / 4;
    uint32_t y = raster->height * (quarter / 2 * 2 + 1) / 4;
    const uint8_t *pixel = raster->pixels + ((size_t)y * raster->width + x) * RASTER_PIXEL;

    for (unsigned c = 0; c < 3; c++)
        ck_assert_msg(abs(pixel[c] - want[c]) <= tolerance, "quarter %u: %u %u %u, not %d %d %d",
                      quarter, pixel[0], pixel[1], pixel[2], want[0], want[1], want[2]);
}

static const int in_color[4][3] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}};
static const int in_gray[4][3] = {{76, 76, 76}, {150, 150, 150}, {29, 29, 29}, {255, 255, 255}};
static const int in_black[4][3] = {{0, 0, 0}, {255, 255, 255}, {0, 0, 0}, {255, 255, 255}};

/* Decodes the file and frees it; it shows the scene, and its right half is clear if alpha is true.
 */
static void expect_look(struct buf *file, const int look[4][3], bool alpha, int tolerance)
{
    struct decoded decoded;
    struct vt_reason why = {""};

    ck_assert_msg(decode_raw(file, &decoded, &why) == VT_OK, "%s", why.text);
    for (unsigned quarter = 0; quarter < 4; quarter++) {
        uint32_t x = decoded.raster.width * (quarter % 2 * 2 + 1) / 4;
        uint32_t y = decoded.raster.height * (quarter / 2 * 2 + 1) / 4;
        bool clear = alpha && quarter % 2 == 1;

        ck_assert_uint_eq(
            decoded.raster.pixels[((size_t)y * decoded.raster.width + x) * RASTER_PIXEL + 3],
            clear ? 0 : 255);
        if (!clear)
            expect_pixel(&decoded.raster, quarter, look[quarter], tolerance);
    }
    image_decode_free(&decoded);
    buf_free(file);
}

#undef OF /* zlib's, for compilers without prototypes */
#define OF(kind) .has_photometric = true, .photometric = PHOTOMETRIC_##kind

static const struct {
    struct tiff_picture picture;
    const int (*look)[3];
    int tolerance;
} kinds[] = {
    {{.bits = 8}, in_color, 0},
    {{.bits = 16}, in_color, 0},
    {{.bits = 16, .big_endian = true}, in_color, 0},
    {{.bits = 32}, in_color, 0},
    {{.bits = 12}, in_color, 0},
    {{.bits = 4}, in_color, 0},
    {{.bits = 32, .format = SAMPLEFORMAT_IEEEFP}, in_color, 0},
    {{.bits = 64, .format = SAMPLEFORMAT_IEEEFP, .compression = COMPRESSION_LZW}, in_color, 0},
    {{.big = true}, in_color, 0},
    {{.big = true, .big_endian = true, .tiled = true}, in_color, 0},
    {{.separate = true}, in_color, 0},
    {{.separate = true, .bits = 16, .compression = COMPRESSION_ADOBE_DEFLATE}, in_color, 0},
    {{.separate = true, .tiled = true}, in_color, 0},
    {{.tiled = true, .width = 70, .height = 50}, in_color, 0},
    {{.tiled = true, .whole = true}, in_color, 0},
    {{.whole = true, .compression = COMPRESSION_PACKBITS}, in_color, 0},
    {{.compression = COMPRESSION_JPEG, .rows = 16}, in_color, 8},
    {{.compression = COMPRESSION_JPEG, OF(YCBCR), .rows = 16}, in_color, 8},
    {{.compression = COMPRESSION_JPEG, OF(YCBCR), .tiled = true}, in_color, 8},
    {{.compression = COMPRESSION_JPEG, OF(SEPARATED), .tiled = true}, in_color, 8},
    {{OF(YCBCR)}, in_color, 4},
    {{OF(CIELAB)}, in_color, 100},
    {{OF(SEPARATED)}, in_color, 0},
    {{OF(SEPARATED), .bits = 16, .separate = true}, in_color, 0},
    {{OF(PALETTE)}, in_color, 0},
    {{OF(PALETTE), .bits = 2}, in_color, 0},
    {{OF(PALETTE), .bits = 4, .tiled = true}, in_color, 0},
    {{OF(MINISBLACK)}, in_gray, 1},
    {{OF(MINISBLACK), .bits = 16}, in_gray, 1},
    {{OF(MINISBLACK), .bits = 4}, in_gray, 9},
    {{OF(MINISBLACK), .bits = 1}, in_black, 0},
    {{OF(MINISWHITE), .bits = 1}, in_black, 0},
    {{OF(MINISWHITE), .bits = 1, .compression = COMPRESSION_CCITTFAX4}, in_black, 0},
    {{OF(MINISWHITE), .bits = 2}, in_gray, 43},
    {{OF(MINISWHITE), .bits = 4}, in_gray, 9},
    {{OF(MINISWHITE), .bits = 8}, in_gray, 1},
    {{OF(MINISWHITE), .bits = 16}, in_gray, 1},
};

START_TEST(a_tiff_of_any_kind_has_its_colours)
{
    struct buf file;

    support_tiff(&kinds[_i].picture, &file);
    expect_look(&file, kinds[_i].look, false, kinds[_i].tolerance);
}
END_TEST

static const struct tiff_picture transparent[] = {
    {.extra = EXTRASAMPLE_UNASSALPHA},
    {.extra = EXTRASAMPLE_ASSOCALPHA},
    {.extra = EXTRASAMPLE_ASSOCALPHA, .bits = 16, .separate = true},
    {.extra = EXTRASAMPLE_UNASSALPHA, .tiled = true},
    {.extra = EXTRASAMPLE_UNASSALPHA, OF(SEPARATED)},
};

START_TEST(transparency_is_kept_whether_it_is_associated_or_not)
{
    struct buf file;

    support_tiff(&transparent[_i], &file);
    expect_look(&file, in_color, true, 0);
}
END_TEST

START_TEST(associated_alpha_is_taken_out_of_the_colours)
{
    struct buf file;
    struct decoded decoded;
    struct vt_reason why = {""};
    char *pixel;

    support_tiff(&(struct tiff_picture){.extra = EXTRASAMPLE_ASSOCALPHA, .whole = true}, &file);
    pixel = memmem(file.data, file.len, "\xff\0\0\xff", 4); /* the first: red becomes half so */
    for (int i = 0; i < 64 * 48; i++, pixel += 4)
        memcpy(pixel, "\x80\0\x40\x80", 4);
    ck_assert_int_eq(decode_raw(&file, &decoded, &why), VT_OK);
    expect_pixel(&decoded.raster, 0, (const int[]){255, 0, 127}, 1);
    ck_assert_uint_eq(decoded.raster.pixels[3], 128);
    image_decode_free(&decoded);
    buf_free(&file);
}
END_TEST

START_TEST(a_palettes_index_is_not_divided_by_associated_alpha)
{
    const int blue[] = {0, 0, 255};
    struct buf file;
    struct decoded decoded;
    struct vt_reason why = {""};

    support_tiff(
        &(struct tiff_picture){OF(PALETTE), .extra = EXTRASAMPLE_ASSOCALPHA, .whole = true}, &file);
    for (size_t i = 8; i < 8 + 64 * 48 * 2; i += 2)
        memcpy(file.data + i, "\2\x80", 2); /* the pixels: the third colour, half clear */
    ck_assert_int_eq(decode_raw(&file, &decoded, &why), VT_OK);
    expect_pixel(&decoded.raster, 0, blue, 0);
    ck_assert_uint_eq(decoded.raster.pixels[3], 128);
    image_decode_free(&decoded);
    buf_free(&file);
}
END_TEST

/* A channel that is not said to be alpha is none. */
START_TEST(a_spare_channel_is_not_transparency)
{
    struct buf file;
    char *entry;

    support_tiff(&(struct tiff_picture){.extra = EXTRASAMPLE_UNASSALPHA}, &file);
    entry = memmem(file.data, file.len, "\x52\x01\x03\0\1\0\0\0\2", 9);
    ck_assert_ptr_nonnull(entry);
    entry[8] = 0;
    expect_look(&file, in_color, false, 0);
}
END_TEST

/* ---- JPEG as TIFF 6.0 had it, before the technical note that replaced it ---- */

static void entry_of(struct buf *out, uint32_t tag, uint32_t type, uint32_t count, uint64_t value)
{
    forged_little(out, 2, tag);
    forged_little(out, 2, type);
    forged_little(out, 4, count);
    forged_little(out, 4, value);
}

static void old_jpeg(struct buf *out)
{
    struct buf jpeg;
    uint32_t at;

    support_picture(&(struct picture){.coder = "JPEG"}, &jpeg);
    *out = BUF_INIT;
    PUT(out, "II*\0");
    at = 8 + 2 + 11 * 12 + 4;
    forged_little(out, 4, 8);
    forged_little(out, 2, 11);
    entry_of(out, 256, 3, 1, 64);
    entry_of(out, 257, 3, 1, 48);
    entry_of(out, 258, 3, 3, at);
    entry_of(out, 259, 3, 1, 6);
    entry_of(out, 262, 3, 1, 6);
    entry_of(out, 273, 4, 1, at + 8);
    entry_of(out, 277, 3, 1, 3);
    entry_of(out, 278, 3, 1, 48);
    entry_of(out, 279, 4, 1, jpeg.len);
    entry_of(out, 513, 4, 1, at + 8);
    entry_of(out, 514, 4, 1, jpeg.len);
    forged_little(out, 4, 0);
    PUT(out, "\x08\0\x08\0\x08\0\0\0");
    buf_append(out, jpeg.data, jpeg.len);
    buf_free(&jpeg);
}

START_TEST(an_old_style_jpeg_has_its_colours)
{
    struct buf file;

    old_jpeg(&file);
    expect_look(&file, in_color, false, 12);
}
END_TEST

/* ---- pages ---- */

START_TEST(the_first_page_that_is_no_preview_is_taken)
{
    static const struct {
        unsigned pages;
        bool preview;
        unsigned width;
    } files[] = {{2, false, 64}, {2, true, 64}, {3, true, 64}, {1, true, 32}};
    struct tiff_picture picture = {.pages = files[_i].pages, .preview = files[_i].preview};
    struct buf file;
    struct decoded decoded;
    struct vt_reason why = {""};

    support_tiff(&picture, &file);
    ck_assert_int_eq(decode_raw(&file, &decoded, &why), VT_OK);
    ck_assert_uint_eq(decoded.width, files[_i].width);
    image_decode_free(&decoded);
    expect_look(&file, in_color, false, 0);
}
END_TEST

/* ---- broken parts that do not matter ---- */

/* Appends a directory of that number of entries to a little-endian TIFF of one page, like its own
 * but with one more entry, and another offset of the next page. */
static void with_entry(struct buf *file, const char *extra, uint32_t next)
{
    size_t at = reader_little32((uint8_t *)file->data + 4);
    unsigned entries = reader_little16((uint8_t *)file->data + at);
    uint8_t *copy = malloc(entries * 12);
    struct buf head = BUF_INIT;

    SUPPORT_MUST(copy != NULL);
    memcpy(copy, file->data + at + 2, entries * 12);
    if (file->len % 2 != 0)
        PUT(file, "\0");
    forged_little(&head, 4, file->len);
    memcpy(file->data + 4, head.data, 4);
    forged_little(file, 2, entries + (extra != NULL ? 1 : 0));
    buf_append(file, (char *)copy, entries * 12);
    if (extra != NULL)
        buf_append(file, extra, 12);
    forged_little(file, 4, next);
    SUPPORT_MUST(buf_ok(file));
    buf_free(&head);
    free(copy);
}

static const char *const private_entries[] = {
    "\x69\x87\x04\0\1\0\0\0\xff\xff\xff\xff",         /* EXIF, nowhere */
    "\x73\x87\x07\0\xff\xff\xff\xff\xff\xff\xff\x7f", /* a profile of 4 GB */
    "\x34\x90\x00\0\x05\0\0\0\0\0\0\0",               /* a type that is none */
    "\xe8\xfd\x02\0\xff\xff\0\0\xf0\xff\xff\xff",     /* a text past the end */
};

START_TEST(a_broken_private_tag_does_not_matter)
{
    struct buf file;

    support_tiff(&(struct tiff_picture){.width = 64}, &file);
    with_entry(&file, private_entries[_i], 0);
    expect_look(&file, in_color, false, 0);
}
END_TEST

START_TEST(a_broken_offset_of_the_next_page_does_not_matter)
{
    static const uint32_t offsets[] = {0xffffffff, 0x7ffffff0, 9, 1000};
    struct buf file;

    support_tiff(&(struct tiff_picture){.width = 64}, &file);
    with_entry(&file, NULL, offsets[_i]);
    expect_look(&file, in_color, false, 0);
}
END_TEST

/* ---- what is not taken ---- */

static void expect_reason(struct buf *file, const char *words)
{
    struct decoded decoded;
    struct vt_reason why = {""};

    ck_assert_int_eq(decode_raw(file, &decoded, &why), VT_ERR_INVALID_IMAGE);
    ck_assert_msg(strstr(why.text, words) != NULL, "%s", why.text);
    image_decode_free(&decoded);
    buf_free(file);
}

/* Changes the value of an entry that is one SHORT. */
static void set_short(struct buf *file, unsigned tag, unsigned value)
{
    char head[8] = {(char)tag, (char)(tag >> 8), 3, 0, 1, 0, 0, 0};
    char *entry = memmem(file->data, file->len, head, 8);

    ck_assert_ptr_nonnull(entry);
    entry[8] = (char)value;
    entry[9] = (char)(value >> 8);
}

START_TEST(a_kind_that_is_not_taken_is_named)
{
    static const struct {
        unsigned tag, value;
        const char *words;
    } changes[] = {
        {259, 34712, "compression is number 34712"},
        {262, 9, "photometric interpretation is number 9"},
        {262, 10, "photometric interpretation is number 10"},
    };
    struct buf file;

    for (int i = 0; i < COUNT(changes); i++) {
        support_tiff(&(struct tiff_picture){.width = 64}, &file);
        set_short(&file, changes[i].tag, changes[i].value);
        expect_reason(&file, changes[i].words);
    }
}
END_TEST

START_TEST(damaged_pixels_are_refused)
{
    static const unsigned compressions[] = {COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE,
                                            COMPRESSION_JPEG};
    struct buf file;

    support_tiff(
        &(struct tiff_picture){.compression = compressions[_i], .noise = true, .whole = true},
        &file);
    memset(file.data + 1000, 0xff, 1500);
    expect_reason(&file, "its TIFF data does not decode");
}
END_TEST

/* A tile may be larger than the picture, but not a thousand times. */
START_TEST(a_tile_of_a_gigapixel_is_refused)
{
    struct buf file;

    support_tiff(&(struct tiff_picture){.tiled = true}, &file);
    set_short(&file, 322, 65520);
    set_short(&file, 323, 65520);
    expect_reason(&file, "its TIFF data does not decode");
}
END_TEST

/* 64 by 48 pixels in one tile of 2048 by 2048, Deflate: 64 MB. The number of channels is a BYTE,
 * which libtiff reads as the standard's SHORT. */
START_TEST(a_tile_of_more_memory_than_the_header_says_is_refused)
{
    enum { CHANNELS = 16, SIDE = 2048, BYTES = SIDE * SIDE * CHANNELS };
    uLongf len = compressBound(BYTES);
    Bytef *packed = malloc(len), *zeros = calloc(1, BYTES);
    struct buf file = BUF_INIT;

    SUPPORT_MUST(packed != NULL && zeros != NULL);
    SUPPORT_MUST(compress(packed, &len, zeros, BYTES) == Z_OK);
    PUT(&file, "II*\0\x08\0\0\0\x0a\0");
    entry_of(&file, 256, 3, 1, 64);
    entry_of(&file, 257, 3, 1, 48);
    entry_of(&file, 258, 3, 1, 8);
    entry_of(&file, 259, 3, 1, COMPRESSION_ADOBE_DEFLATE);
    entry_of(&file, 262, 3, 1, PHOTOMETRIC_MINISBLACK);
    entry_of(&file, 277, 1, 1, CHANNELS);
    entry_of(&file, 322, 3, 1, SIDE);
    entry_of(&file, 323, 3, 1, SIDE);
    entry_of(&file, 324, 4, 1, 8 + 2 + 10 * 12 + 4);
    entry_of(&file, 325, 4, 1, len);
    forged_little(&file, 4, 0);
    buf_append(&file, (const char *)packed, len);
    expect_reason(&file, "its TIFF data does not decode");
    free(packed);
    free(zeros);
}
END_TEST

/* ---- the whole way: profiles and turns ---- */

/* Decodes the file to a thumbnail's pixels, which the caller frees, and frees it. */
static void decode_whole(struct buf *file, struct pixels *pixels)
{
    struct image_header header;
    struct image *image;
    struct vt_reason why = {""};
    struct buf jpeg = BUF_INIT;

    ck_assert_int_eq(image_header_read(file->data, file->len, &header, &why), VT_OK);
    ck_assert_msg(image_decode(support_engine, file->data, file->len, &header, 640, 30, &image,
                               &why) == VT_OK,
                  "%s", why.text);
    ck_assert_int_eq(image_encode(image, IMAGE_JPEG, false, &jpeg), VT_OK);
    support_pixels("JPEG", &jpeg, pixels);
    image_free(image);
    buf_free(&jpeg);
    buf_free(file);
}

START_TEST(a_tiff_is_turned_by_its_orientation)
{
    /* Where the stored upper left quarter, red, is seen: 0 to 3. */
    static const unsigned seen[] = {0, 0, 1, 3, 2, 0, 1, 3, 2};
    struct buf file;
    struct pixels pixels;

    support_tiff(&(struct tiff_picture){.orientation = (unsigned)_i}, &file);
    decode_whole(&file, &pixels);
    ck_assert_uint_eq(pixels.width, _i >= 5 ? 48 : 64);
    ck_assert(support_is_color(&pixels, pixels.width * (seen[_i] % 2 * 2 + 1) / 4,
                               pixels.height * (seen[_i] / 2 * 2 + 1) / 4, 0xff0000));
    free(pixels.data);
}
END_TEST

static void *save_profile(cmsHPROFILE profile, cmsUInt32Number *len)
{
    struct buf bytes;

    support_profile(profile, &bytes);
    (void)cmsCloseProfile(profile);
    *len = (cmsUInt32Number)bytes.len;
    return bytes.data;
}

/* Gray of gamma 1: all is lighter than without. */
static void *gray_profile(cmsUInt32Number *len)
{
    cmsToneCurve *curve = cmsBuildGamma(NULL, 1);
    cmsHPROFILE profile = cmsCreateGrayProfile(cmsD50_xyY(), curve);

    cmsFreeToneCurve(curve);
    return save_profile(profile, len);
}

START_TEST(gray_is_converted_by_its_profile)
{
    cmsUInt32Number len;
    void *profile = gray_profile(&len);
    struct buf file;
    static const int lighter[4][3] = {
        {149, 149, 149}, {201, 201, 201}, {94, 94, 94}, {255, 255, 255}};

    support_tiff(&(struct tiff_picture){OF(MINISBLACK), .profile = profile, .profile_len = len},
                 &file);
    expect_look(&file, lighter, false, 3);
    free(profile);
}
END_TEST

START_TEST(a_profile_for_other_channels_is_ignored)
{
    static const struct tiff_picture others[] = {{.bits = 8}, {OF(SEPARATED)}};
    cmsUInt32Number len;
    void *profile = gray_profile(&len);
    struct tiff_picture picture = others[_i];
    struct buf file;

    picture.profile = profile;
    picture.profile_len = len;
    support_tiff(&picture, &file);
    expect_look(&file, in_color, false, 0);
    free(profile);
}
END_TEST

/* Red and green change their places. */
START_TEST(rgb_is_converted_by_its_profile)
{
    const cmsCIExyYTRIPLE swapped = {{0.3, 0.6, 1}, {0.64, 0.33, 1}, {0.15, 0.06, 1}};
    cmsCIExyY white = {0.3127, 0.329, 1};
    cmsToneCurve *curve = cmsBuildGamma(NULL, 2.2), *curves[] = {curve, curve, curve};
    cmsUInt32Number len;
    void *profile = save_profile(cmsCreateRGBProfile(&white, &swapped, curves), &len);
    struct buf file;
    struct pixels pixels;

    cmsFreeToneCurve(curve);
    support_tiff(&(struct tiff_picture){.profile = profile, .profile_len = len}, &file);
    decode_whole(&file, &pixels);
    ck_assert(support_is_color(&pixels, 10, 10, 0x00ff00));
    ck_assert(support_is_color(&pixels, 50, 10, 0xff0000));
    free(pixels.data);
    free(profile);
}
END_TEST

/* ---- memory ---- */

static long memory(void)
{
    struct rusage usage;

    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static const struct tiff_picture large[] = {
    {.width = 4000, .height = 3000},
    {.width = 4000, .height = 3000, .whole = true, .compression = COMPRESSION_LZW},
    {.width = 4000, .height = 3000, .whole = true, .tiled = true, .bits = 16},
    {.width = 4000, .height = 3000, .whole = true, .separate = true, .bits = 16},
    {.width = 4000, .height = 3000, .whole = true, .separate = true, .tiled = true},
    {.width = 4000,
     .height = 3000,
     .whole = true,
     .compression = COMPRESSION_JPEG,
     OF(YCBCR),
     .tiled = true},
    {.width = 4000, .height = 3000, OF(YCBCR)},
    {.width = 4000, .height = 3000, .whole = true, .compression = COMPRESSION_LZW, OF(CIELAB)},
    {.width = 4000,
     .height = 3000,
     .whole = true,
     OF(MINISBLACK),
     .bits = 1,
     .compression = COMPRESSION_CCITTFAX4},
};

START_TEST(no_tiff_takes_more_memory_than_it_is_said_to)
{
    struct image_header header;
    struct image *image;
    struct vt_reason why = {""};
    struct buf file;
    long before;

    support_tiff(&large[_i], &file);
    ck_assert_int_eq(image_header_read(file.data, file.len, &header, &why), VT_OK);
    ck_assert_int_eq(image_engine_prepare(support_engine, IMAGE_TIFF), VT_OK);
    before = memory();
    ck_assert_msg(
        image_decode(support_engine, file.data, file.len, &header, 640, 60, &image, &why) == VT_OK,
        "%s", why.text);
    ck_assert_int_le(memory() - before, (long)(image_memory(&header, 640) >> 10));
    image_free(image);
    buf_free(&file);
}
END_TEST

#ifndef __SANITIZE_ADDRESS__ /* which ends a process that gets no memory */
/* In a process of its own that may take only so much more memory. */
static enum vt_error decode_in(const struct buf *file, unsigned long more)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        struct decoded decoded;
        struct rlimit limit = {0, 0};
        FILE *statm = fopen("/proc/self/statm", "re");
        unsigned long pages = 0;

        if (statm == NULL || fscanf(statm, "%lu", &pages) != 1)
            _exit(255);
        limit.rlim_cur = limit.rlim_max = pages * 4096 + more;
        if (setrlimit(RLIMIT_AS, &limit) != 0)
            _exit(255);
        _exit((int)decode_raw(file, &decoded, NULL));
    }
    SUPPORT_MUST(child > 0 && waitpid(child, &status, 0) == child);
    ck_assert(WIFEXITED(status));
    return (enum vt_error)WEXITSTATUS(status);
}

/* LZW in one strip, a tile of JPEG, and a fax. */
static const int kinds_of_memory[] = {1, 5, 8};

/* Wherever libtiff, a library under it or our code runs out of memory. */
START_TEST(a_tiff_that_gets_too_little_memory_is_not_called_corrupt)
{
    unsigned refused = 0;
    struct buf file;

    support_tiff(&large[kinds_of_memory[_i]], &file);
    ck_assert_int_eq(image_engine_prepare(support_engine, IMAGE_TIFF), VT_OK);
    for (unsigned long step = 0; step < 10; step++) {
        enum vt_error err = decode_in(&file, step * step * 400000);

        ck_assert_msg(err == VT_OK || err == VT_ERR_MEMORY, "step %lu: %s", step, vt_strerror(err));
        refused += err == VT_ERR_MEMORY;
    }
    ck_assert_uint_ge(refused, 1);
    buf_free(&file);
}
END_TEST
#endif

Suite *make_suite(void)
{
    Suite *suite = suite_create("tiff");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, a_tiff_of_any_kind_has_its_colours, 0, COUNT(kinds));
    tcase_add_loop_test(all, transparency_is_kept_whether_it_is_associated_or_not, 0,
                        COUNT(transparent));
    tcase_add_test(all, associated_alpha_is_taken_out_of_the_colours);
    tcase_add_test(all, a_palettes_index_is_not_divided_by_associated_alpha);
    tcase_add_test(all, a_spare_channel_is_not_transparency);
    tcase_add_test(all, an_old_style_jpeg_has_its_colours);
    tcase_add_loop_test(all, the_first_page_that_is_no_preview_is_taken, 0, 4);
    tcase_add_loop_test(all, a_broken_private_tag_does_not_matter, 0, COUNT(private_entries));
    tcase_add_loop_test(all, a_broken_offset_of_the_next_page_does_not_matter, 0, 4);
    tcase_add_test(all, a_kind_that_is_not_taken_is_named);
    tcase_add_loop_test(all, damaged_pixels_are_refused, 0, 3);
    tcase_add_test(all, a_tile_of_a_gigapixel_is_refused);
    tcase_add_test(all, a_tile_of_more_memory_than_the_header_says_is_refused);
    tcase_add_loop_test(all, a_tiff_is_turned_by_its_orientation, 1, 9);
    tcase_add_test(all, gray_is_converted_by_its_profile);
    tcase_add_loop_test(all, a_profile_for_other_channels_is_ignored, 0, 2);
    tcase_add_test(all, rgb_is_converted_by_its_profile);
#ifndef __SANITIZE_ADDRESS__
    tcase_add_loop_test(all, a_tiff_that_gets_too_little_memory_is_not_called_corrupt, 0,
                        COUNT(kinds_of_memory));
#endif
    tcase_add_loop_test(all, no_tiff_takes_more_memory_than_it_is_said_to, 0, COUNT(large));
    tcase_add_checked_fixture(all, support_engine_start, support_engine_stop);
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, all);
    return suite;
}
