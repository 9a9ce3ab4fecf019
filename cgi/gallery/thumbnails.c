/* Makes thumbnails from stored files. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "gallery/internal.h"
#include "image/memory.h"

/* How long an upload may wait while the only worker makes thumbnails. */
#define THUMBNAILS_BEFORE_MS 3000
#define REDACT_MEMORY (48 << 20) /* bytes: the lists of a file's parts, which are bounded */

static enum vt_error join_budget(struct gallery *gallery, bool is_worker)
{
    char path[PATH_MAX];
    enum vt_error err = gallery_path(gallery, "decodes", path);

    if (err != VT_OK || gallery->budget != NULL)
        return err;
    return decode_budget_new(path, gallery->config->decode_memory, is_worker, &gallery->budget);
}

enum vt_error gallery_start_decoder(struct gallery *gallery, bool is_worker)
{
    enum vt_error err = VT_OK;

    if (gallery->decoder == NULL)
        err = decoder_new(gallery->config, &gallery->decoder);
    return err == VT_OK ? join_budget(gallery, is_worker) : err;
}

bool gallery_has_lost_decoder(const struct gallery *gallery)
{
    return gallery->decoder != NULL && !decoder_is_there(gallery->decoder);
}

int gallery_decoder_socket(const struct gallery *gallery)
{
    return gallery->decoder != NULL ? decoder_socket(gallery->decoder) : -1;
}

/* Opens the file again, read-only, so that the decoder cannot change it. */
static int reopen(int file)
{
    char path[sizeof "/proc/self/fd/" + 3 * sizeof file];

    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return open(path, O_RDONLY | O_CLOEXEC);
}

void gallery_serve(struct gallery *gallery, const struct gallery_client *client)
{
    gallery->client = client;
}

static bool has_client_gone(const struct gallery *gallery)
{
    struct pollfd connection = {.events = POLLRDHUP};

    if (gallery->client == NULL || gallery->client->connection < 0)
        return false;
    connection.fd = gallery->client->connection;
    return poll(&connection, 1, 0) > 0 &&
           (connection.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/* A claim that comes last waits only while no other client could use the worker. */
static bool is_patient(void *context, bool is_last)
{
    const struct gallery *gallery = context;
    const struct gallery_client *client = gallery->client;

    return !has_client_gone(gallery) &&
           !(is_last && client != NULL && client->others_wait != NULL &&
             client->others_wait(client->source));
}

enum vt_error gallery_lock_file(struct gallery *gallery, int file)
{
    const struct timespec pause = {0, 10 * 1000 * 1000};

    for (unsigned i = 0; i < 300; i++) {
        if (flock(file, LOCK_EX | LOCK_NB) == 0)
            return VT_OK;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return VT_ERR_INTERNAL;
        if (has_client_gone(gallery))
            return VT_ERR_STOPPED;
        if (i >= 20 && !is_patient(gallery, true)) /* most are made by then */
            return VT_ERR_BUSY;
        (void)nanosleep(&pause, NULL);
    }
    return VT_ERR_BUSY;
}

static int64_t now_ms(void)
{
    struct timespec now = {0, 0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether the only worker may go on with a thumbnail. Among those who wait for it may be an upload,
 * which no other worker can take: all thumbnails before it together get THUMBNAILS_BEFORE_MS. */
static bool may_go_on(void *context)
{
    struct gallery *gallery = context;
    const struct gallery_client *client = gallery->client;
    int64_t now = now_ms();

    if (client != NULL && client->others_wait != NULL && client->others_wait(client->source))
        gallery->crowded_ms += now - gallery->asked_ms;
    else
        gallery->crowded_ms = 0;
    gallery->asked_ms = now;
    return gallery->crowded_ms < THUMBNAILS_BEFORE_MS;
}

/* Has the only worker make a thumbnail, but not while others wait for long. */
static enum vt_error run_between(struct gallery *gallery, struct decoder_job *job,
                                 struct decoder_result *result, struct vt_reason *why)
{
    enum vt_error err;

    gallery->asked_ms = now_ms();
    if (!may_go_on(gallery))
        return vt_fail(why, VT_ERR_BUSY, "other requests wait for the only worker");
    job->is_wanted = may_go_on;
    job->context = gallery;
    err = decoder_run(gallery->decoder, job, result, why);
    (void)may_go_on(gallery); /* which counts the rest of the time */
    return err == VT_ERR_STOPPED && !has_client_gone(gallery) ? VT_ERR_BUSY : err;
}

/* Has the file decoded once there is room. */
static enum vt_error run(struct gallery *gallery, const struct decode_claim *claim,
                         struct decoder_job *job, struct decoder_result *result,
                         struct vt_reason *why)
{
    enum vt_error err = gallery_start_decoder(gallery, false);

    if (err == VT_OK)
        err = decode_budget_take(gallery->budget, claim, is_patient, gallery, why);
    if (err != VT_OK)
        return err;
    if (claim->purpose == DECODE_UPLOAD)
        gallery->crowded_ms = 0;
    if (claim->purpose == DECODE_THUMBNAIL && decode_budget_has_only_worker(gallery->budget))
        err = run_between(gallery, job, result, why);
    else
        err = decoder_run(gallery->decoder, job, result, why);
    decode_budget_return(gallery->budget);
    return err;
}

/* An uploading client may disconnect once all bytes have arrived; a thumbnail is not made for a
 * client that has disconnected. */
static enum vt_error decode(struct gallery *gallery, enum decode_purpose purpose, int file,
                            struct decoder_job *job, struct decoder_result *result,
                            struct vt_reason *why)
{
    const struct gallery_client *client = gallery->client;
    const struct decode_claim claim = {purpose, client != NULL ? client->address : NULL,
                                       job->redact == IMAGE_REDACT_NOTHING
                                           ? image_memory(job->header, job->outputs[0].size)
                                           : REDACT_MEMORY};
    enum vt_error err;

    if (has_client_gone(gallery))
        return VT_ERR_STOPPED;
    job->memory = claim.memory;
    job->seconds = gallery->config->decode_seconds;
    job->cancel_fd = client != NULL ? client->connection : -1;
    job->file = reopen(file);
    if (job->file < 0) {
        log_error("gallery: a file cannot be opened for its decoder: %s", strerror(errno));
        return VT_ERR_UNAVAILABLE;
    }
    err = run(gallery, &claim, job, result, why);
    (void)close(job->file);
    return err;
}

/* Reads the header of a file, which was written just now if it is an upload's. */
static enum vt_error read_header(int file, enum decode_purpose purpose, struct image_header *header,
                                 struct vt_reason *why)
{
    struct mapping mapping = {NULL, 0};
    enum vt_error err = purpose == DECODE_THUMBNAIL ? gallery_read_through(file) : VT_OK;

    if (err == VT_OK)
        err = gallery_map(file, &mapping);
    if (err == VT_OK)
        err = image_header_read(mapping.data, mapping.len, header, why);
    gallery_unmap(&mapping);
    return err;
}

enum vt_error gallery_decode(struct gallery *gallery, enum decode_purpose purpose, int file,
                             const struct decoder_output *outputs, size_t count,
                             struct image_header *header, struct decoder_result *result,
                             struct vt_reason *why)
{
    const struct image_limits limits = {gallery->config->max_pixels, GALLERY_SIDE_LIMIT,
                                        gallery->config->max_frames};
    struct decoder_job job = {.header = header,
                              .outputs = outputs,
                              .count = count,
                              .metadata = purpose == DECODE_UPLOAD ? DECODER_FILE_METADATA
                                                                   : DECODER_NO_METADATA};
    enum vt_error err = read_header(file, purpose, header, why);

    *result = DECODER_RESULT_INIT;
    /* A stored camera raw file was accepted by an earlier version, which showed its preview. */
    if (err == VT_OK && purpose == DECODE_THUMBNAIL)
        header->raw = IMAGE_RAW_NONE;
    if (err == VT_OK)
        err = image_header_check(header, &limits, why);
    if (err == VT_OK)
        err = decode(gallery, purpose, file, &job, result, why);
    return err;
}

enum vt_error gallery_redact(struct gallery *gallery, enum image_redact_level level, int file,
                             struct image_header *header, struct decoder_result *result)
{
    static const struct decoder_output plan = {0, DECODER_OPAQUE};
    struct decoder_job job = {.header = header, .outputs = &plan, .count = 1, .redact = level};
    enum vt_error err = read_header(file, DECODE_THUMBNAIL, header, NULL);

    *result = DECODER_RESULT_INIT;
    if (err == VT_OK && header->raw != IMAGE_RAW_NONE)
        err = VT_ERR_UNSUPPORTED;
    return err == VT_OK ? decode(gallery, DECODE_THUMBNAIL, file, &job, result, NULL) : err;
}

void gallery_note_failure(struct gallery *gallery, enum vt_error err, const char *id, unsigned size)
{
    if (gallery->budget != NULL && (err == VT_ERR_INVALID_IMAGE || err == VT_ERR_IMAGE_LIMIT))
        decode_budget_note_failure(gallery->budget, id, size);
}

enum vt_error gallery_stage_thumbnail(struct gallery *gallery, const struct buf *bytes,
                                      struct blob_stage *stage)
{
    enum vt_error err = blobs_stage(gallery->blobs, stage);

    if (err == VT_OK)
        err = blobs_stage_write(stage, bytes->data, bytes->len);
    if (err == VT_OK)
        err = blobs_stage_sync(stage);
    return err;
}

/* Whether the blob exists. */
static enum vt_error is_there(struct gallery *gallery, const struct blob_key *key)
{
    int fd;
    enum vt_error err = blobs_open(gallery->blobs, key, &fd);

    if (err == VT_OK)
        (void)close(fd);
    return err;
}

/* Under the write lock: records the size of what exists now, and releases the lock. The files
 * exist, counted or not: if this fails, a sweep counts them. */
static void note(struct gallery *gallery, const struct record *record)
{
    if (gallery_note_derived(gallery, record) != VT_OK ||
        catalogue_commit(gallery->catalogue) != VT_OK)
        log_warning("gallery: a thumbnail of %s is counted by the next sweep", record->id);
    catalogue_rollback(gallery->catalogue);
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
        err = blobs_stage_publish(stage, key);
    if (err == VT_OK)
        note(gallery, &record);
    else
        catalogue_rollback(gallery->catalogue);
    return err;
}

enum vt_error gallery_link(struct gallery *gallery, const struct blob_key *blob,
                           const struct blob_key *name)
{
    struct record record;
    enum vt_error err = catalogue_lock(gallery->catalogue);

    if (err != VT_OK)
        return err;
    err = catalogue_find(gallery->catalogue, blob->id, &record);
    if (err == VT_OK)
        err = blobs_link(gallery->blobs, blob, name);
    catalogue_rollback(gallery->catalogue); /* nothing was written: this releases the lock */
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
    enum vt_error err = gallery_lock_file(gallery, fd);

    /* A second request waits for the first and then finds the thumbnail made. */
    if (err == VT_OK)
        err = is_there(gallery, key);
    if (err != VT_ERR_NOT_FOUND)
        return err;
    err = gallery_decode(gallery, DECODE_THUMBNAIL, fd, &output, 1, &header, &result, NULL);
    gallery_note_failure(gallery, err, key->id, key->size);
    if (err == VT_OK)
        err = gallery_stage_thumbnail(gallery, &result.files[0], &stage);
    if (err == VT_OK)
        err = gallery_publish_thumbnail(gallery, &stage, key);
    blobs_stage_free(&stage);
    decoder_result_free(&result);
    return err;
}

/* Opens the source of a thumbnail: a larger thumbnail, whose decode costs a tenth of the
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
    if (!gallery_has_size(&record, size) ||
        strcmp(extension, gallery_thumbnail_extension(&record)) != 0)
        return VT_ERR_NOT_FOUND;
    if (gallery->budget != NULL && decode_budget_has_failed(gallery->budget, id, size))
        return VT_ERR_INVALID_IMAGE;
    err = gallery_has_room_for(gallery, ROOM_THUMBNAIL);
    if (err != VT_OK)
        return is_there(gallery, &thumbnail) == VT_OK ? VT_OK : err;
    err = open_source(gallery, &record, size, &fd);
    if (err != VT_OK)
        return err;
    err = make_thumbnail(gallery, fd, &record, &thumbnail);
    (void)close(fd);
    return err;
}
