#include "image/decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "image/color.h"

bool image_decode_is_late(const struct image_source *source)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return false;
    return now.tv_sec > source->deadline.tv_sec ||
           (now.tv_sec == source->deadline.tv_sec && now.tv_nsec >= source->deadline.tv_nsec);
}

enum vt_error image_decode_corrupt(const struct image_source *source, struct vt_reason *why)
{
    if (image_decode_is_late(source))
        return vt_fail(why, VT_ERR_INVALID_IMAGE, "the image takes too long to decode");
    return vt_fail(why, VT_ERR_INVALID_IMAGE, "the image is corrupt: its %s data does not decode",
                   image_type_coder(source->header->type));
}

enum vt_error image_decode_keep_profile(struct decoded *decoded, const void *profile, size_t len)
{
    if (len == 0)
        return VT_OK;
    if (!image_color_is_rgb(profile, len) &&
        !(decoded->gray && image_color_is_gray(profile, len))) {
        log_info("image: a colour profile does not fit the pixels, and is ignored");
        return VT_OK;
    }
    free(decoded->profile);
    decoded->profile = malloc(len);
    if (decoded->profile == NULL)
        return VT_ERR_MEMORY;
    memcpy(decoded->profile, profile, len);
    decoded->profile_len = len;
    return VT_OK;
}

enum vt_error image_decode_keep_space(struct decoded *decoded,
                                      const struct image_color_space *space)
{
    struct buf profile = BUF_INIT;
    enum vt_error err = image_color_write_space(space, &profile);

    if (err == VT_OK) {
        err = image_decode_keep_profile(decoded, profile.data, profile.len);
    } else if (err == VT_ERR_INVALID_IMAGE) {
        log_info("image: a colour space cannot exist, and is ignored");
        err = VT_OK;
    }
    buf_free(&profile);
    return err;
}

void image_decode_free(struct decoded *decoded)
{
    raster_free(&decoded->raster);
    free(decoded->profile);
    decoded->profile = NULL;
}
