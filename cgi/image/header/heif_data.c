/* HEIC and AVIF: the bytes of an item, which may lie in several pieces. ISO/IEC 14496-12, 8.11.3.
 */
#include <string.h>

#include "image/header/heif.h"

#define TOTAL_SHARE 4 /* times the file: items may share pieces, as equal tiles do */
#define TOTAL_SPARE (16 << 20)

static uint64_t read_number(const uint8_t *at, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++)
        value = value << 8 | at[i];
    return value;
}

static const struct reader *find_room(const struct heif *heif, const struct heif_item *item)
{
    return item->method == 0 ? &heif->file : &heif->idat;
}

/* Finds the item's extent number `at`. Returns false if it exceeds the file or idat that holds it.
 */
static bool find_extent(const struct heif *heif, const struct heif_item *item, unsigned at,
                        struct reader *extent)
{
    size_t size = heif->index_size + heif->offset_size + heif->length_size;
    const uint8_t *entry = item->extents + at * size + heif->index_size;
    uint64_t offset = read_number(entry, heif->offset_size);
    uint64_t length = read_number(entry + heif->offset_size, heif->length_size);
    const struct reader *room = find_room(heif, item);

    if (item->base > room->len || offset > room->len - item->base ||
        length > room->len - item->base - offset)
        return false;
    *extent = (struct reader){room->data, (size_t)length, 0, heif->file.why};
    if (room->data != NULL)
        extent->data += item->base + offset;
    return true;
}

enum vt_error heif_check_extents(const struct heif *heif)
{
    uint64_t total = 0, most = (uint64_t)heif->file.len * TOTAL_SHARE + TOTAL_SPARE;
    struct reader extent;

    for (size_t i = 0; i < heif->item_count; i++) {
        for (unsigned at = 0; at < heif->items[i].extent_count; at++) {
            struct reader file = heif->file;

            if (!find_extent(heif, &heif->items[i], at, &extent))
                return reader_cut_off(&file);
            total += extent.len;
            if (total > most)
                return heif_refuse(heif, "its items are larger than the file, all together");
        }
    }
    return VT_OK;
}

void heif_data_open(const struct heif *heif, const struct heif_item *item, struct heif_data *data)
{
    struct reader extent;

    *data = (struct heif_data){.heif = heif, .item = item};
    for (unsigned at = 0; at < item->extent_count; at++)
        if (find_extent(heif, item, at, &extent))
            data->left += extent.len;
}

bool heif_data_take(struct heif_data *data, uint8_t *out, uint64_t count)
{
    if (count > data->left)
        return false;
    data->left -= count;
    while (count > 0) {
        size_t part = reader_left(&data->now);

        if (part == 0) {
            if (!find_extent(data->heif, data->item, data->next++, &data->now))
                return false;
            continue;
        }
        if (part > count)
            part = (size_t)count;
        if (out != NULL) {
            memcpy(out, data->now.data + data->now.at, part);
            out += part;
        }
        data->now.at += part;
        count -= part;
    }
    return true;
}
