/* Converts rows of a picture to sRGB by ICC profile, with Little CMS, while the picture is decoded:
 * for gray and CMYK, which a raster cannot hold. */
#ifndef VITRINE_IMAGE_COLOR_ROW_H
#define VITRINE_IMAGE_COLOR_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct color_row;

/* Prepares the conversion from the profile's space of 1 channel (gray) or 4 (CMYK), eight bits
 * each; 0 is black in gray, and no ink in CMYK. Leaves *row NULL if the profile is for another
 * space, is not one that image_icc_is_bounded() allows, or cannot be used: the profile is then to
 * be ignored. The caller frees *row. */
void color_row_new(const void *profile, size_t len, unsigned channels, struct color_row **row);

/* Converts `width` pixels to a raster's format; leaves its alpha as it is. */
void color_row_convert(const struct color_row *row, const uint8_t *from, uint8_t *to,
                       uint32_t width);

/* Frees the memory. NULL is allowed. */
void color_row_free(struct color_row *row);

#endif
