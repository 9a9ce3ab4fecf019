/* The image types that Vitrine takes: the one table of their names. */
#ifndef VITRINE_IMAGE_IMAGE_TYPE_H
#define VITRINE_IMAGE_IMAGE_TYPE_H

#include <stdbool.h>

#include "base/error.h"

enum image_type {
    IMAGE_JPEG,
    IMAGE_PNG,
    IMAGE_GIF,
    IMAGE_WEBP,
    IMAGE_AVIF,
    IMAGE_HEIC,
    IMAGE_TIFF,
    IMAGE_TYPE_COUNT
};

/* The media type, such as "image/jpeg"; static. */
const char *image_type_media(enum image_type type);

/* The file name extension without its dot, such as "jpg"; static. */
const char *image_type_extension(enum image_type type);

/* Whether files of the type are called so: the extension above or another one in use, such as
 * "jpeg", in any case. */
bool image_type_has_extension(enum image_type type, const char *extension) VT_MUST_CHECK;

/* Whether browsers show such files: all that are in use do. */
bool image_type_is_shown(enum image_type type) VT_MUST_CHECK;

/* ImageMagick's name of the one coder that may read it, such as "JPEG"; static. */
const char *image_type_coder(enum image_type type);

/* Finds the type of an extension as image_type_extension() writes it; false where there is none. */
bool image_type_from_extension(const char *extension, enum image_type *type) VT_MUST_CHECK;

#endif
