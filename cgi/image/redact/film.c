#include "image/redact/film.h"

#include <string.h>

#include "image/header/heif.h"

#define NAME HEIF_NAME
#define BOX_HEAD 8
#define HDLR_NAME 24 /* where it begins in the body */
#define STSD_HEAD 8
#define SAMPLE_HEAD 78    /* of a visual sample entry's body; other boxes follow */
#define SAMPLE_ENCODER 42 /* where it begins there */
#define SAMPLE_ENCODER_SIZE 32

/* What a track says of its samples: the bodies of boxes; data is NULL for those that are absent. */
struct samples {
    struct reader sizes, chunks, large_chunks, runs;
};

/* A walk over boxes within boxes. */
struct walk {
    struct image_redact_places *places;
    enum image_redact_level level;
    const uint8_t *file;
    struct samples *samples; /* of this track */
};

void image_redact_film_free(struct image_redact_places *places, const uint8_t *file, size_t at,
                            const struct reader *body)
{
    image_redact_places_put(places, at + 4, "free", 4);
    image_redact_places_skip(places, (size_t)(body->data - file), body->len);
}

void image_redact_film_unname(struct image_redact_places *places, const uint8_t *file,
                              const struct reader *hdlr)
{
    if (hdlr->len > HDLR_NAME)
        image_redact_places_skip(places, (size_t)(hdlr->data - file) + HDLR_NAME,
                                 hdlr->len - HDLR_NAME);
}

/* The boxes that are kept, by the box in which they are. Those with a name of their own in the last
 * column are walked, too. */
static const struct {
    uint32_t parent, name;
    bool is_walked;
} kept[] = {
    {NAME('m', 'o', 'o', 'v'), NAME('m', 'v', 'h', 'd'), false},
    {NAME('t', 'r', 'a', 'k'), NAME('t', 'k', 'h', 'd'), false},
    {NAME('t', 'r', 'a', 'k'), NAME('e', 'd', 't', 's'), false},
    {NAME('t', 'r', 'a', 'k'), NAME('t', 'r', 'e', 'f'), false},
    {NAME('t', 'r', 'a', 'k'), NAME('m', 'd', 'i', 'a'), true},
    {NAME('m', 'd', 'i', 'a'), NAME('m', 'd', 'h', 'd'), false},
    {NAME('m', 'd', 'i', 'a'), NAME('h', 'd', 'l', 'r'), false},
    {NAME('m', 'd', 'i', 'a'), NAME('m', 'i', 'n', 'f'), true},
    {NAME('m', 'i', 'n', 'f'), NAME('v', 'm', 'h', 'd'), false},
    {NAME('m', 'i', 'n', 'f'), NAME('n', 'm', 'h', 'd'), false},
    {NAME('m', 'i', 'n', 'f'), NAME('d', 'i', 'n', 'f'), false},
    {NAME('m', 'i', 'n', 'f'), NAME('s', 't', 'b', 'l'), true},
    {NAME('s', 't', 'b', 'l'), NAME('s', 't', 's', 'd'), false},
    {NAME('s', 't', 'b', 'l'), NAME('s', 't', 't', 's'), false},
    {NAME('s', 't', 'b', 'l'), NAME('c', 't', 't', 's'), false},
    {NAME('s', 't', 'b', 'l'), NAME('s', 't', 's', 's'), false},
    {NAME('s', 't', 'b', 'l'), NAME('s', 't', 's', 'c'), false},
    {NAME('s', 't', 'b', 'l'), NAME('s', 't', 's', 'z'), false},
    {NAME('s', 't', 'b', 'l'), NAME('s', 't', 'c', 'o'), false},
    {NAME('s', 't', 'b', 'l'), NAME('c', 'o', '6', '4'), false},
    {NAME('s', 't', 'b', 'l'), NAME('s', 'b', 'g', 'p'), false},
    {NAME('s', 't', 'b', 'l'), NAME('s', 'g', 'p', 'd'), false},
    {NAME('s', 't', 'b', 'l'), NAME('c', 's', 'g', 'p'), false},
};

static int find_kept(uint32_t parent, uint32_t name)
{
    for (int i = 0; i < (int)(sizeof kept / sizeof kept[0]); i++)
        if (kept[i].parent == parent && kept[i].name == name)
            return i;
    return -1;
}

/* Remembers the boxes that say where samples are; the same kind twice is refused. */
static bool note(struct samples *samples, uint32_t name, const struct reader *body)
{
    struct reader *box = name == NAME('s', 't', 's', 'z')   ? &samples->sizes
                         : name == NAME('s', 't', 'c', 'o') ? &samples->chunks
                         : name == NAME('c', 'o', '6', '4') ? &samples->large_chunks
                         : name == NAME('s', 't', 's', 'c') ? &samples->runs
                                                            : NULL;

    if (box == NULL)
        return true;
    if (box->data != NULL)
        return false;
    *box = *body;
    return true;
}

/* Leaves out the times of creation and change, which follow version and flags. */
static enum vt_error free_times(const struct walk *self, struct reader body)
{
    const uint8_t *head = reader_take(&body, 4);
    size_t size = head != NULL && head[0] == 0 ? 8 : 16;

    if (head == NULL || head[0] > 1 || reader_take(&body, size) == NULL)
        return VT_ERR_UNSUPPORTED;
    image_redact_places_skip(self->places, (size_t)(head + 4 - self->file), size);
    return VT_OK;
}

/* Keeps, of what a sample entry contains, what codecs and colours need. Some writers end it with
 * bytes of no box. */
static enum vt_error read_entry(const struct walk *self, struct reader entry)
{
    static const uint32_t needed[] = {
        NAME('a', 'v', '1', 'C'), NAME('h', 'v', 'c', 'C'), NAME('l', 'h', 'v', 'C'),
        NAME('c', 'c', 's', 't'), NAME('a', 'u', 'x', 'i'), NAME('c', 'o', 'l', 'r'),
        NAME('p', 'a', 's', 'p'), NAME('c', 'l', 'a', 'p'), NAME('f', 'i', 'e', 'l'),
        NAME('c', 'l', 'l', 'i'), NAME('m', 'd', 'c', 'v'), NAME('c', 'c', 'l', 'v'),
        NAME('a', 'm', 'v', 'e'), NAME('b', 't', 'r', 't')};
    const uint8_t *head = reader_take(&entry, SAMPLE_HEAD);

    if (head == NULL)
        return VT_ERR_UNSUPPORTED;
    if (self->level == IMAGE_REDACT_ALL)
        image_redact_places_skip(self->places, (size_t)(head + SAMPLE_ENCODER - self->file),
                                 SAMPLE_ENCODER_SIZE);
    while (reader_left(&entry) >= BOX_HEAD) {
        size_t at = (size_t)(entry.data + entry.at - self->file);
        bool is_needed = false;
        struct reader body;
        uint32_t name;

        if (heif_take_box(&entry, true, &name, &body) != VT_OK)
            return VT_ERR_UNSUPPORTED;
        for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
            is_needed = is_needed || needed[i] == name;
        if (!is_needed)
            image_redact_film_free(self->places, self->file, at, &body);
    }
    image_redact_places_skip(self->places, (size_t)(entry.data + entry.at - self->file),
                             reader_left(&entry));
    return VT_OK;
}

static enum vt_error read_stsd(const struct walk *self, struct reader stsd)
{
    enum vt_error err = reader_take(&stsd, STSD_HEAD) != NULL ? VT_OK : VT_ERR_UNSUPPORTED;
    struct reader entry;
    uint32_t name;

    while (err == VT_OK && reader_left(&stsd) > 0) {
        if (heif_take_box(&stsd, true, &name, &entry) != VT_OK)
            return VT_ERR_UNSUPPORTED;
        err = read_entry(self, entry);
    }
    return err;
}

/* Leaves out, of a box that is kept, what is not to be told. */
static enum vt_error read_kept(const struct walk *self, uint32_t name, const struct reader *body)
{
    if (name == NAME('s', 't', 's', 'd'))
        return read_stsd(self, *body);
    if (self->level != IMAGE_REDACT_ALL)
        return VT_OK;
    if (name == NAME('m', 'v', 'h', 'd') || name == NAME('t', 'k', 'h', 'd') ||
        name == NAME('m', 'd', 'h', 'd'))
        return free_times(self, *body);
    if (name == NAME('h', 'd', 'l', 'r'))
        image_redact_film_unname(self->places, self->file, body);
    return VT_OK;
}

/* Keeps the known boxes in a box. Calls itself as deep as the table is. */
static enum vt_error walk(const struct walk *self, uint32_t parent, struct reader in)
{
    while (reader_left(&in) > 0) {
        size_t at = (size_t)(in.data + in.at - self->file);
        enum vt_error err = VT_OK;
        struct reader body;
        uint32_t name;
        int found;

        if (heif_take_box(&in, true, &name, &body) != VT_OK || !note(self->samples, name, &body))
            return VT_ERR_UNSUPPORTED;
        found = find_kept(parent, name);
        if (found < 0)
            image_redact_film_free(self->places, self->file, at, &body);
        else if (kept[found].is_walked)
            err = walk(self, name, body);
        else
            err = read_kept(self, name, &body);
        if (err != VT_OK)
            return err;
    }
    return VT_OK;
}

/* ---- samples ---- */

/* A table: version and flags, a count, and that many entries of a size. */
static bool open_table(struct reader *in, size_t entry, uint32_t *count)
{
    const uint8_t *head = reader_take(in, 8);

    if (head == NULL)
        return false;
    *count = reader_big32(head + 4);
    return *count <= reader_left(in) / entry;
}

/* The sizes of samples, which come one after the other. */
struct sizes {
    const uint8_t *entries; /* NULL if all have one size */
    uint32_t all, count, next;
};

static bool open_sizes(struct reader in, struct sizes *sizes)
{
    const uint8_t *head = reader_take(&in, 12);

    if (head == NULL)
        return false;
    *sizes = (struct sizes){NULL, reader_big32(head + 4), reader_big32(head + 8), 0};
    if (sizes->all == 0)
        sizes->entries = reader_take(&in, (size_t)sizes->count * 4);
    return sizes->all != 0 || sizes->entries != NULL;
}

/* Adds up the sizes of the next samples. */
static bool take_sizes(struct sizes *sizes, uint32_t samples, uint64_t *total)
{
    *total = 0;
    if (samples > sizes->count - sizes->next)
        return false;
    for (uint32_t i = 0; sizes->entries != NULL && i < samples; i++)
        *total += reader_big32(sizes->entries + (size_t)(sizes->next + i) * 4);
    if (sizes->entries == NULL)
        *total = (uint64_t)sizes->all * samples;
    sizes->next += samples;
    return true;
}

/* Keeps the samples, chunk by chunk. Runs say for chunks from a number on, counted from 1, how many
 * samples each has. */
static enum vt_error keep_samples(const struct walk *self)
{
    struct samples *boxes = self->samples;
    bool is_large = boxes->large_chunks.data != NULL;
    struct reader *table = is_large ? &boxes->large_chunks : &boxes->chunks;
    uint32_t chunks, runs, run = 0, samples = 0;
    const uint8_t *entries;
    struct sizes sizes;

    if (table->data == NULL || boxes->runs.data == NULL || boxes->sizes.data == NULL ||
        !open_table(table, is_large ? 8 : 4, &chunks) || !open_table(&boxes->runs, 12, &runs) ||
        !open_sizes(boxes->sizes, &sizes))
        return VT_ERR_UNSUPPORTED;
    entries = boxes->runs.data + boxes->runs.at;
    for (uint32_t chunk = 1; chunk <= chunks && self->places->err == VT_OK; chunk++) {
        const uint8_t *place = reader_take(table, is_large ? 8 : 4);
        uint64_t at, length;

        while (run < runs && reader_big32(entries + (size_t)run * 12) == chunk)
            samples = reader_big32(entries + (size_t)run++ * 12 + 4);
        if (place == NULL || !take_sizes(&sizes, samples, &length))
            return VT_ERR_UNSUPPORTED;
        at = is_large ? (uint64_t)reader_big32(place) << 32 | reader_big32(place + 4)
                      : reader_big32(place);
        image_redact_places_keep(self->places, (size_t)at, (size_t)length);
    }
    return VT_OK;
}

/* The kind of a track: what its hdlr says, 0 if nothing. */
static uint32_t kind_of(struct reader trak)
{
    struct reader mdia, box;
    uint32_t name;

    while (heif_take_box(&trak, true, &name, &mdia) == VT_OK) {
        if (name != NAME('m', 'd', 'i', 'a'))
            continue;
        while (heif_take_box(&mdia, true, &name, &box) == VT_OK)
            if (name == NAME('h', 'd', 'l', 'r') && box.len >= 12)
                return reader_big32(box.data + 8);
    }
    return 0;
}

static enum vt_error read_track(const struct walk *self, size_t at, const struct reader *trak)
{
    struct samples samples = {.sizes = {.data = NULL}};
    const struct walk track = {self->places, self->level, self->file, &samples};
    uint32_t kind = kind_of(*trak);
    enum vt_error err;

    if (kind != NAME('p', 'i', 'c', 't') && kind != NAME('a', 'u', 'x', 'v')) {
        image_redact_film_free(self->places, self->file, at, trak);
        return VT_OK;
    }
    err = walk(&track, NAME('t', 'r', 'a', 'k'), *trak);
    return err == VT_OK ? keep_samples(&track) : err;
}

enum vt_error image_redact_film(struct image_redact_places *places, enum image_redact_level level,
                                const uint8_t *file, struct reader moov)
{
    const struct walk self = {places, level, file, NULL};

    while (reader_left(&moov) > 0) {
        size_t at = (size_t)(moov.data + moov.at - file);
        enum vt_error err = VT_OK;
        struct reader body;
        uint32_t name;

        if (heif_take_box(&moov, true, &name, &body) != VT_OK)
            return VT_ERR_UNSUPPORTED;
        if (name == NAME('t', 'r', 'a', 'k'))
            err = read_track(&self, at, &body);
        else if (find_kept(NAME('m', 'o', 'o', 'v'), name) < 0)
            image_redact_film_free(places, file, at, &body);
        else
            err = read_kept(&self, name, &body);
        if (err != VT_OK)
            return err;
    }
    return VT_OK;
}
