/* Space: how much of the quota the store uses, what the disk has left, and whether more may be
 * added. */
#include <inttypes.h>
#include <string.h>

#include "gallery/internal.h"

/* ---- counting ---- */

/* Adds the size of a file, if it exists. A second name of the JPEG, or of the original, takes no
 * space. */
static enum vt_error add_file(struct gallery *gallery, const struct blob_key *key, uint64_t *bytes)
{
    bool may_be_name = gallery_is_copy(key) || strcmp(key->extension, GALLERY_SAME) == 0;
    struct blob_status status;
    enum vt_error err = blobs_look(gallery->blobs, key, &status);

    if (err == VT_OK && !(may_be_name && status.is_shared))
        *bytes += status.bytes;
    /* One unreadable file must not end a recount. */
    return err == VT_ERR_NOT_FOUND || vt_is_unreadable(err) ? VT_OK : err;
}

/* Adds up the sizes of the files that an image can have beside its original. */
static enum vt_error measure(struct gallery *gallery, const struct record *record, uint64_t *bytes)
{
    static const char *const opaque[] = {"jpg", GALLERY_WEBP_VARIANT, GALLERY_SAME};
    static const char *const transparent[] = {"webp"};
    const char *const *forms = record->alpha ? transparent : opaque;
    size_t count = record->alpha ? 1 : sizeof opaque / sizeof opaque[0];
    struct blob_key key = {0, record->id, NULL};
    enum vt_error err = VT_OK;

    *bytes = 0;
    for (size_t i = 0; i < GALLERY_THUMBNAIL_SIZES; i++) {
        key.size = gallery_thumbnail_sizes[i];
        for (size_t j = 0; err == VT_OK && j < count; j++) {
            key.extension = forms[j];
            err = add_file(gallery, &key, bytes);
        }
    }
    key.extension = image_type_extension(record->type);
    for (key.size = IMAGE_REDACT_PLACE; err == VT_OK && key.size < IMAGE_REDACT_LEVELS; key.size++)
        err = add_file(gallery, &key, bytes);
    return err;
}

enum vt_error gallery_note_derived(struct gallery *gallery, const struct record *record)
{
    uint64_t bytes;
    enum vt_error err = measure(gallery, record, &bytes);

    return err == VT_OK ? catalogue_note_derived(gallery->catalogue, record->id, bytes) : err;
}

struct recounting {
    struct gallery *gallery;
    bool (*is_stopped)(void);
};

static enum vt_error recount(void *context, const struct record *record)
{
    const struct recounting *self = context;
    struct gallery *gallery = self->gallery;
    uint64_t noted, bytes;
    enum vt_error err;

    if (self->is_stopped != NULL && self->is_stopped())
        return VT_ERR_STOPPED;
    err = catalogue_derived(gallery->catalogue, record->id, &noted);
    if (err != VT_OK)
        return err == VT_ERR_NOT_FOUND ? VT_OK : err; /* removed meanwhile */
    err = measure(gallery, record, &bytes);
    if (err != VT_OK || bytes == noted)
        return err;
    /* Again under the lock: meanwhile a thumbnail may be added or the image removed. */
    err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = gallery_note_derived(gallery, record);
    if (err == VT_OK)
        err = catalogue_commit(gallery->catalogue);
    else
        catalogue_rollback(gallery->catalogue);
    return err;
}

enum vt_error gallery_recount(struct gallery *gallery, bool (*is_stopped)(void))
{
    struct recounting self = {gallery, is_stopped};

    return gallery_each(gallery, recount, &self);
}

/* ---- the reserve ---- */

#define RESERVE_FILES 1000 /* or a hundredth of the files that the disk can have */

uint64_t gallery_reserve(const struct gallery *gallery, const struct blobs_space *space)
{
    uint64_t share = space->bytes / 100;

    if (gallery->config->reserve != CONFIG_RESERVE_SHARE)
        return gallery->config->reserve;
    return share < CONFIG_RESERVE_MAX ? share : CONFIG_RESERVE_MAX;
}

enum vt_error gallery_check_reserve(struct gallery *gallery, struct vt_reason *why)
{
    struct blobs_space space;
    uint64_t reserve, files;
    char left[TEXT_BYTES_SIZE], kept[TEXT_BYTES_SIZE];
    enum vt_error err = blobs_space(gallery->blobs, &space);

    if (err != VT_OK)
        return err;
    reserve = gallery_reserve(gallery, &space);
    files = space.files / 100 < RESERVE_FILES ? space.files / 100 : RESERVE_FILES;
    if (space.free_bytes < reserve)
        return vt_fail(why, VT_ERR_NO_SPACE,
                       "the disk has %s left, and VITRINE_RESERVE keeps %s free",
                       text_bytes(space.free_bytes, left), text_bytes(reserve, kept));
    if (reserve > 0 && space.free_files < files)
        return vt_fail(why, VT_ERR_NO_SPACE,
                       "the disk has room for %" PRIu64 " more files, and %" PRIu64
                       " are kept free",
                       space.free_files, files);
    return VT_OK;
}

/* ---- the quota ---- */

/* Adds up stored files first, then stages: a file that is published in between is missed rather
 * than counted twice. */
static enum vt_error add_up(struct gallery *gallery, struct blob_stage *original, uint64_t *used)
{
    struct totals totals;
    uint64_t staged = 0;
    enum vt_error err = catalogue_totals(gallery->catalogue, &totals);

    if (err == VT_OK && original->blobs != NULL)
        err = blobs_stage_before(original, &staged);
    if (err == VT_OK)
        *used = totals.bytes + totals.derived + staged;
    return err;
}

enum vt_error gallery_has_room(struct gallery *gallery, struct blob_stage *original, uint64_t bytes,
                               uint64_t derived, struct vt_reason *why)
{
    uint64_t quota = gallery->config->quota, wanted = bytes + derived, used;
    char texts[3][TEXT_BYTES_SIZE];
    enum vt_error err = gallery_check_reserve(gallery, why);

    if (err != VT_OK || quota == 0)
        return err;
    err = add_up(gallery, original, &used);
    if (err != VT_OK || (wanted <= quota && used <= quota - wanted))
        return err;
    return vt_fail(
        why, VT_ERR_QUOTA, "the gallery has no room for it: %s of %s are used, and this file%s %s",
        text_bytes(used, texts[0]), text_bytes(quota, texts[1]),
        derived > 0 ? " and its thumbnails need" : " needs", text_bytes(wanted, texts[2]));
}

enum vt_error gallery_has_room_for(struct gallery *gallery, enum room what)
{
    uint64_t quota = gallery->config->quota;
    struct totals totals;
    enum vt_error err = gallery_check_reserve(gallery, NULL);

    if (err != VT_OK || quota == 0)
        return err;
    if (what == ROOM_THUMBNAIL)
        quota += quota / 4;
    err = catalogue_totals(gallery->catalogue, &totals);
    return err == VT_OK && totals.bytes + totals.derived >= quota ? VT_ERR_QUOTA : err;
}
