#include "image/color_row.h"

#include <lcms2.h>
#include <stdlib.h>

#include "image/icc.h"

struct color_row {
    cmsHTRANSFORM transform;
};

static cmsHTRANSFORM make_transform(cmsHPROFILE from, unsigned channels)
{
    cmsColorSpaceSignature space = channels == 1 ? cmsSigGrayData : cmsSigCmykData;
    cmsHPROFILE to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM transform = NULL;

    if (to != NULL && cmsGetColorSpace(from) == space)
        transform = cmsCreateTransform(from, channels == 1 ? TYPE_GRAY_8 : TYPE_CMYK_8, to,
                                       TYPE_RGBA_8, INTENT_PERCEPTUAL, 0);
    if (to != NULL)
        (void)cmsCloseProfile(to);
    return transform;
}

void color_row_new(const void *profile, size_t len, unsigned channels, struct color_row **row)
{
    cmsHPROFILE from = image_icc_is_bounded(profile, len)
                           ? cmsOpenProfileFromMem(profile, (cmsUInt32Number)len)
                           : NULL;

    *row = from != NULL ? calloc(1, sizeof **row) : NULL;
    if (*row != NULL)
        (*row)->transform = make_transform(from, channels);
    if (*row != NULL && (*row)->transform == NULL) {
        free(*row);
        *row = NULL;
    }
    if (from != NULL)
        (void)cmsCloseProfile(from);
}

void color_row_convert(const struct color_row *row, const uint8_t *from, uint8_t *to,
                       uint32_t width)
{
    cmsDoTransform(row->transform, from, to, width);
}

void color_row_free(struct color_row *row)
{
    if (row == NULL)
        return;
    cmsDeleteTransform(row->transform);
    free(row);
}
