/* Headers of JPEG XL, made bit by bit, and the boxes around them. */
#include "image/header/header.h"

#include <stdlib.h>
#include <string.h>

#include "../support/forged.h"

/* ---- bits ---- */

struct stream {
    struct buf bytes;
    unsigned used; /* bits of the last byte; 8 if it is full */
};

/* Appends the lower count bits; those beyond the 32nd are zero. */
static void put(struct stream *out, unsigned count, uint32_t value)
{
    for (unsigned i = 0; i < count; i++, out->used++) {
        uint32_t bit = i < 32 ? value >> i & 1 : 0;

        if (out->used == 8) {
            buf_append(&out->bytes, "", 1);
            out->used = 0;
        }
        SUPPORT_MUST(buf_ok(&out->bytes));
        out->bytes.data[out->bytes.len - 1] |= (char)(bit << out->used);
    }
}

static struct stream begin(void)
{
    struct stream out = {BUF_INIT, 8};

    put(&out, 16, 0x0aff);
    return out;
}

/* A size in the long form of 30 bits. */
static void put_size(struct stream *out, uint32_t width, uint32_t height)
{
    put(out, 1, 0);
    put(out, 2, 3);
    put(out, 30, height - 1);
    put(out, 3, 0);
    put(out, 2, 3);
    put(out, 30, width - 1);
}

/* Metadata up to the number of extra channels, which follow; 8 bits. */
static void put_metadata(struct stream *out, unsigned extra)
{
    put(out, 1, 0); /* not all as usual */
    put(out, 1, 0); /* no extra fields */
    put(out, 3, 0); /* 8 bits, no floats */
    put(out, 1, 1);
    put(out, 2, 3);
    put(out, 12, extra - 1);
}

static void put_channel(struct stream *out, unsigned type)
{
    put(out, 1, 0);
    put(out, 2, 2); /* the form of 2 to 17 */
    put(out, 4, type - 2);
    put(out, 3, 0); /* 8 bits */
    put(out, 2, 0); /* not smaller */
    put(out, 2, 0); /* no name */
    if (type == 2)  /* a spot colour */
        for (int i = 0; i < 4; i++)
            put(out, 16, 0x3c00);
    if (type == 5)
        put(out, 2, 0);
}

static void put_end(struct stream *out)
{
    put(out, 1, 1);  /* XYB */
    put(out, 1, 1);  /* sRGB */
    put(out, 40, 0); /* more */
}

static enum vt_error read_stream(struct stream *out, struct image_header *header,
                                 struct vt_reason *why)
{
    enum vt_error err = forged_read_copy(out->bytes.data, out->bytes.len, header, why);

    buf_free(&out->bytes);
    return err;
}

/* ---- sizes ---- */

static const struct {
    uint32_t bits[6][2]; /* the SizeHeader: pairs of count and value */
    uint32_t width, height;
} sizes[] = {
    {{{1, 1}, {5, 0}, {3, 0}, {5, 31}}, 256, 8},             /* in blocks of 8 */
    {{{1, 1}, {5, 9}, {3, 1}}, 80, 80},                      /* and by each ratio */
    {{{1, 1}, {5, 9}, {3, 2}}, 96, 80},                      /* 12:10 */
    {{{1, 0}, {2, 0}, {9, 299}, {3, 3}}, 400, 300},          /* 4:3 */
    {{{1, 0}, {2, 1}, {13, 3999}, {3, 4}}, 6000, 4000},      /* 3:2 */
    {{{1, 0}, {2, 1}, {13, 1079}, {3, 5}}, 1920, 1080},      /* 16:9 */
    {{{1, 0}, {2, 0}, {9, 399}, {3, 6}}, 500, 400},          /* 5:4 */
    {{{1, 0}, {2, 2}, {18, 99999}, {3, 7}}, 200000, 100000}, /* 2:1 */
    {{{1, 0}, {2, 0}, {9, 0}, {3, 0}, {2, 0}, {9, 511}}, 512, 1},
};

START_TEST(every_form_of_a_size_is_read)
{
    struct stream out = begin();
    struct image_header header;
    struct vt_reason why;

    for (int i = 0; i < 6; i++)
        put(&out, sizes[_i].bits[i][0], sizes[_i].bits[i][1]);
    put(&out, 1, 1);
    put(&out, 40, 0);
    ck_assert_int_eq(read_stream(&out, &header, &why), VT_OK);
    ck_assert_int_eq(header.type, IMAGE_JXL);
    ck_assert_uint_eq(header.width, sizes[_i].width);
    ck_assert_uint_eq(header.height, sizes[_i].height);
    ck_assert_uint_eq(header.depth, 8);
    ck_assert_uint_eq(header.channels, 3);
    ck_assert(!header.alpha);
    ck_assert_uint_eq(header.frames, 1);
}
END_TEST

START_TEST(a_size_over_the_limits_is_found_before_any_decode)
{
    const struct image_limits limits = {100 * 1000 * 1000, 65535, 1000};
    struct stream out = begin();
    struct image_header header;
    struct vt_reason why;

    put_size(&out, 1u << 30, 1u << 30);
    put(&out, 1, 1);
    put(&out, 40, 0);
    ck_assert_int_eq(read_stream(&out, &header, &why), VT_OK);
    ck_assert_uint_eq(header.width, 1u << 30);
    ck_assert_int_eq(image_header_check(&header, &limits, &why), VT_ERR_IMAGE_LIMIT);
}
END_TEST

START_TEST(a_width_by_ratio_that_no_picture_may_have_is_refused)
{
    struct stream out = begin();
    struct image_header header;
    struct vt_reason why;

    put(&out, 1, 0);
    put(&out, 2, 3);
    put(&out, 30, (1u << 30) - 1);
    put(&out, 3, 7); /* 2:1 */
    put(&out, 1, 1);
    put(&out, 40, 0);
    ck_assert_int_eq(read_stream(&out, &header, &why), VT_ERR_INVALID_IMAGE);
    ck_assert_ptr_nonnull(strstr(why.text, "larger than any picture"));
}
END_TEST

/* ---- metadata ---- */

START_TEST(extra_fields_are_stepped_over)
{
    struct stream out = begin();
    struct image_header header;
    struct vt_reason why;

    put_size(&out, 300, 200);
    put(&out, 1, 0);
    put(&out, 1, 1); /* extra fields: */
    put(&out, 3, 5); /* a turn, */
    put(&out, 1, 1); /* another size, */
    put_size(&out, 5, 6);
    put(&out, 1, 1);      /* a preview, */
    put(&out, 1, _i & 1); /* in blocks of 8 or not, */
    put(&out, 2, 2);      /* in a form of 5 or 10 bits */
    put(&out, _i & 1 ? 5 : 10, 1);
    put(&out, 3, 0);
    put(&out, 2, 2);
    put(&out, _i & 1 ? 5 : 10, 1);
    put(&out, 1, 1); /* and an animation */
    put(&out, 2, 2);
    put(&out, 10, 23);
    put(&out, 2, 0);
    put(&out, 2, 3);
    put(&out, 32, 7);
    put(&out, 1, 0);
    put(&out, 1, 0); /* 16 bits, no floats */
    put(&out, 2, 3);
    put(&out, 6, 15);
    put(&out, 1, 0);
    put(&out, 2, 1); /* an alpha as usual */
    put(&out, 1, 1);
    put(&out, 1, 0); /* not XYB; gray with a profile */
    put(&out, 1, 0);
    put(&out, 1, 1);
    put(&out, 2, 1);
    put(&out, 8, 0);
    ck_assert_int_eq(read_stream(&out, &header, &why), VT_OK);
    ck_assert_uint_eq(header.width, 300);
    ck_assert_uint_eq(header.height, 200);
    ck_assert_uint_eq(header.depth, 16);
    ck_assert_uint_eq(header.channels, 2);
    ck_assert(header.alpha);
}
END_TEST

START_TEST(floats_have_their_depth)
{
    static const unsigned depths[] = {32, 16, 24};
    struct stream out = begin();
    struct image_header header;
    struct vt_reason why;

    put_size(&out, 300, 200);
    put(&out, 2, 0);
    put(&out, 1, 1);            /* floats */
    put(&out, 2, (uint32_t)_i); /* of 32, 16, 24 or, here, 64 bits */
    put(&out, _i == 3 ? 6 : 0, 63);
    put(&out, 4, 7);
    put(&out, 1, 0);
    put(&out, 2, 0);
    put_end(&out);
    if (_i == 3) {
        ck_assert_int_eq(read_stream(&out, &header, &why), VT_ERR_INVALID_IMAGE);
        ck_assert_ptr_nonnull(strstr(why.text, "more than 32 bits"));
        return;
    }
    ck_assert_int_eq(read_stream(&out, &header, &why), VT_OK);
    ck_assert_uint_eq(header.depth, depths[_i]);
}
END_TEST

START_TEST(extra_channels_are_counted_and_ink_is_refused)
{
    static const unsigned types[] = {2, 5, 6, 4}; /* spot colour, filter, thermal, black */
    struct stream out = begin();
    struct image_header header;
    struct vt_reason why;

    put_size(&out, 300, 200);
    put_metadata(&out, 3);
    put(&out, 1, 1);
    put_channel(&out, types[_i]);
    put_channel(&out, 3);
    put_end(&out);
    if (types[_i] == 4) {
        ck_assert_int_eq(read_stream(&out, &header, &why), VT_ERR_INVALID_IMAGE);
        ck_assert_ptr_nonnull(strstr(why.text, "CMYK"));
        return;
    }
    ck_assert_int_eq(read_stream(&out, &header, &why), VT_OK);
    ck_assert_uint_eq(header.channels, 6);
    ck_assert(header.alpha);
}
END_TEST

START_TEST(more_channels_than_a_level_allows_are_refused)
{
    struct stream out = begin();
    struct image_header header;
    struct vt_reason why;

    put_size(&out, 300, 200);
    put_metadata(&out, 256 + (unsigned)_i);
    for (int i = 0; i < 257; i++)
        put(&out, 1, 1);
    put_end(&out);
    ck_assert_int_eq(read_stream(&out, &header, &why), _i == 0 ? VT_OK : VT_ERR_INVALID_IMAGE);
    if (_i == 0)
        ck_assert_uint_eq(header.channels, 259);
    else
        ck_assert_ptr_nonnull(strstr(why.text, "too many channels"));
}
END_TEST

START_TEST(a_header_that_ends_too_early_is_cut_off)
{
    struct stream out = begin();
    struct image_header header;
    struct vt_reason why;

    put_size(&out, 300, 200);
    put_metadata(&out, 2);
    put_channel(&out, 2);
    put_channel(&out, 5);
    for (size_t len = 3; len < out.bytes.len; len++) {
        ck_assert_int_eq(forged_read_copy(out.bytes.data, len, &header, &why),
                         VT_ERR_INVALID_IMAGE);
        ck_assert_ptr_nonnull(strstr(why.text, "cut off"));
    }
    buf_free(&out.bytes);
}
END_TEST

START_TEST(a_header_longer_than_any_is_refused)
{
    struct stream out = begin();
    struct image_header header;
    struct vt_reason why;

    put_size(&out, 300, 200);
    put_metadata(&out, 256);
    for (int i = 0; i < 256; i++) {
        put(&out, 1, 0);
        put(&out, 2, 1); /* a depth map */
        put(&out, 3, 0);
        put(&out, 2, 0);
        put(&out, 2, 3); /* with a name of 1071 bytes */
        put(&out, 10, 1023);
        for (int at = 0; at < 1071; at++)
            put(&out, 8, 'x');
    }
    put_end(&out);
    ck_assert_int_eq(read_stream(&out, &header, &why), VT_ERR_INVALID_IMAGE);
    ck_assert_ptr_nonnull(strstr(why.text, "header is too long"));
}
END_TEST

/* ---- boxes ---- */

#define SIGNATURE "\0\0\0\x0cJXL \r\n\x87\n"
#define TYPE                                                                                       \
    "\0\0\0\x14"                                                                                   \
    "ftypjxl \0\0\0\0jxl "
#define WHOLE                                                                                      \
    "\0\0\0\x0c"                                                                                   \
    "jxlc\xff\x0a\x41\x06" /* 8 by 8 */
#define PART0                                                                                      \
    "\0\0\0\x0d"                                                                                   \
    "jxlp\0\0\0\0\xff"
#define PART1                                                                                      \
    "\0\0\0\x0e"                                                                                   \
    "jxlp\0\0\0\1\x0a\x41"
#define LAST                                                                                       \
    "\0\0\0\x0d"                                                                                   \
    "jxlp\x80\0\0\2\x06"
#define OTHER                                                                                      \
    "\0\0\0\x09"                                                                                   \
    "Exif!"
#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
    const char *data;
    size_t len;
    const char *why; /* NULL if it is accepted */
} files[] = {
    {BYTES(SIGNATURE TYPE WHOLE), NULL},
    {BYTES(SIGNATURE TYPE OTHER WHOLE OTHER), NULL},
    {BYTES(SIGNATURE TYPE PART0 OTHER PART1 LAST OTHER), NULL},
    {BYTES(SIGNATURE TYPE "\0\0\0\0jxlc\xff\x0a\x41\x06"), NULL}, /* to the end of the file */
    {BYTES(SIGNATURE TYPE "\0\0\0\1jxlc\0\0\0\0\0\0\0\x14\xff\x0a\x41\x06"), NULL},
    {BYTES(SIGNATURE), "cut off"},
    {BYTES(SIGNATURE TYPE), "cut off"},
    {BYTES(SIGNATURE TYPE OTHER), "cut off"},
    {BYTES(SIGNATURE TYPE PART0 PART1), "cut off"},
    {BYTES(SIGNATURE TYPE WHOLE "\0\0\0\x09"
                                "Exif"),
     "cut off"},
    {BYTES(SIGNATURE TYPE WHOLE "\0\0\0"), "cut off"},
    {BYTES(SIGNATURE TYPE "\0\0\0\x0b"
                          "jxlp\x80\0\0"),
     "cut off"},
    {BYTES(SIGNATURE TYPE "\0\0\0\x09"
                          "jxlc\xff"),
     "cut off"},
    {BYTES(SIGNATURE TYPE "\0\0\0\x08"
                          "jxlc"),
     "cut off"},
    {BYTES(SIGNATURE TYPE "\0\0\0\x0c"
                          "jxlc\xff\x0b\x41\x06"),
     "no JPEG XL codestream"},
    {BYTES(SIGNATURE WHOLE), "second box"},
    {BYTES(SIGNATURE "\0\0\0\x14"
                     "ftypavif\0\0\0\0jxl " WHOLE),
     "second box"},
    {BYTES(SIGNATURE "\0\0\0\x08"
                     "ftyp" WHOLE),
     "second box"},
    {BYTES(SIGNATURE "\0\0\0\0"
                     "ftypjxl " WHOLE),
     "smaller than its header"},
    {BYTES(SIGNATURE TYPE "\0\0\0\7"
                          "Exif" WHOLE),
     "smaller than its header"},
    {BYTES(SIGNATURE TYPE WHOLE WHOLE), "two codestreams"},
    {BYTES(SIGNATURE TYPE PART0 WHOLE), "two codestreams"},
    {BYTES(SIGNATURE TYPE WHOLE LAST), "out of order"},
    {BYTES(SIGNATURE TYPE PART1 PART0 LAST), "out of order"},
    {BYTES(SIGNATURE TYPE PART0 LAST), "out of order"},
    {BYTES(SIGNATURE TYPE PART0 PART0), "out of order"},
    {BYTES(SIGNATURE TYPE PART0 PART1 LAST LAST), "out of order"},
};

START_TEST(boxes_are_walked_to_the_end)
{
    struct image_header header;
    struct vt_reason why;
    enum vt_error err = forged_read_copy(files[_i].data, files[_i].len, &header, &why);

    if (files[_i].why == NULL) {
        ck_assert_msg(err == VT_OK, "%s", why.text);
        ck_assert_uint_eq(header.width, 8);
        ck_assert_uint_eq(header.height, 8);
        return;
    }
    ck_assert_int_eq(err, VT_ERR_INVALID_IMAGE);
    ck_assert_msg(strstr(why.text, files[_i].why) != NULL, "%s", why.text);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *make_suite(void)
{
    Suite *suite = suite_create("header_jxl");
    TCase *bits = tcase_create("bits"), *boxes = tcase_create("boxes");

    tcase_add_loop_test(bits, every_form_of_a_size_is_read, 0, COUNT(sizes));
    tcase_add_test(bits, a_size_over_the_limits_is_found_before_any_decode);
    tcase_add_test(bits, a_width_by_ratio_that_no_picture_may_have_is_refused);
    tcase_add_loop_test(bits, extra_fields_are_stepped_over, 0, 2);
    tcase_add_loop_test(bits, floats_have_their_depth, 0, 4);
    tcase_add_loop_test(bits, extra_channels_are_counted_and_ink_is_refused, 0, 4);
    tcase_add_loop_test(bits, more_channels_than_a_level_allows_are_refused, 0, 2);
    tcase_add_test(bits, a_header_that_ends_too_early_is_cut_off);
    tcase_add_test(bits, a_header_longer_than_any_is_refused);
    suite_add_tcase(suite, bits);
    tcase_add_loop_test(boxes, boxes_are_walked_to_the_end, 0, COUNT(files));
    suite_add_tcase(suite, boxes);
    return suite;
}
