#include "heif.h"

#include <string.h>

void forged_put_bits(struct forged_bits *bits, unsigned count, uint32_t value)
{
    for (; count > 0; count--, bits->count++)
        if ((value >> (count - 1) & 1) != 0)
            bits->bytes[bits->count / 8] |= (char)(0x80 >> bits->count % 8);
    SUPPORT_MUST(bits->count / 8 < sizeof bits->bytes);
}

static void put_golomb(struct forged_bits *bits, uint32_t value)
{
    unsigned length = 0;

    while ((value + 1) >> length > 1)
        length++;
    forged_put_bits(bits, length, 0);
    forged_put_bits(bits, length + 1, value + 1);
}

void forged_box(struct buf *out, const char *name, const void *body, size_t len)
{
    forged_big(out, 4, 8 + len);
    buf_puts(out, name);
    buf_append(out, body, len);
}

/* Appends a box whose version and flags are 0. */
static void full_box(struct buf *out, const char *name, struct buf *body)
{
    forged_big(out, 4, 12 + body->len);
    buf_puts(out, name);
    PUT(out, "\0\0\0\0");
    buf_append(out, body->data, body->len);
    buf_free(body);
}

void forged_ispe(struct buf *out, uint32_t width, uint32_t height)
{
    struct buf body = BUF_INIT;

    forged_big(&body, 4, width);
    forged_big(&body, 4, height);
    full_box(out, "ispe", &body);
}

void forged_av1(struct buf *out, uint32_t width, uint32_t height, unsigned depth)
{
    struct forged_bits bits = {0};
    struct buf body = BUF_INIT;

    forged_put_bits(&bits, 5, depth == 12 ? 0x13 : 0x03); /* profile, still, reduced */
    forged_put_bits(&bits, 5, 0);
    forged_put_bits(&bits, 8, 0xff); /* 16 bits a side */
    forged_put_bits(&bits, 16, width - 1);
    forged_put_bits(&bits, 16, height - 1);
    forged_put_bits(&bits, 6, 0);
    forged_put_bits(&bits, 2, depth == 8 ? 0 : depth == 10 ? 2 : 3);
    PUT(&body, "\x81\0\0\0\x0a\x10");
    buf_append(&body, bits.bytes, 16);
    forged_box(out, "av1C", body.data, body.len);
    buf_free(&body);
}

void forged_hevc(struct buf *out, uint32_t width, uint32_t height, unsigned depth)
{
    static const char head[22] = {1};
    struct forged_bits bits = {0};
    struct buf body = BUF_INIT;

    forged_put_bits(&bits, 16, 0x4201);
    forged_put_bits(&bits, 8, 1); /* one layer */
    for (int i = 0; i < 12; i++)
        forged_put_bits(&bits, 8, 0xff); /* ones, so that nothing has to be escaped */
    put_golomb(&bits, 0);
    put_golomb(&bits, 1);
    put_golomb(&bits, width + width % 2);
    put_golomb(&bits, height + height % 2);
    forged_put_bits(&bits, 1, 1);
    put_golomb(&bits, 0);
    put_golomb(&bits, 0);
    put_golomb(&bits, 0);
    put_golomb(&bits, 0);
    put_golomb(&bits, depth - 8);
    put_golomb(&bits, depth - 8);
    buf_append(&body, head, sizeof head);
    PUT(&body, "\1\x21\0\1\0\x40");
    buf_append(&body, bits.bytes, 64);
    forged_box(out, "hvcC", body.data, body.len);
    buf_free(&body);
}

void forged_alpha(struct buf *out)
{
    struct buf body = BUF_INIT;

    PUT(&body, "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0");
    full_box(out, "auxC", &body);
}

void forged_reference(struct buf *out, const char *name, unsigned from, const char *to)
{
    struct buf body = BUF_INIT;

    forged_big(&body, 2, from);
    forged_big(&body, 2, strlen(to));
    for (; *to != '\0'; to++)
        forged_big(&body, 2, (unsigned char)*to);
    forged_box(out, name, body.data, body.len);
    buf_free(&body);
}

const char *forged_grid(unsigned rows, unsigned columns, unsigned width, unsigned height)
{
    static char data[9];

    data[2] = (char)(rows - 1);
    data[3] = (char)(columns - 1);
    data[4] = (char)(width >> 8);
    data[5] = (char)width;
    data[6] = (char)(height >> 8);
    data[7] = (char)height;
    return data;
}

/* An item's entry in iinf. */
static void put_info(struct buf *infos, unsigned id, const char *type)
{
    PUT(infos, "\0\0\0\x15infe\2\0\0\0");
    forged_big(infos, 2, id);
    PUT(infos, "\0\0");
    buf_append(infos, type, 4);
    PUT(infos, "\0");
}

/* Appends the spare items, which are numbered from 1000. */
static void put_spares(const struct forged_heif *heif, struct buf *infos, struct buf *places)
{
    for (unsigned i = 0; i < heif->spares; i++)
        put_info(infos, 1000 + i, "Exif");
    if (heif->pieces == 0)
        return;
    forged_big(places, 2, 999);
    PUT(places, "\0\0\0\0");
    forged_big(places, 2, heif->pieces);
    for (unsigned i = 0; i < heif->pieces; i++)
        PUT(places, "\0\0\0\0\0\0\0\0");
}

/* Appends iinf, iloc and idat. */
static void put_items(const struct forged_heif *heif, struct buf *meta)
{
    struct buf infos = BUF_INIT, places = BUF_INIT, data = BUF_INIT;
    unsigned count = 0;

    while (heif->items[count].type != NULL)
        count++;
    forged_big(&infos, 2, count + heif->spares);
    PUT(&places, "\x44\0");
    forged_big(&places, 2, count + (heif->pieces > 0 ? 1 : 0));
    for (unsigned i = 0; i < count; i++) {
        const struct forged_item *item = &heif->items[i];

        put_info(&infos, i + 1, item->type);
        forged_big(&places, 2, i + 1);
        forged_big(&places, 2, heif->method);
        PUT(&places, "\0\0\0\1");
        forged_big(&places, 4, data.len);
        forged_big(&places, 4, item->len + (i + 1 == count ? heif->past : 0));
        buf_append(&data, item->data, item->len);
    }
    put_spares(heif, &infos, &places);
    full_box(meta, "iinf", &infos);
    forged_big(meta, 4, 12 + places.len);
    PUT(meta, "iloc\1\0\0\0");
    buf_append(meta, places.data, places.len);
    forged_box(meta, "idat", data.data, data.len);
    buf_free(&places);
    buf_free(&data);
}

static void put_properties(struct forged_heif *heif, struct buf *meta)
{
    struct buf boxes = BUF_INIT, links = BUF_INIT;
    unsigned count = 0;

    forged_box(&boxes, "ipco", heif->properties.data, heif->properties.len);
    while (heif->items[count].type != NULL)
        count++;
    forged_big(&links, 4, count);
    for (unsigned i = 0; i < count; i++) {
        forged_big(&links, 2, i + 1);
        forged_big(&links, 1, strlen(heif->items[i].properties));
        buf_puts(&links, heif->items[i].properties);
    }
    full_box(&boxes, "ipma", &links);
    forged_box(meta, "iprp", boxes.data, boxes.len);
    buf_free(&boxes);
}

void forged_heif(struct forged_heif *heif, struct buf *out)
{
    struct buf meta = BUF_INIT, primary = BUF_INIT;

    forged_big(&primary, 2, heif->primary);
    full_box(&meta, "pitm", &primary);
    put_items(heif, &meta);
    put_properties(heif, &meta);
    if (heif->references.len > 0)
        full_box(&meta, "iref", &heif->references);
    PUT(out, "\0\0\0\x14"
             "ftyp");
    buf_puts(out, heif->brand);
    PUT(out, "\0\0\0\0mif1");
    full_box(out, "meta", &meta);
    buf_free(&heif->properties);
    heif->properties = (struct buf)BUF_INIT;
    heif->references = (struct buf)BUF_INIT;
    SUPPORT_MUST(buf_ok(out));
}
