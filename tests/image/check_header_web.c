/* Headers of JPEG, PNG, GIF and WebP files that no encoder writes. */
#include "../support/forged.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const struct image_limits limits = {.pixels = 100000000, .side = 60000, .frames = 1000};

/* ---- pictures of a size, without pixels ---- */

static void jpeg_frame(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "\xff\xc0\0\x0b\x08");
    forged_big(out, 2, height);
    forged_big(out, 2, width);
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
    forged_big(out, 4, len);
    buf_puts(out, name);
    buf_append(out, data, len);
    forged_big(out, 4, 0); /* the checksum is the decoder's to look at */
}

static void png_start(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR");
    forged_big(out, 4, width);
    forged_big(out, 4, height);
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
    forged_little(out, 2, width);
    forged_little(out, 2, height);
    PUT(out, "\x80\0\0abcdef"); /* a table of two colours */
}

static void gif_frame(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, ",\0\0\0\0");
    forged_little(out, 2, width);
    forged_little(out, 2, height);
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
    forged_little(out, 4, 4 + chunks->len);
    PUT(out, "WEBP");
    buf_append(out, chunks->data, chunks->len);
}

static void webp_extended(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "VP8X\x0a\0\0\0\0\0\0\0");
    forged_little(out, 3, width - 1);
    forged_little(out, 3, height - 1);
}

static void make_webp(struct buf *out, uint32_t width, uint32_t height)
{
    struct buf chunks = BUF_INIT;

    webp_extended(&chunks, width, height);
    webp(out, &chunks);
    buf_free(&chunks);
}

/* The first two can name a side of 0. In a GIF the frame has a size of its own. */
#define CAN_BE_EMPTY 2
static const struct forged_maker makers[] = {
    {make_jpeg, IMAGE_JPEG, 65535},
    {make_png, IMAGE_PNG, UINT32_MAX},
    {make_gif, IMAGE_GIF, 65535},
    {make_webp, IMAGE_WEBP, 1 << 24},
};

START_TEST(size_is_read_whatever_it_is)
{
    forged_expect_sizes(&makers[_i]);
}
END_TEST

START_TEST(picture_without_pixels_is_refused)
{
    forged_expect_none_empty(&makers[_i]);
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
    forged_expect_refused(&file);
}
END_TEST

START_TEST(jpeg_needs_a_scan_and_a_frame)
{
    struct buf file = BUF_INIT;

    PUT(&file, "\xff\xd8");
    jpeg_frame(&file, 10, 10);
    PUT(&file, "\xff\xd9");
    forged_expect_refused(&file);
    PUT(&file, "\xff\xd8");
    jpeg_end(&file);
    forged_expect_refused(&file);
    PUT(&file, "\xff\xd8\xff");
    forged_expect_refused(&file);
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
    forged_expect_size(&file, 30000, 20, 1);
}
END_TEST

/* Frames of T.81's table B.1, and what is said of them. */
static const struct {
    char frame[18];
    const char *kind; /* NULL if it is taken */
} jpeg_kinds[] = {
    {"\xff\xc0\0\x0b\x08\0\x0a\0\x0a\x01\x01\x11\0", NULL},
    {"\xff\xc1\0\x0b\x08\0\x0a\0\x0a\x01\x01\x11\0", NULL}, /* extended */
    {"\xff\xc9\0\x0b\x08\0\x0a\0\x0a\x01\x01\x11\0", NULL}, /* by arithmetic coding */
    {"\xff\xca\0\x0b\x08\0\x0a\0\x0a\x01\x01\x11\0", NULL},
    {"\xff\xc1\0\x0b\x0c\0\x0a\0\x0a\x01\x01\x11\0", "a 12-bit JPEG"},
    {"\xff\xc2\0\x0b\x0c\0\x0a\0\x0a\x01\x01\x11\0", "a 12-bit JPEG"},
    {"\xff\xc0\0\x0b\x07\0\x0a\0\x0a\x01\x01\x11\0", "a JPEG of an unknown depth"},
    {"\xff\xc3\0\x0b\x08\0\x0a\0\x0a\x01\x01\x11\0", "a lossless JPEG"},
    {"\xff\xcb\0\x0b\x10\0\x0a\0\x0a\x01\x01\x11\0", "a lossless JPEG"},
    {"\xff\xc5\0\x0b\x08\0\x0a\0\x0a\x01\x01\x11\0", "a hierarchical JPEG"},
    {"\xff\xcf\0\x0b\x08\0\x0a\0\x0a\x01\x01\x11\0", "a hierarchical JPEG"},
    {"\xff\xc0\0\x0b\x08\0\x0a\0\x0a\x02\x01\x11\0",
     "a JPEG of neither one, three nor four colours"},
};

START_TEST(jpeg_of_a_kind_that_no_browser_shows_is_refused_by_its_name)
{
    struct buf file = BUF_INIT, want = BUF_INIT;
    struct image_header header;
    struct vt_reason why = {""};
    enum vt_error err;

    PUT(&file, "\xff\xd8");
    buf_append(&file, jpeg_kinds[_i].frame, 13);
    jpeg_end(&file);
    err = image_header_read(file.data, file.len, &header, &why);
    ck_assert_int_eq(err, jpeg_kinds[_i].kind == NULL ? VT_OK : VT_ERR_INVALID_IMAGE);
    if (jpeg_kinds[_i].kind != NULL)
        buf_printf(&want, "the image is not taken: it is %s", jpeg_kinds[_i].kind);
    buf_append(&want, "", 1);
    ck_assert_str_eq(why.text, want.data);
    buf_free(&file);
    buf_free(&want);
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
    forged_expect_refused(&file);
    png_start(&file, 1, 1);
    png_chunk(&file, "IHDR", "\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0", 13);
    png_chunk(&file, "IEND", "", 0);
    forged_expect_refused(&file);
    PUT(&file, "\x89PNG\r\n\x1a\n");
    png_chunk(&file, "IHDR", "\0\0\0\x01\0\0\0\x01\x08\x02\0\0", 12);
    png_chunk(&file, "IEND", "", 0);
    forged_expect_refused(&file);
    png_start(&file, 1, 1);
    PUT(&file, "\xff\xff\xff\xffIDAT");
    forged_expect_refused(&file);
}
END_TEST

static void read_header(struct buf *file, unsigned depth, bool alpha, bool progressive)
{
    struct image_header header;

    ck_assert_int_eq(forged_read(file, &header), VT_OK);
    ck_assert_uint_eq(header.depth, depth);
    ck_assert_int_eq(header.alpha, alpha);
    ck_assert_int_eq(header.progressive, progressive);
}

START_TEST(jpeg_in_passes_is_told_from_one_in_rows)
{
    struct buf file = BUF_INIT;

    forged_scans(8, &file);
    read_header(&file, 8, false, true);
    PUT(&file, "\xff\xd8\xff\xc1\0\x0b\x08\0\1\0\1\1\1\x11\0\xff\xda\0\2\xff\xd9");
    read_header(&file, 8, false, false);
}
END_TEST

static void png(struct buf *out, const char *kind, bool transparent)
{
    PUT(out, "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\1\0\0\0\1");
    buf_append(out, kind, 5); /* depth, colours, compression, filter, passes */
    PUT(out, "sum.");
    if (transparent)
        PUT(out, "\0\0\0\0tRNSsum.");
    PUT(out, "\0\0\0\0IENDsum.");
}

START_TEST(png_says_its_depth_alpha_and_passes)
{
    struct buf file = BUF_INIT;

    png(&file, "\x10\6\0\0\1", false);
    read_header(&file, 16, true, true);
    png(&file, "\1\0\0\0\0", false);
    read_header(&file, 1, false, false);
    png(&file, "\2\3\0\0\0", true); /* a palette of 8 bits */
    read_header(&file, 8, true, false);
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
    ck_assert_int_eq(forged_read(&file, &header), VT_OK);
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
    ck_assert_int_eq(forged_read(&file, &header), VT_OK);
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
    forged_expect_size(&file, 20, 30000, 2);
}
END_TEST

START_TEST(gif_without_frames_or_with_unknown_blocks_is_refused)
{
    struct buf file = BUF_INIT;

    gif_start(&file, 10, 10);
    PUT(&file, ";");
    forged_expect_refused(&file);
    gif_start(&file, 10, 10);
    gif_frame(&file, 1, 1);
    PUT(&file, "?;");
    forged_expect_refused(&file);
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
    forged_expect_size(&file, 30000, 10, 3);
    buf_clear(&chunks);
    webp_extended(&chunks, 10, 10);
    PUT(&chunks, "VP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2a\xff\xff\x02\0"); /* the upper bits scale */
    webp(&file, &chunks);
    forged_expect_size(&file, 16383, 10, 1);
    buf_clear(&chunks);
    PUT(&chunks, "VP8L\x05\0\0\0\x2f\xff\x3f\0\0\0");
    webp(&file, &chunks);
    forged_expect_size(&file, 16384, 1, 1);
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
    forged_expect_refused(&file);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_header_web");
    TCase *sizes = tcase_create("sizes"), *formats = tcase_create("formats");

    tcase_add_loop_test(sizes, size_is_read_whatever_it_is, 0, COUNT(makers));
    tcase_add_loop_test(sizes, picture_without_pixels_is_refused, 0, CAN_BE_EMPTY);
    suite_add_tcase(suite, sizes);
    tcase_add_loop_test(formats, jpeg_of_bad_segments_is_refused, 0, COUNT(jpeg_segments));
    tcase_add_test(formats, jpeg_needs_a_scan_and_a_frame);
    tcase_add_test(formats, jpeg_counts_its_largest_frame_but_no_thumbnail);
    tcase_add_loop_test(formats, jpeg_of_a_kind_that_no_browser_shows_is_refused_by_its_name, 0,
                        COUNT(jpeg_kinds));
    tcase_add_test(formats, png_header_comes_first_and_once);
    tcase_add_test(formats, png_counts_the_frames_of_an_animation);
    tcase_add_test(formats, jpeg_in_passes_is_told_from_one_in_rows);
    tcase_add_test(formats, png_says_its_depth_alpha_and_passes);
    tcase_add_test(formats, gif_of_10000_frames_is_over_the_limit);
    tcase_add_test(formats, gif_counts_its_largest_frame);
    tcase_add_test(formats, gif_without_frames_or_with_unknown_blocks_is_refused);
    tcase_add_test(formats, webp_counts_frames_and_the_largest_of_all_sizes);
    tcase_add_loop_test(formats, webp_of_bad_chunks_is_refused, 0, COUNT(webps));
    suite_add_tcase(suite, formats);
    return suite;
}
