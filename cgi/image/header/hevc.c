/* H.265: the size and depth in sequence parameter sets. ITU-T H.265, 7.3.2.2. */
#include <string.h>

#include "base/bits.h"
#include "image/header/heif.h"

#define SPS_START 1024 /* bytes that are examined; what is wanted lies within them */

enum { NAL_SPS = 33 };

/* 7.3.3 */
static void skip_profile(struct bits *in, unsigned sub_layers)
{
    unsigned present = 0;

    bits_skip(in, 96);
    if (sub_layers == 0)
        return;
    for (unsigned i = 0; i < 8; i++)
        present = present << 2 | bits_take(in, 2);
    for (unsigned i = 0; i < sub_layers; i++) {
        unsigned flags = present >> (14 - 2 * i) & 3;

        bits_skip(in, (flags & 2 ? 88u : 0u) + (flags & 1 ? 8u : 0u));
    }
}

/* The side that is shown; 0 if the window leaves nothing. */
static uint32_t crop(uint64_t stored, uint64_t first, uint64_t last, unsigned unit)
{
    uint64_t lost = (first + last) * unit;

    return lost < stored ? (uint32_t)(stored - lost) : 0;
}

static bool read_sps(struct bits *in, struct heif_coded *coded)
{
    unsigned sub_layers, chroma;
    uint32_t window[4] = {0}; /* left, right, top, bottom */

    bits_skip(in, 4);
    sub_layers = bits_take(in, 3);
    bits_skip(in, 1);
    skip_profile(in, sub_layers);
    (void)bits_take_golomb(in);
    chroma = bits_take_golomb(in);
    if (chroma == 3)
        bits_skip(in, 1);
    coded->stored_width = bits_take_golomb(in);
    coded->stored_height = bits_take_golomb(in);
    if (bits_flag(in))
        for (unsigned i = 0; i < 4; i++)
            window[i] = bits_take_golomb(in);
    coded->width =
        crop(coded->stored_width, window[0], window[1], chroma == 1 || chroma == 2 ? 2 : 1);
    coded->height = crop(coded->stored_height, window[2], window[3], chroma == 1 ? 2 : 1);
    coded->gray = chroma == 0;
    coded->depth = 8 + (bits_take_golomb(in) & 0xff);
    return !in->overrun && chroma <= 3 && coded->width > 0 && coded->height > 0 &&
           bits_take_golomb(in) == coded->depth - 8 && coded->depth <= 16;
}

/* Removes the bytes that prevent start codes (7.4.2), and returns the new length. */
static size_t unescape(uint8_t *data, size_t len)
{
    size_t kept = 0, zeroes = 0;

    for (size_t i = 0; i < len; i++) {
        if (zeroes >= 2 && data[i] == 3) {
            zeroes = 0;
            continue;
        }
        zeroes = data[i] == 0 ? zeroes + 1 : 0;
        data[kept++] = data[i];
    }
    return kept;
}

/* Takes a NAL unit of that length, and reads it if it is a parameter set of the picture's own
 * layer. */
static enum vt_error read_unit(struct reader *file, struct heif_data *data, uint64_t length,
                               struct heif_coded *coded)
{
    uint8_t start[SPS_START];
    struct heif_coded now = {0};
    struct bits in = {.data = start + 2};
    size_t len = length < sizeof start ? (size_t)length : sizeof start;

    if (!heif_data_take(data, start, len) || !heif_data_take(data, NULL, length - len))
        return reader_cut_off(file);
    if (len < 2 || (start[0] >> 1 & 0x3f) != NAL_SPS || (start[0] & 1) != 0 || start[1] >> 3 != 0)
        return VT_OK;
    in.len = unescape(start + 2, len - 2);
    if (!read_sps(&in, &now))
        return reader_corrupt(file, "its HEVC parameters are not sound, or of unequal depth");
    if (coded->depth != 0 &&
        (now.width != coded->width || now.height != coded->height ||
         now.stored_width != coded->stored_width || now.stored_height != coded->stored_height ||
         now.depth != coded->depth))
        return reader_corrupt(file, "its HEVC data has two sizes");
    *coded = now;
    return VT_OK;
}

/* ISO/IEC 14496-15, 8.3.3.1 */
static enum vt_error read_config(const struct heif *heif, struct reader config,
                                 struct heif_coded *coded)
{
    struct heif_data data = {.heif = heif, .now = config, .left = config.len};
    struct reader file = heif->file;
    uint8_t arrays, head[3], length[2];

    if (!heif_data_take(&data, NULL, 22) || !heif_data_take(&data, &arrays, 1))
        return reader_cut_off(&file);
    for (; arrays > 0; arrays--) {
        if (!heif_data_take(&data, head, 3))
            return reader_cut_off(&file);
        for (unsigned units = reader_big16(head + 1); units > 0; units--) {
            enum vt_error err;

            if (!heif_data_take(&data, length, 2))
                return reader_cut_off(&file);
            err = read_unit(&file, &data, reader_big16(length), coded);
            if (err != VT_OK)
                return err;
        }
    }
    return VT_OK;
}

enum vt_error heif_read_hevc(const struct heif *heif, struct reader config, struct heif_data *data,
                             struct heif_coded *coded)
{
    struct reader file = heif->file;
    enum vt_error err = read_config(heif, config, coded);
    uint8_t length[4]; /* libheif's size, whatever the configuration says */

    for (unsigned units = 0; err == VT_OK && data->left > 0; units++) {
        if (units == HEIF_UNITS)
            return heif_refuse(heif, "its data comes in too many units");
        if (!heif_data_take(data, length, 4))
            return reader_cut_off(&file);
        err = read_unit(&file, data, reader_big32(length), coded);
    }
    if (err == VT_OK && coded->depth == 0)
        return reader_corrupt(&file, "its HEVC data has no parameters");
    return err;
}
