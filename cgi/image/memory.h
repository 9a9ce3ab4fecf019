/* Estimates from its header how much memory the decode of an image takes. */
#ifndef VITRINE_IMAGE_MEMORY_H
#define VITRINE_IMAGE_MEMORY_H

#include <stdint.h>

#include "image/header/header.h"

/* The most memory, in bytes, that decoding the image and making thumbnails of up to `size` pixels
 * takes, in addition to the file itself and the libraries. The figures for each kind of file were
 * measured on pictures of 24 and 100 megapixels and are rounded up; memory.c has them. */
uint64_t image_memory(const struct image_header *header, unsigned size);

#endif
