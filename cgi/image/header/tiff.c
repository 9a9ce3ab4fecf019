/* TIFF 6.0, section 2, and BigTIFF, which has offsets and counts of 64 bits.
 *
 * A page counts only if all of its directory can be read. The first one must; where a later one
 * cannot be read, the pages end, as programs that cut or append pages break the offset of the next.
 * A camera's raw file is a TIFF, too, and is told from a picture by what its directories name. */
#include <stdbool.h>
#include <string.h>

#include "image/header/formats.h"

struct tiff {
    struct reader *in;
    bool big_endian;
    bool is_big; /* BigTIFF */
};

/* A directory's entry. */
struct entry {
    uint32_t tag, type;
    uint64_t count;
    const uint8_t *values; /* inside the file, unless the tag is private */
    bool is_inside;
    uint64_t outside; /* bytes of the values that lie elsewhere in the file, not in the entry */
};

/* What tells a raw file. */
struct traits {
    bool is_dng, is_sensor; /* the second one: some page has the pixels of a sensor */
    bool is_reduced;        /* the page is a preview of another one */
    bool is_below;          /* all pages are previews of a picture that is no page */
    uint64_t width, height;
    enum image_raw maker;
    uint64_t below; /* where the offsets of subordinate directories are; 0 if there are none */
    unsigned below_count, below_size;
};

enum { BYTE = 1, SHORT = 3, LONG = 4, IFD = 13, LONG8 = 16, IFD8 = 18 };

#define PRIVATE 32768
#define CHANNELS                                                                                   \
    64           /* that are examined: every entry may declare as many as the file has room for */
#define BELOW 16 /* subordinate directories that are examined */

/* A count or an offset, which is as wide as the file's kind has it. */
static uint64_t tiff_wide(const struct tiff *tiff, const uint8_t *p)
{
    return tiff->is_big ? reader_64(p, tiff->big_endian) : reader_32(p, tiff->big_endian);
}

static const uint8_t type_sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

/* Reads an entry of 12 or 20 bytes. */
static struct entry read_entry(const struct tiff *tiff, const uint8_t *p)
{
    size_t wide = tiff->is_big ? 8 : 4, len = tiff->in->len;
    struct entry entry = {.tag = reader_16(p, tiff->big_endian),
                          .type = reader_16(p + 2, tiff->big_endian),
                          .is_inside = true};
    uint64_t size = entry.type < sizeof type_sizes ? type_sizes[entry.type] : 0, at;

    entry.count = tiff_wide(tiff, p + 4);
    entry.values = p + 4 + wide;
    if (size == 0 || entry.count <= wide / size)
        return entry;
    /* More bytes than fit the entry lie elsewhere. */
    at = tiff_wide(tiff, entry.values);
    entry.is_inside = entry.count <= len / size && at <= len - entry.count * size;
    entry.values = entry.is_inside ? tiff->in->data + at : NULL;
    entry.outside = entry.is_inside ? entry.count * size : 0;
    return entry;
}

/* The entry's first number, of any type of whole numbers; false if it has none. */
static bool get_number(const struct tiff *tiff, const struct entry *entry, uint64_t *value)
{
    if (entry->count == 0 || !entry->is_inside)
        return false;
    if (entry->type == SHORT)
        *value = reader_16(entry->values, tiff->big_endian);
    else if (entry->type == LONG || entry->type == IFD)
        *value = reader_32(entry->values, tiff->big_endian);
    else if (tiff->is_big && (entry->type == LONG8 || entry->type == IFD8))
        *value = reader_64(entry->values, tiff->big_endian);
    else
        return false;
    return true;
}

static unsigned least(uint64_t a, unsigned b)
{
    return a < b ? (unsigned)a : b;
}

/* Reads the bits of each channel. Decoders require all to be the same, and accept other types of
 * numbers than the standard names. */
static void read_depth(const struct tiff *tiff, const struct entry *entry,
                       struct image_header *header)
{
    struct entry rest = *entry;
    uint64_t value;

    for (unsigned i = 0; i < CHANNELS && get_number(tiff, &rest, &value); i++, rest.count--) {
        image_header_deepen(header, least(value, UINT16_MAX));
        rest.values += type_sizes[rest.type];
    }
}

/* Of two widths, some decoders use the first and others the last, and some accept numbers of more
 * types than the standard names. So the larger width counts, and only whole numbers are accepted.
 */
static enum vt_error read_size(const struct tiff *tiff, const struct entry *entry,
                               struct image_header *header)
{
    uint64_t value;

    if (entry->count != 1 || entry->type == IFD || entry->type == IFD8 ||
        !get_number(tiff, entry, &value) || value > UINT32_MAX)
        return reader_corrupt(tiff->in, "the TIFF's width or height is not one whole number");
    image_header_grow(header, entry->tag == 256 ? (uint32_t)value : 0,
                      entry->tag == 257 ? (uint32_t)value : 0);
    return VT_OK;
}

static enum image_raw find_maker(const struct entry *entry)
{
    static const struct {
        const char *name;
        enum image_raw raw;
    } makers[] = {
        {"Canon", IMAGE_RAW_CR2},     {"NIKON", IMAGE_RAW_NEF}, {"SONY", IMAGE_RAW_ARW},
        {"PENTAX", IMAGE_RAW_PEF},    {"RICOH", IMAGE_RAW_PEF}, {"SAMSUNG", IMAGE_RAW_SRW},
        {"Phase One", IMAGE_RAW_IIQ}, {"Leaf", IMAGE_RAW_IIQ},  {"Hasselblad", IMAGE_RAW_3FR}};

    for (size_t i = 0; entry->type == 2 && i < sizeof makers / sizeof makers[0]; i++) {
        size_t len = strlen(makers[i].name);

        if (entry->count >= len && memcmp(entry->values, makers[i].name, len) == 0)
            return makers[i].raw;
    }
    return IMAGE_RAW_OTHER;
}

/* Notes what tells a raw file: the maker, DNG's version, a photometric interpretation that is for
 * the pixels of a sensor, whether the page is a preview, and where subordinate directories are. */
static void read_traits(const struct tiff *tiff, const struct entry *entry, struct traits *traits)
{
    enum {
        SUBFILE = 254,
        OLD_SUBFILE = 255,
        REDUCED = 1,
        OLD_REDUCED = 2,
        WIDTH = 256,
        HEIGHT = 257
    };
    enum { PHOTOMETRIC = 262, MAKE = 271, SUB_IFDS = 330, DNG_VERSION = 50706 };
    enum { FILTER_ARRAY = 32803, LINEAR_RAW = 34892 };
    uint64_t value;

    if (entry->tag == SUBFILE && get_number(tiff, entry, &value))
        traits->is_reduced |= (value & REDUCED) != 0;
    if (entry->tag == OLD_SUBFILE && get_number(tiff, entry, &value))
        traits->is_reduced |= value == OLD_REDUCED;
    if (entry->tag == WIDTH && get_number(tiff, entry, &value))
        traits->width = value;
    if (entry->tag == HEIGHT && get_number(tiff, entry, &value))
        traits->height = value;
    if (entry->tag == MAKE && entry->is_inside)
        traits->maker = find_maker(entry);
    if (entry->tag == DNG_VERSION && entry->type == BYTE && entry->count == 4)
        traits->is_dng = true;
    if (entry->tag == PHOTOMETRIC && get_number(tiff, entry, &value))
        traits->is_sensor |= value == FILTER_ARRAY || value == LINEAR_RAW;
    if (entry->tag == SUB_IFDS && entry->is_inside && entry->count > 0) {
        traits->below = (uint64_t)(entry->values - tiff->in->data);
        traits->below_count = entry->count < BELOW ? (unsigned)entry->count : BELOW;
        traits->below_size = entry->type == LONG || entry->type == IFD     ? 4
                             : entry->type == LONG8 || entry->type == IFD8 ? 8
                                                                           : 0;
    }
}

/* Private tags are not checked, as programs that move a page break them. */
static enum vt_error read_page_entry(const struct tiff *tiff, const struct entry *entry,
                                     struct image_header *header)
{
    uint64_t value;

    if (!entry->is_inside)
        return entry->tag < PRIVATE ? reader_cut_off(tiff->in) : VT_OK;
    if (entry->tag == 256 || entry->tag == 257)
        return read_size(tiff, entry, header);
    if (entry->tag == 258)
        read_depth(tiff, entry, header);
    if (entry->tag == 277 && get_number(tiff, entry, &value) && value > header->channels)
        header->channels = least(value, UINT16_MAX); /* in the page that has the most */
    if (entry->tag == 338)                           /* extra samples */
        header->alpha = true;
    return VT_OK;
}

/* Reads the directory at *next, for the header where that is not NULL, and for its traits. */
static enum vt_error read_page(const struct tiff *tiff, struct image_header *header,
                               struct traits *traits, uint64_t *next)
{
    struct reader *in = tiff->in;
    size_t wide = tiff->is_big ? 8 : 4;
    const uint8_t *p;
    uint64_t entries, outside = 0;

    if (*next > in->len)
        return reader_cut_off(in);
    in->at = (size_t)*next;
    p = reader_take(in, tiff->is_big ? 8 : 2);
    if (p == NULL)
        return reader_cut_off(in);
    entries = tiff->is_big ? reader_64(p, tiff->big_endian) : reader_16(p, tiff->big_endian);
    if (entries > UINT16_MAX) /* as many as a TIFF can have */
        return reader_corrupt(in, "a TIFF's page has too many entries");
    for (; entries > 0; entries--) {
        struct entry entry;
        enum vt_error err;

        p = reader_take(in, 4 + 2 * wide);
        if (p == NULL)
            return reader_cut_off(in);
        entry = read_entry(tiff, p);
        outside += entry.outside;
        if (outside > in->len) /* decoders keep a copy of each, so they would take any memory */
            return reader_corrupt(in, "a TIFF's entries share their values");
        read_traits(tiff, &entry, traits);
        err = header != NULL ? read_page_entry(tiff, &entry, header) : VT_OK;
        if (err != VT_OK)
            return err;
    }
    p = reader_take(in, wide);
    if (p == NULL)
        return reader_cut_off(in);
    *next = tiff_wide(tiff, p);
    return VT_OK;
}

/* Notes the size of the page that is shown: the first that is not a preview, or else the first. */
static void note_shown(const struct traits *page, bool is_first, bool *is_found,
                       struct image_header *header)
{
    if (!is_first && (*is_found || page->is_reduced))
        return;
    header->shown_width = (uint32_t)page->width;
    header->shown_height = (uint32_t)page->height;
    *is_found = !page->is_reduced;
}

/* Looks for a sensor's pixels in the directories below the first page, and, if all pages are
 * previews, for the picture itself: film scanners' raw files keep it there, too. */
static void read_below(const struct tiff *tiff, struct traits *traits)
{
    for (unsigned i = 0; traits->below_size != 0 && i < traits->below_count; i++) {
        const uint8_t *p = tiff->in->data + traits->below + (size_t)i * traits->below_size;
        struct reader in = {tiff->in->data, tiff->in->len, 0, NULL};
        struct tiff inner = {&in, tiff->big_endian, tiff->is_big};
        struct traits found = {.is_dng = false};
        uint64_t at = traits->below_size == 8 ? reader_64(p, tiff->big_endian)
                                              : reader_32(p, tiff->big_endian);

        if (read_page(&inner, NULL, &found, &at) != VT_OK)
            continue;
        traits->is_sensor |= found.is_sensor;
        traits->is_below |= traits->is_reduced && !found.is_reduced && found.width > traits->width;
    }
}

/* Canon and Phase One name their kinds behind the header. */
static enum image_raw find_raw(const struct tiff *tiff, const struct traits *traits)
{
    const uint8_t *behind = tiff->in->data + 8;

    if (!tiff->is_big && tiff->in->len >= 16) {
        if (memcmp(behind, "CR\2", 3) == 0)
            return IMAGE_RAW_CR2;
        if ((memcmp(behind, "IIII", 4) == 0 && memcmp(behind + 5, "waR", 3) == 0) ||
            memcmp(behind, "MMMMRaw", 7) == 0)
            return IMAGE_RAW_IIQ;
    }
    if (traits->is_dng)
        return IMAGE_RAW_DNG;
    if (!traits->is_sensor && !traits->is_below)
        return IMAGE_RAW_NONE;
    return traits->maker != IMAGE_RAW_NONE ? traits->maker : IMAGE_RAW_OTHER;
}

enum vt_error image_header_read_tiff(struct reader *in, struct image_header *header)
{
    struct tiff tiff = {in, in->data[0] == 'M', in->data[2] == '+' || in->data[3] == '+'};
    uint64_t next = tiff_wide(&tiff, in->data + (tiff.is_big ? 8 : 4));
    struct traits traits = {.is_dng = false};
    uint32_t pages = 0;
    size_t walked = 0;
    bool is_shown_found = false;

    while (next != 0) {
        struct image_header before = *header;
        struct traits page = {.is_dng = false};
        size_t start = (size_t)next;
        enum vt_error err = read_page(&tiff, header, &page, &next);

        if (err != VT_OK && pages == 0)
            return err;
        if (err != VT_OK) {
            *header = before;
            if (in->why != NULL)
                in->why->text[0] = '\0';
            break;
        }
        walked += in->at - start;
        if (walked > in->len) /* pages share bytes: a loop, or nearly one */
            return reader_corrupt(in, "the TIFF's pages lead back to themselves");
        note_shown(&page, pages == 0, &is_shown_found, header);
        if (pages++ == 0)
            traits = page;
        traits.is_sensor |= page.is_sensor;
        traits.is_reduced &= page.is_reduced;
    }
    if (header->width == 0 || header->height == 0)
        return reader_corrupt(in, "the TIFF holds no picture");
    read_below(&tiff, &traits);
    header->raw = find_raw(&tiff, &traits);
    header->frames = pages;
    return VT_OK;
}
