/* The decoder of HEIC and AVIF, with libheif.
 *
 * It is a module, image_heif.so, which image_engine_prepare() loads with the first such file:
 * libheif brings in decoders and encoders of two video formats. */
#ifndef VITRINE_IMAGE_HEIF_H
#define VITRINE_IMAGE_HEIF_H

#include "image/module.h"

/* The module's table of functions. */
struct image_heif {
    struct image_module module;

    /* Loads the codecs, for versions of libheif that have them in files of their own. */
    enum vt_error (*prepare)(void);

    /* An image_decoder. */
    image_decoder *decode;
};

/* The module's one symbol, and its name for dlsym(). */
extern const struct image_heif image_heif;
#define IMAGE_HEIF_SYMBOL "image_heif"

#endif
