/* Converts colours by ICC profile, with Little CMS. */
#ifndef VITRINE_IMAGE_COLOR_H
#define VITRINE_IMAGE_COLOR_H

#include "base/buf.h"
#include "image/raster.h"

/* Whether the bytes are an ICC profile of an RGB space, or of gray, that image_icc_is_bounded()
 * allows. */
bool image_color_is_rgb(const void *profile, size_t len);
bool image_color_is_gray(const void *profile, size_t len);

/* Converts the picture from the profile's space to sRGB, and keeps its alpha. With a profile of
 * gray, the red of each pixel is its gray. If the profile cannot be used, or is for another space,
 * returns VT_ERR_INVALID_IMAGE and leaves the picture unchanged; only its colours are then less
 * exact. */
enum vt_error image_color_convert(struct raster *raster, const void *profile,
                                  size_t len) VT_MUST_CHECK;

/* An RGB space, as files that have no profile describe it. */
struct image_color_space {
    double at[4][2]; /* x and y (CIE 1931) of white, red, green and blue */
    enum { IMAGE_COLOR_SRGB, IMAGE_COLOR_SMPTE_240, IMAGE_COLOR_GAMMA } curve;
    double gamma; /* of IMAGE_COLOR_GAMMA: light is value^gamma */
};

/* Appends an ICC profile of the space. VT_ERR_INVALID_IMAGE if no such space can exist,
 * VT_ERR_MEMORY; the profile is then not to be used. */
enum vt_error image_color_write_space(const struct image_color_space *space,
                                      struct buf *profile) VT_MUST_CHECK;

#endif
