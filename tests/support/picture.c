/* Makes pictures for the tests with MagickWand's own encoders, and with those of libheif, libjxl
 * and libtiff. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_MAGICKWAND_7
#include <MagickWand/MagickWand.h>
#else
#include <wand/MagickWand.h>
#endif

#include "heif_file.h"
#include "jxl_file.h"
#include "support.h"
#include "tiff.h"

#define CHANNELS 4

/* Finds where the upright picture's pixel at x, y lies in the stored one. EXIF 2.32, 4.6.4 A. */
static void turn(unsigned orientation, unsigned width, unsigned height, unsigned x, unsigned y,
                 unsigned *stored_x, unsigned *stored_y)
{
    unsigned right = width - 1 - x, bottom = height - 1 - y;
    const unsigned at[9][2] = {{x, y}, {x, y},     {right, y},      {right, bottom}, {x, bottom},
                               {y, x}, {y, right}, {bottom, right}, {bottom, x}};

    *stored_x = at[orientation][0];
    *stored_y = at[orientation][1];
}

/* A step of Marsaglia's xorshift. */
static unsigned next_random(unsigned *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void paint(const struct picture *picture, unsigned frame, unsigned char *pixels)
{
    static const unsigned char colors[4][3] = {
        {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}};
    unsigned width = picture->width, height = picture->height;
    unsigned stride = picture->orientation >= 5 ? height : width;
    unsigned random = picture->seed * 2 + 1; /* never 0 */

    for (unsigned y = 0; y < height; y++) {
        for (unsigned x = 0; x < width; x++) {
            unsigned quarter = (y >= height / 2 ? 2u : 0u) + (x >= width / 2 ? 1u : 0u);
            unsigned stored_x, stored_y;
            unsigned char *pixel;

            turn(picture->orientation, width, height, x, y, &stored_x, &stored_y);
            pixel = pixels + ((size_t)stored_y * stride + stored_x) * CHANNELS;
            memcpy(pixel, colors[quarter], 3);
            if (y == height - 1) /* too few pixels to affect what a test checks */
                pixel[2] = (unsigned char)(200 + ((picture->seed + frame) >> (x % 16) & 1) * 50);
            if (picture->noise)
                memset(pixel, (int)(next_random(&random) >> 24), 3);
            pixel[3] = picture->alpha && x >= width / 2 ? 0 : 255;
        }
    }
}

/* Inserts an EXIF segment that holds only the orientation after a JPEG's first marker. */
static void add_orientation(unsigned orientation, struct buf *jpeg)
{
    unsigned char segment[] = "\xff\xe1\x00\x22"         /* APP1, 34 bytes */
                              "Exif\0\0"                 /* what it is */
                              "MM\0*\0\0\0\x08"          /* TIFF, big-endian */
                              "\0\x01"                   /* one entry: */
                              "\x01\x12\0\x03\0\0\0\x01" /* 0x0112, one SHORT */
                              "\0\0\0\0"                 /* its value */
                              "\0\0\0";                  /* no next directory; the literal's NUL is
                                                            its last byte */
    struct buf turned = BUF_INIT;

    segment[4 + 6 + 8 + 2 + 8 + 1] = (unsigned char)orientation;
    buf_append(&turned, jpeg->data, 2);
    buf_append(&turned, segment, sizeof segment);
    buf_append(&turned, jpeg->data + 2, jpeg->len - 2);
    buf_free(jpeg);
    *jpeg = turned;
}

static void add_frame(MagickWand *wand, const struct picture *picture, unsigned frame)
{
    bool turned = picture->orientation >= 5;
    unsigned width = turned ? picture->height : picture->width;
    unsigned height = turned ? picture->width : picture->height;
    unsigned char *pixels = malloc((size_t)width * height * CHANNELS);

    SUPPORT_MUST(pixels != NULL);
    paint(picture, frame, pixels);
    SUPPORT_MUST(MagickConstituteImage(wand, width, height, picture->alpha ? "RGBA" : "RGBP",
                                       CharPixel, pixels));
    if (picture->grey)
        SUPPORT_MUST(MagickTransformImageColorspace(wand, GRAYColorspace));
    if (picture->cmyk)
        SUPPORT_MUST(MagickTransformImageColorspace(wand, CMYKColorspace));
    if (picture->deep) {
        SUPPORT_MUST(MagickSetImageDepth(wand, 16));
        SUPPORT_MUST(MagickSetOption(wand, "png:bit-depth", "16"));
    }
    SUPPORT_MUST(MagickSetImageFormat(wand, picture->coder));
    SUPPORT_MUST(MagickSetImageCompressionQuality(wand, 92));
    free(pixels);
}

/* What the function of a heif_file or jxl_file paints. */
static const unsigned char *painted;
static unsigned painted_width;

static void copy_painted(unsigned x, unsigned y, uint16_t pixel[4])
{
    for (unsigned i = 0; i < CHANNELS; i++)
        pixel[i] = painted[((size_t)y * painted_width + x) * CHANNELS + i];
}

static void copy_deeply(unsigned x, unsigned y, uint16_t pixel[4])
{
    copy_painted(x, y, pixel);
    for (unsigned i = 0; i < CHANNELS; i++)
        pixel[i] = (uint16_t)(pixel[i] * 257);
}

/* Paints the pixels that these two give to the encoders, which take a gray picture's luma from red.
 */
static void paint_for_copies(const struct picture *picture, unsigned char *pixels)
{
    paint(picture, 0, pixels);
    for (size_t i = 0; picture->grey && i < (size_t)picture->width * picture->height; i++) {
        unsigned char *pixel = pixels + i * CHANNELS;

        pixel[0] = (unsigned char)((pixel[0] * 54 + pixel[1] * 183 + pixel[2] * 19) / 256);
    }
    painted = pixels;
    painted_width = picture->width;
}

static void make_heif(const struct picture *picture, struct buf *out)
{
    const struct heif_file file = {.is_avif = strcmp(picture->coder, "AVIF") == 0,
                                   .width = picture->width,
                                   .height = picture->height,
                                   .depth = 8,
                                   .alpha = picture->alpha,
                                   .is_grey = picture->grey,
                                   .paint = copy_painted};
    unsigned char *pixels = malloc((size_t)picture->width * picture->height * CHANNELS);

    SUPPORT_MUST(pixels != NULL);
    paint_for_copies(picture, pixels);
    heif_file_make(&file, out);
    free(pixels);
}

static void make_jxl(const struct picture *picture, struct buf *out)
{
    unsigned char *pixels = malloc((size_t)picture->width * picture->height * CHANNELS);
    const struct jxl_file file = {.width = picture->width,
                                  .height = picture->height,
                                  .depth = picture->deep ? 16 : 8,
                                  .alpha = picture->alpha,
                                  .is_grey = picture->grey,
                                  .frames = picture->frames,
                                  .paint = picture->deep ? copy_deeply : copy_painted};

    SUPPORT_MUST(pixels != NULL);
    paint_for_copies(picture, pixels);
    jxl_file_make(&file, out);
    free(pixels);
}

/* ImageMagick's policy forbids its own coder of TIFFs once an engine has been started. */
static void make_tiff(const struct picture *picture, struct buf *out)
{
    support_tiff(&(struct tiff_picture){.width = picture->width,
                                        .height = picture->height,
                                        .pages = picture->frames,
                                        .bits = picture->deep ? 16 : 8,
                                        .orientation = picture->orientation,
                                        .has_photometric = picture->grey || picture->cmyk,
                                        .photometric = picture->grey ? PHOTOMETRIC_MINISBLACK
                                                                     : PHOTOMETRIC_SEPARATED,
                                        .extra = picture->alpha ? EXTRASAMPLE_UNASSALPHA : 0,
                                        .noise = picture->noise,
                                        .seed = picture->seed},
                 out);
}

void support_picture(const struct picture *picture, struct buf *out)
{
    struct picture full = *picture;
    MagickWand *wand;
    unsigned char *blob;
    size_t len = 0;

    full.width = full.width == 0 ? 64 : full.width;
    full.height = full.height == 0 ? 48 : full.height;
    if (strcmp(full.coder, "AVIF") == 0 || strcmp(full.coder, "HEIC") == 0) {
        make_heif(&full, out);
        return;
    }
    if (strcmp(full.coder, "JXL") == 0) {
        make_jxl(&full, out);
        return;
    }
    if (strcmp(full.coder, "TIFF") == 0) {
        make_tiff(&full, out);
        return;
    }
    MagickWandGenesis();
    wand = NewMagickWand();
    SUPPORT_MUST(wand != NULL);
    for (unsigned i = 0; i == 0 || i < full.frames; i++)
        add_frame(wand, &full, i);
    MagickResetIterator(wand);
    blob = MagickGetImagesBlob(wand, &len);
    SUPPORT_MUST(blob != NULL);
    *out = BUF_INIT;
    buf_append(out, blob, len);
    MagickRelinquishMemory(blob);
    (void)DestroyMagickWand(wand);
    if (full.orientation != 0)
        add_orientation(full.orientation, out);
    SUPPORT_MUST(buf_ok(out));
}

bool support_reads(const char *coder, const void *data, size_t len)
{
    char name[32];
    MagickWand *wand;
    bool done;

    MagickWandGenesis();
    wand = NewMagickWand();
    SUPPORT_MUST(wand != NULL);
    (void)snprintf(name, sizeof name, "%s:picture", coder);
    SUPPORT_MUST(MagickSetFilename(wand, name));
    done = MagickReadImageBlob(wand, data, len);
    (void)DestroyMagickWand(wand);
    return done;
}

const unsigned char *support_pixel(const struct pixels *pixels, unsigned x, unsigned y)
{
    SUPPORT_MUST(x < pixels->width && y < pixels->height);
    return pixels->data + ((size_t)y * pixels->width + x) * CHANNELS;
}

void support_expect_color(const struct pixels *pixels, unsigned x, unsigned y,
                          const unsigned char want[3], int tolerance)
{
    const unsigned char *got = support_pixel(pixels, x, y);

    for (int i = 0; i < 3; i++)
        ck_assert_msg(abs(got[i] - want[i]) <= tolerance, "%u, %u: %u,%u,%u instead of %u,%u,%u", x,
                      y, got[0], got[1], got[2], want[0], want[1], want[2]);
}

bool support_is_color(const struct pixels *pixels, unsigned x, unsigned y, unsigned color)
{
    const unsigned char *at = support_pixel(pixels, x, y);

    SUPPORT_MUST(x < pixels->width && y < pixels->height);
    for (unsigned i = 0; i < 3; i++)
        if (abs((int)at[i] - (int)(color >> (16 - 8 * i) & 255)) > 48)
            return false;
    return at[3] == 255;
}
