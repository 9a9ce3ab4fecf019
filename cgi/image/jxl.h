/* The decoder of JPEG XL, with libjxl.
 *
 * It is a module, image_jxl.so, which the engine loads with the first such file: libjxl brings in
 * the C++ library, Brotli and an encoder. */
#ifndef VITRINE_IMAGE_JXL_H
#define VITRINE_IMAGE_JXL_H

#include "image/module.h"

/* The module's table. */
struct image_jxl {
    struct image_module module;

    /* Decodes the first frame, with all its layers. */
    image_decoder *decode;
};

/* The module's one symbol, and its name for dlsym(). */
extern const struct image_jxl image_jxl;
#define IMAGE_JXL_SYMBOL "image_jxl"

#endif
