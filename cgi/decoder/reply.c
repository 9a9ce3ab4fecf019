#include "decoder/reply.h"

#include <string.h>
#include <sys/stat.h>

#include "image/raster.h"
#include "image/redact/plan.h"

/* The most bytes that a thumbnail can have: all of its pixels and the format's overhead; for a
 * large one, no more than any photograph has. */
#define THUMBNAIL_BYTES(size)                                                                      \
    ((uint64_t)(size) * (size) > 1 << 24 ? UINT64_C(1) << 26 : (uint64_t)(size) * (size)*4 + 65536)

enum image_type decoder_reply_form_type(enum decoder_form form, bool alpha)
{
    bool is_webp = form == DECODER_TRANSPARENT || form == DECODER_OPAQUE_WEBP ||
                   (form == DECODER_BY_ALPHA && alpha);

    return is_webp ? IMAGE_WEBP : IMAGE_JPEG;
}

/* Whether it is printable text that ends with a NUL. */
static bool is_reason(const struct vt_reason *why)
{
    size_t len = strnlen(why->text, sizeof why->text);

    for (size_t i = 0; i < len; i++)
        if (why->text[i] < ' ' || why->text[i] > '~')
            return false;
    return len < sizeof why->text;
}

static bool is_failure(int32_t err, const struct decoder_job *job)
{
    if (job->redact != IMAGE_REDACT_NOTHING && err == VT_ERR_UNSUPPORTED)
        return true;
    return err == VT_ERR_INVALID_IMAGE || err == VT_ERR_MEMORY || err == VT_ERR_UNAVAILABLE ||
           err == VT_ERR_INTERNAL;
}

/* Whether a file with that header can have the head's size, turned or not. */
static bool is_size(const struct decoder_reply *head, const struct image_header *header)
{
    if (head->width == 0 || head->height == 0)
        return false;
    return (head->width <= header->width && head->height <= header->height) ||
           (head->width <= header->height && head->height <= header->width);
}

bool decoder_reply_is_sound(const struct decoder_reply *head, const struct decoder_job *job)
{
    if (head->wire != DECODER_WIRE || !is_reason(&head->why))
        return false;
    if (head->err != VT_OK)
        return is_failure(head->err, job);
    if (job->count == 0) /* nothing was decoded */
        return head->width == 0 && head->height == 0 && head->alpha == 0;
    if (job->redact != IMAGE_REDACT_NOTHING)
        return head->lengths[0] > 0 && head->lengths[0] <= IMAGE_REDACT_PLAN_MAX;
    if (!is_size(head, job->header) || head->alpha > 1)
        return false;
    for (size_t i = 0; i < job->count; i++)
        if (head->lengths[i] == 0 || head->lengths[i] > THUMBNAIL_BYTES(job->outputs[i].size))
            return false;
    return true;
}

/* Whether it is the plan of a copy of the job's file. */
static bool is_plan(const struct buf *plan, const struct decoder_job *job)
{
    struct image_redact_reading reading;
    struct stat status;

    return fstat(job->file, &status) == 0 && status.st_size > 0 &&
           image_redact_plan_read(plan->data, plan->len, (uint64_t)status.st_size, &reading);
}

bool decoder_reply_files_are_sound(const struct decoder_reply *head, const struct decoder_job *job,
                                   const struct decoder_result *result)
{
    uint32_t width = head->width, height = head->height;

    if (job->redact != IMAGE_REDACT_NOTHING)
        return is_plan(&result->files[0], job);
    for (size_t i = 0; i < job->count; i++) {
        const struct buf *file = &result->files[i];
        struct image_header header;

        /* Each thumbnail is made from the one before. */
        raster_reduced_size(width, height, job->outputs[i].size, &width, &height);
        if (image_header_read(file->data, file->len, &header, NULL) != VT_OK ||
            header.type != decoder_reply_form_type(job->outputs[i].form, head->alpha != 0) ||
            header.width != width || header.height != height || header.frames != 1)
            return false;
    }
    return true;
}

bool decoder_reply_photo_is_sound(const struct photo *photo)
{
    return photo_is_sound(photo) && photo->taken_from <= PHOTO_TAKEN_BY_FILE;
}
