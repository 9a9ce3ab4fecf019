/* Makes HEIC and AVIF files with libheif's encoders. As in support.h, every function ends the
 * process on failure. */
#ifndef VITRINE_TESTS_SUPPORT_HEIF_FILE_H
#define VITRINE_TESTS_SUPPORT_HEIF_FILE_H

#include "support.h"

/* Returns the pixel at x, y: red, green, blue and alpha, each of the file's depth. */
typedef void heif_file_paint(unsigned x, unsigned y, uint16_t pixel[4]);

struct heif_file {
    bool is_avif; /* or HEIC */
    unsigned width, height;
    unsigned depth; /* 8, 10 or 12 bits */
    bool alpha, is_premultiplied;
    bool is_grey; /* has luma only, which is the red that is painted */
    bool is_lossless;
    heif_file_paint *paint;
    const struct buf *profile;            /* or NULL */
    unsigned primaries, transfer, matrix; /* by H.273; 0 for those that libheif chooses */
    unsigned brightest;                   /* light of HDR, in cd/m2; 0 for none */
};

/* The caller frees *out. */
void heif_file_make(const struct heif_file *file, struct buf *out);

/* Takes one of these apart, which has one item: its data, and the box of its codec's configuration,
 * as forged_heif() wants them. */
void heif_file_split(const struct buf *file, struct buf *data, struct buf *config);

#endif
