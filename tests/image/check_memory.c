#include "image/memory.h"

#include <string.h>
#include <sys/resource.h>

#include "../support/support.h"
#include "image/encode.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* A photograph of 24 megapixels, and what its decode takes by measurement, in MiB. */
static const struct {
    struct image_header header;
    uint64_t measured;
} photographs[] = {
    {{IMAGE_JPEG, 6000, 4000, 1, 8, 3, false, false, IMAGE_RAW_NONE, 0, 0}, 2},
    {{IMAGE_JPEG, 6000, 4000, 1, 8, 3, false, true, IMAGE_RAW_NONE, 0, 0}, 139},
    {{IMAGE_JPEG, 6000, 4000, 1, 8, 4, false, false, IMAGE_RAW_NONE, 0, 0}, 5},
    {{IMAGE_PNG, 6000, 4000, 1, 8, 3, false, false, IMAGE_RAW_NONE, 0, 0}, 2},
    {{IMAGE_JPEG, 6000, 4000, 1, 8, 4, false, true, IMAGE_RAW_NONE, 0, 0}, 180},
    {{IMAGE_PNG, 6000, 4000, 1, 8, 3, false, true, IMAGE_RAW_NONE, 0, 0}, 94},
    {{IMAGE_PNG, 6000, 4000, 1, 16, 3, false, true, IMAGE_RAW_NONE, 0, 0}, 96},
    {{IMAGE_PNG, 6000, 4000, 1, 8, 1, false, false, IMAGE_RAW_NONE, 0, 0}, 2},
    {{IMAGE_WEBP, 6000, 4000, 1, 8, 0, false, false, IMAGE_RAW_NONE, 0, 0}, 6},
    {{IMAGE_WEBP, 6000, 4000, 1, 8, 0, true, false, IMAGE_RAW_NONE, 0, 0}, 141},
    {{IMAGE_WEBP, 6000, 4000, 2, 8, 0, true, false, IMAGE_RAW_NONE, 0, 0}, 148},
    {{IMAGE_GIF, 6000, 4000, 1, 8, 0, true, false, IMAGE_RAW_NONE, 0, 0}, 319},
    {{IMAGE_TIFF, 6000, 4000, 1, 8, 3, false, false, IMAGE_RAW_NONE, 0, 0}, 162},
    {{IMAGE_TIFF, 6000, 4000, 1, 16, 3, false, false, IMAGE_RAW_NONE, 0, 0}, 231},
    {{IMAGE_TIFF, 6000, 4000, 1, 32, 3, false, false, IMAGE_RAW_NONE, 0, 0}, 368},
    {{IMAGE_AVIF, 6000, 3391, 1, 8, 0, false, false, IMAGE_RAW_NONE, 0, 0},
     258}, /* colours at full resolution */
    {{IMAGE_AVIF, 6000, 3391, 1, 8, 0, true, false, IMAGE_RAW_NONE, 0, 0}, 258},
    {{IMAGE_AVIF, 6000, 3391, 1, 12, 0, false, false, IMAGE_RAW_NONE, 0, 0}, 488},
    {{IMAGE_AVIF, 6000, 3391, 1, 12, 0, true, false, IMAGE_RAW_NONE, 0, 0}, 488},
    {{IMAGE_JXL, 6000, 4000, 1, 8, 3, false, false, IMAGE_RAW_NONE, 0, 0}, 678}, /* modular */
    {{IMAGE_JXL, 6000, 4000, 1, 8, 4, true, false, IMAGE_RAW_NONE, 0, 0}, 1092},
    {{IMAGE_JXL, 3000, 2000, 1, 8, 4, true, false, IMAGE_RAW_NONE, 0, 0}, 320},
    {{IMAGE_JXL, 3000, 2000, 1, 16, 3, false, true, IMAGE_RAW_NONE, 0, 0}, 243},
    {{IMAGE_JXL, 3000, 2000, 1, 8, 4, true, true, IMAGE_RAW_NONE, 0, 0}, 302},
};

#define PHOTOGRAPHS ((int)(sizeof photographs / sizeof photographs[0]))

START_TEST(no_photograph_takes_more_than_it_is_said_to)
{
    uint64_t said = image_memory(&photographs[_i].header, 640);

    ck_assert_uint_ge(said, photographs[_i].measured * MIB);
    /* Nor is it said to take much more: that would keep others waiting. */
    ck_assert_uint_le(said, photographs[_i].measured * MIB * 3 / 2 + 100 * MIB);
}
END_TEST

START_TEST(a_deep_avif_with_alpha_takes_3_gigabytes)
{
    const struct image_header header = {IMAGE_AVIF, 10000, 10000,          1, 12, 0,
                                        true,       false, IMAGE_RAW_NONE, 0, 0};

    ck_assert_uint_gt(image_memory(&header, 640), 3 * GIB);
}
END_TEST

START_TEST(a_thumbnail_in_full_takes_more)
{
    const struct image_header header = {IMAGE_HEIC, 8064,  6048,           1, 8, 0,
                                        false,      false, IMAGE_RAW_NONE, 0, 0};

    ck_assert_uint_ge(image_memory(&header, 8192),
                      image_memory(&header, 2048) + UINT64_C(12) * 8064 * 6048);
}
END_TEST

START_TEST(the_memory_of_the_largest_size_does_not_overflow)
{
    const struct image_header header = {IMAGE_AVIF, UINT32_MAX, UINT32_MAX,     1, 12, 0,
                                        true,       false,      IMAGE_RAW_NONE, 0, 0};

    ck_assert_uint_eq(image_memory(&header, 640), UINT64_MAX);
}
END_TEST

/* A thumbnail, and how many of its pixels in a hundred have a colour other than the one before. */
static const struct {
    unsigned size, colors, changes;
} thumbnails[] = {{1280, 256, 0},  {1280, 256, 40},   {1280, 256, 60},   {1280, 256, 100},
                  {1280, 17, 100}, {1280, 5000, 100}, {2048, 5000, 100}, {2048, 256, 40}};

#define THUMBNAILS ((int)(sizeof thumbnails / sizeof thumbnails[0]))

static void paint_noise(unsigned colors, unsigned changes, struct raster *raster)
{
    uint32_t seed = 1, color = 0;

    for (size_t i = 0; i < (size_t)raster->width * raster->height; i++) {
        seed = seed * 1103515245u + 12345;
        if ((seed >> 16) % 100 < changes) {
            seed = seed * 1103515245u + 12345;
            color = (seed >> 16) % colors;
        }
        raster->pixels[i * RASTER_PIXEL] = (uint8_t)(color * 7);
        raster->pixels[i * RASTER_PIXEL + 1] = (uint8_t)(color >> 8);
        raster->pixels[i * RASTER_PIXEL + 2] = (uint8_t)(color * 53);
        raster->pixels[i * RASTER_PIXEL + 3] = 255;
    }
}

static uint64_t most_memory(void)
{
    struct rusage usage;

    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return (uint64_t)usage.ru_maxrss << 10;
}

/* Of itself, Check runs each of these in a process of its own, whose memory begins anew. */
START_TEST(the_encoder_of_a_thumbnail_takes_no_more_than_a_decode_is_said_to)
{
    unsigned size = thumbnails[_i].size;
    const struct image_header header = {IMAGE_JPEG, size,  size,           1, 8, 3,
                                        false,      false, IMAGE_RAW_NONE, 0, 0};
    struct raster raster;
    struct buf out = BUF_INIT;
    uint64_t before;

    ck_assert_int_eq(raster_new(size, size, &raster), VT_OK);
    paint_noise(thumbnails[_i].colors, thumbnails[_i].changes, &raster);
    before = most_memory();
    ck_assert_int_eq(image_encode_webp(&raster, false, &out), VT_OK);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what is freed */
    ck_assert_uint_le(most_memory() - before + (uint64_t)size * size * RASTER_PIXEL,
                      image_memory(&header, size));
#endif
    (void)before;
    (void)header;
    raster_free(&raster);
    buf_free(&out);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_memory");
    TCase *cases = tcase_create("image_memory");

    tcase_add_loop_test(cases, no_photograph_takes_more_than_it_is_said_to, 0, PHOTOGRAPHS);
    tcase_add_test(cases, a_deep_avif_with_alpha_takes_3_gigabytes);
    tcase_add_test(cases, a_thumbnail_in_full_takes_more);
    tcase_add_test(cases, the_memory_of_the_largest_size_does_not_overflow);
    tcase_add_loop_test(cases, the_encoder_of_a_thumbnail_takes_no_more_than_a_decode_is_said_to, 0,
                        THUMBNAILS);
    tcase_set_timeout(cases, 60);
    suite_add_tcase(suite, cases);
    return suite;
}
