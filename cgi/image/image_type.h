/* The image types that Vitrine accepts: the one table of their names. */
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
    IMAGE_JXL,
    IMAGE_TYPE_COUNT
};

/* The media type, such as "image/jpeg"; static. */
const char *image_type_media(enum image_type type);

/* The file name extension without its dot, such as "jpg"; static. */
const char *image_type_extension(enum image_type type);

/* Whether files of the type have this extension: the one above or another one in use, such as
 * "jpeg", in upper or lower case. */
bool image_type_has_extension(enum image_type type, const char *extension) VT_MUST_CHECK;

/* Whether all browsers that are in use show files of the type. */
bool image_type_is_shown(enum image_type type) VT_MUST_CHECK;

/* The name of the one decoder that may read the type, such as "JPEG", which is also that of
 * ImageMagick's coder; static. */
const char *image_type_coder(enum image_type type);

/* Finds the type whose image_type_extension() this is; returns false if there is none. */
bool image_type_from_extension(const char *extension, enum image_type *type) VT_MUST_CHECK;

#endif
