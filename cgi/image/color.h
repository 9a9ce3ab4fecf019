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

/* Appends the profile of sRGB itself, for code that converts by other means. */
enum vt_error image_color_write_srgb(struct buf *profile) VT_MUST_CHECK;

#endif
