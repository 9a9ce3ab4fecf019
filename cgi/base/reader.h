/* Untrusted bytes, and how far they have been read. Every read checks how many are left. */
#ifndef VITRINE_BASE_READER_H
#define VITRINE_BASE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct reader {
    const uint8_t *data;
    size_t len, at;        /* at never exceeds len */
    struct vt_reason *why; /* set by the failures below; may be NULL */
};

/* The number of bytes that are left. */
static inline size_t reader_left(const struct reader *in)
{
    return in->len - in->at;
}

/* Returns the next count bytes and steps over them; if there are fewer, returns NULL and steps over
 * nothing. */
const uint8_t *reader_take(struct reader *in, size_t count) VT_MUST_CHECK;

/* Steps over blocks that each begin with a byte for their length, as GIF has them, up to and with
 * the empty one. False if the bytes end before that. */
bool reader_skip_blocks(struct reader *in) VT_MUST_CHECK;

/* VT_ERR_INVALID_IMAGE, with its reason: the file ends before the image does. */
enum vt_error reader_cut_off(struct reader *in) VT_MUST_CHECK;

/* VT_ERR_INVALID_IMAGE, with a reason: `what` is a phrase of our own, not input. */
enum vt_error reader_corrupt(struct reader *in, const char *what) VT_MUST_CHECK;

/* The number in the two, three or four bytes at p, in big-endian or little-endian order. */
static inline uint32_t reader_big16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t reader_big32(const uint8_t *p)
{
    return reader_big16(p) << 16 | reader_big16(p + 2);
}

static inline uint32_t reader_little16(const uint8_t *p)
{
    return (uint32_t)p[1] << 8 | p[0];
}

static inline uint32_t reader_little24(const uint8_t *p)
{
    return (uint32_t)p[2] << 16 | reader_little16(p);
}

static inline uint32_t reader_little32(const uint8_t *p)
{
    return reader_little16(p + 2) << 16 | reader_little16(p);
}

/* The number in the two, four or eight bytes at p, in the order that a file names, as TIFF does. */
static inline uint32_t reader_16(const uint8_t *p, bool is_big)
{
    return is_big ? reader_big16(p) : reader_little16(p);
}

static inline uint32_t reader_32(const uint8_t *p, bool is_big)
{
    return is_big ? reader_big32(p) : reader_little32(p);
}

static inline uint64_t reader_64(const uint8_t *p, bool is_big)
{
    return (uint64_t)reader_32(p + (is_big ? 0 : 4), is_big) << 32 |
           reader_32(p + (is_big ? 4 : 0), is_big);
}

#endif
