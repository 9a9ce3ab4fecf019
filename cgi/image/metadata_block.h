/* Finds the blocks of metadata in a file of any type, without reading what is in them.
 *
 * Real blocks are of some kilobytes. Those that are larger than the bounds below are left out, as
 * are compressed ones (a PNG's zTXt, a JPEG XL's brob), which could expand to a thousand times
 * their size, and the second half of XMP that is too long for one segment of a JPEG. */
#ifndef VITRINE_IMAGE_METADATA_BLOCK_H
#define VITRINE_IMAGE_METADATA_BLOCK_H

#include "image/header/heif_metadata.h"
#include "image/image_type.h"
#include "image/metadata_fields.h"

#define METADATA_BLOCK_EXIF_MAX (256 << 10)
#define METADATA_BLOCK_XMP_MAX (1 << 20)
#define METADATA_BLOCK_IPTC_MAX (256 << 10)

/* What was found; data is NULL for what was not. */
struct metadata_block {
    struct metadata_span exif; /* for metadata_tiff_find(); of a TIFF, the file itself */
    struct metadata_span xmp, iptc;
    struct metadata_span title, description, created; /* texts of a PNG */
    struct heif_metadata copies; /* of a HEIC's or AVIF's, in which they may lie in pieces */
};

/* Finds the first block of each kind in an untrusted file. The blocks lie in it, unless they had to
 * be copied: the caller calls metadata_block_free(). Takes time linear in len. False if there is
 * none. */
bool metadata_block_find(enum image_type type, const void *data, size_t len,
                         struct metadata_block *found);

void metadata_block_free(struct metadata_block *found);

#endif
