/* TIFF 6.0, section 2. */
#include <stdbool.h>

#include "image/header/formats.h"

struct tiff {
    struct reader *in;
    bool big_endian;
};

static uint32_t tiff16(const struct tiff *tiff, const uint8_t *p)
{
    return tiff->big_endian ? reader_big16(p) : reader_little16(p);
}

static uint32_t tiff32(const struct tiff *tiff, const uint8_t *p)
{
    return tiff->big_endian ? reader_big32(p) : reader_little32(p);
}

#define CHANNELS                                                                                   \
    64 /* that are examined: every entry may declare as many as the file has room for */

/* Reads the bits of each channel: one number for each, in the entry or where it points. Decoders
 * require all to be the same. */
static void read_tiff_depth(const struct tiff *tiff, const uint8_t *entry,
                            struct image_header *header)
{
    enum { SHORT = 3 };
    uint32_t count = tiff32(tiff, entry + 4), at = tiff32(tiff, entry + 8);
    const uint8_t *values = count <= 2 ? entry + 8 : tiff->in->data + at; /* checked to be inside */

    if (tiff16(tiff, entry + 2) != SHORT)
        return;
    for (uint32_t i = 0; i < count && i < CHANNELS; i++)
        image_header_deepen(header, tiff16(tiff, values + (size_t)2 * i));
}

/* Of two widths, some decoders use the first and others the last, and some accept numbers of more
 * types than the standard names. So the larger width counts, and only SHORT and LONG are accepted.
 */
static enum vt_error read_tiff_entry(const struct tiff *tiff, const uint8_t *entry,
                                     struct image_header *header)
{
    enum { SHORT = 3, LONG = 4, PRIVATE = 32768 };
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8}; /* by type */
    uint32_t tag = tiff16(tiff, entry), type = tiff16(tiff, entry + 2);
    uint32_t count = tiff32(tiff, entry + 4), value = tiff32(tiff, entry + 8);
    uint64_t bytes = type < sizeof sizes ? (uint64_t)count * sizes[type] : 0;

    /* More than four bytes lie elsewhere. Private tags are not checked, as programs that move a
     * page break them. */
    if (tag < PRIVATE && bytes > 4 && value + bytes > tiff->in->len)
        return reader_cut_off(tiff->in);
    if (tag == 258)
        read_tiff_depth(tiff, entry, header);
    if (tag == 277 && type == SHORT && count == 1 && tiff16(tiff, entry + 8) > header->channels)
        header->channels =
            tiff16(tiff, entry + 8); /* samples of a pixel, in the page that has the most */
    if (tag == 338)                  /* extra samples */
        header->alpha = true;
    if (tag != 256 && tag != 257)
        return VT_OK;
    if ((type != SHORT && type != LONG) || count != 1)
        return reader_corrupt(tiff->in, "the TIFF's width or height is not one whole number");
    if (type == SHORT)
        value = tiff16(tiff, entry + 8);
    image_header_grow(header, tag == 256 ? value : 0, tag == 257 ? value : 0);
    return VT_OK;
}

static enum vt_error read_tiff_page(const struct tiff *tiff, struct image_header *header,
                                    uint32_t *next)
{
    const uint8_t *count, *entry;

    tiff->in->at = *next;
    count = reader_take(tiff->in, 2);
    if (count == NULL)
        return reader_cut_off(tiff->in);
    for (uint32_t entries = tiff16(tiff, count); entries > 0; entries--) {
        enum vt_error err;

        entry = reader_take(tiff->in, 12);
        if (entry == NULL)
            return reader_cut_off(tiff->in);
        err = read_tiff_entry(tiff, entry, header);
        if (err != VT_OK)
            return err;
    }
    entry = reader_take(tiff->in, 4);
    if (entry == NULL)
        return reader_cut_off(tiff->in);
    *next = tiff32(tiff, entry);
    return VT_OK;
}

enum vt_error image_header_read_tiff(struct reader *in, struct image_header *header)
{
    struct tiff tiff = {in, in->data[0] == 'M'};
    uint32_t next = tiff32(&tiff, in->data + 4), pages = 0;
    size_t walked = 0;

    while (next != 0) {
        uint32_t start = next;
        enum vt_error err;

        if (start > in->len)
            return reader_cut_off(in);
        err = read_tiff_page(&tiff, header, &next);
        if (err != VT_OK)
            return err;
        walked += in->at - start;
        if (walked > in->len) /* pages share bytes: a loop, or nearly one */
            return reader_corrupt(in, "the TIFF's pages lead back to themselves");
        pages++;
    }
    if (header->width == 0 || header->height == 0)
        return reader_corrupt(in, "the TIFF holds no picture");
    header->frames = pages;
    return VT_OK;
}
