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

/* Appends the profile, which it closes; NULL is allowed. */
static enum vt_error write_profile(cmsHPROFILE opened, struct buf *profile)
{
    cmsUInt32Number len = 0;
    void *bytes = NULL;

    if (opened == NULL)
        return VT_ERR_MEMORY;
    if (cmsSaveProfileToMem(opened, NULL, &len) && (bytes = malloc(len)) != NULL &&
        cmsSaveProfileToMem(opened, bytes, &len))
        buf_append(profile, bytes, len);
    free(bytes);
    (void)cmsCloseProfile(opened);
    return buf_ok(profile) && profile->len > 0 ? VT_OK : VT_ERR_MEMORY;
}

enum vt_error image_color_write_srgb(struct buf *profile)
{
    return write_profile(cmsCreate_sRGBProfile(), profile);
}

/* ICC.1:2022, 10.18: light is (a value + b)^gamma from d on, and c value below it. */
static cmsToneCurve *build_curve(const struct image_color_curve *curve)
{
    const double srgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
    const double smpte_240[] = {1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4.0, 0.0912};

    if (curve->form == IMAGE_COLOR_GAMMA)
        return cmsBuildGamma(NULL, curve->gamma);
    return cmsBuildParametricToneCurve(NULL, 4, curve->form == IMAGE_COLOR_SRGB ? srgb : smpte_240);
}

enum vt_error image_color_write_rgb(const double chromaticities[8],
                                    const struct image_color_curve *curve, struct buf *profile)
{
    const double *xy = chromaticities;
    const cmsCIExyY white = {xy[0], xy[1], 1};
    const cmsCIExyYTRIPLE primaries = {{xy[2], xy[3], 1}, {xy[4], xy[5], 1}, {xy[6], xy[7], 1}};
    cmsToneCurve *light = build_curve(curve);
    cmsToneCurve *const curves[3] = {light, light, light};
    enum vt_error err = VT_ERR_MEMORY;

    if (light != NULL)
        err = write_profile(cmsCreateRGBProfile(&white, &primaries, curves), profile);
    cmsFreeToneCurve(light);
    return err;
}
