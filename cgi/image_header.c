#include "image_header.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define BOX_MAX_DEPTH 4

/* The bytes, and how far they were read. Every take checks what is left. */
struct reader {
    const uint8_t *data;
    size_t len, at;
    struct vt_reason *why;
};

static enum vt_error cut_off(struct reader *in)
{
    return vt_fail(in->why, VT_ERR_INVALID_IMAGE,
                   "the image is cut off: the file ends before the image does");
}

static enum vt_error corrupt(struct reader *in, const char *what)
{
    return vt_fail(in->why, VT_ERR_INVALID_IMAGE, "the image is corrupt: %s", what);
}

static size_t left(const struct reader *in)
{
    return in->len - in->at;
}

/* The next count bytes, stepped over; NULL where they are not there. */
static const uint8_t *take(struct reader *in, size_t count)
{
    const uint8_t *at = in->data + in->at;

    if (count > left(in))
        return NULL;
    in->at += count;
    return at;
}

static uint32_t big16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t big32(const uint8_t *p)
{
    return big16(p) << 16 | big16(p + 2);
}

static uint32_t little16(const uint8_t *p)
{
    return (uint32_t)p[1] << 8 | p[0];
}

static uint32_t little24(const uint8_t *p)
{
    return (uint32_t)p[2] << 16 | little16(p);
}

static uint32_t little32(const uint8_t *p)
{
    return little16(p + 2) << 16 | little16(p);
}

/* Keeps the larger of two sizes, side by side, so that no frame hides behind a small one. */
static void grow(struct image_header *header, uint32_t width, uint32_t height)
{
    if (width > header->width)
        header->width = width;
    if (height > header->height)
        header->height = height;
}

/* ---- JPEG: ITU T.81, annex B ---- */

/* Steps over entropy-coded data to the 0xFF of the next marker that is none of the data's own. */
static bool skip_scan(struct reader *in)
{
    while (left(in) >= 2) {
        const uint8_t *mark = memchr(in->data + in->at, 0xff, left(in) - 1);

        if (mark == NULL)
            return false;
        in->at = (size_t)(mark - in->data);
        if (mark[1] == 0xff)
            in->at++;
        else if (mark[1] == 0 || (mark[1] >= 0xd0 && mark[1] <= 0xd7))
            in->at += 2;
        else
            return true;
    }
    return false;
}

static bool is_frame_marker(uint8_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static enum vt_error read_jpeg(struct reader *in, struct image_header *header)
{
    bool scanned = false;

    in->at = 2;
    for (;;) {
        const uint8_t *segment;
        uint8_t marker;
        size_t len;

        if (!skip_scan(in))
            return cut_off(in);
        marker = in->data[in->at + 1];
        in->at += 2;
        if (marker == 0xd9)
            break;
        if (marker == 0x01 || marker == 0xd8)
            continue;
        segment = take(in, 2);
        if (segment == NULL)
            return cut_off(in);
        len = big16(segment);
        if (len < 2)
            return corrupt(in, "a JPEG segment has no length");
        if (take(in, len - 2) == NULL)
            return cut_off(in);
        if (is_frame_marker(marker) && len >= 7)
            grow(header, big16(segment + 5), big16(segment + 3));
        if (marker == 0xda)
            scanned = true;
    }
    if (!scanned || header->width == 0 || header->height == 0)
        return corrupt(in, "the JPEG holds no picture");
    return VT_OK;
}

/* ---- PNG: W3C PNG, 5 ---- */

static enum vt_error read_png(struct reader *in, struct image_header *header)
{
    bool first = true;

    in->at = 8;
    for (;;) {
        const uint8_t *chunk = take(in, 8), *data;
        uint32_t len;

        if (chunk == NULL)
            return cut_off(in);
        len = big32(chunk);
        data = take(in, (size_t)len + 4); /* the checksum */
        if (data == NULL)
            return cut_off(in);
        if (first != (memcmp(chunk + 4, "IHDR", 4) == 0) || (first && len != 13))
            return corrupt(in, "the PNG header is not where it belongs");
        first = false;
        if (memcmp(chunk + 4, "IHDR", 4) == 0)
            grow(header, big32(data), big32(data + 4));
        if (memcmp(chunk + 4, "acTL", 4) == 0 && len >= 8 && big32(data) > header->frames)
            header->frames = big32(data);
        if (memcmp(chunk + 4, "IEND", 4) == 0)
            break;
    }
    return VT_OK;
}

/* ---- GIF: GIF89a specification ---- */

static bool skip_sub_blocks(struct reader *in)
{
    for (;;) {
        const uint8_t *len = take(in, 1);

        if (len == NULL || take(in, *len) == NULL)
            return false;
        if (*len == 0)
            return true;
    }
}

static bool skip_color_table(struct reader *in, uint8_t flags)
{
    return (flags & 0x80) == 0 || take(in, (size_t)3 << ((flags & 7) + 1)) != NULL;
}

static enum vt_error read_gif(struct reader *in, struct image_header *header)
{
    const uint8_t *screen = in->data + 6;

    if (take(in, 13) == NULL || !skip_color_table(in, screen[4]))
        return cut_off(in);
    grow(header, little16(screen), little16(screen + 2));
    header->frames = 0;
    for (;;) {
        const uint8_t *kind = take(in, 1), *frame;

        if (kind == NULL)
            return cut_off(in);
        if (*kind == 0x3b)
            break;
        if (*kind == 0x21) {
            if (take(in, 1) == NULL || !skip_sub_blocks(in))
                return cut_off(in);
        } else if (*kind == 0x2c) {
            frame = take(in, 9);
            if (frame == NULL || !skip_color_table(in, frame[8]) || take(in, 1) == NULL ||
                !skip_sub_blocks(in))
                return cut_off(in);
            grow(header, little16(frame + 4), little16(frame + 6));
            header->frames++;
        } else if (*kind != 0) { /* encoders of old pad with zero bytes */
            return corrupt(in, "the GIF has a block of no known kind");
        }
    }
    return header->frames > 0 ? VT_OK : corrupt(in, "the GIF holds no picture");
}

/* ---- WebP: RFC 9649 ---- */

static void read_webp_chunk(const uint8_t *name, const uint8_t *data, uint32_t len,
                            struct image_header *header, uint32_t *frames)
{
    if (memcmp(name, "VP8X", 4) == 0 && len >= 10) {
        grow(header, little24(data + 4) + 1, little24(data + 7) + 1);
    } else if (memcmp(name, "VP8 ", 4) == 0 && len >= 10) {
        grow(header, little16(data + 6) & 0x3fff, little16(data + 8) & 0x3fff);
    } else if (memcmp(name, "VP8L", 4) == 0 && len >= 5) {
        uint32_t bits = little32(data + 1);

        grow(header, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
    } else if (memcmp(name, "ANMF", 4) == 0 && len >= 16) {
        grow(header, little24(data + 6) + 1, little24(data + 9) + 1);
        (*frames)++;
    }
}

static enum vt_error read_webp(struct reader *in, struct image_header *header)
{
    size_t size = little32(in->data + 4);
    uint32_t frames = 0;

    in->at = 8;
    if (size > left(in))
        return cut_off(in);
    in->len = in->at + size; /* what follows the RIFF is none of the image's */
    if (take(in, 4) == NULL)
        return corrupt(in, "the WebP is empty");
    while (left(in) >= 8) {
        const uint8_t *chunk = take(in, 8), *data;
        uint32_t len = little32(chunk + 4);

        data = take(in, len);
        if (data == NULL)
            return cut_off(in);
        if (len % 2 != 0 && left(in) > 0)
            in->at++;
        read_webp_chunk(chunk, data, len, header, &frames);
    }
    if (frames > 0)
        header->frames = frames;
    if (header->width == 0 || header->height == 0)
        return corrupt(in, "the WebP holds no picture");
    return VT_OK;
}

/* ---- TIFF 6.0, 2 ---- */

struct tiff {
    struct reader *in;
    bool big_endian;
};

static uint32_t tiff16(const struct tiff *tiff, const uint8_t *p)
{
    return tiff->big_endian ? big16(p) : little16(p);
}

static uint32_t tiff32(const struct tiff *tiff, const uint8_t *p)
{
    return tiff->big_endian ? big32(p) : little32(p);
}

/* Decoders take the first of two widths where others take the last, and numbers of more types than
 * the standard names: the larger width counts, and only SHORT and LONG are taken. */
static enum vt_error read_tiff_entry(const struct tiff *tiff, const uint8_t *entry,
                                     struct image_header *header)
{
    enum { SHORT = 3, LONG = 4, PRIVATE = 32768 };
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8}; /* by type */
    uint32_t tag = tiff16(tiff, entry), type = tiff16(tiff, entry + 2);
    uint32_t count = tiff32(tiff, entry + 4), value = tiff32(tiff, entry + 8);
    uint64_t bytes = type < sizeof sizes ? (uint64_t)count * sizes[type] : 0;

    /* More than four bytes lie elsewhere. Programs that move a page about break private tags. */
    if (tag < PRIVATE && bytes > 4 && value + bytes > tiff->in->len)
        return cut_off(tiff->in);
    if (tag != 256 && tag != 257)
        return VT_OK;
    if ((type != SHORT && type != LONG) || count != 1)
        return corrupt(tiff->in, "the TIFF's width or height is not one whole number");
    if (type == SHORT)
        value = tiff16(tiff, entry + 8);
    grow(header, tag == 256 ? value : 0, tag == 257 ? value : 0);
    return VT_OK;
}

static enum vt_error read_tiff_page(const struct tiff *tiff, struct image_header *header,
                                    uint32_t *next)
{
    const uint8_t *count, *entry;

    tiff->in->at = *next;
    count = take(tiff->in, 2);
    if (count == NULL)
        return cut_off(tiff->in);
    for (uint32_t entries = tiff16(tiff, count); entries > 0; entries--) {
        enum vt_error err;

        entry = take(tiff->in, 12);
        if (entry == NULL)
            return cut_off(tiff->in);
        err = read_tiff_entry(tiff, entry, header);
        if (err != VT_OK)
            return err;
    }
    entry = take(tiff->in, 4);
    if (entry == NULL)
        return cut_off(tiff->in);
    *next = tiff32(tiff, entry);
    return VT_OK;
}

static enum vt_error read_tiff(struct reader *in, struct image_header *header)
{
    struct tiff tiff = {in, in->data[0] == 'M'};
    uint32_t next = tiff32(&tiff, in->data + 4), pages = 0;
    size_t walked = 0;

    while (next != 0) {
        uint32_t start = next;
        enum vt_error err;

        if (start > in->len)
            return cut_off(in);
        err = read_tiff_page(&tiff, header, &next);
        if (err != VT_OK)
            return err;
        walked += in->at - start;
        if (walked > in->len) /* pages that share bytes: a ring, or as good as one */
            return corrupt(in, "the TIFF's pages lead back to themselves");
        pages++;
    }
    if (header->width == 0 || header->height == 0)
        return corrupt(in, "the TIFF holds no picture");
    header->frames = pages;
    return VT_OK;
}

/* ---- HEIC and AVIF: ISO/IEC 14496-12, 23008-12 ---- */

/* Reads one box header; *body becomes a reader of what the box holds. */
static enum vt_error take_box(struct reader *in, const uint8_t **name, struct reader *body)
{
    const uint8_t *head = take(in, 8), *large, *data;
    uint64_t size;
    size_t used = 8;

    if (head == NULL)
        return cut_off(in);
    size = big32(head);
    *name = head + 4;
    if (size == 1) {
        large = take(in, 8);
        if (large == NULL)
            return cut_off(in);
        size = (uint64_t)big32(large) << 32 | big32(large + 4);
        used = 16;
    } else if (size == 0) {
        size = used + left(in); /* to the end of the file */
    }
    if (size < used)
        return corrupt(in, "a box is smaller than its header");
    if (size - used > left(in))
        return cut_off(in);
    data = take(in, (size_t)(size - used));
    *body = (struct reader){data, (size_t)(size - used), 0, in->why};
    return VT_OK;
}

/* Looks for the image sizes (ispe) in meta, iprp, ipco. */
static enum vt_error read_boxes(struct reader *in, struct image_header *header, unsigned depth)
{
    while (left(in) > 0) {
        struct reader body;
        const uint8_t *name = NULL, *size;
        enum vt_error err = take_box(in, &name, &body);

        if (err != VT_OK)
            return err;
        if (memcmp(name, "meta", 4) == 0 && take(&body, 4) == NULL)
            return cut_off(in);
        if (depth < BOX_MAX_DEPTH &&
            (memcmp(name, "meta", 4) == 0 || memcmp(name, "iprp", 4) == 0 ||
             memcmp(name, "ipco", 4) == 0)) {
            err = read_boxes(&body, header, depth + 1);
            if (err != VT_OK)
                return err;
        } else if (memcmp(name, "ispe", 4) == 0) {
            size = take(&body, 12);
            if (size == NULL)
                return cut_off(in);
            grow(header, big32(size + 4), big32(size + 8));
        }
    }
    return VT_OK;
}

static enum vt_error read_isobmff(struct reader *in, struct image_header *header)
{
    enum vt_error err = read_boxes(in, header, 0);

    if (err == VT_OK && (header->width == 0 || header->height == 0))
        return corrupt(in, "it names no image size");
    return err;
}

static bool find_brand(const uint8_t *data, size_t len, enum image_type *type)
{
    static const struct {
        char name[5];
        enum image_type type;
    } brands[] = {{"avif", IMAGE_AVIF}, {"avis", IMAGE_AVIF}, {"heic", IMAGE_HEIC},
                  {"heix", IMAGE_HEIC}, {"heim", IMAGE_HEIC}, {"heis", IMAGE_HEIC},
                  {"hevc", IMAGE_HEIC}, {"hevx", IMAGE_HEIC}};
    size_t end = big32(data);

    if (end > len)
        end = len;
    for (size_t at = 8; at + 4 <= end; at += at == 8 ? 8 : 4) { /* past the minor version */
        for (size_t i = 0; i < sizeof brands / sizeof brands[0]; i++) {
            if (memcmp(data + at, brands[i].name, 4) == 0) {
                *type = brands[i].type;
                return true;
            }
        }
    }
    return false;
}

/* ---- all of them ---- */

static bool starts_with(const struct reader *in, const char *magic, size_t len)
{
    return in->len >= len && memcmp(in->data, magic, len) == 0;
}

static bool find_type(const struct reader *in, enum image_type *type)
{
    if (starts_with(in, "\xff\xd8\xff", 3))
        *type = IMAGE_JPEG;
    else if (starts_with(in, "\x89PNG\r\n\x1a\n", 8))
        *type = IMAGE_PNG;
    else if (starts_with(in, "GIF87a", 6) || starts_with(in, "GIF89a", 6))
        *type = IMAGE_GIF;
    else if (in->len >= 12 && starts_with(in, "RIFF", 4) && memcmp(in->data + 8, "WEBP", 4) == 0)
        *type = IMAGE_WEBP;
    else if (in->len >= 8 && (starts_with(in, "II*\0", 4) || starts_with(in, "MM\0*", 4)))
        *type = IMAGE_TIFF;
    else if (in->len >= 16 && memcmp(in->data + 4, "ftyp", 4) == 0)
        return find_brand(in->data, in->len, type);
    else
        return false;
    return true;
}

enum vt_error image_header_read(const void *data, size_t len, struct image_header *header,
                                struct vt_reason *why)
{
    static enum vt_error (*const readers[IMAGE_TYPE_COUNT])(struct reader *,
                                                            struct image_header *) = {
        [IMAGE_JPEG] = read_jpeg, [IMAGE_PNG] = read_png,      [IMAGE_GIF] = read_gif,
        [IMAGE_WEBP] = read_webp, [IMAGE_AVIF] = read_isobmff, [IMAGE_HEIC] = read_isobmff,
        [IMAGE_TIFF] = read_tiff,
    };
    struct reader in = {data, len, 0, why};
    enum vt_error err;

    memset(header, 0, sizeof *header);
    header->frames = 1;
    if (len == 0)
        return vt_fail(why, VT_ERR_UNSUPPORTED, "the file is empty");
    if (!find_type(&in, &header->type))
        return vt_fail(why, VT_ERR_UNSUPPORTED,
                       "the file is not a JPEG, PNG, GIF, WebP, AVIF, HEIC or TIFF image");
    err = readers[header->type](&in, header);
    if (err == VT_OK && (header->width == 0 || header->height == 0))
        return corrupt(&in, "it has no width or no height");
    return err;
}

enum vt_error image_header_check(const struct image_header *header,
                                 const struct image_limits *limits, struct vt_reason *why)
{
    if (header->width > limits->side || header->height > limits->side)
        return vt_fail(why, VT_ERR_IMAGE_LIMIT,
                       "the image has %" PRIu32 " by %" PRIu32 " pixels; a side may have %" PRIu32
                       " at most",
                       header->width, header->height, limits->side);
    if ((uint64_t)header->width * header->height > limits->pixels)
        return vt_fail(why, VT_ERR_IMAGE_LIMIT,
                       "the image has %" PRIu32 " by %" PRIu32
                       " pixels; at most %.1f megapixels are taken",
                       header->width, header->height, (double)limits->pixels / 1e6);
    if (header->frames > limits->frames)
        return vt_fail(why, VT_ERR_IMAGE_LIMIT,
                       "the image has %" PRIu32 " frames; at most %" PRIu32 " are taken",
                       header->frames, limits->frames);
    return VT_OK;
}
