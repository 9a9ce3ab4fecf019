/* HEIC and AVIF files made by hand: any boxes, and codec headers that declare a size, without
 * pixels. */
#ifndef VITRINE_TESTS_SUPPORT_HEIF_H
#define VITRINE_TESTS_SUPPORT_HEIF_H

#include "forged.h"

#define FORGED_ITEMS 8
#define FORGED_DATA_AV1 "\x12\0"          /* a temporal delimiter */
#define FORGED_DATA_HEVC "\0\0\0\2\x26\1" /* an empty slice */

struct forged_item {
    const char *type; /* "av01", "grid", …; NULL ends the items, which count from 1 */
    const char *data;
    size_t len;
    const char *properties; /* the numbers of its properties, from 1, as bytes of a string */
};

struct forged_heif {
    const char *brand; /* "avif" or "heic" */
    unsigned primary;
    struct forged_item items[FORGED_ITEMS + 1];
    struct buf properties; /* ipco's and iref's boxes; freed by forged_heif() */
    struct buf references;
    unsigned method; /* how data is located: 1 in idat; 0 in the file, which has none */
    unsigned past;   /* bytes by which the last item's data is declared too long */
    unsigned spares; /* additional items, of which nothing else is declared */
    unsigned pieces; /* extents of one more such item */
};

/* Appends the file. */
void forged_heif(struct forged_heif *heif, struct buf *out);

/* A bit string for codec headers, which begins as {0}. forged_put_bits() appends the lower count
 * bits of value. */
struct forged_bits {
    char bytes[256];
    unsigned count;
};
void forged_put_bits(struct forged_bits *bits, unsigned count, uint32_t value);

/* Append a box to a list of properties or of references. */
void forged_box(struct buf *out, const char *name, const void *body, size_t len);
void forged_ispe(struct buf *out, uint32_t width, uint32_t height);
void forged_av1(struct buf *out, uint32_t width, uint32_t height, unsigned depth);
void forged_hevc(struct buf *out, uint32_t width, uint32_t height, unsigned depth);
void forged_alpha(struct buf *out); /* auxC */
void forged_reference(struct buf *out, const char *name, unsigned from, const char *to);

/* A grid's data: 8 bytes, static. */
const char *forged_grid(unsigned rows, unsigned columns, unsigned width, unsigned height);

#endif
