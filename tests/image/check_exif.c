/* The orientation in arbitrary EXIF data. */
#include "image/exif.h"

#include <stdlib.h>
#include <string.h>

#include "../support/forged.h"

#define ORIENTATION 0x0112
#define SHORT 3
#define LONG 4

/* Of a directory with three entries, the second of which is the orientation. */
struct exif {
    bool big, head;     /* big-endian; with the head that a JPEG's segment has */
    unsigned tag, type; /* 0 for the orientation's own */
    unsigned value;
    unsigned offset, entries; /* as they are told; 0 for what is true */
};

static void put(const struct exif *exif, struct buf *out, unsigned bytes, uint64_t value)
{
    if (exif->big)
        forged_big(out, bytes, value);
    else
        forged_little(out, bytes, value);
}

/* A SHORT's value stands at the left of its four bytes (TIFF 6.0, section 2). */
static void put_entry(const struct exif *exif, struct buf *out, unsigned tag, unsigned type,
                      unsigned value)
{
    put(exif, out, 2, tag);
    put(exif, out, 2, type);
    put(exif, out, 4, 1);
    if (type == LONG) {
        put(exif, out, 4, value);
    } else {
        put(exif, out, 2, value);
        put(exif, out, 2, 0);
    }
}

static struct buf make(const struct exif *exif)
{
    struct buf out = BUF_INIT;

    if (exif->head)
        PUT(&out, "Exif\0\0");
    buf_append(&out, exif->big ? "MM" : "II", 2);
    put(exif, &out, 2, 42);
    put(exif, &out, 4, exif->offset != 0 ? exif->offset : 8);
    put(exif, &out, 2, exif->entries != 0 ? exif->entries : 3);
    put_entry(exif, &out, 0x0100, SHORT, 5);
    put_entry(exif, &out, exif->tag != 0 ? exif->tag : ORIENTATION,
              exif->type != 0 ? exif->type : SHORT, exif->value);
    put_entry(exif, &out, 0x0128, SHORT, 2);
    put(exif, &out, 4, 0);
    SUPPORT_MUST(buf_ok(&out));
    return out;
}

/* Reads a copy of just that size, so that reading past its end is seen. */
static unsigned read_part(const struct buf *exif, size_t len)
{
    char *copy = malloc(len + (len == 0));
    unsigned orientation;

    SUPPORT_MUST(copy != NULL);
    memcpy(copy, exif->data, len);
    orientation = image_exif_orientation(copy, len);
    free(copy);
    return orientation;
}

static unsigned read_made(const struct exif *exif)
{
    struct buf data = make(exif);
    unsigned orientation = read_part(&data, data.len);

    buf_free(&data);
    return orientation;
}

/* Both byte orders, with and without the head. */
#define FORMS 4
#define FORM(i) .big = ((i)&1) != 0, .head = ((i)&2) != 0

START_TEST(each_orientation_is_read)
{
    for (unsigned value = 1; value <= 8; value++)
        ck_assert_uint_eq(read_made(&(struct exif){FORM(_i), .value = value}), value);
}
END_TEST

START_TEST(an_invalid_orientation_counts_as_upright)
{
    static const unsigned values[] = {0, 9, 10, 255, 256, 0x0600, 0xffff};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        ck_assert_uint_eq(read_made(&(struct exif){FORM(_i), .value = values[i]}), 1);
}
END_TEST

START_TEST(other_types_and_tags_are_none)
{
    for (unsigned type = 1; type <= 13; type++)
        ck_assert_uint_eq(read_made(&(struct exif){FORM(_i), .type = type, .value = 6}),
                          type == SHORT ? 6 : 1);
    ck_assert_uint_eq(read_made(&(struct exif){FORM(_i), .type = 0x0300, .value = 6}), 1);
    ck_assert_uint_eq(read_made(&(struct exif){FORM(_i), .tag = 0x1201, .value = 6}), 1);
    ck_assert_uint_eq(read_made(&(struct exif){FORM(_i), .tag = 0x0113, .value = 6}), 1);
}
END_TEST

/* Up to the orientation's last byte there is none to be read; from there on, one that lacks the
 * rest of the directory is none either, as all of it is looked at. */
START_TEST(data_that_is_cut_off_says_nothing)
{
    struct buf data = make(&(struct exif){FORM(_i), .value = 6});

    for (size_t len = 0; len < data.len - 4; len++)
        ck_assert_msg(read_part(&data, len) == 1, "of %zu bytes", len);
    for (size_t len = data.len - 4; len <= data.len; len++) /* the next directory's offset */
        ck_assert_uint_eq(read_part(&data, len), 6);
    buf_free(&data);
}
END_TEST

START_TEST(offsets_that_lie_say_nothing)
{
    static const unsigned offsets[] = {
        1,  7,  9,          10,         46,         49,         50,         51,        52,
        56, 57, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff, 0xfffffffe, 0x08000000};

    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++)
        ck_assert_msg(read_made(&(struct exif){FORM(_i), .value = 6, .offset = offsets[i]}) == 1,
                      "offset %u", offsets[i]);
}
END_TEST

START_TEST(counts_that_lie_are_not_followed)
{
    ck_assert_uint_eq(read_made(&(struct exif){FORM(_i), .value = 6, .entries = 1}), 1);
    ck_assert_uint_eq(read_made(&(struct exif){FORM(_i), .value = 6, .entries = 2}), 6);
    ck_assert_uint_eq(read_made(&(struct exif){FORM(_i), .value = 6, .entries = 4}), 1);
    ck_assert_uint_eq(read_made(&(struct exif){FORM(_i), .value = 6, .entries = 0xffff}), 1);
}
END_TEST

START_TEST(data_that_is_not_exif_counts_as_upright)
{
    static const char *const others[] = {
        "http://ns.adobe.com/xap/1.0/", "Exif", "II*", "MM*\0\0\0\0\x08", "Exif\1\0MM\0*\0\0\0\x08",
    };
    struct buf data = make(&(struct exif){.big = true, .value = 6});

    ck_assert_uint_eq(image_exif_orientation("", 0), 1);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_uint_eq(image_exif_orientation(others[i], strlen(others[i])), 1);
    data.data[1] = 'I'; /* neither of the two */
    ck_assert_uint_eq(read_part(&data, data.len), 1);
    data.data[1] = 'M';
    data.data[3] = 43; /* BigTIFF */
    ck_assert_uint_eq(read_part(&data, data.len), 1);
    data.data[3] = 42;
    ck_assert_uint_eq(read_part(&data, data.len), 6);
    buf_free(&data);
}
END_TEST

/* No byte of it may be anything that matters to memory. */
START_TEST(any_byte_may_be_any_other)
{
    struct buf data = make(&(struct exif){FORM(_i), .value = 6});

    for (size_t at = 0; at < data.len; at++) {
        char was = data.data[at];

        for (int value = 0; value < 256; value++) {
            unsigned orientation;

            data.data[at] = (char)value;
            orientation = read_part(&data, data.len);
            ck_assert_uint_ge(orientation, 1);
            ck_assert_uint_le(orientation, 8);
        }
        data.data[at] = was;
    }
    buf_free(&data);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_exif");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, each_orientation_is_read, 0, FORMS);
    tcase_add_loop_test(all, an_invalid_orientation_counts_as_upright, 0, FORMS);
    tcase_add_loop_test(all, other_types_and_tags_are_none, 0, FORMS);
    tcase_add_loop_test(all, data_that_is_cut_off_says_nothing, 0, FORMS);
    tcase_add_loop_test(all, offsets_that_lie_say_nothing, 0, FORMS);
    tcase_add_loop_test(all, counts_that_lie_are_not_followed, 0, FORMS);
    tcase_add_test(all, data_that_is_not_exif_counts_as_upright);
    tcase_add_loop_test(all, any_byte_may_be_any_other, 0, FORMS);
    suite_add_tcase(suite, all);
    return suite;
}
