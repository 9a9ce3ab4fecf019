#include "metadata.h"

#include <stdlib.h>
#include <string.h>

#include "forged.h"
#include "heif.h"

static const struct image_metadata_module *module;

/* ---- EXIF and TIFF ---- */

static void put(struct buf *out, bool big_endian, unsigned bytes, uint64_t value)
{
    if (big_endian)
        forged_big(out, bytes, value);
    else
        forged_little(out, bytes, value);
}

static unsigned type_size(unsigned type)
{
    return type == SHORT ? 2 : type == LONG ? 4 : type == RATIONAL || type == SRATIONAL ? 8 : 1;
}

/* Appends the value's bytes; returns the count of values. */
static size_t put_value(const struct metadata_entry *entry, bool big_endian, struct buf *out)
{
    size_t count = entry->count > 0 ? entry->count : 1;
    unsigned size = type_size(entry->type);

    if (entry->raw != NULL) {
        buf_append(out, entry->raw->data, entry->raw->len);
        return entry->raw->len;
    }
    if (entry->type == ASCII) {
        count = entry->count > 0 ? entry->count : strlen(entry->text) + 1;
        buf_append(out, entry->text, count);
        return count;
    }
    for (size_t i = 0; i < count; i++) {
        if (size == 8) {
            put(out, big_endian, 4, entry->numbers[2 * i]);
            put(out, big_endian, 4, entry->numbers[2 * i + 1]);
        } else {
            put(out, big_endian, size, entry->numbers[i]);
        }
    }
    return count;
}

static bool is_end(const struct metadata_entry *entry)
{
    return entry->type == 0;
}

/* Appends a directory, whose values follow it; `leads` are the offsets of the others, or NULL. */
static void put_directory(unsigned number, bool big_endian, const struct metadata_entry *entries,
                          const size_t *leads, size_t base, struct buf *out)
{
    struct buf values = BUF_INIT;
    size_t count = leads != NULL ? 2 : 0, start = out->len - base, values_at;

    for (const struct metadata_entry *entry = entries; !is_end(entry); entry++)
        count += entry->directory == number ? 1 : 0;
    values_at = start + 2 + 12 * count + 4;
    put(out, big_endian, 2, count);
    for (const struct metadata_entry *entry = entries; !is_end(entry); entry++) {
        struct buf value = BUF_INIT;
        size_t of_type;

        if (entry->directory != number)
            continue;
        of_type = put_value(entry, big_endian, &value);
        put(out, big_endian, 2, entry->tag);
        put(out, big_endian, 2, entry->type);
        put(out, big_endian, 4, of_type);
        if (value.len > 4) {
            put(out, big_endian, 4, values_at + values.len);
            buf_append(&values, value.data, value.len);
        } else {
            buf_append(out, value.data, value.len);
            buf_append(out, "\0\0\0", 4 - value.len);
        }
        buf_free(&value);
    }
    for (unsigned i = 0; leads != NULL && i < 2; i++) {
        put(out, big_endian, 2, i == 0 ? 0x8769 : 0x8825);
        put(out, big_endian, 2, LONG);
        put(out, big_endian, 4, 1);
        put(out, big_endian, 4, leads[i]);
    }
    put(out, big_endian, 4, 0); /* no further directory */
    buf_append(out, values.data, values.len);
    buf_free(&values);
}

void metadata_exif(bool big_endian, const struct metadata_entry *entries, struct buf *out)
{
    size_t leads[2] = {0, 0}, base = out->len;

    /* Once to measure, and once with the offsets. */
    for (int pass = 0; pass < 2; pass++) {
        out->len = base;
        buf_puts(out, big_endian ? "MM" : "II");
        put(out, big_endian, 2, 42);
        put(out, big_endian, 4, 8);
        put_directory(FIRST, big_endian, entries, leads, base, out);
        leads[0] = out->len - base;
        put_directory(EXIF, big_endian, entries, NULL, base, out);
        leads[1] = out->len - base;
        put_directory(GPS, big_endian, entries, NULL, base, out);
    }
}

/* ---- IPTC and XMP ---- */

void metadata_iptc(struct buf *out, unsigned number, const char *text)
{
    PUT(out, "\x1c\x02");
    forged_big(out, 1, number);
    forged_big(out, 2, strlen(text));
    buf_puts(out, text);
}

void metadata_xmp(struct buf *out, const char *attributes, const char *content)
{
    buf_printf(out,
               "<?xpacket begin='\xef\xbb\xbf' id='W5M0MpCehiHzreSzNTczkc9d'?>"
               "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF"
               " xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
               " xmlns:dc='http://purl.org/dc/elements/1.1/'"
               " xmlns:xmp='http://ns.adobe.com/xap/1.0/'"
               " xmlns:exif='http://ns.adobe.com/exif/1.0/'"
               " xmlns:exifEX='http://cipa.jp/exif/1.0/'"
               " xmlns:tiff='http://ns.adobe.com/tiff/1.0/'"
               " xmlns:aux='http://ns.adobe.com/exif/1.0/aux/'"
               " xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/'>"
               "<rdf:Description rdf:about='' %s>%s</rdf:Description></rdf:RDF></x:xmpmeta>"
               "<?xpacket end='w'?>",
               attributes, content);
}

/* ---- files ---- */

static void put_segment(struct buf *out, unsigned marker, const char *name, size_t name_len,
                        const struct buf *body)
{
    forged_big(out, 1, 0xff);
    forged_big(out, 1, marker);
    forged_big(out, 2, 2 + name_len + body->len);
    buf_append(out, name, name_len);
    buf_append(out, body->data, body->len);
}

static void make_jpeg(const struct metadata_blocks *blocks, struct buf *out)
{
    PUT(out, "\xff\xd8");
    if (blocks->exif != NULL)
        put_segment(out, 0xe1, "Exif\0", 6, blocks->exif);
    if (blocks->xmp != NULL)
        put_segment(out, 0xe1, "http://ns.adobe.com/xap/1.0/", 29, blocks->xmp);
    if (blocks->iptc != NULL) {
        struct buf resources = BUF_INIT;

        PUT(&resources, "8BIM\x04\x0a\x03odd\0\0\0\1x\0"); /* an odd name, an odd length */
        PUT(&resources, "8BIM\x04\x04\0\0");
        forged_big(&resources, 4, blocks->iptc->len);
        buf_append(&resources, blocks->iptc->data, blocks->iptc->len);
        put_segment(out, 0xed, "Photoshop 3.0", 14, &resources);
        buf_free(&resources);
    }
    PUT(out, "\xff\xff\xda\0\2"); /* filled, and the end of what is looked at */
    PUT(out, "\xff\xe1\0\x08"
             "Exif\0\0");
}

static void put_chunk(struct buf *out, const char *name, const struct buf *body)
{
    forged_big(out, 4, body->len);
    buf_puts(out, name);
    buf_append(out, body->data, body->len);
    PUT(out, "\0\0\0\0");
}

static void make_png(const struct metadata_blocks *blocks, struct buf *out)
{
    const struct buf none = BUF_INIT;
    struct buf text = BUF_INIT;

    PUT(out, "\x89PNG\r\n\x1a\n");
    if (blocks->exif != NULL)
        put_chunk(out, "eXIf", blocks->exif);
    put_chunk(out, "IDAT", &none);
    if (blocks->xmp != NULL) {
        PUT(&text, "XML:com.adobe.xmp\0\0\0\0\0");
        buf_append(&text, blocks->xmp->data, blocks->xmp->len);
        put_chunk(out, "iTXt", &text);
        buf_clear(&text);
    }
    if (blocks->title != NULL) {
        PUT(&text, "Title\0");
        buf_puts(&text, blocks->title);
        put_chunk(out, "tEXt", &text);
    }
    put_chunk(out, "IEND", &none);
    buf_free(&text);
}

static void put_riff(struct buf *out, const char *name, const struct buf *body)
{
    buf_puts(out, name);
    forged_little(out, 4, body->len);
    buf_append(out, body->data, body->len);
    if (body->len % 2 != 0)
        PUT(out, "\0");
}

static void make_webp(const struct metadata_blocks *blocks, struct buf *out)
{
    const struct buf odd = {.data = (char[]){"odd"}, .len = 3};

    PUT(out, "RIFF\0\0\0\0WEBP");
    put_riff(out, "VP8 ", &odd);
    if (blocks->exif != NULL)
        put_riff(out, "EXIF", blocks->exif);
    if (blocks->xmp != NULL)
        put_riff(out, "XMP ", blocks->xmp);
}

static void make_gif(const struct metadata_blocks *blocks, struct buf *out)
{
    PUT(out, "GIF89a\1\0\1\0\x80\0\0"
             "rgbrgb");
    PUT(out, "!\xfe\3com\0,\0\0\0\0\1\0\1\0\x80"
             "rgbrgb\2\2LZ\0");
    if (blocks->xmp != NULL) {
        PUT(out, "!\xff\x0bXMP DataXMP");
        buf_append(out, blocks->xmp->data, blocks->xmp->len);
        PUT(out, "\1");
        for (int i = 0xff; i >= 0; i--)
            forged_big(out, 1, (unsigned)i);
        PUT(out, "\0");
    }
    PUT(out, ";");
}

/* Item 1 is the picture; 2 is XMP of another one. */
static void make_heif(const char *brand, const struct metadata_blocks *blocks, struct buf *out)
{
    static const char other[] = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
                                " xmlns:xmp='http://ns.adobe.com/xap/1.0/'>"
                                "<rdf:Description xmp:Rating='1'/></rdf:RDF>";
    struct forged_heif heif = {.brand = brand, .primary = 1, .method = 1};
    struct buf exif = BUF_INIT;
    unsigned next = 3;

    heif.items[0] = (struct forged_item){"av01", FORGED_DATA_AV1, 2, ""};
    heif.items[1] = (struct forged_item){"mime", other, sizeof other - 1, ""};
    heif.items[2] = (struct forged_item){"av01", FORGED_DATA_AV1, 2, ""};
    forged_reference(&heif.references, "cdsc", 2, "\3");
    if (blocks->exif != NULL) {
        PUT(&exif, "\0\0\0\6"
                   "Exif\0\0");
        buf_append(&exif, blocks->exif->data, blocks->exif->len);
        heif.items[next++] = (struct forged_item){"Exif", exif.data, exif.len, ""};
        forged_reference(&heif.references, "cdsc", next, "\1");
    }
    if (blocks->xmp != NULL)
        heif.items[next++] = (struct forged_item){"mime", blocks->xmp->data, blocks->xmp->len, ""};
    forged_heif(&heif, out);
    buf_free(&exif);
}

static void make_jxl(const struct metadata_blocks *blocks, struct buf *out)
{
    struct buf exif = BUF_INIT;

    PUT(out, "\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14"
             "ftypjxl \0\0\0\0jxl ");
    if (blocks->exif != NULL) {
        PUT(&exif, "\0\0\0\6"
                   "Exif\0\0");
        buf_append(&exif, blocks->exif->data, blocks->exif->len);
        forged_box(out, "Exif", exif.data, exif.len);
    }
    if (blocks->xmp != NULL)
        forged_box(out, "xml ", blocks->xmp->data, blocks->xmp->len);
    forged_box(out, "jxlc", "\xff\x0a", 2);
    buf_free(&exif);
}

void metadata_file(enum image_type type, const struct metadata_blocks *blocks, struct buf *out)
{
    switch (type) {
    case IMAGE_JPEG:
        make_jpeg(blocks, out);
        break;
    case IMAGE_PNG:
        make_png(blocks, out);
        break;
    case IMAGE_WEBP:
        make_webp(blocks, out);
        break;
    case IMAGE_GIF:
        make_gif(blocks, out);
        break;
    case IMAGE_AVIF:
    case IMAGE_HEIC:
        make_heif(type == IMAGE_AVIF ? "avif" : "heic", blocks, out);
        break;
    case IMAGE_JXL:
        make_jxl(blocks, out);
        break;
    default: /* a TIFF, whose other blocks are fields of it */
        buf_append(out, blocks->exif->data, blocks->exif->len);
        break;
    }
}

/* ---- reading ---- */

void metadata_read(enum image_type type, const struct buf *file, struct photo *photo)
{
    char *copy = malloc(file->len > 0 ? file->len : 1);

    SUPPORT_MUST(copy != NULL && buf_ok(file));
    if (file->len > 0)
        memcpy(copy, file->data, file->len);
    if (module == NULL) {
        struct config config;

        support_config(support_folder(), &config);
        SUPPORT_MUST(image_metadata_load(config.module_dir, &module) == VT_OK);
    }
    image_metadata_read(module, type, copy, file->len, METADATA_NOW, photo);
    SUPPORT_MUST(photo_is_sound(photo));
    free(copy);
}

void metadata_read_exif(bool big_endian, const struct metadata_entry *entries, struct photo *photo)
{
    struct buf exif = BUF_INIT, file = BUF_INIT;

    metadata_exif(big_endian, entries, &exif);
    metadata_file(IMAGE_JPEG, &(struct metadata_blocks){.exif = &exif}, &file);
    metadata_read(IMAGE_JPEG, &file, photo);
    buf_free(&exif);
    buf_free(&file);
}

void metadata_read_xmp(const char *attributes, const char *content, struct photo *photo)
{
    struct buf xmp = BUF_INIT, file = BUF_INIT;

    metadata_xmp(&xmp, attributes, content);
    metadata_file(IMAGE_JPEG, &(struct metadata_blocks){.xmp = &xmp}, &file);
    metadata_read(IMAGE_JPEG, &file, photo);
    buf_free(&xmp);
    buf_free(&file);
}

const char *metadata_taken(const struct photo *photo)
{
    static char text[PHOTO_TIME_SIZE];

    text[0] = '\0';
    if (photo->taken_from != PHOTO_TAKEN_UNKNOWN)
        photo_time_write(photo->taken, text);
    return text;
}
