#include "image/metadata_block.h"

#include <string.h>

#include "base/reader.h"
#include "image/header/heif.h"

/* Remembers the block if it is the first of its kind and not too large. */
static void keep(struct metadata_span *block, const uint8_t *data, size_t len, size_t most)
{
    if (block->data == NULL && len > 0 && len <= most)
        *block = (struct metadata_span){data, len};
}

/* Whether the bytes begin with the literal, of which the NUL at its end counts. */
#define BEGINS(data, len, literal)                                                                 \
    ((len) >= sizeof(literal) && memcmp(data, literal, sizeof(literal)) == 0)

/* ---- JPEG ---- */

#define SOI 0xd8
#define SOS 0xda
#define EOI 0xd9
#define APP1 0xe1
#define APP13 0xed

/* Photoshop's resources, of which one is IPTC's: a signature, a number, a name, a length, data; the
 * last two of even length. */
static void find_iptc(const uint8_t *data, size_t len, struct metadata_block *found)
{
    struct reader in = {data, len, 0, NULL};
    const uint8_t *head;

    while ((head = reader_take(&in, 7)) != NULL && memcmp(head, "8BIM", 4) == 0) {
        const uint8_t *size, *body;
        size_t name = head[6], bytes;

        if (reader_take(&in, name + (name % 2 == 0 ? 1 : 0)) == NULL ||
            (size = reader_take(&in, 4)) == NULL)
            return;
        bytes = reader_big32(size);
        body = reader_take(&in, bytes);
        if (body == NULL)
            return;
        if (reader_big16(head + 4) == 0x0404)
            keep(&found->iptc, body, bytes, METADATA_BLOCK_IPTC_MAX);
        (void)!reader_take(&in, bytes % 2);
    }
}

static void find_in_segment(unsigned marker, const uint8_t *data, size_t len,
                            struct metadata_block *found)
{
    static const char xmp[] = "http://ns.adobe.com/xap/1.0/", photoshop[] = "Photoshop 3.0";

    if (marker == APP1 && BEGINS(data, len, "Exif\0"))
        keep(&found->exif, data, len, METADATA_BLOCK_EXIF_MAX);
    if (marker == APP1 && BEGINS(data, len, xmp))
        keep(&found->xmp, data + sizeof xmp, len - sizeof xmp, METADATA_BLOCK_XMP_MAX);
    if (marker == APP13 && BEGINS(data, len, photoshop))
        find_iptc(data + sizeof photoshop, len - sizeof photoshop, found);
}

/* All segments up to the first scan; the one of a JPEG within a JPEG is not its. */
static void find_in_jpeg(struct reader *in, struct metadata_block *found)
{
    const uint8_t *head;

    while ((head = reader_take(in, 2)) != NULL && head[0] == 0xff) {
        unsigned marker = head[1];
        size_t len;

        if (marker == 0xff) { /* a byte that fills */
            in->at--;
            continue;
        }
        if (marker == SOI)
            continue;
        if (marker == SOS || marker == EOI || (head = reader_take(in, 2)) == NULL)
            return;
        len = reader_big16(head);
        if (len < 2 || (head = reader_take(in, len - 2)) == NULL)
            return;
        find_in_segment(marker, head, len - 2, found);
    }
}

/* ---- PNG ---- */

#define SIGNATURE 8
#define TEXT_MAX 65536

static void find_text(const uint8_t *keyword, const uint8_t *text, size_t len,
                      struct metadata_block *found)
{
    const char *name = (const char *)keyword;

    if (strcmp(name, "XML:com.adobe.xmp") == 0)
        keep(&found->xmp, text, len, METADATA_BLOCK_XMP_MAX);
    else if (strcmp(name, "Title") == 0)
        keep(&found->title, text, len, TEXT_MAX);
    else if (strcmp(name, "Description") == 0)
        keep(&found->description, text, len, TEXT_MAX);
    else if (strcmp(name, "Creation Time") == 0)
        keep(&found->created, text, len, TEXT_MAX);
}

/* Takes the bytes up to a NUL, and the NUL. */
static const uint8_t *take_string(struct reader *in)
{
    const uint8_t *end = memchr(in->data + in->at, 0, reader_left(in));

    return end == NULL ? NULL : reader_take(in, (size_t)(end - in->data) + 1 - in->at);
}

/* A keyword and, of an international text, whether it is compressed, how, and two names. */
static void find_in_text(const uint8_t *data, size_t len, bool is_international,
                         struct metadata_block *found)
{
    struct reader in = {data, len, 0, NULL};
    const uint8_t *keyword = take_string(&in), *compression;

    if (keyword == NULL)
        return;
    if (is_international) {
        compression = reader_take(&in, 2);
        if (compression == NULL || compression[0] != 0 || take_string(&in) == NULL ||
            take_string(&in) == NULL)
            return;
    }
    find_text(keyword, in.data + in.at, reader_left(&in), found);
}

static void find_in_png(struct reader *in, struct metadata_block *found)
{
    const uint8_t *head = reader_take(in, SIGNATURE);

    while (head != NULL && (head = reader_take(in, 8)) != NULL) {
        size_t len = reader_big32(head);
        const uint8_t *body = reader_take(in, len);

        if (body == NULL || memcmp(head + 4, "IEND", 4) == 0)
            return;
        if (memcmp(head + 4, "eXIf", 4) == 0)
            keep(&found->exif, body, len, METADATA_BLOCK_EXIF_MAX);
        if (memcmp(head + 4, "tEXt", 4) == 0 || memcmp(head + 4, "iTXt", 4) == 0)
            find_in_text(body, len, head[4] == 'i', found);
        head = reader_take(in, 4); /* the checksum, which the decoder verifies */
    }
}

/* ---- WebP, GIF, HEIC, AVIF and JPEG XL ---- */

static void find_in_webp(struct reader *in, struct metadata_block *found)
{
    const uint8_t *head = reader_take(in, 12);

    while (head != NULL && (head = reader_take(in, 8)) != NULL) {
        size_t len = reader_little32(head + 4);
        const uint8_t *body = reader_take(in, len);

        if (body == NULL)
            return;
        if (memcmp(head, "EXIF", 4) == 0)
            keep(&found->exif, body, len, METADATA_BLOCK_EXIF_MAX);
        if (memcmp(head, "XMP ", 4) == 0)
            keep(&found->xmp, body, len, METADATA_BLOCK_XMP_MAX);
        head = reader_take(in, len % 2);
    }
}

/* XMP in a GIF is not cut into blocks. It is followed by a trailer, which leads whoever reads
 * blocks to the end, wherever he comes from: 0x01, then 0xff down to 0x00. */
static void find_xmp_in_gif(struct reader *in, struct metadata_block *found)
{
    static const uint8_t trailer[] = {0x01, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9};
    const uint8_t *data = in->data + in->at;
    const uint8_t *end = memmem(data, reader_left(in), trailer, sizeof trailer);

    if (end != NULL)
        keep(&found->xmp, data, (size_t)(end - data), METADATA_BLOCK_XMP_MAX);
}

static size_t palette_size(uint8_t flags)
{
    return (flags & 0x80) != 0 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

static void find_in_gif(struct reader *in, struct metadata_block *found)
{
    const uint8_t *head = reader_take(in, 13), *kind;
    bool is_whole = head != NULL && reader_take(in, palette_size(head[10])) != NULL;

    while (is_whole && (kind = reader_take(in, 1)) != NULL) {
        if (*kind == ',') {
            head = reader_take(in, 9);
            is_whole = head != NULL && reader_take(in, palette_size(head[8]) + 1) != NULL &&
                       reader_skip_blocks(in);
        } else if (*kind == '!') {
            head = reader_take(in, 1);
            if (head != NULL && *head == 0xff && reader_left(in) > 12 &&
                memcmp(in->data + in->at, "\x0bXMP DataXMP", 12) == 0) {
                struct reader body = {in->data, in->len, in->at + 12, NULL};

                find_xmp_in_gif(&body, found);
            }
            is_whole = head != NULL && reader_skip_blocks(in);
        } else {
            return;
        }
    }
}

static void find_in_heif(struct reader *in, struct metadata_block *found)
{
    struct heif_metadata *copies = &found->copies;

    heif_metadata_find(in->data, in->len, METADATA_BLOCK_EXIF_MAX, METADATA_BLOCK_XMP_MAX, copies);
    keep(&found->exif, copies->exif, copies->exif_len, METADATA_BLOCK_EXIF_MAX);
    keep(&found->xmp, copies->xmp, copies->xmp_len, METADATA_BLOCK_XMP_MAX);
}

/* Boxes of JPEG XL; a bare codestream has none. EXIF begins with the number of bytes before its own
 * header. Boxes that are compressed ("brob") are not read. */
static void find_in_jxl(struct reader *in, struct metadata_block *found)
{
    struct reader body;
    uint32_t name;

    while (reader_left(in) > 0 && heif_take_box(in, false, &name, &body) == VT_OK) {
        const uint8_t *skip;

        if (name == HEIF_NAME('E', 'x', 'i', 'f') && (skip = reader_take(&body, 4)) != NULL &&
            reader_take(&body, reader_big32(skip)) != NULL)
            keep(&found->exif, body.data + body.at, reader_left(&body), METADATA_BLOCK_EXIF_MAX);
        if (name == HEIF_NAME('x', 'm', 'l', ' '))
            keep(&found->xmp, body.data, body.len, METADATA_BLOCK_XMP_MAX);
    }
}

bool metadata_block_find(enum image_type type, const void *data, size_t len,
                         struct metadata_block *found)
{
    struct reader in = {data, len, 0, NULL};

    memset(found, 0, sizeof *found);
    switch (type) {
    case IMAGE_JPEG:
        find_in_jpeg(&in, found);
        break;
    case IMAGE_PNG:
        find_in_png(&in, found);
        break;
    case IMAGE_GIF:
        find_in_gif(&in, found);
        break;
    case IMAGE_WEBP:
        find_in_webp(&in, found);
        break;
    case IMAGE_AVIF:
    case IMAGE_HEIC:
        find_in_heif(&in, found);
        break;
    case IMAGE_TIFF:
        found->exif = (struct metadata_span){data, len};
        break;
    case IMAGE_JXL:
        find_in_jxl(&in, found);
        break;
    default: /* a type of which nothing is read */
        break;
    }
    return found->exif.data != NULL || found->xmp.data != NULL || found->iptc.data != NULL ||
           found->title.data != NULL || found->description.data != NULL ||
           found->created.data != NULL;
}

void metadata_block_free(struct metadata_block *found)
{
    heif_metadata_free(&found->copies);
    memset(found, 0, sizeof *found);
}
