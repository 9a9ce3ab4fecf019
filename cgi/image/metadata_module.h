/* The readers of EXIF and XMP, with libexif and Expat: all of image_metadata.so, which metadata.c
 * loads. The functions of Vitrine that they call are in modules.symbols. */
#ifndef VITRINE_IMAGE_METADATA_MODULE_H
#define VITRINE_IMAGE_METADATA_MODULE_H

#include "image/metadata_fields.h"
#include "image/module.h"

/* The module's table. */
struct image_metadata_module {
    struct image_module module;
    size_t fields_size; /* of a struct metadata_fields, as the module was built */

    /* Fills what an EXIF block says. It is one of metadata_tiff_find(), and so bounded, but its
     * values are untrusted. */
    void (*read_exif)(struct metadata_span block, struct metadata_fields *fields);

    /* Fills what untrusted XMP says, in any encoding that Expat knows. If the XML is broken, what
     * came before stays. A document type, and so any entity, ends the reading. */
    void (*read_xmp)(struct metadata_span block, struct metadata_fields *fields);
};

/* The module's one symbol, and its name for dlsym(). */
extern const struct image_metadata_module image_metadata;
#define IMAGE_METADATA_SYMBOL "image_metadata"

#endif
