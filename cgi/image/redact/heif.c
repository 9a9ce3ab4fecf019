/* HEIC and AVIF: boxes (ISO/IEC 14496-12) of which one, meta, describes items, and names the places
 * of their data in the file. So nothing may move: what is left out becomes zeros in its place, and
 * the types of such boxes and items become "free". */
#include <stdlib.h>
#include <string.h>

#include "image/header/heif.h"
#include "image/redact/film.h"
#include "image/redact/formats.h"
#include "image/redact/places.h"

#define DEPTH 4 /* of pictures that are made from other pictures */

struct redacting {
    struct heif heif;
    enum image_redact_level level;
    struct image_redact_places places;
    const uint8_t *file;
    bool *is_kept, *is_thumbnail; /* for each item */
};

static bool is_one_of(uint32_t name, const uint32_t *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] == name)
            return true;
    return false;
}

/* ---- which items are kept ---- */

static bool is_picture(uint32_t type)
{
    static const uint32_t types[] = {HEIF_NAME('h', 'v', 'c', '1'), HEIF_NAME('a', 'v', '0', '1'),
                                     HEIF_NAME('g', 'r', 'i', 'd'), HEIF_NAME('i', 'o', 'v', 'l'),
                                     HEIF_NAME('i', 'd', 'e', 'n'), HEIF_NAME('t', 'm', 'a', 'p')};

    return is_one_of(type, types, sizeof types / sizeof types[0]);
}

static size_t index_of(const struct redacting *self, const struct heif_item *item)
{
    return (size_t)(item - self->heif.items);
}

/* Keeps a picture, what it is made from, and its transparency. */
static void keep_item(const struct redacting *self, uint32_t id, unsigned depth)
{
    const struct heif *heif = &self->heif;
    const struct heif_item *item = heif_find(heif, id);
    unsigned size = heif->reference_size;

    if (item == NULL || depth == 0 || !is_picture(item->type) ||
        self->is_kept[index_of(self, item)])
        return;
    self->is_kept[index_of(self, item)] = true;
    for (unsigned i = 0; i < item->tile_count; i++)
        keep_item(self,
                  size == 2 ? reader_big16(item->tiles + (size_t)i * size)
                            : reader_big32(item->tiles + (size_t)i * size),
                  depth - 1);
    if (item->alpha_count > 0)
        keep_item(self, item->alpha, depth - 1);
}

/* Notes which items are thumbnails of others. */
static enum vt_error find_thumbnails(struct redacting *self, struct reader iref)
{
    struct reader body;
    uint32_t name;

    if (iref.data == NULL)
        return VT_OK;
    if (reader_take(&iref, 4) == NULL)
        return VT_ERR_UNSUPPORTED;
    while (reader_left(&iref) > 0) {
        const struct heif_item *item;
        const uint8_t *from;

        if (heif_take_box(&iref, true, &name, &body) != VT_OK ||
            (from = reader_take(&body, self->heif.reference_size)) == NULL)
            return VT_ERR_UNSUPPORTED;
        item = heif_find(&self->heif,
                         self->heif.reference_size == 2 ? reader_big16(from) : reader_big32(from));
        if (item != NULL && name == HEIF_NAME('t', 'h', 'm', 'b'))
            self->is_thumbnail[index_of(self, item)] = true;
    }
    return VT_OK;
}

/* If only the place is hidden, the pictures that are not the primary one stay, too: bursts, depths,
 * maps of brightness. */
static void choose_items(const struct redacting *self)
{
    const struct heif *heif = &self->heif;

    keep_item(self, heif->primary, DEPTH);
    for (size_t i = 0; self->level == IMAGE_REDACT_PLACE && i < heif->item_count; i++)
        if (is_picture(heif->items[i].type) && !self->is_thumbnail[i])
            self->is_kept[i] = true;
}

/* ---- the structure ---- */

static size_t place_of(const struct redacting *self, const uint8_t *data)
{
    return (size_t)(data - self->file);
}

/* Leaves out what an item is called, and of one that is not kept its type, too. */
static enum vt_error free_item(struct redacting *self, struct reader entry)
{
    const uint8_t *head = reader_take(&entry, 4);
    const struct heif_item *item;
    size_t id_size, name;

    if (head == NULL || head[0] < 2) /* old entries have no types */
        return VT_ERR_UNSUPPORTED;
    id_size = head[0] == 2 ? 2 : 4;
    if (reader_take(&entry, id_size + 6) == NULL)
        return VT_ERR_UNSUPPORTED;
    item = heif_find(&self->heif, id_size == 2 ? reader_big16(head + 4) : reader_big32(head + 4));
    name = place_of(self, entry.data + entry.at);
    /* That of EXIF may get a smaller block. */
    if (item == NULL ||
        (!self->is_kept[index_of(self, item)] &&
         (item->type != HEIF_NAME('E', 'x', 'i', 'f') || self->level == IMAGE_REDACT_ALL)))
        image_redact_places_put(&self->places, name - 4, "free", 4);
    image_redact_places_skip(&self->places, name, reader_left(&entry)); /* name, media type */
    return VT_OK;
}

/* Their numbers stay. */
static enum vt_error free_items(struct redacting *self, struct reader iinf)
{
    const uint8_t *version = reader_take(&iinf, 4);
    enum vt_error err = VT_OK;

    if (version == NULL || reader_take(&iinf, version[0] == 0 ? 2 : 4) == NULL)
        return VT_ERR_UNSUPPORTED;
    while (err == VT_OK && reader_left(&iinf) > 0) {
        size_t at = place_of(self, iinf.data + iinf.at);
        struct reader entry;
        uint32_t name;

        if (heif_take_box(&iinf, true, &name, &entry) != VT_OK)
            return VT_ERR_UNSUPPORTED;
        if (name == HEIF_NAME('i', 'n', 'f', 'e'))
            err = free_item(self, entry);
        else
            image_redact_film_free(&self->places, self->file, at, &entry);
    }
    return err;
}

/* Keeps the properties that decoding, showing, layers and alpha channels need: all others may be
 * texts, times, or places, such as that of a camera. */
static enum vt_error free_properties(struct redacting *self, struct reader ipco)
{
    static const uint32_t needed[] = {HEIF_NAME('i', 's', 'p', 'e'), HEIF_NAME('p', 'i', 'x', 'i'),
                                      HEIF_NAME('p', 'a', 's', 'p'), HEIF_NAME('c', 'o', 'l', 'r'),
                                      HEIF_NAME('c', 'l', 'l', 'i'), HEIF_NAME('m', 'd', 'c', 'v'),
                                      HEIF_NAME('c', 'c', 'l', 'v'), HEIF_NAME('a', 'm', 'v', 'e'),
                                      HEIF_NAME('r', 'e', 'v', 'e'), HEIF_NAME('n', 'd', 'w', 't'),
                                      HEIF_NAME('a', 'u', 'x', 'C'), HEIF_NAME('c', 'l', 'a', 'p'),
                                      HEIF_NAME('i', 'r', 'o', 't'), HEIF_NAME('i', 'm', 'i', 'r'),
                                      HEIF_NAME('r', 'l', 'o', 'c'), HEIF_NAME('i', 's', 'c', 'l'),
                                      HEIF_NAME('l', 's', 'e', 'l'), HEIF_NAME('a', '1', 'o', 'p'),
                                      HEIF_NAME('a', '1', 'l', 'x'), HEIF_NAME('t', 'o', 'l', 's'),
                                      HEIF_NAME('o', 'i', 'n', 'f'), HEIF_NAME('a', 'v', '1', 'C'),
                                      HEIF_NAME('h', 'v', 'c', 'C'), HEIF_NAME('l', 'h', 'v', 'C')};

    while (reader_left(&ipco) > 0) {
        size_t at = place_of(self, ipco.data + ipco.at);
        struct reader body;
        uint32_t name;

        if (heif_take_box(&ipco, true, &name, &body) != VT_OK)
            return VT_ERR_UNSUPPORTED;
        if (!is_one_of(name, needed, sizeof needed / sizeof needed[0]))
            image_redact_film_free(&self->places, self->file, at, &body);
    }
    return VT_OK;
}

static enum vt_error read_iprp(struct redacting *self, struct reader iprp)
{
    while (reader_left(&iprp) > 0) {
        size_t at = place_of(self, iprp.data + iprp.at);
        struct reader body;
        uint32_t name;
        enum vt_error err = VT_OK;

        if (heif_take_box(&iprp, true, &name, &body) != VT_OK)
            return VT_ERR_UNSUPPORTED;
        if (name == HEIF_NAME('i', 'p', 'c', 'o'))
            err = free_properties(self, body);
        else if (name != HEIF_NAME('i', 'p', 'm', 'a'))
            image_redact_film_free(&self->places, self->file, at, &body);
        if (err != VT_OK)
            return err;
    }
    return VT_OK;
}

/* Reads meta, twice: first only which items are thumbnails. */
static enum vt_error read_meta(struct redacting *self, struct reader meta, bool only_looks)
{
    static const uint32_t kept[] = {HEIF_NAME('h', 'd', 'l', 'r'), HEIF_NAME('p', 'i', 't', 'm'),
                                    HEIF_NAME('i', 'l', 'o', 'c'), HEIF_NAME('i', 'r', 'e', 'f'),
                                    HEIF_NAME('g', 'r', 'p', 'l'), HEIF_NAME('d', 'i', 'n', 'f')};

    if (reader_take(&meta, 4) == NULL)
        return VT_ERR_UNSUPPORTED;
    while (reader_left(&meta) > 0) {
        size_t at = place_of(self, meta.data + meta.at);
        enum vt_error err = VT_OK;
        struct reader body;
        uint32_t name;

        if (heif_take_box(&meta, true, &name, &body) != VT_OK)
            return VT_ERR_UNSUPPORTED;
        if (only_looks) {
            if (name == HEIF_NAME('i', 'r', 'e', 'f'))
                err = find_thumbnails(self, body);
        } else if (name == HEIF_NAME('i', 'i', 'n', 'f')) {
            err = free_items(self, body);
        } else if (name == HEIF_NAME('i', 'p', 'r', 'p')) {
            err = read_iprp(self, body);
        } else if (name == HEIF_NAME('i', 'd', 'a', 't')) { /* has data of items */
            image_redact_places_skip(&self->places, place_of(self, body.data), body.len);
        } else if (!is_one_of(name, kept, sizeof kept / sizeof kept[0])) {
            image_redact_film_free(&self->places, self->file, at, &body);
        } else if (name == HEIF_NAME('h', 'd', 'l', 'r') && self->level == IMAGE_REDACT_ALL) {
            image_redact_film_unname(&self->places, self->file, &body);
        }
        if (err != VT_OK)
            return err;
    }
    return VT_OK;
}

/* Reads the file's boxes. */
static enum vt_error read_file(struct redacting *self, struct reader in, bool only_looks)
{
    while (reader_left(&in) > 0) {
        size_t at = in.at;
        enum vt_error err = VT_OK;
        struct reader body;
        uint32_t name;

        if (heif_take_box(&in, false, &name, &body) != VT_OK)
            return VT_ERR_UNSUPPORTED;
        if (name == HEIF_NAME('m', 'e', 't', 'a'))
            err = read_meta(self, body, only_looks);
        else if (only_looks || name == HEIF_NAME('f', 't', 'y', 'p'))
            continue;
        else if (name == HEIF_NAME('m', 'o', 'o', 'v'))
            err = image_redact_film(&self->places, self->level, self->file, body);
        else if (name == HEIF_NAME('m', 'd', 'a', 't'))
            image_redact_places_skip(&self->places, place_of(self, body.data), body.len);
        else
            image_redact_film_free(&self->places, self->file, at, &body);
        if (err != VT_OK)
            return err;
    }
    if (!only_looks)
        image_redact_places_keep_to(&self->places, in.len);
    return VT_OK;
}

/* ---- the data ---- */

/* Puts a small block of EXIF in the place of the one that there is, if it is in one piece and long
 * enough. The first four bytes say how many others are before it. */
static void replace_exif(struct redacting *self, struct reader extent)
{
    uint8_t block[4 + METADATA_TIFF_SIZE] = {0};
    const uint8_t *skip = reader_take(&extent, 4);
    size_t len;

    if (skip == NULL || reader_take(&extent, reader_big32(skip)) == NULL)
        return;
    len = image_redact_exif(self->level, extent.data + extent.at, reader_left(&extent), block + 4);
    if (len > 0 && 4 + len <= extent.len)
        image_redact_places_replace(&self->places, place_of(self, extent.data), block, 4 + len);
}

/* Takes the next extent of an item's data that is not empty. */
static bool take_extent(struct heif_data *data, struct reader *extent)
{
    if (data->left == 0 || !heif_data_take(data, NULL, 1))
        return false;
    *extent = (struct reader){data->now.data, data->now.len, 0, NULL};
    return heif_data_take(data, NULL, reader_left(&data->now));
}

static void keep_data(struct redacting *self)
{
    bool has_exif = false;

    for (size_t i = 0; i < self->heif.item_count; i++) {
        const struct heif_item *item = &self->heif.items[i];
        bool is_exif = item->type == HEIF_NAME('E', 'x', 'i', 'f') && !item->is_of_other &&
                       self->level == IMAGE_REDACT_PLACE && item->extent_count == 1 && !has_exif;
        struct heif_data data;
        struct reader extent;

        if (!item->located || (!is_exif && !self->is_kept[i]))
            continue;
        heif_data_open(&self->heif, item, &data);
        while (take_extent(&data, &extent)) {
            if (is_exif)
                replace_exif(self, extent);
            else
                image_redact_places_keep(&self->places, place_of(self, extent.data), extent.len);
        }
        has_exif = has_exif || is_exif;
    }
}

static enum vt_error redact(struct redacting *self, struct image_redact_job *job)
{
    struct reader in = job->in;
    enum vt_error err = heif_open(&in, &self->heif);

    if (err != VT_OK)
        return err;
    self->is_kept = calloc(self->heif.item_count + 1, 1);
    self->is_thumbnail = calloc(self->heif.item_count + 1, 1);
    if (self->is_kept == NULL || self->is_thumbnail == NULL)
        return VT_ERR_MEMORY;
    err = read_file(self, job->in, true);
    choose_items(self);
    if (err == VT_OK)
        err = read_file(self, job->in, false);
    if (err != VT_OK)
        return err;
    keep_data(self);
    return image_redact_places_finish(&self->places, job->plan);
}

enum vt_error image_redact_heif(struct image_redact_job *job)
{
    struct redacting self = {
        .level = job->level,
        .places = {.file_size = job->in.len, .places = BUF_INIT},
        .file = job->in.data,
    };
    enum vt_error err = redact(&self, job);

    heif_free(&self.heif);
    free(self.is_kept);
    free(self.is_thumbnail);
    image_redact_places_free(&self.places);
    return err;
}
