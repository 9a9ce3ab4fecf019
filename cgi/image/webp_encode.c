/* Encodes WebP thumbnails with libwebp. */
#include <webp/encode.h>

#include "base/log.h"
#include "image/encode.h"

/* The quality at which, on photographs of 320 to 2048 pixels, the SSIM equals that of the JPEG; see
 * docs/architecture.md. */
#define QUALITY 83
#define EFFORT 6 /* of lossless compression: 0 to 9, libwebp's own choice */

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

enum vt_error image_encode_webp(const struct raster *raster, bool alpha, struct buf *out)
{
    WebPConfig config;
    WebPPicture picture;
    bool flat = raster_is_flat(raster);
    int stride = (int)(raster->width * RASTER_PIXEL);
    enum vt_error err = VT_OK;

    if (!WebPConfigPreset(&config, WEBP_PRESET_DEFAULT, QUALITY) || !WebPPictureInit(&picture) ||
        (flat && !WebPConfigLosslessPreset(&config, EFFORT)))
        return VT_ERR_INTERNAL;
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
