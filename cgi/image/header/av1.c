/* AV1: the size and depth in sequence and frame headers. AV1 Bitstream & Decoding Process, 5.5 and
 * 5.9.
 *
 * If a frame has a size of its own, dav1d uses it without comparing it with the sequence's, so the
 * headers of all frames are read up to their size. */
#include <string.h>

#include "base/bits.h"
#include "image/header/heif.h"

#define OBU_HEADER 1024 /* bytes that are examined; every header is shorter */

enum { OBU_SEQUENCE = 1, OBU_FRAME_HEADER = 3, OBU_FRAME = 6, OBU_REDUNDANT = 7 };
enum { OPERATING_POINTS = 32, SELECT = 2 };

struct sequence {
    bool there, reduced, gray;
    uint32_t width, height;
    unsigned width_bits, height_bits, depth;
    bool equal_interval, has_model;
    unsigned removal_bits, presentation_bits;
    unsigned points;
    uint16_t point[OPERATING_POINTS];
    bool point_has_model[OPERATING_POINTS];
    unsigned id_bits, delta_id_bits; /* 0 if frames have no number */
    unsigned screen, integer_mv, order_bits;
};

static void read_timing(struct bits *in, struct sequence *seq, unsigned *delay_bits)
{
    if (!bits_flag(in))
        return;
    bits_skip(in, 64);
    seq->equal_interval = bits_flag(in);
    if (seq->equal_interval)
        (void)bits_take_golomb(in);
    seq->has_model = bits_flag(in);
    if (!seq->has_model)
        return;
    *delay_bits = bits_take(in, 5) + 1;
    bits_skip(in, 32);
    seq->removal_bits = bits_take(in, 5) + 1;
    seq->presentation_bits = bits_take(in, 5) + 1;
}

static void read_operating_points(struct bits *in, struct sequence *seq)
{
    unsigned delay_bits = 0;
    bool has_delay;

    read_timing(in, seq, &delay_bits);
    has_delay = bits_flag(in);
    seq->points = bits_take(in, 5) + 1;
    for (unsigned i = 0; i < seq->points; i++) {
        seq->point[i] = (uint16_t)bits_take(in, 12);
        if (bits_take(in, 5) > 7) /* level, and its tier */
            bits_skip(in, 1);
        if (seq->has_model)
            seq->point_has_model[i] = bits_flag(in);
        if (seq->point_has_model[i])
            bits_skip(in, (size_t)2 * delay_bits + 1);
        if (has_delay && bits_flag(in))
            bits_skip(in, 4);
    }
}

static void read_tools(struct bits *in, struct sequence *seq)
{
    bool ordered;

    bits_skip(in, 4);
    ordered = bits_flag(in);
    if (ordered)
        bits_skip(in, 2);
    seq->screen = bits_flag(in) ? SELECT : bits_take(in, 1);
    seq->integer_mv = SELECT;
    if (seq->screen > 0)
        seq->integer_mv = bits_flag(in) ? SELECT : bits_take(in, 1);
    if (ordered)
        seq->order_bits = bits_take(in, 3) + 1;
}

/* 5.5.1, as far as the colours. */
static bool read_sequence(struct bits *in, struct sequence *seq)
{
    unsigned profile = bits_take(in, 3);

    *seq = (struct sequence){.there = true};
    bits_skip(in, 1);
    seq->reduced = bits_flag(in);
    if (seq->reduced)
        bits_skip(in, 5);
    else
        read_operating_points(in, seq);
    seq->width_bits = bits_take(in, 4) + 1;
    seq->height_bits = bits_take(in, 4) + 1;
    seq->width = bits_take(in, seq->width_bits) + 1;
    seq->height = bits_take(in, seq->height_bits) + 1;
    if (!seq->reduced && bits_flag(in)) {
        seq->delta_id_bits = bits_take(in, 4) + 2;
        seq->id_bits = bits_take(in, 3) + seq->delta_id_bits + 1;
    }
    bits_skip(in, 3);
    if (!seq->reduced)
        read_tools(in, seq);
    bits_skip(in, 3);
    seq->depth = 8;
    if (bits_flag(in))
        seq->depth = profile == 2 && bits_flag(in) ? 12 : 10;
    seq->gray = profile != 1 && bits_flag(in);
    return !in->overrun;
}

struct frame {
    enum { KEY, INTER, INTRA_ONLY, SWITCH } type;
    bool shown, resilient, sized;
};

/* 5.9.2: buffer_removal_time. */
static void skip_removal_times(struct bits *in, const struct sequence *seq, unsigned layer)
{
    if (!seq->has_model || !bits_flag(in))
        return;
    for (unsigned i = 0; i < seq->points; i++) {
        unsigned point = seq->point[i];

        if (seq->point_has_model[i] && (point == 0 || ((point >> (layer >> 3) & 1) != 0 &&
                                                       (point >> ((layer & 7) + 8) & 1) != 0)))
            bits_skip(in, seq->removal_bits);
    }
}

/* Reads up to where a frame's own size begins, if it has one. */
static void read_frame_start(struct bits *in, const struct sequence *seq, unsigned layer,
                             struct frame *frame)
{
    bool screen;

    frame->type = bits_take(in, 2);
    frame->shown = bits_flag(in);
    if (frame->shown && seq->has_model && !seq->equal_interval)
        bits_skip(in, seq->presentation_bits);
    if (!frame->shown)
        bits_skip(in, 1);
    frame->resilient =
        frame->type == SWITCH || (frame->type == KEY && frame->shown) || bits_flag(in);
    bits_skip(in, 1);
    screen = seq->screen == SELECT ? bits_flag(in) : seq->screen != 0;
    if (screen && seq->integer_mv == SELECT)
        bits_skip(in, 1);
    bits_skip(in, seq->id_bits);
    frame->sized = frame->type == SWITCH || bits_flag(in);
    bits_skip(in, seq->order_bits);
    if (frame->type != KEY && frame->type != INTRA_ONLY && !frame->resilient)
        bits_skip(in, 3);
    skip_removal_times(in, seq, layer);
}

/* Skips the references. Returns true if the size is that of an earlier frame. */
static bool skip_references(struct bits *in, const struct sequence *seq, const struct frame *frame)
{
    bool is_short = seq->order_bits > 0 && bits_flag(in);

    if (is_short)
        bits_skip(in, 6);
    for (unsigned i = 0; i < 7; i++) {
        if (!is_short)
            bits_skip(in, 3);
        bits_skip(in, seq->delta_id_bits);
    }
    if (frame->sized && !frame->resilient)
        for (unsigned i = 0; i < 7; i++)
            if (bits_flag(in))
                return true;
    return false;
}

/* 5.9.2, as far as the size. Returns false if the frame is larger than the sequence allows. */
static bool read_frame(struct bits *in, const struct sequence *seq, unsigned layer, bool *uneven)
{
    struct frame frame = {.type = KEY};
    unsigned refreshed = 0xff;
    bool intra;
    uint32_t width, height;

    if (seq->reduced || bits_flag(in)) /* it has the sequence's size, or is one shown again */
        return true;
    read_frame_start(in, seq, layer, &frame);
    intra = frame.type == KEY || frame.type == INTRA_ONLY;
    if (frame.type != SWITCH && !(frame.type == KEY && frame.shown))
        refreshed = bits_take(in, 8);
    if ((!intra || refreshed != 0xff) && frame.resilient && seq->order_bits > 0)
        bits_skip(in, (size_t)8 * seq->order_bits);
    if ((!intra && skip_references(in, seq, &frame)) || !frame.sized)
        return !in->overrun;
    width = bits_take(in, seq->width_bits) + 1;
    height = bits_take(in, seq->height_bits) + 1;
    *uneven = *uneven || width != seq->width || height != seq->height;
    return !in->overrun && width <= seq->width && height <= seq->height;
}

static enum vt_error read_unit(const struct heif *heif, unsigned type, unsigned layer,
                               struct bits *in, struct sequence *seq, struct heif_coded *coded)
{
    struct reader file = heif->file;

    if (type == OBU_SEQUENCE) {
        if (!read_sequence(in, seq))
            return reader_corrupt(&file, "its AV1 sequence header is cut off");
        if (coded->depth != 0 && (seq->width != coded->width || seq->height != coded->height ||
                                  seq->depth != coded->depth))
            return reader_corrupt(&file, "its AV1 data has two sizes");
        coded->width = coded->stored_width = seq->width;
        coded->height = coded->stored_height = seq->height;
        coded->depth = seq->depth;
        coded->gray = seq->gray;
    } else if (type == OBU_FRAME || type == OBU_FRAME_HEADER || type == OBU_REDUNDANT) {
        if (!seq->there)
            return reader_corrupt(&file, "its AV1 data has a frame before its sequence header");
        if (!read_frame(in, seq, layer, &coded->uneven))
            return reader_corrupt(&file, "its AV1 data has a frame larger than it says");
    }
    return VT_OK;
}

/* Reads an OBU's length: LEB128 of at most 8 bytes. */
static bool take_length(struct heif_data *data, uint64_t *length)
{
    uint8_t byte;

    *length = 0;
    for (unsigned i = 0; i < 8; i++) {
        if (!heif_data_take(data, &byte, 1))
            return false;
        *length |= (uint64_t)(byte & 0x7f) << 7 * i;
        if ((byte & 0x80) == 0)
            return true;
    }
    return false;
}

static enum vt_error read_units(const struct heif *heif, struct heif_data *data,
                                struct sequence *seq, struct heif_coded *coded)
{
    struct reader file = heif->file;

    for (unsigned units = 0; data->left > 0; units++) {
        uint8_t head, layer = 0, start[OBU_HEADER];
        struct bits in = {.data = start};
        uint64_t length;
        enum vt_error err;

        if (units == HEIF_UNITS)
            return heif_refuse(heif, "its data comes in too many units");
        if (!heif_data_take(data, &head, 1) ||
            ((head & 4) != 0 && !heif_data_take(data, &layer, 1)))
            return reader_cut_off(&file);
        if ((head & 2) == 0)
            length = data->left;
        else if (!take_length(data, &length) || length > data->left)
            return reader_cut_off(&file);
        in.len = length < sizeof start ? (size_t)length : sizeof start;
        if (!heif_data_take(data, start, in.len) || !heif_data_take(data, NULL, length - in.len))
            return reader_cut_off(&file);
        err = read_unit(heif, head >> 3 & 0xf, (unsigned)(layer >> 5) << 3 | (layer >> 3 & 3), &in,
                        seq, coded);
        if (err != VT_OK)
            return err;
    }
    return VT_OK;
}

enum vt_error heif_read_av1(const struct heif *heif, struct reader config, struct heif_data *data,
                            struct heif_coded *coded)
{
    struct heif_data headers = {.heif = heif, .now = config};
    struct sequence seq = {0};
    struct reader file = heif->file;
    enum vt_error err;

    if (config.len < 4)
        return reader_cut_off(&config);
    headers.now.at = 4;
    headers.left = config.len - 4;
    err = read_units(heif, &headers, &seq, coded);
    if (err == VT_OK)
        err = read_units(heif, data, &seq, coded);
    if (err == VT_OK && !seq.there)
        return reader_corrupt(&file, "its AV1 data has no sequence header");
    return err;
}
