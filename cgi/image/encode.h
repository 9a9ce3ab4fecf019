/* The interface between image.c and its encoders; nothing else includes it. The encoders call the
 * libraries of the two types that thumbnails have. */
#ifndef VITRINE_IMAGE_ENCODE_H
#define VITRINE_IMAGE_ENCODE_H

#include <stdbool.h>

#include "base/buf.h"
#include "image/raster.h"

/* Both append the picture to *out as a file: in sRGB, without metadata, its colours at half the
 * resolution. Of a picture that raster_is_flat(), the WebP is lossless, and the JPEG has a higher
 * quality and all of its colours. After a failure, *out keeps what was appended before it.
 * VT_ERR_MEMORY, or VT_ERR_INTERNAL if the library refuses. */

/* As a JPEG: of one component if the picture is gray, else of three. Alpha is left out. */
enum vt_error image_encode_jpeg(const struct raster *raster, struct buf *out) VT_MUST_CHECK;

/* As a WebP: with alpha if `alpha` is true and any pixel is not opaque. */
enum vt_error image_encode_webp(const struct raster *raster, bool alpha,
                                struct buf *out) VT_MUST_CHECK;

#endif
