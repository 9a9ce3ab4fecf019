/* From a stored file to thumbnails. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "gallery_internal.h"
#include "log.h"

enum vt_error gallery_start_decoder(struct gallery *gallery)
{
    return gallery->decoder != NULL ? VT_OK : decoder_new(gallery->config, &gallery->decoder);
}

bool gallery_has_lost_decoder(const struct gallery *gallery)
{
    return gallery->decoder != NULL && !decoder_is_there(gallery->decoder);
}

/* Opens the file once more, for reading and nothing else: the decoder is not to have a way to
 * change it. */
static int reopen(int file)
{
    char path[sizeof "/proc/self/fd/" + 3 * sizeof file];

    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* Has it decoded, once its header is known. */
static enum vt_error run(struct gallery *gallery, int file, const struct image_header *header,
                         const struct decoder_output *outputs, size_t count,
                         struct decoder_result *result, struct vt_reason *why)
{
    struct decoder_job job = {.file = reopen(file),
                              .header = header,
                              .seconds = gallery->config->decode_seconds,
                              .memory = decoder_memory(header),
                              .outputs = outputs,
                              .count = count,
                              .cancel_fd = gallery->cancel_fd};
    enum vt_error err;

    if (job.file < 0) {
        log_error("gallery: a file cannot be opened for its decoder: %s", strerror(errno));
        return VT_ERR_UNAVAILABLE;
    }
    err = gallery_start_decoder(gallery);
    if (err == VT_OK)
        err = decoder_run(gallery->decoder, &job, result, why);
    (void)close(job.file);
    return err;
}

enum vt_error gallery_decode(struct gallery *gallery, int file,
                             const struct decoder_output *outputs, size_t count,
                             struct image_header *header, struct decoder_result *result,
                             struct vt_reason *why)
{
    const struct image_limits limits = {gallery->config->max_pixels, GALLERY_SIDE_LIMIT,
                                        gallery->config->max_frames};
    struct mapping mapping = {NULL, 0};
    enum vt_error err = gallery_map(file, &mapping);

    *result = DECODER_RESULT_INIT;
    if (err == VT_OK)
        err = image_header_read(mapping.data, mapping.len, header, why);
    gallery_unmap(&mapping);
    if (err == VT_OK)
        err = image_header_check(header, &limits, why);
    if (err == VT_OK)
        err = run(gallery, file, header, outputs, count, result, why);
    return err;
}

enum vt_error gallery_stage_thumbnail(struct gallery *gallery, const struct buf *bytes,
                                      struct blob_stage *stage)
{
    enum vt_error err = blobs_stage(gallery->blobs, stage);

    if (err == VT_OK)
        err = blob_stage_write(stage, bytes->data, bytes->len);
    if (err == VT_OK)
        err = blob_stage_sync(stage);
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
    const struct decoder_output output = {key->size,
                                          record->alpha ? DECODER_TRANSPARENT : DECODER_OPAQUE};
    struct decoder_result result = DECODER_RESULT_INIT;
    struct blob_stage stage = BLOB_STAGE_INIT;
    struct image_header header;
    enum vt_error err;

    /* Who comes second waits for the first and finds the thumbnail made. */
    if (flock(fd, LOCK_EX) != 0)
        return VT_ERR_INTERNAL;
    err = is_there(gallery, key);
    if (err != VT_ERR_NOT_FOUND)
        return err;
    err = gallery_decode(gallery, fd, &output, 1, &header, &result, NULL);
    if (err == VT_OK)
        err = gallery_stage_thumbnail(gallery, &result.files[0], &stage);
    if (err == VT_OK)
        err = gallery_publish_thumbnail(gallery, &stage, key);
    blob_stage_free(&stage);
    decoder_result_free(&result);
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
