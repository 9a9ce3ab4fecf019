/* TIFF 6.0 and BigTIFF: pages, each a directory of fields that name the places of values and
 * pixels. The directories are written anew, with the fields that pixels, colours and the wanted
 * words need; everything else becomes zeros. Pages that are marked as reduced versions of others,
 * and directories below a page, are previews, and are left out. */
#include <string.h>

#include "image/redact/formats.h"
#include "image/redact/places.h"

#define PAGES_MAX 1024
#define ENTRIES_MAX 4096 /* of a directory */
#define JPEG 7           /* a compression: of strips or tiles that are JPEGs */

enum tag {
    NEW_SUBFILE_TYPE = 254,
    SUBFILE_TYPE = 255,
    COMPRESSION = 259,
    STRIP_OFFSETS = 273,
    STRIP_BYTE_COUNTS = 279,
    TILE_OFFSETS = 324,
    TILE_BYTE_COUNTS = 325,
    JPEG_TABLES = 347,
    EXIF_DIRECTORY = 0x8769
};

/* The fields that say how pixels are stored and shown. */
static const uint16_t needed[] = {
    254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278,   279,  280, 281,
    282, 283, 284, 290, 291, 292, 293, 296, 297, 301, 317, 318, 319, 320, 321,   322,  323, 324,
    325, 332, 334, 336, 338, 339, 340, 341, 342, 347, 529, 530, 531, 532, 34675, 37439};

struct tiff {
    struct reader file;
    bool big_endian, is_big;
    size_t word;  /* bytes of a count or an offset */
    size_t entry; /* bytes of an entry */
    enum image_redact_level level;
    struct image_redact_places *places;
    uint64_t parts;  /* strips and tiles that are kept so far, empty ones too */
    uint64_t walked; /* bytes of JPEGs that are looked through so far */
};

/* A directory. */
struct page {
    size_t at, count;       /* where it begins; of its entries */
    const uint8_t *entries; /* in the file */
    uint64_t next;          /* the place of the next one; 0 for none */
    bool is_reduced;
};

struct field {
    unsigned tag, type;
    uint64_t count;
    size_t at, size; /* of the value */
    size_t unit;
};

static uint64_t read_word(const struct tiff *tiff, const uint8_t *at)
{
    return tiff->is_big ? reader_64(at, tiff->big_endian) : reader_32(at, tiff->big_endian);
}

static void write_number(const struct tiff *tiff, uint8_t *at, size_t bytes, uint64_t value)
{
    for (size_t i = 0; i < bytes; i++)
        at[tiff->big_endian ? bytes - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

static size_t type_size(unsigned type)
{
    static const size_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

    return type < sizeof sizes / sizeof sizes[0] ? sizes[type] : 0;
}

/* Reads an entry. Returns false if its value does not lie in the file. */
static bool read_field(const struct tiff *tiff, const uint8_t *entry, struct field *field)
{
    uint64_t at;

    field->tag = reader_16(entry, tiff->big_endian);
    field->type = reader_16(entry + 2, tiff->big_endian);
    field->count = read_word(tiff, entry + 4);
    field->unit = type_size(field->type);
    if (field->unit == 0 || field->count == 0 || field->count > tiff->file.len / field->unit)
        return false;
    field->size = (size_t)field->count * field->unit;
    field->at = (size_t)(entry + 4 + tiff->word - tiff->file.data);
    if (field->size <= tiff->word)
        return true;
    at = read_word(tiff, entry + 4 + tiff->word);
    if (at > tiff->file.len || field->size > tiff->file.len - at)
        return false;
    field->at = (size_t)at;
    return true;
}

/* The field's number at an index, which it has. */
static uint64_t read_value(const struct tiff *tiff, const struct field *field, uint64_t index)
{
    const uint8_t *at = tiff->file.data + field->at + (size_t)index * field->unit;

    if (field->unit == 8)
        return reader_64(at, tiff->big_endian);
    if (field->unit == 4)
        return reader_32(at, tiff->big_endian);
    return field->unit == 2 ? reader_16(at, tiff->big_endian) : *at;
}

static bool is_kept(const struct tiff *tiff, unsigned directory, unsigned tag)
{
    for (size_t i = 0; directory == 0 && i < sizeof needed / sizeof needed[0]; i++)
        if (needed[i] == tag)
            return true;
    return tiff->level == IMAGE_REDACT_PLACE &&
           (image_redact_exif_keeps(directory, (uint16_t)tag) ||
            (directory == 0 && tag == EXIF_DIRECTORY));
}

/* Reads where a directory's entries are, and the next one. */
static bool open_page(const struct tiff *tiff, uint64_t at, struct page *page)
{
    struct reader in = tiff->file;
    const uint8_t *head;
    uint64_t count;

    if (at < 8 || at > in.len)
        return false;
    in.at = (size_t)at;
    head = reader_take(&in, tiff->is_big ? 8 : 2);
    if (head == NULL)
        return false;
    count = tiff->is_big ? reader_64(head, tiff->big_endian) : reader_16(head, tiff->big_endian);
    if (count == 0 || count > ENTRIES_MAX)
        return false;
    *page = (struct page){.at = (size_t)at, .count = (size_t)count};
    page->entries = reader_take(&in, page->count * tiff->entry);
    head = page->entries != NULL ? reader_take(&in, tiff->word) : NULL;
    if (head != NULL)
        page->next = read_word(tiff, head);
    return head != NULL;
}

static const uint8_t *entry_of(const struct tiff *tiff, const struct page *page, size_t index)
{
    return page->entries + index * tiff->entry;
}

static bool find_field(const struct tiff *tiff, const struct page *page, unsigned tag,
                       struct field *field)
{
    for (size_t i = 0; i < page->count; i++)
        if (reader_16(entry_of(tiff, page, i), tiff->big_endian) == tag)
            return read_field(tiff, entry_of(tiff, page, i), field);
    return false;
}

static bool is_reduced(const struct tiff *tiff, const struct page *page)
{
    struct field field;

    if (find_field(tiff, page, NEW_SUBFILE_TYPE, &field))
        return (read_value(tiff, &field, 0) & 1) != 0;
    return find_field(tiff, page, SUBFILE_TYPE, &field) && read_value(tiff, &field, 0) == 2;
}

/* Whether pixels of that compression are nothing else. Left out are the old form of JPEG, which
 * refers to any place in the file, and those that may have metadata of their own: WebP, JBIG. */
static bool is_plain(uint64_t compression)
{
    static const uint16_t plain[] = {1,     2,     3,     4,     5,     JPEG,  8,     32766, 32771,
                                     32773, 32809, 32946, 34676, 34677, 34887, 34925, 50000};

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (plain[i] == compression)
            return true;
    return false;
}

/* The length up to the end of a JPEG that lies in the file; 0 if it has more than pixels. Together
 * they are no longer than the file, unless they overlap; pages may share their tables. */
static size_t bare_length(struct tiff *tiff, uint64_t at, uint64_t length)
{
    if (at > tiff->file.len || length > tiff->file.len - at ||
        length > (uint64_t)2 * tiff->file.len - tiff->walked)
        return 0;
    tiff->walked += length;
    return image_redact_jpeg_bare(tiff->file.data + at, (size_t)length);
}

/* The numbers of the two fields are places and lengths. */
static enum vt_error keep_parts(struct tiff *tiff, const struct field *offsets,
                                const struct field *counts, bool is_jpeg)
{
    for (uint64_t i = 0; i < offsets->count && tiff->places->err == VT_OK; i++) {
        uint64_t at = read_value(tiff, offsets, i), length = read_value(tiff, counts, i);

        if (is_jpeg && length > 0) {
            length = bare_length(tiff, at, length);
            if (length == 0)
                return VT_ERR_UNSUPPORTED;
        }
        image_redact_places_keep(tiff->places, (size_t)at, (size_t)length);
    }
    return VT_OK;
}

/* Keeps the pixels: strips or tiles, whose places and sizes two fields list. */
static enum vt_error keep_pixels(struct tiff *tiff, const struct page *page)
{
    static const unsigned tags[][2] = {{STRIP_OFFSETS, STRIP_BYTE_COUNTS},
                                       {TILE_OFFSETS, TILE_BYTE_COUNTS}};
    uint64_t compression = 1;
    struct field offsets, counts;
    enum vt_error err = VT_OK;
    bool has_any = false;

    if (find_field(tiff, page, COMPRESSION, &offsets))
        compression = read_value(tiff, &offsets, 0);
    if (!is_plain(compression) || (find_field(tiff, page, JPEG_TABLES, &offsets) &&
                                   bare_length(tiff, offsets.at, offsets.size) != offsets.size))
        return VT_ERR_UNSUPPORTED;
    for (size_t i = 0; err == VT_OK && i < sizeof tags / sizeof tags[0]; i++) {
        if (!find_field(tiff, page, tags[i][0], &offsets))
            continue;
        if (!find_field(tiff, page, tags[i][1], &counts) || counts.count != offsets.count)
            return VT_ERR_UNSUPPORTED;
        tiff->parts += offsets.count;
        if (tiff->parts > IMAGE_REDACT_PLACES_MAX)
            return VT_ERR_UNSUPPORTED;
        has_any = true;
        err = keep_parts(tiff, &offsets, &counts, compression == JPEG);
    }
    return has_any || err != VT_OK ? err : VT_ERR_UNSUPPORTED;
}

/* Writes a directory anew in its place: what is kept, and the place of the next one. The rest of it
 * becomes zeros. Its values stay where they are. */
static void replace_page(const struct tiff *tiff, const struct page *page, unsigned directory,
                         uint64_t next)
{
    uint8_t entries[ENTRIES_MAX / 16 * 20], head[8], word[8];
    size_t head_size = tiff->is_big ? 8 : 2, kept = 0, end;

    for (size_t i = 0; i < page->count && (kept + 1) * tiff->entry <= sizeof entries; i++) {
        const uint8_t *entry = entry_of(tiff, page, i);
        struct field field;

        if (!is_kept(tiff, directory, reader_16(entry, tiff->big_endian)) ||
            !read_field(tiff, entry, &field))
            continue;
        memcpy(entries + kept++ * tiff->entry, entry, tiff->entry);
        if (field.size > tiff->word)
            image_redact_places_keep(tiff->places, field.at, field.size);
    }
    write_number(tiff, head, head_size, kept);
    image_redact_places_replace(tiff->places, page->at, head, head_size);
    image_redact_places_replace(tiff->places, page->at + head_size, entries, kept * tiff->entry);
    end = page->at + head_size + kept * tiff->entry;
    write_number(tiff, word, tiff->word, next);
    image_redact_places_replace(tiff->places, end, word, tiff->word);
}

/* Whether the page's directory of EXIF can be written anew, too; if not, its entry would lead to
 * zeros. */
static enum vt_error keep_exif(const struct tiff *tiff, const struct page *page)
{
    struct field field;
    struct page exif;

    if (tiff->level != IMAGE_REDACT_PLACE || !find_field(tiff, page, EXIF_DIRECTORY, &field))
        return VT_OK;
    if (field.count != 1 || !open_page(tiff, read_value(tiff, &field, 0), &exif))
        return VT_ERR_UNSUPPORTED;
    replace_page(tiff, &exif, 1, 0);
    return VT_OK;
}

static enum vt_error keep_page(struct tiff *tiff, const struct page *page, uint64_t next)
{
    enum vt_error err = keep_pixels(tiff, page);

    if (err == VT_OK)
        err = keep_exif(tiff, page);
    if (err == VT_OK)
        replace_page(tiff, page, 0, next);
    return err;
}

/* Reads all pages. A broken place of the next one ends the file, as it does for decoders. */
static size_t find_pages(const struct tiff *tiff, uint64_t at, struct page pages[PAGES_MAX + 1])
{
    size_t count = 0;

    while (count <= PAGES_MAX && at != 0 && open_page(tiff, at, &pages[count])) {
        for (size_t i = 0; i < count; i++)
            if (pages[i].at == at)
                return count;
        pages[count].is_reduced = is_reduced(tiff, &pages[count]);
        at = pages[count++].next;
    }
    return count;
}

/* Keeps all pages but the reduced ones, or all if there are no others. */
static enum vt_error keep_pages(struct tiff *tiff, struct page *pages, size_t count,
                                uint64_t *first)
{
    bool has_full = false;
    uint64_t next = 0;

    for (size_t i = 0; i < count; i++)
        has_full = has_full || !pages[i].is_reduced;
    for (size_t i = count; i-- > 0;) {
        enum vt_error err;

        if (has_full && pages[i].is_reduced)
            continue;
        err = keep_page(tiff, &pages[i], next);
        if (err != VT_OK)
            return err;
        next = pages[i].at;
    }
    *first = next;
    return VT_OK;
}

/* Reads the header. Returns its length, 0 if it is none. */
static size_t open_tiff(struct tiff *tiff, uint64_t *first)
{
    const uint8_t *head = reader_take(&tiff->file, 8);

    if (head == NULL || (memcmp(head, "MM", 2) != 0 && memcmp(head, "II", 2) != 0))
        return 0;
    tiff->big_endian = head[0] == 'M';
    tiff->is_big = reader_16(head + 2, tiff->big_endian) == 43;
    tiff->word = tiff->is_big ? 8 : 4;
    tiff->entry = tiff->is_big ? 20 : 12;
    if (!tiff->is_big) {
        *first = reader_32(head + 4, tiff->big_endian);
        return reader_16(head + 2, tiff->big_endian) == 42 ? 8 : 0;
    }
    head = reader_take(&tiff->file, 8);
    if (head == NULL)
        return 0;
    *first = reader_64(head, tiff->big_endian);
    return 16;
}

static enum vt_error keep_all(struct image_redact_job *job, struct image_redact_places *places)
{
    struct tiff tiff = {.file = job->in, .level = job->level, .places = places};
    struct page pages[PAGES_MAX + 1];
    uint64_t first;
    uint8_t word[8];
    size_t head = open_tiff(&tiff, &first), count;
    enum vt_error err;

    if (head == 0)
        return VT_ERR_UNSUPPORTED;
    count = find_pages(&tiff, first, pages);
    if (count == 0 || count > PAGES_MAX)
        return VT_ERR_UNSUPPORTED;
    err = keep_pages(&tiff, pages, count, &first);
    if (err != VT_OK)
        return err;
    image_redact_places_keep(places, 0, head - tiff.word);
    write_number(&tiff, word, tiff.word, first);
    image_redact_places_replace(places, head - tiff.word, word, tiff.word);
    return image_redact_places_finish(places, job->plan);
}

enum vt_error image_redact_tiff(struct image_redact_job *job)
{
    struct image_redact_places places = {.file_size = job->in.len, .places = BUF_INIT};
    enum vt_error err = keep_all(job, &places);

    image_redact_places_free(&places);
    return err;
}
