#include "image/image.h"

#include <stdlib.h>

#include "base/log.h"
#include "image/color.h"
#include "image/decode.h"
#include "image/encode.h"
#include "image/engine.h"
#include "image/reducer.h"

struct image {
    struct raster raster;   /* upright, in sRGB */
    uint32_t width, height; /* as seen */
};

/* The decoders of the types that have their own. */
static image_decoder *const decoders[] = {
    [IMAGE_JPEG] = image_jpeg_decode,
    [IMAGE_PNG] = image_png_decode,
    [IMAGE_WEBP] = image_webp_decode,
};

bool image_needs_engine(enum image_type type)
{
    return (unsigned)type >= sizeof decoders / sizeof decoders[0] || decoders[type] == NULL;
}

static enum vt_error decode(struct image_engine *engine, const struct image_source *source,
                            struct decoded *decoded, struct vt_reason *why)
{
    enum image_type type = source->header->type;
    enum vt_error err = image_needs_engine(type) ? image_engine_decode(engine, source, decoded, why)
                                                 : decoders[type](source, decoded, why);

    if (err == VT_ERR_MEMORY)
        err = vt_fail(why, VT_ERR_MEMORY, "there is not enough memory to decode the image");
    return err;
}

/* Moves the decoded picture into the image: in sRGB and upright. */
static enum vt_error finish(struct decoded *decoded, struct image *image)
{
    bool transposed = decoded->orientation >= 5;

    if (decoded->profile != NULL &&
        image_color_convert(&decoded->raster, decoded->profile, decoded->profile_len) != VT_OK)
        log_info("image: a colour profile cannot be used");
    image->width = transposed ? decoded->height : decoded->width;
    image->height = transposed ? decoded->width : decoded->height;
    image->raster = decoded->raster;
    decoded->raster = RASTER_INIT;
    return raster_turn(&image->raster, decoded->orientation);
}

enum vt_error image_decode(struct image_engine *engine, const void *data, size_t len,
                           const struct image_header *header, unsigned detail, unsigned seconds,
                           struct image **image, struct vt_reason *why)
{
    struct image_source source = {data, len, header, detail, {0, 0}};
    struct decoded decoded = {.raster = RASTER_INIT};
    struct image *self = calloc(1, sizeof *self);
    enum vt_error err = VT_OK;

    *image = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    if (clock_gettime(CLOCK_MONOTONIC, &source.deadline) != 0)
        err = VT_ERR_INTERNAL;
    source.deadline.tv_sec += seconds;
    if (err == VT_OK)
        err = decode(engine, &source, &decoded, why);
    if (err == VT_OK)
        err = finish(&decoded, self);
    image_decode_free(&decoded);
    if (err != VT_OK) {
        image_free(self);
        return err;
    }
    *image = self;
    return VT_OK;
}

void image_size(const struct image *image, uint32_t *width, uint32_t *height)
{
    *width = image->width;
    *height = image->height;
}

enum vt_error image_shrink(struct image *image, unsigned size)
{
    const struct raster *from = &image->raster;
    struct raster reduced;
    uint32_t width, height;
    enum vt_error err;

    raster_reduced_size(from->width, from->height, size, &width, &height);
    if (width == from->width && height == from->height)
        return VT_OK;
    err = reducer_run(from, width, height, raster_has_alpha(from), &reduced);
    if (err != VT_OK)
        return err;
    raster_free(&image->raster);
    image->raster = reduced;
    return VT_OK;
}

bool image_has_alpha(const struct image *image)
{
    return raster_has_alpha(&image->raster);
}

enum vt_error image_encode(const struct image *image, enum image_type type, bool alpha,
                           struct buf *out)
{
    return type == IMAGE_WEBP ? image_encode_webp(&image->raster, alpha, out)
                              : image_encode_jpeg(&image->raster, out);
}

void image_free(struct image *image)
{
    if (image == NULL)
        return;
    raster_free(&image->raster);
    free(image);
}
