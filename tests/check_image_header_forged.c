/* Files made by hand, byte by byte: what no encoder writes. */
#include "image_header.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))
#define PUT(buf, literal) buf_append(buf, literal, sizeof(literal) - 1)

static const struct image_limits limits = {.pixels = 100000000, .side = 60000, .frames = 1000};

static void big(struct buf *out, unsigned bytes, uint64_t value)
{
    while (bytes-- > 0)
        buf_append(out, &(char){(char)(value >> 8 * bytes)}, 1);
}

static void little(struct buf *out, unsigned bytes, uint64_t value)
{
    for (; bytes > 0; bytes--, value >>= 8)
        buf_append(out, &(char){(char)value}, 1);
}

/* Reads a copy of just that size, so that reading past the end is seen, and frees the file. */
static enum vt_error read_file(struct buf *file, struct image_header *header)
{
    struct vt_reason why = {""};
    char *copy = malloc(file->len);
    enum vt_error err;

    SUPPORT_MUST(copy != NULL);
    memcpy(copy, file->data, file->len);
    err = image_header_read(copy, file->len, header, &why);
    ck_assert_int_eq(err == VT_OK, why.text[0] == '\0');
    free(copy);
    buf_free(file);
    return err;
}

static void expect_refused(struct buf *file)
{
    struct image_header header;

    ck_assert_int_eq(read_file(file, &header), VT_ERR_INVALID_IMAGE);
}

static void expect_size(struct buf *file, uint32_t width, uint32_t height, uint32_t frames)
{
    struct image_header header;

    ck_assert_int_eq(read_file(file, &header), VT_OK);
    ck_assert_uint_eq(header.width, width);
    ck_assert_uint_eq(header.height, height);
    ck_assert_uint_eq(header.frames, frames);
}

/* ---- pictures of a size, without pixels ---- */

static void jpeg_frame(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "\xff\xc0\0\x0b\x08");
    big(out, 2, height);
    big(out, 2, width);
    PUT(out, "\x01\x01\x11\0");
}

static void jpeg_end(struct buf *out)
{
    PUT(out, "\xff\xda\0\x08\x01\x01\0\0\x3f\0"
             "data\xff\0data\xff\xd0"
             "data\xff\xff\xd9");
}

static void make_jpeg(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "\xff\xd8");
    jpeg_frame(out, width, height);
    jpeg_end(out);
}

static void png_chunk(struct buf *out, const char *name, const void *data, size_t len)
{
    big(out, 4, len);
    buf_puts(out, name);
    buf_append(out, data, len);
    big(out, 4, 0); /* the checksum is the decoder's to look at */
}

static void png_start(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR");
    big(out, 4, width);
    big(out, 4, height);
    PUT(out, "\x08\x02\0\0\0crc.");
}

static void make_png(struct buf *out, uint32_t width, uint32_t height)
{
    png_start(out, width, height);
    png_chunk(out, "IDAT", "", 0);
    png_chunk(out, "IEND", "", 0);
}

static void gif_start(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "GIF89a");
    little(out, 2, width);
    little(out, 2, height);
    PUT(out, "\x80\0\0abcdef"); /* a table of two colours */
}

static void gif_frame(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, ",\0\0\0\0");
    little(out, 2, width);
    little(out, 2, height);
    PUT(out, "\0\x02\x01x\0");
}

static void make_gif(struct buf *out, uint32_t width, uint32_t height)
{
    gif_start(out, width, height);
    gif_frame(out, 1, 1);
    PUT(out, ";");
}

static void webp(struct buf *out, const struct buf *chunks)
{
    PUT(out, "RIFF");
    little(out, 4, 4 + chunks->len);
    PUT(out, "WEBP");
    buf_append(out, chunks->data, chunks->len);
}

static void webp_extended(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "VP8X\x0a\0\0\0\0\0\0\0");
    little(out, 3, width - 1);
    little(out, 3, height - 1);
}

static void make_webp(struct buf *out, uint32_t width, uint32_t height)
{
    struct buf chunks = BUF_INIT;

    webp_extended(&chunks, width, height);
    webp(out, &chunks);
    buf_free(&chunks);
}

/* A page at the end of the file, its size as SHORT values where `shorts`. */
static void tiff_page(struct buf *out, uint32_t width, uint32_t height, bool shorts, uint32_t next)
{
    little(out, 2, 2);
    little(out, 4, 256 | (shorts ? 3u : 4u) << 16);
    little(out, 4, 1);
    little(out, 4, shorts ? width | 0xabcd0000 : width); /* what follows a SHORT means nothing */
    little(out, 4, 257 | 4u << 16);
    little(out, 4, 1);
    little(out, 4, height);
    little(out, 4, next);
}

static void make_tiff(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "II*\0\x08\0\0\0");
    tiff_page(out, width, height, width < 65536, 0);
}

static void make_big_endian_tiff(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "MM\0*\0\0\0\x0a..\0\x03"
             "\x01\0\0\x04\0\0\0\x01");
    big(out, 4, width);
    PUT(out, "\x01\x01\0\x04\0\0\0\x01");
    big(out, 4, height);
    PUT(out, "\x01\x02\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0");
}

static void box(struct buf *out, const char *name, const struct buf *body)
{
    big(out, 4, 8 + body->len);
    buf_puts(out, name);
    buf_append(out, body->data, body->len);
}

/* Puts the box around all of `inner`, which is emptied. */
static void wrap(struct buf *inner, const char *name)
{
    struct buf outer = BUF_INIT;

    box(&outer, name, inner);
    buf_free(inner);
    *inner = outer;
}

static void ispe(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "\0\0\0\x14ispe\0\0\0\0");
    big(out, 4, width);
    big(out, 4, height);
}

static void meta(struct buf *out, uint32_t width, uint32_t height)
{
    struct buf inner = BUF_INIT, full = BUF_INIT;

    ispe(&inner, width, height);
    wrap(&inner, "ipco");
    wrap(&inner, "iprp");
    PUT(&full, "\0\0\0\0");
    buf_append(&full, inner.data, inner.len);
    box(out, "meta", &full);
    buf_free(&inner);
    buf_free(&full);
}

#define FTYP_HEIC                                                                                  \
    "\0\0\0\x14"                                                                                   \
    "ftypmif1\0\0\0\0heic"
#define FTYP_AVIF                                                                                  \
    "\0\0\0\x10"                                                                                   \
    "ftypavif\0\0\0\0"

static void make_heic(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, FTYP_HEIC);
    meta(out, width, height);
    PUT(out, "\0\0\0\x0cmdatdata");
}

static void make_avif(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, FTYP_AVIF);
    meta(out, width, height);
    PUT(out, "\0\0\0\0mdatto the end");
}

static const struct {
    void (*make)(struct buf *, uint32_t, uint32_t);
    enum image_type type;
    bool zero; /* the format can say that it has no pixels */
    uint32_t max_side;
} makers[] = {
    {make_jpeg, IMAGE_JPEG, true, 65535},      {make_png, IMAGE_PNG, true, UINT32_MAX},
    {make_gif, IMAGE_GIF, false, 65535},       {make_webp, IMAGE_WEBP, false, 1 << 24},
    {make_tiff, IMAGE_TIFF, true, UINT32_MAX}, {make_big_endian_tiff, IMAGE_TIFF, true, UINT32_MAX},
    {make_heic, IMAGE_HEIC, true, UINT32_MAX}, {make_avif, IMAGE_AVIF, true, UINT32_MAX},
};

static enum vt_error check_size(int maker, uint32_t width, uint32_t height)
{
    struct image_header header;
    struct buf file = BUF_INIT;

    makers[maker].make(&file, width, height);
    ck_assert_int_eq(read_file(&file, &header), VT_OK);
    ck_assert_int_eq(header.type, makers[maker].type);
    ck_assert_uint_eq(header.width, width);
    ck_assert_uint_eq(header.height, height);
    ck_assert_uint_eq(header.frames, 1);
    return image_header_check(&header, &limits, NULL);
}

START_TEST(size_is_read_whatever_it_is)
{
    uint32_t side = makers[_i].max_side;

    ck_assert_int_eq(check_size(_i, 1, 1), VT_OK);
    ck_assert_int_eq(check_size(_i, 258, 1), VT_OK);
    ck_assert_int_eq(check_size(_i, 1, 258), VT_OK);
    ck_assert_int_eq(check_size(_i, 10000, 10000), VT_OK);
    ck_assert_int_eq(check_size(_i, 10000, 10001), VT_ERR_IMAGE_LIMIT);
    ck_assert_int_eq(check_size(_i, 30000, 30000), VT_ERR_IMAGE_LIMIT);
    ck_assert_int_eq(check_size(_i, 60001, 1), VT_ERR_IMAGE_LIMIT);
    ck_assert_int_eq(check_size(_i, 1, 60001), VT_ERR_IMAGE_LIMIT);
    ck_assert_int_eq(check_size(_i, side, side), VT_ERR_IMAGE_LIMIT);
}
END_TEST

START_TEST(picture_without_pixels_is_refused)
{
    struct buf file = BUF_INIT;

    if (!makers[_i].zero) {
        ck_assert(makers[_i].type == IMAGE_GIF || makers[_i].type == IMAGE_WEBP);
        return;
    }
    makers[_i].make(&file, 0, 10);
    expect_refused(&file);
    makers[_i].make(&file, 10, 0);
    expect_refused(&file);
    makers[_i].make(&file, 0, 0);
    expect_refused(&file);
}
END_TEST

/* ---- JPEG ---- */

static const struct {
    const char *segment;
    size_t len;
} jpeg_segments[] = {
    {"\xff\xe0\0\0", 4},                   /* of length 0 */
    {"\xff\xe0\0\x01", 4},                 /* of length 1: less than the length itself */
    {"\xff\xe0\xff\xff", 4},               /* past the end */
    {"\xff\xda\0\x01", 4},                 /* a scan without a header */
    {"\xff\xd9", 2},                       /* the end before any scan */
    {"\xff\xc0\0\x02", 4},                 /* a frame without a size */
    {"\xff\xc4\0\x07\x08\0\x09\0\x09", 9}, /* a table, not a frame */
};

START_TEST(jpeg_of_bad_segments_is_refused)
{
    struct buf file = BUF_INIT;

    PUT(&file, "\xff\xd8");
    buf_append(&file, jpeg_segments[_i].segment, jpeg_segments[_i].len);
    jpeg_end(&file);
    expect_refused(&file);
}
END_TEST

START_TEST(jpeg_needs_a_scan_and_a_frame)
{
    struct buf file = BUF_INIT;

    PUT(&file, "\xff\xd8");
    jpeg_frame(&file, 10, 10);
    PUT(&file, "\xff\xd9");
    expect_refused(&file);
    PUT(&file, "\xff\xd8");
    jpeg_end(&file);
    expect_refused(&file);
    PUT(&file, "\xff\xd8\xff");
    expect_refused(&file);
}
END_TEST

START_TEST(jpeg_counts_its_largest_frame_but_no_thumbnail)
{
    struct buf file = BUF_INIT;

    PUT(&file, "\xff\xd8\xff\xe1\0\x0f"); /* EXIF of 13 bytes, which hold a frame */
    jpeg_frame(&file, 999, 999);
    jpeg_frame(&file, 30000, 10);
    jpeg_frame(&file, 10, 20);
    jpeg_end(&file);
    PUT(&file, "what follows the end does not matter");
    expect_size(&file, 30000, 20, 1);
}
END_TEST

/* ---- PNG ---- */

START_TEST(png_header_comes_first_and_once)
{
    struct buf file = BUF_INIT;

    PUT(&file, "\x89PNG\r\n\x1a\n");
    png_chunk(&file, "IDAT", "", 0);
    png_chunk(&file, "IHDR", "\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0", 13);
    png_chunk(&file, "IEND", "", 0);
    expect_refused(&file);
    png_start(&file, 1, 1);
    png_chunk(&file, "IHDR", "\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0", 13);
    png_chunk(&file, "IEND", "", 0);
    expect_refused(&file);
    PUT(&file, "\x89PNG\r\n\x1a\n");
    png_chunk(&file, "IHDR", "\0\0\0\x01\0\0\0\x01\x08\x02\0\0", 12);
    png_chunk(&file, "IEND", "", 0);
    expect_refused(&file);
    png_start(&file, 1, 1);
    PUT(&file, "\xff\xff\xff\xffIDAT");
    expect_refused(&file);
}
END_TEST

START_TEST(png_counts_the_frames_of_an_animation)
{
    struct buf file = BUF_INIT;
    struct image_header header;

    png_start(&file, 1, 1);
    png_chunk(&file, "acTL", "\0\0\x27\x10\0\0\0\0", 8);
    png_chunk(&file, "acTL", "\0\0\0\x01\0\0\0\0", 8);
    png_chunk(&file, "acTL", "\xff\xff", 2);
    png_chunk(&file, "IEND", "", 0);
    ck_assert_int_eq(read_file(&file, &header), VT_OK);
    ck_assert_uint_eq(header.frames, 10000);
    ck_assert_int_eq(image_header_check(&header, &limits, NULL), VT_ERR_IMAGE_LIMIT);
}
END_TEST

/* ---- GIF ---- */

START_TEST(gif_of_10000_frames_is_over_the_limit)
{
    struct buf file = BUF_INIT;
    struct image_header header;

    gif_start(&file, 1, 1);
    for (int i = 0; i < 10000; i++)
        gif_frame(&file, 1, 1);
    PUT(&file, ";");
    ck_assert_int_eq(read_file(&file, &header), VT_OK);
    ck_assert_uint_eq(header.frames, 10000);
    ck_assert_int_eq(image_header_check(&header, &limits, NULL), VT_ERR_IMAGE_LIMIT);
}
END_TEST

START_TEST(gif_counts_its_largest_frame)
{
    struct buf file = BUF_INIT;

    gif_start(&file, 10, 10);
    PUT(&file, "!\xfe\x03one\x03two\0\0\0"); /* a comment, and zeroes as padding */
    gif_frame(&file, 1, 30000);
    PUT(&file, ",\0\0\0\0\x14\0\x01\0\x80"
               "abcdef\x02\0;behind the end"); /* colours of its own */
    expect_size(&file, 20, 30000, 2);
}
END_TEST

START_TEST(gif_without_frames_or_with_unknown_blocks_is_refused)
{
    struct buf file = BUF_INIT;

    gif_start(&file, 10, 10);
    PUT(&file, ";");
    expect_refused(&file);
    gif_start(&file, 10, 10);
    gif_frame(&file, 1, 1);
    PUT(&file, "?;");
    expect_refused(&file);
}
END_TEST

/* ---- WebP ---- */

START_TEST(webp_counts_frames_and_the_largest_of_all_sizes)
{
    struct buf chunks = BUF_INIT, file = BUF_INIT;

    webp_extended(&chunks, 10, 10);
    PUT(&chunks, "ODD \x01\0\0\0x\0");
    for (int i = 0; i < 3; i++)
        PUT(&chunks, "ANMF\x10\0\0\0\0\0\0\0\0\0\x2f\x75\0\x01\0\0\0\0\0\0");
    webp(&file, &chunks);
    PUT(&file, "what follows the RIFF does not matter");
    expect_size(&file, 30000, 10, 3);
    buf_clear(&chunks);
    webp_extended(&chunks, 10, 10);
    PUT(&chunks, "VP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2a\xff\xff\x02\0"); /* the upper bits scale */
    webp(&file, &chunks);
    expect_size(&file, 16383, 10, 1);
    buf_clear(&chunks);
    PUT(&chunks, "VP8L\x05\0\0\0\x2f\xff\x3f\0\0\0");
    webp(&file, &chunks);
    expect_size(&file, 16384, 1, 1);
    buf_free(&chunks);
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
} webps[] = {
    {"RIFF\0\0\0\0WEBP", 12},
    {"RIFF\x04\0\0\0WEBP", 12},
    {"RIFF\xff\xff\xff\xffWEBPVP8L\x05\0\0\0\x2f\0\0\0\0\0", 26},
    {"RIFF\x12\0\0\0WEBPVP8L\xff\xff\xff\xff\x2f\0\0\0\0\0", 26},
    {"RIFF\x10\0\0\0WEBPVP8L\x04\0\0\0\x2f\0\0\0", 24},
    {"RIFF\x0c\0\0\0WEBPVP8 \0\0\0\0", 20},
};

START_TEST(webp_of_bad_chunks_is_refused)
{
    struct buf file = BUF_INIT;

    buf_append(&file, webps[_i].bytes, webps[_i].len);
    expect_refused(&file);
}
END_TEST

/* ---- TIFF ---- */

START_TEST(tiff_counts_pages_and_the_largest_size)
{
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0");
    tiff_page(&file, 10, 30000, true, 38);
    tiff_page(&file, 20, 5, true, 68);
    tiff_page(&file, 1, 1, true, 0);
    expect_size(&file, 20, 30000, 3);
}
END_TEST

START_TEST(tiff_with_a_ring_of_pages_is_refused)
{
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0");
    tiff_page(&file, 10, 10, true, 8);
    expect_refused(&file);
    PUT(&file, "II*\0\x08\0\0\0");
    tiff_page(&file, 10, 10, true, 38);
    tiff_page(&file, 10, 10, true, 8);
    expect_refused(&file);
}
END_TEST

/* Walked again and again it would take longer than a test may. */
START_TEST(tiff_with_a_ring_of_the_largest_page_is_refused_at_once)
{
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0\xff\xff");
    for (int i = 0; i < 65535; i++)
        PUT(&file, "\0\x01\x03\0\x01\0\0\0\x0a\0\0\0");
    PUT(&file, "\x08\0\0\0");
    expect_refused(&file);
}
END_TEST

START_TEST(tiff_does_not_hide_a_size_behind_another)
{
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0\x03\0"
               "\0\x01\x03\0\x01\0\0\0\x30\x75\0\0" /* 30000 wide, and then 10 */
               "\0\x01\x03\0\x01\0\0\0\x0a\0\0\0"
               "\x01\x01\x03\0\x01\0\0\0\x0a\0\0\0\0\0\0\0");
    expect_size(&file, 30000, 10, 1);
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
} tiffs[] = {
    {"II*\0\0\0\0\0", 8},                                            /* no page */
    {"II*\0\x08\0\0\0\0\0\0\0\0\0", 14},                             /* an empty page */
    {"II*\0\xff\xff\xff\xff", 8},                                    /* a page past the end */
    {"II*\0\x08\0\0\0", 8},                                          /* a page at the end */
    {"II*\0\x08\0\0\0\xff\xff\0\x01\x03\0\x01\0\0\0\x0a\0\0\0", 22}, /* entries past it */
    {"II*\0\0\0\0\x80", 8},                                          /* 2 GiB away */
};

static const char *const tiff_entries[] = {
    "\0\x01\x10\0\x01\0\0\0\x0a\0\0\0",         /* a width of type LONG8 */
    "\x01\x01\x01\0\x01\0\0\0\x0a\0\0\0",       /* a height of type BYTE */
    "\0\x01\x03\0\x02\0\0\0\x0a\0\x0a\0",       /* two widths in one entry */
    "\0\x01\x03\0\0\0\0\0\x0a\0\0\0",           /* none in one */
    "\x02\x01\x03\0\x03\0\0\0\x30\0\0\0",       /* three values, the last one cut off */
    "\x02\x01\x0c\0\xff\xff\xff\xff\0\0\0\0",   /* more bytes than 32 bits count */
    "\x02\x01\x03\0\x03\0\0\0\xff\xff\xff\xff", /* values at the end of the address space */
};

START_TEST(tiff_of_a_bad_entry_is_refused)
{
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0\x03\0"
               "\0\x01\x03\0\x01\0\0\0\x0a\0\0\0\x01\x01\x03\0\x01\0\0\0\x0a\0\0\0");
    buf_append(&file, tiff_entries[_i], 12);
    PUT(&file, "\0\0\0\0.");
    expect_refused(&file);
}
END_TEST

START_TEST(tiff_may_have_broken_private_entries)
{
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0\x04\0"
               "\0\x01\x03\0\x01\0\0\0\x0a\0\0\0\x01\x01\x03\0\x01\0\0\0\x0a\0\0\0"
               "\x02\x01\xff\0\xff\0\0\0\0\0\0\0"       /* of a type to come */
               "\x69\x87\x01\0\xff\xff\xff\xff\0\0\0\0" /* EXIF, nowhere */
               "\0\0\0\0");
    expect_size(&file, 10, 10, 1);
}
END_TEST

START_TEST(tiff_of_bad_pages_is_refused)
{
    struct buf file = BUF_INIT;

    buf_append(&file, tiffs[_i].bytes, tiffs[_i].len);
    expect_refused(&file);
}
END_TEST

/* ---- HEIC and AVIF ---- */

START_TEST(boxes_nested_too_deeply_hide_nothing)
{
    struct buf inner = BUF_INIT, file = BUF_INIT;

    ispe(&inner, 10, 10);
    for (int depth = 0; depth < 2000; depth++)
        wrap(&inner, depth % 2 == 0 ? "ipco" : "iprp");
    PUT(&file, FTYP_AVIF);
    buf_append(&file, inner.data, inner.len);
    expect_refused(&file);
    buf_free(&inner);
}
END_TEST

START_TEST(box_sizes_of_64_bits_and_to_the_end_are_read)
{
    struct buf file = BUF_INIT;

    PUT(&file, FTYP_AVIF "\0\0\0\x01mdat\0\0\0\0\0\0\0\x14"
                         "data");
    meta(&file, 30000, 20);
    PUT(&file, "\0\0\0\0mdat");
    expect_size(&file, 30000, 20, 1);
}
END_TEST

START_TEST(box_counts_the_largest_of_all_sizes)
{
    struct buf inner = BUF_INIT, file = BUF_INIT;

    ispe(&inner, 10, 30000);
    ispe(&inner, 20, 10);
    wrap(&inner, "ipco");
    wrap(&inner, "iprp");
    PUT(&file, FTYP_HEIC);
    buf_append(&file, inner.data, inner.len);
    expect_size(&file, 20, 30000, 1);
    buf_free(&inner);
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
} boxes[] = {
    {"\0\0\0\x07mdat", 8}, /* smaller than its header */
    {"\0\0\0\x02mdat", 8},
    {"\0\0\0\x09mdat", 8}, /* past the end */
    {"\x7f\xff\xff\xffmdat", 8},
    {"\0\0\0\x01mdat", 8}, /* 64 bits that are not there */
    {"\0\0\0\x01mdat\0\0\0\0\0\0\0\x0f", 16},
    {"\0\0\0\x01mdat\0\0\0\0\0\0\0\0", 16},
    {"\0\0\0\x01mdat\0\0\0\0\0\0\0\x11", 16},
    {"\0\0\0\x01mdat\0\0\0\x01\0\0\0\x10", 16}, /* 4 GiB more than that */
    {"\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff", 16},
    {"\0\0\0\x0bmeta\0\0\0", 11},                 /* no room for its version */
    {"\0\0\0\x14meta\0\0\0\0\0\0\0\x09iprp", 20}, /* longer than what holds it */
    {"\0\0\0\x10iprp\0\0\0\x07ipco", 16},
    {"\0\0\0\x13ispe\0\0\0\0\0\0\0\x01\0\0\0", 19}, /* no room for its size */
    {"mda", 3},
    {"\0\0\0\x08mdat", 8}, /* sound, but without any size */
};

START_TEST(bad_box_is_refused)
{
    struct buf file = BUF_INIT;

    PUT(&file, FTYP_AVIF);
    buf_append(&file, boxes[_i].bytes, boxes[_i].len);
    expect_refused(&file);
    PUT(&file, FTYP_HEIC);
    if (_i < COUNT(boxes) - 1) /* before the bad box a good one */
        meta(&file, 10, 10);
    buf_append(&file, boxes[_i].bytes, boxes[_i].len);
    expect_refused(&file);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_header_forged");
    TCase *sizes = tcase_create("sizes"), *formats = tcase_create("formats");

    tcase_add_loop_test(sizes, size_is_read_whatever_it_is, 0, COUNT(makers));
    tcase_add_loop_test(sizes, picture_without_pixels_is_refused, 0, COUNT(makers));
    suite_add_tcase(suite, sizes);
    tcase_add_loop_test(formats, jpeg_of_bad_segments_is_refused, 0, COUNT(jpeg_segments));
    tcase_add_test(formats, jpeg_needs_a_scan_and_a_frame);
    tcase_add_test(formats, jpeg_counts_its_largest_frame_but_no_thumbnail);
    tcase_add_test(formats, png_header_comes_first_and_once);
    tcase_add_test(formats, png_counts_the_frames_of_an_animation);
    tcase_add_test(formats, gif_of_10000_frames_is_over_the_limit);
    tcase_add_test(formats, gif_counts_its_largest_frame);
    tcase_add_test(formats, gif_without_frames_or_with_unknown_blocks_is_refused);
    tcase_add_test(formats, webp_counts_frames_and_the_largest_of_all_sizes);
    tcase_add_loop_test(formats, webp_of_bad_chunks_is_refused, 0, COUNT(webps));
    tcase_add_test(formats, tiff_counts_pages_and_the_largest_size);
    tcase_add_test(formats, tiff_with_a_ring_of_pages_is_refused);
    tcase_add_test(formats, tiff_with_a_ring_of_the_largest_page_is_refused_at_once);
    tcase_add_test(formats, tiff_does_not_hide_a_size_behind_another);
    tcase_add_loop_test(formats, tiff_of_bad_pages_is_refused, 0, COUNT(tiffs));
    tcase_add_loop_test(formats, tiff_of_a_bad_entry_is_refused, 0, COUNT(tiff_entries));
    tcase_add_test(formats, tiff_may_have_broken_private_entries);
    tcase_add_test(formats, boxes_nested_too_deeply_hide_nothing);
    tcase_add_test(formats, box_sizes_of_64_bits_and_to_the_end_are_read);
    tcase_add_test(formats, box_counts_the_largest_of_all_sizes);
    tcase_add_loop_test(formats, bad_box_is_refused, 0, COUNT(boxes));
    suite_add_tcase(suite, formats);
    return suite;
}
