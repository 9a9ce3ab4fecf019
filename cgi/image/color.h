/* Colours by ICC profile, by Little CMS. */
#ifndef VITRINE_IMAGE_COLOR_H
#define VITRINE_IMAGE_COLOR_H

#include "base/buf.h"
#include "image/raster.h"

/* Whether the bytes are an ICC profile of an RGB space that image_icc_is_bounded() allows. */
bool image_color_is_rgb(const void *profile, size_t len);

/* Converts the picture, from the RGB space of the profile, to sRGB. A profile that cannot be used
 * costs the colours their exactness and nothing else: VT_ERR_INVALID_IMAGE, and the picture is as
 * it was. */
enum vt_error image_color_convert(struct raster *raster, const void *profile,
                                  size_t len) VT_MUST_CHECK;

/* Appends sRGB's own profile, for who converts by other means. */
enum vt_error image_color_write_srgb(struct buf *profile) VT_MUST_CHECK;

#endif
