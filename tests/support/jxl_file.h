/* Makes JPEG XL files with libjxl's encoder. As in support.h, every function ends the process on
 * failure. */
#ifndef VITRINE_TESTS_SUPPORT_JXL_FILE_H
#define VITRINE_TESTS_SUPPORT_JXL_FILE_H

#include "support.h"

/* Returns the pixel at x, y: red, green, blue and alpha, each of the file's depth. */
typedef void jxl_file_paint(unsigned x, unsigned y, uint16_t pixel[4]);

struct jxl_file {
    unsigned width, height; /* as stored */
    unsigned depth;         /* 8 to 16 bits */
    bool alpha;
    unsigned alpha_depth; /* as it is stored; 0 for the same */
    bool is_grey;         /* has one channel, which is the red that is painted */
    bool is_lossless;
    bool is_bare;         /* a codestream without boxes */
    unsigned spare;       /* channels besides, of no colour */
    unsigned orientation; /* 1 to 8; 0 for 1 */
    unsigned frames;      /* of an animation, all but the first of which are black; 0 for a still */
    jxl_file_paint *paint;
    const struct buf *profile;    /* or NULL */
    unsigned primaries, transfer; /* JxlPrimaries and JxlTransferFunction; 0 for sRGB's */
    double gamma;                 /* 0 for none */
};

/* The caller frees *out. */
void jxl_file_make(const struct jxl_file *file, struct buf *out);

/* Transcodes a JPEG without loss. The caller frees *out. */
void jxl_file_of_jpeg(const struct buf *jpeg, struct buf *out);

#endif
