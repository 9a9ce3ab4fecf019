/* libtiff: the decoder of TIFFs.
 *
 * It is a module, image_tiff.so, which the engine loads with the first TIFF: libtiff brings in the
 * C++ library, LERC, JBIG, zstd, LZMA and more, for compressions that few files have. */
#ifndef VITRINE_IMAGE_TIFF_H
#define VITRINE_IMAGE_TIFF_H

#include "image/module.h"

/* The module's table. */
struct image_tiff {
    struct image_module module;

    /* Decodes the first page that is not a preview of another one. *why names
     * what is not taken. Gray and CMYK have been converted to sRGB; the profile that is kept is one
     * for RGB. */
    image_decoder *decode;
};

/* The module's one symbol, and its name for dlsym(). */
extern const struct image_tiff image_tiff;
#define IMAGE_TIFF_SYMBOL "image_tiff"

#endif
