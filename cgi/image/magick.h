/* ImageMagick: the decoder of files that have no decoder of their own.
 *
 * It is a module, image_magick.so, which image_engine_new() loads: MagickWand brings in ICU, FFTW,
 * X11, GLib and more, and every process that loads them has its own copy of their relocated data. A
 * decoder that never needs ImageMagick does without them. */
#ifndef VITRINE_IMAGE_MAGICK_H
#define VITRINE_IMAGE_MAGICK_H

#include "image/decode.h"
#include "image/image_type.h"

struct image_magick_state;

/* Raise this with every change to what the module shares with the program that loads it: the
 * structs of this header and of those that it includes, and the functions of magick.symbols. */
#define IMAGE_MAGICK_ABI "1"
#define IMAGE_MAGICK_VERSION "image_magick.so " PACKAGE_VERSION ", ABI " IMAGE_MAGICK_ABI

/* The module's table of functions. */
struct image_magick {
    const char *version; /* IMAGE_MAGICK_VERSION; the first member of every version */
    size_t source_size;  /* of a struct image_source */
    size_t decoded_size; /* of a struct decoded; both as the module was built */

    /* Like image_engine_new(); the caller calls stop(). */
    enum vt_error (*start)(const char *policy_dir, uint64_t max_pixels,
                           struct image_magick_state **state);
    void (*stop)(struct image_magick_state *state);
    /* Like image_engine_prepare(). */
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
