/* What image.c has of an engine; see image.h. */
#ifndef VITRINE_IMAGE_ENGINE_H
#define VITRINE_IMAGE_ENGINE_H

#include "image/magick.h"

struct image_engine {
    const struct image_magick *magick; /* the module's; it stays loaded for good */
    struct image_magick_state *state;
};

#endif
