/* Headers of pictures as encoders write them. Files that no encoder writes are in
 * check_header_web.c and check_header_boxes.c. */
#include "image/header/header.h"

#include <stdlib.h>
#include <string.h>

#include "../support/forged.h"
#include "base/reader.h"

#define BYTES(literal) literal, sizeof(literal) - 1
#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const struct {
    struct picture picture;
    enum image_type type;
} pictures[] = {
    {{.coder = "JPEG"}, IMAGE_JPEG},
    {{.coder = "JPEG", .orientation = 6}, IMAGE_JPEG},
    {{.coder = "PNG"}, IMAGE_PNG},
    {{.coder = "PNG", .alpha = true}, IMAGE_PNG},
    {{.coder = "GIF"}, IMAGE_GIF},
    {{.coder = "GIF", .frames = 3}, IMAGE_GIF},
    {{.coder = "WEBP"}, IMAGE_WEBP},
    {{.coder = "WEBP", .alpha = true}, IMAGE_WEBP},
    {{.coder = "WEBP", .frames = 3}, IMAGE_WEBP},
    {{.coder = "AVIF"}, IMAGE_AVIF},
    {{.coder = "HEIC"}, IMAGE_HEIC},
    {{.coder = "TIFF"}, IMAGE_TIFF},
    {{.coder = "TIFF", .frames = 3}, IMAGE_TIFF},
    {{.coder = "JXL"}, IMAGE_JXL},
    {{.coder = "JXL", .alpha = true}, IMAGE_JXL},
};

/* support_picture(), less what an encoder may leave behind the end of an animated WebP. */
static void make_picture(const struct picture *picture, struct buf *file)
{
    support_picture(picture, file);
    if (strcmp(picture->coder, "WEBP") == 0) {
        const unsigned char *size = (const unsigned char *)file->data + 4;

        file->len = 8 + (size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16);
    }
}

static void expect_size(const struct picture *picture, enum image_type type, unsigned width,
                        unsigned height)
{
    struct picture sized = *picture;
    struct image_header header;
    struct vt_reason why;
    struct buf file;
    enum vt_error err;

    sized.width = width;
    sized.height = height;
    make_picture(&sized, &file);
    err = forged_read_copy(file.data, file.len, &header, &why);
    ck_assert_msg(err == VT_OK, "%s", why.text);
    ck_assert_int_eq(header.type, type);
    if (picture->orientation >= 5) { /* stored on its side */
        ck_assert_uint_eq(header.width, height);
        ck_assert_uint_eq(header.height, width);
    } else {
        ck_assert_uint_eq(header.width, width);
        ck_assert_uint_eq(header.height, height);
    }
    ck_assert_uint_eq(header.frames, picture->frames == 0 ? 1 : picture->frames);
    buf_free(&file);
}

START_TEST(picture_has_its_type_size_and_frames)
{
    expect_size(&pictures[_i].picture, pictures[_i].type, 128, 64);
    expect_size(&pictures[_i].picture, pictures[_i].type, 300, 66);
}
END_TEST

/* A TIFF's pages after the first may be missing. */
static size_t first_page_length(const struct picture *picture)
{
    struct picture first = *picture;
    struct buf alone;
    size_t len;

    first.frames = 1;
    support_picture(&first, &alone);
    len = alone.len;
    buf_free(&alone);
    return len;
}

/* How much of a file its reader needs. Without an end marker, a picture may be whole: that is for
 * the decoder to find out. */
static size_t needed(const struct picture *picture, const struct buf *file, enum image_type type)
{
    const char *mark = type == IMAGE_JPEG ? "\xff\xda" : "IDAT";
    size_t last = 0;

    if (type == IMAGE_TIFF)
        return first_page_length(picture);
    if (type == IMAGE_GIF) { /* one frame: up to the trailer, or the next one's graphic control */
        mark = memmem(file->data, file->len, "\0!\xf9\x04", 4);
        if (mark != NULL)
            mark = memmem(mark + 4, (size_t)(file->data + file->len - mark) - 4, "\0!\xf9\x04", 4);
        return mark != NULL ? (size_t)(mark + 1 - file->data) : file->len - 1;
    }
    if (type != IMAGE_JPEG && type != IMAGE_PNG)
        return file->len;
    for (size_t at = 4; at + 8 < file->len; at++)
        if (memcmp(file->data + at, mark, strlen(mark)) == 0)
            last = at;
    if (type == IMAGE_PNG) /* the data and their checksum */
        last += 8 + reader_big32((const uint8_t *)file->data + last - 4);
    return last;
}

START_TEST(beginning_of_a_picture_is_refused)
{
    struct image_header header;
    struct vt_reason why;
    struct buf file;

    make_picture(&pictures[_i].picture, &file);
    for (size_t len = 0; len < needed(&pictures[_i].picture, &file, pictures[_i].type); len++) {
        enum vt_error err = forged_read_copy(file.data, len, &header, &why);

        if (err == VT_OK || why.text[0] == '\0')
            ck_abort_msg("the first %zu bytes were taken, or refused without a reason", len);
    }
    buf_free(&file);
}
END_TEST

START_TEST(cut_off_picture_is_told_from_what_is_none)
{
    struct image_header header;
    struct vt_reason why;
    struct buf file;
    size_t len;

    make_picture(&pictures[_i].picture, &file);
    len = needed(&pictures[_i].picture, &file, pictures[_i].type);
    ck_assert_int_eq(forged_read_copy(file.data, 2, &header, &why), VT_ERR_UNSUPPORTED);
    ck_assert_int_eq(forged_read_copy(file.data, len - 1, &header, &why), VT_ERR_INVALID_IMAGE);
    ck_assert_ptr_nonnull(strstr(why.text, "cut off"));
    ck_assert_int_eq(image_header_read(file.data, len / 2, &header, NULL), VT_ERR_INVALID_IMAGE);
    buf_free(&file);
}
END_TEST

/* A changed byte may or may not be noticed; it never gives an answer that contradicts itself. */
START_TEST(picture_with_any_byte_changed_gives_a_plain_answer)
{
    static const char changes[] = {(char)0xff, 0x01, (char)0x80, 0x10};
    struct buf file;

    make_picture(&pictures[_i].picture, &file);
    for (size_t at = 0; at < file.len; at++) {
        for (size_t i = 0; i < sizeof changes; i++) {
            struct image_header header;
            struct vt_reason why;
            enum vt_error err;

            file.data[at] ^= changes[i];
            err = forged_read_copy(file.data, file.len, &header, &why);
            file.data[at] ^= changes[i];
            if (err == VT_OK && header.width > 0 && header.height > 0 && header.frames > 0)
                continue;
            if ((err == VT_ERR_UNSUPPORTED || err == VT_ERR_INVALID_IMAGE) && why.text[0] != '\0')
                continue;
            ck_abort_msg("byte %zu changed by %02x: %s", at, (unsigned char)changes[i],
                         vt_strerror(err));
        }
    }
    ck_assert_int_eq(
        forged_read_copy(file.data, file.len, &(struct image_header){0}, &(struct vt_reason){""}),
        VT_OK);
    buf_free(&file);
}
END_TEST

static const struct {
    struct picture picture;
    unsigned depth;
    bool alpha;
} described[] = {
    {{.coder = "JPEG"}, 8, false},
    {{.coder = "PNG"}, 8, false},
    {{.coder = "PNG", .alpha = true}, 8, true},
    {{.coder = "PNG", .deep = true}, 16, false},
    {{.coder = "GIF"}, 8, true},
    {{.coder = "WEBP"}, 8, false},
    {{.coder = "WEBP", .alpha = true}, 8, true},
    {{.coder = "WEBP", .frames = 3}, 8, true},
    {{.coder = "AVIF"}, 8, false},
    {{.coder = "HEIC"}, 8, false},
    {{.coder = "TIFF"}, 8, false},
    {{.coder = "TIFF", .alpha = true}, 8, true},
    {{.coder = "TIFF", .deep = true}, 16, false},
    {{.coder = "JXL"}, 8, false},
    {{.coder = "JXL", .alpha = true}, 8, true},
    {{.coder = "JXL", .deep = true}, 16, false},
};

START_TEST(picture_has_its_depth_and_alpha)
{
    struct image_header header;
    struct vt_reason why;
    struct buf file;

    make_picture(&described[_i].picture, &file);
    ck_assert_int_eq(forged_read_copy(file.data, file.len, &header, &why), VT_OK);
    ck_assert_uint_eq(header.depth, described[_i].depth);
    ck_assert_int_eq(header.alpha, described[_i].alpha);
    ck_assert(!header.progressive);
    buf_free(&file);
}
END_TEST

/* ---- what is no image ---- */

static const struct {
    const char *data;
    size_t len;
} others[] = {
    {BYTES("")},
    {BYTES("\0")},
    {BYTES("Just some text, and a little more of it.\n")},
    {BYTES("<!DOCTYPE html><html><body><script>alert(1)</script></body></html>")},
    {BYTES("<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>")},
    {BYTES("<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>")},
    {BYTES("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")},
    {BYTES("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n")},
    {BYTES("PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
    {BYTES("push graphic-context\nviewbox 0 0 640 480\nimage over 0,0 0,0 'x'\n")},
    {BYTES("<?xml version=\"1.0\"?><image><read filename=\"x\"/></image>")},
    {BYTES("BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0")},
    {BYTES("8BPS\0\x01\0\0\0\0\0\0\0\x03\0\0\0\x01\0\0\0\x01\0\x08\0\x03")},
    {BYTES("\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0\x68\x04\0\0\x16\0\0\0")},
    {BYTES("P6\n1 1\n255\nabc")},
    {BYTES("GIF88a\x01\0\x01\0\0\0\0;")},
    {BYTES("GIF")},
    {BYTES("\xff\xd8")},
    {BYTES("\xff\xd8\x00\xe0 not quite a JPEG")},
    {BYTES("\x89PNG\n\x1a\n a PNG that went through a text transfer")},
    {BYTES("RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0")},
    {BYTES("II+\0\x04\0\0\0\x10\0\0\0\0\0\0\0")}, /* BigTIFF, of offsets of 4 bytes */
    {BYTES("II*\0\x08\0\0")},
    {BYTES("MM*\0\0\0\0\x08\0\0\0\0\0\0")},
    {BYTES("\xff\x0a")},
    {BYTES("\0\0\0\x0cJXL \r\n\n\x87\0\0\0\x14"
           "ftypjxl ")},
    {BYTES("\0\0\0\x18"
           "ftypisom\0\0\0\0isommp42")},
    {BYTES("\0\0\0\x10"
           "ftypmif1\0\0\0\0\0\0\0\x08"
           "heic")},
    {BYTES("\0\0\0\x10"
           "ftypmp42avif")}, /* a minor version, not a brand */
    {BYTES("\0\0\0\0"
           "ftypmif1\0\0\0\0mif1")},
    {BYTES("\xff\xff\xff\xff"
           "ftypisom\0\0\0\0avi")},
};

START_TEST(file_of_another_kind_is_unsupported)
{
    struct image_header header;
    struct vt_reason why;

    ck_assert_int_eq(forged_read_copy(others[_i].data, others[_i].len, &header, &why),
                     VT_ERR_UNSUPPORTED);
    ck_assert_str_ne(why.text, "");
}
END_TEST

START_TEST(nothing_at_all_is_unsupported)
{
    struct image_header header;
    struct vt_reason why;

    ck_assert_int_eq(image_header_read(NULL, 0, &header, &why), VT_ERR_UNSUPPORTED);
    ck_assert_str_eq(why.text, "the file is empty");
}
END_TEST

/* ---- limits ---- */

static const struct {
    enum image_type type;
    uint32_t width, height, frames;
    bool taken;
} limited[] = {
    {IMAGE_PNG, 1, 1, 1, true},
    {IMAGE_PNG, 1000, 500, 1, true},
    {IMAGE_PNG, 500, 1000, 1, true},
    {IMAGE_PNG, 500, 1001, 1, false},
    {IMAGE_PNG, 1001, 1, 1, false},
    {IMAGE_PNG, 1, 1001, 1, false},
    {IMAGE_PNG, 707, 708, 1, false},
    {IMAGE_PNG, 65536, 65536, 1, false}, /* 2^32 pixels */
    {IMAGE_PNG, UINT32_MAX, UINT32_MAX, 1, false},
    {IMAGE_GIF, 10, 10, 7, true},
    {IMAGE_GIF, 10, 10, 8, false},
    {IMAGE_GIF, 10, 10, UINT32_MAX, false},
};

START_TEST(header_is_checked_against_every_limit)
{
    static const struct image_limits limits = {.pixels = 500000, .side = 1000, .frames = 7};
    struct vt_reason why = {""};
    const struct image_header header = {.type = limited[_i].type,
                                        .width = limited[_i].width,
                                        .height = limited[_i].height,
                                        .frames = limited[_i].frames};
    enum vt_error err = image_header_check(&header, &limits, &why);

    ck_assert_int_eq(err, limited[_i].taken ? VT_OK : VT_ERR_IMAGE_LIMIT);
    ck_assert_int_eq(why.text[0] == '\0', limited[_i].taken);
}
END_TEST

START_TEST(pixels_are_counted_without_overflow)
{
    static const struct image_limits limits = {4000000000, UINT32_MAX, 1};
    struct image_header header = {.type = IMAGE_PNG, .width = 65536, .height = 65536, .frames = 1};

    ck_assert_int_eq(image_header_check(&header, &limits, NULL), VT_ERR_IMAGE_LIMIT);
    header = (struct image_header){
        .type = IMAGE_PNG, .width = UINT32_MAX, .height = UINT32_MAX, .frames = 1};
    ck_assert_int_eq(image_header_check(&header, &limits, NULL), VT_ERR_IMAGE_LIMIT);
    header =
        (struct image_header){.type = IMAGE_PNG, .width = 4000000000, .height = 1, .frames = 1};
    ck_assert_int_eq(image_header_check(&header, &limits, NULL), VT_OK);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_header");
    TCase *whole = tcase_create("pictures"), *other = tcase_create("others");
    TCase *limit = tcase_create("limits");

    tcase_set_timeout(whole, 60); /* encoders and sanitizers are slow */
    tcase_add_loop_test(whole, picture_has_its_type_size_and_frames, 0, COUNT(pictures));
    tcase_add_loop_test(whole, picture_has_its_depth_and_alpha, 0, COUNT(described));
    tcase_add_loop_test(whole, beginning_of_a_picture_is_refused, 0, COUNT(pictures));
    tcase_add_loop_test(whole, cut_off_picture_is_told_from_what_is_none, 0, COUNT(pictures));
    tcase_add_loop_test(whole, picture_with_any_byte_changed_gives_a_plain_answer, 0,
                        COUNT(pictures));
    suite_add_tcase(suite, whole);
    tcase_add_loop_test(other, file_of_another_kind_is_unsupported, 0, COUNT(others));
    tcase_add_test(other, nothing_at_all_is_unsupported);
    suite_add_tcase(suite, other);
    tcase_add_loop_test(limit, header_is_checked_against_every_limit, 0, COUNT(limited));
    tcase_add_test(limit, pixels_are_counted_without_overflow);
    suite_add_tcase(suite, limit);
    return suite;
}
