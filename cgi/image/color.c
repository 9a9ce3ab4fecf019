#include "image/color.h"

#include <lcms2.h>
#include <stdlib.h>

#include "image/icc.h"

static cmsHPROFILE open_rgb(const void *profile, size_t len)
{
    cmsHPROFILE opened = image_icc_is_bounded(profile, len)
                             ? cmsOpenProfileFromMem(profile, (cmsUInt32Number)len)
                             : NULL;

    if (opened != NULL && cmsGetColorSpace(opened) != cmsSigRgbData) {
        (void)cmsCloseProfile(opened);
        return NULL;
    }
    return opened;
}

bool image_color_is_rgb(const void *profile, size_t len)
{
    cmsHPROFILE opened = open_rgb(profile, len);

    if (opened == NULL)
        return false;
    (void)cmsCloseProfile(opened);
    return true;
}

enum vt_error image_color_convert(struct raster *raster, const void *profile, size_t len)
{
    cmsHPROFILE from = open_rgb(profile, len), to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM transform = NULL;

    if (from != NULL && to != NULL)
        transform = cmsCreateTransform(from, TYPE_RGBA_8, to, TYPE_RGBA_8, INTENT_PERCEPTUAL,
                                       cmsFLAGS_COPY_ALPHA);
    if (transform != NULL) {
        /* Row by row, as the number of pixels in one call has only 32 bits. */
        for (uint32_t y = 0; y < raster->height; y++) {
            uint8_t *row = raster->pixels + (size_t)y * raster->width * RASTER_PIXEL;

            cmsDoTransform(transform, row, row, raster->width);
        }
        cmsDeleteTransform(transform);
    }
    if (from != NULL)
        (void)cmsCloseProfile(from);
    if (to != NULL)
        (void)cmsCloseProfile(to);
    return transform != NULL ? VT_OK : VT_ERR_INVALID_IMAGE;
}

enum vt_error image_color_write_srgb(struct buf *profile)
{
    cmsHPROFILE srgb = cmsCreate_sRGBProfile();
    cmsUInt32Number len = 0;
    void *bytes = NULL;

    if (srgb == NULL)
        return VT_ERR_MEMORY;
    if (cmsSaveProfileToMem(srgb, NULL, &len) && (bytes = malloc(len)) != NULL &&
        cmsSaveProfileToMem(srgb, bytes, &len))
        buf_append(profile, bytes, len);
    free(bytes);
    (void)cmsCloseProfile(srgb);
    return buf_ok(profile) && profile->len > 0 ? VT_OK : VT_ERR_MEMORY;
}
