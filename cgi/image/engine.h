/* The inside of an engine, for image.c; see image.h. */
#ifndef VITRINE_IMAGE_ENGINE_H
#define VITRINE_IMAGE_ENGINE_H

#include "image/magick.h"

struct image_engine {
    const struct image_magick *magick; /* the module's table; the module is never unloaded */
    struct image_magick_state *state;
};

#endif
