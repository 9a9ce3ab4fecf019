/* Files made by hand, byte by byte, for the tests of image_header. */
#ifndef VITRINE_TESTS_SUPPORT_FORGED_H
#define VITRINE_TESTS_SUPPORT_FORGED_H

#include <stdint.h>

#include "image/header/header.h"
#include "support.h"

/* Appends a string literal, including NUL bytes in it. */
#define PUT(buf, literal) buf_append(buf, literal, sizeof(literal) - 1)

/* Append the lower `bytes` bytes of a number. */
void forged_big(struct buf *out, unsigned bytes, uint64_t value);
void forged_little(struct buf *out, unsigned bytes, uint64_t value);

/* Reads the header of a copy that has exactly that size, so that reading past its end is detected.
 */
enum vt_error forged_read_copy(const void *data, size_t len, struct image_header *header,
                               struct vt_reason *why) VT_MUST_CHECK;

/* Does the same with a file, and frees it. A file that is refused must have a reason. */
enum vt_error forged_read(struct buf *file, struct image_header *header) VT_MUST_CHECK;

/* Fail the test if forged_read() returns another result. */
void forged_expect_refused(struct buf *file);
void forged_expect_size(struct buf *file, uint32_t width, uint32_t height, uint32_t frames);

/* A function that appends a picture of a given size, without pixels. */
struct forged_maker {
    void (*make)(struct buf *out, uint32_t width, uint32_t height);
    enum image_type type;
    uint32_t max_side; /* the largest that the format can express */
};

/* Fails the test if sizes are not read as they were written, or if sizes over the limits of 100
 * megapixels and 60,000 pixels a side are accepted. */
void forged_expect_sizes(const struct forged_maker *maker);

/* Makes a progressive JPEG of very few bytes in which each bit of each coefficient has a scan of
 * its own: 883 scans, all zero. With 8000 pixels a side, it takes minutes to decode. ITU T.81, B.2
 * and G. */
void forged_scans(unsigned side, struct buf *out);

/* Fails the test if a picture with a side of 0 is not refused. */
void forged_expect_none_empty(const struct forged_maker *maker);

#endif
