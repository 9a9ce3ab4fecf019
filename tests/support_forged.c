#include "support_forged.h"

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

enum vt_error forged_read(struct buf *file, struct image_header *header)
{
    struct vt_reason why = {""};
    char *copy = malloc(file->len);
    enum vt_error err;

    SUPPORT_MUST(copy != NULL);
    memcpy(copy, file->data, file->len);
    err = image_header_read(copy, file->len, header, &why);
    ck_assert_int_eq(err == VT_OK, why.text[0] == '\0');
    free(copy);
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
