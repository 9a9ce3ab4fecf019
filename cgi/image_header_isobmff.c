/* HEIC and AVIF: ISO/IEC 14496-12 and 23008-12. */
#include <string.h>

#include "image_header_formats.h"

#define BOX_MAX_DEPTH 4

/* Reads one box header; *body becomes a reader of what the box holds. */
static enum vt_error take_box(struct reader *in, const uint8_t **name, struct reader *body)
{
    const uint8_t *head = reader_take(in, 8), *large, *data;
    uint64_t size;
    size_t used = 8;

    if (head == NULL)
        return reader_cut_off(in);
    size = reader_big32(head);
    *name = head + 4;
    if (size == 1) {
        large = reader_take(in, 8);
        if (large == NULL)
            return reader_cut_off(in);
        size = (uint64_t)reader_big32(large) << 32 | reader_big32(large + 4);
        used = 16;
    } else if (size == 0) {
        size = used + reader_left(in); /* to the end of the file */
    }
    if (size < used)
        return reader_corrupt(in, "a box is smaller than its header");
    if (size - used > reader_left(in))
        return reader_cut_off(in);
    data = reader_take(in, (size_t)(size - used));
    *body = (struct reader){data, (size_t)(size - used), 0, in->why};
    return VT_OK;
}

/* Looks for the image sizes (ispe) in meta, iprp, ipco. */
static enum vt_error read_boxes(struct reader *in, struct image_header *header, unsigned depth)
{
    while (reader_left(in) > 0) {
        struct reader body;
        const uint8_t *name = NULL, *size;
        enum vt_error err = take_box(in, &name, &body);

        if (err != VT_OK)
            return err;
        if (memcmp(name, "meta", 4) == 0 && reader_take(&body, 4) == NULL)
            return reader_cut_off(in);
        if (depth < BOX_MAX_DEPTH &&
            (memcmp(name, "meta", 4) == 0 || memcmp(name, "iprp", 4) == 0 ||
             memcmp(name, "ipco", 4) == 0)) {
            err = read_boxes(&body, header, depth + 1);
            if (err != VT_OK)
                return err;
        } else if (memcmp(name, "av1C", 4) == 0 && reader_left(&body) >= 4) {
            image_header_deepen(header, (body.data[2] & 0x40) == 0   ? 8
                                        : (body.data[2] & 0x20) == 0 ? 10
                                                                     : 12);
        } else if (memcmp(name, "hvcC", 4) == 0 && reader_left(&body) >= 23) {
            image_header_deepen(header, 8 + (body.data[17] & 7));
        } else if (memcmp(name, "auxC", 4) == 0) {
            header->alpha = true; /* a picture of something beside the colours */
        } else if (memcmp(name, "ispe", 4) == 0) {
            size = reader_take(&body, 12);
            if (size == NULL)
                return reader_cut_off(in);
            image_header_grow(header, reader_big32(size + 4), reader_big32(size + 8));
        }
    }
    return VT_OK;
}

enum vt_error image_header_read_isobmff(struct reader *in, struct image_header *header)
{
    enum vt_error err = read_boxes(in, header, 0);

    if (err == VT_OK && (header->width == 0 || header->height == 0))
        return reader_corrupt(in, "it names no image size");
    return err;
}
