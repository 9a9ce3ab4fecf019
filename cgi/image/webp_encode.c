/* Encodes WebP thumbnails with libwebp. */
#include <string.h>

#include <webp/encode.h>

#include "base/log.h"
#include "image/encode.h"

/* The quality at which, on photographs of 320 to 2048 pixels, the SSIM equals that of the JPEG; see
 * docs/architecture.md. */
#define QUALITY 83

/* Effort of lossless compression, 0 to 9. libwebp's own choice, 6, takes 1.3 times the memory and
 * 1.5 times the time of 4, for files that are 0 to 12 % smaller. */
#define EFFORT 4

static int take_piece(const uint8_t *data, size_t len, const WebPPicture *picture)
{
    struct buf *out = picture->custom_ptr;

    buf_append(out, data, len);
    return buf_ok(out);
}

static enum vt_error explain(const WebPPicture *picture)
{
    log_info("image: libwebp does not encode: error %d", (int)picture->error_code);
    return picture->error_code == VP8_ENC_ERROR_OUT_OF_MEMORY ||
                   picture->error_code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY ||
                   picture->error_code == VP8_ENC_ERROR_BAD_WRITE
               ? VT_ERR_MEMORY
               : VT_ERR_INTERNAL;
}

/* libwebp keeps references to runs of equal pixels, so that noise takes it the more memory, up to
 * 54 MB for the largest flat thumbnail. Above two changes in five pixels, the least effort bounds
 * that to 35 MB; if it is all noise, more effort would gain nothing. */
static int choose_effort(const struct raster *raster)
{
    size_t pixels = (size_t)raster->width * raster->height, changes = 0;

    for (size_t i = 1; i < pixels; i++) {
        const uint8_t *pixel = raster->pixels + i * RASTER_PIXEL;

        changes += memcmp(pixel, pixel - RASTER_PIXEL, RASTER_PIXEL) != 0;
    }
    return changes > pixels / 5 * 2 ? 0 : EFFORT;
}

enum vt_error image_encode_webp(const struct raster *raster, bool alpha, struct buf *out)
{
    WebPConfig config;
    WebPPicture picture;
    bool flat = raster_is_flat(raster);
    int stride = (int)(raster->width * RASTER_PIXEL);
    enum vt_error err = VT_OK;

    if (!WebPConfigPreset(&config, WEBP_PRESET_DEFAULT, QUALITY) || !WebPPictureInit(&picture) ||
        (flat && !WebPConfigLosslessPreset(&config, choose_effort(raster))))
        return VT_ERR_INTERNAL;
    config.low_memory = 1; /* of a lossy one: 10 MB for one of 2048 pixels, instead of up to 73 */
    picture.use_argb = flat;
    picture.width = (int)raster->width;
    picture.height = (int)raster->height;
    picture.writer = take_piece;
    picture.custom_ptr = out;
    if (!(alpha ? WebPPictureImportRGBA(&picture, raster->pixels, stride)
                : WebPPictureImportRGBX(&picture, raster->pixels, stride)) ||
        !WebPEncode(&config, &picture))
        err = explain(&picture);
    WebPPictureFree(&picture);
    return err;
}
