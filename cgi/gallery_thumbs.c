/* From a stored file to pixels to thumbnails. Who links nothing of this links no ImageMagick. */
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "gallery_internal.h"
#include "image.h"
#include "log.h"

enum vt_error gallery_decode(struct gallery *gallery, const struct mapping *file, unsigned detail,
                             struct image_header *header, struct image **image,
                             struct vt_reason *why)
{
    const struct image_limits limits = {gallery->config->max_pixels, GALLERY_SIDE_LIMIT,
                                        gallery->config->max_frames};
    enum vt_error err = image_header_read(file->data, file->len, header, why);

    *image = NULL;
    if (err == VT_OK)
        err = image_header_check(header, &limits, why);
    if (err == VT_OK && gallery->engine == NULL) {
        err = image_engine_new(gallery->config->module_dir, gallery->config->policy_dir,
                               limits.pixels, &gallery->engine);
        gallery->free_engine = image_engine_free;
    }
    if (err == VT_OK)
        err = image_decode(gallery->engine, file->data, file->len, header, detail,
                           gallery->config->decode_seconds, image, why);
    return err;
}

enum vt_error gallery_stage_thumbnail(struct gallery *gallery, struct image *image, unsigned size,
                                      bool alpha, struct blob_stage *stage)
{
    struct buf bytes = BUF_INIT;
    enum vt_error err = image_shrink(image, size);

    if (err == VT_OK)
        err = image_encode(image, alpha ? IMAGE_WEBP : IMAGE_JPEG, alpha, &bytes);
    if (err == VT_OK)
        err = blobs_stage(gallery->blobs, stage);
    if (err == VT_OK)
        err = blob_stage_write(stage, bytes.data, bytes.len);
    if (err == VT_OK)
        err = blob_stage_sync(stage);
    buf_free(&bytes);
    return err;
}

/* Whether the blob is in its place. */
static enum vt_error is_there(struct gallery *gallery, const struct blob_key *key)
{
    int fd;
    enum vt_error err = blobs_open(gallery->blobs, key, &fd);

    if (err == VT_OK)
        (void)close(fd);
    return err;
}

enum vt_error gallery_publish_thumbnail(struct gallery *gallery, struct blob_stage *stage,
                                        const struct blob_key *key)
{
    struct record record;
    enum vt_error err = catalogue_lock(gallery->catalogue);

    if (err != VT_OK)
        return err;
    err = catalogue_find(gallery->catalogue, key->id, &record);
    if (err == VT_OK)
        err = blob_stage_publish(stage, key);
    catalogue_rollback(gallery->catalogue);
    return err;
}

static enum vt_error make_thumbnail(struct gallery *gallery, int fd, const struct record *record,
                                    const struct blob_key *key)
{
    struct blob_stage stage = BLOB_STAGE_INIT;
    struct mapping file = {NULL, 0};
    struct image_header header;
    struct image *image = NULL;
    enum vt_error err;

    /* Who comes second waits for the first and finds the thumbnail made. */
    if (flock(fd, LOCK_EX) != 0)
        return VT_ERR_INTERNAL;
    err = is_there(gallery, key);
    if (err != VT_ERR_NOT_FOUND)
        return err;
    err = gallery_map(fd, &file);
    if (err == VT_OK)
        err = gallery_decode(gallery, &file, key->size, &header, &image, NULL);
    if (err == VT_OK)
        err = gallery_stage_thumbnail(gallery, image, key->size, record->alpha, &stage);
    if (err == VT_OK)
        err = gallery_publish_thumbnail(gallery, &stage, key);
    blob_stage_free(&stage);
    image_free(image);
    gallery_unmap(&file);
    return err;
}

/* Opens what a thumbnail is made from: a larger thumbnail, whose decode costs a tenth of the
 * original's, or the original. */
static enum vt_error open_source(struct gallery *gallery, const struct record *record,
                                 unsigned size, int *fd)
{
    struct blob_key key = {FIRST_THUMBNAIL_SIZE, record->id, gallery_thumbnail_extension(record)};
    enum vt_error err = VT_ERR_NOT_FOUND;

    if (size < FIRST_THUMBNAIL_SIZE)
        err = blobs_open(gallery->blobs, &key, fd);
    if (err != VT_ERR_NOT_FOUND)
        return err;
    key.size = 0;
    key.extension = image_type_extension(record->type);
    return blobs_open(gallery->blobs, &key, fd);
}

enum vt_error gallery_make_thumbnail(struct gallery *gallery, const char *id, unsigned size,
                                     const char *extension)
{
    const struct blob_key thumbnail = {size, id, extension};
    struct record record;
    int fd;
    enum vt_error err = gallery_get(gallery, id, &record);

    if (err != VT_OK)
        return err;
    if (!gallery_is_thumbnail_size(size) ||
        strcmp(extension, gallery_thumbnail_extension(&record)) != 0)
        return VT_ERR_NOT_FOUND;
    err = open_source(gallery, &record, size, &fd);
    if (err != VT_OK)
        return err;
    err = make_thumbnail(gallery, fd, &record, &thumbnail);
    (void)close(fd);
    return err;
}
