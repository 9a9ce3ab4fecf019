/* Copies without the place, or without all metadata: what is left, and that the picture is. */
#include "image/redact/redact.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../support/codec.h"
#include "../support/engine.h"
#include "../support/forged.h"
#include "../support/heif.h"
#include "../support/heif_file.h"
#include "../support/metadata.h"
#include "../support/redact.h"
#include "../support/tiff.h"
#include "image/redact/plan.h"

#define SECRET "SECRET" /* in everything that is hidden with the place */
#define WORD "WORD"     /* in what is not */

#define MOST 0.3 /* seconds of processor time; thirty times what anything here takes */

static const struct metadata_entry told[] = {
    {FIRST, 0x010e, ASCII, .text = "about " WORD},
    {FIRST, 0x010f, ASCII, .text = "NIKON"},
    {FIRST, 0x0110, ASCII, .text = "NIKON D90"},
    {FIRST, 0x0112, SHORT, .numbers = {6}},
    {FIRST, 0x013b, ASCII, .text = "by " WORD},
    {FIRST, 0x013c, ASCII, .text = SECRET " computer"},
    {FIRST, 0x8298, ASCII, .text = "rights " WORD},
    {EXIF, 0x829d, RATIONAL, .numbers = {59, 10}},
    {EXIF, 0x9003, ASCII, .text = "2024:01:31 10:11:12"},
    {EXIF, 0x927c, ASCII, .text = SECRET " maker note"},
    {EXIF, 0x9286, ASCII, .text = SECRET " comment"},
    {EXIF, 0xa420, ASCII, .text = SECRET " unique number"},
    {EXIF, 0xa430, ASCII, .text = SECRET " owner"},
    {EXIF, 0xa431, ASCII, .text = SECRET " serial number"},
    {EXIF, 0xa434, ASCII, .text = "18-105 mm " WORD},
    {EXIF, 0xa435, ASCII, .text = SECRET " serial number of the lens"},
    {GPS, 1, ASCII, .text = "S"},
    {GPS, 2, RATIONAL, .numbers = {43, 1, 28, 1, 36, 2}, .count = 3},
    {GPS, 3, ASCII, .text = "W"},
    {GPS, 4, RATIONAL, .numbers = {11, 1, 52, 1, 0, 1}, .count = 3},
    {GPS, 0x1c, ASCII, .text = SECRET " area"},
    {0},
};

static struct buf exif, xmp, iptc;

static void start(void)
{
    exif = xmp = iptc = BUF_INIT;
    metadata_exif(true, told, &exif);
    metadata_xmp(&xmp,
                 "exif:GPSLatitude='43,28N' exif:GPSLongitude='11,52E' photoshop:City='" SECRET "'",
                 "");
    metadata_iptc(&iptc, 80, "by " WORD);
    metadata_iptc(&iptc, 90, SECRET " city");
    metadata_iptc(&iptc, 92, SECRET " place in it");
    metadata_iptc(&iptc, 95, SECRET " state");
    metadata_iptc(&iptc, 101, SECRET " country");
    metadata_iptc(&iptc, 25, "keyword " WORD);
}

static void stop(void)
{
    buf_free(&exif);
    buf_free(&xmp);
    buf_free(&iptc);
}

/* ---- files ---- */

static void put_segment(struct buf *out, unsigned marker, const char *name, size_t name_len,
                        const struct buf *body)
{
    forged_big(out, 1, 0xff);
    forged_big(out, 1, marker);
    forged_big(out, 2, 2 + name_len + body->len);
    buf_append(out, name, name_len);
    buf_append(out, body->data, body->len);
}

#define SEGMENT(out, marker, literal)                                                              \
    put_segment(out, marker, literal, sizeof(literal) - 1, &(struct buf){0})

/* What a copy keeps of it in any case: tables, a frame, two scans with a table between them. */
static void put_coded(struct buf *out, bool is_copy)
{
    SEGMENT(out, 0xdb, "table");
    SEGMENT(out, 0xc2, "frame");
    SEGMENT(out, 0xc4, "codes");
    SEGMENT(out, 0xda, "scan");
    PUT(out, "one\xff\0two\xff\xd0three\xff\xff");
    if (!is_copy)
        SEGMENT(out, 0xfe, SECRET " comment between scans");
    SEGMENT(out, 0xc4, "codes");
    SEGMENT(out, 0xda, "scan");
    PUT(out, "four");
    PUT(out, "\xff\xd9");
}

static void make_jpeg(struct buf *out)
{
    struct buf resources = BUF_INIT;

    PUT(out, "\xff\xd8");
    SEGMENT(out, 0xe0,
            "JFIF\0\1\2\1\0\x48\0\x48\1\1"
            "rgb");
    SEGMENT(out, 0xe0, "JFXX\0\x10" SECRET " thumbnail");
    put_segment(out, 0xe1, "Exif\0", 6, &exif);
    put_segment(out, 0xe1, "http://ns.adobe.com/xap/1.0/", 29, &xmp);
    SEGMENT(out, 0xe2, "ICC_PROFILE\0\1\1profile");
    SEGMENT(out, 0xe2, "MPF\0" SECRET);
    SEGMENT(out, 0xeb, "JP" SECRET); /* C2PA */
    PUT(&resources, "8BIM\x04\x0c\0\0\0\0\0\x06" SECRET "8BIM\x04\x04\0\0");
    forged_big(&resources, 4, iptc.len);
    buf_append(&resources, iptc.data, iptc.len);
    put_segment(out, 0xed, "Photoshop 3.0", 14, &resources);
    SEGMENT(out, 0xee, "Adobe\0\x64\0\0\0\0\1");
    SEGMENT(out, 0xfe, SECRET " comment");
    put_coded(out, false);
    PUT(out, SECRET " film of a motion photo");
    buf_free(&resources);
}

static void put_chunk(struct buf *out, const char *name, const void *data, size_t len)
{
    buf_puts(out, name);
    forged_little(out, 4, len);
    buf_append(out, data, len);
    if (len % 2 != 0)
        PUT(out, "\0");
}

static void make_webp(struct buf *out)
{
    struct buf body = BUF_INIT;

    put_chunk(&body, "VP8X", "\x2c\0\0\0\7\0\0\7\0\0", 10); /* profile, EXIF, XMP */
    put_chunk(&body, "ICCP", "profile", 7);
    put_chunk(&body, "VP8L", "pixels", 6);
    put_chunk(&body, "EXIF", exif.data, exif.len);
    put_chunk(&body, "XMP ", xmp.data, xmp.len);
    put_chunk(&body, "ABCD", SECRET, 6);
    PUT(out, "RIFF");
    forged_little(out, 4, 4 + body.len);
    PUT(out, "WEBP");
    buf_append(out, body.data, body.len);
    PUT(out, SECRET " behind the end");
    buf_free(&body);
}

/* One strip behind the directories, and words that no directory names. */
static void make_tiff(struct buf *out)
{
    struct metadata_entry entries[40];
    size_t count = 0;

    for (int pass = 0; pass < 2; pass++) {
        size_t end = out->len;

        count = 0;
        entries[count++] = (struct metadata_entry){FIRST, 273, LONG, .numbers = {(uint32_t)end}};
        entries[count++] = (struct metadata_entry){FIRST, 279, LONG, .numbers = {6}};
        for (size_t i = 0; told[i].type != 0; i++)
            entries[count++] = told[i];
        entries[count++] = (struct metadata_entry){FIRST, 700, BYTE, .raw = &xmp};
        entries[count++] = (struct metadata_entry){FIRST, 33723, BYTE, .raw = &iptc};
        entries[count] = (struct metadata_entry){0};
        out->len = 0;
        metadata_exif(true, entries, out);
    }
    PUT(out, "pixels" SECRET);
}

static void make(enum image_type type, struct buf *out)
{
    const struct metadata_blocks blocks = {&exif, &xmp, NULL, "title " WORD};

    switch (type) {
    case IMAGE_JPEG:
        make_jpeg(out);
        break;
    case IMAGE_WEBP:
        make_webp(out);
        break;
    case IMAGE_TIFF:
        make_tiff(out);
        break;
    default:
        metadata_file(type, &blocks, out);
        break;
    }
}

/* ---- what is left ---- */

static void expect_copy(enum image_type type, enum image_redact_level level, const struct buf *file,
                        struct buf *copy)
{
    struct buf again = BUF_INIT;

    ck_assert_int_eq(redact_copy(type, level, file, copy), VT_OK);
    /* A copy's copy is the same. */
    ck_assert_int_eq(redact_copy(type, level, copy, &again), VT_OK);
    ck_assert_uint_eq(again.len, copy->len);
    ck_assert_mem_eq(again.data, copy->data, copy->len);
    buf_free(&again);
}

START_TEST(without_the_place_time_camera_and_words_are_left)
{
    enum image_type type = (enum image_type)_i;
    struct buf file = BUF_INIT, copy = BUF_INIT;
    struct photo photo;

    make(type, &file);
    ck_assert(redact_has(&file, type == IMAGE_GIF ? "GPS" : SECRET, type == IMAGE_GIF ? 3 : 6));
    expect_copy(type, IMAGE_REDACT_PLACE, &file, &copy);
    ck_assert(!redact_has(&copy, SECRET, strlen(SECRET)));
    ck_assert(!redact_has(&copy, "GPS", 3));
    metadata_read(type, &copy, &photo);
    ck_assert(!photo.has_place);
    if (type != IMAGE_GIF) { /* it has no EXIF */
        ck_assert_str_eq(metadata_taken(&photo), "2024-01-31T10:11:12.000");
        ck_assert_str_eq(photo.camera, "NIKON D90");
        ck_assert_str_eq(photo.lens, "18-105 mm " WORD);
        ck_assert_double_eq(photo.aperture, 5.9);
        ck_assert_str_eq(photo.description, "about " WORD);
        ck_assert(redact_has(&copy, "by " WORD, 7) && redact_has(&copy, "rights " WORD, 11));
    }
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

START_TEST(without_all_metadata_nothing_is_left)
{
    enum image_type type = (enum image_type)_i;
    struct buf file = BUF_INIT, copy = BUF_INIT;
    struct photo photo, nothing;

    memset(&nothing, 0, sizeof nothing);
    nothing.taken = PHOTO_TIME_NONE;
    make(type, &file);
    expect_copy(type, IMAGE_REDACT_ALL, &file, &copy);
    ck_assert(!redact_has(&copy, SECRET, strlen(SECRET)));
    ck_assert(!redact_has(&copy, WORD, strlen(WORD)));
    ck_assert(!redact_has(&copy, "GPS", 3));
    metadata_read(type, &copy, &photo);
    ck_assert_mem_eq(&photo, &nothing, sizeof photo);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

#define ORIENTATION "MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"

START_TEST(of_a_jpeg_coded_bytes_colours_and_orientation_are_left)
{
    struct buf file = BUF_INIT, copy = BUF_INIT, want = BUF_INIT;

    make_jpeg(&file);
    PUT(&want, "\xff\xd8");
    SEGMENT(&want, 0xe0, "JFIF\0\1\2\1\0\x48\0\x48\0\0");
    SEGMENT(&want, 0xe1, "Exif\0\0" ORIENTATION);
    SEGMENT(&want, 0xe2, "ICC_PROFILE\0\1\1profile");
    SEGMENT(&want, 0xee, "Adobe\0\x64\0\0\0\0\1");
    put_coded(&want, true);
    expect_copy(IMAGE_JPEG, IMAGE_REDACT_ALL, &file, &copy);
    ck_assert_uint_eq(copy.len, want.len);
    ck_assert_mem_eq(copy.data, want.data, want.len);
    buf_free(&file);
    buf_free(&copy);
    buf_free(&want);
}
END_TEST

/* What decoders skip or do not read. */
START_TEST(of_a_jpeg_bytes_between_segments_and_in_long_ones_are_left_out)
{
    enum image_redact_level level = _i == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct buf file = BUF_INIT, copy = BUF_INIT, want = BUF_INIT;

    PUT(&file, "\xff\xd8" SECRET);
    SEGMENT(&file, 0xee, "Adobe\0\x64\0\0\0\0\1" SECRET);
    PUT(&file, SECRET "\xff\0" SECRET "\xff\xd1\xff\xff");
    SEGMENT(&file, 0xdc, "\0\x30" SECRET);
    SEGMENT(&file, 0xdc, "\0\x30");
    put_coded(&file, false);
    PUT(&want, "\xff\xd8");
    SEGMENT(&want, 0xee, "Adobe\0\x64\0\0\0\0\1");
    SEGMENT(&want, 0xdc, "\0\x30");
    put_coded(&want, true);
    expect_copy(IMAGE_JPEG, level, &file, &copy);
    ck_assert_uint_eq(copy.len, want.len);
    ck_assert_mem_eq(copy.data, want.data, want.len);
    buf_free(&file);
    buf_free(&copy);
    buf_free(&want);
}
END_TEST

/* With its padding, it would need a segment of one byte more than there are. */
START_TEST(iptc_that_fills_a_segment_is_kept_if_it_fits)
{
    const size_t most = 65533 - 14 - 12 - (size_t)_i; /* of all data sets */
    struct buf file = BUF_INIT, copy = BUF_INIT, resources = BUF_INIT;

    PUT(&file, "\xff\xd8");
    PUT(&resources, "8BIM\4\4\0\0\0\0");
    forged_big(&resources, 2, most);
    for (size_t left = most; left > 0;) {
        size_t size = left > 30000 ? 30000 : left;

        PUT(&resources, "\x1c\2\x78");
        forged_big(&resources, 2, size - 5);
        for (size_t i = 5; i < size; i++)
            PUT(&resources, "w");
        left -= size;
    }
    put_segment(&file, 0xed, "Photoshop 3.0", 14, &resources);
    put_coded(&file, true);
    expect_copy(IMAGE_JPEG, IMAGE_REDACT_PLACE, &file, &copy);
    ck_assert(redact_has(&copy, "www", 3) == (_i == 1));
    ck_assert_mem_eq(copy.data + 2, _i == 1 ? "\xff\xed" : "\xff\xdb", 2);
    buf_free(&file);
    buf_free(&copy);
    buf_free(&resources);
}
END_TEST

START_TEST(of_iptc_all_that_names_a_place_is_left_out)
{
    struct buf file = BUF_INIT, copy = BUF_INIT;

    make_jpeg(&file);
    expect_copy(IMAGE_JPEG, IMAGE_REDACT_PLACE, &file, &copy);
    ck_assert(redact_has(&copy, "\x1c\2\x50\0\7by " WORD "\x1c\2\x19\0\x0ckeyword " WORD, 29));
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

#define GIF_PICTURE ",\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
#define GIF_LOOP "!\xff\x0bNETSCAPE2.0\3\1\0\0"
#define GIF_CONTROL "!\xf9\4\0\x0a\0\0"

START_TEST(of_a_gif_more_blocks_than_are_read_and_zero_bytes_are_left_out)
{
    enum image_redact_level level = _i == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct buf file = BUF_INIT, copy = BUF_INIT, want = BUF_INIT;

    PUT(&file, "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff\0");
    PUT(&want, "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff");
    PUT(&file, GIF_LOOP "\6" SECRET "\0\0");
    PUT(&file, GIF_CONTROL "\6" SECRET "\0" GIF_PICTURE "\0\0");
    PUT(&file, "!\xff\x0bNETSCAPE2.0\6" SECRET "\0");
    PUT(&file, GIF_CONTROL "\0" GIF_PICTURE "\0;");
    PUT(&want, GIF_LOOP "\0" GIF_CONTROL "\0" GIF_PICTURE GIF_CONTROL "\0" GIF_PICTURE ";");
    expect_copy(IMAGE_GIF, level, &file, &copy);
    ck_assert_uint_eq(copy.len, want.len);
    ck_assert_mem_eq(copy.data, want.data, want.len);
    buf_free(&file);
    buf_free(&copy);
    buf_free(&want);
}
END_TEST

START_TEST(of_a_webp_length_and_flags_are_those_of_the_copy)
{
    struct buf file = BUF_INIT, copy = BUF_INIT, want = BUF_INIT;

    make_webp(&file);
    PUT(&want, "RIFF\x54\0\0\0WEBPVP8X\x0a\0\0\0\x28\0\0\0\7\0\0\7\0\0");
    put_chunk(&want, "ICCP", "profile", 7);
    put_chunk(&want, "VP8L", "pixels", 6);
    put_chunk(&want, "EXIF", ORIENTATION, 26);
    want.data[4] = (char)(want.len - 8);
    expect_copy(IMAGE_WEBP, IMAGE_REDACT_ALL, &file, &copy);
    ck_assert_uint_eq(copy.len, want.len);
    ck_assert_mem_eq(copy.data, want.data, want.len);
    buf_free(&file);
    buf_free(&copy);
    buf_free(&want);
}
END_TEST

START_TEST(of_a_webp_the_end_may_lack_padding_or_have_more)
{
    struct buf file = BUF_INIT, copy = BUF_INIT;

    PUT(&file, "RIFF\x17\0\0\0WEBPABCD\2\0\0\0xyVP8L\5\0\0\0PIXEL");
    file.data[4] = (char)(file.len - 8);
    expect_copy(IMAGE_WEBP, IMAGE_REDACT_ALL, &file, &copy);
    ck_assert_uint_eq(copy.len, 25);
    ck_assert_mem_eq(copy.data, "RIFF\x11\0\0\0WEBPVP8L\5\0\0\0PIXEL", 25);
    PUT(&file, "\0" SECRET);
    file.data[4] = (char)(file.len - 8);
    buf_free(&copy);
    copy = BUF_INIT;
    expect_copy(IMAGE_WEBP, IMAGE_REDACT_ALL, &file, &copy);
    ck_assert_uint_eq(copy.len, 26);
    ck_assert_mem_eq(copy.data, "RIFF\x12\0\0\0WEBPVP8L\5\0\0\0PIXEL\0", 26);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

START_TEST(of_a_jxl_boxes_that_are_there_once_are_kept_once)
{
    enum image_redact_level level = _i == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct buf file = BUF_INIT, copy = BUF_INIT, want = BUF_INIT;

    forged_box(&want, "JXL ", "\x0d\x0a\x87\x0a", 4);
    forged_box(&want, "ftyp", "jxl \0\0\0\0jxl ", 12);
    buf_append(&file, want.data, want.len);
    forged_box(&file, "jxll", SECRET, 6);
    forged_box(&file, "jxll", "\x0a", 1);
    forged_box(&want, "jxll", "\x0a", 1);
    forged_box(&file, "jxll", "S", 1);
    forged_box(&file, "ftyp", SECRET SECRET, 12);
    forged_box(&file, "jxlc", "\xff\x0a", 2);
    forged_box(&want, "jxlc", "\xff\x0a", 2);
    expect_copy(IMAGE_JXL, level, &file, &copy);
    ck_assert_uint_eq(copy.len, want.len);
    ck_assert_mem_eq(copy.data, want.data, want.len);
    buf_free(&file);
    buf_free(&copy);
    buf_free(&want);
}
END_TEST

/* Checksums are not looked at. */
START_TEST(of_a_png_suggested_palettes_are_left_out)
{
    enum image_redact_level level = _i == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct buf file = BUF_INIT, copy = BUF_INIT;

    PUT(&file, "\x89PNG\r\n\x1a\n\0\0\0\6sPLT" SECRET "\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82");
    expect_copy(IMAGE_PNG, level, &file, &copy);
    ck_assert_mem_eq(copy.data, "\x89PNG\r\n\x1a\n\0\0\0\0IEND\xae\x42\x60\x82", 20);
    ck_assert_uint_eq(copy.len, 20);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

/* Their parts name each other's places. */
START_TEST(nothing_moves_in_a_tiff_heic_or_avif)
{
    static const enum image_type types[] = {IMAGE_TIFF, IMAGE_HEIC, IMAGE_AVIF};
    enum image_redact_level level = _i % 2 == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct buf file = BUF_INIT, copy = BUF_INIT;

    make(types[_i / 2], &file);
    expect_copy(types[_i / 2], level, &file, &copy);
    ck_assert_uint_eq(copy.len, file.len);
    if (types[_i / 2] == IMAGE_TIFF)
        ck_assert_mem_eq(copy.data + copy.len - 12, "pixels\0\0\0\0\0\0", 12);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

/* Appends a TIFF of one strip, a JPEG of these bytes, in that compression. */
static void make_jpeg_tiff(unsigned compression, const struct buf *jpeg, struct buf *out)
{
    PUT(out, "MM\0*\0\0\0\x08\0\3\1\3\0\3\0\0\0\1");
    forged_big(out, 2, compression);
    PUT(out, "\0\0\1\x11\0\4\0\0\0\1\0\0\0\x32\1\x17\0\4\0\0\0\1");
    forged_big(out, 4, jpeg->len);
    PUT(out, "\0\0\0\0");
    buf_append(out, jpeg->data, jpeg->len);
}

START_TEST(of_a_tiff_jpegs_that_have_metadata_are_refused)
{
    static const struct {
        unsigned marker, compression;
        enum vt_error want;
    } cases[] = {{0xe1, 7, VT_ERR_UNSUPPORTED},     {0xed, 7, VT_ERR_UNSUPPORTED},
                 {0xfe, 7, VT_ERR_UNSUPPORTED},     {0xe0, 7, VT_ERR_UNSUPPORTED},
                 {0xdb, 6, VT_ERR_UNSUPPORTED},     {0xdb, 34661, VT_ERR_UNSUPPORTED},
                 {0xdb, 50001, VT_ERR_UNSUPPORTED}, {0xdb, 7, VT_OK}};
    enum image_redact_level level = _i % 2 == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct buf jpeg = BUF_INIT, file = BUF_INIT, copy = BUF_INIT;

    PUT(&jpeg, "\xff\xd8");
    SEGMENT(&jpeg, cases[_i / 2].marker, "text");
    put_coded(&jpeg, true);
    PUT(&jpeg, SECRET);
    make_jpeg_tiff(cases[_i / 2].compression, &jpeg, &file);
    ck_assert_int_eq(redact_copy(IMAGE_TIFF, level, &file, &copy), cases[_i / 2].want);
    if (cases[_i / 2].want == VT_OK) {
        ck_assert_uint_eq(copy.len, file.len);
        ck_assert_mem_eq(copy.data, file.data, file.len - 6);
        ck_assert(!redact_has(&copy, SECRET, 6)); /* behind the JPEG's end */
    }
    buf_free(&jpeg);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

START_TEST(a_reduced_page_of_a_tiff_is_left_out)
{
    const struct tiff_picture picture = {.pages = 2, .preview = true, .noise = true, .seed = 5};
    struct image_header before, after;
    struct buf file = BUF_INIT, copy = BUF_INIT;

    support_tiff(&picture, &file);
    expect_copy(IMAGE_TIFF, IMAGE_REDACT_PLACE, &file, &copy);
    ck_assert_int_eq(image_header_read(file.data, file.len, &before, NULL), VT_OK);
    ck_assert_int_eq(image_header_read(copy.data, copy.len, &after, NULL), VT_OK);
    ck_assert_uint_eq(before.frames, 2);
    ck_assert_uint_eq(after.frames, 1);
    ck_assert_uint_eq(after.shown_width, before.shown_width);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

/* A grid of two items, the first of this type and with one more property of this name. */
static void make_grid(const char *tile, const char *property, struct buf *out)
{
    struct forged_heif heif = {.brand = "avif", .primary = 1};

    forged_ispe(&heif.properties, 128, 64);
    forged_ispe(&heif.properties, 64, 64);
    forged_av1(&heif.properties, 64, 64, 8);
    forged_box(&heif.properties, property, "PROPERTY of sixteen", 19);
    forged_box(&heif.properties, "clli", "\1\2\3\4", 4);

    heif.items[0] = (struct forged_item){"grid", forged_grid(1, 2, 128, 64), 8, "\1"};
    heif.items[1] = (struct forged_item){tile, FORGED_DATA_AV1 SECRET, 8, "\2\3\4\5"};
    heif.items[2] = (struct forged_item){"av01", FORGED_DATA_AV1, 2, "\2\3"};
    heif.method = 1;
    forged_reference(&heif.references, "dimg", 1, "\2\3");
    forged_heif(&heif, out);
}

/* Also of a picture that the primary one is said to be made from. */
START_TEST(an_item_that_is_no_picture_is_left_out)
{
    enum image_redact_level level = _i % 2 == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct buf file = BUF_INIT, copy = BUF_INIT;

    make_grid(_i < 2 ? "mime" : "av01", "udes", &file);
    expect_copy(IMAGE_AVIF, level, &file, &copy);
    ck_assert(redact_has(&copy, SECRET, 6) == (_i >= 2));
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

START_TEST(a_property_that_no_decoder_needs_is_left_out)
{
    static const char *const names[] = {"udes", "crtt", "uuid", "cmex", "abcd"};
    enum image_redact_level level = _i % 2 == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct buf file = BUF_INIT, copy = BUF_INIT;

    make_grid("av01", names[_i / 2], &file);
    ck_assert(redact_has(&file, "PROPERTY", 8));
    expect_copy(IMAGE_AVIF, level, &file, &copy);
    ck_assert_uint_eq(copy.len, file.len);
    ck_assert(!redact_has(&copy, "PROPERTY", 8) && !redact_has(&copy, names[_i / 2], 4));
    ck_assert(redact_has(&copy, "av1C", 4) && redact_has(&copy, "clli\1\2\3\4", 8));
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

START_TEST(what_is_among_the_items_and_is_none_is_left_out)
{
    enum image_redact_level level = _i % 2 == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct buf file = BUF_INIT, copy = BUF_INIT;
    char *entry;

    make_grid("av01", "udes", &file);
    entry = memmem(file.data, file.len, "infe\2\0\0\0\0\3", 10);
    ck_assert_ptr_nonnull(entry);
    memcpy(entry, "nameSECRET", 10);
    expect_copy(IMAGE_AVIF, level, &file, &copy);
    ck_assert(!redact_has(&copy, "nameSECRET", 10));
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

/* ---- the picture ---- */

static void make_noisy(unsigned x, unsigned y, uint16_t pixel[4])
{
    pixel[0] = (uint16_t)(x * 7 & 0xff);
    pixel[1] = (uint16_t)(y * 5 & 0xff);
    pixel[2] = (uint16_t)((x ^ y) & 0xff);
    pixel[3] = (uint16_t)(x * 4 & 0xff);
}

static void make_whole(int kind, struct buf *out)
{
    static const char *const coders[] = {"JPEG", "PNG",  "GIF",  "WEBP",
                                         "AVIF", "HEIC", "TIFF", "JXL"};

    if (kind < 16)
        support_picture(
            &(struct picture){.coder = coders[kind % 8], .alpha = kind >= 8 && kind != 8}, out);
    else if (kind == 16)
        codec_jpeg(&(struct codec_jpeg){64, 48, .progressive = true, .restart = 1, .sampling = 2},
                   out);
    else if (kind == 17)
        codec_jpeg(&(struct codec_jpeg){64, 48, .inks = CODEC_YCCK, .scans = true, .sampling = 1},
                   out);
    else if (kind == 18)
        codec_png(&(struct codec_png){64, 48, PNG_COLOR_TYPE_PALETTE, 8, .alpha = true,
                                      .interlaced = true, .orientation = 6},
                  out);
    else if (kind == 19)
        codec_webp(&(struct codec_webp){64, 48, true, true, NULL, 6}, out);
    else if (kind == 20)
        heif_file_make(&(struct heif_file){.is_avif = true,
                                           .width = 64,
                                           .height = 48,
                                           .depth = 10,

                                           .paint = make_noisy},
                       out);
    else if (kind == 21)
        support_tiff(
            &(struct tiff_picture){
                .tiled = true, .big = true, .separate = true, .compression = COMPRESSION_LZW},
            out);
    else if (kind == 22)
        support_tiff(
            &(struct tiff_picture){
                .big_endian = true, .compression = COMPRESSION_JPEG, .pages = 3, .orientation = 6},
            out);
    else if (kind == 23)
        support_tiff(&(struct tiff_picture){.has_photometric = true,
                                            .bits = 8,
                                            .photometric = PHOTOMETRIC_PALETTE},
                     out);
    else
        support_picture(&(struct picture){.coder = kind == 24 ? "GIF" : "WEBP", .frames = 3}, out);
}

#define KINDS 26

START_TEST(a_copy_has_the_pixels_of_its_original)
{
    enum image_redact_level level = _i % 2 == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct buf file = BUF_INIT, copy = BUF_INIT;
    struct image_header before, after;
    struct pixels want, got;

    make_whole(_i / 2, &file);
    ck_assert_int_eq(image_header_read(file.data, file.len, &before, NULL), VT_OK);
    expect_copy(before.type, level, &file, &copy);
    ck_assert_int_eq(image_header_read(copy.data, copy.len, &after, NULL), VT_OK);
    ck_assert_int_eq(after.type, before.type);
    ck_assert_uint_eq(after.frames, before.frames);
    support_engine_pixels(&file, &want);
    support_engine_pixels(&copy, &got);
    ck_assert_uint_eq(got.width, want.width);
    ck_assert_uint_eq(got.height, want.height);
    ck_assert_mem_eq(got.data, want.data, (size_t)4 * want.width * want.height);
    free(want.data);
    free(got.data);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

/* So that it can be a second name of the original. */
START_TEST(a_file_without_metadata_is_its_own_copy)
{
    static const char *const coders[] = {"JPEG", "PNG", "GIF", "WEBP", "JXL"};
    struct buf file = BUF_INIT, plan = BUF_INIT;
    struct image_redact_reading reading;
    struct image_header header;

    support_picture(&(struct picture){.coder = coders[_i]}, &file);
    ck_assert_int_eq(image_header_read(file.data, file.len, &header, NULL), VT_OK);
    ck_assert_int_eq(image_redact(header.type, IMAGE_REDACT_ALL, file.data, file.len, &plan),
                     VT_OK);
    ck_assert(image_redact_plan_read(plan.data, plan.len, file.len, &reading));
    ck_assert(image_redact_plan_is_whole(&reading, file.len));
    buf_free(&file);
    buf_free(&plan);
}
END_TEST

/* ---- films ---- */

/* Two frames of 32 by 24 pixels, red and blue, by ffmpeg with libaom, in base64. */
static const char moving[] =
    "AAAALGZ0eXBhdmlzAAAAAGF2aXNhdmlmbXNmMWlzbzhtaWYxbWlhZk1BMUIAAAD5bWV0YQAAAAAA"
    "AAAvaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAFBpY3R1cmVIYW5kbGVyAAAAAA5waXRtAAAA"
    "AAABAAAAHmlsb2MAAAAARAAAAQABAAAAAQAAA7gAAAAhAAAAKGlpbmYAAAAAAAEAAAAaaW5mZQIA"
    "AAAAAQAAYXYwMUNvbG9yAAAAAGppcHJwAAAAS2lwY28AAAAUaXNwZQAAAAAAAAAgAAAAGAAAABBw"
    "aXhpAAAAAAMICAgAAAAMYXYxQ4EADAAAAAATY29scm5jbHgAAgACAAIAAAAAF2lwbWEAAAAAAAAA"
    "AQABBAECgwQAAAKLbW9vdgAAAGxtdmhkAAAAAAAAAAAAAAAAAAAoAAAAAAAAAQAAAQAAAAAAAAAA"
    "AAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAgAAAhd0cmFrAAAAXHRraGQAAAADAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAABAAAAAACAAAAAYAAAAAAGz"
    "bWRpYQAAACBtZGhkAAAAAAAAAAAAAAAAAAAoAAAAEABVxAAAAAAAL2hkbHIAAAAAAAAAAHBpY3QA"
    "AAAAAAAAAAAAAABQaWN0dXJlSGFuZGxlcgAAAAFcbWluZgAAABR2bWhkAAAAAQAAAAAAAAAAAAAA"
    "JGRpbmYAAAAcZHJlZgAAAAAAAAABAAAADHVybCAAAAABAAABHHN0YmwAAACcc3RzZAAAAAAAAAAB"
    "AAAAjGF2MDEAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAIAAYAEgAAABIAAAAAAAAAAEYTGF2YzU5"
    "LjM3LjEwMCBsaWJhb20tYXYxAAAAAAAAAAAY//8AAAAMYXYxQ4EADAAAAAAKZmllbAEAAAAAEHBh"
    "c3AAAAABAAAAAQAAABBjY3N0AAAAAHwAAAAAAAAYc3R0cwAAAAAAAAABAAAAAgAACAAAAAAUc3Rz"
    "cwAAAAAAAAABAAAAAQAAABxzdHNjAAAAAAAAAAEAAAABAAAAAgAAAAEAAAAcc3RzegAAAAAAAAAA"
    "AAAAAgAAACEAAAAbAAAAFHN0Y28AAAAAAAAAAQAAA7gAAABEbWRhdAoKAAAAAifubXyAIDITEAC5"
    "gAACQAAAAS2W+shwW5a06TIZMAPAgAAABuQAAALAACAAHS3nWZphepqoxA==";

static void make_moving(struct buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;

    for (size_t i = 0; moving[i] != '\0'; i++) {
        const char *digit = strchr(digits, moving[i]);

        bits = bits << 6 | (uint32_t)(digit != NULL ? digit - digits : 0);
        if (i % 4 == 3)
            forged_big(out, 3, bits & 0xffffff);
    }
    out->len -= 2; /* the padding */
}

/* Where the bytes are in the file from a place on; they must be there. */
static char *find_in(const struct buf *file, const char *from, const char *bytes)
{
    char *found = memmem(from, (size_t)(file->data + file->len - from), bytes, strlen(bytes));

    ck_assert_ptr_nonnull(found);
    return found;
}

/* Puts other bytes, or zeros, into a box of this name, behind its name, version and flags. */
static void put_times(struct buf *file, const char *box, const char *times)
{
    memcpy(find_in(file, file->data, box) + 8, times, 8);
}

START_TEST(a_sequence_of_pictures_goes_on_moving)
{
    enum image_redact_level level = _i == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    static const char *const timed[] = {"mvhd", "tkhd", "mdhd"};
    struct buf file = BUF_INIT, copy = BUF_INIT;

    make_moving(&file);
    for (size_t i = 0; i < 3; i++)
        put_times(&file, timed[i], SECRET SECRET);
    expect_copy(IMAGE_AVIF, level, &file, &copy);
    memset(find_in(&file, file.data, "Color"), 0, 5); /* the name of the item */
    for (size_t i = 0; level == IMAGE_REDACT_ALL && i < 3; i++)
        put_times(&file, timed[i], "\0\0\0\0\0\0\0");
    if (level == IMAGE_REDACT_ALL) {
        char *end = file.data + file.len, *name;

        memset(find_in(&file, file.data, "\x18Lavc"), 0, 32);
        for (name = file.data; (name = memmem(name, (size_t)(end - name), "Pict", 4)) != NULL;)
            memset(name, 0, strlen("PictureHandler"));
    }
    ck_assert_uint_eq(copy.len, file.len);
    ck_assert_mem_eq(copy.data, file.data, file.len);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

/* So are bytes of no box at the end of their list. */
START_TEST(of_a_sequence_boxes_that_no_decoder_needs_are_left_out)
{
    enum image_redact_level level = _i == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct buf file = BUF_INIT, copy = BUF_INIT;
    char *entry;

    make_moving(&file);
    entry = find_in(&file, file.data, "pasp"); /* and the last one, ccst: 32 bytes in all */
    memcpy(entry - 4, "\0\0\0\x19uuid" SECRET SECRET "xxxxx" SECRET "x", 32);
    expect_copy(IMAGE_AVIF, level, &file, &copy);
    ck_assert_uint_eq(copy.len, file.len);
    ck_assert(redact_has(&file, SECRET, 6) && !redact_has(&copy, SECRET, 6));
    ck_assert(redact_has(&copy, "fiel", 4) && redact_has(&copy, "stts", 4));
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

/* Its first picture is that of an item, too. */
START_TEST(a_track_of_no_pictures_is_left_out)
{
    struct buf file = BUF_INIT, copy = BUF_INIT;
    char *track, *kind;

    make_moving(&file);
    track = memmem(file.data, file.len, "mdia", 4);
    ck_assert_ptr_nonnull(track);
    kind = memmem(track, (size_t)(file.data + file.len - track), "pict", 4);
    ck_assert_ptr_nonnull(kind);
    memcpy(kind, "meta", 4);
    expect_copy(IMAGE_AVIF, IMAGE_REDACT_PLACE, &file, &copy);
    ck_assert_uint_eq(copy.len, file.len);
    ck_assert(!redact_has(&copy, "trak", 4) && !redact_has(&copy, "mdia", 4));
    for (size_t i = copy.len - 27; i < copy.len; i++) /* the second picture */
        ck_assert_int_eq(copy.data[i], 0);
    ck_assert_mem_eq(copy.data + copy.len - 60, file.data + file.len - 60, 33);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

START_TEST(a_film_with_any_byte_changed_harms_nothing)
{
    enum image_redact_level level = _i == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct buf file = BUF_INIT;

    make_moving(&file);
    for (size_t at = 0; at < file.len; at++) {
        for (unsigned value = 0; value < 256; value += 51) {
            struct buf copy = BUF_INIT;
            char was = file.data[at];

            file.data[at] = (char)value;
            if (redact_copy(IMAGE_AVIF, level, &file, &copy) == VT_OK)
                ck_assert_uint_eq(copy.len, file.len);
            file.data[at] = was;
            buf_free(&copy);
        }
    }
    buf_free(&file);
}
END_TEST

/* ---- hostile files ---- */

/* Whatever becomes of them, no byte outside is read, and no copy has the place. */
START_TEST(a_file_that_is_cut_off_anywhere_harms_nothing)
{
    enum image_type type = (enum image_type)(_i / 2);
    enum image_redact_level level = _i % 2 == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct buf file = BUF_INIT;

    make(type, &file);
    for (size_t len = 0; len < file.len; len++) {
        struct buf part = {.data = file.data, .len = len}, copy = BUF_INIT;
        struct photo photo;

        if (redact_copy(type, level, &part, &copy) == VT_OK && copy.len > 0) {
            metadata_read(type, &copy, &photo);
            ck_assert(!photo.has_place);
        }
        buf_free(&copy);
    }
    buf_free(&file);
}
END_TEST

START_TEST(a_file_with_any_byte_changed_harms_nothing)
{
    enum image_type type = (enum image_type)(_i / 2);
    enum image_redact_level level = _i % 2 == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    static const char values[] = {0, 1, '\x7f', '\xff'};
    struct buf file = BUF_INIT;

    make(type, &file);
    for (size_t at = 0; at < file.len; at++) {
        struct buf copy = BUF_INIT;
        char was = file.data[at];
        struct photo photo;

        file.data[at] = values[at % sizeof values];
        if (redact_copy(type, level, &file, &copy) == VT_OK && copy.len > 0) {
            metadata_read(type, &copy, &photo);
            ck_assert(!photo.has_place);
        }
        file.data[at] = was;
        buf_free(&copy);
    }
    buf_free(&file);
}
END_TEST

static double seconds(void)
{
    struct timespec now;

    ck_assert_int_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static enum vt_error redact_quickly(enum image_type type, struct buf *file)
{
    struct buf copy = BUF_INIT;
    double before = seconds();
    enum vt_error err = redact_copy(type, IMAGE_REDACT_PLACE, file, &copy);

    ck_assert_double_lt(seconds() - before, MOST);
    buf_free(&copy);
    buf_free(file);
    return err;
}

/* Found by the fuzzer: a copy of nothing. */
START_TEST(a_file_of_which_nothing_is_kept_is_refused)
{
    struct buf file = BUF_INIT;

    forged_box(&file, "free", "of anything", 11);
    ck_assert_int_eq(redact_quickly(IMAGE_JXL, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

START_TEST(pages_that_lead_to_each_other_are_taken_once)
{
    struct buf file = BUF_INIT;

    PUT(&file, "MM\0*\0\0\0\x08");
    PUT(&file, "\0\2\1\x11\0\4\0\0\0\1\0\0\0\x44\1\x17\0\4\0\0\0\1\0\0\0\2\0\0\0\x26");
    PUT(&file, "\0\2\1\x11\0\4\0\0\0\1\0\0\0\x44\1\x17\0\4\0\0\0\1\0\0\0\2\0\0\0\x08");
    PUT(&file, "px");
    ck_assert_int_eq(redact_quickly(IMAGE_TIFF, &file), VT_OK);
}
END_TEST

START_TEST(pixels_that_lie_in_a_directory_are_refused)
{
    struct buf file = BUF_INIT;

    PUT(&file, "MM\0*\0\0\0\x08");
    PUT(&file, "\0\2\1\x11\0\4\0\0\0\1\0\0\0\x0a\1\x17\0\4\0\0\0\1\0\0\0\2\0\0\0\0");
    ck_assert_int_eq(redact_quickly(IMAGE_TIFF, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

START_TEST(pixels_that_lie_outside_the_file_are_refused)
{
    struct buf file = BUF_INIT;

    PUT(&file, "MM\0*\0\0\0\x08");
    PUT(&file, "\0\2\1\x11\0\4\0\0\0\1\0\0\0\x26\1\x17\0\4\0\0\0\1\0\0\0\2\0\0\0\0p");
    ck_assert_int_eq(redact_quickly(IMAGE_TIFF, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

/* Each of two strips in turn, a million times. */
START_TEST(a_million_strips_are_refused_quickly)
{
    struct buf file = BUF_INIT;

    PUT(&file, "MM\0*\0\0\0\x08");
    PUT(&file, "\0\2\1\x11\0\4\0\x10\0\0\0\0\0\x26\1\x17\0\4\0\x10\0\0\0\0\0\x26\0\0\0\0");
    for (unsigned i = 0; i < 1 << 20; i++)
        forged_big(&file, 4, i % 2 == 0 ? 0x26 : 0x100);
    ck_assert_int_eq(redact_quickly(IMAGE_TIFF, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

/* Each of a thousand pages has the same million. */
START_TEST(pages_of_a_million_empty_strips_are_refused_quickly)
{
    const unsigned pages = 1000, entries = 2 + 2 * 12 + 4, strips = 1 << 20;
    uint32_t array = 8 + pages * entries;
    struct buf file = BUF_INIT;

    PUT(&file, "MM\0*\0\0\0\x08");
    for (unsigned i = 0; i < pages; i++) {
        PUT(&file, "\0\2\1\x11\0\1\0\x10\0\0");
        forged_big(&file, 4, array);
        PUT(&file, "\1\x17\0\1\0\x10\0\0");
        forged_big(&file, 4, array);
        forged_big(&file, 4, i + 1 < pages ? 8 + (i + 1) * entries : 0);
    }
    for (unsigned i = 0; i < strips; i++)
        PUT(&file, "\0");
    ck_assert_int_eq(redact_quickly(IMAGE_TIFF, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

/* Half a million strips that are the same long JPEG. */
START_TEST(jpegs_that_overlap_are_refused_quickly)
{
    const unsigned strips = 1 << 19;
    struct buf file = BUF_INIT;

    PUT(&file, "MM\0*\0\0\0\x08\0\3\1\3\0\3\0\0\0\1\0\7\0\0\1\x11\0\4\0\x08\0\0\0\0\0\x32");
    PUT(&file, "\1\x17\0\4\0\x08\0\0\0\x20\0\x32\0\0\0\0");
    for (unsigned i = 0; i < strips; i++)
        forged_big(&file, 4, 0x32 + 8 * strips);
    for (unsigned i = 0; i < strips; i++)
        forged_big(&file, 4, 6 + 65537);
    PUT(&file, "\xff\xd8\xff\xc4\xff\xff");
    for (unsigned i = 0; i < 65533; i++)
        PUT(&file, "x");
    PUT(&file, "\xff\xd9zz");
    ck_assert_int_eq(redact_quickly(IMAGE_TIFF, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

START_TEST(a_million_segments_are_left_out_quickly)
{
    struct buf file = BUF_INIT;

    PUT(&file, "\xff\xd8");
    for (unsigned i = 0; i < 1 << 20; i++)
        SEGMENT(&file, 0xe5, "");
    put_coded(&file, true);
    ck_assert_int_eq(redact_quickly(IMAGE_JPEG, &file), VT_OK);
}
END_TEST

/* More pieces than a plan may have. */
START_TEST(a_million_segments_among_others_are_refused_quickly)
{
    struct buf file = BUF_INIT;

    PUT(&file, "\xff\xd8");
    for (unsigned i = 0; i < 1 << 18; i++) {
        SEGMENT(&file, 0xe5, "");
        SEGMENT(&file, 0xdb, "");
    }
    put_coded(&file, true);
    ck_assert_int_eq(redact_quickly(IMAGE_JPEG, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

/* ---- plans ---- */

struct written {
    struct image_redact_head head;
    struct image_redact_piece pieces[2];
    char inserted[4];
};

START_TEST(a_plan_that_cannot_be_true_is_refused)
{
    static const struct {
        struct written plan;
        size_t extra; /* bytes that follow it */
    } bad[] = {
        {{{0, 0}, {{0}}, ""}, 0},
        {{{2, 4}, {{0, 0, 10}, {0, 9, 1}}, ""}, 0},   /* an overlap */
        {{{2, 4}, {{0, 5, 5}, {0, 0, 5}}, ""}, 0},    /* out of order */
        {{{2, 4}, {{0, 0, 10}, {0, 10, 91}}, ""}, 0}, /* past the file */
        {{{2, 4}, {{0, 0, 10}, {0, UINT64_MAX, 2}}, ""}, 0},
        {{{2, 4}, {{0, 0, 10}, {0, 10, UINT64_MAX}}, ""}, 0},
        {{{2, 4}, {{1, 0, 4}, {1, 1, 4}}, ""}, 0},   /* past what is inserted */
        {{{2, 4}, {{1, 0, 4}, {0, 0, 0}}, ""}, 0},   /* nothing */
        {{{2, 4}, {{1, 0, 4}, {3, 0, 1}}, ""}, 0},   /* no kind */
        {{{2, 4}, {{2, 0, 101}, {0, 0, 1}}, ""}, 0}, /* zeros without end */
        {{{2, 4}, {{0, 0, 1}, {0, 1, 1}}, ""}, 1},
        {{{3, 4}, {{0, 0, 1}, {0, 1, 1}}, ""}, 0},
        {{{2, 5}, {{0, 0, 1}, {0, 1, 1}}, ""}, 0},
        {{{UINT64_MAX, 4}, {{0, 0, 1}, {0, 1, 1}}, ""}, 0},
        {{{2, UINT64_MAX}, {{0, 0, 1}, {0, 1, 1}}, ""}, 0},
    };
    const size_t len = sizeof(struct image_redact_head) + 2 * sizeof(struct image_redact_piece) + 4;
    static const struct written good = {{2, 4}, {{0, 0, 10}, {1, 0, 4}}, ""};
    struct image_redact_reading reading;
    char bytes[sizeof(struct written) + 1] = "";

    memcpy(bytes, &good, len);
    ck_assert(image_redact_plan_read(bytes, len, 100, &reading));
    for (size_t short_by = 1; short_by <= len; short_by++)
        ck_assert(!image_redact_plan_read(bytes, len - short_by, 100, &reading));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        memcpy(bytes, &bad[i].plan, len);
        ck_assert_msg(!image_redact_plan_read(bytes, len + bad[i].extra, 100, &reading), "%zu", i);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("redact");
    TCase *left = tcase_create("left"), *pictures = tcase_create("pictures"),
          *hostile = tcase_create("hostile");

    tcase_add_checked_fixture(left, start, stop);
    tcase_add_loop_test(left, without_the_place_time_camera_and_words_are_left, 0,
                        IMAGE_TYPE_COUNT);
    tcase_add_loop_test(left, without_all_metadata_nothing_is_left, 0, IMAGE_TYPE_COUNT);
    tcase_add_test(left, of_a_jpeg_coded_bytes_colours_and_orientation_are_left);
    tcase_add_loop_test(left, of_a_jpeg_bytes_between_segments_and_in_long_ones_are_left_out, 0, 2);
    tcase_add_loop_test(left, iptc_that_fills_a_segment_is_kept_if_it_fits, 0, 2);
    tcase_add_test(left, of_iptc_all_that_names_a_place_is_left_out);
    tcase_add_loop_test(left, of_a_gif_more_blocks_than_are_read_and_zero_bytes_are_left_out, 0, 2);
    tcase_add_test(left, of_a_webp_length_and_flags_are_those_of_the_copy);
    tcase_add_test(left, of_a_webp_the_end_may_lack_padding_or_have_more);
    tcase_add_loop_test(left, of_a_jxl_boxes_that_are_there_once_are_kept_once, 0, 2);
    tcase_add_loop_test(left, of_a_png_suggested_palettes_are_left_out, 0, 2);
    tcase_add_loop_test(left, nothing_moves_in_a_tiff_heic_or_avif, 0, 6);
    tcase_add_loop_test(left, of_a_tiff_jpegs_that_have_metadata_are_refused, 0, 16);
    tcase_add_test(left, a_reduced_page_of_a_tiff_is_left_out);
    tcase_add_loop_test(left, an_item_that_is_no_picture_is_left_out, 0, 4);
    tcase_add_loop_test(left, a_property_that_no_decoder_needs_is_left_out, 0, 10);
    tcase_add_loop_test(left, what_is_among_the_items_and_is_none_is_left_out, 0, 2);
    tcase_add_loop_test(left, a_sequence_of_pictures_goes_on_moving, 0, 2);
    tcase_add_loop_test(left, of_a_sequence_boxes_that_no_decoder_needs_are_left_out, 0, 2);
    tcase_add_test(left, a_track_of_no_pictures_is_left_out);
    suite_add_tcase(suite, left);

    tcase_add_checked_fixture(pictures, support_engine_start, support_engine_stop);
    tcase_set_timeout(pictures, 60);
    tcase_add_loop_test(pictures, a_copy_has_the_pixels_of_its_original, 0, 2 * KINDS);
    tcase_add_loop_test(pictures, a_file_without_metadata_is_its_own_copy, 0, 5);
    suite_add_tcase(suite, pictures);

    tcase_add_checked_fixture(hostile, start, stop);
    tcase_set_timeout(hostile, 120);
    tcase_add_loop_test(hostile, a_file_that_is_cut_off_anywhere_harms_nothing, 0,
                        2 * IMAGE_TYPE_COUNT);
    tcase_add_loop_test(hostile, a_file_with_any_byte_changed_harms_nothing, 0,
                        2 * IMAGE_TYPE_COUNT);
    tcase_add_loop_test(hostile, a_film_with_any_byte_changed_harms_nothing, 0, 2);
    tcase_add_test(hostile, a_file_of_which_nothing_is_kept_is_refused);
    tcase_add_test(hostile, pages_that_lead_to_each_other_are_taken_once);
    tcase_add_test(hostile, pixels_that_lie_in_a_directory_are_refused);
    tcase_add_test(hostile, pixels_that_lie_outside_the_file_are_refused);
    tcase_add_test(hostile, a_million_strips_are_refused_quickly);
    tcase_add_test(hostile, pages_of_a_million_empty_strips_are_refused_quickly);
    tcase_add_test(hostile, jpegs_that_overlap_are_refused_quickly);
    tcase_add_test(hostile, a_million_segments_are_left_out_quickly);
    tcase_add_test(hostile, a_million_segments_among_others_are_refused_quickly);
    tcase_add_test(hostile, a_plan_that_cannot_be_true_is_refused);
    suite_add_tcase(suite, hostile);
    return suite;
}
