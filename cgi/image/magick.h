/* ImageMagick's part: the decoder of what has none of its own.
 *
 * It is a module, image_magick.so, which image_engine_new() loads: with MagickWand come ICU, FFTW,
 * X11, GLib and more, and every process that has them has its own copy of the data that is
 * relocated. A decoder that never meets an image does without. */
#ifndef VITRINE_IMAGE_MAGICK_H
#define VITRINE_IMAGE_MAGICK_H

#include "image/decode.h"
#include "image/image_type.h"

struct image_magick_state;

/* To be raised with every change of what the module and the program that loads it share: the
 * structs of this header and of those that it includes, and the functions of magick.symbols. */
#define IMAGE_MAGICK_ABI "1"
#define IMAGE_MAGICK_VERSION "image_magick.so " PACKAGE_VERSION ", ABI " IMAGE_MAGICK_ABI

/* What the module has. */
struct image_magick {
    const char *version; /* IMAGE_MAGICK_VERSION; the first member of every version */
    size_t source_size;  /* of a struct image_source, */
    size_t decoded_size; /* and of a struct decoded, as the module knows them */

    /* As image_engine_new(); the caller stops it. */
    enum vt_error (*start)(const char *policy_dir, uint64_t max_pixels,
                           struct image_magick_state **state);
    void (*stop)(struct image_magick_state *state);
    /* As image_engine_prepare(). */
    void (*prepare)(enum image_type type);

    /* As an image_decoder, but it takes whatever the header takes, and the picture is in sRGB. */
    enum vt_error (*decode)(struct image_magick_state *state, const struct image_source *source,
                            struct decoded *decoded, struct vt_reason *why);
};

/* The module's one symbol, and its name for dlsym(). */
extern const struct image_magick image_magick;
#define IMAGE_MAGICK_SYMBOL "image_magick"

#endif
