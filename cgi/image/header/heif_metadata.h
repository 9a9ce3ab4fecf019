/* Finds the metadata of a HEIC or AVIF: ISO/IEC 23008-12, annex A. */
#ifndef VITRINE_IMAGE_HEADER_HEIF_METADATA_H
#define VITRINE_IMAGE_HEADER_HEIF_METADATA_H

#include <stddef.h>
#include <stdint.h>

struct heif_metadata {
    uint8_t *exif, *xmp; /* owned copies, as an item may lie in several pieces; NULL if absent */
    size_t exif_len, xmp_len;
};

/* Copies the metadata that describes the primary item, of at most that many bytes each, out of an
 * untrusted file; a file that is broken has none. The caller calls heif_metadata_free(). */
void heif_metadata_find(const void *data, size_t len, size_t exif_max, size_t xmp_max,
                        struct heif_metadata *found);

void heif_metadata_free(struct heif_metadata *found);

#endif
