/* HEIC and AVIF: reads which items there are, where they lie, what properties they have and what
 * they refer to. ISO/IEC 14496-12, 8.11; 23008-12, 9.3. */
#include <stdlib.h>
#include <string.h>

#include "image/header/heif.h"

/* Takes a number of `size` bytes, 0 to 4 or 8. */
static bool take_number(struct reader *in, unsigned size, uint64_t *value)
{
    const uint8_t *at = reader_take(in, size);

    *value = 0;
    for (unsigned i = 0; at != NULL && i < size; i++)
        *value = *value << 8 | at[i];
    return at != NULL;
}

/* Takes the version and flags of a box that has them. */
static bool take_version(struct reader *in, unsigned *version, uint32_t *flags)
{
    uint64_t word;

    if (!take_number(in, 4, &word))
        return false;
    *version = (unsigned)(word >> 24);
    *flags = (uint32_t)word & 0xffffff;
    return true;
}

/* ---- pitm and iinf ---- */

static enum vt_error read_primary(struct heif *heif, struct reader in)
{
    unsigned version;
    uint32_t flags;
    uint64_t id;

    if (!take_version(&in, &version, &flags) || !take_number(&in, version == 0 ? 2 : 4, &id))
        return reader_cut_off(&in);
    heif->primary = (uint32_t)id;
    return VT_OK;
}

static int compare_items(const void *a, const void *b)
{
    const struct heif_item *first = a, *second = b;

    return (first->id > second->id) - (first->id < second->id);
}

/* Whether metadata is compressed: libheif decompresses it, whatever its size and wherever it ends.
 */
static bool is_deflated(struct reader in)
{
    for (unsigned strings = 2; strings > 0; strings--) { /* name and type */
        const uint8_t *end = memchr(in.data + in.at, 0, reader_left(&in));

        if (end == NULL)
            return false;
        in.at = (size_t)(end - in.data) + 1;
    }
    return reader_left(&in) >= 7 && memcmp(in.data + in.at, "deflate", 7) == 0;
}

static enum vt_error read_entry(struct heif *heif, struct reader in)
{
    struct heif_item *item = &heif->items[heif->item_count];
    unsigned version;
    uint32_t flags;
    uint64_t id, type = 0;

    if (!take_version(&in, &version, &flags) || !take_number(&in, version <= 2 ? 2 : 4, &id) ||
        reader_take(&in, 2) == NULL || (version >= 2 && !take_number(&in, 4, &type)))
        return reader_cut_off(&in);
    if (type == HEIF_NAME('m', 'i', 'm', 'e') && is_deflated(in))
        return heif_refuse(heif, "its metadata is compressed");
    item->id = (uint32_t)id;
    item->type = (uint32_t)type;
    heif->item_count++;
    return VT_OK;
}

static enum vt_error read_items(struct heif *heif, struct reader in)
{
    unsigned version;
    uint32_t flags, name;
    uint64_t count;

    if (!take_version(&in, &version, &flags) || !take_number(&in, version == 0 ? 2 : 4, &count))
        return reader_cut_off(&in);
    heif->items = calloc(HEIF_ITEMS, sizeof *heif->items);
    if (heif->items == NULL)
        return VT_ERR_MEMORY;
    while (reader_left(&in) > 0) {
        struct reader entry;
        enum vt_error err = heif_take_box(&in, true, &name, &entry);

        if (err == VT_OK && name == HEIF_NAME('i', 'n', 'f', 'e')) {
            if (heif->item_count == HEIF_ITEMS)
                return heif_refuse(heif, "it has too many items");
            err = read_entry(heif, entry);
        }
        if (err != VT_OK)
            return err;
    }
    qsort(heif->items, heif->item_count, sizeof *heif->items, compare_items);
    for (size_t i = 1; i < heif->item_count; i++)
        if (heif->items[i].id == heif->items[i - 1].id)
            return reader_corrupt(&in, "two of its items have one number");
    return VT_OK;
}

struct heif_item *heif_find(const struct heif *heif, uint32_t id)
{
    const struct heif_item wanted = {.id = id};

    return bsearch(&wanted, heif->items, heif->item_count, sizeof *heif->items, compare_items);
}

/* ---- iloc ---- */

static bool is_size(unsigned size)
{
    return size == 0 || size == 4 || size == 8;
}

static enum vt_error read_location(struct heif *heif, struct reader *in, unsigned version,
                                   unsigned base_size, unsigned *extents)
{
    uint64_t id, method = 0, reference, base, count;
    const uint8_t *entries;
    struct heif_item *item;

    if (!take_number(in, version < 2 ? 2 : 4, &id) ||
        (version > 0 && !take_number(in, 2, &method)) || !take_number(in, 2, &reference) ||
        !take_number(in, base_size, &base) || !take_number(in, 2, &count))
        return reader_cut_off(in);
    entries =
        reader_take(in, (size_t)count * (heif->offset_size + heif->length_size + heif->index_size));
    if (entries == NULL)
        return reader_cut_off(in);
    *extents += (unsigned)count;
    if (*extents > HEIF_EXTENTS)
        return heif_refuse(heif, "its data lies in too many pieces");
    item = heif_find(heif, (uint32_t)id);
    if (item == NULL)
        return VT_OK;
    if (item->located)
        return reader_corrupt(in, "one of its items lies in two places");
    if ((method & 0xf) > 1)
        return heif_refuse(heif, "the data of an item is made from another item's");
    if (reference != 0)
        return heif_refuse(heif, "its data lies in another file");
    item->located = true;
    item->method = method & 0xf;
    item->base = base;
    item->extents = entries;
    item->extent_count = (unsigned)count;
    return VT_OK;
}

static enum vt_error read_locations(struct heif *heif, struct reader in)
{
    unsigned version, base_size, extents = 0;
    uint32_t flags;
    uint64_t sizes, count;

    if (!take_version(&in, &version, &flags) || !take_number(&in, 2, &sizes) ||
        !take_number(&in, version < 2 ? 2 : 4, &count))
        return reader_cut_off(&in);
    heif->offset_size = sizes >> 12 & 0xf;
    heif->length_size = sizes >> 8 & 0xf;
    base_size = sizes >> 4 & 0xf;
    heif->index_size = version > 0 ? sizes & 0xf : 0;
    if (version > 2 || !is_size(heif->offset_size) || !is_size(heif->length_size) ||
        !is_size(base_size) || !is_size(heif->index_size))
        return reader_corrupt(&in, "the places of its items are of an unknown form");
    if (version == 1 && heif->index_size != 0) /* libheif reads them in version 2 only */
        return heif_refuse(heif, "the places of its items have an index");
    if (count > HEIF_ITEMS)
        return heif_refuse(heif, "it has too many items");
    for (; count > 0; count--) {
        enum vt_error err = read_location(heif, &in, version, base_size, &extents);

        if (err != VT_OK)
            return err;
    }
    return VT_OK;
}

/* ---- iprp: ipco and ipma ---- */

static enum vt_error read_properties(struct heif *heif, struct reader in)
{
    heif->properties = calloc(HEIF_PROPERTIES, sizeof *heif->properties);
    if (heif->properties == NULL)
        return VT_ERR_MEMORY;
    while (reader_left(&in) > 0) {
        struct heif_property *property = &heif->properties[heif->property_count];
        enum vt_error err;

        if (heif->property_count == HEIF_PROPERTIES)
            return heif_refuse(heif, "it has too many properties");
        err = heif_take_box(&in, true, &property->name, &property->body);
        if (err != VT_OK)
            return err;
        if ((property->name == HEIF_NAME('h', 'v', 'c', 'C') ||
             property->name == HEIF_NAME('a', 'v', '1', 'C')) &&
            property->body.len > HEIF_CONFIGURATION)
            return heif_refuse(heif, "the configuration of its codec is too long");
        heif->property_count++;
    }
    return VT_OK;
}

static enum vt_error read_associations(struct heif *heif, struct reader in)
{
    unsigned version;
    uint32_t flags;
    uint64_t count;

    if (!take_version(&in, &version, &flags) || !take_number(&in, 4, &count))
        return reader_cut_off(&in);
    for (; count > 0; count--) {
        bool wide = (flags & 1) != 0;
        struct heif_item *item;
        uint64_t id, entries;
        const uint8_t *at;

        if (!take_number(&in, version == 0 ? 2 : 4, &id) || !take_number(&in, 1, &entries))
            return reader_cut_off(&in);
        at = reader_take(&in, (size_t)entries * (wide ? 2 : 1));
        if (at == NULL)
            return reader_cut_off(&in);
        item = heif_find(heif, (uint32_t)id);
        if (item == NULL)
            continue;
        if (item->associations != NULL)
            return reader_corrupt(&in, "one of its items has its properties twice");
        item->wide = wide;
        item->associations = at;
        item->association_count = (unsigned)entries;
    }
    return VT_OK;
}

static enum vt_error check_associations(const struct heif *heif, struct reader *in)
{
    for (size_t i = 0; i < heif->item_count; i++) {
        const struct heif_item *item = &heif->items[i];

        for (unsigned at = 0; at < item->association_count; at++) {
            unsigned index = item->wide ? reader_big16(item->associations + (size_t)2 * at) & 0x7fff
                                        : item->associations[at] & 0x7f;

            if (index > heif->property_count)
                return reader_corrupt(in, "one of its items has a property that is not there");
        }
    }
    return VT_OK;
}

const struct heif_property *heif_property(const struct heif *heif, const struct heif_item *item,
                                          unsigned at)
{
    unsigned index = item->wide ? reader_big16(item->associations + (size_t)2 * at) & 0x7fff
                                : item->associations[at] & 0x7f;

    return index == 0 ? NULL : &heif->properties[index - 1];
}

static enum vt_error read_all_properties(struct heif *heif, struct reader in)
{
    while (reader_left(&in) > 0) {
        struct reader body;
        uint32_t name;
        enum vt_error err = heif_take_box(&in, true, &name, &body);

        if (err == VT_OK && name == HEIF_NAME('i', 'p', 'c', 'o')) {
            if (heif->properties != NULL)
                return reader_corrupt(&in, "it has two lists of properties");
            err = read_properties(heif, body);
        } else if (err == VT_OK && name == HEIF_NAME('i', 'p', 'm', 'a')) {
            err = read_associations(heif, body);
        }
        if (err != VT_OK)
            return err;
    }
    return check_associations(heif, &in);
}

/* ---- iref ---- */

static bool says_alpha(const struct heif *heif, const struct heif_item *item)
{
    static const char *const types[] = {"urn:mpeg:avc:2015:auxid:1", "urn:mpeg:hevc:2015:auxid:1",
                                        "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"};

    for (unsigned at = 0; at < item->association_count; at++) {
        const struct heif_property *property = heif_property(heif, item, at);

        if (property == NULL || property->name != HEIF_NAME('a', 'u', 'x', 'C') ||
            property->body.len < 4)
            continue;
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
            size_t len = strlen(types[i]);

            if (property->body.len - 4 >= len &&
                memcmp(property->body.data + 4, types[i], len) == 0)
                return true;
        }
    }
    return false;
}

static uint32_t read_id(const uint8_t *at, unsigned size)
{
    return size == 2 ? reader_big16(at) : reader_big32(at);
}

static enum vt_error read_reference(struct heif *heif, uint32_t name, struct reader in)
{
    unsigned size = heif->reference_size;
    uint64_t from, count;
    struct heif_item *item, *other;
    const uint8_t *to;

    if (!take_number(&in, size, &from) || !take_number(&in, 2, &count))
        return reader_cut_off(&in);
    to = reader_take(&in, (size_t)count * size);
    if (to == NULL)
        return reader_cut_off(&in);
    item = heif_find(heif, (uint32_t)from);
    for (size_t i = 0; i < count; i++)
        if (read_id(to + i * size, size) == from)
            return reader_corrupt(&in, "one of its items refers to itself");
    if (item == NULL || count == 0)
        return VT_OK;
    if (name == HEIF_NAME('c', 'd', 's', 'c')) {
        item->is_of_other = true;
        for (size_t i = 0; i < count; i++)
            if (read_id(to + i * size, size) == heif->primary)
                item->is_of_other = false;
    }
    if (name == HEIF_NAME('d', 'i', 'm', 'g')) {
        item->dimg_boxes++;
        item->tiles = to;
        item->tile_count = (unsigned)count;
    }
    if (name == HEIF_NAME('a', 'u', 'x', 'l') && says_alpha(heif, item)) {
        for (size_t i = 0; i < count; i++) {
            other = heif_find(heif, read_id(to + i * size, size));
            if (other != NULL) {
                other->alpha = item->id;
                other->alpha_count++;
            }
        }
    }
    return VT_OK;
}

static enum vt_error read_references(struct heif *heif, struct reader in)
{
    unsigned version, boxes = 0;
    uint32_t flags, name;

    if (!take_version(&in, &version, &flags))
        return reader_cut_off(&in);
    heif->reference_size = version == 0 ? 2 : 4;
    while (reader_left(&in) > 0) {
        struct reader body;
        enum vt_error err = heif_take_box(&in, true, &name, &body);

        if (err == VT_OK && ++boxes > HEIF_REFERENCES)
            return heif_refuse(heif, "it has too many references");
        if (err == VT_OK)
            err = read_reference(heif, name, body);
        if (err != VT_OK)
            return err;
    }
    return VT_OK;
}

enum vt_error heif_load(struct heif *heif, const struct heif_boxes *boxes)
{
    enum vt_error err = read_primary(heif, boxes->pitm);

    if (err == VT_OK)
        err = read_items(heif, boxes->iinf);
    if (err == VT_OK)
        err = read_locations(heif, boxes->iloc);
    if (err == VT_OK)
        err = read_all_properties(heif, boxes->iprp);
    if (err == VT_OK && boxes->iref.data != NULL)
        err = read_references(heif, boxes->iref);
    return err;
}

void heif_free(struct heif *heif)
{
    free(heif->items);
    free(heif->properties);
    heif->items = NULL;
    heif->properties = NULL;
}
