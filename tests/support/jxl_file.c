#include "jxl_file.h"

#include <stdlib.h>
#include <string.h>

#include <jxl/encode.h>

#define CHUNK 65536

static void must(JxlEncoderStatus status)
{
    SUPPORT_MUST(status == JXL_ENC_SUCCESS);
}

static void set_info(const struct jxl_file *file, JxlEncoder *encoder)
{
    const unsigned alpha_depth = file->alpha_depth != 0 ? file->alpha_depth : file->depth;
    JxlBasicInfo info;

    JxlEncoderInitBasicInfo(&info);
    info.xsize = file->width;
    info.ysize = file->height;
    info.bits_per_sample = file->depth;
    info.num_color_channels = file->is_grey ? 1 : 3;
    info.uses_original_profile = file->is_lossless;
    info.num_extra_channels = file->alpha + file->spare;
    info.alpha_bits = file->alpha ? alpha_depth : 0;
    info.orientation = (JxlOrientation)(file->orientation != 0 ? file->orientation : 1);
    info.have_animation = file->frames > 0;
    info.animation.tps_numerator = 10;
    info.animation.tps_denominator = 1;
    if (file->transfer == JXL_TRANSFER_FUNCTION_PQ)
        info.intensity_target = 10000;
    if (file->transfer == JXL_TRANSFER_FUNCTION_HLG)
        info.intensity_target = 1000;
    must(JxlEncoderSetBasicInfo(encoder, &info));
    if (file->alpha) {
        JxlExtraChannelInfo alpha;

        JxlEncoderInitExtraChannelInfo(JXL_CHANNEL_ALPHA, &alpha);
        alpha.bits_per_sample = alpha_depth;
        must(JxlEncoderSetExtraChannelInfo(encoder, 0, &alpha));
    }
    for (unsigned i = 0; i < file->spare; i++) {
        JxlExtraChannelInfo spare;

        JxlEncoderInitExtraChannelInfo(JXL_CHANNEL_OPTIONAL, &spare);
        spare.bits_per_sample = file->depth;
        must(JxlEncoderSetExtraChannelInfo(encoder, file->alpha + i, &spare));
    }
}

static void set_colors(const struct jxl_file *file, JxlEncoder *encoder)
{
    JxlColorEncoding colors;

    if (file->profile != NULL) {
        must(JxlEncoderSetICCProfile(encoder, (const uint8_t *)file->profile->data,
                                     file->profile->len));
        return;
    }
    JxlColorEncodingSetToSRGB(&colors, file->is_grey);
    if (file->primaries != 0)
        colors.primaries = (JxlPrimaries)file->primaries;
    if (file->transfer != 0)
        colors.transfer_function = (JxlTransferFunction)file->transfer;
    if (file->gamma > 0) {
        colors.transfer_function = JXL_TRANSFER_FUNCTION_GAMMA;
        colors.gamma = file->gamma;
    }
    must(JxlEncoderSetColorEncoding(encoder, &colors));
}

static void add_frame(const struct jxl_file *file, unsigned frame,
                      JxlEncoderFrameSettings *settings)
{
    const unsigned channels = (file->is_grey ? 1u : 3u) + file->alpha;
    const JxlPixelFormat format = {channels, JXL_TYPE_UINT16, JXL_NATIVE_ENDIAN, 0};
    const JxlPixelFormat one = {1, JXL_TYPE_UINT16, JXL_NATIVE_ENDIAN, 0};
    const uint32_t full = (1u << file->depth) - 1;
    size_t count = (size_t)file->width * file->height;
    uint16_t *samples = calloc(count, channels * sizeof *samples);

    SUPPORT_MUST(samples != NULL);
    for (size_t at = 0; frame == 0 && at < count; at++) {
        uint16_t pixel[4] = {0, 0, 0, (uint16_t)full};
        uint16_t *to = samples + at * channels;

        file->paint((unsigned)(at % file->width), (unsigned)(at / file->width), pixel);
        for (unsigned i = 0; i < channels; i++) { /* the encoder takes samples of 16 bits */
            bool is_alpha = file->alpha && i == channels - 1;

            to[i] = (uint16_t)((pixel[is_alpha ? 3 : i] * 65535u + full / 2) / full);
        }
    }
    must(JxlEncoderAddImageFrame(settings, &format, samples, count * channels * sizeof *samples));
    for (unsigned i = 0; i < file->spare; i++) {
        memset(samples, 0x55, count * sizeof *samples);
        must(JxlEncoderSetExtraChannelBuffer(settings, &one, samples, count * sizeof *samples,
                                             file->alpha + i));
    }
    free(samples);
}

static void take_output(JxlEncoder *encoder, struct buf *out)
{
    uint8_t *chunk = malloc(CHUNK);
    JxlEncoderStatus status = JXL_ENC_NEED_MORE_OUTPUT;

    SUPPORT_MUST(chunk != NULL);
    *out = BUF_INIT;
    JxlEncoderCloseInput(encoder);
    while (status == JXL_ENC_NEED_MORE_OUTPUT) {
        uint8_t *next = chunk;
        size_t room = CHUNK;

        status = JxlEncoderProcessOutput(encoder, &next, &room);
        buf_append(out, chunk, CHUNK - room);
    }
    must(status);
    SUPPORT_MUST(buf_ok(out));
    free(chunk);
}

void jxl_file_make(const struct jxl_file *file, struct buf *out)
{
    JxlEncoder *encoder = JxlEncoderCreate(NULL);
    JxlEncoderFrameSettings *settings;

    SUPPORT_MUST(encoder != NULL);
    must(JxlEncoderUseContainer(encoder, !file->is_bare));
    set_info(file, encoder);
    set_colors(file, encoder);
    settings = JxlEncoderFrameSettingsCreate(encoder, NULL);
    SUPPORT_MUST(settings != NULL);
    must(JxlEncoderFrameSettingsSetOption(settings, JXL_ENC_FRAME_SETTING_EFFORT, 3));
    must(file->is_lossless ? JxlEncoderSetFrameLossless(settings, JXL_TRUE)
                           : JxlEncoderSetFrameDistance(settings, 0.5f));
    for (unsigned i = 0; i == 0 || i < file->frames; i++) {
        if (file->frames > 0) {
            JxlFrameHeader header;

            JxlEncoderInitFrameHeader(&header);
            header.duration = 1;
            must(JxlEncoderSetFrameHeader(settings, &header));
        }
        add_frame(file, i, settings);
    }
    take_output(encoder, out);
    JxlEncoderDestroy(encoder);
}

void jxl_file_of_jpeg(const struct buf *jpeg, struct buf *out)
{
    JxlEncoder *encoder = JxlEncoderCreate(NULL);
    JxlEncoderFrameSettings *settings;

    SUPPORT_MUST(encoder != NULL);
    must(JxlEncoderUseContainer(encoder, JXL_TRUE));
    must(JxlEncoderStoreJPEGMetadata(encoder, JXL_TRUE));
    settings = JxlEncoderFrameSettingsCreate(encoder, NULL);
    SUPPORT_MUST(settings != NULL);
    must(JxlEncoderAddJPEGFrame(settings, (const uint8_t *)jpeg->data, jpeg->len));
    take_output(encoder, out);
    JxlEncoderDestroy(encoder);
}
