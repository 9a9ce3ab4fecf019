#include "image/tiff_samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image/color_row.h"
#include "image/raster.h"

#define FULL 65535 /* the most that a sample can be, once it has been scaled */
#define MOST_CHANNELS 256

struct tiff_samples {
    const struct tiff_kind *kind;
    uint16_t *row;  /* samples of a row: of all channels, or of those used, one after the other */
    uint16_t *wide; /* channels that are separate, before they are put together */
    uint8_t *inks;  /* gray or CMYK for the profile */
    struct color_row *profile;
    uint8_t (*palette)[3];    /* 1 << bits colours */
    uint8_t *colors, *alphas; /* eight bits for each value of a sample */
};

/* ---- which kind ---- */

uint64_t tiff_samples_pixel_bytes(unsigned channels, unsigned bits)
{
    return (channels > 0 ? channels : UINT64_C(4)) * ((bits + UINT64_C(7)) / 8);
}

static enum vt_error refuse(struct vt_reason *why, const char *what, unsigned number)
{
    return vt_fail(why, VT_ERR_INVALID_IMAGE,
                   "the TIFF is of a kind that is not taken: its %s is number %u", what, number);
}

/* The number of colours of each kind of photometric interpretation; 0 if libtiff converts them. */
static enum vt_error read_model(TIFF *tiff, struct tiff_kind *kind, unsigned *colors,
                                struct vt_reason *why)
{
    uint16_t photometric = 0, compression = 0, inks = INKSET_CMYK;

    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
    if (!TIFFIsCODECConfigured(compression))
        return refuse(why, "compression", compression);
    if (TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric) != 1)
        photometric = kind->channels >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_INKSET, &inks);
    *colors = 1;
    if (photometric == PHOTOMETRIC_MINISWHITE || photometric == PHOTOMETRIC_MINISBLACK ||
        photometric == PHOTOMETRIC_MASK) {
        kind->model = TIFF_GRAY;
        kind->is_inverted = photometric == PHOTOMETRIC_MINISWHITE;
    } else if (photometric == PHOTOMETRIC_PALETTE) {
        kind->model = TIFF_PALETTE;
    } else if (photometric == PHOTOMETRIC_RGB ||
               (photometric == PHOTOMETRIC_YCBCR && compression == COMPRESSION_JPEG &&
                !kind->is_separate)) {
        kind->model = TIFF_RGB;
        *colors = 3;
        if (photometric == PHOTOMETRIC_YCBCR)
            (void)TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    } else if (photometric == PHOTOMETRIC_SEPARATED && inks == INKSET_CMYK) {
        kind->model = TIFF_CMYK;
        *colors = 4;
    } else if (photometric == PHOTOMETRIC_YCBCR || photometric == PHOTOMETRIC_CIELAB ||
               photometric == PHOTOMETRIC_LOGL || photometric == PHOTOMETRIC_LOGLUV) {
        kind->model = TIFF_BY_LIBRARY;
        kind->is_device_independent = photometric != PHOTOMETRIC_YCBCR;
        *colors = 0;
    } else {
        return refuse(why, "photometric interpretation", photometric);
    }
    return VT_OK;
}

/* Finds the channels of the colours and of alpha. A channel that is not said to be alpha is
 * something else. */
static void find_channels(TIFF *tiff, struct tiff_kind *kind, unsigned colors)
{
    uint16_t count = 0, *extra = NULL;

    for (unsigned i = 0; i < colors; i++)
        kind->channel[i] = (uint16_t)i;
    kind->used = colors;
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &count, &extra);
    for (unsigned i = 0; i < count && colors + i < kind->channels && !kind->has_alpha; i++) {
        if (extra[i] == EXTRASAMPLE_ASSOCALPHA || extra[i] == EXTRASAMPLE_UNASSALPHA) {
            kind->has_alpha = true;
            /* An index into a palette is never multiplied. */
            kind->is_premultiplied =
                extra[i] == EXTRASAMPLE_ASSOCALPHA && kind->model != TIFF_PALETTE;
            kind->channel[kind->used++] = (uint16_t)(colors + i);
        }
    }
}

enum vt_error tiff_samples_kind(TIFF *tiff, struct tiff_kind *kind, struct vt_reason *why)
{
    uint16_t planar = PLANARCONFIG_CONTIG, format = SAMPLEFORMAT_UINT;
    unsigned colors;
    enum vt_error err;

    *kind = (struct tiff_kind){.channels = 1, .bits = 1};
    (void)TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &kind->width);
    (void)TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &kind->height);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &kind->channels);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &kind->bits);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
    kind->is_separate = planar == PLANARCONFIG_SEPARATE && kind->channels > 1;
    kind->is_float = format == SAMPLEFORMAT_IEEEFP;
    kind->is_signed = format == SAMPLEFORMAT_INT;
    err = read_model(tiff, kind, &colors, why);
    if (err != VT_OK || kind->model == TIFF_BY_LIBRARY)
        return err;
    if (kind->channels < colors || kind->channels > MOST_CHANNELS)
        return refuse(why, "count of channels", kind->channels);
    if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID && !kind->is_float &&
        !kind->is_signed)
        return refuse(why, "format of samples", format);
    if (kind->is_float ? kind->bits != 16 && kind->bits != 32 && kind->bits != 64
                       : kind->bits == 0 || (kind->bits > 16 && kind->bits != 32))
        return refuse(why, "depth", kind->bits);
    if (kind->model == TIFF_PALETTE && (kind->bits > 16 || kind->is_float || kind->is_signed))
        return refuse(why, "depth", kind->bits);
    find_channels(tiff, kind, colors);
    return VT_OK;
}

uint64_t tiff_samples_row_bytes(const struct tiff_kind *kind, uint32_t width)
{
    uint64_t samples = (uint64_t)width * (kind->is_separate ? 1 : kind->channels);

    return (samples * kind->bits + 7) / 8;
}

/* ---- palettes ---- */

/* The colours have 16 bits, but some programs write 8. */
static enum vt_error read_palette(TIFF *tiff, struct tiff_samples *samples)
{
    size_t count = (size_t)1 << samples->kind->bits;
    uint16_t *map[3] = {NULL, NULL, NULL};
    bool is_wide = false;

    if (TIFFGetField(tiff, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]) != 1)
        return VT_ERR_INVALID_IMAGE;
    samples->palette = calloc(count, sizeof *samples->palette);
    if (samples->palette == NULL)
        return VT_ERR_MEMORY;
    for (unsigned c = 0; c < 3; c++)
        for (size_t i = 0; i < count; i++)
            is_wide = is_wide || map[c][i] > 255;
    for (unsigned c = 0; c < 3; c++)
        for (size_t i = 0; i < count; i++)
            samples->palette[i][c] = (uint8_t)(is_wide ? map[c][i] >> 8 : map[c][i]);
    return VT_OK;
}

/* ---- samples of any depth ---- */

static uint16_t from_float(double value)
{
    return value >= 1 ? FULL : value > 0 ? (uint16_t)(value * FULL + 0.5) : 0;
}

/* IEEE 754's binary16. */
static double half(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double value = exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);

    return bits >> 15 ? -value : value;
}

static void unpack_floats(unsigned bits, const uint8_t *from, size_t count, uint16_t *to)
{
    for (size_t i = 0; i < count; i++) {
        double wide;
        float narrow;
        uint16_t word;

        if (bits == 64) {
            memcpy(&wide, from + i * 8, sizeof wide);
        } else if (bits == 32) {
            memcpy(&narrow, from + i * 4, sizeof narrow);
            wide = (double)narrow;
        } else {
            memcpy(&word, from + i * 2, sizeof word);
            wide = half(word);
        }
        to[i] = from_float(wide);
    }
}

/* Samples that do not fill bytes: the first one is in the highest bits (TIFF 6.0, FillOrder). */
static void unpack_bits(unsigned bits, const uint8_t *from, size_t count, uint16_t *to)
{
    uint32_t held = 0;
    unsigned have = 0;

    for (size_t i = 0; i < count; i++) {
        while (have < bits) {
            held = held << 8 | *from++;
            have += 8;
        }
        have -= bits;
        to[i] = (uint16_t)(held >> have & ((1U << bits) - 1));
    }
}

/* Unpacks samples; those of up to 16 bits keep their values. */
static void unpack(const struct tiff_kind *kind, const uint8_t *from, size_t count, uint16_t *to)
{
    uint16_t sign = (uint16_t)(1U << ((kind->bits > 16 ? 16 : kind->bits) - 1));
    uint32_t word;

    if (kind->is_float) {
        unpack_floats(kind->bits, from, count, to);
        return;
    }
    switch (kind->bits) {
    case 8:
        for (size_t i = 0; i < count; i++)
            to[i] = from[i];
        break;
    case 16:
        memcpy(to, from, count * sizeof *to);
        break;
    case 32:
        for (size_t i = 0; i < count; i++) {
            memcpy(&word, from + i * 4, sizeof word);
            to[i] = (uint16_t)(word >> 16);
        }
        break;
    default:
        unpack_bits(kind->bits, from, count, to);
        break;
    }
    for (size_t i = 0; kind->is_signed && i < count; i++)
        to[i] ^= sign;
}

/* ---- colours ---- */

/* What each value of a sample is in eight bits: of a colour, and of alpha. */
static bool make_tables(struct tiff_samples *samples)
{
    const struct tiff_kind *kind = samples->kind;
    uint32_t most = kind->is_float || kind->bits >= 16 ? FULL : (1U << kind->bits) - 1;

    samples->colors = malloc((size_t)most + 1);
    samples->alphas = malloc((size_t)most + 1);
    if (samples->colors == NULL || samples->alphas == NULL)
        return false;
    for (uint32_t i = 0; i <= most; i++) {
        samples->alphas[i] = (uint8_t)((i * 255 + most / 2) / most);
        samples->colors[i] = kind->is_inverted ? 255 - samples->alphas[i] : samples->alphas[i];
    }
    return true;
}

static void convert_cmyk(const uint8_t *inks, uint32_t width, uint8_t *to)
{
    for (uint32_t x = 0; x < width; x++, inks += 4, to += RASTER_PIXEL)
        for (unsigned i = 0; i < 3; i++)
            to[i] = (uint8_t)(((255 - inks[i]) * (255 - inks[3]) + 127) / 255);
}

/* Takes alpha out of the colours, at the depth that they have. */
static void divide(const struct tiff_kind *kind, uint16_t *pixels, unsigned step, uint32_t width)
{
    unsigned colors = kind->used - 1;
    uint32_t most = kind->is_float || kind->bits >= 16 ? FULL : (1U << kind->bits) - 1;

    for (uint32_t x = 0; x < width; x++, pixels += step) {
        uint32_t alpha = pixels[kind->is_separate ? colors : kind->channel[colors]];

        for (unsigned i = 0; alpha > 0 && i < colors; i++) {
            uint64_t color = (uint64_t)pixels[i] * most / alpha;

            pixels[i] = (uint16_t)(color < most ? color : most);
        }
    }
}

/* Fills samples->row. Returns how many samples a pixel has there. */
static unsigned fill_row(struct tiff_samples *samples, uint8_t *const planes[], uint64_t offset,
                         uint32_t width)
{
    const struct tiff_kind *kind = samples->kind;

    if (!kind->is_separate) {
        unpack(kind, planes[0] + offset, (size_t)width * kind->channels, samples->row);
        return kind->channels;
    }
    for (unsigned i = 0; i < kind->used; i++) {
        unpack(kind, planes[i] + offset, width, samples->wide);
        for (uint32_t x = 0; x < width; x++)
            samples->row[(size_t)x * kind->used + i] = samples->wide[x];
    }
    return kind->used;
}

/* Puts a channel into every `stride`th byte. */
static void put_channel(const uint16_t *from, unsigned step, const uint8_t *table, uint32_t width,
                        uint8_t *to, unsigned stride)
{
    for (uint32_t x = 0; x < width; x++, from += step, to += stride)
        *to = table[*from];
}

static void put_colors(struct tiff_samples *samples, unsigned step, uint32_t width, uint8_t *to)
{
    const uint16_t *row = samples->row;

    switch (samples->kind->model) {
    case TIFF_PALETTE:
        for (uint32_t x = 0; x < width; x++)
            memcpy(to + (size_t)x * RASTER_PIXEL, samples->palette[row[(size_t)x * step]], 3);
        break;
    case TIFF_CMYK:
        for (unsigned i = 0; i < 4; i++)
            put_channel(row + i, step, samples->colors, width, samples->inks + i, 4);
        if (samples->profile == NULL)
            convert_cmyk(samples->inks, width, to);
        break;
    case TIFF_RGB:
        for (unsigned i = 0; i < 3; i++)
            put_channel(row + i, step, samples->colors, width, to + i, RASTER_PIXEL);
        break;
    default:
        put_channel(row, step, samples->colors, width, samples->inks, 1);
        for (uint32_t x = 0; x < width; x++)
            memset(to + (size_t)x * RASTER_PIXEL, samples->inks[x], 3);
        break;
    }
}

static bool is_plain(const struct tiff_kind *kind)
{
    return kind->model == TIFF_RGB && kind->bits == 8 && !kind->is_separate && !kind->has_alpha &&
           !kind->is_signed;
}

static void convert_plain(const uint8_t *from, unsigned channels, uint32_t width, uint8_t *to)
{
    for (uint32_t x = 0; x < width; x++, from += channels, to += RASTER_PIXEL) {
        to[0] = from[0];
        to[1] = from[1];
        to[2] = from[2];
        to[3] = 255;
    }
}

void tiff_samples_convert(struct tiff_samples *samples, uint8_t *const planes[], uint64_t offset,
                          uint32_t width, uint8_t *to)
{
    const struct tiff_kind *kind = samples->kind;
    unsigned step, alpha;

    if (is_plain(kind)) {
        convert_plain(planes[0] + offset, kind->channels, width, to);
        return;
    }
    step = fill_row(samples, planes, offset, width);
    if (kind->is_premultiplied)
        divide(kind, samples->row, step, width);
    put_colors(samples, step, width, to);
    if (samples->profile != NULL)
        color_row_convert(samples->profile, samples->inks, to, width);
    alpha = kind->used - 1;
    if (kind->has_alpha)
        put_channel(samples->row + (kind->is_separate ? alpha : kind->channel[alpha]), step,
                    samples->alphas, width, to + 3, RASTER_PIXEL);
    for (uint32_t x = 0; !kind->has_alpha && x < width; x++)
        to[(size_t)x * RASTER_PIXEL + 3] = 255;
}

/* ---- all of it ---- */

enum vt_error tiff_samples_new(TIFF *tiff, const struct tiff_kind *kind, const void *profile,
                               size_t profile_len, struct tiff_samples **samples)
{
    struct tiff_samples *self = calloc(1, sizeof *self);
    size_t in_row = (size_t)kind->width * (kind->is_separate ? kind->used : kind->channels);
    enum vt_error err = VT_OK;

    *samples = self;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->kind = kind;
    self->row = reallocarray(NULL, in_row, sizeof *self->row);
    self->wide = kind->is_separate ? reallocarray(NULL, kind->width, sizeof *self->wide) : NULL;
    self->inks = reallocarray(NULL, kind->width, 4);
    if (self->row == NULL || self->inks == NULL || (kind->is_separate && self->wide == NULL))
        return VT_ERR_MEMORY;
    if (kind->model == TIFF_PALETTE)
        err = read_palette(tiff, self);
    if (!make_tables(self))
        return VT_ERR_MEMORY;
    if (profile != NULL && (kind->model == TIFF_GRAY || kind->model == TIFF_CMYK))
        color_row_new(profile, profile_len, kind->model == TIFF_GRAY ? 1 : 4, &self->profile);
    return err;
}

void tiff_samples_free(struct tiff_samples *samples)
{
    if (samples == NULL)
        return;
    color_row_free(samples->profile);
    free(samples->row);
    free(samples->wide);
    free(samples->inks);
    free(samples->palette);
    free(samples->colors);
    free(samples->alphas);
    free(samples);
}
