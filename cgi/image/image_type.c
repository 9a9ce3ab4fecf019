#include "image/image_type.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *media, *extension, *coder;
    bool is_shown; /* whether browsers show it */
} types[IMAGE_TYPE_COUNT] = {
    [IMAGE_JPEG] = {"image/jpeg", "jpg", "JPEG", true},
    [IMAGE_PNG] = {"image/png", "png", "PNG", true},
    [IMAGE_GIF] = {"image/gif", "gif", "GIF", true},
    [IMAGE_WEBP] = {"image/webp", "webp", "WEBP", true},
    [IMAGE_AVIF] = {"image/avif", "avif", "AVIF", true},
    [IMAGE_HEIC] = {"image/heic", "heic", "HEIC", false},
    [IMAGE_TIFF] = {"image/tiff", "tiff", "TIFF", false},
    [IMAGE_JXL] = {"image/jxl", "jxl", "JXL", false},
};

const char *image_type_media(enum image_type type)
{
    return types[type].media;
}

const char *image_type_extension(enum image_type type)
{
    return types[type].extension;
}

bool image_type_has_extension(enum image_type type, const char *extension)
{
    static const struct {
        enum image_type type;
        const char *extension;
    } others[] = {{IMAGE_JPEG, "jpeg"}, {IMAGE_JPEG, "jpe"},   {IMAGE_JPEG, "jfif"},
                  {IMAGE_PNG, "apng"},  {IMAGE_AVIF, "avifs"}, {IMAGE_HEIC, "heif"},
                  {IMAGE_HEIC, "hif"},  {IMAGE_TIFF, "tif"}};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (others[i].type == type && strcasecmp(others[i].extension, extension) == 0)
            return true;
    return strcasecmp(types[type].extension, extension) == 0;
}

bool image_type_is_shown(enum image_type type)
{
    return types[type].is_shown;
}

const char *image_type_coder(enum image_type type)
{
    return types[type].coder;
}

bool image_type_from_extension(const char *extension, enum image_type *type)
{
    for (int i = 0; i < IMAGE_TYPE_COUNT; i++) {
        if (strcmp(types[i].extension, extension) == 0) {
            *type = (enum image_type)i;
            return true;
        }
    }
    return false;
}
