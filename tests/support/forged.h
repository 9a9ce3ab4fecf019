/* For the tests of image_header: files made by hand, byte by byte. */
#ifndef VITRINE_TESTS_SUPPORT_FORGED_H
#define VITRINE_TESTS_SUPPORT_FORGED_H

#include <stdint.h>

#include "image/header/header.h"
#include "support.h"

/* Appends a string literal, NUL bytes in it included. */
#define PUT(buf, literal) buf_append(buf, literal, sizeof(literal) - 1)

/* Appends the lower `bytes` bytes of a number. */
void forged_big(struct buf *out, unsigned bytes, uint64_t value);
void forged_little(struct buf *out, unsigned bytes, uint64_t value);

/* Reads a copy of just the file's size, so that reading past its end is seen, and frees the file.
 */
enum vt_error forged_read(struct buf *file, struct image_header *header) VT_MUST_CHECK;

/* Fails the test where forged_read() gives another result. */
void forged_expect_refused(struct buf *file);
void forged_expect_size(struct buf *file, uint32_t width, uint32_t height, uint32_t frames);

/* Something that appends a picture of a size, without pixels. */
struct forged_maker {
    void (*make)(struct buf *out, uint32_t width, uint32_t height);
    enum image_type type;
    uint32_t max_side; /* the largest that the format can name */
};

/* Fails the test where sizes are not read as they were written, or pass the limits of 100
 * megapixels and 60,000 pixels a side. */
void forged_expect_sizes(const struct forged_maker *maker);

/* A progressive JPEG of next to no bytes whose every coefficient comes bit by bit, in scans of
 * their own: 883 of them, all zero. Of 8000 pixels a side, it takes minutes to decode. ITU T.81,
 * B.2 and G. */
void forged_scans(unsigned side, struct buf *out);

/* Fails the test where a picture with a side of 0 is not refused. */
void forged_expect_none_empty(const struct forged_maker *maker);

#endif
