#include "image/redact/redact.h"

#include "image/redact/formats.h"

static enum vt_error make_plan(enum image_type type, struct image_redact_job *job)
{
    switch (type) {
    case IMAGE_JPEG:
        return image_redact_jpeg(job);
    case IMAGE_PNG:
        return image_redact_png(job);
    case IMAGE_GIF:
        return image_redact_gif(job);
    case IMAGE_WEBP:
        return image_redact_webp(job);
    case IMAGE_AVIF:
    case IMAGE_HEIC:
        return image_redact_heif(job);
    case IMAGE_TIFF:
        return image_redact_tiff(job);
    case IMAGE_JXL:
        return image_redact_jxl(job);
    case IMAGE_TYPE_COUNT:
    default:
        return VT_ERR_UNSUPPORTED;
    }
}

enum vt_error image_redact(enum image_type type, enum image_redact_level level, const void *data,
                           size_t len, struct buf *plan)
{
    struct image_redact_plan pieces = IMAGE_REDACT_PLAN_INIT;
    struct image_redact_job job = {.in = {data, len, 0, NULL}, .level = level, .plan = &pieces};
    enum vt_error err = make_plan(type, &job);

    if (err == VT_OK)
        err = image_redact_plan_write(&pieces, plan);
    else if (err != VT_ERR_MEMORY) /* a structure that its reader has not expected */
        err = VT_ERR_UNSUPPORTED;
    image_redact_plan_free(&pieces);
    return err;
}
