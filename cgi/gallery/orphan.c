/* Blobs without a row: decides which of them may be removed, for deletions, the sweep and vitrine
 * fsck. */
#include <unistd.h>

#include "gallery/internal.h"

bool gallery_has_blob(struct gallery *gallery, const struct blob_key *key)
{
    int fd;
    enum vt_error err = blobs_open(gallery->blobs, key, &fd);

    if (err == VT_OK)
        (void)close(fd);
    return err != VT_ERR_NOT_FOUND; /* a blob that cannot be opened exists */
}

bool gallery_has_original(struct gallery *gallery, const char *id)
{
    for (int i = 0; i < IMAGE_TYPE_COUNT; i++) {
        const struct blob_key key = {0, id, image_type_extension((enum image_type)i)};

        if (gallery_has_blob(gallery, &key))
            return true;
    }
    return false;
}

enum vt_error gallery_judge(struct gallery *gallery, const struct blob_key *key,
                            struct orphan *orphan)
{
    struct record record;
    enum vt_error err = catalogue_find(gallery->catalogue, key->id, &record);

    *orphan = (struct orphan){ORPHAN_NONE, 0};
    if (err != VT_ERR_NOT_FOUND)
        return err;
    err = catalogue_find_deletion(gallery->catalogue, key->id, &orphan->deleted);
    if (err != VT_OK && err != VT_ERR_NOT_FOUND)
        return err;
    if (err == VT_OK)
        orphan->kind = ORPHAN_DELETED;
    else if (key->size != 0 && !gallery_has_original(gallery, key->id))
        orphan->kind = ORPHAN_SPARE;
    else
        orphan->kind = ORPHAN_UNKNOWN;
    return VT_OK;
}
