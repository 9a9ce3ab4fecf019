#include "image/color.h"

#include <lcms2.h>
#include <stdlib.h>

#include "image/icc.h"

/* A raster's pixels, of which only the first byte is read. */
#define GRAY_OF_RGBA                                                                               \
    (COLORSPACE_SH(PT_GRAY) | CHANNELS_SH(1) | EXTRA_SH(RASTER_PIXEL - 1) | BYTES_SH(1))

static cmsHPROFILE open_profile(const void *profile, size_t len)
{
    return image_icc_is_bounded(profile, len) ? cmsOpenProfileFromMem(profile, (cmsUInt32Number)len)
                                              : NULL;
}

static bool is_of(const void *profile, size_t len, cmsColorSpaceSignature space)
{
    cmsHPROFILE opened = open_profile(profile, len);
    bool is = opened != NULL && cmsGetColorSpace(opened) == space;

    if (opened != NULL)
        (void)cmsCloseProfile(opened);
    return is;
}

bool image_color_is_rgb(const void *profile, size_t len)
{
    return is_of(profile, len, cmsSigRgbData);
}

bool image_color_is_gray(const void *profile, size_t len)
{
    return is_of(profile, len, cmsSigGrayData);
}

/* Converting from gray leaves alpha in its place, as it is not one of the outputs. */
static cmsHTRANSFORM make_transform(cmsHPROFILE from, cmsHPROFILE to)
{
    switch (cmsGetColorSpace(from)) {
    case cmsSigRgbData:
        return cmsCreateTransform(from, TYPE_RGBA_8, to, TYPE_RGBA_8, INTENT_PERCEPTUAL,
                                  cmsFLAGS_COPY_ALPHA);
    case cmsSigGrayData:
        return cmsCreateTransform(from, GRAY_OF_RGBA, to, TYPE_RGBA_8, INTENT_PERCEPTUAL, 0);
    default:
        return NULL;
    }
}

enum vt_error image_color_convert(struct raster *raster, const void *profile, size_t len)
{
    cmsHPROFILE from = open_profile(profile, len), to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM transform = NULL;

    if (from != NULL && to != NULL)
        transform = make_transform(from, to);
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

/* Appends the profile, which it closes; NULL is allowed, if no such profile can be made. */
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

/* ICC.1:2022, 10.18: light is (a value + b)^gamma from d on, and c value below it. The curves are
 * those of IEC 61966-2-1, 5.2, and of SMPTE 240M. */
static cmsToneCurve *build_curve(const struct image_color_space *space)
{
    const double srgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
    const double smpte_240[] = {1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4.0, 0.0912};

    if (space->curve == IMAGE_COLOR_GAMMA)
        return cmsBuildGamma(NULL, space->gamma);
    return cmsBuildParametricToneCurve(NULL, 4,
                                       space->curve == IMAGE_COLOR_SRGB ? srgb : smpte_240);
}

/* Whether Little CMS, which divides by y, can compute with the chromaticities. */
static bool is_possible(const double at[4][2])
{
    for (int i = 0; i < 4; i++)
        if (!(at[i][0] >= 0 && at[i][0] <= 1 && at[i][1] > 0 && at[i][1] <= 1))
            return false;
    return true;
}

enum vt_error image_color_write_space(const struct image_color_space *space, struct buf *profile)
{
    const double(*at)[2] = space->at;
    const cmsCIExyY white = {at[0][0], at[0][1], 1};
    const cmsCIExyYTRIPLE primaries = {
        {at[1][0], at[1][1], 1}, {at[2][0], at[2][1], 1}, {at[3][0], at[3][1], 1}};
    cmsToneCurve *light, *curves[3];
    cmsHPROFILE made;

    if (!is_possible(space->at))
        return VT_ERR_INVALID_IMAGE;
    light = build_curve(space);
    if (light == NULL)
        return VT_ERR_MEMORY;
    curves[0] = curves[1] = curves[2] = light;
    made = cmsCreateRGBProfile(&white, &primaries, curves);
    cmsFreeToneCurve(light);
    return made != NULL ? write_profile(made, profile) : VT_ERR_INVALID_IMAGE;
}
