#include "image/cicp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image/color.h"
#include "image/color_primaries.h"

#define STEPS 16384 /* of light from black to white, which are sRGB's 256 near black */

#define WHITE 203.0      /* cd/m2 of HDR's reference white, which becomes sRGB's; ITU-R BT.2408 */
#define KAPPA 0.65       /* where the curve bends */
#define BRIGHTEST 1000.0 /* cd/m2, if the picture does not say */

enum { SMPTE_240 = 7, LINEAR = 8, PQ = CICP_PQ, HLG = CICP_HLG }; /* H.273, 8.2 */

struct cicp {
    unsigned depth;
    uint8_t *narrow;  /* the value of each sample in eight bits; NULL for HDR */
    float *light;     /* HDR: the light of each sample, white being 1 */
    uint8_t *values;  /* HDR: sRGB's value of each of STEPS + 1 amounts of light */
    float to_srgb[9]; /* HDR: from the picture's primaries */
    float to_wide[9]; /* HDR: to those of BT.2020 */
    float luma[3];    /* HLG: how much light each primary has */
    struct {
        float white,
            most;     /* what reference white becomes, and the light that becomes sRGB's white */
        float middle; /* of the curve between them, as light */
    } curve;          /* HDR */
    float exponent;   /* HLG: of the display; 0 for PQ */
};

/* BT.709's if the number says nothing. */
static image_color_chromaticities find_primaries(const struct cicp_source *source)
{
    image_color_chromaticities at =
        source->at != NULL ? source->at : image_color_primaries(source->primaries);

    return at != NULL ? at : image_color_primaries(IMAGE_COLOR_BT_709);
}

/* Sets the curve of the space. Browsers show the curves of BT.709 and its relatives, which are a
 * camera's, as sRGB. */
static void set_transfer(struct image_color_space *space, unsigned transfer)
{
    space->curve = IMAGE_COLOR_GAMMA;
    switch (transfer) {
    case 4:
        space->gamma = 2.2;
        break;
    case 5:
        space->gamma = 2.8;
        break;
    case LINEAR:
        space->gamma = 1;
        break;
    case 17:
        space->gamma = 2.6;
        break;
    case SMPTE_240:
        space->curve = IMAGE_COLOR_SMPTE_240;
        break;
    default:
        space->curve = IMAGE_COLOR_SRGB;
    }
}

static enum vt_error add_profile(const struct cicp_source *source, struct decoded *decoded)
{
    image_color_chromaticities at = find_primaries(source);
    struct image_color_space space = {.gamma = 0};

    set_transfer(&space, source->transfer);
    if (at == image_color_primaries(IMAGE_COLOR_BT_709) && space.curve == IMAGE_COLOR_SRGB)
        return VT_OK;
    memcpy(space.at, at, sizeof space.at);
    return image_decode_keep_space(decoded, &space);
}

/* ---- HDR ---- */

/* SMPTE ST 2084: the light of a value. */
static double pq_light(double value)
{
    const double m1 = 2610.0 / 16384, m2 = 2523.0 / 32, c1 = 3424.0 / 4096, c2 = 2413.0 / 128,
                 c3 = 2392.0 / 128;
    double root = pow(value, 1 / m2);

    return 10000 / WHITE * pow(fmax(root - c1, 0) / (c2 - c3 * root), 1 / m1);
}

/* ITU-R BT.2100: the light of the scene, whose brightest is 1. */
static double hlg_light(double value)
{
    const double a = 0.17883277, b = 0.28466892, c = 0.55991073;

    return value <= 0.5 ? value * value / 3 : (exp((value - c) / a) + b) / 12;
}

/* Replaces a matrix by its inverse. */
static void invert(double m[9])
{
    double out[9], sum = 0;

    for (int i = 0; i < 9; i++) {
        int row = i % 3, column = i / 3; /* of the minor, which is transposed */
        int r1 = (row + 1) % 3, r2 = (row + 2) % 3, c1 = (column + 1) % 3, c2 = (column + 2) % 3;

        out[i] = m[r1 * 3 + c1] * m[r2 * 3 + c2] - m[r1 * 3 + c2] * m[r2 * 3 + c1];
    }
    for (int i = 0; i < 3; i++)
        sum += m[i] * out[i * 3];
    for (int i = 0; i < 9; i++)
        m[i] = out[i] / sum;
}

/* The matrix from the space's light to CIE XYZ. */
static void to_xyz(image_color_chromaticities at, double m[9])
{
    double inverse[9], white[3] = {at[0][0] / at[0][1], 1, (1 - at[0][0] - at[0][1]) / at[0][1]};

    for (int i = 0; i < 3; i++) {
        double x = at[1 + i][0], y = at[1 + i][1];

        m[i] = x / y;
        m[3 + i] = 1;
        m[6 + i] = (1 - x - y) / y;
    }
    memcpy(inverse, m, sizeof inverse);
    invert(inverse);
    for (int i = 0; i < 3; i++) {
        double scale = inverse[i * 3] * white[0] + inverse[i * 3 + 1] * white[1] +
                       inverse[i * 3 + 2] * white[2];

        for (int row = 0; row < 3; row++)
            m[row * 3 + i] *= scale;
    }
}

/* The matrix from a space, whose own to CIE XYZ is given, to one by its number. */
static void set_matrix(const double from[9], unsigned primaries, float matrix[9])
{
    double to[9];

    to_xyz(image_color_primaries(primaries), to);
    invert(to);
    for (int i = 0; i < 9; i++) {
        const double *row = to + i / 3 * 3, *column = from + i % 3;

        matrix[i] = (float)(row[0] * column[0] + row[1] * column[3] + row[2] * column[6]);
    }
}

static void set_matrices(const struct cicp_source *source, struct cicp *colors)
{
    double from[9];

    to_xyz(find_primaries(source), from);
    for (int i = 0; i < 3; i++)
        colors->luma[i] = (float)from[3 + i];
    set_matrix(from, IMAGE_COLOR_BT_709, colors->to_srgb);
    set_matrix(from, IMAGE_COLOR_BT_2020, colors->to_wide);
}

static double srgb_value(double light)
{
    return light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055;
}

/* Chromium's curve, the reference white tone mapping of SMPTE ST 2094-50. Up to reference white,
 * light is dimmed by one factor, which is a half if the brightest is 1000 cd/m2; from there, a
 * quadratic Bezier curve leads to white. If nothing is brighter than reference white, nothing is
 * dimmed: what is brighter all the same is cut off. */
static void set_curve(double brightest, struct cicp *colors)
{
    double usual = log2(BRIGHTEST / WHITE);
    double white = 1 - 0.5 * fmin(log2(brightest) / usual, 1);

    colors->curve.white = (float)white;
    colors->curve.most = (float)brightest;
    colors->curve.middle = (float)(1 + KAPPA * (1 / white - 1));
}

static enum vt_error prepare_hdr(const struct cicp_source *source, struct cicp *colors)
{
    size_t count = (size_t)1 << source->depth;
    double brightest = source->brightest > 0 ? source->brightest : BRIGHTEST;

    colors->light = reallocarray(NULL, count, sizeof *colors->light);
    colors->values = malloc(STEPS + 1);
    if (colors->light == NULL || colors->values == NULL)
        return VT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        double value = (double)i / (double)(count - 1);

        colors->light[i] = (float)(source->transfer == PQ ? pq_light(value) : hlg_light(value));
    }
    for (int i = 0; i <= STEPS; i++)
        colors->values[i] = (uint8_t)lround(255 * srgb_value((double)i / STEPS));
    set_matrices(source, colors);
    set_curve(fmax(brightest / WHITE, 1), colors);
    colors->exponent = source->transfer == HLG ? 0.2f : 0;
    return VT_OK;
}

static float dim(const struct cicp *colors, float light)
{
    float white = colors->curve.white, middle = colors->curve.middle, most = colors->curve.most;
    float a = most - 2 * middle + 1, b = 2 * (middle - 1), t;

    if (light <= 1 || most <= 1)
        return white;
    if (light >= most)
        return 1 / light;
    /* light = a t^2 + b t + 1, in a form that bears an a of 0 */
    t = 2 * (light - 1) / (b + sqrtf(fmaxf(b * b + 4 * a * (light - 1), 0)));
    return ((1 - t) * (1 - t) * white + 2 * t * (1 - t) * (white + (float)KAPPA * (1 - white)) +
            t * t) /
           light;
}

/* A row of a matrix times a colour. */
static float mix(const float row[3], const float rgb[3])
{
    return row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2];
}

/* All three colours are dimmed together, so that no hue changes: by the brightest of them, which is
 * taken in BT.2020 whatever the picture's own primaries are. */
static void map_pixel(const struct cicp *colors, const float light[3], uint8_t *to)
{
    const float *wide = colors->to_wide;
    float rgb[3] = {light[0], light[1], light[2]}, most, factor;

    if (colors->exponent > 0) {
        float gain = (float)(BRIGHTEST / WHITE) * powf(mix(colors->luma, rgb), colors->exponent);

        for (int i = 0; i < 3; i++)
            rgb[i] *= gain;
    }
    most = fmaxf(fmaxf(mix(wide, rgb), mix(wide + 3, rgb)), mix(wide + 6, rgb));
    factor = dim(colors, most);
    for (int i = 0; i < 3; i++)
        rgb[i] *= factor;
    for (int i = 0; i < 3; i++) {
        float mapped = mix(colors->to_srgb + (size_t)i * 3, rgb);

        to[i] = colors->values[(int)(fminf(fmaxf(mapped, 0), 1) * STEPS + 0.5f)];
    }
    to[3] = 255;
}

/* ---- for all ---- */

static enum vt_error prepare_narrow(struct cicp *colors)
{
    size_t count = (size_t)1 << colors->depth;

    colors->narrow = malloc(count);
    if (colors->narrow == NULL)
        return VT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        colors->narrow[i] = (uint8_t)((i * 255 + (count - 1) / 2) / (count - 1));
    return VT_OK;
}

enum vt_error cicp_new(const struct cicp_source *source, struct decoded *decoded,
                       struct cicp **colors)
{
    struct cicp *self = calloc(1, sizeof *self);
    enum vt_error err;

    *colors = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->depth = source->depth;
    if (source->transfer == PQ || source->transfer == HLG)
        err = prepare_hdr(source, self);
    else
        err = prepare_narrow(self);
    if (err == VT_OK && self->narrow != NULL && decoded->profile == NULL)
        err = add_profile(source, decoded);
    if (err != VT_OK) {
        cicp_free(self);
        return err;
    }
    *colors = self;
    return VT_OK;
}

static void put_bytes(const uint8_t *red, const uint8_t *green, const uint8_t *blue, unsigned step,
                      uint32_t width, uint8_t *to)
{
    for (size_t x = 0; x < (size_t)width * step; x += step, to += RASTER_PIXEL) {
        to[0] = red[x];
        to[1] = green[x];
        to[2] = blue[x];
        to[3] = 255;
    }
}

static unsigned sample(const struct cicp *colors, const void *row, size_t x)
{
    unsigned value = colors->depth > 8 ? ((const uint16_t *)row)[x] : ((const uint8_t *)row)[x];

    return value & ((1u << colors->depth) - 1);
}

void cicp_put(const struct cicp *colors, const void *red, const void *green, const void *blue,
              unsigned step, uint32_t width, uint8_t *to)
{
    if (colors->narrow != NULL && colors->depth == 8) {
        put_bytes(red, green, blue, step, width, to);
        return;
    }
    for (size_t x = 0; x < (size_t)width * step; x += step, to += RASTER_PIXEL) {
        unsigned r = sample(colors, red, x), g = sample(colors, green, x),
                 b = sample(colors, blue, x);

        if (colors->narrow != NULL) {
            to[0] = colors->narrow[r];
            to[1] = colors->narrow[g];
            to[2] = colors->narrow[b];
            to[3] = 255;
        } else {
            const float light[3] = {colors->light[r], colors->light[g], colors->light[b]};

            map_pixel(colors, light, to);
        }
    }
}

void cicp_free(struct cicp *colors)
{
    if (colors == NULL)
        return;
    free(colors->narrow);
    free(colors->light);
    free(colors->values);
    free(colors);
}
