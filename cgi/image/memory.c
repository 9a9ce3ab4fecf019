#include "image/memory.h"

#include "image/raster.h"

#define SMALL 2048 /* pixels: the longest side of a picture that BASE has room for */

/* Bytes per pixel for a larger thumbnail: it is in memory in full, a second time if it has to be
 * turned, and once more in the encoder. */
#define LARGE 12

/* Two pictures of the size of the largest thumbnail, rows in progress, buffers of libraries; or one
 * flat picture of 1280 pixels and libwebp's lossless encoder, which takes at most 40 MB. */
#define BASE (UINT64_C(48) << 20)

/* Baseline JPEGs are decoded row by row (0.1 bytes a pixel measured). If they come in passes, two
 * bytes of each channel are kept (3.1 with the colours at half the resolution, 6.1 at full
 * resolution). */
static uint64_t jpeg_bytes(const struct image_header *header)
{
    return 1 + (header->progressive ? 2 * (uint64_t)header->channels : 0);
}

/* Decoded row by row (0.1), but interlaced ones as a whole (4.0, of any depth). */
static uint64_t png_bytes(const struct image_header *header)
{
    return header->progressive ? 5 : 1;
}

/* libwebp scales while it decodes (0.3), but needs the whole picture if it is lossless (4.6) or has
 * alpha (6.2). The first frame of an animation has a canvas besides (6.5). */
static uint64_t webp_bytes(const struct image_header *header)
{
    return (header->alpha ? UINT64_C(8) : 2) + (header->frames > 1 ? 2 : 0);
}

/* Eight bytes in ImageMagick, and four of the screen (13.9). */
static uint64_t gif_bytes(void)
{
    return 16;
}

/* Strips are decoded row by row (0.1), but a tile, or a strip of one channel, may be the whole
 * picture: its samples, and a row of tiles in a raster's format (7.1 with three channels of 8 bits,
 * 10.1 with 16). */
static uint64_t tiff_bytes(const struct image_header *header)
{
    uint64_t channels = header->channels > 0 ? header->channels : 4;

    return RASTER_PIXEL + 2 + channels * ((header->depth + UINT64_C(7)) / 8);
}

/* libheif holds the codec's picture and the planes that it makes of it, at most 13.3 with the
 * colours at full resolution (9.1 at half), and twice as much with more than 8 bits (25.2).
 * Transparency is decoded when the codec's picture is gone, and adds its own plane. */
static uint64_t isobmff_bytes(const struct image_header *header)
{
    uint64_t planes = header->alpha ? 16 : 14;

    return header->depth > 8 ? 2 * planes : planes;
}

/* libjxl holds the raster and numbers of four bytes, and more of lossless pictures that come in
 * passes (42.4 with three channels of 16 bits, 52.7 with alpha) than of others (25.1 and 33.3).
 * Lossy ones, which are in XYB, take 19.6, rarely 29.6, and with alpha 55.8. */
static uint64_t jxl_bytes(const struct image_header *header)
{
    uint64_t extra = header->channels > 3 ? header->channels - 3 : header->alpha;

    return header->progressive ? 10 + UINT64_C(11) * header->channels : 30 + 26 * extra;
}

static uint64_t bytes_of_pixel(const struct image_header *header)
{
    switch (header->type) {
    case IMAGE_JPEG:
        return jpeg_bytes(header);
    case IMAGE_PNG:
        return png_bytes(header);
    case IMAGE_WEBP:
        return webp_bytes(header);
    case IMAGE_TIFF:
        return tiff_bytes(header);
    case IMAGE_HEIC:
    case IMAGE_AVIF:
        return isobmff_bytes(header);
    case IMAGE_JXL:
        return jxl_bytes(header);
    case IMAGE_GIF:
    default:
        return gif_bytes();
    }
}

uint64_t image_memory(const struct image_header *header, unsigned size)
{
    /* Sides have 32 bits, but the limits, if checked before, keep the result far from an overflow;
     * otherwise it is capped at the maximum. */
    uint64_t pixels = (uint64_t)header->width * header->height, each = bytes_of_pixel(header);

    if (size > SMALL && (header->width > SMALL || header->height > SMALL))
        each += LARGE;
    return pixels > (UINT64_MAX - BASE) / each ? UINT64_MAX : BASE + pixels * each;
}
