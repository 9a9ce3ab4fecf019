/* The only file that includes libheif, and all of image_heif.so. The functions of Vitrine that it
 * calls are in the program that loads it.
 *
 * libheif returns a plane each for red, green, blue and alpha, in the file's own depth, which it
 * has turned, mirrored and cropped as the file says; so EXIF data, whose orientation describes the
 * same, is not read. Rows go from the planes to the reducer. */
#include "image/heif.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <libheif/heif.h>

#include "base/log.h"
#include "image/cicp.h"
#include "image/reducer.h"

#define MOST_THREADS 4 /* for the tiles of a grid */
#define MOST_PROFILE (4 << 20)
#define ROUNDING 64 /* pixels by which a codec may round a side up */

struct plane {
    const uint8_t *data;
    size_t stride;
    unsigned depth; /* bits; above 8, samples have two bytes */
};

struct picture {
    const struct image_source *source;
    struct heif_context *context;
    struct heif_image_handle *handle;
    struct heif_image *image;
    struct plane planes[4]; /* red, green, blue and alpha, which may have no data */
    bool is_premultiplied;
    struct cicp *colors;
    struct reducer *reducer;
};

/* Logs libheif's error. Any is the file's fault, except lack of memory. */
static enum vt_error judge(struct heif_error error)
{
    if (error.code == heif_error_Ok)
        return VT_OK;
    log_info("image: libheif: %s", error.message);
    return error.code == heif_error_Memory_allocation_error &&
                   error.subcode != heif_suberror_Security_limit_exceeded
               ? VT_ERR_MEMORY
               : VT_ERR_INVALID_IMAGE;
}

static int count_threads(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : MOST_THREADS;

    return count > MOST_THREADS ? MOST_THREADS : count;
}

/* The header has been checked against the gallery's limits; libheif is held to the header. */
static void set_limits(struct picture *picture)
{
    const struct image_header *header = picture->source->header;
    uint32_t side = header->width > header->height ? header->width : header->height;

#if LIBHEIF_HAVE_VERSION(1, 19, 0)
    struct heif_security_limits *limits = heif_context_get_security_limits(picture->context);

    limits->max_image_size_pixels =
        ((uint64_t)header->width + ROUNDING) * ((uint64_t)header->height + ROUNDING);
    limits->max_items = 0;             /* header/heif.h has these bounds, */
    limits->max_number_of_tiles = 0;   /* which have been checked */
    limits->max_memory_block_size = 0; /* the process has a limit of its own */
    (void)side;
#else
    heif_context_set_maximum_image_size_limit(picture->context, (int)side + ROUNDING);
#endif
    heif_context_set_max_decoding_threads(picture->context, count_threads());
}

/* Whether a size is within the header's, turned or not: no other was checked. */
static bool is_allowed(const struct image_header *header, int width, int height)
{
    uint32_t across = (uint32_t)width, down = (uint32_t)height;

    if (width <= 0 || height <= 0)
        return false;
    return (across <= header->width && down <= header->height) ||
           (across <= header->height && down <= header->width);
}

static enum vt_error open_file(struct picture *picture)
{
    const struct image_source *source = picture->source;
    enum vt_error err;

    picture->context = heif_context_alloc();
    if (picture->context == NULL)
        return VT_ERR_MEMORY;
    set_limits(picture);
    err = judge(heif_context_read_from_memory_without_copy(picture->context, source->data,
                                                           source->len, NULL));
    if (err == VT_OK)
        err = judge(heif_context_get_primary_image_handle(picture->context, &picture->handle));
    if (err == VT_OK && !is_allowed(source->header, heif_image_handle_get_width(picture->handle),
                                    heif_image_handle_get_height(picture->handle)))
        err = VT_ERR_INVALID_IMAGE;
    return err;
}

/* Has libheif leave the colours to us: later versions would convert them to sRGB, and HDR by
 * cutting it off. */
static void keep_colors(const struct picture *picture, struct heif_decoding_options *options,
                        struct heif_color_profile_nclx **nclx)
{
    options->convert_hdr_to_8bit = 0;
#if LIBHEIF_HAVE_VERSION(1, 21, 0)
    if (options->version >= 8 &&
        heif_image_handle_get_nclx_color_profile(picture->handle, nclx).code == heif_error_Ok)
        options->output_image_nclx_profile = *nclx;
#if LIBHEIF_HAVE_VERSION(1, 23, 0)
    if (options->version >= 10)
        options->output_image_nclx_profile_passthrough = 1;
#endif
    if (options->version >= 8)
        options->num_codec_threads = count_threads();
#else
    (void)picture;
    (void)nclx;
#endif
}

static enum vt_error decode_image(struct picture *picture)
{
    struct heif_decoding_options *options = heif_decoding_options_alloc();
    struct heif_color_profile_nclx *nclx = NULL;
    enum vt_error err;

    if (options == NULL)
        return VT_ERR_MEMORY;
    keep_colors(picture, options, &nclx);
    err = judge(heif_decode_image(picture->handle, &picture->image, heif_colorspace_RGB,
                                  heif_chroma_444, options));
    if (nclx != NULL)
        heif_nclx_color_profile_free(nclx);
    heif_decoding_options_free(options);
    return err == VT_OK && image_decode_is_late(picture->source) ? VT_ERR_INVALID_IMAGE : err;
}

/* A plane smaller than the picture would be a fault of libheif's. */
static bool find_plane(const struct picture *picture, enum heif_channel channel, int width,
                       int height, struct plane *plane)
{
    const struct heif_image *image = picture->image;
    int depth = heif_image_get_bits_per_pixel_range(image, channel), stride = 0;
    unsigned bytes = depth > 8 ? 2 : 1;

    plane->data = heif_image_get_plane_readonly(image, channel, &stride);
    plane->stride = (size_t)stride;
    plane->depth = (unsigned)depth;
    return plane->data != NULL && depth > 0 && depth <= 16 && stride > 0 &&
           heif_image_get_width(image, channel) >= width &&
           heif_image_get_height(image, channel) >= height &&
           plane->stride >= (size_t)width * bytes;
}

static enum vt_error find_planes(struct picture *picture, struct decoded *decoded)
{
    static const enum heif_channel channels[] = {heif_channel_R, heif_channel_G, heif_channel_B,
                                                 heif_channel_Alpha};
    int width = heif_image_get_primary_width(picture->image);
    int height = heif_image_get_primary_height(picture->image);
    bool alpha = heif_image_has_channel(picture->image, heif_channel_Alpha) != 0;

    if (!is_allowed(picture->source->header, width, height))
        return VT_ERR_INVALID_IMAGE;
    for (unsigned i = 0; i < (alpha ? 4 : 3); i++)
        if (!find_plane(picture, channels[i], width, height, &picture->planes[i]))
            return VT_ERR_INVALID_IMAGE;
    if (picture->planes[0].depth != picture->planes[1].depth ||
        picture->planes[0].depth != picture->planes[2].depth)
        return VT_ERR_INVALID_IMAGE;
    picture->is_premultiplied =
        alpha && heif_image_handle_is_premultiplied_alpha(picture->handle) != 0;
    decoded->gray = picture->source->header->channels <= 2; /* with transparency */
    decoded->width = (uint32_t)width;
    decoded->height = (uint32_t)height;
    return VT_OK;
}

/* ---- colours ---- */

/* A profile has precedence over the numbers, as in browsers. */
static enum vt_error read_profile(const struct picture *picture, struct decoded *decoded)
{
    size_t len = heif_image_handle_get_raw_color_profile_size(picture->handle);
    void *profile = len > 0 && len <= MOST_PROFILE ? malloc(len) : NULL;
    enum vt_error err = VT_OK;

    if (len == 0 || len > MOST_PROFILE)
        return VT_OK;
    if (profile == NULL)
        return VT_ERR_MEMORY;
    if (heif_image_handle_get_raw_color_profile(picture->handle, profile).code == heif_error_Ok)
        err = image_decode_keep_profile(decoded, profile, len);
    free(profile);
    return err;
}

/* The numbers are in the file's boxes or, if not, in the codec's data. */
static void read_numbers(const struct picture *picture, struct cicp_source *source)
{
    struct heif_color_profile_nclx *nclx = NULL;
    struct heif_content_light_level light = {0, 0};

    if (heif_image_handle_get_nclx_color_profile(picture->handle, &nclx).code != heif_error_Ok &&
        heif_image_get_nclx_color_profile(picture->image, &nclx).code != heif_error_Ok)
        return;
    source->primaries = (unsigned)nclx->color_primaries;
    source->transfer = (unsigned)nclx->transfer_characteristics;
    heif_nclx_color_profile_free(nclx);
    if (heif_image_has_content_light_level(picture->image))
        heif_image_get_content_light_level(picture->image, &light);
    source->brightest = light.max_content_light_level;
}

static enum vt_error read_colors(struct picture *picture, struct decoded *decoded)
{
    struct cicp_source source = {.depth = picture->planes[0].depth};
    enum vt_error err = read_profile(picture, decoded);

    if (err == VT_OK && decoded->profile == NULL)
        read_numbers(picture, &source);
    if (err == VT_OK)
        err = cicp_new(&source, decoded, &picture->colors);
    return err;
}

/* ---- rows ---- */

static const void *row_of(const struct plane *plane, uint32_t y)
{
    return plane->data + y * plane->stride;
}

static void put_alpha(const struct plane *plane, uint32_t y, uint32_t width, uint8_t *to)
{
    const uint8_t *bytes = row_of(plane, y);
    const uint16_t *words = row_of(plane, y);
    unsigned most = (1u << plane->depth) - 1;

    if (plane->depth == 8)
        for (uint32_t x = 0; x < width; x++)
            to[x * RASTER_PIXEL + 3] = bytes[x];
    else
        for (uint32_t x = 0; x < width; x++) {
            unsigned value = plane->depth > 8 ? words[x] : bytes[x];

            value = value > most ? most : value;
            to[x * RASTER_PIXEL + 3] = (uint8_t)((value * 255 + most / 2) / most);
        }
}

static void divide_by_alpha(uint32_t width, uint8_t *row)
{
    for (uint32_t x = 0; x < width; x++, row += RASTER_PIXEL)
        for (unsigned i = 0; i < 3 && row[3] > 0; i++)
            row[i] = (uint8_t)(row[i] >= row[3] ? 255 : (row[i] * 255 + row[3] / 2) / row[3]);
}

static void put_row(const struct picture *picture, uint32_t y, uint32_t width, uint8_t *to)
{
    const struct plane *planes = picture->planes;

    cicp_put(picture->colors, row_of(&planes[0], y), row_of(&planes[1], y), row_of(&planes[2], y),
             1, width, to);
    if (planes[3].data != NULL)
        put_alpha(&planes[3], y, width, to);
    if (picture->is_premultiplied)
        divide_by_alpha(width, to);
}

static enum vt_error reduce(struct picture *picture, struct decoded *decoded)
{
    bool alpha = picture->planes[3].data != NULL;
    uint32_t width, height;
    enum vt_error err;

    raster_reduced_size(decoded->width, decoded->height, picture->source->detail, &width, &height);
    err = reducer_new(decoded->width, decoded->height, width, height, alpha, &picture->reducer);
    for (uint32_t y = 0; err == VT_OK && y < decoded->height; y++) {
        if (y % 64 == 0 && image_decode_is_late(picture->source))
            return VT_ERR_INVALID_IMAGE;
        put_row(picture, y, decoded->width, reducer_row(picture->reducer));
        reducer_take(picture->reducer);
    }
    return err == VT_OK ? reducer_finish(picture->reducer, &decoded->raster) : err;
}

static void free_picture(struct picture *picture)
{
    reducer_free(picture->reducer);
    cicp_free(picture->colors);
    if (picture->image != NULL)
        heif_image_release(picture->image);
    if (picture->handle != NULL)
        heif_image_handle_release(picture->handle);
    if (picture->context != NULL)
        heif_context_free(picture->context);
}

static enum vt_error decode(const struct image_source *source, struct decoded *decoded,
                            struct vt_reason *why)
{
    struct picture picture = {.source = source};
    enum vt_error err;

    *decoded = (struct decoded){.raster = RASTER_INIT, .orientation = 1};
    err = open_file(&picture);
    if (err == VT_OK)
        err = decode_image(&picture);
    if (err == VT_OK)
        err = find_planes(&picture, decoded);
    if (err == VT_OK)
        err = read_colors(&picture, decoded);
    if (err == VT_OK)
        err = reduce(&picture, decoded);
    free_picture(&picture);
    return err == VT_ERR_INVALID_IMAGE ? image_decode_corrupt(source, why) : err;
}

static enum vt_error prepare(void)
{
    return judge(heif_init(NULL)) == VT_OK ? VT_OK : VT_ERR_UNAVAILABLE;
}

const struct image_heif image_heif = {
    .module = IMAGE_MODULE("image_heif.so"),
    .prepare = prepare,
    .decode = decode,
};
