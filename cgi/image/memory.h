/* What the decode of an image takes, told from its header. */
#ifndef VITRINE_IMAGE_MEMORY_H
#define VITRINE_IMAGE_MEMORY_H

#include <stdint.h>

#include "image/header/header.h"

/* Bytes of memory that decoding the image and making thumbnails of up to so many pixels takes at
 * most, beside the file itself and the libraries. What each kind takes was measured on pictures of
 * 24 and 100 megapixels and is rounded up; image_memory.c has the figures. */
uint64_t image_memory(const struct image_header *header, unsigned size);

#endif
