#include "base/bits.h"

uint32_t bits_take(struct bits *in, unsigned count)
{
    uint32_t value = 0;

    if (count > 32 || count > in->len * 8 - in->at) {
        in->overrun = true;
        in->at = in->len * 8;
        return 0;
    }
    for (; count > 0; count--, in->at++)
        value = value << 1 | (in->data[in->at / 8] >> (7 - in->at % 8) & 1);
    return value;
}

uint32_t bits_take_low(struct bits *in, unsigned count)
{
    uint32_t value = 0;

    if (count > 32 || count > in->len * 8 - in->at) {
        in->overrun = true;
        in->at = in->len * 8;
        return 0;
    }
    for (unsigned i = 0; i < count; i++, in->at++)
        value |= (uint32_t)(in->data[in->at / 8] >> in->at % 8 & 1) << i;
    return value;
}

void bits_skip(struct bits *in, size_t count)
{
    if (count > in->len * 8 - in->at) {
        in->overrun = true;
        count = in->len * 8 - in->at;
    }
    in->at += count;
}

uint32_t bits_take_golomb(struct bits *in)
{
    unsigned zeroes = 0;

    while (!in->overrun && !bits_flag(in))
        zeroes++;
    if (in->overrun || zeroes > 31) {
        in->overrun = true;
        return 0;
    }
    return (uint32_t)((1ULL << zeroes) - 1 + bits_take(in, zeroes));
}
