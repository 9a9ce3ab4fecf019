/* Hostile files, given to the decoders of JPEG, PNG and WebP without the header's checks. */
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <zlib.h>

#include "../support/codec.h"
#include "../support/forged.h"
#include "base/reader.h"
#include "image/decode.h"
#include "image/image.h"

#define WIDTH 40
#define HEIGHT 30

static image_decoder *const decoders[] = {
    [IMAGE_JPEG] = image_jpeg_decode,
    [IMAGE_PNG] = image_png_decode,
    [IMAGE_WEBP] = image_webp_decode,
};

/* Decodes a copy of just that size, so that reading past its end is seen, with so many seconds left
 * and with that size in the header. */
static enum vt_error decode(enum image_type type, const void *data, size_t len,
                            const uint32_t size[2], int seconds, struct vt_reason *why)
{
    const struct image_header header = {
        .type = type, .width = size[0], .height = size[1], .frames = 1};
    uint8_t *copy = malloc(len + (len == 0));
    struct image_source source = {copy, len, &header, 20, {0, 0}};
    struct decoded decoded;
    enum vt_error err;

    SUPPORT_MUST(copy != NULL);
    memcpy(copy, data, len);
    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &source.deadline), 0);
    source.deadline.tv_sec += seconds;
    err = decoders[type](&source, &decoded, why);
    ck_assert_msg(err == VT_OK || err == VT_ERR_INVALID_IMAGE, "%s", vt_strerror(err));
    ck_assert_int_eq(err == VT_OK, decoded.raster.pixels != NULL);
    if (err == VT_OK) {
        ck_assert_uint_le(decoded.width, size[0]);
        ck_assert_uint_le(decoded.height, size[1]);
        ck_assert_uint_le(decoded.raster.width, 20);
        ck_assert_uint_le(decoded.raster.height, 20);
    }
    image_decode_free(&decoded);
    free(copy);
    return err;
}

static const uint32_t as_made[2] = {WIDTH, HEIGHT};

static enum vt_error take(enum image_type type, const struct buf *file)
{
    return decode(type, file->data, file->len, as_made, 60, NULL);
}

/* ---- small files of each kind, damaged ---- */

static enum image_type make(int kind, struct buf *out)
{
    if (kind < 3)
        codec_jpeg(&(struct codec_jpeg){WIDTH, HEIGHT, .grey = kind == 0, .progressive = kind == 2,
                                        .sampling = 2, .restart = kind == 1},
                   out);
    else if (kind == 3)
        codec_png(&(struct codec_png){WIDTH, HEIGHT, PNG_COLOR_TYPE_RGB, 8, .gamma = 0.45455,
                                      .orientation = 6},
                  out);
    else if (kind == 4)
        codec_png(&(struct codec_png){WIDTH, HEIGHT, PNG_COLOR_TYPE_PALETTE, 2, .alpha = true,
                                      .orientation = 6, .late = true},
                  out);
    else
        codec_webp(&(struct codec_webp){WIDTH, HEIGHT, kind == 5, true, NULL, 6}, out);
    return kind < 3 ? IMAGE_JPEG : kind < 5 ? IMAGE_PNG : IMAGE_WEBP;
}

#define KINDS 7

START_TEST(any_byte_may_be_any_other)
{
    struct buf file;
    enum image_type type = make(_i % KINDS, &file);

    for (size_t at = 0; at < file.len; at++) {
        char was = file.data[at];

        file.data[at] = (char)(was ^ (_i / KINDS == 0 ? 1 : _i / KINDS == 1 ? 0x80 : 0xff));
        (void)take(type, &file);
        file.data[at] = was;
    }
    ck_assert_int_eq(take(type, &file), VT_OK);
    buf_free(&file);
}
END_TEST

static size_t find(const struct buf *file, const char *what, size_t len)
{
    const char *found = memmem(file->data, file->len, what, len);

    SUPPORT_MUST(found != NULL);
    return (size_t)(found - file->data);
}

/* How long the end marker of each type is, without which the picture is whole. */
static const size_t ends[IMAGE_TYPE_COUNT] = {[IMAGE_JPEG] = 2, [IMAGE_PNG] = 12};

/* With the header's checks, as a decoder's library takes a PNG that lost its end for whole. EXIF
 * behind a PNG's pixels may be missing, too. What a WebP has last may be metadata, without which
 * the picture is whole; but then its RIFF is not as long as it says. */
START_TEST(what_is_cut_off_is_refused_at_any_length_but_for_an_end_marker)
{
    struct image_header header;
    struct buf file;
    enum image_type type = make(_i, &file);
    size_t whole = file.len - ends[type], needed = whole;

    if (type == IMAGE_PNG) {
        needed = find(&file, "IDAT", 4);
        needed += 8 + reader_big32((const uint8_t *)file.data + needed - 4);
    }
    for (size_t len = 0; len < file.len; len++) {
        enum vt_error err = image_header_read(file.data, len, &header, NULL);

        if (err == VT_OK)
            err = decode(type, file.data, len, as_made, 60, NULL);
        if (len < needed || len >= whole)
            ck_assert_msg((err == VT_OK) == (len >= whole), "%zu bytes of %zu: %s", len, file.len,
                          vt_strerror(err));
    }
    buf_free(&file);
}
END_TEST

START_TEST(a_deadline_that_is_over_ends_it)
{
    struct vt_reason why = {""};
    struct buf file;
    enum image_type type = make(_i, &file);

    ck_assert_int_eq(decode(type, file.data, file.len, as_made, -1, &why), VT_ERR_INVALID_IMAGE);
    ck_assert_str_eq(why.text, "the image takes too long to decode");
    buf_free(&file);
}
END_TEST

/* The limits were checked by the header: what the data itself says of a larger picture is none. */
START_TEST(a_size_beyond_the_headers_is_refused)
{
    static const uint32_t smaller[][2] = {{WIDTH - 1, HEIGHT}, {WIDTH, HEIGHT - 1}, {1, 1}};
    struct buf file;
    enum image_type type = make(_i, &file);

    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(decode(type, file.data, file.len, smaller[i], 60, NULL),
                         VT_ERR_INVALID_IMAGE);
    buf_free(&file);
}
END_TEST

/* ---- JPEG ---- */

/* Puts bytes into the file, `count` times. */
static void insert(struct buf *file, size_t at, const void *data, size_t len, unsigned count)
{
    struct buf out = BUF_INIT;

    buf_append(&out, file->data, at);
    for (unsigned i = 0; i < count; i++)
        buf_append(&out, data, len);
    buf_append(&out, file->data + at, file->len - at);
    SUPPORT_MUST(buf_ok(&out));
    buf_free(file);
    *file = out;
}

START_TEST(a_jpeg_has_one_frame)
{
    struct buf file;
    size_t at;

    make(1, &file);
    at = find(&file, "\xff\xc0", 2);
    insert(&file, at, file.data + at, 2 + 17, 1);
    ck_assert_int_eq(take(IMAGE_JPEG, &file), VT_ERR_INVALID_IMAGE);
    buf_free(&file);
}
END_TEST

START_TEST(markers_of_a_jpeg_may_be_filled_up)
{
    static const char *const markers[] = {"\xff\xdb", "\xff\xc0", "\xff\xc4", "\xff\xda",
                                          "\xff\xd9"};
    struct buf file;

    make(0, &file);
    for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++)
        insert(&file, find(&file, markers[i], 2), "\xff", 1, 1000);
    ck_assert_int_eq(take(IMAGE_JPEG, &file), VT_OK);
    buf_free(&file);
}
END_TEST

/* libjpeg keeps segments in a list that it walks for every new one. */
START_TEST(a_million_segments_are_no_more_than_their_bytes)
{
    struct buf file;

    make(0, &file);
    insert(&file, 2, "\xff\xe1\0\2", 4, 1000 * 1000);
    ck_assert_int_eq(decode(IMAGE_JPEG, file.data, file.len, as_made, 20, NULL), VT_OK);
    buf_free(&file);
}
END_TEST

START_TEST(a_profile_that_lacks_a_part_costs_no_upload)
{
    struct buf file;

    make(1, &file);
    insert(&file, 2, "\xff\xe2\0\x14ICC_PROFILE\0\1\2abcd", 22, 1); /* the first of two */
    ck_assert_int_eq(take(IMAGE_JPEG, &file), VT_OK);
    buf_free(&file);
}
END_TEST

START_TEST(scans_without_end_end_at_the_deadline)
{
    const uint32_t small[2] = {64, 64}, large[2] = {8000, 8000};
    struct timespec before, after;
    struct vt_reason why = {""};
    struct buf file = BUF_INIT;

    forged_scans(small[0], &file); /* it is a picture */
    ck_assert_int_eq(decode(IMAGE_JPEG, file.data, file.len, small, 60, NULL), VT_OK);
    buf_free(&file);
    forged_scans(large[0], &file);
    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &before), 0);
    ck_assert_int_eq(decode(IMAGE_JPEG, file.data, file.len, large, 1, &why), VT_ERR_INVALID_IMAGE);
    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &after), 0);
    ck_assert_str_eq(why.text, "the image takes too long to decode");
    ck_assert_int_le(after.tv_sec - before.tv_sec, 3);
    buf_free(&file);
}
END_TEST

/* ---- PNG ---- */

/* So many bytes of zero, by zlib. */
static void deflate_zeros(size_t count, struct buf *out)
{
    static unsigned char zeros[1 << 20], packed[1 << 16];
    z_stream stream = {0};
    int status = Z_OK;

    SUPPORT_MUST(deflateInit(&stream, 9) == Z_OK);
    while (status == Z_OK) {
        if (stream.avail_in == 0) {
            stream.next_in = zeros;
            stream.avail_in = (uInt)(count < sizeof zeros ? count : sizeof zeros);
            count -= stream.avail_in;
        }
        stream.next_out = packed;
        stream.avail_out = sizeof packed;
        status = deflate(&stream, count == 0 ? Z_FINISH : Z_NO_FLUSH);
        buf_append(out, packed, sizeof packed - stream.avail_out);
    }
    SUPPORT_MUST(status == Z_STREAM_END && buf_ok(out));
    (void)deflateEnd(&stream);
}

/* A grey picture whose rows are so many bytes in all, with that chunk before them, `count` times.
 */
static void make_png(size_t rows, const char *name, const struct buf *data, unsigned count,
                     struct buf *out)
{
    struct buf header = BUF_INIT, pixels = BUF_INIT;

    *out = BUF_INIT;
    PUT(out, "\x89PNG\r\n\x1a\n");
    forged_big(&header, 4, WIDTH);
    forged_big(&header, 4, HEIGHT);
    PUT(&header, "\x08\0\0\0\0");
    codec_png_chunk(out, "IHDR", header.data, header.len);
    for (unsigned i = 0; i < count; i++)
        codec_png_chunk(out, name, data->data, data->len);
    deflate_zeros(rows, &pixels);
    codec_png_chunk(out, "IDAT", pixels.data, pixels.len);
    codec_png_chunk(out, "IEND", NULL, 0);
    SUPPORT_MUST(buf_ok(out));
    buf_free(&header);
    buf_free(&pixels);
}

#define ROWS ((size_t)(WIDTH + 1) * HEIGHT)

START_TEST(a_png_has_all_of_its_rows)
{
    static const size_t shorter[] = {0, 1, ROWS / 2, ROWS - WIDTH - 1, ROWS - 1};
    struct buf file;

    for (size_t i = 0; i < sizeof shorter / sizeof shorter[0]; i++) {
        make_png(shorter[i], "", NULL, 0, &file);
        ck_assert_int_eq(take(IMAGE_PNG, &file), VT_ERR_INVALID_IMAGE);
        buf_free(&file);
    }
    make_png(ROWS, "", NULL, 0, &file);
    ck_assert_int_eq(take(IMAGE_PNG, &file), VT_OK);
    buf_free(&file);
    make_png((size_t)400 << 20, "", NULL, 0, &file); /* more of them than it needs cost nothing */
    ck_assert_int_eq(take(IMAGE_PNG, &file), VT_OK);
    buf_free(&file);
}
END_TEST

static long memory(void)
{
    struct rusage usage;

    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

START_TEST(metadata_does_not_unfold)
{
    static const char *const names[] = {"zTXt", "iTXt", "iCCP", "zTXt"};
    struct buf data = BUF_INIT, file;
    long before;

    if (strcmp(names[_i], "iTXt") == 0)
        PUT(&data, "key\0\1\0\0\0"); /* compressed, of no language */
    else
        PUT(&data, "key\0\0");
    deflate_zeros((size_t)(_i < 2 ? 15 : 400) << 20, &data); /* many, or a large one */
    make_png(ROWS, names[_i], &data, _i < 2 ? 400 : 1, &file);
    before = memory();
    ck_assert_int_eq(decode(IMAGE_PNG, file.data, file.len, as_made, 10, NULL), VT_OK);
    ck_assert_int_le(memory() - before, 32 * 1024); /* kilobytes */
    buf_free(&data);
    buf_free(&file);
}
END_TEST

START_TEST(a_wrong_checksum_matters_where_the_picture_is)
{
    static const struct {
        const char *chunk;
        enum vt_error want;
    } chunks[] = {{"IHDR", VT_ERR_INVALID_IMAGE},
                  {"IDAT", VT_ERR_INVALID_IMAGE},
                  {"IEND", VT_ERR_INVALID_IMAGE},
                  {"gAMA", VT_OK},
                  {"eXIf", VT_OK}};
    struct buf file;
    const char *len;

    make(3, &file);
    len = file.data + find(&file, chunks[_i].chunk, 4) - 4;
    file.data[len - file.data + 8 + (long)reader_big32((const uint8_t *)len)] ^= 1;
    ck_assert_int_eq(take(IMAGE_PNG, &file), chunks[_i].want);
    buf_free(&file);
}
END_TEST

/* ---- WebP ---- */

START_TEST(a_webps_frame_fills_its_canvas)
{
    static const int changes[] = {-20, -1, 1, 20};
    struct buf file;

    make(5 + _i / 2, &file);
    ck_assert_mem_eq(file.data + 12, "VP8X", 4);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char *side = file.data + (_i % 2 == 0 ? 24 : 27), was = *side;

        *side = (char)(was + changes[i]);
        ck_assert_int_eq(take(IMAGE_WEBP, &file), VT_ERR_INVALID_IMAGE);
        *side = was;
    }
    ck_assert_int_eq(take(IMAGE_WEBP, &file), VT_OK);
    buf_free(&file);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_hostile");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, any_byte_may_be_any_other, 0, KINDS * 3);
    tcase_add_loop_test(all, what_is_cut_off_is_refused_at_any_length_but_for_an_end_marker, 0,
                        KINDS);
    tcase_add_loop_test(all, a_deadline_that_is_over_ends_it, 0, KINDS);
    tcase_add_loop_test(all, a_size_beyond_the_headers_is_refused, 0, KINDS);
    tcase_add_test(all, a_jpeg_has_one_frame);
    tcase_add_test(all, markers_of_a_jpeg_may_be_filled_up);
    tcase_add_test(all, a_million_segments_are_no_more_than_their_bytes);
    tcase_add_test(all, a_profile_that_lacks_a_part_costs_no_upload);
    tcase_add_test(all, scans_without_end_end_at_the_deadline);
    tcase_add_test(all, a_png_has_all_of_its_rows);
    tcase_add_loop_test(all, metadata_does_not_unfold, 0, 4);
    tcase_add_loop_test(all, a_wrong_checksum_matters_where_the_picture_is, 0, 5);
    tcase_add_loop_test(all, a_webps_frame_fills_its_canvas, 0, 4);
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, all);
    return suite;
}
