/* Pictures in memory: the eight orientations, alpha, and freeing. */
#include "image/raster.h"

#include <string.h>

#include "../support/support.h"

/* Each pixel by a letter, in all four bytes. */
static struct raster picture_of(uint32_t width, uint32_t height, const char *letters)
{
    struct raster raster;

    ck_assert_int_eq(raster_new(width, height, &raster), VT_OK);
    ck_assert_uint_eq(raster.width, width);
    ck_assert_uint_eq(raster.height, height);
    for (size_t i = 0; i < (size_t)width * height; i++)
        memset(raster.pixels + i * RASTER_PIXEL, letters[i], RASTER_PIXEL);
    return raster;
}

static void check_letters(const struct raster *raster, uint32_t width, uint32_t height,
                          const char *letters)
{
    ck_assert_uint_eq(raster->width, width);
    ck_assert_uint_eq(raster->height, height);
    for (size_t i = 0; i < strlen(letters) * RASTER_PIXEL; i++)
        ck_assert_msg(raster->pixels[i] == letters[i / RASTER_PIXEL], "byte %zu is %c, not of %s",
                      i, raster->pixels[i], letters);
}

/* CIPA DC-008, 4.6.5 A: where row 0 and column 0 of what is stored are in the upright picture. */
static const struct {
    unsigned orientation;
    uint32_t width, height;
    const char *letters; /* of abc above def, upright */
} turns[] = {
    {1, 3, 2, "abcdef"}, /* top, left */
    {2, 3, 2, "cbafed"}, /* top, right */
    {3, 3, 2, "fedcba"}, /* bottom, right */
    {4, 3, 2, "defabc"}, /* bottom, left */
    {5, 2, 3, "adbecf"}, /* left, top */
    {6, 2, 3, "daebfc"}, /* right, top */
    {7, 2, 3, "fcebda"}, /* right, bottom */
    {8, 2, 3, "cfbead"}, /* left, bottom */
    {0, 3, 2, "abcdef"}, /* none */
    {9, 3, 2, "abcdef"}, {~0u, 3, 2, "abcdef"},
};

START_TEST(each_orientation_is_turned_upright)
{
    struct raster raster = picture_of(3, 2, "abcdef");

    ck_assert_int_eq(raster_turn(&raster, turns[_i].orientation), VT_OK);
    check_letters(&raster, turns[_i].width, turns[_i].height, turns[_i].letters);
    raster_free(&raster);
}
END_TEST

/* What the other way undoes: 6 and 8 are each other's, all else its own. */
START_TEST(a_turn_and_its_counterpart_change_nothing)
{
    static const unsigned counterparts[] = {0, 1, 2, 3, 4, 5, 8, 7, 6};
    struct raster raster = picture_of(5, 1, "abcde");

    ck_assert_int_eq(raster_turn(&raster, (unsigned)_i), VT_OK);
    ck_assert_int_eq(raster_turn(&raster, counterparts[_i]), VT_OK);
    check_letters(&raster, 5, 1, "abcde");
    raster_free(&raster);
}
END_TEST

START_TEST(alpha_is_seen_wherever_it_is)
{
    struct raster raster = picture_of(3, 2, "\xff\xff\xff\xff\xff\xff");

    ck_assert(!raster_has_alpha(&raster));
    memset(raster.pixels, 0, 3); /* colours are none of it */
    ck_assert(!raster_has_alpha(&raster));
    for (size_t i = 0; i < 6; i++) {
        raster.pixels[i * RASTER_PIXEL + 3] = 254;
        ck_assert(raster_has_alpha(&raster));
        raster.pixels[i * RASTER_PIXEL + 3] = 255;
    }
    ck_assert(!raster_has_alpha(&raster));
    raster_free(&raster);
}
END_TEST

START_TEST(an_empty_picture_may_be_freed)
{
    struct raster raster = RASTER_INIT;

    ck_assert(!raster_has_alpha(&raster));
    raster_free(&raster);
    raster = picture_of(1, 1, "a");
    raster_free(&raster);
    ck_assert_ptr_null(raster.pixels);
    ck_assert_uint_eq(raster.width, 0);
    ck_assert_uint_eq(raster.height, 0);
    raster_free(&raster);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("raster");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, each_orientation_is_turned_upright, 0,
                        (int)(sizeof turns / sizeof turns[0]));
    tcase_add_loop_test(all, a_turn_and_its_counterpart_change_nothing, 1, 9);
    tcase_add_test(all, alpha_is_seen_wherever_it_is);
    tcase_add_test(all, an_empty_picture_may_be_freed);
    suite_add_tcase(suite, all);
    return suite;
}
