/* TIFFs of every kind that libtiff can write, of the scene of support_picture(). */
#ifndef VITRINE_TESTS_SUPPORT_TIFF_H
#define VITRINE_TESTS_SUPPORT_TIFF_H

#include <tiffio.h>

#include "support.h"

/* Describes a TIFF to make. What is zero is: 64 by 48 pixels, one page, no compression, RGB of 8
 * bits, whole numbers, in strips of 8 rows. A seed changes a little of the last row. */
struct tiff_picture {
    unsigned width, height, pages;
    unsigned compression, bits, format, orientation, rows; /* libtiff's numbers; rows of a strip */
    bool has_photometric;                                  /* else it is RGB */
    unsigned photometric;
    unsigned extra;            /* of an alpha channel, which makes the right half clear; or 0 */
    bool separate, tiled, big; /* channels apart; tiles of 32 by 16; BigTIFF */
    bool whole;                /* one tile or strip of the whole picture */
    bool big_endian;
    bool dng;     /* it says that it is a camera's raw file */
    bool preview; /* the first page is one: half the size, and marked as reduced */
    bool noise;   /* instead of the scene; by the seed */
    unsigned seed;
    const void *profile;
    size_t profile_len;
};

/* The caller frees *out. */
void support_tiff(const struct tiff_picture *picture, struct buf *out);

#endif
