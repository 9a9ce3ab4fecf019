/* Reads XMP (ISO 16684-1) with Expat; part of image_metadata.so. See metadata_module.h. */
#ifndef VITRINE_IMAGE_METADATA_XMP_H
#define VITRINE_IMAGE_METADATA_XMP_H

#include "image/metadata_fields.h"

void metadata_xmp_read(struct metadata_span block, struct metadata_fields *fields);

#endif
