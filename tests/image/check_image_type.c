#include "image/image_type.h"

#include <string.h>

#include "../support/support.h"

static const struct {
    const char *media, *extension, *coder;
} types[IMAGE_TYPE_COUNT] = {
    [IMAGE_JPEG] = {"image/jpeg", "jpg", "JPEG"},  [IMAGE_PNG] = {"image/png", "png", "PNG"},
    [IMAGE_GIF] = {"image/gif", "gif", "GIF"},     [IMAGE_WEBP] = {"image/webp", "webp", "WEBP"},
    [IMAGE_AVIF] = {"image/avif", "avif", "AVIF"}, [IMAGE_HEIC] = {"image/heic", "heic", "HEIC"},
    [IMAGE_TIFF] = {"image/tiff", "tiff", "TIFF"}, [IMAGE_JXL] = {"image/jxl", "jxl", "JXL"},
};

START_TEST(a_type_has_media_type_extension_and_coder)
{
    enum image_type type = (enum image_type)_i;

    ck_assert_str_eq(image_type_media(type), types[_i].media);
    ck_assert_str_eq(image_type_extension(type), types[_i].extension);
    ck_assert_str_eq(image_type_coder(type), types[_i].coder);
}
END_TEST

START_TEST(type_is_found_by_the_extension_it_has)
{
    enum image_type type = IMAGE_TYPE_COUNT;

    ck_assert(image_type_from_extension(image_type_extension((enum image_type)_i), &type));
    ck_assert_int_eq(type, _i);
}
END_TEST

static const char *const others[] = {"",     "jpeg", "JPG", ".jpg", "jpg ",     "jp",
                                     "jpgx", "tif",  "svg", "bmp",  "image/png"};

START_TEST(type_is_not_found_by_another_extension)
{
    enum image_type type = IMAGE_TYPE_COUNT;

    ck_assert(!image_type_from_extension(others[_i], &type));
    ck_assert_int_eq(type, IMAGE_TYPE_COUNT);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_type");
    TCase *tcase = tcase_create("types");

    tcase_add_loop_test(tcase, a_type_has_media_type_extension_and_coder, 0, IMAGE_TYPE_COUNT);
    tcase_add_loop_test(tcase, type_is_found_by_the_extension_it_has, 0, IMAGE_TYPE_COUNT);
    tcase_add_loop_test(tcase, type_is_not_found_by_another_extension, 0,
                        (int)(sizeof others / sizeof others[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}
