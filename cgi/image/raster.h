/* A picture in memory: eight bits for each of red, green, blue and alpha, row after row. */
#ifndef VITRINE_IMAGE_RASTER_H
#define VITRINE_IMAGE_RASTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define RASTER_PIXEL 4 /* bytes: R, G, B, A; alpha is not premultiplied, and 255 is opaque */

struct raster {
    uint32_t width, height;
    uint8_t *pixels; /* width * height * RASTER_PIXEL, without padding; owned */
};

#define RASTER_INIT ((struct raster){0, 0, NULL})

/* Allocates a picture; its pixels are not initialized. VT_ERR_MEMORY if there is no memory. The
 * caller frees it with raster_free(). */
enum vt_error raster_new(uint32_t width, uint32_t height, struct raster *raster) VT_MUST_CHECK;

/* The size to which a picture of width by height is reduced: its longer side becomes `detail`
 * pixels, and neither side less than one pixel. If no side is longer than that, the size stays as
 * it is. */
void raster_reduced_size(uint32_t width, uint32_t height, unsigned detail, uint32_t *reduced_width,
                         uint32_t *reduced_height);

/* Turns and mirrors a picture that is stored with an EXIF orientation (1 to 8; CIPA DC-008, 4.6.5
 * A) so that it is upright. After VT_ERR_MEMORY the picture is unchanged. */
enum vt_error raster_turn(struct raster *raster, unsigned orientation) VT_MUST_CHECK;

/* Whether any pixel is not wholly opaque. */
bool raster_has_alpha(const struct raster *raster);

/* Whether the picture is tiny (at most 64 by 64 pixels), or small (at most 1280 by 1280) and of no
 * more colours than a palette has: 256, different alpha counting as another colour. Such a picture
 * is shown pixel by pixel, so that colours of half the resolution would be seen to bleed. Gray has
 * none, and every photograph in gray has at most 256 levels, so a gray picture may have 16. */
bool raster_is_flat(const struct raster *raster);

/* Frees the memory and leaves an empty picture. Safe on an empty one. */
void raster_free(struct raster *raster);

#endif
