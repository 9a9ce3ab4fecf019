/* What image.c and its encoders share, and nothing else includes: the two types that thumbnails
 * have, straight on their libraries. */
#ifndef VITRINE_IMAGE_ENCODE_H
#define VITRINE_IMAGE_ENCODE_H

#include <stdbool.h>

#include "base/buf.h"
#include "image/raster.h"

/* Appends the picture as a file to *out: in sRGB, without metadata, its colours at half the
 * resolution. What was appended before a failure stays. VT_ERR_MEMORY, or VT_ERR_INTERNAL where the
 * library refuses. */

/* As a JPEG of one component where the picture is gray, else of three; alpha is left out. */
enum vt_error image_encode_jpeg(const struct raster *raster, struct buf *out) VT_MUST_CHECK;

/* As a WebP, with its alpha where that is to be kept and any pixel is not opaque. */
enum vt_error image_encode_webp(const struct raster *raster, bool alpha,
                                struct buf *out) VT_MUST_CHECK;

#endif
