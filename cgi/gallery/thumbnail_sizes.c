#include "gallery/gallery.h"
#include "gallery/internal.h"

const unsigned gallery_thumbnail_sizes[GALLERY_THUMBNAIL_SIZES] = {320, 640, 1280, 2048, FULL_SIZE};

const char *gallery_thumbnail_extension(const struct record *record)
{
    return record->alpha ? "webp" : "jpg";
}

bool gallery_has_size(const struct record *record, unsigned size)
{
    if (size == FULL_SIZE)
        return !image_type_is_shown(record->type);
    for (size_t i = 0; i < GALLERY_THUMBNAIL_SIZES; i++)
        if (gallery_thumbnail_sizes[i] == size)
            return true;
    return false;
}
