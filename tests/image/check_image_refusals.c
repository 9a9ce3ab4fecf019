/* Files that are never accepted as a picture: cut, damaged and disguised ones, and every coder of
 * ImageMagick except GIF. */
#include <stdio.h>
#include <string.h>

#include "../support/engine.h"

/* Header, limits, decode: the way of every upload. */
static enum vt_error take(const void *data, size_t len)
{
    const struct image_limits limits = {100 * 1000 * 1000, 65535, 1000};
    struct image_header header;
    struct image *image = NULL;
    struct vt_reason why = {""};
    enum vt_error err = image_header_read(data, len, &header, &why);

    if (err == VT_OK)
        err = image_header_check(&header, &limits, &why);
    if (err == VT_OK)
        err = image_decode(support_engine, data, len, &header, 320, 30, &image, &why);
    ck_assert_int_eq(err == VT_OK, image != NULL);
    ck_assert_int_eq(err == VT_OK, why.text[0] == '\0');
    image_free(image);
    return err;
}

static const char *const coders[] = {"JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIC", "TIFF", "JXL"};

#define CODERS ((int)(sizeof coders / sizeof coders[0]))

static const unsigned parts[] = {10, 250, 500, 750, 900, 990}; /* of a thousand */

#define PARTS ((int)(sizeof parts / sizeof parts[0]))

/* The longest end marker, that of PNG, which may be missing. */
#define END 12

START_TEST(a_file_cut_off_is_refused)
{
    const struct picture picture = {.coder = coders[_i / PARTS], .width = 400, .height = 300};
    struct buf file;
    enum vt_error err;

    support_picture(&picture, &file);
    ck_assert_int_eq(take(file.data, file.len), VT_OK);
    err = take(file.data, (file.len - END) * parts[_i % PARTS] / 1000);
    ck_assert_msg(err == VT_ERR_INVALID_IMAGE || err == VT_ERR_UNSUPPORTED, "%s at %u: %s",
                  picture.coder, parts[_i % PARTS], vt_strerror(err));
    buf_free(&file);
}
END_TEST

/* So small that nothing is left to do to what was broken off, but to take it for the picture. */
START_TEST(what_comes_too_late_is_refused)
{
    const struct picture picture = {.coder = coders[_i], .width = 200, .height = 150};
    struct image_header header;
    struct image *image = NULL;
    struct vt_reason why = {""};
    struct buf file;

    support_picture(&picture, &file);
    ck_assert_int_eq(image_header_read(file.data, file.len, &header, &why), VT_OK);
    ck_assert_int_eq(
        image_decode(support_engine, file.data, file.len, &header, 320, 0, &image, &why),
        VT_ERR_INVALID_IMAGE);
    ck_assert_str_eq(why.text, "the image takes too long to decode");
    ck_assert_ptr_null(image);
    buf_free(&file);
}
END_TEST

START_TEST(a_jpeg_that_lost_its_middle_is_refused)
{
    const struct picture picture = {.coder = "JPEG", .width = 400, .height = 300};
    struct buf file;
    size_t cut;

    support_picture(&picture, &file);
    cut = file.len * parts[_i] / 1000;
    if (cut < 700) /* the tables and the header stay */
        cut = 700;
    memcpy(file.data + cut, "\xff\xd9", 2); /* it ends as it should */
    ck_assert_int_eq(take(file.data, cut + 2), VT_ERR_INVALID_IMAGE);
    buf_free(&file);
}
END_TEST

static void put_little32(char *at, size_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(value >> 8 * i & 255);
}

START_TEST(a_webp_that_lost_its_end_is_refused_though_its_sizes_fit)
{
    const struct picture picture = {.coder = "WEBP", .width = 400, .height = 300};
    struct buf file;
    size_t cut;

    support_picture(&picture, &file);
    ck_assert_mem_eq(file.data + 12, "VP8 ", 4);
    cut = file.len / 2 & ~(size_t)1;
    put_little32(file.data + 4, cut - 8);
    put_little32(file.data + 16, cut - 20);
    ck_assert_int_eq(take(file.data, cut), VT_ERR_INVALID_IMAGE);
    buf_free(&file);
}
END_TEST

#define DAMAGES 24 /* of each type */

START_TEST(damage_never_does_more_than_a_refusal)
{
    const struct picture picture = {.coder = coders[_i / DAMAGES], .width = 100, .height = 75};
    unsigned seed = (unsigned)_i % DAMAGES * 2654435761u + 1;
    struct buf file;
    enum vt_error err;

    support_picture(&picture, &file);
    for (unsigned i = 0; i < 1 + (unsigned)_i % DAMAGES; i++) {
        seed = seed * 1103515245u + 12345;
        file.data[16 + seed / 7 % (file.len - 16)] ^= (char)(1 + seed / 11 % 255);
    }
    err = take(file.data, file.len);
    ck_assert_msg(err == VT_OK || err == VT_ERR_INVALID_IMAGE || err == VT_ERR_IMAGE_LIMIT ||
                      err == VT_ERR_UNSUPPORTED,
                  "%s", vt_strerror(err));
    buf_free(&file);
}
END_TEST

START_TEST(a_damaged_png_is_found_by_its_checksum)
{
    const struct picture picture = {.coder = "PNG", .width = 400, .height = 300};
    struct buf file;
    char *data;

    support_picture(&picture, &file);
    data = memmem(file.data, file.len, "IDAT", 4);
    ck_assert_ptr_nonnull(data);
    data[40] ^= 1;
    ck_assert_int_eq(take(file.data, file.len), VT_ERR_INVALID_IMAGE);
    buf_free(&file);
}
END_TEST

/* ---- other kinds of files ---- */

static const struct {
    const char *coder, *text;
} strangers[] = {
    {"SVG",
     "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\">"
     "<rect width=\"9\" height=\"9\"/></svg>"},
    {"MVG", "push graphic-context\nviewbox 0 0 9 9\nfill red\nrectangle 0,0 9,9\n"
            "pop graphic-context\n"},
    {"MSL", "<?xml version=\"1.0\"?><image><read filename=\"/etc/passwd\"/></image>"},
    {"TEXT", "a text, and nothing but a text"},
    {"PS", "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n%%EOF\n"},
    {"PDF", "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"},
    {"PPM", "P3 1 1 255 255 0 0\n"},
    {"XPM", "/* XPM */\nstatic char *x[] = {\n\"1 1 1 1\",\n\"a c #ff0000\",\n\"a\"\n};\n"},
    {"XC", "red"},
    {"LABEL", "@/etc/passwd"},
    {"HTML", "<!doctype html><title>a page</title>"},
};

#define STRANGERS ((int)(sizeof strangers / sizeof strangers[0]))

START_TEST(other_kinds_are_refused_by_their_content)
{
    ck_assert_int_eq(take(strangers[_i].text, strlen(strangers[_i].text)), VT_ERR_UNSUPPORTED);
}
END_TEST

START_TEST(other_kinds_are_refused_under_any_type)
{
    const char *text = strangers[_i % STRANGERS].text;
    const struct image_header forged = {
        .type = (enum image_type)(_i / STRANGERS), .width = 64, .height = 48, .frames = 1};
    struct image *image;
    struct vt_reason why = {""};

    ck_assert_int_eq(
        image_decode(support_engine, text, strlen(text), &forged, 320, 30, &image, &why),
        VT_ERR_INVALID_IMAGE);
    ck_assert_ptr_null(image);
    ck_assert_str_ne(why.text, "");
}
END_TEST

START_TEST(a_type_is_read_by_its_own_coder_only)
{
    const struct picture picture = {.coder = coders[_i]};
    struct buf file;

    support_picture(&picture, &file);
    for (int type = 0; type < IMAGE_TYPE_COUNT; type++) {
        const struct image_header forged = {
            .type = (enum image_type)type, .width = 64, .height = 48, .frames = 1};
        bool heif = (type == IMAGE_AVIF || type == IMAGE_HEIC) &&
                    (_i == IMAGE_AVIF || _i == IMAGE_HEIC); /* one library reads both */
        struct image *image;

        if (type == _i || heif)
            continue;
        ck_assert_int_eq(
            image_decode(support_engine, file.data, file.len, &forged, 320, 30, &image, NULL),
            VT_ERR_INVALID_IMAGE);
        ck_assert_ptr_null(image);
    }
    buf_free(&file);
}
END_TEST

/* ImageMagick reads each of them without the policy. */
START_TEST(the_policy_lets_only_gif_be_read)
{
    const struct picture picture = {.coder = coders[_i]};
    struct buf file;

    support_picture(&picture, &file);
    ck_assert_int_eq(support_reads(coders[_i], file.data, file.len), _i == IMAGE_GIF);
    buf_free(&file);
}
END_TEST

START_TEST(the_policy_refuses_every_other_coder)
{
    ck_assert(!support_reads(strangers[_i].coder, strangers[_i].text, strlen(strangers[_i].text)));
}
END_TEST

/* What the test before shows is the policy's work: a library started without it does read these. */
START_TEST(without_the_policy_a_stranger_is_read)
{
    unsigned read = 0;

    for (int i = 0; i < STRANGERS; i++) {
        const char *coder = strangers[i].coder, *text = strangers[i].text;

        if (strcmp(coder, "PPM") == 0 || strcmp(coder, "XPM") == 0) {
            ck_assert(support_reads(coder, text, strlen(text)));
            read++;
        }
    }
    ck_assert_uint_eq(read, 2);
}
END_TEST

START_TEST(an_engine_without_its_policy_or_module_does_not_start)
{
    struct image_engine *engine;
    struct config config;

    support_config(support_folder(), &config);
    ck_assert_int_eq(image_engine_new(config.module_dir, support_folder(), 1000, &engine), VT_OK);
    ck_assert_int_eq(image_engine_prepare(engine, IMAGE_GIF), VT_ERR_UNAVAILABLE);
    image_engine_free(engine);
    ck_assert_int_eq(image_engine_new(support_folder(), config.policy_dir, 1000, &engine), VT_OK);
    ck_assert_int_eq(image_engine_prepare(engine, IMAGE_GIF), VT_ERR_UNAVAILABLE);
    ck_assert_int_eq(image_engine_prepare(engine, IMAGE_AVIF), VT_ERR_UNAVAILABLE);
    ck_assert_int_eq(image_engine_prepare(engine, IMAGE_JXL), VT_ERR_UNAVAILABLE);
    image_engine_free(engine);
}
END_TEST

START_TEST(a_picture_that_needs_too_much_memory_is_not_called_corrupt)
{
    const struct picture picture = {.coder = "GIF", .width = 400, .height = 300};
    struct image_header header;
    struct image *image;
    struct vt_reason why = {""};
    struct image_engine *engine;
    struct config config;
    struct buf file;

    support_config(support_folder(), &config);
    support_picture(&picture, &file);
    ck_assert_int_eq(image_engine_new(config.module_dir, config.policy_dir, 1000, &engine), VT_OK);
    ck_assert_int_eq(image_header_read(file.data, file.len, &header, &why), VT_OK);
    ck_assert_int_eq(image_decode(engine, file.data, file.len, &header, 320, 30, &image, &why),
                     VT_ERR_MEMORY);
    ck_assert_str_eq(why.text, "there is not enough memory to decode the image");
    buf_free(&file);
    image_engine_free(engine);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_refusals");
    TCase *broken = tcase_create("broken"), *others = tcase_create("others");
    TCase *bare = tcase_create("bare");

    tcase_add_loop_test(broken, a_file_cut_off_is_refused, 0, CODERS * PARTS);
    tcase_add_loop_test(broken, what_comes_too_late_is_refused, 0, CODERS);
    tcase_add_loop_test(broken, a_jpeg_that_lost_its_middle_is_refused, 0, PARTS);
    tcase_add_test(broken, a_webp_that_lost_its_end_is_refused_though_its_sizes_fit);
    tcase_add_loop_test(broken, damage_never_does_more_than_a_refusal, 0, CODERS * DAMAGES);
    tcase_add_test(broken, a_damaged_png_is_found_by_its_checksum);
    tcase_add_checked_fixture(broken, support_engine_start, support_engine_stop);
    suite_add_tcase(suite, broken);
    tcase_add_loop_test(others, other_kinds_are_refused_by_their_content, 0, STRANGERS);
    tcase_add_loop_test(others, other_kinds_are_refused_under_any_type, 0,
                        IMAGE_TYPE_COUNT * STRANGERS);
    tcase_add_loop_test(others, a_type_is_read_by_its_own_coder_only, 0, CODERS);
    tcase_add_loop_test(others, the_policy_lets_only_gif_be_read, 0, CODERS);
    tcase_add_loop_test(others, the_policy_refuses_every_other_coder, 0, STRANGERS);
    tcase_add_checked_fixture(others, support_engine_start, support_engine_stop);
    suite_add_tcase(suite, others);
    tcase_add_test(bare, without_the_policy_a_stranger_is_read);
    tcase_add_test(bare, an_engine_without_its_policy_or_module_does_not_start);
    tcase_add_test(bare, a_picture_that_needs_too_much_memory_is_not_called_corrupt);
    suite_add_tcase(suite, bare);
    tcase_set_timeout(broken, 60);
    tcase_set_timeout(others, 60);
    tcase_set_timeout(bare, 60);
    return suite;
}
