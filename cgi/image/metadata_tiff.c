#include "image/metadata_tiff.h"

#include <string.h>

#include "base/reader.h"

#define HEADER "Exif\0"       /* and the literal's NUL */
#define MAGIC 8               /* bytes of a TIFF's header */
#define ENTRY 12              /* bytes of an entry; 20 in a BigTIFF */
#define ENTRIES_MAX 65535     /* of a directory that are looked at */
#define VALUE_MAX 256         /* bytes of a value that are copied */
#define DESCRIPTION_MAX 4096  /* of the one that may be long */
#define COPIED_VALUE_MAX 2048 /* bytes of any value of a block that is published */
#define BYTES(entries) (2 + ENTRY * (entries) + 4) /* of a directory without its values */

/* Fields that lead to others. */
#define XMP 0x02bc
#define IPTC 0x83bb
#define EXIF_DIRECTORY 0x8769
#define GPS_DIRECTORY 0x8825
#define IMAGE_DESCRIPTION 0x010e

#define LONG 4

/* The fields that metadata_exif.c reads, for each of the three directories; ends with 0. */
static const uint16_t wanted[METADATA_TIFF_DIRECTORIES][METADATA_TIFF_TAGS] = {
    {IMAGE_DESCRIPTION, 0x010f, 0x0110, 0x4746},
    {0x829a, 0x829d, 0x8827, 0x8831, 0x8832, 0x8833, 0x9003, 0x9004, 0x9011, 0x9012, 0x9201, 0x9202,
     0x9209, 0x920a, 0x9291, 0x9292, 0xa405, 0xa434},
    {1, 2, 3, 4, 5, 6},
};

struct tiff {
    struct reader file;
    bool big_endian, is_big;
};

struct entry {
    uint16_t tag, type;
    uint64_t count;
    const uint8_t *value; /* within the file */
    size_t size;
};

struct directory {
    struct entry entries[METADATA_TIFF_TAGS];
    size_t count;
};

/* A count or an offset. */
static uint64_t read_word(const struct tiff *tiff, const uint8_t *at)
{
    if (!tiff->is_big)
        return reader_32(at, tiff->big_endian);
    return reader_64(at, tiff->big_endian);
}

static size_t type_size(uint32_t type)
{
    static const size_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8};

    return type < sizeof sizes / sizeof sizes[0] ? sizes[type] : 0;
}

/* Reads an entry, whose value may lie elsewhere. Returns false if it is of an unknown type or lies
 * outside the file. */
static bool read_entry(const struct tiff *tiff, const uint8_t *at, struct entry *entry)
{
    size_t word = tiff->is_big ? 8 : 4, unit;
    uint64_t offset;

    entry->tag = (uint16_t)reader_16(at, tiff->big_endian);
    entry->type = (uint16_t)reader_16(at + 2, tiff->big_endian);
    entry->count = read_word(tiff, at + 4);
    entry->value = at + 4 + word;
    unit = type_size(entry->type);
    if (unit == 0 || entry->count == 0 || entry->count > tiff->file.len / unit)
        return false;
    entry->size = (size_t)entry->count * unit;
    if (entry->size <= word)
        return true;
    offset = read_word(tiff, entry->value);
    if (offset > tiff->file.len || entry->size > tiff->file.len - offset)
        return false;
    entry->value = tiff->file.data + offset;
    return true;
}

static bool is_wanted(const uint16_t *tags, uint16_t tag)
{
    for (; *tags != 0; tags++)
        if (*tags == tag)
            return true;
    return false;
}

/* Keeps the entry, unless the directory has one of this tag; cuts a value that is too long. */
static void keep(struct directory *directory, const struct entry *entry, size_t longest)
{
    size_t most = entry->tag == IMAGE_DESCRIPTION ? DESCRIPTION_MAX : longest;
    size_t unit = type_size(entry->type);
    struct entry *kept = &directory->entries[directory->count];

    for (size_t i = 0; i < directory->count; i++)
        if (directory->entries[i].tag == entry->tag)
            return;
    *kept = *entry;
    if (kept->size > most)
        kept->size = most / unit * unit;
    kept->count = kept->size / unit;
    directory->count++;
}

/* Which fields are read. */
struct choice {
    const uint16_t (*tags)[METADATA_TIFF_TAGS]; /* of each directory */
    size_t longest;                             /* bytes of a value */
};

/* What the first directory leads to. */
struct leads {
    uint64_t exif, gps; /* 0 for none: offsets of directories */
    struct metadata_span xmp, iptc;
};

static void follow(const struct tiff *tiff, const struct entry *entry, struct leads *leads)
{
    const struct metadata_span span = {entry->value, entry->size};

    if (entry->tag == XMP && leads->xmp.data == NULL)
        leads->xmp = span;
    if (entry->tag == IPTC && leads->iptc.data == NULL)
        leads->iptc = span;
    if (entry->tag == EXIF_DIRECTORY && entry->type == LONG && leads->exif == 0)
        leads->exif = reader_32(entry->value, tiff->big_endian);
    if (entry->tag == GPS_DIRECTORY && entry->type == LONG && leads->gps == 0)
        leads->gps = reader_32(entry->value, tiff->big_endian);
}

/* Reads a directory; leads is NULL for those that lead nowhere. */
static void read_directory(const struct tiff *tiff, uint64_t offset, const struct choice *choice,
                           int index, struct directory *directory, struct leads *leads)
{
    struct reader in = tiff->file;
    const uint8_t *at;
    uint64_t count;

    if (offset == 0 || offset > in.len)
        return;
    in.at = (size_t)offset;
    at = reader_take(&in, tiff->is_big ? 8 : 2);
    if (at == NULL)
        return;
    count = tiff->is_big ? read_word(tiff, at) : reader_16(at, tiff->big_endian);
    for (uint64_t i = 0; i < count && i < ENTRIES_MAX; i++) {
        struct entry entry;

        at = reader_take(&in, tiff->is_big ? 20 : ENTRY);
        if (at == NULL)
            return;
        if (!read_entry(tiff, at, &entry))
            continue;
        if (leads != NULL)
            follow(tiff, &entry, leads);
        if (is_wanted(choice->tags[index], entry.tag))
            keep(directory, &entry, choice->longest);
    }
}

/* ---- the small block ---- */

struct writer {
    const struct tiff *tiff;
    uint8_t *at;
};

static void write16(struct writer *out, uint32_t value)
{
    bool big = out->tiff->big_endian;

    out->at[big ? 0 : 1] = (uint8_t)(value >> 8);
    out->at[big ? 1 : 0] = (uint8_t)value;
    out->at += 2;
}

static void write32(struct writer *out, uint32_t value)
{
    write16(out, out->tiff->big_endian ? value >> 16 : value & 0xffff);
    write16(out, out->tiff->big_endian ? value & 0xffff : value >> 16);
}

static void write_pointer(struct writer *out, uint16_t tag, size_t offset)
{
    write16(out, tag);
    write16(out, LONG);
    write32(out, 1);
    write32(out, (uint32_t)offset);
}

/* The bytes of a directory with its values, each of which begins at an even offset. */
static size_t measure(const struct directory *directory, size_t pointers)
{
    size_t bytes = BYTES(directory->count + pointers);

    for (size_t i = 0; i < directory->count; i++)
        if (directory->entries[i].size > 4)
            bytes += (directory->entries[i].size + 1) / 2 * 2;
    return bytes;
}

/* Writes an entry; a long value goes to *values, an offset in the block. */
static void write_entry(struct writer *out, const struct entry *entry, uint8_t *block,
                        size_t *values)
{
    uint8_t *value;

    write16(out, entry->tag);
    write16(out, entry->type);
    write32(out, (uint32_t)entry->count);
    value = out->at;
    if (entry->size > 4) {
        value = block + *values;
        write32(out, (uint32_t)*values);
        *values += (entry->size + 1) / 2 * 2;
    } else {
        out->at += 4;
    }
    memcpy(value, entry->value, entry->size);
}

/* Writes the directories, one behind the other; of the last two, those that the choice has. Returns
 * the block's length, 0 if there is no room. Only as much of the block is touched as they take:
 * each page of memory costs a new process as much time as all the rest. */
static size_t write_block(const struct tiff *tiff, const struct choice *choice,
                          const struct directory *directories, uint8_t *block, size_t room)
{
    static const uint16_t pointers[] = {0, EXIF_DIRECTORY, GPS_DIRECTORY};
    size_t offsets[METADATA_TIFF_DIRECTORIES + 1] = {MAGIC}, count = 0;
    struct writer out = {tiff, block};

    for (int i = 1; i < METADATA_TIFF_DIRECTORIES; i++)
        count += choice->tags[i][0] != 0 ? 1 : 0;
    for (int i = 0; i < METADATA_TIFF_DIRECTORIES; i++)
        offsets[i + 1] =
            offsets[i] +
            (i == 0 || choice->tags[i][0] != 0 ? measure(&directories[i], i == 0 ? count : 0) : 0);
    if (offsets[METADATA_TIFF_DIRECTORIES] > room)
        return 0;
    memset(block, 0, offsets[METADATA_TIFF_DIRECTORIES]);
    memcpy(block, tiff->big_endian ? "MM" : "II", 2);
    out.at = block + 2;
    write16(&out, 42);
    write32(&out, MAGIC);
    for (int i = 0; i < METADATA_TIFF_DIRECTORIES; i++) {
        const struct directory *directory = &directories[i];
        size_t entries = directory->count + (i == 0 ? count : 0);
        size_t values = offsets[i] + BYTES(entries);

        if (i > 0 && choice->tags[i][0] == 0)
            continue;
        out.at = block + offsets[i];
        write16(&out, (uint32_t)entries);
        for (size_t k = 0; k < directory->count; k++)
            write_entry(&out, &directory->entries[k], block, &values);
        for (int k = 1; i == 0 && k < METADATA_TIFF_DIRECTORIES; k++)
            if (choice->tags[k][0] != 0)
                write_pointer(&out, pointers[k], offsets[k]);
    }
    return offsets[METADATA_TIFF_DIRECTORIES];
}

/* Reads the header. Returns false if the bytes are no TIFF. */
static bool open_tiff(struct metadata_span file, struct tiff *tiff, uint64_t *first)
{
    const uint8_t *head;

    if (file.len >= sizeof HEADER && memcmp(file.data, HEADER, sizeof HEADER) == 0)
        file = (struct metadata_span){file.data + sizeof HEADER, file.len - sizeof HEADER};
    *tiff = (struct tiff){.file = {file.data, file.len, 0, NULL}};
    head = reader_take(&tiff->file, MAGIC);
    if (head == NULL || (memcmp(head, "MM", 2) != 0 && memcmp(head, "II", 2) != 0))
        return false;
    tiff->big_endian = head[0] == 'M';
    tiff->is_big = reader_16(head + 2, tiff->big_endian) == 43;
    if (!tiff->is_big) {
        *first = reader_32(head + 4, tiff->big_endian);
        return reader_16(head + 2, tiff->big_endian) == 42;
    }
    if (reader_16(head + 4, tiff->big_endian) != 8 || (head = reader_take(&tiff->file, 8)) == NULL)
        return false;
    *first = read_word(tiff, head);
    return true;
}

/* Copies what the choice has into a block. */
static size_t copy(struct metadata_span file, const struct choice *choice, struct leads *leads,
                   uint8_t *block, size_t room)
{
    struct directory directories[METADATA_TIFF_DIRECTORIES];
    struct tiff tiff;
    uint64_t first;
    size_t count = 0;

    if (file.data == NULL || !open_tiff(file, &tiff, &first))
        return 0;
    for (int i = 0; i < METADATA_TIFF_DIRECTORIES; i++)
        directories[i].count = 0;
    read_directory(&tiff, first, choice, 0, &directories[0], leads);
    read_directory(&tiff, leads->exif, choice, 1, &directories[1], NULL);
    read_directory(&tiff, leads->gps, choice, 2, &directories[2], NULL);
    for (int i = 0; i < METADATA_TIFF_DIRECTORIES; i++)
        count += directories[i].count;
    return count > 0 ? write_block(&tiff, choice, directories, block, room) : 0;
}

void metadata_tiff_find(struct metadata_span file, struct metadata_tiff *found)
{
    const struct choice choice = {wanted, VALUE_MAX};
    struct leads leads = {0};

    found->exif_len = copy(file, &choice, &leads, found->exif + sizeof HEADER,
                           sizeof found->exif - sizeof HEADER);
    if (found->exif_len > 0) {
        memcpy(found->exif, HEADER, sizeof HEADER);
        found->exif_len += sizeof HEADER;
    }
    found->xmp = leads.xmp;
    found->iptc = leads.iptc;
}

size_t metadata_tiff_copy(struct metadata_span file,
                          const uint16_t tags[METADATA_TIFF_DIRECTORIES][METADATA_TIFF_TAGS],
                          uint8_t block[METADATA_TIFF_SIZE])
{
    const struct choice choice = {tags, COPIED_VALUE_MAX};
    struct leads leads = {0};

    return copy(file, &choice, &leads, block, METADATA_TIFF_SIZE);
}
