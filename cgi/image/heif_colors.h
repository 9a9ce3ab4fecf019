/* Colours of HEIC and AVIF that are given by numbers (Rec. ITU-T H.273) instead of by a profile.
 *
 * Ordinary ones get a profile, by which the small picture is converted later. HDR, whose values
 * reach far beyond white, is mapped to sRGB pixel by pixel, as Chromium does it. */
#ifndef VITRINE_IMAGE_HEIF_COLORS_H
#define VITRINE_IMAGE_HEIF_COLORS_H

#include "image/decode.h"

struct heif_colors;

struct heif_colors_source {
    unsigned depth;               /* bits of a sample, 1 to 16; above 8, samples have two bytes */
    unsigned primaries, transfer; /* by H.273; 0 if none are given */
    unsigned brightest;           /* of the picture, in cd/m2; 0 if it is not given */
};

/* Prepares to convert. Sets decoded->profile to that of the space in which the converted pixels
 * are, or leaves it, which is NULL if they are in sRGB. The caller frees *colors. */
enum vt_error heif_colors_new(const struct heif_colors_source *source, struct decoded *decoded,
                              struct heif_colors **colors) VT_MUST_CHECK;

/* Writes `width` pixels, opaque, in a raster's format, from a row each of red, green and blue. */
void heif_colors_put(const struct heif_colors *colors, const void *red, const void *green,
                     const void *blue, uint32_t width, uint8_t *to);

/* Frees the memory. NULL is allowed. */
void heif_colors_free(struct heif_colors *colors);

#endif
