/* Decodes WebP with libwebp, which scales while it decodes: of an animation, the first frame at its
 * place on the canvas.
 *
 * EXIF is not looked at: browsers show a WebP as it is stored, whatever its orientation says. */
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

#include "image/decode.h"
#include "image/reducer.h"

#define PIECE (256 * 1024) /* bytes of the file between two checks of the clock */

#define LOSSLESS 2 /* in WebPBitstreamFeatures */

/* What is decoded: the whole of a still image, or the first frame of an animation. */
struct frame {
    const uint8_t *data;
    size_t len;
    uint32_t x, y, width, height; /* its place on the canvas */
    bool lossless, alpha;
};

static enum vt_error describe_frame(struct frame *frame)
{
    WebPBitstreamFeatures features;

    if (WebPGetFeatures(frame->data, frame->len, &features) != VP8_STATUS_OK)
        return VT_ERR_INVALID_IMAGE;
    frame->width = (uint32_t)features.width;
    frame->height = (uint32_t)features.height;
    frame->lossless = features.format == LOSSLESS;
    frame->alpha = features.has_alpha;
    return VT_OK;
}

/* Finds the first frame of an animation. The library has checked that it lies on the canvas. */
static enum vt_error find_frame(const WebPDemuxer *demuxer, struct frame *frame)
{
    WebPIterator found;
    enum vt_error err = VT_ERR_INVALID_IMAGE;

    memset(&found, 0, sizeof found);
    if (WebPDemuxGetFrame(demuxer, 1, &found) && found.complete) {
        *frame = (struct frame){.data = found.fragment.bytes,
                                .len = found.fragment.size,
                                .x = (uint32_t)found.x_offset,
                                .y = (uint32_t)found.y_offset};
        err = describe_frame(frame);
        if (err == VT_OK &&
            (frame->width != (uint32_t)found.width || frame->height != (uint32_t)found.height))
            err = VT_ERR_INVALID_IMAGE;
    }
    WebPDemuxReleaseIterator(&found);
    return err;
}

/* Reads the chunks of the extended format (RFC 9649, 2.7.1), if there are any: profile, canvas and
 * frames. */
static enum vt_error read_container(const struct image_source *source, bool animated,
                                    struct frame *frame, struct decoded *decoded)
{
    const WebPData file = {source->data, source->len};
    WebPDemuxer *demuxer = WebPDemux(&file);
    WebPChunkIterator chunk;
    enum vt_error err = VT_OK;

    if (demuxer == NULL)
        return VT_ERR_INVALID_IMAGE;
    if (WebPDemuxGetChunk(demuxer, "ICCP", 1, &chunk))
        err = image_decode_keep_profile(decoded, chunk.chunk.bytes, chunk.chunk.size);
    WebPDemuxReleaseChunkIterator(&chunk);
    if (err == VT_OK && animated) {
        decoded->width = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH);
        decoded->height = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT);
        err = find_frame(demuxer, frame);
    }
    WebPDemuxDelete(demuxer);
    return err;
}

/* Decodes in pieces, since the library cannot be stopped within a call. */
static enum vt_error decode_pieces(const struct image_source *source, const struct frame *frame,
                                   WebPDecoderConfig *config)
{
    WebPIDecoder *decoder = WebPIDecode(NULL, 0, config);
    VP8StatusCode status = VP8_STATUS_SUSPENDED;
    size_t given = 0;

    if (decoder == NULL)
        return VT_ERR_MEMORY;
    while (status == VP8_STATUS_SUSPENDED && given < frame->len && !image_decode_is_late(source)) {
        given = frame->len - given > PIECE ? given + PIECE : frame->len;
        status = WebPIUpdate(decoder, frame->data, given);
    }
    WebPIDelete(decoder);
    if (status == VP8_STATUS_OUT_OF_MEMORY)
        return VT_ERR_MEMORY;
    return status == VP8_STATUS_OK ? VT_OK : VT_ERR_INVALID_IMAGE;
}

/* Decodes the frame, scaled to width by height, to that place of a raster. */
static enum vt_error decode_to(const struct image_source *source, const struct frame *frame,
                               uint32_t width, uint32_t height, struct raster *raster)
{
    size_t stride = (size_t)raster->width * RASTER_PIXEL;
    size_t from = frame->y * stride + (size_t)frame->x * RASTER_PIXEL;
    WebPDecoderConfig config;
    enum vt_error err;

    if (!WebPInitDecoderConfig(&config))
        return VT_ERR_INTERNAL;
    config.options.use_scaling = width != frame->width || height != frame->height;
    config.options.scaled_width = (int)width;
    config.options.scaled_height = (int)height;
    config.output.colorspace = MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = raster->pixels + from;
    config.output.u.RGBA.stride = (int)stride;
    config.output.u.RGBA.size = raster->height * stride - from;
    err = decode_pieces(source, frame, &config);
    WebPFreeDecBuffer(&config.output);
    return err;
}

/* Decodes at twice the wanted size, which leaves the rest to the filter. Decodes at the file's own
 * size if that is not larger, if the library would scale colours without regard to their alpha, or
 * if the frame does not fill the canvas, which is transparent around it. */
static enum vt_error decode(const struct image_source *source, const struct frame *frame,
                            struct decoded *decoded)
{
    bool fills = frame->width == decoded->width && frame->height == decoded->height;
    uint32_t width = decoded->width, height = decoded->height;
    struct raster twice;
    enum vt_error err;

    if (fills && (!frame->alpha || frame->lossless))
        raster_reduced_size(decoded->width, decoded->height, source->detail * 2, &width, &height);
    err = raster_new(width, height, &twice);
    if (err != VT_OK)
        return err;
    if (!fills)
        memset(twice.pixels, 0, (size_t)width * height * RASTER_PIXEL);
    err = decode_to(source, frame, fills ? width : frame->width, fills ? height : frame->height,
                    &twice);
    raster_reduced_size(decoded->width, decoded->height, source->detail, &width, &height);
    /* Checks the pixels for alpha, as the file's own flag is only a hint (RFC 9649, 3). */
    if (err == VT_OK)
        err = reducer_run(&twice, width, height, raster_has_alpha(&twice), &decoded->raster);
    raster_free(&twice);
    return err;
}

enum vt_error image_webp_decode(const struct image_source *source, struct decoded *decoded,
                                struct vt_reason *why)
{
    struct frame frame = {.data = source->data, .len = source->len};
    WebPBitstreamFeatures features;
    enum vt_error err = VT_ERR_INVALID_IMAGE;

    *decoded = (struct decoded){.raster = RASTER_INIT, .orientation = 1};
    if (WebPGetFeatures(source->data, source->len, &features) != VP8_STATUS_OK)
        return image_decode_corrupt(source, why);
    if (!features.has_animation) {
        err = describe_frame(&frame);
        decoded->width = frame.width;
        decoded->height = frame.height;
    }
    if (features.has_animation || err == VT_OK)
        err = read_container(source, features.has_animation, &frame, decoded);
    /* The size comes from the frame's header; the size that was checked, from the container's. */
    if (err == VT_OK &&
        (decoded->width > source->header->width || decoded->height > source->header->height))
        err = VT_ERR_INVALID_IMAGE;
    if (err == VT_OK)
        err = decode(source, &frame, decoded);
    return err == VT_ERR_INVALID_IMAGE ? image_decode_corrupt(source, why) : err;
}
