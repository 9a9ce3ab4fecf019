/* The colours of a JPEG XL, a part of image_jxl.so: which profile its samples have, and how a piece
 * of a row is put into a raster. */
#ifndef VITRINE_IMAGE_JXL_COLORS_H
#define VITRINE_IMAGE_JXL_COLORS_H

#include <jxl/decode.h>

#include "image/decode.h"

struct cicp;

/* Begins as zeroes. */
struct jxl_colors {
    JxlBasicInfo info;
    bool is_deep;      /* samples have 16 bits; otherwise 8 */
    uint8_t *values;   /* of each sample, in sRGB's curve; NULL if that is what samples have */
    struct cicp *cicp; /* HDR, or NULL */
};

/* Reads what the samples mean, once the decoder knows it, with the file's info in colors->info and
 * decoded->gray. Keeps a profile in *decoded if they need one. May set colors->is_deep.
 * VT_ERR_MEMORY. The caller calls jxl_colors_free(), even after a failure. */
enum vt_error jxl_colors_read(struct jxl_colors *colors, JxlDecoder *decoder,
                              struct decoded *decoded) VT_MUST_CHECK;

/* Puts a number of pixels, each of four samples, to a raster's pixels. Several threads may. */
void jxl_colors_put(const struct jxl_colors *colors, const void *from, size_t count, uint8_t *to);

void jxl_colors_free(struct jxl_colors *colors);

#endif
