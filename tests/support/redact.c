#include "redact.h"

#include <stdlib.h>
#include <string.h>

#include "forged.h"
#include "image/redact/plan.h"
#include "metadata.h"

static const struct metadata_entry told[] = {
    {FIRST, 0x010e, ASCII, .text = "about " WORD},
    {FIRST, 0x010f, ASCII, .text = "NIKON"},
    {FIRST, 0x0110, ASCII, .text = "NIKON D90"},
    {FIRST, 0x0112, SHORT, .numbers = {6}},
    {FIRST, 0x013b, ASCII, .text = "by " WORD},
    {FIRST, 0x013c, ASCII, .text = SECRET " computer"},
    {FIRST, 0x8298, ASCII, .text = "rights " WORD},
    {EXIF, 0x829d, RATIONAL, .numbers = {59, 10}},
    {EXIF, 0x9003, ASCII, .text = "2024:01:31 10:11:12"},
    {EXIF, 0x927c, ASCII, .text = SECRET " maker note"},
    {EXIF, 0x9286, ASCII, .text = SECRET " comment"},
    {EXIF, 0xa420, ASCII, .text = SECRET " unique number"},
    {EXIF, 0xa430, ASCII, .text = SECRET " owner"},
    {EXIF, 0xa431, ASCII, .text = SECRET " serial number"},
    {EXIF, 0xa434, ASCII, .text = "18-105 mm " WORD},
    {EXIF, 0xa435, ASCII, .text = SECRET " serial number of the lens"},
    {GPS, 1, ASCII, .text = "S"},
    {GPS, 2, RATIONAL, .numbers = {43, 1, 28, 1, 36, 2}, .count = 3},
    {GPS, 3, ASCII, .text = "W"},
    {GPS, 4, RATIONAL, .numbers = {11, 1, 52, 1, 0, 1}, .count = 3},
    {GPS, 0x1c, ASCII, .text = SECRET " area"},
    {0},
};

static struct buf exif, xmp, iptc;

void redact_start(void)
{
    exif = xmp = iptc = BUF_INIT;
    metadata_exif(true, told, &exif);
    metadata_xmp(&xmp,
                 "exif:GPSLatitude='43,28N' exif:GPSLongitude='11,52E' photoshop:City='" SECRET "'",
                 "");
    metadata_iptc(&iptc, 80, "by " WORD);
    metadata_iptc(&iptc, 90, SECRET " city");
    metadata_iptc(&iptc, 92, SECRET " place in it");
    metadata_iptc(&iptc, 95, SECRET " state");
    metadata_iptc(&iptc, 101, SECRET " country");
    metadata_iptc(&iptc, 25, "keyword " WORD);
}

void redact_stop(void)
{
    buf_free(&exif);
    buf_free(&xmp);
    buf_free(&iptc);
}

/* ---- files ---- */

void redact_put_segment(struct buf *out, unsigned marker, const char *name, size_t name_len,
                        const struct buf *body)
{
    forged_big(out, 1, 0xff);
    forged_big(out, 1, marker);
    forged_big(out, 2, 2 + name_len + body->len);
    buf_append(out, name, name_len);
    buf_append(out, body->data, body->len);
}

void redact_put_coded(struct buf *out, bool is_copy)
{
    SEGMENT(out, 0xdb, "table");
    SEGMENT(out, 0xc2, "frame");
    SEGMENT(out, 0xc4, "codes");
    SEGMENT(out, 0xda, "scan");
    PUT(out, "one\xff\0two\xff\xd0three\xff\xff");
    if (!is_copy)
        SEGMENT(out, 0xfe, SECRET " comment between scans");
    SEGMENT(out, 0xc4, "codes");
    SEGMENT(out, 0xda, "scan");
    PUT(out, "four");
    PUT(out, "\xff\xd9");
}

static void make_jpeg(struct buf *out)
{
    struct buf resources = BUF_INIT;

    PUT(out, "\xff\xd8");
    SEGMENT(out, 0xe0,
            "JFIF\0\1\2\1\0\x48\0\x48\1\1"
            "rgb");
    SEGMENT(out, 0xe0, "JFXX\0\x10" SECRET " thumbnail");
    redact_put_segment(out, 0xe1, "Exif\0", 6, &exif);
    redact_put_segment(out, 0xe1, "http://ns.adobe.com/xap/1.0/", 29, &xmp);
    SEGMENT(out, 0xe2, "ICC_PROFILE\0\1\1profile");
    SEGMENT(out, 0xe2, "MPF\0" SECRET);
    SEGMENT(out, 0xeb, "JP" SECRET); /* C2PA */
    PUT(&resources, "8BIM\x04\x0c\0\0\0\0\0\x06" SECRET "8BIM\x04\x04\0\0");
    forged_big(&resources, 4, iptc.len);
    buf_append(&resources, iptc.data, iptc.len);
    redact_put_segment(out, 0xed, "Photoshop 3.0", 14, &resources);
    SEGMENT(out, 0xee, "Adobe\0\x64\0\0\0\0\1");
    SEGMENT(out, 0xfe, SECRET " comment");
    redact_put_coded(out, false);
    PUT(out, SECRET " film of a motion photo");
    buf_free(&resources);
}

void redact_put_chunk(struct buf *out, const char *name, const void *data, size_t len)
{
    buf_puts(out, name);
    forged_little(out, 4, len);
    buf_append(out, data, len);
    if (len % 2 != 0)
        PUT(out, "\0");
}

static void make_webp(struct buf *out)
{
    struct buf body = BUF_INIT;

    redact_put_chunk(&body, "VP8X", "\x2c\0\0\0\7\0\0\7\0\0", 10); /* profile, EXIF, XMP */
    redact_put_chunk(&body, "ICCP", "profile", 7);
    redact_put_chunk(&body, "VP8L", "pixels", 6);
    redact_put_chunk(&body, "EXIF", exif.data, exif.len);
    redact_put_chunk(&body, "XMP ", xmp.data, xmp.len);
    redact_put_chunk(&body, "ABCD", SECRET, 6);
    PUT(out, "RIFF");
    forged_little(out, 4, 4 + body.len);
    PUT(out, "WEBP");
    buf_append(out, body.data, body.len);
    PUT(out, SECRET " behind the end");
    buf_free(&body);
}

/* One strip behind the directories, and words that no directory names. */
static void make_tiff(struct buf *out)
{
    struct metadata_entry entries[40];
    size_t count = 0;

    for (int pass = 0; pass < 2; pass++) {
        size_t end = out->len;

        count = 0;
        entries[count++] = (struct metadata_entry){FIRST, 273, LONG, .numbers = {(uint32_t)end}};
        entries[count++] = (struct metadata_entry){FIRST, 279, LONG, .numbers = {6}};
        for (size_t i = 0; told[i].type != 0; i++)
            entries[count++] = told[i];
        entries[count++] = (struct metadata_entry){FIRST, 700, BYTE, .raw = &xmp};
        entries[count++] = (struct metadata_entry){FIRST, 33723, BYTE, .raw = &iptc};
        entries[count] = (struct metadata_entry){0};
        out->len = 0;
        metadata_exif(true, entries, out);
    }
    PUT(out, "pixels" SECRET);
}

void redact_make(enum image_type type, struct buf *out)
{
    const struct metadata_blocks blocks = {&exif, &xmp, NULL, "title " WORD};

    switch (type) {
    case IMAGE_JPEG:
        make_jpeg(out);
        break;
    case IMAGE_WEBP:
        make_webp(out);
        break;
    case IMAGE_TIFF:
        make_tiff(out);
        break;
    default:
        metadata_file(type, &blocks, out);
        break;
    }
}

/* ---- copies ---- */

static void follow(const struct buf *plan, const struct buf *file, struct buf *copy)
{
    struct image_redact_reading reading;
    size_t begin = copy->len;

    SUPPORT_MUST(image_redact_plan_read(plan->data, plan->len, file->len, &reading));
    for (size_t i = 0; i < reading.count; i++) {
        const char *inserted;
        struct image_redact_piece piece = image_redact_plan_piece(&reading, i, &inserted);

        if (piece.kind == IMAGE_REDACT_ZEROS)
            for (uint64_t k = 0; k < piece.length; k++)
                buf_append(copy, "", 1);
        else
            buf_append(copy, inserted != NULL ? inserted : file->data + piece.at,
                       (size_t)piece.length);
    }
    SUPPORT_MUST(buf_ok(copy) && copy->len - begin == reading.size);
    SUPPORT_MUST(!image_redact_plan_is_whole(&reading, file->len) ||
                 memcmp(copy->data + begin, file->data, file->len) == 0);
}

enum vt_error redact_copy(enum image_type type, enum image_redact_level level,
                          const struct buf *file, struct buf *copy)
{
    char *exact = malloc(file->len > 0 ? file->len : 1);
    struct buf plan = BUF_INIT;
    enum vt_error err;

    SUPPORT_MUST(exact != NULL && buf_ok(file));
    if (file->len > 0)
        memcpy(exact, file->data, file->len);
    err = image_redact(type, level, exact, file->len, &plan);
    SUPPORT_MUST(err == VT_OK || err == VT_ERR_UNSUPPORTED || err == VT_ERR_MEMORY);
    if (err == VT_OK && file->len > 0)
        follow(&plan, file, copy);
    buf_free(&plan);
    free(exact);
    return err;
}

bool redact_has(const struct buf *file, const char *bytes, size_t len)
{
    return file->len > 0 && memmem(file->data, file->len, bytes, len) != NULL;
}

enum image_redact_level redact_level(int i)
{
    return i % 2 == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
}

void redact_expect(enum image_type type, enum image_redact_level level, const struct buf *file,
                   struct buf *copy)
{
    struct buf again = BUF_INIT;

    ck_assert_int_eq(redact_copy(type, level, file, copy), VT_OK);
    /* A copy's copy is the same. */
    ck_assert_int_eq(redact_copy(type, level, copy, &again), VT_OK);
    ck_assert_uint_eq(again.len, copy->len);
    ck_assert_mem_eq(again.data, copy->data, copy->len);
    buf_free(&again);
}

void redact_expect_bytes(enum image_type type, enum image_redact_level level, struct buf *file,
                         struct buf *want)
{
    struct buf copy = BUF_INIT;

    redact_expect(type, level, file, &copy);
    ck_assert_uint_eq(copy.len, want->len);
    ck_assert_mem_eq(copy.data, want->data, want->len);
    buf_free(file);
    buf_free(&copy);
    buf_free(want);
}
