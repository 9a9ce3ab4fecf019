/* Decodes WebP with libwebp, which scales while it decodes. Leaves animations to ImageMagick. */
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

#include "image/decode.h"
#include "image/exif.h"
#include "image/reducer.h"

#define PIECE (256 * 1024) /* bytes of the file between two checks of the clock */

#define LOSSLESS 2 /* in WebPBitstreamFeatures */

/* Copies the chunks of the extended format (RFC 9649, 2.7.1) if there are any. */
static enum vt_error read_metadata(const struct image_source *source, struct decoded *decoded)
{
    const WebPData file = {source->data, source->len};
    WebPDemuxer *demuxer = WebPDemux(&file);
    WebPChunkIterator chunk;
    enum vt_error err = VT_OK;

    if (demuxer == NULL)
        return VT_ERR_INVALID_IMAGE;
    if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk))
        decoded->orientation = image_exif_orientation(chunk.chunk.bytes, chunk.chunk.size);
    WebPDemuxReleaseChunkIterator(&chunk);
    if (WebPDemuxGetChunk(demuxer, "ICCP", 1, &chunk))
        err = image_decode_keep_profile(decoded, chunk.chunk.bytes, chunk.chunk.size);
    WebPDemuxReleaseChunkIterator(&chunk);
    WebPDemuxDelete(demuxer);
    return err;
}

/* Decodes in pieces, since the library cannot be stopped within a call. */
static enum vt_error decode_pieces(const struct image_source *source, WebPDecoderConfig *config)
{
    WebPIDecoder *decoder = WebPIDecode(NULL, 0, config);
    VP8StatusCode status = VP8_STATUS_SUSPENDED;
    size_t given = 0;

    if (decoder == NULL)
        return VT_ERR_MEMORY;
    while (status == VP8_STATUS_SUSPENDED && given < source->len && !image_decode_is_late(source)) {
        given = source->len - given > PIECE ? given + PIECE : source->len;
        status = WebPIUpdate(decoder, source->data, given);
    }
    WebPIDelete(decoder);
    if (status == VP8_STATUS_OUT_OF_MEMORY)
        return VT_ERR_MEMORY;
    return status == VP8_STATUS_OK ? VT_OK : VT_ERR_INVALID_IMAGE;
}

/* Decodes at twice the wanted size, which leaves the rest to the filter. Decodes at the file's own
 * size if that is not larger, or if the library would scale colours without regard to their alpha.
 */
static enum vt_error decode(const struct image_source *source, bool scaling,
                            struct decoded *decoded)
{
    WebPDecoderConfig config;
    struct raster twice;
    uint32_t width, height;
    enum vt_error err;

    width = decoded->width;
    height = decoded->height;
    if (scaling)
        raster_reduced_size(decoded->width, decoded->height, source->detail * 2, &width, &height);
    err = raster_new(width, height, &twice);
    if (err != VT_OK)
        return err;
    if (WebPInitDecoderConfig(&config)) {
        config.options.use_scaling = width != decoded->width || height != decoded->height;
        config.options.scaled_width = (int)width;
        config.options.scaled_height = (int)height;
        config.output.colorspace = MODE_RGBA;
        config.output.is_external_memory = 1;
        config.output.u.RGBA.rgba = twice.pixels;
        config.output.u.RGBA.stride = (int)(width * RASTER_PIXEL);
        config.output.u.RGBA.size = (size_t)width * height * RASTER_PIXEL;
        err = decode_pieces(source, &config);
        WebPFreeDecBuffer(&config.output);
    } else {
        err = VT_ERR_INTERNAL;
    }
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
    WebPBitstreamFeatures features;
    enum vt_error err = VT_OK;

    *decoded = (struct decoded){.raster = RASTER_INIT, .orientation = 1};
    if (WebPGetFeatures(source->data, source->len, &features) != VP8_STATUS_OK)
        return image_decode_corrupt(source, why);
    if (features.has_animation)
        return VT_ERR_UNSUPPORTED;
    decoded->width = (uint32_t)features.width;
    decoded->height = (uint32_t)features.height;
    /* The size comes from the frame's header; the size that was checked, from the container's. */
    if (decoded->width > source->header->width || decoded->height > source->header->height)
        return image_decode_corrupt(source, why);
    err = read_metadata(source, decoded);
    if (err == VT_OK)
        err = decode(source, !features.has_alpha || features.format == LOSSLESS, decoded);
    return err == VT_ERR_INVALID_IMAGE ? image_decode_corrupt(source, why) : err;
}
