/* make_scene TYPE FILE [name=number ...]: writes the scene of support_picture(), in 640 by 480
 * pixels, to a file of that type (jpg, png, webp, avif, heic, jxl or tiff), for tests that compare
 * what is shown of files of different types. Names: depth alpha lossless cmyk orientation, and
 * profile: 1 for an ICC profile whose red and green are exchanged, so that whoever ignores it shows
 * the wrong colours. */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/codec.h"
#include "../support/heif_file.h"
#include "../support/jxl_file.h"
#include "../support/tiff.h"
#include "image/color.h"
#include "image/color_primaries.h"

#define WIDTH 640
#define HEIGHT 480

static struct {
    unsigned depth, alpha, lossless, cmyk, orientation, profile;
} scene = {.depth = 8};

static void make_profile(struct buf *profile)
{
    image_color_chromaticities at = image_color_primaries(IMAGE_COLOR_BT_709);
    struct image_color_space space = {.curve = IMAGE_COLOR_SRGB};

    memcpy(space.at, at, sizeof space.at);
    memcpy(space.at[1], at[2], sizeof space.at[1]);
    memcpy(space.at[2], at[1], sizeof space.at[2]);
    SUPPORT_MUST(image_color_write_space(&space, profile) == VT_OK);
}

static void paint(unsigned x, unsigned y, uint16_t pixel[4])
{
    unsigned quarter = y / (HEIGHT / 2) * 2 + x / (WIDTH / 2);
    unsigned color = codec_color(quarter), full = (1U << scene.depth) - 1;

    for (unsigned i = 0; i < 3; i++)
        pixel[i] = (uint16_t)(((color >> (16 - 8 * i)) & 255) * full / 255);
    pixel[3] = (uint16_t)(scene.alpha != 0 && quarter == 1 ? 0 : full);
}

static void make_heif(bool is_avif, const struct buf *profile, struct buf *out)
{
    const struct heif_file file = {.is_avif = is_avif,
                                   .width = WIDTH,
                                   .height = HEIGHT,
                                   .depth = scene.depth,
                                   .alpha = scene.alpha,
                                   .is_lossless = scene.lossless,
                                   .paint = paint,
                                   .profile = profile};

    heif_file_make(&file, out);
}

static void make_jxl(const struct buf *profile, struct buf *out)
{
    const struct jxl_file file = {.width = WIDTH,
                                  .height = HEIGHT,
                                  .depth = scene.depth,
                                  .alpha = scene.alpha,
                                  .is_lossless = scene.lossless,
                                  .orientation = scene.orientation,
                                  .paint = paint,
                                  .profile = profile};

    jxl_file_make(&file, out);
}

/* Its transparent part is the right half. */
static void make_tiff(const struct buf *profile, struct buf *out)
{
    const struct tiff_picture picture = {.width = WIDTH,
                                         .height = HEIGHT,
                                         .bits = scene.depth,
                                         .orientation = scene.orientation,
                                         .extra = scene.alpha ? EXTRASAMPLE_UNASSALPHA : 0,
                                         .profile = profile != NULL ? profile->data : NULL,
                                         .profile_len = profile != NULL ? profile->len : 0};

    support_tiff(&picture, out);
}

static void make(const char *type, const struct buf *profile, struct buf *out)
{
    if (strcmp(type, "jpg") == 0)
        codec_jpeg(&(struct codec_jpeg){.width = WIDTH,
                                        .height = HEIGHT,
                                        .sampling = 1,
                                        .inks = scene.cmyk ? CODEC_CMYK : CODEC_RGB,
                                        .profile = profile},
                   out);
    else if (strcmp(type, "png") == 0)
        codec_png(&(struct codec_png){.width = WIDTH,
                                      .height = HEIGHT,
                                      .color = scene.alpha ? PNG_COLOR_TYPE_RGB_ALPHA
                                                           : PNG_COLOR_TYPE_RGB,
                                      .depth = scene.depth,
                                      .alpha = scene.alpha,
                                      .profile = profile,
                                      .orientation = scene.orientation},
                  out);
    else if (strcmp(type, "webp") == 0)
        codec_webp(&(struct codec_webp){.width = WIDTH,
                                        .height = HEIGHT,
                                        .lossless = scene.lossless,
                                        .alpha = scene.alpha,
                                        .profile = profile,
                                        .orientation = scene.orientation},
                   out);
    else if (strcmp(type, "jxl") == 0)
        make_jxl(profile, out);
    else if (strcmp(type, "tiff") == 0)
        make_tiff(profile, out);
    else
        make_heif(strcmp(type, "avif") == 0, profile, out);
}

static bool set(const char *name, unsigned number)
{
    static const struct {
        const char *name;
        unsigned *value;
    } names[] = {{"depth", &scene.depth},
                 {"alpha", &scene.alpha},
                 {"lossless", &scene.lossless},
                 {"cmyk", &scene.cmyk},
                 {"orientation", &scene.orientation},
                 {"profile", &scene.profile}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i].name) == 0) {
            *names[i].value = number;
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    struct buf profile = BUF_INIT, file = BUF_INIT;

    if (argc < 3) {
        (void)fprintf(stderr, "usage: make_scene TYPE FILE [name=number ...]\n");
        return EXIT_FAILURE;
    }
    for (int i = 3; i < argc; i++) {
        unsigned number;
        char name[16];

        if (sscanf(argv[i], "%15[a-z]=%u", name, &number) != 2 || !set(name, number)) {
            (void)fprintf(stderr, "make_scene: what is %s?\n", argv[i]);
            return EXIT_FAILURE;
        }
    }
    if (scene.profile != 0)
        make_profile(&profile);
    make(argv[1], scene.profile != 0 ? &profile : NULL, &file);
    support_write_file(argv[2], file.data, file.len);
    buf_free(&profile);
    buf_free(&file);
    return EXIT_SUCCESS;
}
