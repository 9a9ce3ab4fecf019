#include "image/raster.h"

#include <stdlib.h>
#include <string.h>

#define TINY 64    /* pixels */
#define SMALL 1280 /* pixels */
#define PALETTE 256
#define GRAYS 16 /* of a drawing; a photograph has more, but never more than a palette */
#define TINT 8   /* of 255, by which gray may be off after its profile has been applied */
#define COLOR_BITS 10
#define COLOR_SLOTS (1U << COLOR_BITS)

enum vt_error raster_new(uint32_t width, uint32_t height, struct raster *raster)
{
    size_t row;

    *raster = RASTER_INIT;
    if (__builtin_mul_overflow((size_t)width, RASTER_PIXEL, &row))
        return VT_ERR_MEMORY;
    raster->pixels = reallocarray(NULL, height, row);
    if (raster->pixels == NULL)
        return VT_ERR_MEMORY;
    raster->width = width;
    raster->height = height;
    return VT_OK;
}

/* detail * part / whole, rounded, at least 1. */
static uint32_t scale(unsigned detail, uint32_t part, uint32_t whole)
{
    uint64_t scaled = ((uint64_t)detail * part * 2 + whole) / (2 * (uint64_t)whole);

    return scaled == 0 ? 1 : (uint32_t)scaled;
}

void raster_reduced_size(uint32_t width, uint32_t height, unsigned detail, uint32_t *reduced_width,
                         uint32_t *reduced_height)
{
    uint32_t longer = width > height ? width : height;

    *reduced_width = longer > detail ? scale(detail, width, longer) : width;
    *reduced_height = longer > detail ? scale(detail, height, longer) : height;
}

enum vt_error raster_turn(struct raster *raster, unsigned orientation)
{
    /* From 5 on, rows and columns are swapped. Mirroring is relative to the upright picture. */
    bool transposed = orientation >= 5;
    bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    uint32_t width = raster->width, height = raster->height;
    struct raster turned;
    enum vt_error err;

    if (orientation <= 1 || orientation > 8)
        return VT_OK;
    err = raster_new(transposed ? height : width, transposed ? width : height, &turned);
    if (err != VT_OK)
        return err;
    for (uint32_t y = 0; y < turned.height; y++) {
        uint8_t *to = turned.pixels + (size_t)y * turned.width * RASTER_PIXEL;

        for (uint32_t x = 0; x < turned.width; x++, to += RASTER_PIXEL) {
            uint32_t column = transposed ? y : x, row = transposed ? x : y;

            column = from_right ? width - 1 - column : column;
            row = from_below ? height - 1 - row : row;
            memcpy(to, raster->pixels + ((size_t)row * width + column) * RASTER_PIXEL,
                   RASTER_PIXEL);
        }
    }
    raster_free(raster);
    *raster = turned;
    return VT_OK;
}

bool raster_has_alpha(const struct raster *raster)
{
    size_t bytes = (size_t)raster->width * raster->height * RASTER_PIXEL;

    for (size_t i = RASTER_PIXEL - 1; i < bytes; i += RASTER_PIXEL)
        if (raster->pixels[i] != 255)
            return true;
    return false;
}

/* Adds a pixel to a set, which never gets full. Returns 1 if it is new there, else 0. */
static unsigned add_color(uint32_t set[COLOR_SLOTS], bool taken[COLOR_SLOTS], uint32_t color)
{
    size_t at = (color * UINT32_C(2654435761)) >> (32 - COLOR_BITS);

    while (taken[at] && set[at] != color)
        at = (at + 1) % COLOR_SLOTS;
    if (taken[at])
        return 0;
    taken[at] = true;
    set[at] = color;
    return 1;
}

static bool has_color(const uint8_t pixel[RASTER_PIXEL])
{
    uint8_t least = pixel[0], most = pixel[0];

    for (int i = 1; i < 3; i++) {
        least = pixel[i] < least ? pixel[i] : least;
        most = pixel[i] > most ? pixel[i] : most;
    }
    return most - least > TINT;
}

bool raster_is_flat(const struct raster *raster)
{
    size_t pixels = (size_t)raster->width * raster->height;
    uint32_t set[COLOR_SLOTS], color, last = 0;
    bool taken[COLOR_SLOTS] = {false}, gray = true;
    unsigned colors = 0;

    if (raster->width <= TINY && raster->height <= TINY)
        return true;
    if (raster->width > SMALL || raster->height > SMALL)
        return false;
    for (size_t i = 0; i < pixels; i++) {
        memcpy(&color, raster->pixels + i * RASTER_PIXEL, sizeof color);
        if (i > 0 && color == last)
            continue;
        last = color;
        gray = gray && !has_color(raster->pixels + i * RASTER_PIXEL);
        colors += add_color(set, taken, color);
        if (colors > PALETTE)
            return false;
    }
    return !gray || colors <= GRAYS;
}

void raster_free(struct raster *raster)
{
    free(raster->pixels);
    *raster = RASTER_INIT;
}
