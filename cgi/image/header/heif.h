/* The inside of a HEIC or AVIF, for the parts of image_header that read it: boxes, items, rules,
 * codecs. ISO/IEC 14496-12 (boxes), 23008-12 (items), AV1 and H.265 (codecs).
 *
 * libheif reads the data of every item of a file as it opens it, and decodes what the primary item
 * leads to. So locations are checked, and counted, for all items, and the rest for those that are
 * decoded: the primary item, the tiles of a grid, and their transparency. */
#ifndef VITRINE_IMAGE_HEADER_HEIF_H
#define VITRINE_IMAGE_HEADER_HEIF_H

#include <stdbool.h>

#include "base/reader.h"
#include "image/header/header.h"

#define HEIF_NAME(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

/* Bounds. A phone's photograph of 48 megapixels has some 300 items and 30 properties. Opening a
 * file takes libheif as long as the square of its items and extents. */
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

/* What a codec's own headers say. Zeroes before the first. */
struct heif_coded {
    uint32_t width, height;               /* pixels that are shown */
    uint32_t stored_width, stored_height; /* pixels that are decoded; no less */
    unsigned depth;                       /* bits of a channel */
    bool uneven;                          /* some frames are smaller than that */
};

struct heif_item {
    uint32_t id, type; /* type: HEIF_NAME(), 0 of old entries without any */
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
    const uint8_t *tiles; /* identifiers, of heif.reference_size bytes each */
    unsigned tile_count;
    unsigned alpha_count;    /* items that say to be this one's transparency */
    uint32_t alpha;          /* the identifier of one */
    struct heif_coded coded; /* depth 0 until it was read */
};

struct heif {
    struct reader file; /* all of it */
    struct reader idat;
    uint32_t primary;
    struct heif_item *items; /* ascending by identifier */
    size_t item_count;
    struct heif_property *properties;
    size_t property_count;
    unsigned offset_size, length_size, index_size; /* bytes, of extents */
    unsigned reference_size;                       /* bytes, of an identifier in iref */
};

/* What meta holds, each NULL where it is not there. */
struct heif_boxes {
    struct reader pitm, iinf, iloc, iref, iprp, idat;
};

/* image_header_isobmff.c: the next box of in, whose name is *name. Nested ones may not reach to the
 * end of the file. */
enum vt_error heif_take_box(struct reader *in, bool nested, uint32_t *name,
                            struct reader *body) VT_MUST_CHECK;

/* VT_ERR_INVALID_IMAGE with the reason: sound or not, it is nothing that is taken. */
enum vt_error heif_refuse(const struct heif *heif, const char *what) VT_MUST_CHECK;

/* image_header_heif_items.c: fills heif, whose file and idat are set, with items and properties.
 * heif_free() frees them, after a failure, too. */
enum vt_error heif_load(struct heif *heif, const struct heif_boxes *boxes) VT_MUST_CHECK;
void heif_free(struct heif *heif);

/* The item, or NULL. */
struct heif_item *heif_find(const struct heif *heif, uint32_t id);

/* The property of the item's entry at, or NULL where that is 0, which means none. */
const struct heif_property *heif_property(const struct heif *heif, const struct heif_item *item,
                                          unsigned at);

/* An item's data, read from extent to extent. */
struct heif_data {
    const struct heif *heif;
    const struct heif_item *item;
    unsigned next;     /* the extent after this one */
    struct reader now; /* what is left of this one */
    uint64_t left;     /* of all, this one included */
};

/* image_header_heif_data.c: checks that all extents of all items lie in the file, and bounds what
 * they are together. */
enum vt_error heif_check_extents(const struct heif *heif) VT_MUST_CHECK;

void heif_data_open(const struct heif *heif, const struct heif_item *item, struct heif_data *data);

/* Copies count bytes to out, unless that is NULL, and steps over them. False where there are fewer.
 */
bool heif_data_take(struct heif_data *data, uint8_t *out, uint64_t count) VT_MUST_CHECK;

/* A picture that is decoded: coded, or the canvas of a grid. */
struct heif_picture {
    struct heif_item *item;
    uint32_t width, height;             /* as ispe says; 0 where there is none */
    uint32_t seen_width, seen_height;   /* after turns and crops */
    uint32_t named_width, named_height; /* what libheif takes these to be before it decodes */
    unsigned depth;                     /* bits of a channel */
    bool uneven, cropped;               /* heif_coded.uneven; has a clean aperture */
    const struct heif_property *config; /* of the codec */
};

/* image_header_heif_picture.c: reads a coded item, whose sizes must agree, and grows the header. */
enum vt_error heif_read_picture(const struct heif *heif, struct heif_item *item,
                                struct heif_picture *picture,
                                struct image_header *header) VT_MUST_CHECK;

/* Likewise the canvas of a grid, of that size. Its depth is left 0. */
enum vt_error heif_read_canvas(const struct heif *heif, struct heif_item *item, uint32_t width,
                               uint32_t height, struct heif_picture *picture) VT_MUST_CHECK;

/* image_header_heif.c: the rules. Fills the header. */
enum vt_error heif_check(const struct heif *heif, struct image_header *header) VT_MUST_CHECK;

/* image_header_av1.c, image_header_hevc.c: read what the item's configuration box, av1C or hvcC,
 * and its data say. */
enum vt_error heif_read_av1(const struct heif *heif, struct reader config, struct heif_data *data,
                            struct heif_coded *coded) VT_MUST_CHECK;
enum vt_error heif_read_hevc(const struct heif *heif, struct reader config, struct heif_data *data,
                             struct heif_coded *coded) VT_MUST_CHECK;

#endif
