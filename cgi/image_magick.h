/* MagickWand: the decoder of what has none of its own, and the encoder of thumbnails. Included by
 * image.c alone. */
#ifndef VITRINE_IMAGE_MAGICK_H
#define VITRINE_IMAGE_MAGICK_H

#include "buf.h"
#include "image.h"
#include "image_decoder.h"

/* As an image_decoder, but it takes whatever the header takes, and the picture is in sRGB. */
enum vt_error image_magick_decode(struct image_engine *engine, const struct image_source *source,
                                  struct decoded *decoded, struct vt_reason *why) VT_MUST_CHECK;

/* As image_encode(). An engine must be there. */
enum vt_error image_magick_encode(const struct raster *raster, enum image_type type, bool alpha,
                                  struct buf *out) VT_MUST_CHECK;

#endif
