/* The results of decoding and of thumbnails. What is refused is in check_image_refusals.c. */
#include "image/image.h"

#include <stdlib.h>
#include <string.h>

#include "../support/engine.h"
#include "../support/profile.h"

static struct image *decoded(const struct buf *file, unsigned detail)
{
    struct image_header header;
    struct image *image;
    struct vt_reason why = {""};
    enum vt_error err = image_header_read(file->data, file->len, &header, &why);

    if (err == VT_OK)
        err =
            image_decode(support_engine, file->data, file->len, &header, detail, 30, &image, &why);
    ck_assert_msg(err == VT_OK, "%s: %s", vt_strerror(err), why.text);
    return image;
}

static struct image *decoded_picture(const struct picture *picture, unsigned detail)
{
    struct image *image;
    struct buf file;

    support_picture(picture, &file);
    image = decoded(&file, detail);
    buf_free(&file); /* the data is not kept */
    return image;
}

/* The thumbnail's pixels, and its bytes where they are asked for. */
static void shrink(struct image *image, unsigned size, bool alpha, struct pixels *pixels,
                   struct buf *bytes)
{
    struct buf out = BUF_INIT;

    ck_assert_int_eq(image_shrink(image, size), VT_OK);
    ck_assert_int_eq(image_encode(image, alpha ? IMAGE_WEBP : IMAGE_JPEG, alpha, &out), VT_OK);
    support_pixels(alpha ? "WEBP" : "JPEG", &out, pixels);
    if (bytes != NULL)
        *bytes = out;
    else
        buf_free(&out);
}

static void check_size(const struct image *image, uint32_t width, uint32_t height)
{
    uint32_t seen_width, seen_height;

    image_size(image, &seen_width, &seen_height);
    ck_assert_uint_eq(seen_width, width);
    ck_assert_uint_eq(seen_height, height);
}

/* Each quarter has its colour: the picture is upright and whole. */
static void check_quarters(const struct pixels *pixels, unsigned width, unsigned height)
{
    ck_assert_uint_eq(pixels->width, width);
    ck_assert_uint_eq(pixels->height, height);
    ck_assert(support_is_color(pixels, 2, 2, 0xff0000));
    ck_assert(support_is_color(pixels, width - 3, 2, 0x00ff00));
    ck_assert(support_is_color(pixels, 2, height * 3 / 4, 0x0000ff));
    ck_assert(support_is_color(pixels, width - 3, height * 3 / 4, 0xffffff));
}

/* Whether a text is somewhere in the bytes. */
static bool holds(const struct buf *bytes, const char *text)
{
    return memmem(bytes->data, bytes->len, text, strlen(text)) != NULL;
}

/* Puts a segment behind a JPEG's first marker: the name, its NUL included, and the data. */
static void add_segment(struct buf *jpeg, unsigned char marker, const char *name, size_t name_len,
                        const void *data, size_t len)
{
    size_t total = 2 + name_len + len;
    const unsigned char head[] = {0xff, marker, (unsigned char)(total >> 8), (unsigned char)total};
    struct buf out = BUF_INIT;

    buf_append(&out, jpeg->data, 2);
    buf_append(&out, head, sizeof head);
    buf_append(&out, name, name_len);
    buf_append(&out, data, len);
    buf_append(&out, jpeg->data + 2, jpeg->len - 2);
    ck_assert(buf_ok(&out));
    buf_free(jpeg);
    *jpeg = out;
}

START_TEST(the_type_is_the_callers_and_alpha_is_kept_where_it_says_so)
{
    const enum image_type type = _i == 0 ? IMAGE_JPEG : IMAGE_WEBP;
    struct image *image = decoded_picture(
        &(struct picture){.coder = "PNG", .width = 400, .height = 300, .alpha = true}, 400);
    struct buf out = BUF_INIT;
    struct pixels pixels;

    ck_assert_int_eq(image_shrink(image, 320), VT_OK);
    ck_assert_int_eq(image_encode(image, type, _i == 2, &out), VT_OK);
    if (type == IMAGE_WEBP)
        ck_assert_mem_eq(out.data + 8, "WEBP", 4);
    else
        ck_assert_mem_eq(out.data, "\xff\xd8\xff", 3);
    support_pixels(image_type_coder(type), &out, &pixels);
    ck_assert_uint_eq(pixels.width, 320);
    ck_assert_uint_eq(pixels.data[(size_t)4 * 310 + 3], _i == 2 ? 0 : 255);
    ck_assert(support_is_color(&pixels, 5, 5, 0xff0000));
    free(pixels.data);
    buf_free(&out);
    image_free(image);
}
END_TEST

/* The sampling factors of a JPEG's first component: 0x22 where colours have half the resolution. */
static unsigned sampling_of(const struct buf *jpeg)
{
    const unsigned char *data = (const unsigned char *)jpeg->data;

    for (size_t at = 2; at + 12 < jpeg->len; at += 2 + data[at + 2] * 256u + data[at + 3])
        if (data[at + 1] == 0xc0 || data[at + 1] == 0xc2)
            return data[at + 11];
    return 0;
}

START_TEST(colours_have_half_the_resolution_whatever_the_original_has)
{
    struct buf file, thumbnail;
    struct image *image;
    struct pixels pixels;

    /* Smaller pictures of so few colours keep all of their resolution. */
    support_picture(&(struct picture){.coder = "JPEG", .width = 1600, .height = 1200}, &file);
    ck_assert_uint_eq(sampling_of(&file), 0x11);
    image = decoded(&file, 1600);
    shrink(image, 1400, false, &pixels, &thumbnail);
    ck_assert_uint_eq(sampling_of(&thumbnail), 0x22);
    check_quarters(&pixels, 1400, 1050);
    free(pixels.data);
    buf_free(&thumbnail);
    buf_free(&file);
    image_free(image);
}
END_TEST

static const char *const coders[] = {"JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIC", "TIFF", "JXL"};

#define CODERS ((int)(sizeof coders / sizeof coders[0]))

START_TEST(every_type_becomes_a_jpeg_thumbnail)
{
    const struct picture picture = {.coder = coders[_i], .width = 400, .height = 300};
    struct image *image = decoded_picture(&picture, 320);
    struct pixels pixels;
    struct buf bytes;

    check_size(image, 400, 300);
    ck_assert(!image_has_alpha(image));
    shrink(image, 320, false, &pixels, &bytes);
    check_quarters(&pixels, 320, 240);
    ck_assert_mem_eq(bytes.data, "\xff\xd8\xff", 3);
    check_size(image, 400, 300); /* the file's, still */
    free(pixels.data);
    buf_free(&bytes);
    image_free(image);
}
END_TEST

/* ImageMagick 6 writes no transparency into AVIF and HEIC. */
START_TEST(transparency_is_found_and_kept_in_webp)
{
    static const char *const with_alpha[] = {"PNG", "GIF", "WEBP", "TIFF", "JXL"};
    const struct picture picture = {
        .coder = with_alpha[_i], .width = 400, .height = 300, .alpha = true};
    struct image *image = decoded_picture(&picture, 320);
    struct pixels pixels;
    struct buf bytes;

    ck_assert(image_has_alpha(image));
    shrink(image, 320, true, &pixels, &bytes);
    ck_assert_uint_eq(pixels.width, 320);
    ck_assert_uint_eq(pixels.height, 240);
    ck_assert_mem_eq(bytes.data + 8, "WEBP", 4);
    ck_assert(support_is_color(&pixels, 2, 2, 0xff0000));
    ck_assert_uint_eq(pixels.data[(size_t)4 * 317 + 3], 0);
    free(pixels.data);
    buf_free(&bytes);
    image_free(image);
}
END_TEST

START_TEST(every_orientation_comes_out_upright)
{
    const struct picture picture = {
        .coder = "JPEG", .width = 400, .height = 300, .orientation = (unsigned)_i};
    struct image *image = decoded_picture(&picture, 1280);
    struct pixels pixels;

    check_size(image, 400, 300);
    shrink(image, 320, false, &pixels, NULL);
    check_quarters(&pixels, 320, 240);
    free(pixels.data);
    image_free(image);
}
END_TEST

/* Puts a plain WebP file into the extended format, with an orientation behind its picture. RFC
 * 9649, 2.7. */
static void add_webp_orientation(struct buf *webp, unsigned width, unsigned height,
                                 unsigned orientation)
{
    char head[] = "VP8X\x0a\0\0\0\x08\0\0\0www"
                  "hhh";
    char exif[] = "EXIF\x1a\0\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0o\0\0\0\0\0";
    struct buf out = BUF_INIT;

    for (int i = 0; i < 3; i++) {
        head[12 + i] = (char)((width - 1) >> 8 * i & 255);
        head[15 + i] = (char)((height - 1) >> 8 * i & 255);
    }
    *strchr(exif + 27, 'o') = (char)orientation;
    buf_append(&out, webp->data, 12);
    buf_append(&out, head, sizeof head - 1);
    buf_append(&out, webp->data + 12, webp->len - 12);
    buf_append(&out, exif, sizeof exif);
    ck_assert(buf_ok(&out));
    for (int i = 0; i < 4; i++)
        out.data[4 + i] = (char)((out.len - 8) >> 8 * i & 255);
    buf_free(webp);
    *webp = out;
}

/* Adds an orientation to a file that is in the extended format already. */
static void append_webp_orientation(struct buf *webp, unsigned orientation)
{
    char exif[] = "EXIF\x1a\0\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0o\0\0\0\0\0";

    *strchr(exif + 27, 'o') = (char)orientation;
    ck_assert_mem_eq(webp->data + 12, "VP8X", 4);
    webp->data[20] |= 8; /* there is EXIF */
    buf_append(webp, exif, sizeof exif);
    ck_assert(buf_ok(webp));
    for (int i = 0; i < 4; i++)
        webp->data[4 + i] = (char)((webp->len - 8) >> 8 * i & 255);
}

START_TEST(a_webp_is_not_turned_by_its_exif_as_browsers_do_not_turn_it)
{
    const struct picture picture = {
        .coder = "WEBP", .width = 400, .height = 300, .frames = _i == 0 ? 0 : 2};
    struct pixels pixels;
    struct image *image;
    struct buf file;

    support_picture(&picture, &file);
    if (_i == 0)
        add_webp_orientation(&file, 400, 300, 6);
    else
        append_webp_orientation(&file, 6);
    image = decoded(&file, 320);
    check_size(image, 400, 300);
    shrink(image, 320, false, &pixels, NULL);
    check_quarters(&pixels, 320, 240);
    free(pixels.data);
    image_free(image);
    buf_free(&file);
}
END_TEST

START_TEST(a_jpeg_scaled_by_its_decoder_keeps_its_own_size)
{
    const struct picture picture = {
        .coder = "JPEG", .width = 2000, .height = 1500, .orientation = (unsigned)_i};
    struct image *image = decoded_picture(&picture, 320);
    struct pixels pixels;

    check_size(image, 2000, 1500);
    shrink(image, 320, false, &pixels, NULL);
    check_quarters(&pixels, 320, 240);
    free(pixels.data);
    image_free(image);
}
END_TEST

/* More than the system's own policy grants: a turned copy stands beside the picture for a while. */
START_TEST(a_cameras_picture_fits)
{
    const struct picture picture = {
        .coder = "JPEG", .width = 6000, .height = 4000, .orientation = 6};
    struct image *image = decoded_picture(&picture, 4000);
    struct pixels pixels;

    check_size(image, 6000, 4000);
    shrink(image, 320, false, &pixels, NULL);
    check_quarters(&pixels, 320, 213);
    free(pixels.data);
    image_free(image);
}
END_TEST

START_TEST(a_side_may_be_long)
{
    const struct picture picture = {.coder = "PNG", .width = 40000, .height = 8};
    struct image *image = decoded_picture(&picture, 320);

    check_size(image, 40000, 8);
    image_free(image);
}
END_TEST

/* Sides on either side of what was asked for: the decoder's scaling must not enlarge. */
static const unsigned small_jpegs[][2] = {
    {64, 48}, {400, 300}, {300, 400}, {1281, 100}, {319, 319}};

START_TEST(a_small_jpeg_is_not_enlarged)
{
    const unsigned *one = small_jpegs[_i];
    const struct picture picture = {.coder = "JPEG", .width = one[0], .height = one[1]};
    struct image *image = decoded_picture(&picture, 2048);
    struct pixels pixels;

    check_size(image, one[0], one[1]);
    shrink(image, 2048, false, &pixels, NULL);
    check_quarters(&pixels, one[0], one[1]);
    free(pixels.data);
    image_free(image);
}
END_TEST

/* width, height and size before; width and height after */
static const unsigned shrinks[][5] = {
    {64, 48, 320, 64, 48},   {320, 320, 320, 320, 320}, {321, 320, 320, 320, 319},
    {48, 640, 320, 24, 320}, {2000, 3, 320, 320, 1}, /* never less than a pixel */
    {3, 2000, 320, 1, 320},  {1, 1, 320, 1, 1},         {1281, 961, 1280, 1280, 960},
};

START_TEST(shrinking_keeps_proportions_and_never_enlarges)
{
    const unsigned *one = shrinks[_i];
    const struct picture picture = {.coder = "PNG", .width = one[0], .height = one[1]};
    struct image *image = decoded_picture(&picture, one[2]);
    struct pixels pixels;

    shrink(image, one[2], false, &pixels, NULL);
    ck_assert_uint_eq(pixels.width, one[3]);
    ck_assert_uint_eq(pixels.height, one[4]);
    free(pixels.data);
    image_free(image);
}
END_TEST

START_TEST(one_decode_gives_thumbnails_one_after_the_other)
{
    const struct picture picture = {.coder = "PNG", .width = 1600, .height = 1200};
    struct image *image = decoded_picture(&picture, 1280);
    struct pixels large, small;

    shrink(image, 1280, false, &large, NULL);
    shrink(image, 320, false, &small, NULL);
    check_quarters(&large, 1280, 960);
    check_quarters(&small, 320, 240);
    free(large.data);
    free(small.data);
    image_free(image);
}
END_TEST

/* ---- colours ---- */

START_TEST(cmyk_becomes_srgb)
{
    const struct picture picture = {.coder = "JPEG", .width = 400, .height = 300, .cmyk = true};
    struct image *image = decoded_picture(&picture, 320);
    struct pixels pixels;
    struct buf bytes;

    shrink(image, 320, false, &pixels, &bytes);
    check_quarters(&pixels, 320, 240);
    ck_assert(!holds(&bytes, "Adobe")); /* no segment that names another colour space */
    free(pixels.data);
    buf_free(&bytes);
    image_free(image);
}
END_TEST

START_TEST(grey_stays_grey)
{
    const struct picture picture = {.coder = coders[_i], .width = 400, .height = 300, .grey = true};
    struct image *image = decoded_picture(&picture, 320);
    struct pixels pixels;

    shrink(image, 320, false, &pixels, NULL);
    ck_assert_uint_eq(pixels.width, 320);
    for (unsigned x = 2; x < 320; x += 315) {
        const unsigned char *pixel = pixels.data + ((size_t)pixels.width * 2 + x) * 4;

        ck_assert_int_le(abs(pixel[0] - pixel[1]), 8);
        ck_assert_int_le(abs(pixel[1] - pixel[2]), 8);
    }
    ck_assert(support_is_color(&pixels, 317, 180, 0xffffff));
    ck_assert(!support_is_color(&pixels, 2, 2, 0xffffff));
    free(pixels.data);
    image_free(image);
}
END_TEST

START_TEST(sixteen_bits_become_eight)
{
    const struct picture picture = {.coder = "PNG", .width = 400, .height = 300, .deep = true};
    struct pixels pixels;
    struct image *image;
    struct buf file;

    support_picture(&picture, &file);
    ck_assert_int_eq(file.data[24], 16); /* IHDR's bit depth */
    image = decoded(&file, 320);
    shrink(image, 320, false, &pixels, NULL);
    check_quarters(&pixels, 320, 240);
    free(pixels.data);
    image_free(image);
    buf_free(&file);
}
END_TEST

/* A profile like sRGB's, but red and blue have changed places. */
static void *make_swapped_profile(cmsUInt32Number *len)
{
    const cmsCIExyY white = {0.3127, 0.3290, 1};
    const cmsCIExyYTRIPLE primaries = {{0.15, 0.06, 1}, {0.30, 0.60, 1}, {0.64, 0.33, 1}};
    cmsToneCurve *gamma = cmsBuildGamma(NULL, 2.2), *curves[3] = {gamma, gamma, gamma};
    cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);
    struct buf bytes;

    support_profile(profile, &bytes);
    cmsCloseProfile(profile);
    cmsFreeToneCurve(gamma);
    *len = (cmsUInt32Number)bytes.len;
    return bytes.data;
}

START_TEST(a_colour_profile_is_followed)
{
    const struct picture picture = {.coder = "JPEG", .width = 400, .height = 300};
    cmsUInt32Number len;
    void *profile = make_swapped_profile(&len);
    struct pixels pixels;
    struct image *image;
    struct buf file, bytes;

    support_picture(&picture, &file);
    add_segment(&file, 0xe2, "ICC_PROFILE\0\1\1", 14, profile, len);
    image = decoded(&file, 320);
    shrink(image, 320, false, &pixels, &bytes);
    ck_assert(support_is_color(&pixels, 2, 2, 0x0000ff));
    ck_assert(support_is_color(&pixels, 317, 2, 0x00ff00));
    ck_assert(support_is_color(&pixels, 2, 180, 0xff0000));
    ck_assert(!holds(&bytes, "ICC_PROFILE"));
    free(pixels.data);
    free(profile);
    image_free(image);
    buf_free(&bytes);
    buf_free(&file);
}
END_TEST

START_TEST(a_colour_profile_that_is_none_does_no_harm)
{
    const struct picture picture = {.coder = "JPEG", .width = 400, .height = 300};
    char profile[400];
    struct pixels pixels;
    struct image *image;
    struct buf file, bytes;

    memset(profile, 'p', sizeof profile);
    support_picture(&picture, &file);
    add_segment(&file, 0xe2, "ICC_PROFILE\0\1\1", 14, profile, sizeof profile);
    image = decoded(&file, 320);
    shrink(image, 320, false, &pixels, &bytes);
    check_quarters(&pixels, 320, 240);
    ck_assert(!holds(&bytes, "ICC_PROFILE"));
    free(pixels.data);
    image_free(image);
    buf_free(&bytes);
    buf_free(&file);
}
END_TEST

/* ---- what a thumbnail must not carry ---- */

START_TEST(thumbnails_carry_no_metadata)
{
    static const char xmp[] = "<x:xmpmeta><exif:GPSLatitude>52,31N</exif:GPSLatitude></x:xmpmeta>";
    const struct picture picture = {.coder = "JPEG", .width = 400, .height = 300, .orientation = 6};
    bool alpha = _i == 1;
    struct pixels pixels;
    struct image *image;
    struct buf file, bytes;

    support_picture(&picture, &file);
    add_segment(&file, 0xe1, "http://ns.adobe.com/xap/1.0/", 29, xmp, sizeof xmp - 1);
    add_segment(&file, 0xed, "Photoshop 3.0", 14, "8BIM\4\4\0\0\0\0\0\4iptc", 16);
    add_segment(&file, 0xfe, "taken at home", 13, NULL, 0);
    ck_assert(holds(&file, "Exif") && holds(&file, "GPSLatitude"));
    image = decoded(&file, 320);
    shrink(image, 320, alpha, &pixels, &bytes);
    check_quarters(&pixels, 320, 240);
    ck_assert(!holds(&bytes, "Exif") && !holds(&bytes, "EXIF"));
    ck_assert(!holds(&bytes, "xap") && !holds(&bytes, "XMP ") && !holds(&bytes, "GPS"));
    ck_assert(!holds(&bytes, "Photoshop") && !holds(&bytes, "iptc") && !holds(&bytes, "home"));
    free(pixels.data);
    image_free(image);
    buf_free(&bytes);
    buf_free(&file);
}
END_TEST

/* ---- animations ---- */

START_TEST(an_animation_is_seen_by_its_first_frame)
{
    const struct picture picture = {.coder = _i == 0   ? "GIF"
                                             : _i == 1 ? "WEBP"
                                                       : "TIFF",
                                    .width = 400,
                                    .height = 300,
                                    .frames = 3};
    struct image *image = decoded_picture(&picture, 320);
    struct pixels pixels;

    check_size(image, 400, 300);
    shrink(image, 320, false, &pixels, NULL);
    check_quarters(&pixels, 320, 240);
    free(pixels.data);
    image_free(image);
}
END_TEST

START_TEST(freeing_null_does_nothing)
{
    const struct picture picture = {.coder = "PNG"};
    struct image *image = decoded_picture(&picture, 320);

    check_size(image, 64, 48);
    image_free(image);
    image_free(NULL);
    image_engine_free(NULL);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image");
    TCase *thumbnails = tcase_create("thumbnails"), *colors = tcase_create("colours");
    TCase *frames = tcase_create("frames");

    tcase_add_loop_test(thumbnails, every_type_becomes_a_jpeg_thumbnail, 0, CODERS);
    tcase_add_test(thumbnails, colours_have_half_the_resolution_whatever_the_original_has);
    tcase_add_loop_test(thumbnails, the_type_is_the_callers_and_alpha_is_kept_where_it_says_so, 0,
                        3);
    tcase_add_loop_test(thumbnails, transparency_is_found_and_kept_in_webp, 0, 4);
    tcase_add_loop_test(thumbnails, every_orientation_comes_out_upright, 1, 9);
    tcase_add_loop_test(thumbnails, a_webp_is_not_turned_by_its_exif_as_browsers_do_not_turn_it, 0,
                        2);
    tcase_add_loop_test(thumbnails, a_jpeg_scaled_by_its_decoder_keeps_its_own_size, 1, 9);
    tcase_add_test(thumbnails, a_cameras_picture_fits);
    tcase_add_test(thumbnails, a_side_may_be_long);
    tcase_add_loop_test(thumbnails, a_small_jpeg_is_not_enlarged, 0,
                        (int)(sizeof small_jpegs / sizeof small_jpegs[0]));
    tcase_add_loop_test(thumbnails, shrinking_keeps_proportions_and_never_enlarges, 0,
                        (int)(sizeof shrinks / sizeof shrinks[0]));
    tcase_add_test(thumbnails, one_decode_gives_thumbnails_one_after_the_other);
    tcase_add_loop_test(thumbnails, thumbnails_carry_no_metadata, 0, 2);
    tcase_add_test(thumbnails, freeing_null_does_nothing);
    tcase_add_test(colors, cmyk_becomes_srgb);
    tcase_add_loop_test(colors, grey_stays_grey, 0, CODERS);
    tcase_add_test(colors, sixteen_bits_become_eight);
    tcase_add_test(colors, a_colour_profile_is_followed);
    tcase_add_test(colors, a_colour_profile_that_is_none_does_no_harm);
    tcase_add_loop_test(frames, an_animation_is_seen_by_its_first_frame, 0, 3);
    for (TCase *const *at = (TCase *const[]){thumbnails, colors, frames, NULL}; *at != NULL; at++) {
        tcase_add_checked_fixture(*at, support_engine_start, support_engine_stop);
        tcase_set_timeout(*at, 60);
        suite_add_tcase(suite, *at);
    }
    return suite;
}
