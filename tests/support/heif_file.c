#include "heif_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libheif/heif.h>

#define GOOD 92 /* quality, as support_picture() has it */

static void must(struct heif_error error)
{
    if (error.code != heif_error_Ok)
        (void)fprintf(stderr, "libheif: %s\n", error.message);
    SUPPORT_MUST(error.code == heif_error_Ok);
}

static void put(uint8_t *plane, int stride, unsigned depth, unsigned x, unsigned y, uint16_t value)
{
    uint8_t *row = plane + (size_t)y * (size_t)stride;

    if (depth > 8)
        ((uint16_t *)(void *)row)[x] = value;
    else
        row[x] = (uint8_t)value;
}

static void paint_planes(const struct heif_file *file, struct heif_image *image)
{
    static const enum heif_channel colors[] = {heif_channel_R, heif_channel_G, heif_channel_B,
                                               heif_channel_Alpha};
    uint8_t *planes[4] = {NULL};
    int strides[4];

    for (unsigned i = 0; i < 4; i++) {
        enum heif_channel channel = file->is_grey && i == 0 ? heif_channel_Y : colors[i];

        if ((file->is_grey && i > 0 && i < 3) || (i == 3 && !file->alpha))
            continue;
        must(heif_image_add_plane(image, channel, (int)file->width, (int)file->height,
                                  (int)file->depth));
        planes[i] = heif_image_get_plane(image, channel, &strides[i]);
        SUPPORT_MUST(planes[i] != NULL);
    }
    for (unsigned y = 0; y < file->height; y++) {
        for (unsigned x = 0; x < file->width; x++) {
            uint16_t pixel[4] = {0, 0, 0, (uint16_t)((1u << file->depth) - 1)};

            file->paint(x, y, pixel);
            for (unsigned i = 0; i < 4; i++)
                if (planes[i] != NULL)
                    put(planes[i], strides[i], file->depth, x, y, pixel[i]);
        }
    }
}

static void add_numbers(const struct heif_file *file, struct heif_image *image)
{
    struct heif_color_profile_nclx *nclx = heif_nclx_color_profile_alloc();

    SUPPORT_MUST(nclx != NULL);
    if (file->primaries != 0)
        must(heif_nclx_color_profile_set_color_primaries(nclx, (uint16_t)file->primaries));
    if (file->transfer != 0)
        must(heif_nclx_color_profile_set_transfer_characteristics(nclx, (uint16_t)file->transfer));
    if (file->matrix != 0)
        must(heif_nclx_color_profile_set_matrix_coefficients(nclx, (uint16_t)file->matrix));
    nclx->full_range_flag = 1;
    must(heif_image_set_nclx_color_profile(image, nclx));
    heif_nclx_color_profile_free(nclx);
}

static struct heif_error take_bytes(struct heif_context *context, const void *data, size_t size,
                                    void *out)
{
    (void)context;
    buf_append(out, data, size);
    return (struct heif_error){heif_error_Ok, heif_suberror_Unspecified, ""};
}

static void encode(const struct heif_file *file, struct heif_context *context,
                   struct heif_image *image)
{
    struct heif_encoding_options *options = heif_encoding_options_alloc();
    struct heif_encoder *encoder;

    SUPPORT_MUST(options != NULL);
    must(heif_context_get_encoder_for_format(
        context, file->is_avif ? heif_compression_AV1 : heif_compression_HEVC, &encoder));
    must(file->is_lossless ? heif_encoder_set_lossless(encoder, 1)
                           : heif_encoder_set_lossy_quality(encoder, GOOD));
    /* libheif 1.15 has AV1's profile wrong for 10 bits, except if the chroma is that of the
     * profile.
     */
    if (file->is_avif && file->depth == 10 && !file->is_grey)
        must(heif_encoder_set_parameter_string(encoder, "chroma", "422"));
    else if (file->is_lossless && !file->is_grey)
        must(heif_encoder_set_parameter_string(encoder, "chroma", "444"));
    options->macOS_compatibility_workaround_no_nclx_profile = 0;
    if (file->profile != NULL)
        options->save_two_colr_boxes_when_ICC_and_nclx_available = 1;
    must(heif_context_encode_image(context, image, encoder, options, NULL));
    heif_encoder_release(encoder);
    heif_encoding_options_free(options);
}

void heif_file_make(const struct heif_file *file, struct buf *out)
{
    struct heif_context *context = heif_context_alloc();
    struct heif_writer writer = {.writer_api_version = 1, .write = take_bytes};
    struct heif_image *image;

    SUPPORT_MUST(context != NULL);
    must(heif_image_create((int)file->width, (int)file->height,
                           file->is_grey ? heif_colorspace_monochrome : heif_colorspace_RGB,
                           file->is_grey ? heif_chroma_monochrome : heif_chroma_444, &image));
    paint_planes(file, image);
    if (file->primaries != 0 || file->transfer != 0 || file->matrix != 0)
        add_numbers(file, image);
    if (file->brightest != 0)
        heif_image_set_content_light_level(
            image, &(struct heif_content_light_level){(uint16_t)file->brightest, 1});
    if (file->profile != NULL)
        must(heif_image_set_raw_color_profile(image, "prof", file->profile->data,
                                              file->profile->len));
    heif_image_set_premultiplied_alpha(image, file->is_premultiplied);
    encode(file, context, image);
    *out = BUF_INIT;
    must(heif_context_write(context, &writer, out));
    SUPPORT_MUST(buf_ok(out));
    heif_image_release(image);
    heif_context_free(context);
}

static size_t box_size(const char *at)
{
    const unsigned char *size = (const unsigned char *)at;

    return (size_t)size[0] << 24 | (size_t)size[1] << 16 | (size_t)size[2] << 8 | size[3];
}

/* Appends the box of that name, from `from` on. */
static void take_box(const struct buf *file, const char *name, size_t from, struct buf *out)
{
    const char *found = memmem(file->data, file->len, name, 4);

    SUPPORT_MUST(found != NULL);
    *out = BUF_INIT;
    buf_append(out, found - 4 + from, box_size(found - 4) - from);
}

void heif_file_split(const struct buf *file, struct buf *data, struct buf *config)
{
    bool is_avif = memmem(file->data, file->len, "av1C", 4) != NULL;

    take_box(file, "mdat", 8, data);
    take_box(file, is_avif ? "av1C" : "hvcC", 0, config);
    SUPPORT_MUST(buf_ok(data) && buf_ok(config));
}
