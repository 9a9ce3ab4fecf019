/* WebP variants of JPEG thumbnails, for clients that accept WebP.
 *
 * A variant is made from a larger picture, never from the JPEG of its own size: WebP would add its
 * losses to those of the JPEG, which is visible at 320 pixels. A larger thumbnail on the disk is
 * decoded in hundredths of a second. If there is none and the original is large, the client gets
 * the JPEG at once, and the variant is left until the worker has nothing else to do. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "gallery/internal.h"

#define LEFT_MAX 64
#define VARIANT_FAILED 0x80000000U /* added to a size: its WebP variant failed, not its JPEG */
#define CHEAP_PIXELS (1280 * 1280) /* of an original that is decoded while the client waits */

struct webp_variants_left {
    struct {
        char id[ID_LENGTH + 1];
        unsigned size;
    } variants[LEFT_MAX]; /* the oldest first */
    size_t count;
};

/* What a variant is made from. */
struct source {
    int fd;
    bool cheap;
};

/* A variant that is being made. */
struct making {
    struct gallery *gallery;
    struct record record;
    const char *id; /* the record's */
    unsigned size;
    int jpeg; /* the thumbnail: open, and locked while the variant is made */
};

/* Finds the variant or its substitute. */
static bool find_made(const struct making *making, const char **extension)
{
    static const char *const forms[] = {GALLERY_WEBP_VARIANT, GALLERY_SAME};
    int fd;

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const struct blob_key key = {making->size, making->id, forms[i]};

        if (blobs_open(making->gallery->blobs, &key, &fd) == VT_OK) {
            (void)close(fd);
            *extension = forms[i];
            return true;
        }
    }
    return false;
}

/* Opens the thumbnail, and makes it if it is missing. */
static enum vt_error open_jpeg(struct making *making)
{
    const struct blob_key key = {making->size, making->id, "jpg"};
    enum vt_error err = blobs_open(making->gallery->blobs, &key, &making->jpeg);

    if (err != VT_ERR_NOT_FOUND)
        return err;
    err = gallery_make_thumbnail(making->gallery, making->id, making->size, key.extension);
    return err == VT_OK ? blobs_open(making->gallery->blobs, &key, &making->jpeg) : err;
}

/* Opens the smallest thumbnail that is at least half as large again, or the original. */
static enum vt_error open_source(const struct making *making, struct source *source)
{
    const struct record *record = &making->record;
    struct blob_key key = {0, making->id, "jpg"};
    uint32_t longer = record->width > record->height ? record->width : record->height;
    enum vt_error err = VT_ERR_NOT_FOUND;

    for (size_t i = 0; err == VT_ERR_NOT_FOUND && i < GALLERY_THUMBNAIL_SIZES; i++) {
        key.size = gallery_thumbnail_sizes[i];
        if ((key.size < longer ? key.size : longer) >= making->size + making->size / 2)
            err = blobs_open(making->gallery->blobs, &key, &source->fd);
    }
    source->cheap = err == VT_OK || (uint64_t)record->width * record->height <= CHEAP_PIXELS;
    if (err != VT_ERR_NOT_FOUND)
        return err;
    key.size = 0;
    key.extension = image_type_extension(record->type);
    return blobs_open(making->gallery->blobs, &key, &source->fd);
}

static enum vt_error publish(const struct making *making, const void *data, size_t len,
                             const struct blob_key *key)
{
    struct blob_stage stage = BLOB_STAGE_INIT;
    enum vt_error err = blobs_stage(making->gallery->blobs, &stage);

    if (err == VT_OK)
        err = blobs_stage_write(&stage, data, len);
    if (err == VT_OK)
        err = blobs_stage_sync(&stage);
    if (err == VT_OK)
        err = gallery_publish_thumbnail(making->gallery, &stage, key);
    blobs_stage_free(&stage);
    return err;
}

/* Makes the variant. If it would save less than a fifth, the JPEG takes its place: by a second
 * name, or by a copy if files can have only one name. */
static enum vt_error make_variant(const struct making *making, int source, const char **extension)
{
    struct blob_key key = {making->size, making->id, GALLERY_WEBP_VARIANT};
    const struct decoder_output output = {making->size, DECODER_OPAQUE_WEBP};
    struct decoder_result result = DECODER_RESULT_INIT;
    const struct buf *bytes = &result.files[0];
    struct mapping jpeg = {NULL, 0};
    struct image_header header;
    enum vt_error err = gallery_decode(making->gallery, DECODE_THUMBNAIL, source, &output, 1,
                                       &header, &result, NULL);

    if (err == VT_OK)
        err = gallery_map(making->jpeg, &jpeg);
    if (err == VT_OK && bytes->len * 5 <= jpeg.len * 4) {
        err = publish(making, bytes->data, bytes->len, &key);
    } else if (err == VT_OK) {
        key.extension = GALLERY_SAME;
        err = gallery_link(making->gallery, &(struct blob_key){making->size, making->id, "jpg"},
                           &key);
        if (err == VT_ERR_UNSUPPORTED)
            err = publish(making, jpeg.data, jpeg.len, &key);
    }
    if (err == VT_OK)
        *extension = key.extension;
    gallery_unmap(&jpeg);
    decoder_result_free(&result);
    return err;
}

static void leave(const struct making *making)
{
    struct webp_variants_left *left = making->gallery->webp_variants_left;

    if (left == NULL)
        left = making->gallery->webp_variants_left = calloc(1, sizeof *left);
    if (left == NULL || left->count == LEFT_MAX)
        return;
    for (size_t i = 0; i < left->count; i++)
        if (left->variants[i].size == making->size && strcmp(left->variants[i].id, making->id) == 0)
            return;
    memcpy(left->variants[left->count].id, making->id, ID_LENGTH + 1);
    left->variants[left->count++].size = making->size;
}

/* Whether the decode for the variant has failed within the last minutes. */
static bool has_failed(const struct making *making)
{
    struct decode_budget *budget = making->gallery->budget;

    return budget != NULL &&
           decode_budget_has_failed(budget, making->id, making->size | VARIANT_FAILED);
}

/* How much time a variant may take now. */
enum allowance { NO_TIME, LITTLE_TIME, ANY_TIME };

/* Makes the variant, or leaves it for later if there is no time. */
static enum vt_error make_or_leave(const struct making *making, enum allowance time,
                                   const char **extension)
{
    struct source source = {-1, false};
    enum vt_error err = open_source(making, &source);

    if (err != VT_OK)
        return err;
    if (gallery_has_room_for(making->gallery, ROOM_WEBP_VARIANT) != VT_OK) {
        err = VT_OK; /* the JPEG serves */
    } else if (time == NO_TIME || (time == LITTLE_TIME && !source.cheap)) {
        leave(making);
    } else if (!has_failed(making)) {
        /* A second request waits for the first and then finds the variant made. */
        err = gallery_lock_file(making->gallery, making->jpeg);
        if (err == VT_OK && !find_made(making, extension))
            err = make_variant(making, source.fd, extension);
        /* nginx may have stopped waiting, or others come first. */
        if (time == LITTLE_TIME && (err == VT_ERR_STOPPED || err == VT_ERR_BUSY))
            leave(making);
        gallery_note_failure(making->gallery, err, making->id, making->size | VARIANT_FAILED);
    }
    (void)close(source.fd);
    return err;
}

static enum vt_error find_or_make(struct gallery *gallery, const char *id, unsigned size,
                                  enum allowance time, const char **extension)
{
    struct making making = {.gallery = gallery, .size = size, .jpeg = -1};
    enum vt_error err = gallery_get(gallery, id, &making.record);

    making.id = making.record.id;
    *extension = "jpg";
    if (err == VT_OK)
        err = open_jpeg(&making);
    if (err != VT_OK)
        return err;
    if (!find_made(&making, extension)) {
        err = make_or_leave(&making, time, extension);
        /* The JPEG exists. Meanwhile the image may have been removed or the client have
         * disconnected; and a busy gallery makes the variant later. */
        if (err != VT_OK && err != VT_ERR_NOT_FOUND && err != VT_ERR_STOPPED && err != VT_ERR_BUSY)
            log_warning("gallery: no WebP variant of %s at size %u: %s", id, size,
                        vt_strerror(err));
    }
    (void)close(making.jpeg);
    return VT_OK;
}

enum vt_error gallery_find_webp_variant(struct gallery *gallery, const char *id, unsigned size,
                                        bool has_time, const char **extension)
{
    if (size == FULL_SIZE) /* a visitor who zooms in wants it immediately, and loads it once */
        return VT_ERR_NOT_FOUND;
    return find_or_make(gallery, id, size, has_time ? LITTLE_TIME : NO_TIME, extension);
}

bool gallery_is_behind(const struct gallery *gallery)
{
    return gallery->has_unfinished ||
           (gallery->webp_variants_left != NULL && gallery->webp_variants_left->count > 0);
}

void gallery_catch_up(struct gallery *gallery)
{
    struct webp_variants_left *left = gallery->webp_variants_left;
    char id[ID_LENGTH + 1];
    const char *extension;
    unsigned size;
    enum vt_error err;

    if (gallery->has_unfinished) {
        gallery_finish_deletions(gallery);
        return;
    }
    if (!gallery_is_behind(gallery))
        return;
    memcpy(id, left->variants[0].id, sizeof id);
    size = left->variants[0].size;
    memmove(left->variants, left->variants + 1, --left->count * sizeof left->variants[0]);
    err = find_or_make(gallery, id, size, ANY_TIME, &extension);
    if (err != VT_OK && err != VT_ERR_NOT_FOUND) /* removed meanwhile */
        log_warning("gallery: no WebP variant of %s at size %u: %s", id, size, vt_strerror(err));
}
