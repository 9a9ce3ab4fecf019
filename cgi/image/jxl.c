/* The only file that includes libjxl, and all of image_jxl.so. The functions of Vitrine that it
 * calls are in the program that loads it.
 *
 * libjxl returns pieces of rows in any order, from several threads, so that the picture is kept as
 * a whole: as a raster of eight bits, to which deeper samples are converted piece by piece. The
 * picture is turned by the orientation in its own header, once it is small; EXIF data, whose
 * orientation does not count in this format, is not read. */
#include "image/jxl.h"

#include <math.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <jxl/decode.h>
#include <jxl/thread_parallel_runner.h>

#include "base/log.h"
#include "image/cicp.h"
#include "image/color.h"
#include "image/color_primaries.h"
#include "image/reducer.h"

#define MOST_THREADS 4
#define MOST_PROFILE (4 << 20)
#define UNKNOWN_PEAK                                                                               \
    10000 /* cd/m2: what PQ can express, which encoders write if nothing is known */

struct picture {
    const struct image_source *source;
    JxlDecoder *decoder;
    void *threads; /* NULL if there is only one */
    JxlBasicInfo info;
    bool is_deep;      /* samples have 16 bits */
    uint8_t *values;   /* of each sample, in sRGB's curve; NULL if that is what samples have */
    struct cicp *cicp; /* HDR, or NULL */
    struct raster raster;
    atomic_bool is_late;
};

/* ---- threads ---- */

static int count_threads(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : MOST_THREADS;

    return count > MOST_THREADS ? MOST_THREADS : count;
}

/* Work that libjxl has divided into tasks. */
struct work {
    struct picture *picture;
    void *context;
    JxlParallelRunInit init;
    JxlParallelRunFunction function;
};

static JxlParallelRetCode begin_work(void *opaque, size_t threads)
{
    const struct work *work = opaque;

    return work->init(work->context, threads);
}

/* Does a task, unless the decode is late: libjxl cannot be stopped in another way. */
static void do_task(void *opaque, uint32_t number, size_t thread)
{
    const struct work *work = opaque;

    if (image_decode_is_late(work->picture->source))
        atomic_store(&work->picture->is_late, true);
    if (!atomic_load(&work->picture->is_late))
        work->function(work->context, number, thread);
}

/* A JxlParallelRunner. */
static JxlParallelRetCode run(void *opaque, void *context, JxlParallelRunInit init,
                              JxlParallelRunFunction function, uint32_t from, uint32_t to)
{
    struct picture *picture = opaque;
    struct work work = {picture, context, init, function};
    JxlParallelRetCode code = 0;

    if (picture->threads != NULL) {
        code = JxlThreadParallelRunner(picture->threads, &work, begin_work, do_task, from, to);
    } else if (from < to) {
        code = begin_work(&work, 1);
        for (uint32_t number = from; code == 0 && number < to; number++)
            do_task(&work, number, 0);
    }
    return atomic_load(&picture->is_late) ? JXL_PARALLEL_RET_RUNNER_ERROR : code;
}

/* ---- colours ---- */

/* Up to version 0.8, calls about profiles take a format, which they ignore. */
#if JPEGXL_NUMERIC_VERSION < JPEGXL_COMPUTE_NUMERIC_VERSION(0, 9, 0)
#define FORMAT NULL,
#else
#define FORMAT
#endif

static bool is_hdr(const JxlColorEncoding *colors)
{
    return colors->transfer_function == JXL_TRANSFER_FUNCTION_PQ ||
           colors->transfer_function == JXL_TRANSFER_FUNCTION_HLG;
}

/* Lossy pictures are coded in a space of their own, from which libjxl converts to any: to sRGB
 * then, except for HDR, which it would cut off. */
static void ask_for_srgb(const struct picture *picture)
{
    JxlColorEncoding colors;

    if (picture->info.uses_original_profile ||
        (JxlDecoderGetColorAsEncodedProfile(picture->decoder,
                                            FORMAT JXL_COLOR_PROFILE_TARGET_ORIGINAL,
                                            &colors) == JXL_DEC_SUCCESS &&
         is_hdr(&colors)))
        return;
    memset(&colors, 0, sizeof colors);
    colors.color_space =
        picture->info.num_color_channels == 1 ? JXL_COLOR_SPACE_GRAY : JXL_COLOR_SPACE_RGB;
    colors.white_point = JXL_WHITE_POINT_D65;
    colors.primaries = JXL_PRIMARIES_SRGB;
    colors.transfer_function = JXL_TRANSFER_FUNCTION_SRGB;
    if (JxlDecoderSetPreferredColorProfile(picture->decoder, &colors) != JXL_DEC_SUCCESS)
        log_info("image: libjxl keeps the picture's own colours");
}

static enum vt_error read_profile(const struct picture *picture, struct decoded *decoded)
{
    const JxlColorProfileTarget target = JXL_COLOR_PROFILE_TARGET_DATA;
    size_t len = 0;
    uint8_t *profile;
    enum vt_error err = VT_OK;

    if (JxlDecoderGetICCProfileSize(picture->decoder, FORMAT target, &len) != JXL_DEC_SUCCESS ||
        len == 0 || len > MOST_PROFILE)
        return VT_OK;
    profile = malloc(len);
    if (profile == NULL)
        return VT_ERR_MEMORY;
    if (JxlDecoderGetColorAsICCProfile(picture->decoder, FORMAT target, profile, len) ==
        JXL_DEC_SUCCESS)
        err = image_decode_keep_profile(decoded, profile, len);
    free(profile);
    return err;
}

/* The light of a value, by 18181-1, annex E; negative for a curve that is not known. */
static double light_of(const JxlColorEncoding *colors, double value)
{
    switch (colors->transfer_function) {
    case JXL_TRANSFER_FUNCTION_709:
        return value < 0.081 ? value / 4.5 : pow((value + 0.099) / 1.099, 1 / 0.45);
    case JXL_TRANSFER_FUNCTION_LINEAR:
        return value;
    case JXL_TRANSFER_FUNCTION_DCI:
        return pow(value, 2.6);
    case JXL_TRANSFER_FUNCTION_GAMMA:
        return colors->gamma > 0 ? pow(value, 1 / colors->gamma) : -1;
    default:
        return -1;
    }
}

static double srgb_value(double light)
{
    return light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055;
}

/* Has the samples converted to sRGB's curve, before eight bits are too few for another one. */
static enum vt_error set_curve(struct picture *picture, const JxlColorEncoding *colors)
{
    size_t count = picture->is_deep ? 65536 : 256;

    if (light_of(colors, 1) < 0 && !picture->is_deep)
        return VT_OK;
    picture->values = malloc(count);
    if (picture->values == NULL)
        return VT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        double value = (double)i / (double)(count - 1), light = light_of(colors, value);

        picture->values[i] = (uint8_t)lround(255 * (light < 0 ? value : srgb_value(light)));
    }
    return VT_OK;
}

/* Primaries of RGB, other than sRGB's own, get a profile with sRGB's curve. */
static enum vt_error set_primaries(const double at[4][2], struct decoded *decoded)
{
    image_color_chromaticities srgb = image_color_primaries(IMAGE_COLOR_BT_709);
    struct image_color_space space = {.curve = IMAGE_COLOR_SRGB};
    double most = 0;

    for (int i = 0; i < 8; i++)
        most = fmax(most, fabs(at[i / 2][i % 2] - srgb[i / 2][i % 2]));
    if (most < 0.001)
        return VT_OK;
    memcpy(space.at, at, sizeof space.at);
    return image_decode_keep_space(decoded, &space);
}

static enum vt_error use_encoding(struct picture *picture, const JxlColorEncoding *colors,
                                  struct decoded *decoded)
{
    const double at[4][2] = {{colors->white_point_xy[0], colors->white_point_xy[1]},
                             {colors->primaries_red_xy[0], colors->primaries_red_xy[1]},
                             {colors->primaries_green_xy[0], colors->primaries_green_xy[1]},
                             {colors->primaries_blue_xy[0], colors->primaries_blue_xy[1]}};
    enum vt_error err;

    if (is_hdr(colors)) {
        float peak = picture->info.intensity_target;
        const struct cicp_source source = {
            .depth = 16,
            .transfer = (unsigned)colors->transfer_function,
            .at = decoded->gray ? NULL : at,
            .brightest = peak > 0 && peak < UNKNOWN_PEAK ? (unsigned)peak : 0};

        picture->is_deep = true;
        return cicp_new(&source, decoded, &picture->cicp);
    }
    err = set_curve(picture, colors);
    return err == VT_OK && !decoded->gray ? set_primaries(at, decoded) : err;
}

static enum vt_error read_colors(struct picture *picture, struct decoded *decoded)
{
    JxlColorEncoding colors;
    enum vt_error err;

    ask_for_srgb(picture);
    if (JxlDecoderGetColorAsEncodedProfile(picture->decoder, FORMAT JXL_COLOR_PROFILE_TARGET_DATA,
                                           &colors) == JXL_DEC_SUCCESS &&
        (colors.color_space == JXL_COLOR_SPACE_RGB || colors.color_space == JXL_COLOR_SPACE_GRAY))
        return use_encoding(picture, &colors, decoded);
    memset(&colors, 0, sizeof colors);
    err = read_profile(picture, decoded);
    return err == VT_OK ? set_curve(picture, &colors) : err;
}

/* ---- pixels ---- */

/* Colours that were multiplied by alpha, which a raster's are not. */
static unsigned divide(unsigned value, unsigned alpha, unsigned full)
{
    if (alpha == 0)
        return 0;
    return value >= alpha ? full : (unsigned)(((uint64_t)value * full + alpha / 2) / alpha);
}

static void put_shallow(const struct picture *picture, const uint8_t *from, size_t count,
                        uint8_t *to)
{
    bool divides = picture->info.alpha_bits > 0 && picture->info.alpha_premultiplied;

    memcpy(to, from, count * RASTER_PIXEL);
    for (size_t i = 0; (divides || picture->values != NULL) && i < count; i++, to += RASTER_PIXEL)
        for (int c = 0; c < 3; c++) {
            unsigned value = divides ? divide(to[c], to[3], 255) : to[c];

            to[c] = picture->values != NULL ? picture->values[value] : (uint8_t)value;
        }
}

static void put_deep(const struct picture *picture, const uint16_t *from, size_t count, uint8_t *to)
{
    bool divides = picture->info.alpha_bits > 0 && picture->info.alpha_premultiplied;

    for (size_t i = 0; i < count; i++, from += 4, to += RASTER_PIXEL) {
        uint16_t pixel[3] = {from[0], from[1], from[2]};

        for (int c = 0; divides && c < 3; c++)
            pixel[c] = (uint16_t)divide(from[c], from[3], 65535);
        if (picture->cicp != NULL)
            cicp_put(picture->cicp, pixel, pixel + 1, pixel + 2, 3, 1, to);
        else
            for (int c = 0; c < 3; c++)
                to[c] = picture->values[pixel[c]];
        to[3] = (uint8_t)((from[3] * 255u + 32767) / 65535);
    }
}

/* A JxlImageOutCallback: takes a piece of a row. */
static void take_piece(void *opaque, size_t x, size_t y, size_t count, const void *pixels)
{
    const struct picture *picture = opaque;
    const struct raster *raster = &picture->raster;
    uint8_t *to;

    if (y >= raster->height || x > raster->width || count > raster->width - x)
        return;
    to = raster->pixels + (y * raster->width + x) * RASTER_PIXEL;
    if (picture->is_deep)
        put_deep(picture, pixels, count, to);
    else
        put_shallow(picture, pixels, count, to);
}

/* ---- the decoder's events ---- */

static enum vt_error open_decoder(struct picture *picture)
{
    const struct image_source *source = picture->source;
    int threads = count_threads();

    picture->decoder = JxlDecoderCreate(NULL);
    if (picture->decoder == NULL)
        return VT_ERR_MEMORY;
    if (threads > 1) {
        picture->threads = JxlThreadParallelRunnerCreate(NULL, (size_t)threads);
        if (picture->threads == NULL)
            return VT_ERR_MEMORY;
    }
    return JxlDecoderSetParallelRunner(picture->decoder, run, picture) == JXL_DEC_SUCCESS &&
                   JxlDecoderSubscribeEvents(picture->decoder,
                                             JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING |
                                                 JXL_DEC_FULL_IMAGE) == JXL_DEC_SUCCESS &&
                   JxlDecoderSetKeepOrientation(picture->decoder, JXL_TRUE) == JXL_DEC_SUCCESS &&
                   JxlDecoderSetInput(picture->decoder, source->data, source->len) ==
                       JXL_DEC_SUCCESS
               ? VT_OK
               : VT_ERR_INTERNAL;
}

/* No other size was checked than the header's. */
static enum vt_error take_info(struct picture *picture, struct decoded *decoded)
{
    JxlBasicInfo *info = &picture->info;
    const struct image_header *header = picture->source->header;

    if (JxlDecoderGetBasicInfo(picture->decoder, info) != JXL_DEC_SUCCESS ||
        info->xsize != header->width || info->ysize != header->height)
        return VT_ERR_INVALID_IMAGE;
    decoded->width = info->xsize;
    decoded->height = info->ysize;
    decoded->orientation = (unsigned)info->orientation; /* the numbers are EXIF's */
    decoded->gray = info->num_color_channels == 1;
    picture->is_deep = info->bits_per_sample > 8;
    return VT_OK;
}

static enum vt_error give_raster(struct picture *picture)
{
    const JxlPixelFormat format = {4, picture->is_deep ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8,
                                   JXL_NATIVE_ENDIAN, 0};
    enum vt_error err;

    if (picture->raster.pixels != NULL || image_decode_is_late(picture->source))
        return VT_ERR_INVALID_IMAGE;
    err = raster_new(picture->info.xsize, picture->info.ysize, &picture->raster);
    if (err != VT_OK)
        return err;
    return JxlDecoderSetImageOutCallback(picture->decoder, &format, take_piece, picture) ==
                   JXL_DEC_SUCCESS
               ? VT_OK
               : VT_ERR_INVALID_IMAGE;
}

/* Decodes up to the end of the first frame. Without all of its data, libjxl asks for more. */
static enum vt_error decode_frame(struct picture *picture, struct decoded *decoded)
{
    enum vt_error err = open_decoder(picture);

    if (err == VT_OK)
        JxlDecoderCloseInput(picture->decoder);
    while (err == VT_OK) {
        switch (JxlDecoderProcessInput(picture->decoder)) {
        case JXL_DEC_BASIC_INFO:
            err = take_info(picture, decoded);
            break;
        case JXL_DEC_COLOR_ENCODING:
            err = read_colors(picture, decoded);
            break;
        case JXL_DEC_NEED_IMAGE_OUT_BUFFER:
            err = give_raster(picture);
            break;
        case JXL_DEC_FULL_IMAGE:
            return picture->raster.pixels != NULL && !atomic_load(&picture->is_late)
                       ? VT_OK
                       : VT_ERR_INVALID_IMAGE;
        default:
            err = VT_ERR_INVALID_IMAGE;
        }
    }
    return err;
}

static void free_decoder(struct picture *picture)
{
    if (picture->decoder != NULL)
        JxlDecoderDestroy(picture->decoder);
    if (picture->threads != NULL)
        JxlThreadParallelRunnerDestroy(picture->threads);
    picture->decoder = NULL;
    picture->threads = NULL;
}

static enum vt_error reduce(const struct picture *picture, struct decoded *decoded)
{
    uint32_t width, height;

    raster_reduced_size(decoded->width, decoded->height, picture->source->detail, &width, &height);
    return reducer_run(&picture->raster, width, height, picture->info.alpha_bits > 0,
                       &decoded->raster);
}

static enum vt_error decode(const struct image_source *source, struct decoded *decoded,
                            struct vt_reason *why)
{
    struct picture picture = {.source = source, .raster = RASTER_INIT};
    enum vt_error err;

    *decoded = (struct decoded){.raster = RASTER_INIT, .orientation = 1};
    err = decode_frame(&picture, decoded);
    free_decoder(&picture); /* it holds more than the raster does */
    if (err == VT_OK)
        err = reduce(&picture, decoded);
    raster_free(&picture.raster);
    cicp_free(picture.cicp);
    free(picture.values);
    return err == VT_ERR_INVALID_IMAGE ? image_decode_corrupt(source, why) : err;
}

const struct image_jxl image_jxl = {
    .module = IMAGE_MODULE("image_jxl.so"),
    .decode = decode,
};
