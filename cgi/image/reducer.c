#include "image/reducer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOBES 3
#define MOST_IN_BOX 256 /* rows; the sum of as many values of 255 fits into 16 bits */

/* Vector types of GCC and Clang, which work on any machine: one pixel, or sixteen samples. */
typedef float pixel_f __attribute__((vector_size(16)));
typedef uint8_t pixel_b __attribute__((vector_size(4)));
typedef int32_t pixel_i __attribute__((vector_size(16)));
typedef uint8_t bytes_16 __attribute__((vector_size(16)));
typedef uint16_t words_16 __attribute__((vector_size(32)));

/* A filter in one dimension: which source pixels make each result, and with which weights. */
struct filter {
    uint32_t taps;   /* for each result */
    uint32_t *first; /* for each result; first + taps is never beyond the source */
    float *weights;  /* taps weights for each result, which add up to 1 */
};

struct reducer {
    uint32_t from_width, from_height;
    bool alpha;
    uint32_t box_width, box_height; /* source pixels that are averaged into one */
    uint32_t rows_taken, rows_in_box;
    uint8_t *row;        /* the row that comes in */
    uint16_t *sums;      /* the sums of the rows in the box; as long as a row */
    uint32_t width;      /* of the picture that the boxes make and the filters read */
    uint32_t rows_boxed; /* so far */
    pixel_f *ring;       /* the last down.taps rows of that picture */
    float *ring_weights; /* the weights of the ring's rows for one result */
    pixel_f *line;       /* one row, filtered vertically, but not yet horizontally */
    struct filter down, across;
    uint32_t rows_made;
    struct raster raster;
};

static double lanczos(double x)
{
    double turn = M_PI * x;

    if (fabs(x) < 1e-9)
        return 1;
    return fabs(x) >= LOBES ? 0 : LOBES * sin(turn) * sin(turn / LOBES) / (turn * turn);
}

/* The weight of the box at `at`. There are `boxes` in all, and the last one may be a fraction. */
static double weight(double at, double boxes, double centre, double scale)
{
    double end = fmin(at + 1, boxes);

    return lanczos(((at + end - 1) / 2 - centre) / scale) * (end - at);
}

static void set_weights(const struct filter *filter, uint32_t result, double scale, double boxes)
{
    double centre = (result + 0.5) * scale - 0.5, sum = 0;
    float *weights = filter->weights + (size_t)result * filter->taps;
    double first = ceil(centre - LOBES * scale);

    /* At the borders, the window is moved inwards; boxes beyond the filter's reach have a weight of
     * 0. */
    first = fmin(fmax(first, 0), ceil(boxes) - filter->taps);
    filter->first[result] = (uint32_t)first;
    for (uint32_t i = 0; i < filter->taps; i++)
        sum += weight(first + i, boxes, centre, scale);
    for (uint32_t i = 0; i < filter->taps; i++)
        weights[i] = (float)(weight(first + i, boxes, centre, scale) / sum);
}

static uint32_t count_boxes(uint32_t side, uint32_t box)
{
    return (side + box - 1) / box;
}

static enum vt_error filter_new(uint32_t side, uint32_t box, uint32_t to, struct filter *filter)
{
    uint32_t from = count_boxes(side, box);
    double boxes = (double)side / box, scale = boxes / to;
    double taps = from == to ? 1 : ceil(2 * LOBES * scale) + 1;

    filter->taps = taps < from ? (uint32_t)taps : from;
    filter->first = calloc(to, sizeof *filter->first);
    filter->weights = reallocarray(NULL, to, filter->taps * sizeof *filter->weights);
    if (filter->first == NULL || filter->weights == NULL)
        return VT_ERR_MEMORY;
    for (uint32_t i = 0; i < to; i++) {
        if (from == to) {
            filter->first[i] = i;
            filter->weights[i] = 1;
        } else {
            set_weights(filter, i, scale, boxes);
        }
    }
    return VT_OK;
}

static void filter_free(struct filter *filter)
{
    free(filter->first);
    free(filter->weights);
}

/* The number of source pixels to average into one so that at least twice the result is left. */
static uint32_t box(uint32_t from, uint32_t to)
{
    uint32_t side = from / to / 2;

    if (side > MOST_IN_BOX)
        return MOST_IN_BOX;
    return side == 0 ? 1 : side;
}

static void *rows_new(size_t count, size_t pixels, size_t pixel)
{
    size_t bytes;

    /* Rows are padded to a whole number of vectors, so that loops have no remainder. */
    if (__builtin_mul_overflow((pixels + 7) / 8 * 8, pixel, &bytes) ||
        __builtin_mul_overflow(bytes, count, &bytes))
        return NULL;
    return aligned_alloc(32, (bytes + 31) / 32 * 32);
}

static size_t padded(uint32_t pixels)
{
    return ((size_t)pixels + 7) / 8 * 8;
}

enum vt_error reducer_new(uint32_t from_width, uint32_t from_height, uint32_t width,
                          uint32_t height, bool alpha, struct reducer **reducer)
{
    struct reducer *self = calloc(1, sizeof *self);
    enum vt_error err;

    *reducer = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->from_width = from_width;
    self->from_height = from_height;
    self->alpha = alpha;
    self->box_width = box(from_width, width);
    self->box_height = box(from_height, height);
    self->width = count_boxes(from_width, self->box_width);
    err = filter_new(from_width, self->box_width, width, &self->across);
    if (err == VT_OK)
        err = filter_new(from_height, self->box_height, height, &self->down);
    if (err == VT_OK)
        err = raster_new(width, height, &self->raster);
    if (err == VT_OK) {
        self->row = rows_new(1, from_width, sizeof(pixel_b));
        self->sums = rows_new(1, from_width, sizeof(pixel_b) * sizeof *self->sums);
        self->ring = rows_new(self->down.taps, self->width, sizeof(pixel_f));
        self->line = rows_new(1, self->width, sizeof(pixel_f));
        self->ring_weights = calloc(self->down.taps, sizeof *self->ring_weights);
        if (self->row == NULL || self->sums == NULL || self->ring == NULL || self->line == NULL ||
            self->ring_weights == NULL)
            err = VT_ERR_MEMORY;
    }
    if (err != VT_OK) {
        reducer_free(self);
        return err;
    }
    memset(self->row, 0, padded(from_width) * sizeof(pixel_b));
    *reducer = self;
    return VT_OK;
}

uint8_t *reducer_row(struct reducer *reducer)
{
    return reducer->row;
}

/* Multiplies alpha into the colours, so that the colours of transparent pixels do not show. */
static void premultiply(uint8_t *row, uint32_t width)
{
    for (uint8_t *end = row + (size_t)width * RASTER_PIXEL; row < end; row += RASTER_PIXEL) {
        unsigned alpha = row[3];

        if (alpha != 255)
            for (int i = 0; i < 3; i++)
                row[i] = (uint8_t)((row[i] * alpha + 127) / 255);
    }
}

/* Adds the row's samples to the box's sums, or replaces these if it is the first row. */
static void add_row(struct reducer *reducer)
{
    size_t samples = padded(reducer->from_width) * RASTER_PIXEL;

    for (size_t i = 0; i < samples; i += 16) {
        bytes_16 bytes;
        words_16 sums, words;

        memcpy(&bytes, reducer->row + i, sizeof bytes);
        words = __builtin_convertvector(bytes, words_16);
        if (reducer->rows_in_box > 0) {
            memcpy(&sums, reducer->sums + i, sizeof sums);
            words += sums;
        }
        memcpy(reducer->sums + i, &words, sizeof words);
    }
    reducer->rows_in_box++;
}

/* Adds the box's sums horizontally and stores their averages as one row of the ring. */
static void close_boxes(struct reducer *reducer)
{
    pixel_f *to = reducer->ring + reducer->rows_boxed % reducer->down.taps * padded(reducer->width);
    const uint16_t *from = reducer->sums;
    uint32_t left = reducer->from_width;

    for (uint32_t x = 0; x < reducer->width; x++) {
        uint32_t count = left < reducer->box_width ? left : reducer->box_width;
        pixel_i sum = {0};
        float share = 1 / (float)(count * reducer->rows_in_box);

        for (uint32_t i = 0; i < count; i++, from += RASTER_PIXEL)
            sum += (pixel_i){from[0], from[1], from[2], from[3]};
        to[x] = __builtin_convertvector(sum, pixel_f) * share;
        left -= count;
    }
    reducer->rows_in_box = 0;
    reducer->rows_boxed++;
}

/* Stores a row in the ring without averaging. */
static void copy_row(struct reducer *reducer)
{
    pixel_f *to = reducer->ring + reducer->rows_boxed % reducer->down.taps * padded(reducer->width);
    const pixel_b *from = (const pixel_b *)(const void *)reducer->row;
    pixel_f *end = to + reducer->width;

    while (to < end)
        *to++ = __builtin_convertvector(__builtin_convertvector(*from++, pixel_i), pixel_f);
    reducer->rows_boxed++;
}

/* Filters four pixels at a time, so that their sums stay in registers. */
static void filter_down(struct reducer *reducer)
{
    const struct filter *down = &reducer->down;
    const float *weights = down->weights + (size_t)reducer->rows_made * down->taps;
    uint32_t first = down->first[reducer->rows_made] % down->taps;
    size_t stride = padded(reducer->width);

    for (uint32_t i = 0; i < down->taps; i++)
        reducer->ring_weights[(first + i) % down->taps] = weights[i];
    for (size_t x = 0; x < stride; x += 4) {
        const pixel_f *from = reducer->ring + x;
        pixel_f a = {0}, b = {0}, c = {0}, d = {0};

        for (uint32_t i = 0; i < down->taps; i++, from += stride) {
            float weight = reducer->ring_weights[i];

            a += from[0] * weight;
            b += from[1] * weight;
            c += from[2] * weight;
            d += from[3] * weight;
        }
        reducer->line[x] = a;
        reducer->line[x + 1] = b;
        reducer->line[x + 2] = c;
        reducer->line[x + 3] = d;
    }
}

static uint8_t sample(float value)
{
    return value <= 0 ? 0 : value >= 255 ? 255 : (uint8_t)(value + 0.5F);
}

static void put_pixel(uint8_t *to, pixel_f pixel)
{
    float alpha = pixel[3];

    /* The pixel is invisible, and dividing by its alpha would give no useful colour. */
    if (alpha < 0.5F)
        pixel = (pixel_f){0};
    else if (alpha < 254.5F)
        pixel *= 255 / alpha;
    for (int i = 0; i < 3; i++)
        to[i] = sample(pixel[i]);
    to[3] = sample(alpha);
}

static void filter_across(struct reducer *reducer)
{
    const struct filter *across = &reducer->across;
    const float *weights = across->weights;
    uint32_t width = reducer->raster.width;
    uint8_t *to = reducer->raster.pixels + (size_t)reducer->rows_made * width * RASTER_PIXEL;

    for (uint32_t x = 0; x < width; x++) {
        const pixel_f *from = reducer->line + across->first[x];
        pixel_f sum = {0};

        for (uint32_t i = 0; i < across->taps; i++)
            sum += from[i] * *weights++;
        put_pixel(to, sum);
        to += RASTER_PIXEL;
    }
}

void reducer_take(struct reducer *reducer)
{
    const struct filter *down = &reducer->down;

    if (reducer->rows_taken == reducer->from_height)
        return;
    reducer->rows_taken++;
    if (reducer->alpha)
        premultiply(reducer->row, reducer->from_width);
    if (reducer->box_width == 1 && reducer->box_height == 1) {
        copy_row(reducer);
    } else {
        add_row(reducer);
        if (reducer->rows_in_box < reducer->box_height &&
            reducer->rows_taken < reducer->from_height)
            return;
        close_boxes(reducer);
    }
    while (reducer->rows_made < reducer->raster.height &&
           down->first[reducer->rows_made] + down->taps <= reducer->rows_boxed) {
        filter_down(reducer);
        filter_across(reducer);
        reducer->rows_made++;
    }
}

enum vt_error reducer_finish(struct reducer *reducer, struct raster *raster)
{
    *raster = RASTER_INIT;
    if (reducer->rows_made < reducer->raster.height)
        return VT_ERR_INTERNAL;
    *raster = reducer->raster;
    reducer->raster = RASTER_INIT;
    return VT_OK;
}

void reducer_free(struct reducer *reducer)
{
    if (reducer == NULL)
        return;
    raster_free(&reducer->raster);
    filter_free(&reducer->down);
    filter_free(&reducer->across);
    free(reducer->row);
    free(reducer->sums);
    free(reducer->ring);
    free(reducer->ring_weights);
    free(reducer->line);
    free(reducer);
}

enum vt_error reducer_run(const struct raster *from, uint32_t width, uint32_t height, bool alpha,
                          struct raster *to)
{
    size_t row = (size_t)from->width * RASTER_PIXEL;
    struct reducer *reducer;
    enum vt_error err = reducer_new(from->width, from->height, width, height, alpha, &reducer);

    *to = RASTER_INIT;
    if (err != VT_OK)
        return err;
    for (uint32_t y = 0; y < from->height; y++) {
        memcpy(reducer_row(reducer), from->pixels + y * row, row);
        reducer_take(reducer);
    }
    err = reducer_finish(reducer, to);
    reducer_free(reducer);
    return err;
}
