/* Colours of HEIC, AVIF, JPEG XL and PNG that are given by coding-independent code points (Rec.
 * ITU-T H.273), which are numbers, instead of by a profile.
 *
 * Ordinary ones get a profile, by which the small picture is converted later. HDR, whose values
 * reach far beyond white, is mapped to sRGB pixel by pixel, as Chromium does it. */
#ifndef VITRINE_IMAGE_CICP_H
#define VITRINE_IMAGE_CICP_H

#include "image/decode.h"

struct cicp;

struct cicp_source {
    unsigned depth;               /* bits of a sample, 1 to 16; above 8, samples have two bytes */
    unsigned primaries, transfer; /* by H.273; 0 if none are given */
    const double (*at)[2];        /* x and y (CIE 1931) of white, red, green and blue, which then
                                     count instead of `primaries`; or NULL */
    unsigned brightest;           /* of the picture, in cd/m2; 0 if it is not given */
};

/* Prepares to convert. Sets decoded->profile to that of the space in which the converted pixels
 * are, or leaves it, which is NULL if they are in sRGB. The caller frees *colors. */
enum vt_error cicp_new(const struct cicp_source *source, struct decoded *decoded,
                       struct cicp **colors) VT_MUST_CHECK;

/* Writes `width` pixels, opaque, in a raster's format, from a row each of red, green and blue. In
 * these, a pixel's sample is `step` samples behind that of the pixel before: 1 if they are planes.
 */
void cicp_put(const struct cicp *colors, const void *red, const void *green, const void *blue,
              unsigned step, uint32_t width, uint8_t *to);

#define CICP_PQ 16
#define CICP_HLG 18

/* Frees the memory. NULL is allowed. */
void cicp_free(struct cicp *colors);

#endif
