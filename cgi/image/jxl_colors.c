#include "image/jxl_colors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "image/cicp.h"
#include "image/color.h"
#include "image/color_primaries.h"

#define MOST_PROFILE (4 << 20)
#define UNKNOWN_PEAK                                                                               \
    10000 /* cd/m2: what PQ can express, which encoders write if nothing is known */

/* Up to version 0.8, calls about profiles take a format, which they ignore. */
#if JPEGXL_NUMERIC_VERSION < JPEGXL_COMPUTE_NUMERIC_VERSION(0, 9, 0)
#define FORMAT NULL,
#else
#define FORMAT
#endif

static bool is_hdr(const JxlColorEncoding *encoding)
{
    return encoding->transfer_function == JXL_TRANSFER_FUNCTION_PQ ||
           encoding->transfer_function == JXL_TRANSFER_FUNCTION_HLG;
}

/* Lossy pictures are coded in a space of their own, from which libjxl converts to any: to sRGB
 * then, except for HDR, which it would cut off. */
static void ask_for_srgb(const struct jxl_colors *colors, JxlDecoder *decoder)
{
    JxlColorEncoding encoding;

    if (colors->info.uses_original_profile ||
        (JxlDecoderGetColorAsEncodedProfile(decoder, FORMAT JXL_COLOR_PROFILE_TARGET_ORIGINAL,
                                            &encoding) == JXL_DEC_SUCCESS &&
         is_hdr(&encoding)))
        return;
    memset(&encoding, 0, sizeof encoding);
    encoding.color_space =
        colors->info.num_color_channels == 1 ? JXL_COLOR_SPACE_GRAY : JXL_COLOR_SPACE_RGB;
    encoding.white_point = JXL_WHITE_POINT_D65;
    encoding.primaries = JXL_PRIMARIES_SRGB;
    encoding.transfer_function = JXL_TRANSFER_FUNCTION_SRGB;
    if (JxlDecoderSetPreferredColorProfile(decoder, &encoding) != JXL_DEC_SUCCESS)
        log_info("image: libjxl keeps the picture's own colours");
}

static enum vt_error read_profile(JxlDecoder *decoder, struct decoded *decoded)
{
    const JxlColorProfileTarget target = JXL_COLOR_PROFILE_TARGET_DATA;
    size_t len = 0;
    uint8_t *profile;
    enum vt_error err = VT_OK;

    if (JxlDecoderGetICCProfileSize(decoder, FORMAT target, &len) != JXL_DEC_SUCCESS || len == 0 ||
        len > MOST_PROFILE)
        return VT_OK;
    profile = malloc(len);
    if (profile == NULL)
        return VT_ERR_MEMORY;
    if (JxlDecoderGetColorAsICCProfile(decoder, FORMAT target, profile, len) == JXL_DEC_SUCCESS)
        err = image_decode_keep_profile(decoded, profile, len);
    free(profile);
    return err;
}

/* The light of a value, by 18181-1, annex E; negative for a curve that is not known. */
static double light_of(const JxlColorEncoding *encoding, double value)
{
    switch (encoding->transfer_function) {
    case JXL_TRANSFER_FUNCTION_709:
        return value < 0.081 ? value / 4.5 : pow((value + 0.099) / 1.099, 1 / 0.45);
    case JXL_TRANSFER_FUNCTION_LINEAR:
        return value;
    case JXL_TRANSFER_FUNCTION_DCI:
        return pow(value, 2.6);
    case JXL_TRANSFER_FUNCTION_GAMMA:
        return encoding->gamma > 0 ? pow(value, 1 / encoding->gamma) : -1;
    default:
        return -1;
    }
}

static double srgb_value(double light)
{
    return light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055;
}

/* Has the samples converted to sRGB's curve, before eight bits are too few for another one. */
static enum vt_error set_curve(struct jxl_colors *colors, const JxlColorEncoding *encoding)
{
    size_t count = colors->is_deep ? 65536 : 256;

    if (light_of(encoding, 1) < 0 && !colors->is_deep)
        return VT_OK;
    colors->values = malloc(count);
    if (colors->values == NULL)
        return VT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        double value = (double)i / (double)(count - 1), light = light_of(encoding, value);

        colors->values[i] = (uint8_t)lround(255 * (light < 0 ? value : srgb_value(light)));
    }
    return VT_OK;
}

/* Primaries of RGB, other than sRGB's own, get a profile with sRGB's curve. */
static enum vt_error set_primaries(const double at[4][2], struct decoded *decoded)
{
    image_color_chromaticities srgb = image_color_primaries(IMAGE_COLOR_BT_709);
    struct image_color_space space = {.curve = IMAGE_COLOR_SRGB};
    double most = 0;

    for (int i = 0; i < 8; i++)
        most = fmax(most, fabs(at[i / 2][i % 2] - srgb[i / 2][i % 2]));
    if (most < 0.001)
        return VT_OK;
    memcpy(space.at, at, sizeof space.at);
    return image_decode_keep_space(decoded, &space);
}

static enum vt_error use_encoding(struct jxl_colors *colors, const JxlColorEncoding *encoding,
                                  struct decoded *decoded)
{
    const double at[4][2] = {{encoding->white_point_xy[0], encoding->white_point_xy[1]},
                             {encoding->primaries_red_xy[0], encoding->primaries_red_xy[1]},
                             {encoding->primaries_green_xy[0], encoding->primaries_green_xy[1]},
                             {encoding->primaries_blue_xy[0], encoding->primaries_blue_xy[1]}};
    enum vt_error err;

    if (is_hdr(encoding)) {
        float peak = colors->info.intensity_target;
        const struct cicp_source source = {
            .depth = 16,
            .transfer = (unsigned)encoding->transfer_function,
            .at = decoded->gray ? NULL : at,
            .brightest = peak > 0 && peak < UNKNOWN_PEAK ? (unsigned)peak : 0};

        colors->is_deep = true;
        return cicp_new(&source, decoded, &colors->cicp);
    }
    err = set_curve(colors, encoding);
    return err == VT_OK && !decoded->gray ? set_primaries(at, decoded) : err;
}

enum vt_error jxl_colors_read(struct jxl_colors *colors, JxlDecoder *decoder,
                              struct decoded *decoded)
{
    JxlColorEncoding encoding;
    enum vt_error err;

    ask_for_srgb(colors, decoder);
    if (JxlDecoderGetColorAsEncodedProfile(decoder, FORMAT JXL_COLOR_PROFILE_TARGET_DATA,
                                           &encoding) == JXL_DEC_SUCCESS &&
        (encoding.color_space == JXL_COLOR_SPACE_RGB ||
         encoding.color_space == JXL_COLOR_SPACE_GRAY))
        return use_encoding(colors, &encoding, decoded);
    memset(&encoding, 0, sizeof encoding);
    err = read_profile(decoder, decoded);
    return err == VT_OK ? set_curve(colors, &encoding) : err;
}

/* Colours that were multiplied by alpha, which a raster's are not. */
static unsigned divide(unsigned value, unsigned alpha, unsigned full)
{
    if (alpha == 0)
        return 0;
    return value >= alpha ? full : (unsigned)(((uint64_t)value * full + alpha / 2) / alpha);
}

static void put_shallow(const struct jxl_colors *colors, const uint8_t *from, size_t count,
                        uint8_t *to)
{
    bool divides = colors->info.alpha_bits > 0 && colors->info.alpha_premultiplied;

    memcpy(to, from, count * RASTER_PIXEL);
    for (size_t i = 0; (divides || colors->values != NULL) && i < count; i++, to += RASTER_PIXEL)
        for (int c = 0; c < 3; c++) {
            unsigned value = divides ? divide(to[c], to[3], 255) : to[c];

            to[c] = colors->values != NULL ? colors->values[value] : (uint8_t)value;
        }
}

static void put_deep(const struct jxl_colors *colors, const uint16_t *from, size_t count,
                     uint8_t *to)
{
    bool divides = colors->info.alpha_bits > 0 && colors->info.alpha_premultiplied;

    for (size_t i = 0; i < count; i++, from += 4, to += RASTER_PIXEL) {
        uint16_t pixel[3] = {from[0], from[1], from[2]};

        for (int c = 0; divides && c < 3; c++)
            pixel[c] = (uint16_t)divide(from[c], from[3], 65535);
        if (colors->cicp != NULL)
            cicp_put(colors->cicp, pixel, pixel + 1, pixel + 2, 3, 1, to);
        else
            for (int c = 0; c < 3; c++)
                to[c] = colors->values[pixel[c]];
        to[3] = (uint8_t)((from[3] * 255u + 32767) / 65535);
    }
}

void jxl_colors_put(const struct jxl_colors *colors, const void *from, size_t count, uint8_t *to)
{
    if (colors->is_deep)
        put_deep(colors, from, count, to);
    else
        put_shallow(colors, from, count, to);
}

void jxl_colors_free(struct jxl_colors *colors)
{
    cicp_free(colors->cicp);
    free(colors->values);
    colors->cicp = NULL;
    colors->values = NULL;
}
