#include "forged.h"

#include <stdlib.h>
#include <string.h>

void forged_big(struct buf *out, unsigned bytes, uint64_t value)
{
    while (bytes-- > 0)
        buf_append(out, &(char){(char)(value >> 8 * bytes)}, 1);
}

void forged_little(struct buf *out, unsigned bytes, uint64_t value)
{
    for (; bytes > 0; bytes--, value >>= 8)
        buf_append(out, &(char){(char)value}, 1);
}

enum vt_error forged_read_copy(const void *data, size_t len, struct image_header *header,
                               struct vt_reason *why)
{
    char *copy = malloc(len + (len == 0));
    enum vt_error err;

    SUPPORT_MUST(copy != NULL);
    memcpy(copy, data, len);
    why->text[0] = '\0';
    err = image_header_read(copy, len, header, why);
    free(copy);
    return err;
}

enum vt_error forged_read(struct buf *file, struct image_header *header)
{
    struct vt_reason why;
    enum vt_error err = forged_read_copy(file->data, file->len, header, &why);

    ck_assert_int_eq(err == VT_OK, why.text[0] == '\0');
    buf_free(file);
    return err;
}

void forged_expect_refused(struct buf *file)
{
    struct image_header header;

    ck_assert_int_eq(forged_read(file, &header), VT_ERR_INVALID_IMAGE);
}

void forged_expect_size(struct buf *file, uint32_t width, uint32_t height, uint32_t frames)
{
    struct image_header header;

    ck_assert_int_eq(forged_read(file, &header), VT_OK);
    ck_assert_uint_eq(header.width, width);
    ck_assert_uint_eq(header.height, height);
    ck_assert_uint_eq(header.frames, frames);
}

static void expect_size(const struct forged_maker *maker, uint32_t width, uint32_t height,
                        enum vt_error want)
{
    static const struct image_limits limits = {.pixels = 100000000, .side = 60000, .frames = 1};
    struct image_header header;
    struct buf file = BUF_INIT;

    maker->make(&file, width, height);
    ck_assert_int_eq(forged_read(&file, &header), VT_OK);
    ck_assert_int_eq(header.type, maker->type);
    ck_assert_uint_eq(header.width, width);
    ck_assert_uint_eq(header.height, height);
    ck_assert_uint_eq(header.frames, 1);
    ck_assert_int_eq(image_header_check(&header, &limits, NULL), want);
}

void forged_expect_sizes(const struct forged_maker *maker)
{
    expect_size(maker, 1, 1, VT_OK);
    expect_size(maker, 258, 1, VT_OK);
    expect_size(maker, 1, 258, VT_OK);
    expect_size(maker, 10000, 10000, VT_OK);
    expect_size(maker, 10000, 10001, VT_ERR_IMAGE_LIMIT);
    expect_size(maker, 30000, 30000, VT_ERR_IMAGE_LIMIT);
    expect_size(maker, 60001, 1, VT_ERR_IMAGE_LIMIT);
    expect_size(maker, 1, 60001, VT_ERR_IMAGE_LIMIT);
    expect_size(maker, maker->max_side, maker->max_side, VT_ERR_IMAGE_LIMIT);
}

void forged_expect_none_empty(const struct forged_maker *maker)
{
    static const uint32_t sizes[][2] = {{0, 10}, {10, 0}, {0, 0}};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct buf file = BUF_INIT;

        maker->make(&file, sizes[i][0], sizes[i][1]);
        forged_expect_refused(&file);
    }
}

void forged_scans(unsigned side, struct buf *out)
{
    unsigned blocks = (side / 8) * (side / 8), runs = blocks / 16384 + 1;

    PUT(out, "\xff\xd8\xff\xdb\0\x43\0");
    for (int i = 0; i < 64; i++)
        PUT(out, "\1");
    PUT(out, "\xff\xc2\0\x0b\x08");
    forged_big(out, 2, side);
    forged_big(out, 2, side);
    PUT(out, "\1\1\x11\0");
    /* One code of one bit in each table: no difference, and a run of 16,384 empty blocks. */
    PUT(out, "\xff\xc4\0\x14\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    PUT(out, "\xff\xc4\0\x14\x10\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xe0");
    PUT(out, "\xff\xda\0\x08\1\1\0\0\0\0");
    for (unsigned i = 0; i < blocks / 8 + 1; i++)
        PUT(out, "\0");
    for (unsigned coefficient = 1; coefficient < 64; coefficient++) {
        for (unsigned low = 14; low-- > 0;) {
            PUT(out, "\xff\xda\0\x08\1\1\0");
            forged_big(out, 1, coefficient);
            forged_big(out, 1, coefficient);
            forged_big(out, 1, (low == 13 ? 0 : low + 1) << 4 | low);
            for (unsigned i = 0; i < runs * 15 / 8 + 1; i++)
                PUT(out, "\0");
        }
    }
    PUT(out, "\xff\xd9");
    SUPPORT_MUST(buf_ok(out));
}
