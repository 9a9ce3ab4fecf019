/* Finds what is read of EXIF data, which is a TIFF file inside, and of TIFF files themselves.
 *
 * Real blocks are mostly other things: maker notes of a hundred kilobytes, thumbnails, pixels. And
 * hostile ones have directories that lead to each other, or a million entries. So libexif gets
 * neither: it gets a small block with at most three directories, of at most one entry for each
 * field that is read, whose values were copied as they are. */
#ifndef VITRINE_IMAGE_METADATA_TIFF_H
#define VITRINE_IMAGE_METADATA_TIFF_H

#include "image/metadata_fields.h"

#define METADATA_TIFF_SIZE 32768 /* bytes of the small block; libexif takes 65,534 */

struct metadata_tiff {
    uint8_t exif[METADATA_TIFF_SIZE]; /* with the header that it has in a JPEG's segment */
    size_t exif_len;                  /* 0 if nothing was found */
    struct metadata_span xmp, iptc;   /* of a TIFF's first page; in the bytes that were read */
};

/* The directories that are read: the first, and those of EXIF and of the place. */
#define METADATA_TIFF_DIRECTORIES 3
#define METADATA_TIFF_TAGS 64 /* of each, with the 0 behind the last one */

/* Reads untrusted EXIF data, with or without that header, or a TIFF or BigTIFF. */
void metadata_tiff_find(struct metadata_span file, struct metadata_tiff *found);

/* Copies the fields with these tags from such data into a block of their own, without the header
 * of a JPEG's segment. A directory of which nothing is wanted is not in the block. Returns the
 * block's length; 0 if there is no such field or no room. */
size_t metadata_tiff_copy(struct metadata_span file,
                          const uint16_t tags[METADATA_TIFF_DIRECTORIES][METADATA_TIFF_TAGS],
                          uint8_t block[METADATA_TIFF_SIZE]);

#endif
