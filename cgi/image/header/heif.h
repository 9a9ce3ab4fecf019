/* The structure of a HEIC or AVIF, shared by the files that read it: boxes, items, rules, codecs.
 * ISO/IEC 14496-12 (boxes), 23008-12 (items), AV1 and H.265 (codecs).
 *
 * When libheif opens a file, it reads the data of every item; it decodes only what the primary item
 * leads to. So the locations of all items are checked and counted, and everything else only of
 * items that are decoded: the primary item, the tiles of a grid, and their transparency. */
#ifndef VITRINE_IMAGE_HEADER_HEIF_H
#define VITRINE_IMAGE_HEADER_HEIF_H

#include <stdbool.h>

#include "base/reader.h"
#include "image/header/header.h"

#define HEIF_NAME(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

/* Bounds. A phone's photograph of 48 megapixels has some 300 items and 30 properties. The time that
 * libheif takes to open a file grows with the square of its items and extents. */
#define HEIF_ITEMS 2048
#define HEIF_EXTENTS 4096 /* of all items together */
#define HEIF_PROPERTIES 1024
#define HEIF_REFERENCES 8192 /* boxes of them */
#define HEIF_TILES 2048
#define HEIF_UNITS 4096          /* of a codec, in an item */
#define HEIF_CONFIGURATION 65536 /* bytes: hvcC and av1C are copied for each item that has them */

struct heif_property {
    uint32_t name;
    struct reader body;
};

/* What the codec's own headers declare. All zero until the first header is read. */
struct heif_coded {
    uint32_t width, height;               /* pixels that are shown */
    uint32_t stored_width, stored_height; /* pixels that are decoded; at least as many */
    unsigned depth;                       /* bits of a channel */
    bool gray;                            /* has no colours */
    bool uneven;                          /* some frames are smaller */
};

struct heif_item {
    uint32_t id, type; /* type: a HEIF_NAME(); 0 for old entries that have none */
    /* iloc */
    bool located;
    uint8_t method; /* 0: in the file, 1: in idat */
    uint64_t base;
    const uint8_t *extents; /* extent_count entries */
    unsigned extent_count;
    /* ipma */
    bool wide; /* two bytes an entry */
    const uint8_t *associations;
    unsigned association_count; /* entries */
    /* iref */
    unsigned dimg_boxes;
    const uint8_t *tiles; /* identifiers of heif.reference_size bytes each */
    unsigned tile_count;
    unsigned alpha_count;    /* items that claim to be this one's transparency */
    uint32_t alpha;          /* the identifier of one of them */
    bool is_of_other;        /* it describes items, and the primary item is not among them */
    struct heif_coded coded; /* depth is 0 until it has been read */
};

struct heif {
    struct reader file; /* the whole file */
    struct reader idat;
    uint32_t primary;
    struct heif_item *items; /* ascending by identifier */
    size_t item_count;
    struct heif_property *properties;
    size_t property_count;
    unsigned offset_size, length_size, index_size; /* bytes, of extents */
    unsigned reference_size;                       /* bytes, of an identifier in iref */
};

/* The boxes in meta; data is NULL for those that are absent. */
struct heif_boxes {
    struct reader pitm, iinf, iloc, iref, iprp, idat;
};

/* heif_box.c: reads the next box of `in`, whose name is put into *name. A nested box may not be of
 * the size that means up to the end of the file. */
enum vt_error heif_take_box(struct reader *in, bool nested, uint32_t *name,
                            struct reader *body) VT_MUST_CHECK;

/* VT_ERR_INVALID_IMAGE with the reason `what`: the file may be well formed, but uses a feature that
 * is not accepted. */
enum vt_error heif_refuse(const struct heif *heif, const char *what) VT_MUST_CHECK;

/* isobmff.c: reads the boxes of the file and everything below, and checks that all items lie in the
 * file. The caller calls heif_free(), even after a failure. */
enum vt_error heif_open(struct reader *in, struct heif *heif) VT_MUST_CHECK;

/* heif_items.c: reads the items and properties into heif, whose file and idat are set. */
enum vt_error heif_load(struct heif *heif, const struct heif_boxes *boxes) VT_MUST_CHECK;
void heif_free(struct heif *heif);

/* The item with this identifier, or NULL. */
struct heif_item *heif_find(const struct heif *heif, uint32_t id);

/* The property that the item's entry number `at` refers to, or NULL if the entry is 0, which means
 * none. */
const struct heif_property *heif_property(const struct heif *heif, const struct heif_item *item,
                                          unsigned at);

/* A cursor in an item's data, which goes from extent to extent. */
struct heif_data {
    const struct heif *heif;
    const struct heif_item *item;
    unsigned next;     /* the extent after this one */
    struct reader now; /* what is left of this one */
    uint64_t left;     /* in all extents, including this one */
};

/* heif_data.c: checks that all extents of all items lie in the file, and limits their total size.
 */
enum vt_error heif_check_extents(const struct heif *heif) VT_MUST_CHECK;

void heif_data_open(const struct heif *heif, const struct heif_item *item, struct heif_data *data);

/* Copies count bytes to out, unless out is NULL, and steps over them. Returns false if there are
 * fewer. */
bool heif_data_take(struct heif_data *data, uint8_t *out, uint64_t count) VT_MUST_CHECK;

/* A picture that is decoded: a coded item, or the canvas of a grid. */
struct heif_picture {
    struct heif_item *item;
    uint32_t width, height;             /* from ispe; 0 if there is none */
    uint32_t seen_width, seen_height;   /* after turns and crops */
    uint32_t named_width, named_height; /* the sizes that libheif assumes before it decodes */
    unsigned depth;                     /* bits of a channel */
    bool gray;                          /* as heif_coded.gray */
    bool uneven, cropped;               /* as heif_coded.uneven; has a clean aperture */
    const struct heif_property *config; /* of the codec */
};

/* heif_picture.c: reads a coded item, whose sizes must agree, and raises the header's size and
 * depth to it. */
enum vt_error heif_read_picture(const struct heif *heif, struct heif_item *item,
                                struct heif_picture *picture,
                                struct image_header *header) VT_MUST_CHECK;

/* Does the same for the canvas of a grid, which must have this size. Leaves its depth at 0. */
enum vt_error heif_read_canvas(const struct heif *heif, struct heif_item *item, uint32_t width,
                               uint32_t height, struct heif_picture *picture) VT_MUST_CHECK;

/* heif.c: checks the rules and fills the header. */
enum vt_error heif_check(const struct heif *heif, struct image_header *header) VT_MUST_CHECK;

/* av1.c, hevc.c: read the headers in the item's configuration box, av1C or hvcC, and in its data.
 */
enum vt_error heif_read_av1(const struct heif *heif, struct reader config, struct heif_data *data,
                            struct heif_coded *coded) VT_MUST_CHECK;
enum vt_error heif_read_hevc(const struct heif *heif, struct reader config, struct heif_data *data,
                             struct heif_coded *coded) VT_MUST_CHECK;

#endif
