#include "tiff.h"

#include <stdlib.h>
#include <string.h>

/* ---- a file in memory ---- */

struct sink {
    struct buf *out;
    uint64_t at;
};

static tmsize_t read_back(thandle_t handle, void *to, tmsize_t count)
{
    struct sink *sink = handle;
    uint64_t left = sink->at < sink->out->len ? sink->out->len - sink->at : 0;
    size_t taken = (uint64_t)count < left ? (size_t)count : (size_t)left;

    memcpy(to, sink->out->data + sink->at, taken);
    sink->at += taken;
    return (tmsize_t)taken;
}

static tmsize_t write_to(thandle_t handle, void *from, tmsize_t count)
{
    struct sink *sink = handle;
    uint64_t end = sink->at + (uint64_t)count;

    while (sink->out->len < end)
        buf_append(sink->out, "\0\0\0\0\0\0\0\0",
                   end - sink->out->len < 8 ? (size_t)(end - sink->out->len) : 8);
    SUPPORT_MUST(buf_ok(sink->out));
    memcpy(sink->out->data + sink->at, from, (size_t)count);
    sink->at = end;
    return count;
}

static toff_t seek(thandle_t handle, toff_t offset, int whence)
{
    struct sink *sink = handle;

    sink->at = offset + (whence == SEEK_CUR ? sink->at : whence == SEEK_END ? sink->out->len : 0);
    return sink->at;
}

static int done(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t size_of(thandle_t handle)
{
    const struct sink *sink = handle;

    return sink->out->len;
}

/* ---- the scene ---- */

static unsigned next_random(unsigned *state)
{
    *state = *state * 1103515245U + 12345U;
    return *state >> 16 & 255;
}

static unsigned count_colors(unsigned photometric)
{
    switch (photometric) {
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_YCBCR:
    case PHOTOMETRIC_CIELAB:
        return 3;
    case PHOTOMETRIC_SEPARATED:
        return 4;
    default:
        return 1;
    }
}

/* The channels of a quarter: red, green, blue, white. Palettes hold these four; gray is the mean
 * weighted as usual. */
static void set_channels(unsigned photometric, unsigned quarter, double out[5])
{
    static const double rgb[4][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}};
    static const double lab[4][3] = {{138, 81, 70}, {224, 177, 81}, {75, 68, 144}, {255, 0, 0}};
    const double *color = rgb[quarter];
    double gray = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2];

    for (unsigned i = 0; i < 3; i++)
        out[i] = photometric == PHOTOMETRIC_CIELAB      ? lab[quarter][i] / 255
                 : photometric == PHOTOMETRIC_SEPARATED ? 1 - color[i]
                                                        : color[i];
    if (photometric == PHOTOMETRIC_SEPARATED)
        out[3] = 0;
    if (photometric == PHOTOMETRIC_MINISBLACK)
        out[0] = gray;
    if (photometric == PHOTOMETRIC_MINISWHITE)
        out[0] = 1 - gray;
}

/* Puts a sample into a row, whose first is in the highest bits. */
static void put_sample(uint8_t *row, size_t index, unsigned bits, bool is_float, double value)
{
    uint64_t most = bits >= 32 ? UINT32_MAX : (1U << bits) - 1;
    uint64_t number = (uint64_t)(value * (double)most + 0.5);
    float narrow = (float)value;
    uint32_t word = (uint32_t)number;
    uint16_t half = (uint16_t)number;

    if (is_float && bits == 64) {
        memcpy(row + index * 8, &value, 8);
    } else if (is_float) {
        memcpy(row + index * 4, &narrow, 4);
    } else if (bits == 32) {
        memcpy(row + index * 4, &word, 4);
    } else if (bits == 16) {
        memcpy(row + index * 2, &half, 2);
    } else {
        for (unsigned i = 0; i < bits; i++) {
            size_t at = index * bits + i;

            if (number >> (bits - 1 - i) & 1)
                row[at / 8] = (uint8_t)(row[at / 8] | 0x80 >> at % 8);
        }
    }
}

/* Paints pixels of a row: all channels, or one of them. */
static void paint(const struct tiff_picture *picture, unsigned channels, int only, unsigned x0,
                  unsigned y, unsigned count, unsigned *random, uint8_t *row)
{
    unsigned colors = count_colors(picture->photometric);

    for (unsigned i = 0; i < count; i++) {
        unsigned x = x0 + i < picture->width ? x0 + i : picture->width - 1;
        unsigned quarter =
            (y >= picture->height / 2 ? 2u : 0u) + (x >= picture->width / 2 ? 1u : 0u);
        double value[5];

        set_channels(picture->photometric, quarter, value);
        for (unsigned c = 0; picture->noise && c < colors; c++)
            value[c] = next_random(random) / 255.0;
        if (picture->seed != 0 && !picture->noise && y == picture->height - 1)
            value[colors - 1] = (200 + (picture->seed >> (x % 16) & 1) * 50) / 255.0;
        if (picture->photometric == PHOTOMETRIC_PALETTE)
            value[0] = quarter / (double)((1U << picture->bits) - 1);
        if (channels > colors)
            value[colors] = x >= picture->width / 2 ? 0 : 1;
        for (unsigned c = 0; picture->extra == EXTRASAMPLE_ASSOCALPHA && c < colors; c++)
            value[c] *= value[colors];
        for (unsigned c = 0; c < channels; c++)
            if (only < 0 || c == (unsigned)only)
                put_sample(row, only < 0 ? (size_t)i * channels + c : i, picture->bits,
                           picture->format == SAMPLEFORMAT_IEEEFP, value[c]);
    }
}

/* ---- pages ---- */

static void set_palette(TIFF *tiff, unsigned bits)
{
    uint16_t map[3][256] = {{0xffff, 0, 0, 0xffff}, {0, 0xffff, 0, 0xffff}, {0, 0, 0xffff, 0xffff}};

    SUPPORT_MUST(bits <= 8);
    SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_COLORMAP, map[0], map[1], map[2]));
}

static void set_fields(TIFF *tiff, const struct tiff_picture *picture, unsigned channels)
{
    uint16_t extra = (uint16_t)picture->extra;

    SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, picture->width));
    SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, picture->height));
    SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_COMPRESSION, picture->compression));
    SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, picture->photometric));
    SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, picture->bits));
    SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, channels));
    SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_PLANARCONFIG,
                              picture->separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG));
    if (picture->format != 0)
        SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, picture->format));
    if (picture->orientation != 0)
        SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_ORIENTATION, picture->orientation));
    if (picture->dng)
        SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_DNGVERSION, "\1\4\0\0"));
    if (picture->extra != 0)
        SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &extra));
    if (picture->photometric == PHOTOMETRIC_PALETTE)
        set_palette(tiff, picture->bits);
    if (picture->photometric == PHOTOMETRIC_YCBCR && picture->compression == COMPRESSION_JPEG)
        SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB));
    if (picture->profile != NULL)
        SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_ICCPROFILE, (uint32_t)picture->profile_len,
                                  picture->profile));
}

static unsigned round_up(unsigned number, unsigned step)
{
    return (number + step - 1) / step * step;
}

/* Writes tiles, or strips as tiles as wide as the picture. */
static void write_blocks(TIFF *tiff, const struct tiff_picture *picture, unsigned channels,
                         unsigned *random)
{
    unsigned width = picture->tiled && !picture->whole ? 32 : round_up(picture->width, 16);
    unsigned height = picture->whole ? round_up(picture->height, 16) : 16;
    unsigned planes = picture->separate ? channels : 1;

    if (!picture->tiled) {
        width = picture->width;
        height = picture->whole ? picture->height : picture->rows;
        SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, height));
    } else {
        SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_TILEWIDTH, width));
        SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_TILELENGTH, height));
    }
    for (unsigned plane = 0; plane < planes; plane++) {
        unsigned block = 0, blocks = TIFFIsTiled(tiff) ? TIFFNumberOfTiles(tiff) / planes
                                                       : TIFFNumberOfStrips(tiff) / planes;

        for (unsigned y = 0; y < picture->height; y += height) {
            for (unsigned x = 0; x < picture->width; x += width, block++) {
                size_t row =
                    ((size_t)width * (picture->separate ? 1 : channels) * picture->bits + 7) / 8;
                unsigned rows =
                    !picture->tiled && picture->height - y < height ? picture->height - y : height;
                uint8_t *data = calloc(rows, row);

                SUPPORT_MUST(data != NULL);
                for (unsigned i = 0; i < rows; i++)
                    paint(picture, channels, picture->separate ? (int)plane : -1, x, y + i, width,
                          random, data + row * i);
                SUPPORT_MUST((TIFFIsTiled(tiff) ? TIFFWriteEncodedTile : TIFFWriteEncodedStrip)(
                                 tiff, plane * blocks + block, data, (tmsize_t)(row * rows)) > 0);
                free(data);
            }
        }
    }
}

/* Writes YCbCr without compression, its colours at half the resolution each way: four of luma, two
 * of colour. */
static void write_ycbcr(TIFF *tiff, const struct tiff_picture *picture)
{
    static const uint8_t colors[4][3] = {
        {76, 85, 255}, {150, 44, 21}, {29, 255, 107}, {255, 128, 128}};
    size_t len = 0;
    uint8_t *data = malloc((size_t)picture->width * picture->height * 2);

    SUPPORT_MUST(data != NULL && picture->width % 2 == 0 && picture->height % 2 == 0);
    SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, 2, 2));
    SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, picture->height));
    for (unsigned y = 0; y < picture->height; y += 2) {
        for (unsigned x = 0; x < picture->width; x += 2) {
            const uint8_t *color =
                colors[(y >= picture->height / 2 ? 2u : 0u) + (x >= picture->width / 2 ? 1u : 0u)];

            for (int i = 0; i < 4; i++)
                data[len++] = color[0];
            data[len++] = color[1];
            data[len++] = color[2];
        }
    }
    SUPPORT_MUST(TIFFWriteRawStrip(tiff, 0, data, (tmsize_t)len) > 0);
    free(data);
}

void support_tiff(const struct tiff_picture *picture, struct buf *out)
{
    struct tiff_picture full = *picture;
    struct sink sink = {out, 0};
    char mode[8];
    unsigned channels, random = picture->seed * 2 + 1;
    TIFF *tiff;

    full.width = full.width == 0 ? 64 : full.width;
    full.height = full.height == 0 ? 48 : full.height;
    full.compression = full.compression == 0 ? COMPRESSION_NONE : full.compression;
    full.bits = full.bits == 0 ? 8 : full.bits;
    full.rows = full.rows == 0 ? 8 : full.rows;
    full.photometric = full.has_photometric ? full.photometric : PHOTOMETRIC_RGB;
    channels = count_colors(full.photometric) + (full.extra != 0 ? 1 : 0);
    *out = BUF_INIT;
    (void)snprintf(mode, sizeof mode, "w%s%c", full.big ? "8" : "", full.big_endian ? 'b' : 'l');
    tiff =
        TIFFClientOpen("tests", mode, &sink, read_back, write_to, seek, done, size_of, NULL, NULL);
    SUPPORT_MUST(tiff != NULL);
    for (unsigned number = 0; number == 0 || number < full.pages; number++) {
        struct tiff_picture page = full;

        if (full.preview && number == 0) {
            page.width /= 2;
            page.height /= 2;
            SUPPORT_MUST(TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE));
        }
        set_fields(tiff, &page, channels);
        if (full.photometric == PHOTOMETRIC_YCBCR && full.compression == COMPRESSION_NONE)
            write_ycbcr(tiff, &page);
        else
            write_blocks(tiff, &page, channels, &random);
        SUPPORT_MUST(TIFFWriteDirectory(tiff));
    }
    TIFFClose(tiff);
    SUPPORT_MUST(buf_ok(out));
}
