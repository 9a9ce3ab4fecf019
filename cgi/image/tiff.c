/* Decodes TIFF with libtiff: all of image_tiff.so. The functions of Vitrine that it calls are in
 * the program that loads it.
 *
 * What becomes of the samples depends on the colours. Gray, palettes, RGB and CMYK are converted
 * here, from samples of any depth (tiff_samples.c). YCbCr, Lab and LogLuv are converted by libtiff.
 * A JPEG's YCbCr is converted by libjpeg. */
#include "image/tiff.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "image/reducer.h"
#include "image/tiff_file.h"
#include "image/tiff_samples.h"

struct picture {
    TIFF *tiff;
    struct tiff_file *file;
    struct tiff_kind kind;
    struct tiff_samples *samples; /* NULL if libtiff converts */
    struct reducer *reducer;
    uint8_t *planes[TIFF_PLANES]; /* a strip or tile; one for each channel if they are separate */
    uint8_t *band;                /* rows in a raster's format, as high as a strip or tile */
};

/* ---- rows ---- */

static bool is_late(const struct picture *picture)
{
    return image_decode_is_late(picture->file->source);
}

/* Takes rows of the band, from its top. */
static void take_rows(struct picture *picture, uint32_t count)
{
    size_t row = (size_t)picture->kind.width * RASTER_PIXEL;

    for (uint32_t y = 0; y < count; y++) {
        memcpy(reducer_row(picture->reducer), picture->band + y * row, row);
        reducer_take(picture->reducer);
    }
}

static enum vt_error new_band(struct picture *picture, uint32_t rows)
{
    size_t size;

    if (__builtin_mul_overflow((size_t)picture->kind.width * RASTER_PIXEL, rows, &size))
        return VT_ERR_MEMORY;
    picture->band = malloc(size);
    return picture->band != NULL ? VT_OK : VT_ERR_MEMORY;
}

/* A tile may be larger than the picture, but not much, or it would take too much memory. The same
 * holds for the channels, whose number the library reads more leniently than the header is read. */
static enum vt_error new_planes(struct picture *picture, unsigned count, tmsize_t size)
{
    if (size <= 0 || (uint64_t)size > picture->file->most / count)
        return VT_ERR_INVALID_IMAGE;
    for (unsigned i = 0; i < count; i++) {
        /* Zeroed, since some codecs leave the end of a short strip as it is. */
        picture->planes[i] = calloc(1, (size_t)size);
        if (picture->planes[i] == NULL)
            return VT_ERR_MEMORY;
    }
    return VT_OK;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Strips of whole pixels, row by row: a strip may hold the whole picture. */
static enum vt_error read_scanlines(struct picture *picture)
{
    const struct tiff_kind *kind = &picture->kind;
    tmsize_t size = TIFFScanlineSize(picture->tiff);
    enum vt_error err = new_planes(picture, 1, size);

    if (err == VT_OK && (uint64_t)size < tiff_samples_row_bytes(kind, kind->width))
        err = VT_ERR_INVALID_IMAGE;
    for (uint32_t y = 0; err == VT_OK && y < kind->height; y++) {
        if ((y % 16 == 0 && is_late(picture)) ||
            TIFFReadScanline(picture->tiff, picture->planes[0], y, 0) < 0) {
            err = VT_ERR_INVALID_IMAGE;
        } else {
            tiff_samples_convert(picture->samples, picture->planes, 0, kind->width,
                                 reducer_row(picture->reducer));
            reducer_take(picture->reducer);
        }
    }
    return err;
}

/* Strips of one channel each. */
static enum vt_error read_separate_strips(struct picture *picture)
{
    const struct tiff_kind *kind = &picture->kind;
    tmsize_t size = TIFFStripSize(picture->tiff);
    uint32_t rows = 0, strips;
    enum vt_error err;

    (void)TIFFGetFieldDefaulted(picture->tiff, TIFFTAG_ROWSPERSTRIP, &rows);
    rows = least(rows, kind->height);
    if (rows == 0)
        return VT_ERR_INVALID_IMAGE;
    strips = (kind->height - 1) / rows + 1;
    err = new_planes(picture, kind->used, size);
    if (err == VT_OK && (uint64_t)size < tiff_samples_row_bytes(kind, kind->width) * rows)
        err = VT_ERR_INVALID_IMAGE;
    for (uint32_t strip = 0; err == VT_OK && strip < strips; strip++) {
        for (unsigned i = 0; err == VT_OK && i < kind->used; i++)
            if (is_late(picture) ||
                TIFFReadEncodedStrip(picture->tiff, strip + strips * kind->channel[i],
                                     picture->planes[i], size) < 0)
                err = VT_ERR_INVALID_IMAGE;
        for (uint32_t y = 0; err == VT_OK && y < least(rows, kind->height - strip * rows); y++) {
            tiff_samples_convert(picture->samples, picture->planes,
                                 tiff_samples_row_bytes(kind, kind->width) * y, kind->width,
                                 reducer_row(picture->reducer));
            reducer_take(picture->reducer);
        }
    }
    return err;
}

/* Reads the tile at x, y, and its part of the band. */
static enum vt_error read_tile(struct picture *picture, uint32_t x, uint32_t y, uint32_t width,
                               uint32_t height)
{
    const struct tiff_kind *kind = &picture->kind;
    unsigned planes = kind->is_separate ? kind->used : 1;

    for (unsigned i = 0; i < planes; i++)
        if (is_late(picture) || TIFFReadTile(picture->tiff, picture->planes[i], x, y, 0,
                                             kind->is_separate ? kind->channel[i] : 0) < 0)
            return VT_ERR_INVALID_IMAGE;
    for (uint32_t row = 0; row < least(height, kind->height - y); row++)
        tiff_samples_convert(picture->samples, picture->planes,
                             tiff_samples_row_bytes(kind, width) * row,
                             least(width, kind->width - x),
                             picture->band + ((size_t)row * kind->width + x) * RASTER_PIXEL);
    return VT_OK;
}

static bool get_tile_size(const struct picture *picture, uint32_t *width, uint32_t *height)
{
    return TIFFGetField(picture->tiff, TIFFTAG_TILEWIDTH, width) == 1 &&
           TIFFGetField(picture->tiff, TIFFTAG_TILELENGTH, height) == 1 && *width > 0 &&
           *height > 0;
}

static enum vt_error read_tiles(struct picture *picture)
{
    const struct tiff_kind *kind = &picture->kind;
    tmsize_t size = TIFFTileSize(picture->tiff);
    uint32_t width, height;
    uint64_t needed;
    enum vt_error err;

    if (!get_tile_size(picture, &width, &height) ||
        __builtin_mul_overflow(tiff_samples_row_bytes(kind, width), height, &needed) ||
        (uint64_t)size < needed)
        return VT_ERR_INVALID_IMAGE;
    err = new_planes(picture, kind->is_separate ? kind->used : 1, size);
    if (err == VT_OK)
        err = new_band(picture, least(height, kind->height));
    for (uint32_t y = 0; err == VT_OK && y < kind->height; y += least(height, kind->height - y)) {
        for (uint32_t x = 0; err == VT_OK && x < kind->width; x += least(width, kind->width - x))
            err = read_tile(picture, x, y, width, height);
        if (err == VT_OK)
            take_rows(picture, least(height, kind->height - y));
    }
    return err;
}

/* Converts by libtiff, a strip or row of tiles at a time. Its pixels are words, red in the lowest
 * byte. */
static enum vt_error read_bands(struct picture *picture)
{
    const struct tiff_kind *kind = &picture->kind;
    TIFFRGBAImage image;
    char text[1024] = "";
    uint32_t width, rows = 0;
    enum vt_error err = VT_OK;

    if (TIFFIsTiled(picture->tiff)
            ? !get_tile_size(picture, &width, &rows)
            : !TIFFGetFieldDefaulted(picture->tiff, TIFFTAG_ROWSPERSTRIP, &rows))
        return VT_ERR_INVALID_IMAGE;
    rows = least(rows, kind->height);
    if (rows == 0)
        return VT_ERR_INVALID_IMAGE;
    if (!TIFFRGBAImageBegin(&image, picture->tiff, 1, text)) {
        log_info("image: libtiff: %s", text);
        return VT_ERR_INVALID_IMAGE;
    }
    /* The rows as they are stored: they are turned later. */
    image.orientation = image.req_orientation = ORIENTATION_TOPLEFT;
    err = new_band(picture, rows);
    for (uint32_t y = 0; err == VT_OK && y < kind->height; y += least(rows, kind->height - y)) {
        uint32_t count = least(rows, kind->height - y);

        image.row_offset = (int)y;
        image.col_offset = 0;
        if (is_late(picture) ||
            !TIFFRGBAImageGet(&image, (uint32_t *)(void *)picture->band, kind->width, count)) {
            err = VT_ERR_INVALID_IMAGE;
        } else {
            for (size_t i = 0; i < (size_t)count * kind->width; i++) {
                uint32_t pixel;

                memcpy(&pixel, picture->band + i * RASTER_PIXEL, sizeof pixel);
                picture->band[i * RASTER_PIXEL] = TIFFGetR(pixel);
                picture->band[i * RASTER_PIXEL + 1] = TIFFGetG(pixel);
                picture->band[i * RASTER_PIXEL + 2] = TIFFGetB(pixel);
                picture->band[i * RASTER_PIXEL + 3] = 255;
            }
            take_rows(picture, count);
        }
    }
    TIFFRGBAImageEnd(&image);
    return err;
}

static enum vt_error read_rows(struct picture *picture, struct decoded *decoded)
{
    uint32_t width, height;
    enum vt_error err;

    raster_reduced_size(decoded->width, decoded->height, picture->file->source->detail, &width,
                        &height);
    err = reducer_new(decoded->width, decoded->height, width, height, picture->kind.has_alpha,
                      &picture->reducer);
    if (err != VT_OK)
        return err;
    picture->file->is_decoding = true;
    if (picture->samples == NULL)
        err = read_bands(picture);
    else if (TIFFIsTiled(picture->tiff))
        err = read_tiles(picture);
    else if (picture->kind.is_separate)
        err = read_separate_strips(picture);
    else
        err = read_scanlines(picture);
    if (err == VT_OK && (picture->file->is_damaged || is_late(picture)))
        err = VT_ERR_INVALID_IMAGE;
    if (err == VT_OK)
        err = reducer_finish(picture->reducer, &decoded->raster);
    return err;
}

/* ---- the picture ---- */

static void read_metadata(const struct picture *picture, const void **profile, uint32_t *len,
                          struct decoded *decoded)
{
    uint16_t orientation = 1;

    *profile = NULL;
    *len = 0;
    if (TIFFGetFieldDefaulted(picture->tiff, TIFFTAG_ORIENTATION, &orientation) == 1 &&
        orientation >= 1 && orientation <= 8)
        decoded->orientation = orientation;
    if (TIFFGetField(picture->tiff, TIFFTAG_ICCPROFILE, len, profile) != 1)
        *profile = NULL;
}

/* Goes to the first page that is not a reduced version of another one: some programs begin with a
 * preview. If all pages are, it stays at the first one. */
static enum vt_error find_page(const struct picture *picture)
{
    uint32_t pages = picture->file->source->header->frames;

    for (uint32_t page = 0; page < pages; page++) {
        uint32_t kind = 0;

        if (page > 0 && !TIFFReadDirectory(picture->tiff))
            break;
        (void)TIFFGetFieldDefaulted(picture->tiff, TIFFTAG_SUBFILETYPE, &kind);
        if ((kind & FILETYPE_REDUCEDIMAGE) == 0)
            return VT_OK;
    }
    return TIFFSetDirectory(picture->tiff, 0) ? VT_OK : VT_ERR_INVALID_IMAGE;
}

static enum vt_error decode(struct picture *picture, struct decoded *decoded, struct vt_reason *why)
{
    const struct image_header *header = picture->file->source->header;
    struct tiff_kind *kind = &picture->kind;
    const void *profile;
    uint32_t len;
    enum vt_error err = tiff_file_open(picture->file, &picture->tiff);

    if (err == VT_OK)
        err = find_page(picture);
    if (err == VT_OK)
        err = tiff_samples_kind(picture->tiff, kind, why);
    if (err != VT_OK)
        return err;
    decoded->width = kind->width;
    decoded->height = kind->height;
    /* The limits were checked against the header as image_header_read() read it. */
    if (kind->width > header->width || kind->height > header->height || kind->width == 0 ||
        kind->height == 0)
        return VT_ERR_INVALID_IMAGE;
    read_metadata(picture, &profile, &len, decoded);
    if (kind->model != TIFF_BY_LIBRARY)
        err = tiff_samples_new(picture->tiff, kind, profile, len, &picture->samples);
    if (err == VT_OK &&
        (kind->model == TIFF_RGB || kind->model == TIFF_PALETTE ||
         kind->model == TIFF_BY_LIBRARY) &&
        profile != NULL && !kind->is_device_independent) {
        err = image_decode_keep_profile(decoded, profile, len);
    }
    return err == VT_OK ? read_rows(picture, decoded) : err;
}

static enum vt_error tiff_decode(const struct image_source *source, struct decoded *decoded,
                                 struct vt_reason *why)
{
    struct tiff_file file = {.source = source};
    struct picture picture = {.file = &file};
    struct vt_reason kind = {""};
    enum vt_error err;

    *decoded = (struct decoded){.raster = RASTER_INIT, .orientation = 1};
    err = decode(&picture, decoded, &kind);
    if (err == VT_ERR_INVALID_IMAGE && file.has_no_memory && !file.is_too_large)
        err = VT_ERR_MEMORY;
    if (err == VT_ERR_INVALID_IMAGE)
        err = kind.text[0] != '\0' ? vt_fail(why, err, "%s", kind.text)
                                   : image_decode_corrupt(source, why);
    tiff_samples_free(picture.samples);
    reducer_free(picture.reducer);
    for (unsigned i = 0; i < TIFF_PLANES; i++)
        free(picture.planes[i]);
    free(picture.band);
    if (picture.tiff != NULL)
        TIFFClose(picture.tiff);
    return err;
}

const struct image_tiff image_tiff = {
    .module = IMAGE_MODULE("image_tiff.so"),
    .decode = tiff_decode,
};
