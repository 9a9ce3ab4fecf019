/* ImageMagick: the decoder of files that have no decoder of their own.
 *
 * It is a module, image_magick.so, which image_engine_prepare() loads with the first such file:
 * MagickWand brings in ICU, FFTW, X11, GLib and more, and every process that loads them has its own
 * copy of their relocated data. A decoder that never needs ImageMagick does without them. */
#ifndef VITRINE_IMAGE_MAGICK_H
#define VITRINE_IMAGE_MAGICK_H

#include "image/image_type.h"
#include "image/module.h"

struct image_magick_state;

/* The module's table of functions. */
struct image_magick {
    struct image_module module;

    /* Starts ImageMagick under the policy in policy_dir/policy.xml, with memory for images of
     * max_pixels. VT_ERR_UNAVAILABLE if the policy cannot be read. The caller calls stop(). */
    enum vt_error (*start)(const char *policy_dir, uint64_t max_pixels,
                           struct image_magick_state **state);
    void (*stop)(struct image_magick_state *state);
    /* Loads the coder of the type. */
    void (*prepare)(enum image_type type);

    /* Like an image_decoder, but accepts every file whose header was accepted, and the picture is
     * in sRGB. */
    enum vt_error (*decode)(struct image_magick_state *state, const struct image_source *source,
                            struct decoded *decoded, struct vt_reason *why);
};

/* The module's one symbol, and its name for dlsym(). */
extern const struct image_magick image_magick;
#define IMAGE_MAGICK_SYMBOL "image_magick"

#endif
