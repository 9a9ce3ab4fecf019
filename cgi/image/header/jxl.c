/* JPEG XL: the codestream's size, depth and channels, and the boxes around it. ISO/IEC 18181-1,
 * annex D, and 18181-2.
 *
 * What comes behind the image's metadata is coded with the codec's own entropy coder, so that
 * whether the pixels are all there is for libjxl to find out; so is how many frames there are, of
 * which only the first is decoded. A file in boxes is cut off if a box is, or if the last part of
 * the codestream is missing. */
#include <string.h>

#include "base/bits.h"
#include "image/header/formats.h"
#include "image/header/heif.h"

#define START 16384    /* bytes that are examined; a usual header has 20 */
#define SIDE (1 << 30) /* of any picture: level 10 */
#define CHANNELS 256   /* besides the colours: level 10 */

#define BOX_OF_SIGNATURE 12

enum { ALPHA = 0, SPOT = 2, BLACK = 4, FILTER_ARRAY = 5 }; /* types of extra channels */

/* The first bytes of the codestream, which may be in several boxes. */
struct start {
    uint8_t bytes[START];
    size_t len;
    bool more; /* bytes follow that are not examined */
};

/* ---- numbers ---- */

/* A form in which a number may be written: so many bits, and what is added to them. */
struct form {
    unsigned bits;
    uint32_t plus;
};

/* U32(): one of four forms. B.2.2 */
static uint32_t take_u32(struct bits *in, const struct form forms[4])
{
    const struct form *form = &forms[bits_take_low(in, 2)];

    return form->plus + bits_take_low(in, form->bits);
}

static bool take_flag(struct bits *in)
{
    return bits_take_low(in, 1) != 0;
}

/* Enum(). B.2.5 */
static uint32_t take_enum(struct bits *in)
{
    static const struct form forms[4] = {{0, 0}, {0, 1}, {4, 2}, {6, 18}};

    return take_u32(in, forms);
}

/* ---- the image header ---- */

/* The width that a ratio (1 to 7) gives to a height; the height itself for a ratio of 1. */
static uint32_t width_of(uint32_t height, unsigned ratio)
{
    static const uint8_t ratios[8][2] = {{1, 1}, {1, 1},  {12, 10}, {4, 3},
                                         {3, 2}, {16, 9}, {5, 4},   {2, 1}};

    return (uint32_t)((uint64_t)height * ratios[ratio][0] / ratios[ratio][1]);
}

static uint32_t take_side(struct bits *in, bool small)
{
    static const struct form forms[4] = {{9, 1}, {13, 1}, {18, 1}, {30, 1}};

    return small ? (bits_take_low(in, 5) + 1) * 8 : take_u32(in, forms);
}

/* SizeHeader. D.2 */
static void read_size(struct bits *in, uint32_t *width, uint32_t *height)
{
    bool small = take_flag(in);
    unsigned ratio;

    *height = take_side(in, small);
    ratio = bits_take_low(in, 3);
    *width = ratio == 0 ? take_side(in, small) : width_of(*height, ratio);
}

/* PreviewHeader, which has at most 4096 pixels a side, so that it does not matter. D.3.4 */
static void skip_preview(struct bits *in)
{
    static const struct form blocks[4] = {{0, 16}, {0, 32}, {5, 1}, {9, 33}},
                             pixels[4] = {{6, 1}, {8, 65}, {10, 321}, {12, 1345}};
    const struct form *forms = take_flag(in) ? blocks : pixels;

    (void)take_u32(in, forms);
    if (bits_take_low(in, 3) == 0)
        (void)take_u32(in, forms);
}

/* AnimationHeader. D.3.5 */
static void skip_animation(struct bits *in)
{
    static const struct form numerator[4] = {{0, 100}, {0, 1000}, {10, 1}, {30, 1}},
                             denominator[4] = {{0, 1}, {0, 1001}, {8, 1}, {10, 1}},
                             loops[4] = {{0, 0}, {3, 0}, {16, 0}, {32, 0}};

    (void)take_u32(in, numerator);
    (void)take_u32(in, denominator);
    (void)take_u32(in, loops);
    bits_skip(in, 1);
}

static void skip_extra_fields(struct bits *in)
{
    uint32_t width, height;

    bits_skip(in, 3); /* the orientation, which the decoder tells, too */
    if (take_flag(in))
        read_size(in, &width, &height);
    if (take_flag(in))
        skip_preview(in);
    if (take_flag(in))
        skip_animation(in);
}

/* BitDepth. D.3.3 */
static unsigned take_depth(struct bits *in)
{
    static const struct form whole[4] = {{0, 8}, {0, 10}, {0, 12}, {6, 1}},
                             floating[4] = {{0, 32}, {0, 16}, {0, 24}, {6, 1}};
    bool is_float = take_flag(in);
    unsigned depth = take_u32(in, is_float ? floating : whole);

    if (is_float)
        bits_skip(in, 4); /* bits of its exponent */
    return depth;
}

/* ExtraChannelInfo: returns the channel's type. D.3.6 */
static uint32_t read_channel(struct bits *in, struct image_header *header)
{
    static const struct form shift[4] = {{0, 0}, {0, 3}, {0, 4}, {3, 1}},
                             name[4] = {{0, 0}, {4, 0}, {5, 16}, {10, 48}},
                             filter[4] = {{0, 1}, {2, 0}, {4, 3}, {8, 19}};
    uint32_t type;

    if (take_flag(in)) { /* all as usual */
        image_header_deepen(header, 8);
        return ALPHA;
    }
    type = take_enum(in);
    image_header_deepen(header, take_depth(in));
    (void)take_u32(in, shift);
    bits_skip(in, (size_t)8 * take_u32(in, name));
    if (type == ALPHA)
        bits_skip(in, 1); /* whether colours are multiplied by it */
    else if (type == SPOT)
        bits_skip(in, (size_t)4 * 16);
    else if (type == FILTER_ARRAY)
        (void)take_u32(in, filter);
    return type;
}

/* The beginning of ColourEncoding: whether the picture is gray. D.3.7 */
static bool read_gray(struct bits *in)
{
    enum { GRAY = 1 };

    if (take_flag(in)) /* sRGB */
        return false;
    bits_skip(in, 1); /* whether a profile follows */
    return take_enum(in) == GRAY;
}

/* ImageMetadata, as far as the colour space. D.3.1 */
static enum vt_error read_metadata(struct bits *in, struct reader *file,
                                   struct image_header *header)
{
    static const struct form count[4] = {{0, 0}, {0, 1}, {4, 2}, {12, 1}};
    unsigned extra;
    bool black = false;

    header->channels = 3;
    if (take_flag(in)) { /* all as usual */
        header->depth = 8;
        return VT_OK;
    }
    if (take_flag(in))
        skip_extra_fields(in);
    header->depth = take_depth(in);
    bits_skip(in, 1); /* whether 16 bits suffice for calculations */
    extra = take_u32(in, count);
    if (extra > CHANNELS)
        return reader_corrupt(file, "it has too many channels");
    for (unsigned i = 0; i < extra; i++) {
        uint32_t type = read_channel(in, header);

        header->alpha = header->alpha || type == ALPHA;
        black = black || type == BLACK;
    }
    header->progressive = !take_flag(in); /* XYB */
    header->channels = (read_gray(in) ? 1 : 3) + extra;
    if (in->overrun)
        return VT_OK; /* for the caller to tell */
    if (header->depth > 32)
        return reader_corrupt(file, "its channels have more than 32 bits");
    return black ? vt_fail(file->why, VT_ERR_INVALID_IMAGE,
                           "the image is not taken: it has the four inks of a printer (CMYK)")
                 : VT_OK;
}

static enum vt_error read_start(const struct start *start, struct reader *file,
                                struct image_header *header)
{
    struct bits in = {.data = start->bytes, .len = start->len, .at = 16};
    enum vt_error err;

    if (start->len < 2)
        return reader_cut_off(file);
    if (memcmp(start->bytes, "\xff\x0a", 2) != 0)
        return reader_corrupt(file, "its box holds no JPEG XL codestream");
    read_size(&in, &header->width, &header->height);
    err = read_metadata(&in, file, header);
    if (err == VT_OK && in.overrun)
        return start->more ? reader_corrupt(file, "its header is too long") : reader_cut_off(file);
    if (err == VT_OK && (header->width > SIDE || header->height > SIDE))
        return reader_corrupt(file, "it is larger than any picture may be");
    return err;
}

/* ---- the file ---- */

static void add_to_start(struct start *start, const uint8_t *data, size_t len)
{
    size_t room = sizeof start->bytes - start->len;

    if (len > room) {
        start->more = true;
        len = room;
    }
    if (len > 0)
        memcpy(start->bytes + start->len, data, len);
    start->len += len;
}

/* What has been seen of the codestream in the boxes: none, or a number of parts, or the end. */
struct parts {
    uint32_t count;
    bool ended;
};

/* A jxlp box: its number, the highest bit of which marks the last part. 18181-2, 9.8 */
static enum vt_error take_part(struct reader *body, struct parts *parts, struct start *start)
{
    const uint8_t *number = reader_take(body, 4);

    if (number == NULL)
        return reader_cut_off(body);
    if (parts->ended || (reader_big32(number) & 0x7fffffff) != parts->count)
        return reader_corrupt(body, "the parts of its codestream are out of order");
    parts->count++;
    parts->ended = (number[0] & 0x80) != 0;
    add_to_start(start, body->data + body->at, reader_left(body));
    return VT_OK;
}

/* A jxlc box: all of the codestream. */
static enum vt_error take_whole(struct reader *body, struct parts *parts, struct start *start)
{
    if (parts->ended || parts->count > 0)
        return reader_corrupt(body, "it has two codestreams");
    parts->ended = true;
    add_to_start(start, body->data, body->len);
    return VT_OK;
}

/* Decoders differ in what they do with a second ftyp box, so its place is the second only. */
static enum vt_error read_type(struct reader *in)
{
    struct reader body;
    uint32_t name;
    enum vt_error err = heif_take_box(in, true, &name, &body);

    if (err != VT_OK)
        return err;
    if (name != HEIF_NAME('f', 't', 'y', 'p') || body.len < 4 || memcmp(body.data, "jxl ", 4) != 0)
        return reader_corrupt(in, "its second box does not say that it is a JPEG XL");
    return VT_OK;
}

static enum vt_error read_boxes(struct reader *in, struct start *start)
{
    struct parts parts = {0, false};
    enum vt_error err;

    in->at = BOX_OF_SIGNATURE;
    err = read_type(in);
    while (err == VT_OK && reader_left(in) > 0) {
        struct reader body;
        uint32_t name;

        err = heif_take_box(in, false, &name, &body);
        if (err == VT_OK && name == HEIF_NAME('j', 'x', 'l', 'c'))
            err = take_whole(&body, &parts, start);
        else if (err == VT_OK && name == HEIF_NAME('j', 'x', 'l', 'p'))
            err = take_part(&body, &parts, start);
    }
    return err == VT_OK && !parts.ended ? reader_cut_off(in) : err;
}

enum vt_error image_header_read_jxl(struct reader *in, struct image_header *header)
{
    struct start start = {.len = 0};
    enum vt_error err = VT_OK;

    if (in->data[0] == 0xff)
        add_to_start(&start, in->data, in->len);
    else
        err = read_boxes(in, &start);
    return err == VT_OK ? read_start(&start, in, header) : err;
}
