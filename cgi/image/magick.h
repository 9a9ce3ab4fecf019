/* ImageMagick: the decoder of GIFs.
 *
 * It is a module, image_magick.so, which image_engine_prepare() loads with the first GIF:
 * MagickWand brings in ICU, FFTW, X11, GLib and more, and every process that loads them has its own
 * copy of their relocated data. A decoder that never needs ImageMagick does without them. */
#ifndef VITRINE_IMAGE_MAGICK_H
#define VITRINE_IMAGE_MAGICK_H

#include "image/module.h"

/* The module's table of functions. */
struct image_magick {
    struct image_module module;

    /* Starts ImageMagick under the policy in policy_dir/policy.xml, with memory for images of
     * max_pixels, and loads its coder. VT_ERR_UNAVAILABLE if the policy cannot be read. After
     * VT_OK, the caller calls stop(). */
    enum vt_error (*start)(const char *policy_dir, uint64_t max_pixels);
    void (*stop)(void);

    image_decoder *decode;
};

/* The module's one symbol, and its name for dlsym(). */
extern const struct image_magick image_magick;
#define IMAGE_MAGICK_SYMBOL "image_magick"

#endif
