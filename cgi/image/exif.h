/* Reads the one field of EXIF that matters for a thumbnail. */
#ifndef VITRINE_IMAGE_EXIF_H
#define VITRINE_IMAGE_EXIF_H

#include <stddef.h>

/* The orientation (CIPA DC-008, 4.6.5 A), 1 to 8, in untrusted EXIF data, with or without the
 * header that it has in a JPEG's segment. 1 if there is none, or none that can be read. */
unsigned image_exif_orientation(const void *data, size_t len);

#endif
