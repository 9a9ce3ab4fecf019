#include "gallery/gallery.h"
#include "gallery/internal.h"

const unsigned gallery_thumbnail_sizes[GALLERY_THUMBNAIL_SIZES] = {320, 640, 1280, 2048, FULL_SIZE};

const char *gallery_thumbnail_extension(const struct record *record)
{
    return record->alpha ? "webp" : "jpg";
}

bool gallery_is_copy(const struct blob_key *key)
{
    return key->size > IMAGE_REDACT_NOTHING && key->size < IMAGE_REDACT_LEVELS;
}

bool gallery_derived_key(const char *id, size_t index, struct blob_key *key)
{
    static const char *const forms[] = {"jpg", "webp", GALLERY_WEBP_VARIANT, GALLERY_SAME};
    const size_t form_count = sizeof forms / sizeof forms[0], per_level = IMAGE_TYPE_COUNT + 1;
    const size_t thumbnails = GALLERY_THUMBNAIL_SIZES * form_count;

    key->id = id;
    if (index < thumbnails) {
        key->size = gallery_thumbnail_sizes[index / form_count];
        key->extension = forms[index % form_count];
        return true;
    }
    index -= thumbnails; /* of the copies, and of the marks for those that cannot be made */
    key->size = (unsigned)(IMAGE_REDACT_PLACE + index / per_level);
    index %= per_level;
    key->extension =
        index < IMAGE_TYPE_COUNT ? image_type_extension((enum image_type)index) : GALLERY_NO_COPY;
    return key->size < IMAGE_REDACT_LEVELS;
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
