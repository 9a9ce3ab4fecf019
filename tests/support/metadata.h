/* Blocks of metadata, and files of every type around them, which have no pixels: made by hand, so
 * that tests can say anything in them. */
#ifndef VITRINE_TESTS_SUPPORT_METADATA_H
#define VITRINE_TESTS_SUPPORT_METADATA_H

#include "image/metadata.h"
#include "support.h"

/* The time at which the tests read: 2026-06-01, noon, UTC. */
#define METADATA_NOW INT64_C(1780315200000)

/* Types of TIFF's fields. */
enum { BYTE = 1, ASCII = 2, SHORT = 3, LONG = 4, RATIONAL = 5, UNDEFINED = 7, SRATIONAL = 10 };

/* Directories. */
enum { FIRST, EXIF, GPS, METADATA_DIRECTORIES };

struct metadata_entry {
    unsigned directory, tag, type;
    const char *text;      /* of an ASCII field */
    uint32_t numbers[6];   /* of the others; each RATIONAL takes two */
    unsigned count;        /* of values; 0 for 1, or for the text with its NUL */
    const struct buf *raw; /* the bytes of a BYTE or UNDEFINED field instead */
};

/* Appends a TIFF without pixels, which is also what EXIF is; ends with an entry of tag 0 in FIRST,
 * without a type. */
void metadata_exif(bool big_endian, const struct metadata_entry *entries, struct buf *out);

/* Appends a data set of IPTC's second record. */
void metadata_iptc(struct buf *out, unsigned number, const char *text);

/* Appends XMP with this content of its rdf:Description, and these attributes of it. */
void metadata_xmp(struct buf *out, const char *attributes, const char *content);

/* What a file is to have; each may be NULL. */
struct metadata_blocks {
    const struct buf *exif, *xmp, *iptc;
    const char *title; /* of a PNG */
};

/* Appends a file of that type, with whichever of the blocks it can have. */
void metadata_file(enum image_type type, const struct metadata_blocks *blocks, struct buf *out);

/* Reads a copy that has exactly the file's size, so that reading past its end is detected. The
 * photo is sound. */
void metadata_read(enum image_type type, const struct buf *file, struct photo *photo);

/* The same of EXIF in a JPEG. */
void metadata_read_exif(bool big_endian, const struct metadata_entry *entries, struct photo *photo);

/* The same of XMP in a JPEG. */
void metadata_read_xmp(const char *attributes, const char *content, struct photo *photo);

/* The time as text, static until the next call; "" if it is unknown. */
const char *metadata_taken(const struct photo *photo);

#endif
