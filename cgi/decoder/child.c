#include "decoder/child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "decoder/reply.h"

/* Maps the whole file. A decode reads all of it, so its pages come in at once. Returns NULL if it
 * is empty or cannot be mapped. */
static const void *map(int file, bool is_decoded, size_t *len)
{
    struct stat status;
    void *data;

    if (fstat(file, &status) != 0 || status.st_size <= 0)
        return NULL;
    *len = (size_t)status.st_size;
    data = mmap(NULL, *len, PROT_READ, MAP_PRIVATE | (is_decoded ? MAP_POPULATE : 0), file, 0);
    return data == MAP_FAILED ? NULL : data;
}

/* Makes the thumbnails, each from the one before. */
static enum vt_error make_files(struct image *image, const struct decoder_request *request,
                                bool alpha, struct buf *files)
{
    enum vt_error err = VT_OK;

    for (size_t i = 0; err == VT_OK && i < request->count; i++) {
        const struct decoder_output *output = &request->outputs[i];
        enum image_type type = decoder_reply_form_type(output->form, alpha);

        err = image_shrink(image, output->size);
        if (err == VT_OK)
            err = image_encode(
                image, type, type == IMAGE_WEBP && output->form != DECODER_OPAQUE_WEBP, &files[i]);
    }
    return err;
}

static void work(struct image_engine *engine, const struct decoder_request *request,
                 const void *data, size_t len, struct decoder_reply *head, struct buf *files)
{
    struct image *image = NULL;
    enum vt_error err = data == NULL ? VT_ERR_MEMORY : VT_OK;

    if (err == VT_OK && request->count > 0)
        err = image_decode(engine, data, len, &request->header, request->outputs[0].size,
                           request->seconds, &image, &head->why);
    if (err == VT_OK && image != NULL) {
        image_size(image, &head->width, &head->height);
        head->alpha = image_has_alpha(image) ? 1 : 0;
        err = make_files(image, request, head->alpha != 0, files);
    }
    for (size_t i = 0; err == VT_OK && i < request->count; i++)
        head->lengths[i] = (uint32_t)files[i].len;
    head->err = (int32_t)err;
    image_free(image);
}

/* Makes the plan of a redacted copy. */
static void redact(const struct decoder_request *request, const void *data, size_t len,
                   struct decoder_reply *head, struct buf *plan)
{
    enum vt_error err = data == NULL ? VT_ERR_MEMORY : VT_OK;

    if (err == VT_OK)
        err = image_redact(request->header.type, (enum image_redact_level)request->redact, data,
                           len, plan);
    if (err == VT_OK)
        head->lengths[0] = (uint32_t)plan->len;
    if (err == VT_ERR_UNSUPPORTED)
        (void)vt_fail(&head->why, err, "no copy without metadata can be made of this image");
    head->err = (int32_t)err;
}

/* Reads the metadata. If it is not sound, that is our fault, not the picture's. */
static void read_metadata(const struct image_metadata_module *metadata,
                          const struct decoder_request *request, const void *data, size_t len,
                          struct photo *photo)
{
    struct timespec clock = {0};
    int64_t now;

    (void)clock_gettime(CLOCK_REALTIME, &clock);
    now = (int64_t)clock.tv_sec * 1000 + clock.tv_nsec / 1000000;
    if (request->metadata == DECODER_XMP_METADATA)
        image_metadata_read_xmp(metadata, data, len, now, photo);
    else
        image_metadata_read(metadata, request->header.type, data, len, now, photo);
    if (decoder_reply_photo_is_sound(photo))
        return;
    log_error("decoder: metadata was read that cannot be true");
    memset(photo, 0, sizeof *photo);
    photo->taken = PHOTO_TIME_NONE;
}

static bool write_all(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t written = write(fd, at, len);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            at += written;
            len -= (size_t)written;
        }
    }
    return true;
}

_Noreturn void decoder_child_run(struct image_engine *engine,
                                 const struct image_metadata_module *metadata,
                                 const struct decoder_request *request, int file, int reply)
{
    struct buf files[DECODER_OUTPUTS_MAX] = {BUF_INIT};
    size_t len = 0;
    const void *data = map(file, request->count > 0, &len);
    struct decoder_reply head;
    struct photo photo;
    bool is_told;

    memset(&head, 0, sizeof head);
    head.wire = DECODER_WIRE;
    if (request->redact != IMAGE_REDACT_NOTHING)
        redact(request, data, len, &head, &files[0]);
    else
        work(engine, request, data, len, &head, files);
    is_told = write_all(reply, &head, sizeof head);
    for (size_t i = 0; is_told && head.err == VT_OK && i < request->count; i++)
        is_told = write_all(reply, files[i].data, files[i].len);
    if (is_told && head.err == VT_OK && request->metadata != DECODER_NO_METADATA) {
        read_metadata(metadata, request, data, len, &photo);
        is_told = write_all(reply, &photo, sizeof photo);
    }
    _exit(is_told ? EXIT_SUCCESS : EXIT_FAILURE);
}
