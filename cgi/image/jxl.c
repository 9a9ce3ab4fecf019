/* With jxl_colors.c, all of image_jxl.so; no other file includes libjxl. The functions of Vitrine
 * that they call are in the program that loads the module.
 *
 * libjxl returns pieces of rows in any order, from several threads, so that the picture is kept as
 * a whole: as a raster of eight bits, to which deeper samples are converted piece by piece. The
 * picture is turned by the orientation in its own header, once it is small; EXIF data, whose
 * orientation does not count in this format, is not read. */
#include "image/jxl.h"

#include <sched.h>
#include <stdatomic.h>

#include <jxl/decode.h>
#include <jxl/thread_parallel_runner.h>

#include "image/jxl_colors.h"
#include "image/reducer.h"

#define MOST_THREADS 4

struct picture {
    const struct image_source *source;
    JxlDecoder *decoder;
    void *threads; /* NULL if there is only one */
    struct jxl_colors colors;
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

/* A JxlImageOutCallback: takes a piece of a row. */
static void take_piece(void *opaque, size_t x, size_t y, size_t count, const void *pixels)
{
    const struct picture *picture = opaque;
    const struct raster *raster = &picture->raster;
    uint8_t *to;

    if (y >= raster->height || x > raster->width || count > raster->width - x)
        return;
    to = raster->pixels + (y * raster->width + x) * RASTER_PIXEL;
    jxl_colors_put(&picture->colors, pixels, count, to);
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
    JxlBasicInfo *info = &picture->colors.info;
    const struct image_header *header = picture->source->header;

    if (JxlDecoderGetBasicInfo(picture->decoder, info) != JXL_DEC_SUCCESS ||
        info->xsize != header->width || info->ysize != header->height)
        return VT_ERR_INVALID_IMAGE;
    decoded->width = info->xsize;
    decoded->height = info->ysize;
    decoded->orientation = (unsigned)info->orientation; /* the numbers are EXIF's */
    decoded->gray = info->num_color_channels == 1;
    picture->colors.is_deep = info->bits_per_sample > 8;
    return VT_OK;
}

static enum vt_error give_raster(struct picture *picture)
{
    const JxlPixelFormat format = {4, picture->colors.is_deep ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8,
                                   JXL_NATIVE_ENDIAN, 0};
    enum vt_error err;

    if (picture->raster.pixels != NULL || image_decode_is_late(picture->source))
        return VT_ERR_INVALID_IMAGE;
    err = raster_new(picture->colors.info.xsize, picture->colors.info.ysize, &picture->raster);
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
            err = jxl_colors_read(&picture->colors, picture->decoder, decoded);
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
    return reducer_run(&picture->raster, width, height, picture->colors.info.alpha_bits > 0,
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
    jxl_colors_free(&picture.colors);
    return err == VT_ERR_INVALID_IMAGE ? image_decode_corrupt(source, why) : err;
}

const struct image_jxl image_jxl = {
    .module = IMAGE_MODULE("image_jxl.so"),
    .decode = decode,
};
