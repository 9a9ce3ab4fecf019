/* HEIC and AVIF: which files are accepted. ISO/IEC 23008-12, 6.
 *
 * libheif 1.15 writes beyond its buffer for some overlays, follows items that refer to each other
 * without end, leaves memory uninitialized that a grid's tiles do not cover, and combines colours
 * with a transparency of another size or depth. So a file is accepted only if it holds a coded
 * picture, or one grid of coded tiles, all of one size, which cover it; and if any transparency has
 * the picture's own size and depth. */
#include "image/header/heif.h"
#include "image/header/formats.h"

static enum vt_error corrupt(const struct heif *heif, const char *what)
{
    struct reader file = heif->file;

    return reader_corrupt(&file, what);
}

static bool is_coded(const struct heif_item *item)
{
    return item->type == HEIF_NAME('h', 'v', 'c', '1') ||
           item->type == HEIF_NAME('a', 'v', '0', '1');
}

static bool is_grid(const struct heif_item *item)
{
    return item->type == HEIF_NAME('g', 'r', 'i', 'd');
}

struct grid {
    unsigned rows, columns;
    uint32_t width, height;
};

/* 23008-12, 6.6.2.3.2 */
static enum vt_error read_grid(const struct heif *heif, const struct heif_item *item,
                               struct grid *grid)
{
    uint8_t head[4], size[8];
    struct heif_data data;
    bool wide;

    heif_data_open(heif, item, &data);
    if (!heif_data_take(&data, head, sizeof head))
        return corrupt(heif, "its grid is cut off");
    wide = (head[1] & 1) != 0;
    if (head[0] != 0 || !heif_data_take(&data, size, wide ? 8 : 4))
        return corrupt(heif, "its grid is cut off or of an unknown version");
    grid->rows = head[2] + 1u;
    grid->columns = head[3] + 1u;
    grid->width = wide ? reader_big32(size) : reader_big16(size);
    grid->height = wide ? reader_big32(size + 4) : reader_big16(size + 2);
    if (grid->width == 0 || grid->height == 0)
        return corrupt(heif, "it has no width or no height");
    if (grid->rows * grid->columns > HEIF_TILES)
        return heif_refuse(heif, "its grid has too many tiles");
    if (item->dimg_boxes != 1 || item->tile_count != grid->rows * grid->columns)
        return corrupt(heif, "its grid has another number of tiles than it says");
    return VT_OK;
}

static uint32_t tile_id(const struct heif *heif, const struct heif_item *grid, unsigned at)
{
    const uint8_t *id = grid->tiles + (size_t)at * heif->reference_size;

    return heif->reference_size == 2 ? reader_big16(id) : reader_big32(id);
}

static enum vt_error read_tile(const struct heif *heif, uint32_t id, struct heif_picture *tile,
                               struct image_header *header)
{
    struct heif_item *item = heif_find(heif, id);
    enum vt_error err;

    if (item == NULL)
        return corrupt(heif, "a tile of its grid is not there");
    if (!is_coded(item))
        return heif_refuse(heif, "a tile of its grid is made of other pictures");
    if (item->alpha_count > 0) /* libheif's threads would interfere with each other */
        return heif_refuse(heif, "a tile of its grid has transparency of its own");
    err = heif_read_picture(heif, item, tile, header);
    if (err == VT_OK && (tile->width == 0 || tile->uneven || tile->cropped))
        return corrupt(heif, "a tile of its grid is not of the size of the others");
    return err;
}

/* Whether `count` tiles of that side cover the canvas's side, and none lies outside it. */
static bool covers(uint32_t side, unsigned count, uint32_t canvas)
{
    return (uint64_t)side * count >= canvas && (uint64_t)side * (count - 1) < canvas;
}

static enum vt_error read_tiles(const struct heif *heif, struct heif_item *item,
                                struct heif_picture *canvas, struct image_header *header)
{
    struct heif_picture first = {0}, tile = {0};
    struct grid grid = {0};
    enum vt_error err = read_grid(heif, item, &grid);

    if (err == VT_OK)
        err = heif_read_canvas(heif, item, grid.width, grid.height, canvas);
    for (unsigned at = 0; err == VT_OK && at < grid.rows * grid.columns; at++) {
        err = read_tile(heif, tile_id(heif, item, at), &tile, header);
        if (at == 0)
            first = tile;
        if (err == VT_OK &&
            (tile.item->type != first.item->type || tile.seen_width != first.seen_width ||
             tile.seen_height != first.seen_height || tile.depth != first.depth ||
             tile.named_width != tile.seen_width || tile.named_height != tile.seen_height))
            err = corrupt(heif, "the tiles of its grid are not of one size and depth");
    }
    if (err == VT_OK && (!covers(first.seen_width, grid.columns, grid.width) ||
                         !covers(first.seen_height, grid.rows, grid.height)))
        err = corrupt(heif, "the tiles of its grid do not fit its size");
    canvas->depth = first.depth;
    canvas->gray = first.gray;
    image_header_grow(header, grid.width, grid.height);
    return err;
}

static enum vt_error read_any(const struct heif *heif, struct heif_item *item,
                              struct heif_picture *picture, struct image_header *header)
{
    if (is_coded(item))
        return heif_read_picture(heif, item, picture, header);
    if (is_grid(item))
        return read_tiles(heif, item, picture, header);
    return heif_refuse(heif, "its picture is made of others in a way other than a grid");
}

static enum vt_error check_alpha(const struct heif *heif, const struct heif_picture *picture,
                                 struct image_header *header)
{
    struct heif_item *item = heif_find(heif, picture->item->alpha);
    struct heif_picture alpha = {0};
    enum vt_error err;

    if (item == NULL)
        return corrupt(heif, "its transparency is not there");
    if (picture->item->alpha_count > 1 || item->alpha_count > 0)
        return heif_refuse(heif, "it has more than one transparency");
    header->alpha = true;
    err = read_any(heif, item, &alpha, header);
    if (err != VT_OK)
        return err;
    if (alpha.named_width != picture->named_width || alpha.named_height != picture->named_height)
        return VT_OK; /* libheif ignores it, or scales it */
    if (alpha.seen_width != picture->seen_width || alpha.seen_height != picture->seen_height ||
        alpha.depth != picture->depth || alpha.uneven || picture->uneven)
        return corrupt(heif, "its transparency is of another size or depth than its colours");
    return VT_OK;
}

enum vt_error heif_check(const struct heif *heif, struct image_header *header)
{
    struct heif_item *primary = heif_find(heif, heif->primary);
    struct heif_picture picture = {0};
    enum vt_error err;

    if (primary == NULL)
        return corrupt(heif, "the picture that it is about is not there");
    err = read_any(heif, primary, &picture, header);
    if (err == VT_OK && picture.width == 0)
        return corrupt(heif, "it names no image size");
    if (err == VT_OK && primary->alpha_count > 0)
        err = check_alpha(heif, &picture, header);
    if (err == VT_OK)
        header->channels = (picture.gray ? 1U : 3U) + (header->alpha ? 1U : 0U);
    return err;
}
