/* Reads untrusted bytes bit by bit, the most significant bit first, as most codecs write their
 * headers, or the least significant one, as JPEG XL does.
 *
 * A read past the end gives zeroes and sets overrun, so that a parser needs to check only once, at
 * its end. */
#ifndef VITRINE_BASE_BITS_H
#define VITRINE_BASE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bits {
    const uint8_t *data;
    size_t len, at; /* at counts bits */
    bool overrun;   /* a read went past the end, or a number has more than 32 bits */
};

/* The next count bits, 32 at most. */
uint32_t bits_take(struct bits *in, unsigned count);

/* The same in the other order: bits are taken from the lowest of a byte on, and the first one is
 * the lowest of the number. */
uint32_t bits_take_low(struct bits *in, unsigned count);

/* One bit. */
static inline bool bits_flag(struct bits *in)
{
    return bits_take(in, 1) != 0;
}

/* Steps over count bits. */
void bits_skip(struct bits *in, size_t count);

/* An Exp-Golomb number: ue(v) of ITU-T H.265, 9.2, and uvlc() of AV1, 4.10.3. */
uint32_t bits_take_golomb(struct bits *in);

#endif
