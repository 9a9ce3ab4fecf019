/* The samples of a TIFF's pixels, which become red, green, blue and alpha. Part of image_tiff.so.
 *
 * TIFF 6.0, and its supplements for alpha and floating point. */
#ifndef VITRINE_IMAGE_TIFF_SAMPLES_H
#define VITRINE_IMAGE_TIFF_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tiffio.h>

#include "base/error.h"

#define TIFF_PLANES 5 /* four colours and alpha */

enum tiff_model { TIFF_GRAY, TIFF_PALETTE, TIFF_RGB, TIFF_CMYK, TIFF_BY_LIBRARY };

/* What the first page says of its pixels. */
struct tiff_kind {
    uint32_t width, height;
    enum tiff_model model;
    bool is_inverted;           /* gray whose 0 is white */
    bool is_separate;           /* each channel has strips or tiles of its own */
    bool is_device_independent; /* Lab and LogLuv: an RGB profile does not apply */
    bool has_alpha, is_premultiplied;
    uint16_t channels; /* of a pixel, in the file */
    uint16_t bits;     /* of a sample */
    bool is_float, is_signed;
    unsigned used;                 /* channels that count: colours, then alpha */
    uint16_t channel[TIFF_PLANES]; /* which those are */
};

struct tiff_samples;

/* The most bytes that a pixel of so many channels of so many bits takes; 0 channels stand for any
 * usual number. */
uint64_t tiff_samples_pixel_bytes(unsigned channels, unsigned bits);

/* Reads and checks what the directory says. VT_ERR_INVALID_IMAGE, with *why, if pixels of that kind
 * are not taken. Has the library convert the YCbCr of a JPEG. */
enum vt_error tiff_samples_kind(TIFF *tiff, struct tiff_kind *kind,
                                struct vt_reason *why) VT_MUST_CHECK;

/* The bytes of a row of that many pixels, as libtiff gives them: of all channels, or of one. */
uint64_t tiff_samples_row_bytes(const struct tiff_kind *kind, uint32_t width);

/* Prepares the conversion. The profile, which may be NULL, is used for gray and CMYK. The caller
 * frees *samples; kind must stay. */
enum vt_error tiff_samples_new(TIFF *tiff, const struct tiff_kind *kind, const void *profile,
                               size_t profile_len, struct tiff_samples **samples) VT_MUST_CHECK;

/* Converts `width` pixels, which begin `offset` bytes after the beginning of a plane: of the first,
 * or of each if channels are separate. `to` is in a raster's format. */
void tiff_samples_convert(struct tiff_samples *samples, uint8_t *const planes[], uint64_t offset,
                          uint32_t width, uint8_t *to);

/* Frees the memory. NULL is allowed. */
void tiff_samples_free(struct tiff_samples *samples);

#endif
