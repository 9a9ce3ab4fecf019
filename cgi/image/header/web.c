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

/* Names the kind of a frame that no browser shows: T.81, table B.1. Returns NULL for any other. */
static const char *find_refused_kind(uint8_t marker, const uint8_t *segment)
{
    uint8_t depth = segment[2], components = segment[7];

    if (marker >= 0xc5 && (marker & 7) >= 5) /* SOF5, 6, 7, 13, 14 and 15 */
        return "a hierarchical JPEG";
    if ((marker & 3) == 3)
        return "a lossless JPEG";
    if (depth != 8)
        return depth == 12 ? "a 12-bit JPEG" : "a JPEG of an unknown depth";
    return components == 1 || components == 3 || components == 4
               ? NULL
               : "a JPEG of neither one, three nor four colours";
}

#define COMPONENTS 4
#define COEFFICIENTS 64 /* of a block */

/* Which of a frame's coefficients its scans have brought in full, bit by bit. */
struct jpeg_scans {
    bool any;
    bool known; /* whether a decoder notices missing data: not with arithmetic coding */
    bool progressive;
    unsigned components;
    uint8_t ids[COMPONENTS];
    uint64_t whole[COMPONENTS];
};

static void begin_frame(uint8_t marker, const uint8_t *segment, size_t len,
                        struct jpeg_scans *scans)
{
    unsigned components = segment[7];

    memset(scans->whole, 0, sizeof scans->whole);
    scans->known = marker <= 0xc2 && components > 0 && components <= COMPONENTS &&
                   len >= 8 + (size_t)3 * components;
    scans->progressive = marker == 0xc2;
    scans->components = scans->known ? components : 0;
    for (unsigned i = 0; i < scans->components; i++)
        scans->ids[i] = segment[8 + 3 * i];
}

/* Notes what a scan brings: B.2.3, and G.1.1.1 for the progressive ones. */
static void note_scan(const uint8_t *segment, size_t len, struct jpeg_scans *scans)
{
    unsigned components = len >= 3 ? segment[2] : 0, first = 0, last = COEFFICIENTS - 1;
    uint64_t brought;

    scans->any = true;
    if (len < 6 + (size_t)2 * components)
        return;
    if (scans->progressive) {
        const uint8_t *range = segment + 3 + (size_t)2 * components;

        first = range[0];
        last = range[1];
        if (first > last || last >= COEFFICIENTS || (range[2] & 15) != 0)
            return;
    }
    brought = (UINT64_MAX >> (COEFFICIENTS - 1 - last)) & (UINT64_MAX << first);
    for (unsigned i = 0; i < components; i++)
        for (unsigned j = 0; j < scans->components; j++)
            if (segment[3 + 2 * i] == scans->ids[j])
                scans->whole[j] |= brought;
}

/* Whether the picture needs nothing more than the end marker. */
static bool has_every_scan(const struct jpeg_scans *scans)
{
    for (unsigned i = 0; i < scans->components; i++)
        if (scans->whole[i] != UINT64_MAX)
            return false;
    return scans->known;
}

static enum vt_error read_segment(struct reader *in, uint8_t marker, struct image_header *header,
                                  struct jpeg_scans *scans)
{
    const uint8_t *segment = reader_take(in, 2);
    size_t len;

    if (segment == NULL)
        return reader_cut_off(in);
    len = reader_big16(segment);
    if (len < 2)
        return reader_corrupt(in, "a JPEG segment has no length");
    if (reader_take(in, len - 2) == NULL)
        return reader_cut_off(in);
    if (is_frame_marker(marker) && len >= 8) {
        const char *kind = find_refused_kind(marker, segment);

        if (kind != NULL)
            return vt_fail(in->why, VT_ERR_INVALID_IMAGE, "the image is not taken: it is %s", kind);
        image_header_grow(header, reader_big16(segment + 5), reader_big16(segment + 3));
        image_header_deepen(header, segment[2]);
        header->channels = segment[7];
        if ((marker & 3) == 2) /* SOF2, 6, 10 and 14 */
            header->progressive = true;
        begin_frame(marker, segment, len, scans);
    }
    if (marker == 0xda) {
        note_scan(segment, len, scans);
        /* Decoders keep channels that come in separate scans until all have come. */
        if (len >= 3 && segment[2] < header->channels)
            header->progressive = true;
    }
    return VT_OK;
}

enum vt_error image_header_read_jpeg(struct reader *in, struct image_header *header)
{
    struct jpeg_scans scans = {.any = false};

    in->at = 2;
    for (;;) {
        enum vt_error err;
        uint8_t marker;

        /* Some phones and webcams write no end marker. Whether the last scan is whole is left to
         * the decoder. */
        if (!skip_scan(in)) {
            if (has_every_scan(&scans))
                break;
            return reader_cut_off(in);
        }
        marker = in->data[in->at + 1];
        in->at += 2;
        if (marker == 0xd9)
            break;
        if (marker == 0x01 || marker == 0xd8)
            continue;
        err = read_segment(in, marker, header, &scans);
        if (err != VT_OK)
            return err;
    }
    if (!scans.any || header->width == 0 || header->height == 0)
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

static const uint8_t iend[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};

/* Whether nothing is missing but the end: the last chunk, or a part of it. Whether the chunks hold
 * every pixel is left to the decoder. */
static bool lacks_only_iend(const struct reader *in, const struct image_header *header,
                            uint32_t pictures, uint32_t frames)
{
    size_t left = in->len - in->at;

    return pictures > 0 && (header->frames == 1 || frames >= header->frames) &&
           left < sizeof iend && memcmp(in->data + in->at, iend, left) == 0;
}

enum vt_error image_header_read_png(struct reader *in, struct image_header *header)
{
    uint32_t pictures = 0, frames = 0;
    bool first = true;

    in->at = 8;
    for (;;) {
        const uint8_t *chunk, *data;
        uint32_t len;

        if (lacks_only_iend(in, header, pictures, frames))
            break;
        chunk = reader_take(in, 8);
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
        pictures += memcmp(chunk + 4, "IDAT", 4) == 0;
        frames += memcmp(chunk + 4, "fcTL", 4) == 0;
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

        if (kind == NULL && header->frames > 0) /* only the trailer is missing */
            break;
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
            if (header->frames == 0) /* which extends the screen, as in Chromium */
                image_header_grow(
                    header, reader_little16(frame) + (uint32_t)reader_little16(frame + 4),
                    reader_little16(frame + 2) + (uint32_t)reader_little16(frame + 6));
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
    if (size > reader_left(in)) /* by a byte of padding only: browsers refuse it all the same */
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
