/* The types that every browser shows: JPEG, PNG, GIF, WebP. */
#include <stdbool.h>
#include <string.h>

#include "image/header/formats.h"

/* ---- JPEG: ITU T.81, annex B ---- */

/* Skips entropy-coded data up to the 0xFF of the next marker that does not belong to the data. */
static bool skip_scan(struct reader *in)
{
    while (reader_left(in) >= 2) {
        const uint8_t *mark = memchr(in->data + in->at, 0xff, reader_left(in) - 1);

        if (mark == NULL)
            return false;
        in->at = (size_t)(mark - in->data);
        if (mark[1] == 0xff)
            in->at++;
        else if (mark[1] == 0 || (mark[1] >= 0xd0 && mark[1] <= 0xd7))
            in->at += 2;
        else
            return true;
    }
    return false;
}

static bool is_frame_marker(uint8_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

enum vt_error image_header_read_jpeg(struct reader *in, struct image_header *header)
{
    bool scanned = false;

    in->at = 2;
    for (;;) {
        const uint8_t *segment;
        uint8_t marker;
        size_t len;

        if (!skip_scan(in))
            return reader_cut_off(in);
        marker = in->data[in->at + 1];
        in->at += 2;
        if (marker == 0xd9)
            break;
        if (marker == 0x01 || marker == 0xd8)
            continue;
        segment = reader_take(in, 2);
        if (segment == NULL)
            return reader_cut_off(in);
        len = reader_big16(segment);
        if (len < 2)
            return reader_corrupt(in, "a JPEG segment has no length");
        if (reader_take(in, len - 2) == NULL)
            return reader_cut_off(in);
        if (is_frame_marker(marker) && len >= 8) {
            image_header_grow(header, reader_big16(segment + 5), reader_big16(segment + 3));
            image_header_deepen(header, segment[2]);
            header->channels = segment[7];
            if ((marker & 3) == 2) /* SOF2, 6, 10 and 14 */
                header->progressive = true;
        }
        if (marker == 0xda) {
            scanned = true;
            /* Decoders keep channels that come in separate scans until all have come. */
            if (len >= 3 && segment[2] < header->channels)
                header->progressive = true;
        }
    }
    if (!scanned || header->width == 0 || header->height == 0)
        return reader_corrupt(in, "the JPEG holds no picture");
    return VT_OK;
}

/* ---- PNG: W3C PNG, 5 ---- */

static void read_ihdr(const uint8_t *data, struct image_header *header)
{
    enum { COLOR = 2, PALETTE = 3, ALPHA = 4 };
    uint8_t color = data[9];

    image_header_grow(header, reader_big32(data), reader_big32(data + 4));
    image_header_deepen(header, color == PALETTE ? 8 : data[8]);
    header->alpha = (color & ALPHA) != 0;
    header->channels = (color & COLOR ? 3U : 1U) + (header->alpha ? 1U : 0U);
    header->progressive = data[12] != 0;
}

enum vt_error image_header_read_png(struct reader *in, struct image_header *header)
{
    bool first = true;

    in->at = 8;
    for (;;) {
        const uint8_t *chunk = reader_take(in, 8), *data;
        uint32_t len;

        if (chunk == NULL)
            return reader_cut_off(in);
        len = reader_big32(chunk);
        data = reader_take(in, (size_t)len + 4); /* the checksum */
        if (data == NULL)
            return reader_cut_off(in);
        if (first != (memcmp(chunk + 4, "IHDR", 4) == 0) || (first && len != 13))
            return reader_corrupt(in, "the PNG header is not where it belongs");
        first = false;
        if (memcmp(chunk + 4, "IHDR", 4) == 0)
            read_ihdr(data, header);
        if (memcmp(chunk + 4, "tRNS", 4) == 0)
            header->alpha = true;
        if (memcmp(chunk + 4, "acTL", 4) == 0 && len >= 8 && reader_big32(data) > header->frames)
            header->frames = reader_big32(data);
        if (memcmp(chunk + 4, "IEND", 4) == 0)
            break;
    }
    return VT_OK;
}

/* ---- GIF: GIF89a specification ---- */

static bool skip_sub_blocks(struct reader *in)
{
    for (;;) {
        const uint8_t *len = reader_take(in, 1);

        if (len == NULL || reader_take(in, *len) == NULL)
            return false;
        if (*len == 0)
            return true;
    }
}

static bool skip_color_table(struct reader *in, uint8_t flags)
{
    return (flags & 0x80) == 0 || reader_take(in, (size_t)3 << ((flags & 7) + 1)) != NULL;
}

enum vt_error image_header_read_gif(struct reader *in, struct image_header *header)
{
    const uint8_t *screen = in->data + 6;

    if (reader_take(in, 13) == NULL || !skip_color_table(in, screen[4]))
        return reader_cut_off(in);
    image_header_grow(header, reader_little16(screen), reader_little16(screen + 2));
    header->depth = 8;
    header->alpha = true; /* any frame declares a transparent colour */
    header->frames = 0;
    for (;;) {
        const uint8_t *kind = reader_take(in, 1), *frame;

        if (kind == NULL)
            return reader_cut_off(in);
        if (*kind == 0x3b)
            break;
        if (*kind == 0x21) {
            if (reader_take(in, 1) == NULL || !skip_sub_blocks(in))
                return reader_cut_off(in);
        } else if (*kind == 0x2c) {
            frame = reader_take(in, 9);
            if (frame == NULL || !skip_color_table(in, frame[8]) || reader_take(in, 1) == NULL ||
                !skip_sub_blocks(in))
                return reader_cut_off(in);
            image_header_grow(header, reader_little16(frame + 4), reader_little16(frame + 6));
            header->frames++;
        } else if (*kind != 0) { /* old encoders pad with zero bytes */
            return reader_corrupt(in, "the GIF has a block of no known kind");
        }
    }
    return header->frames > 0 ? VT_OK : reader_corrupt(in, "the GIF holds no picture");
}

/* ---- WebP: RFC 9649 ---- */

static void read_webp_chunk(const uint8_t *name, const uint8_t *data, uint32_t len,
                            struct image_header *header, uint32_t *frames)
{
    enum { VP8X_ALPHA = 0x10 };

    if (memcmp(name, "VP8X", 4) == 0 && len >= 10) {
        image_header_grow(header, reader_little24(data + 4) + 1, reader_little24(data + 7) + 1);
        header->alpha = header->alpha || (data[0] & VP8X_ALPHA) != 0;
    } else if (memcmp(name, "VP8 ", 4) == 0 && len >= 10) {
        image_header_grow(header, reader_little16(data + 6) & 0x3fff,
                          reader_little16(data + 8) & 0x3fff);
    } else if (memcmp(name, "VP8L", 4) == 0 && len >= 5) {
        uint32_t bits = reader_little32(data + 1);

        image_header_grow(header, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
        header->alpha = true; /* the flag in the bitstream is only a hint */
    } else if (memcmp(name, "ALPH", 4) == 0) {
        header->alpha = true;
    } else if (memcmp(name, "ANMF", 4) == 0 && len >= 16) {
        image_header_grow(header, reader_little24(data + 6) + 1, reader_little24(data + 9) + 1);
        header->alpha = true; /* holds the frame's chunks, and may not cover the canvas */
        (*frames)++;
    }
}

enum vt_error image_header_read_webp(struct reader *in, struct image_header *header)
{
    size_t size = reader_little32(in->data + 4);
    uint32_t frames = 0;

    in->at = 8;
    header->depth = 8;
    if (size > reader_left(in))
        return reader_cut_off(in);
    in->len = in->at + size; /* bytes after the RIFF do not belong to the image */
    if (reader_take(in, 4) == NULL)
        return reader_corrupt(in, "the WebP is empty");
    while (reader_left(in) >= 8) {
        const uint8_t *chunk = reader_take(in, 8), *data;
        uint32_t len = reader_little32(chunk + 4);

        data = reader_take(in, len);
        if (data == NULL)
            return reader_cut_off(in);
        if (len % 2 != 0 && reader_left(in) > 0)
            in->at++;
        read_webp_chunk(chunk, data, len, header, &frames);
    }
    if (frames > 0)
        header->frames = frames;
    if (header->width == 0 || header->height == 0)
        return reader_corrupt(in, "the WebP holds no picture");
    return VT_OK;
}
