/* HEIC and AVIF: reads one picture, its size as coded and as seen. ISO/IEC 23008-12, 6.5. */
#include "image/header/formats.h"
#include "image/header/heif.h"

#define BLOCK 64 /* pixels: decoders round sides up by less than that */

static enum vt_error corrupt(const struct heif *heif, const char *what)
{
    struct reader file = heif->file;

    return reader_corrupt(&file, what);
}

/* Reads size and codec. There may be only one of each, since decoders differ in which of two they
 * use. */
static enum vt_error read_size(const struct heif *heif, struct heif_picture *picture)
{
    uint32_t wanted = picture->item->type == HEIF_NAME('h', 'v', 'c', '1')
                          ? HEIF_NAME('h', 'v', 'c', 'C')
                          : HEIF_NAME('a', 'v', '1', 'C');

    for (unsigned at = 0; at < picture->item->association_count; at++) {
        const struct heif_property *property = heif_property(heif, picture->item, at);

        if (property == NULL)
            continue;
        if (property->name == wanted) {
            if (picture->config != NULL)
                return corrupt(heif, "an item has two configurations of its codec");
            picture->config = property;
        }
        if (property->name != HEIF_NAME('i', 's', 'p', 'e'))
            continue;
        if (property->body.len < 12)
            return corrupt(heif, "an image size is cut off");
        if (picture->width != 0)
            return corrupt(heif, "an item has two sizes");
        picture->width = reader_big32(property->body.data + 4);
        picture->height = reader_big32(property->body.data + 8);
        if (picture->width == 0 || picture->height == 0)
            return corrupt(heif, "it has no width or no height");
    }
    return VT_OK;
}

/* A clean aperture, 14496-12, 12.1.4: returns the side that it leaves, or 0 if it is not within
 * `side`. */
static uint32_t crop_side(const uint8_t *clap, uint32_t side)
{
    uint32_t size = reader_big32(clap), size_parts = reader_big32(clap + 4);
    int64_t offset = (int32_t)reader_big32(clap + 16);
    uint32_t offset_parts = reader_big32(clap + 20);
    int64_t room;

    if (size_parts == 0 || offset_parts == 0 || size_parts > INT32_MAX ||
        offset_parts > INT32_MAX || size % size_parts != 0)
        return 0;
    size /= size_parts;
    if (size > side)
        return 0;
    room = (int64_t)(side - size) * offset_parts; /* twice the margin on each side */
    return offset * 2 <= room && -offset * 2 <= room ? size : 0;
}

/* Applies turns and crops, in the order of the properties, to the size of a decoded picture. */
static enum vt_error transform(const struct heif *heif, uint32_t width, uint32_t height,
                               struct heif_picture *picture)
{
    bool sized = false;

    picture->seen_width = width;
    picture->seen_height = height;
    for (unsigned at = 0; at < picture->item->association_count; at++) {
        const struct heif_property *property = heif_property(heif, picture->item, at);
        const uint8_t *body;

        if (property == NULL)
            continue;
        body = property->body.data;
        if (property->name == HEIF_NAME('i', 's', 'p', 'e')) {
            picture->named_width = picture->width;
            picture->named_height = picture->height;
            sized = true;
        } else if (property->name == HEIF_NAME('i', 'r', 'o', 't')) {
            if (property->body.len < 1)
                return corrupt(heif, "a turn is cut off");
            if ((body[0] & 1) != 0) {
                uint32_t swapped = picture->seen_width;

                picture->seen_width = picture->seen_height;
                picture->seen_height = swapped;
                swapped = picture->named_width;
                picture->named_width = sized ? picture->named_height : swapped;
                picture->named_height = sized ? swapped : picture->named_height;
            }
        } else if (property->name == HEIF_NAME('c', 'l', 'a', 'p')) {
            if (property->body.len < 32)
                return corrupt(heif, "a clean aperture is cut off");
            picture->cropped = true;
            picture->seen_width = crop_side(body, picture->seen_width);
            picture->seen_height = crop_side(body + 8, picture->seen_height);
            if (picture->seen_width == 0 || picture->seen_height == 0)
                return corrupt(heif, "its clean aperture is not a part of the picture");
            if (sized) {
                picture->named_width = picture->seen_width;
                picture->named_height = picture->seen_height;
            }
        }
    }
    return VT_OK;
}

/* Raises the header's size to what a decoder allocates, which may be more than is shown. */
static void grow(const struct heif_coded *coded, struct image_header *header)
{
    bool more = coded->stored_width - coded->width >= BLOCK ||
                coded->stored_height - coded->height >= BLOCK;

    image_header_grow(header, more ? coded->stored_width : coded->width,
                      more ? coded->stored_height : coded->height);
    image_header_deepen(header, coded->depth);
}

/* Reads the codec's headers, once for each item, as a grid may use one item as several tiles. */
static enum vt_error read_codec(const struct heif *heif, struct heif_picture *picture)
{
    struct heif_item *item = picture->item;
    struct heif_coded coded = {0};
    struct heif_data data;
    enum vt_error err;

    if (item->coded.depth != 0)
        return VT_OK;
    if (picture->config == NULL)
        return corrupt(heif, "an item has no configuration of its codec");
    heif_data_open(heif, item, &data);
    if (data.left == 0)
        return corrupt(heif, "a picture has no data");
    err = item->type == HEIF_NAME('h', 'v', 'c', '1')
              ? heif_read_hevc(heif, picture->config->body, &data, &coded)
              : heif_read_av1(heif, picture->config->body, &data, &coded);
    if (err == VT_OK)
        item->coded = coded;
    return err;
}

enum vt_error heif_read_picture(const struct heif *heif, struct heif_item *item,
                                struct heif_picture *picture, struct image_header *header)
{
    const struct heif_coded *coded = &item->coded;
    enum vt_error err;

    *picture = (struct heif_picture){.item = item};
    err = read_size(heif, picture);
    if (err == VT_OK)
        err = read_codec(heif, picture);
    if (err != VT_OK)
        return err;
    grow(coded, header);
    if (picture->width != 0 && (picture->width != coded->width || picture->height != coded->height))
        return corrupt(heif, "it says another size than its data has");
    picture->depth = coded->depth;
    picture->gray = coded->gray;
    picture->uneven = coded->uneven;
    return transform(heif, coded->width, coded->height, picture);
}

enum vt_error heif_read_canvas(const struct heif *heif, struct heif_item *item, uint32_t width,
                               uint32_t height, struct heif_picture *picture)
{
    enum vt_error err;

    *picture = (struct heif_picture){.item = item};
    err = read_size(heif, picture);
    if (err == VT_OK && (picture->width != width || picture->height != height))
        return corrupt(heif, "its grid says two sizes");
    return err == VT_OK ? transform(heif, width, height, picture) : err;
}
