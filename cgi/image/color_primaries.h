/* The primaries of colour spaces by the numbers that files have for them: ITU-T H.273, 8.1, as in
 * HEIF's nclx and PNG's cICP. */
#ifndef VITRINE_IMAGE_COLOR_PRIMARIES_H
#define VITRINE_IMAGE_COLOR_PRIMARIES_H

/* x and y (CIE 1931) of white, red, green and blue. NULL for a number that stands for no
 * chromaticities that are known here. */
typedef const double (*image_color_chromaticities)[2];
image_color_chromaticities image_color_primaries(unsigned number);

#define IMAGE_COLOR_BT_709 1 /* sRGB's, too */
#define IMAGE_COLOR_BT_2020 9

#endif
