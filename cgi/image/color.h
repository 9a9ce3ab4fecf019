/* Converts colours by ICC profile, with Little CMS. */
#ifndef VITRINE_IMAGE_COLOR_H
#define VITRINE_IMAGE_COLOR_H

#include "base/buf.h"
#include "image/raster.h"

/* Whether the bytes are an ICC profile of an RGB space that image_icc_is_bounded() allows. */
bool image_color_is_rgb(const void *profile, size_t len);

/* Converts the picture from the RGB space of the profile to sRGB. If the profile cannot be used,
 * returns VT_ERR_INVALID_IMAGE and leaves the picture unchanged; only its colours are then less
 * exact. */
enum vt_error image_color_convert(struct raster *raster, const void *profile,
                                  size_t len) VT_MUST_CHECK;

/* How the values of an RGB space, from 0 to 1, are related to light. */
struct image_color_curve {
    enum { IMAGE_COLOR_SRGB, IMAGE_COLOR_SMPTE_240, IMAGE_COLOR_GAMMA } form;
    double gamma; /* of IMAGE_COLOR_GAMMA: light is value^gamma */
};

/* Appends a profile of the RGB space with these chromaticities: x and y each of white, red, green
 * and blue. */
enum vt_error image_color_write_rgb(const double chromaticities[8],
                                    const struct image_color_curve *curve,
                                    struct buf *profile) VT_MUST_CHECK;

/* Appends the profile of sRGB itself, for code that converts by other means. */
enum vt_error image_color_write_srgb(struct buf *profile) VT_MUST_CHECK;

#endif
