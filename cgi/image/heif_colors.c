#include "image/heif_colors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image/color.h"

#define STEPS 16384 /* of light from black to white, which are sRGB's 256 near black */

#define WHITE 203.0      /* cd/m2 of HDR's reference white, which becomes sRGB's; ITU-R BT.2408 */
#define KAPPA 0.65       /* where the curve bends */
#define BRIGHTEST 1000.0 /* cd/m2, if the picture does not say */

enum { BT_709 = 1, SRGB = 13, BT_2020 = 9, LINEAR = 8, SMPTE_240 = 7, PQ = 16, HLG = 18 };

struct heif_colors {
    unsigned depth;
    uint8_t *narrow;  /* the value of each sample in eight bits; NULL for HDR */
    float *light;     /* HDR: the light of each sample, white being 1 */
    uint8_t *values;  /* HDR: sRGB's value of each of STEPS + 1 amounts of light */
    float to_srgb[9]; /* HDR: from the picture's primaries */
    float luma[3];    /* HLG: how much light each primary has */
    struct {
        float white,
            most;     /* what reference white becomes, and the light that becomes sRGB's white */
        float middle; /* of the curve between them, as light */
    } curve;          /* HDR */
    float exponent;   /* HLG: of the display; 0 for PQ */
};

/* H.273, 8.1: white, red, green, blue. */
struct primaries {
    unsigned number;
    double xy[8];
};

static const struct primaries known_primaries[] = {
    {BT_709, {0.3127, 0.3290, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060}},
    {4, {0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08}},         /* BT.470, System M */
    {5, {0.3127, 0.3290, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06}},       /* BT.470, System B, G */
    {6, {0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070}}, /* SMPTE 170M */
    {7, {0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070}}, /* SMPTE 240M */
    {8, {0.310, 0.316, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049}},   /* film */
    {BT_2020, {0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046}},
    {11, {0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060}},   /* P3, cinema's white */
    {12, {0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060}}, /* Display P3 */
    {22, {0.3127, 0.3290, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077}}, /* EBU 3213 */
};

/* BT.709's if the number says nothing. */
static const double *find_primaries(unsigned number)
{
    for (size_t i = 0; i < sizeof known_primaries / sizeof known_primaries[0]; i++)
        if (known_primaries[i].number == number)
            return known_primaries[i].xy;
    return known_primaries[0].xy;
}

/* Browsers show the curves of BT.709 and its relatives, which are a camera's, as sRGB. */
static struct image_color_curve find_curve(unsigned transfer)
{
    static const struct {
        unsigned number;
        struct image_color_curve curve;
    } known[] = {
        {4, {IMAGE_COLOR_GAMMA, 2.2}},           {5, {IMAGE_COLOR_GAMMA, 2.8}},
        {SMPTE_240, {IMAGE_COLOR_SMPTE_240, 0}}, {LINEAR, {IMAGE_COLOR_GAMMA, 1}},
        {17, {IMAGE_COLOR_GAMMA, 2.6}},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].number == transfer)
            return known[i].curve;
    return (struct image_color_curve){IMAGE_COLOR_SRGB, 0};
}

static enum vt_error add_profile(const struct heif_colors_source *source, struct decoded *decoded)
{
    const double *xy = find_primaries(source->primaries);
    struct image_color_curve curve = find_curve(source->transfer);
    struct buf profile = BUF_INIT;
    enum vt_error err;

    if (xy == known_primaries[0].xy && curve.form == IMAGE_COLOR_SRGB)
        return VT_OK;
    err = image_color_write_rgb(xy, &curve, &profile);
    if (err == VT_OK)
        err = image_decode_keep_profile(decoded, profile.data, profile.len);
    buf_free(&profile);
    return err;
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
static void to_xyz(const double xy[8], double m[9])
{
    double inverse[9], white[3] = {xy[0] / xy[1], 1, (1 - xy[0] - xy[1]) / xy[1]};

    for (int i = 0; i < 3; i++) {
        double x = xy[2 + i * 2], y = xy[3 + i * 2];

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

static void set_matrix(unsigned primaries, struct heif_colors *colors)
{
    double from[9], to[9];

    to_xyz(find_primaries(primaries), from);
    to_xyz(find_primaries(BT_709), to);
    for (int i = 0; i < 3; i++)
        colors->luma[i] = (float)from[3 + i];
    invert(to);
    for (int i = 0; i < 9; i++) {
        const double *row = to + i / 3 * 3, *column = from + i % 3;

        colors->to_srgb[i] = (float)(row[0] * column[0] + row[1] * column[3] + row[2] * column[6]);
    }
}

static double srgb_value(double light)
{
    return light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055;
}

/* Chromium's curve, the reference white tone mapping of SMPTE ST 2094-50. Up to reference white,
 * light is dimmed by one factor, which is a half if the brightest is 1000 cd/m2; from there, a
 * quadratic Bezier curve leads to white. */
static void set_curve(double brightest, struct heif_colors *colors)
{
    double usual = log2(BRIGHTEST / WHITE);
    double white = 1 - 0.5 * fmin(log2(brightest) / usual, 1);

    colors->curve.white = (float)white;
    colors->curve.most = (float)brightest;
    colors->curve.middle = (float)(1 + KAPPA * (1 / white - 1));
}

static enum vt_error prepare_hdr(const struct heif_colors_source *source,
                                 struct heif_colors *colors)
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
    set_matrix(source->primaries, colors);
    if (source->transfer == HLG)
        brightest = BRIGHTEST;
    set_curve(fmax(brightest / WHITE, 1), colors);
    colors->exponent = source->transfer == HLG ? 0.2f : 0;
    return VT_OK;
}

static float dim(const struct heif_colors *colors, float light)
{
    float white = colors->curve.white, middle = colors->curve.middle, most = colors->curve.most;
    float a = most - 2 * middle + 1, b = 2 * (middle - 1), t;

    if (light <= 1)
        return white;
    if (light >= most)
        return 1 / light;
    /* light = a t^2 + b t + 1, in a form that bears an a of 0 */
    t = 2 * (light - 1) / (b + sqrtf(fmaxf(b * b + 4 * a * (light - 1), 0)));
    return ((1 - t) * (1 - t) * white + 2 * t * (1 - t) * (white + (float)KAPPA * (1 - white)) +
            t * t) /
           light;
}

/* All three colours are dimmed together, by the brightest of them, so that no hue changes. */
static void map_pixel(const struct heif_colors *colors, const float light[3], uint8_t *to)
{
    const float *m = colors->to_srgb;
    float rgb[3] = {light[0], light[1], light[2]}, most, factor;

    if (colors->exponent > 0) {
        float luma = colors->luma[0] * rgb[0] + colors->luma[1] * rgb[1] + colors->luma[2] * rgb[2];
        float gain = (float)(BRIGHTEST / WHITE) * powf(luma, colors->exponent);

        for (int i = 0; i < 3; i++)
            rgb[i] *= gain;
    }
    most = fmaxf(fmaxf(rgb[0], rgb[1]), rgb[2]);
    factor = dim(colors, most);
    for (int i = 0; i < 3; i++)
        rgb[i] *= factor;
    for (int i = 0; i < 3; i++) {
        float mapped = m[i * 3] * rgb[0] + m[i * 3 + 1] * rgb[1] + m[i * 3 + 2] * rgb[2];

        to[i] = colors->values[(int)(fminf(fmaxf(mapped, 0), 1) * STEPS + 0.5f)];
    }
    to[3] = 255;
}

/* ---- for all ---- */

static enum vt_error prepare_narrow(struct heif_colors *colors)
{
    size_t count = (size_t)1 << colors->depth;

    colors->narrow = malloc(count);
    if (colors->narrow == NULL)
        return VT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        colors->narrow[i] = (uint8_t)((i * 255 + (count - 1) / 2) / (count - 1));
    return VT_OK;
}

enum vt_error heif_colors_new(const struct heif_colors_source *source, struct decoded *decoded,
                              struct heif_colors **colors)
{
    struct heif_colors *self = calloc(1, sizeof *self);
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
        heif_colors_free(self);
        return err;
    }
    *colors = self;
    return VT_OK;
}

static void put_bytes(const uint8_t *red, const uint8_t *green, const uint8_t *blue, uint32_t width,
                      uint8_t *to)
{
    for (uint32_t x = 0; x < width; x++, to += RASTER_PIXEL) {
        to[0] = red[x];
        to[1] = green[x];
        to[2] = blue[x];
        to[3] = 255;
    }
}

static unsigned sample(const struct heif_colors *colors, const void *row, uint32_t x)
{
    unsigned value = colors->depth > 8 ? ((const uint16_t *)row)[x] : ((const uint8_t *)row)[x];

    return value & ((1u << colors->depth) - 1);
}

void heif_colors_put(const struct heif_colors *colors, const void *red, const void *green,
                     const void *blue, uint32_t width, uint8_t *to)
{
    if (colors->narrow != NULL && colors->depth == 8) {
        put_bytes(red, green, blue, width, to);
        return;
    }
    for (uint32_t x = 0; x < width; x++, to += RASTER_PIXEL) {
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

void heif_colors_free(struct heif_colors *colors)
{
    if (colors == NULL)
        return;
    free(colors->narrow);
    free(colors->light);
    free(colors->values);
    free(colors);
}
