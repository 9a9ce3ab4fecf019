/* Reducing pictures, compared with the test's own filter in double precision. */
#include "image/reducer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/support.h"

/* An assertion for each of many samples. Check writes a record for every ck_assert(), even one that
 * holds, which takes longer than what is looked at. */
#define ASSERT_EACH(condition, ...)                                                                \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg(__VA_ARGS__);                                                             \
    } while (0)

static struct raster new_raster(uint32_t width, uint32_t height)
{
    struct raster raster;

    SUPPORT_MUST(raster_new(width, height, &raster) == VT_OK);
    return raster;
}

static struct raster constant(uint32_t width, uint32_t height, const uint8_t pixel[4])
{
    struct raster raster = new_raster(width, height);

    for (size_t i = 0; i < (size_t)width * height; i++)
        memcpy(raster.pixels + i * RASTER_PIXEL, pixel, RASTER_PIXEL);
    return raster;
}

static struct raster noise(uint32_t width, uint32_t height, bool alpha)
{
    struct raster raster = new_raster(width, height);
    unsigned seed = width * 31 + height;

    for (size_t i = 0; i < (size_t)width * height * RASTER_PIXEL; i++) {
        seed = seed * 1103515245u + 12345;
        raster.pixels[i] = i % 4 == 3 && !alpha ? 255 : (uint8_t)(seed >> 16);
    }
    return raster;
}

/* Waves of some twelve pixels of a result of that size. */
static struct raster waves(const uint32_t size[4])
{
    struct raster raster = new_raster(size[0], size[1]);

    for (uint32_t y = 0; y < size[1]; y++) {
        for (uint32_t x = 0; x < size[0]; x++) {
            uint8_t *pixel = raster.pixels + ((size_t)y * size[0] + x) * RASTER_PIXEL;
            double across = (x + 0.5) / size[0], down = (y + 0.5) / size[1];

            pixel[0] = (uint8_t)lrint(127.5 + 120 * sin(size[2] / 2.0 * across + down));
            pixel[1] = (uint8_t)lrint(127.5 + 120 * sin(across - size[3] / 2.0 * down));
            pixel[2] = (uint8_t)lrint(255 * across);
            pixel[3] = 255;
        }
    }
    return raster;
}

static struct raster reduced(const struct raster *from, uint32_t width, uint32_t height, bool alpha)
{
    struct raster to;

    ck_assert_int_eq(reducer_run(from, width, height, alpha, &to), VT_OK);
    ck_assert_uint_eq(to.width, width);
    ck_assert_uint_eq(to.height, height);
    return to;
}

/* ---- the filter as a book has it ---- */

static double lanczos(double x)
{
    if (x == 0)
        return 1;
    return fabs(x) >= 3 ? 0 : 3 * sin(M_PI * x) * sin(M_PI * x / 3) / (M_PI * M_PI * x * x);
}

/* One dimension: `lines` lines of `from` samples, each `step` doubles after the last. */
static void filter_line(const double *in, uint32_t from, double *out, uint32_t to, size_t step)
{
    double scale = (double)from / to;

    for (uint32_t i = 0; i < to; i++) {
        double centre = (i + 0.5) * scale - 0.5, sum = 0, weights = 0;

        for (uint32_t j = 0; j < from; j++) {
            double weight = from == to ? i == j : lanczos((j - centre) / scale);

            weights += weight;
            sum += weight * in[j * step];
        }
        out[i * step] = sum / weights;
    }
}

/* The pixels in double precision, alpha multiplied in. The caller frees. */
static double *filtered(const struct raster *from, uint32_t width, uint32_t height)
{
    size_t row = (size_t)from->width * RASTER_PIXEL;
    double *full = malloc(row * from->height * sizeof *full);
    double *low = malloc(row * height * sizeof *low);
    double *small = malloc((size_t)width * height * RASTER_PIXEL * sizeof *small);

    SUPPORT_MUST(full != NULL && low != NULL && small != NULL);
    for (size_t i = 0; i < row * from->height; i++)
        full[i] = from->pixels[i] * (i % 4 == 3 ? 1 : from->pixels[i | 3] / 255.0);
    for (size_t i = 0; i < row; i++)
        filter_line(full + i, from->height, low + i, height, row);
    /* Across, a line's samples are a pixel apart, and both lines start with their row. */
    for (uint32_t y = 0; y < height; y++)
        for (size_t c = 0; c < RASTER_PIXEL; c++)
            filter_line(low + y * row + c, from->width,
                        small + (size_t)y * width * RASTER_PIXEL + c, width, RASTER_PIXEL);
    free(full);
    free(low);
    return small;
}

static double clipped(double value)
{
    return value < 0 ? 0 : value > 255 ? 255 : value;
}

/* ---- sizes ---- */

static const uint32_t sizes[][4] = {
    {1, 1, 1, 1},         {1, 7, 1, 1},         {7, 1, 1, 1},         {1, 1000, 1, 10},
    {1000, 1, 10, 1},     {2, 2, 1, 1},         {3, 2, 2, 1},         {13, 17, 13, 17},
    {13, 17, 12, 16},     {13, 17, 5, 3},       {31, 29, 7, 29},      {31, 29, 31, 7},
    {377, 283, 320, 240}, {752, 564, 320, 240}, {1920, 12, 320, 2},   {1921, 13, 320, 2},
    {4000, 250, 32, 2},   {4001, 251, 32, 2},   {65535, 3, 320, 1},   {3, 65535, 1, 320},
    {65535, 2, 65535, 1}, {65535, 2, 55538, 2}, {65535, 1, 1, 1},     {1, 65535, 1, 1},
    {9, 5000, 1, 7},      {5000, 9, 7, 1},      {639, 639, 320, 320}, {641, 641, 320, 320},
    {1279, 3, 320, 1},    {1281, 5, 320, 1},    {600, 600, 1, 1},     {1024, 1025, 2, 2},
};

#define SIZES ((int)(sizeof sizes / sizeof sizes[0]))

START_TEST(a_picture_of_one_colour_keeps_it)
{
    static const uint8_t pixels[][4] = {
        {255, 255, 255, 255}, {0, 0, 0, 255}, {1, 254, 127, 255}, {40, 90, 200, 255}};
    const uint32_t *size = sizes[_i];

    for (size_t i = 0; i < sizeof pixels / sizeof pixels[0]; i++) {
        struct raster from = constant(size[0], size[1], pixels[i]);

        for (int alpha = 0; alpha < 2; alpha++) {
            struct raster to = reduced(&from, size[2], size[3], alpha == 1);

            for (size_t at = 0; at < (size_t)size[2] * size[3]; at++)
                ASSERT_EACH(memcmp(to.pixels + at * RASTER_PIXEL, pixels[i], RASTER_PIXEL) == 0,
                            "pixel %zu", at);
            raster_free(&to);
        }
        raster_free(&from);
    }
}
END_TEST

START_TEST(the_same_size_is_the_same_picture)
{
    struct raster from = noise(61, 43, false), to = reduced(&from, 61, 43, false);

    ck_assert_mem_eq(to.pixels, from.pixels, (size_t)61 * 43 * RASTER_PIXEL);
    raster_free(&from);
    raster_free(&to);
}
END_TEST

START_TEST(missing_rows_are_a_fault)
{
    const uint32_t *size = sizes[_i];
    struct reducer *reducer;
    struct raster raster;

    ck_assert_int_eq(reducer_new(size[0], size[1], size[2], size[3], false, &reducer), VT_OK);
    for (uint32_t y = 0; y + 1 < size[1]; y++)
        reducer_take(reducer);
    ck_assert_int_eq(reducer_finish(reducer, &raster), VT_ERR_INTERNAL);
    ck_assert_ptr_null(raster.pixels);
    reducer_take(reducer);
    ck_assert_int_eq(reducer_finish(reducer, &raster), VT_OK);
    ck_assert_uint_eq(raster.width, size[2]);
    ck_assert_uint_eq(raster.height, size[3]);
    raster_free(&raster);
    reducer_free(reducer);
}
END_TEST

START_TEST(rows_beyond_the_last_are_ignored)
{
    const uint32_t *size = sizes[_i];
    struct raster from = noise(size[0], size[1], false), to;
    struct raster want = reduced(&from, size[2], size[3], false);
    size_t row = (size_t)size[0] * RASTER_PIXEL;
    struct reducer *reducer;

    ck_assert_int_eq(reducer_new(size[0], size[1], size[2], size[3], false, &reducer), VT_OK);
    for (uint32_t y = 0; y < size[1] + 40; y++) {
        if (y < size[1])
            memcpy(reducer_row(reducer), from.pixels + y * row, row);
        else
            memset(reducer_row(reducer), (int)y, row);
        reducer_take(reducer);
    }
    memset(reducer_row(reducer), 0x55, row); /* and what was not taken */
    ck_assert_int_eq(reducer_finish(reducer, &to), VT_OK);
    ck_assert_mem_eq(to.pixels, want.pixels, (size_t)size[2] * size[3] * RASTER_PIXEL);
    raster_free(&from);
    raster_free(&want);
    raster_free(&to);
    reducer_free(reducer);
}
END_TEST

START_TEST(nothing_may_be_freed)
{
    struct reducer *reducer;

    reducer_free(NULL);
    ck_assert_int_eq(reducer_new(10, 10, 5, 5, false, &reducer), VT_OK);
    reducer_free(reducer); /* half way */
}
END_TEST

/* ---- against the filter above ---- */

static const uint32_t near[][4] = {
    {64, 48, 63, 47}, {118, 59, 100, 50}, {130, 97, 100, 75}, {151, 113, 64, 48},
    {94, 75, 40, 32}, {120, 90, 60, 45},  {123, 101, 32, 26}, {127, 5, 32, 2},
    {3, 127, 1, 32},  {50, 40, 50, 11},   {50, 40, 13, 40},   {10, 10, 3, 3},
    {255, 17, 64, 5}, {2, 2, 1, 1},       {319, 1, 100, 1},   {7, 9, 6, 8},
};

#define NEAR ((int)(sizeof near / sizeof near[0]))

START_TEST(below_a_quarter_off_it_is_lanczos)
{
    const uint32_t *size = near[_i];
    struct raster from = noise(size[0], size[1], false);
    struct raster to = reduced(&from, size[2], size[3], false);
    double *want = filtered(&from, size[2], size[3]);

    for (size_t i = 0; i < (size_t)size[2] * size[3] * RASTER_PIXEL; i++)
        ASSERT_EACH(fabs(to.pixels[i] - clipped(want[i])) <= 0.51, "sample %zu: %u, wanted %f", i,
                    to.pixels[i], clipped(want[i]));
    free(want);
    raster_free(&from);
    raster_free(&to);
}
END_TEST

/* Colours are compared as they show, weighted by alpha: eight bits hold less of fainter ones. */
START_TEST(with_alpha_it_is_lanczos_of_what_shows)
{
    const uint32_t *size = near[_i];
    struct raster from = noise(size[0], size[1], true);
    struct raster to = reduced(&from, size[2], size[3], true);
    double *want = filtered(&from, size[2], size[3]);

    for (size_t i = 0; i < (size_t)size[2] * size[3] * RASTER_PIXEL; i++) {
        double alpha = clipped(want[i | 3]), shown, wanted;

        shown = i % 4 == 3 ? to.pixels[i] : to.pixels[i] * to.pixels[i | 3] / 255.0;
        wanted = i % 4 == 3 ? alpha : fmin(clipped(want[i]), alpha);
        ASSERT_EACH(fabs(shown - wanted) <= (i % 4 == 3 ? 0.51 : 2), "sample %zu: %f, wanted %f", i,
                    shown, wanted);
    }
    free(want);
    raster_free(&from);
    raster_free(&to);
}
END_TEST

/* Each pair at which boxes are averaged; odd ones leave a last box that is not full. */
static const uint32_t far[][4] = {
    {600, 400, 100, 67}, {640, 480, 160, 120}, {645, 483, 100, 75}, {999, 665, 100, 66},
    {1250, 125, 10, 1},  {1003, 7, 101, 1},    {7, 1003, 1, 101},   {1499, 1001, 64, 43},
};

START_TEST(a_far_reduction_stays_near_lanczos)
{
    const uint32_t *size = far[_i];
    struct raster from = waves(size);
    struct raster to = reduced(&from, size[2], size[3], false);
    double *want = filtered(&from, size[2], size[3]), squares = 0, psnr;
    size_t samples = (size_t)size[2] * size[3] * RASTER_PIXEL;

    for (size_t i = 0; i < samples; i++) {
        double off = to.pixels[i] - clipped(want[i]);

        squares += i % 4 == 3 ? 0 : off * off; /* alpha is never off, and would flatter */
    }
    psnr = 10 * log10(255.0 * 255.0 * (double)(samples / 4 * 3) / squares);
    ck_assert_msg(psnr >= 53, "%u x %u to %u x %u: %.1f dB", size[0], size[1], size[2], size[3],
                  psnr);
    free(want);
    raster_free(&from);
    raster_free(&to);
}
END_TEST

/* The finest pattern there is has no trace in a quarter of the size. */
START_TEST(a_checkerboard_becomes_grey)
{
    uint32_t factor = (uint32_t)_i;
    struct raster from = new_raster(40 * factor, 30 * factor), to;

    for (uint32_t y = 0; y < from.height; y++) {
        for (uint32_t x = 0; x < from.width; x++) {
            uint8_t *pixel = from.pixels + ((size_t)y * from.width + x) * RASTER_PIXEL;

            memset(pixel, (x + y) % 2 == 0 ? 255 : 0, 3);
            pixel[3] = 255;
        }
    }
    to = reduced(&from, 40, 30, false);
    for (size_t i = 0; i < (size_t)40 * 30; i++)
        ASSERT_EACH(abs(to.pixels[i * RASTER_PIXEL] - 127) <= 3, "factor %u: %u at %zu", factor,
                    to.pixels[i * RASTER_PIXEL], i);
    raster_free(&from);
    raster_free(&to);
}
END_TEST

/* ---- alpha ---- */

static const uint32_t faded[][4] = {{100, 60, 63, 40}, {100, 60, 40, 24}, {400, 240, 40, 24},
                                    {64, 48, 64, 48},  {1000, 10, 33, 1}, {65535, 2, 320, 1}};

START_TEST(what_is_transparent_does_not_bleed)
{
    const uint32_t *size = faded[_i];
    struct raster from = new_raster(size[0], size[1]), to;
    unsigned opaque = 0, clear = 0;

    for (size_t i = 0; i < (size_t)size[0] * size[1]; i++)
        memcpy(from.pixels + i * RASTER_PIXEL, /* red, and a green that nobody sees */
               i % size[0] < size[0] / 2 ? "\xff\0\0\xff" : "\0\xff\0\0", RASTER_PIXEL);
    to = reduced(&from, size[2], size[3], true);
    for (size_t i = 0; i < (size_t)size[2] * size[3]; i++) {
        const uint8_t *pixel = to.pixels + i * RASTER_PIXEL;

        ASSERT_EACH(pixel[0] == (pixel[3] == 0 ? 0 : 255) && pixel[1] == 0 && pixel[2] == 0,
                    "pixel %zu: %u %u %u", i, pixel[0], pixel[1], pixel[2]);
        opaque += pixel[3] == 255;
        clear += pixel[3] == 0;
    }
    ck_assert_uint_ge(opaque, size[2] * size[3] / 3);
    ck_assert_uint_ge(clear, size[2] * size[3] / 3);
    raster_free(&from);
    raster_free(&to);
}
END_TEST

/* Around it the filter leaves next to no alpha, by which nothing sound can be divided. */
START_TEST(a_lone_pixel_keeps_its_colour)
{
    static const uint32_t alone[][4] = {
        {30, 30, 15, 15}, {90, 90, 30, 30}, {45, 45, 15, 15}, {100, 100, 31, 31}, {9, 9, 3, 3}};
    const uint32_t *size = alone[_i];

    for (size_t at = 0; at < (size_t)size[0] * size[1]; at += size[0] == 9 ? 1 : 7) {
        struct raster from = constant(size[0], size[1], (const uint8_t[4]){0, 0, 0, 0}), to;

        memcpy(from.pixels + at * RASTER_PIXEL, "\x80\xff\0\xff", RASTER_PIXEL);
        to = reduced(&from, size[2], size[3], true);
        for (size_t i = 0; i < (size_t)size[2] * size[3]; i++) {
            const uint8_t *pixel = to.pixels + i * RASTER_PIXEL;

            ASSERT_EACH(abs(pixel[0] - (pixel[3] == 0 ? 0 : 0x80)) <= 1 &&
                            pixel[1] == (pixel[3] == 0 ? 0 : 255) && pixel[2] == 0,
                        "pixel %zu of %zu: %u %u %u", i, at, pixel[0], pixel[1], pixel[2]);
        }
        raster_free(&from);
        raster_free(&to);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("reducer");
    TCase *shapes = tcase_create("sizes"), *filter = tcase_create("filter");
    TCase *alpha = tcase_create("alpha");

    tcase_add_loop_test(shapes, a_picture_of_one_colour_keeps_it, 0, SIZES);
    tcase_add_test(shapes, the_same_size_is_the_same_picture);
    tcase_add_loop_test(shapes, missing_rows_are_a_fault, 0, SIZES);
    tcase_add_loop_test(shapes, rows_beyond_the_last_are_ignored, 0, SIZES);
    tcase_add_test(shapes, nothing_may_be_freed);
    tcase_add_loop_test(filter, below_a_quarter_off_it_is_lanczos, 0, NEAR);
    tcase_add_loop_test(filter, a_far_reduction_stays_near_lanczos, 0,
                        (int)(sizeof far / sizeof far[0]));
    tcase_add_loop_test(filter, a_checkerboard_becomes_grey, 4, 11);
    tcase_add_loop_test(alpha, with_alpha_it_is_lanczos_of_what_shows, 0, NEAR);
    tcase_add_loop_test(alpha, what_is_transparent_does_not_bleed, 0,
                        (int)(sizeof faded / sizeof faded[0]));
    tcase_add_loop_test(alpha, a_lone_pixel_keeps_its_colour, 0, 5);
    for (TCase *const *at = (TCase *const[]){shapes, filter, alpha, NULL}; *at != NULL; at++) {
        tcase_set_timeout(*at, 60);
        suite_add_tcase(suite, *at);
    }
    return suite;
}
