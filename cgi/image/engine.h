/* The inside of an engine, for image.c; see image.h. */
#ifndef VITRINE_IMAGE_ENGINE_H
#define VITRINE_IMAGE_ENGINE_H

#include "image/decode.h"

struct image_engine;

/* Decodes with the module of the file's type, which is loaded unless image_engine_prepare() has
 * done it. Like an image_decoder; its other errors are those of image_engine_prepare(). */
enum vt_error image_engine_decode(struct image_engine *engine, const struct image_source *source,
                                  struct decoded *decoded, struct vt_reason *why) VT_MUST_CHECK;

#endif
