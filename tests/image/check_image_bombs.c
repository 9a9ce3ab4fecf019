/* Bombs: small files that would take very much memory, each from its header to its thumbnails.
 * Bombs of compressed texts, segments and scans are in check_image_hostile.c, circular lists of
 * pages in check_header_boxes.c. */
#include <string.h>
#include <sys/resource.h>

#include "../support/codec.h"
#include "../support/engine.h"
#include "../support/forged.h"

static void put(struct buf *file, size_t at, const char *bytes, size_t len)
{
    SUPPORT_MUST(at + len <= file->len);
    memcpy(file->data + at, bytes, len);
}

static long memory(void)
{
    struct rusage usage;

    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

#define FEW (64 * 1024) /* kilobytes */

START_TEST(a_gif_of_a_huge_screen_is_refused)
{
    struct buf file;

    support_picture(&(struct picture){.coder = "GIF"}, &file);
    put(&file, 6, "\xff\xff\xff\xff", 4);
    support_engine_expect(&file, VT_ERR_IMAGE_LIMIT);
    buf_free(&file);
}
END_TEST

START_TEST(a_gif_of_too_many_frames_is_refused)
{
    struct buf file;

    support_picture(&(struct picture){.coder = "GIF", .width = 2, .height = 2, .frames = 1001},
                    &file);
    support_engine_expect(&file, VT_ERR_IMAGE_LIMIT);
    buf_free(&file);
}
END_TEST

/* Of an animation no frame but the first is decoded. */
START_TEST(a_gif_of_many_frames_takes_the_memory_of_one)
{
    struct buf file;
    long before;

    support_picture(&(struct picture){.coder = "GIF", .width = 1000, .height = 1000, .frames = 100},
                    &file);
    support_engine_expect(&file,
                          VT_OK); /* what a first one takes, the coder itself, is no part of it */
    before = memory();
    support_engine_expect(&file, VT_OK);
    ck_assert_int_le(memory() - before, FEW);
    buf_free(&file);
}
END_TEST

static void png_of_size(uint32_t width, uint32_t height, struct buf *out)
{
    struct buf header = BUF_INIT;

    *out = BUF_INIT;
    PUT(out, "\x89PNG\r\n\x1a\n");
    forged_big(&header, 4, width);
    forged_big(&header, 4, height);
    PUT(&header, "\x08\2\0\0\0");
    codec_png_chunk(out, "IHDR", header.data, header.len);
    codec_png_chunk(out, "IDAT", "x\x9c\x03\0\0\0\0\1", 8);
    codec_png_chunk(out, "IEND", NULL, 0);
    SUPPORT_MUST(buf_ok(out));
    buf_free(&header);
}

START_TEST(a_small_png_of_huge_size_is_refused)
{
    static const uint32_t sizes[][2] = {
        {0x7fffffff, 0x7fffffff}, {60000, 60000}, {1, 0x7fffffff}, {65536, 1}};
    long before = memory();
    struct buf file;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        png_of_size(sizes[i][0], sizes[i][1], &file);
        support_engine_expect(&file, VT_ERR_IMAGE_LIMIT);
        buf_free(&file);
    }
    /* One within the limits has no pixels to show for them. */
    png_of_size(10000, 10000, &file);
    support_engine_expect(&file, VT_ERR_INVALID_IMAGE);
    buf_free(&file);
    ck_assert_int_le(memory() - before, FEW);
}
END_TEST

/* Sizes of 30 bits, each less 1, and metadata as usual; then nothing. ISO/IEC 18181-1, annex D. */
static void jxl_of_size(uint32_t width, uint32_t height, struct buf *out)
{
    const struct {
        unsigned count;
        uint32_t value;
    } fields[] = {{16, 0x0aff},    {1, 0}, {2, 3}, {30, height - 1}, {3, 0}, {2, 3},
                  {30, width - 1}, {1, 1}, {1, 1}};
    char bytes[64] = "";
    unsigned at = 0;

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        for (unsigned bit = 0; bit < fields[i].count; bit++, at++)
            bytes[at / 8] |= (char)((fields[i].value >> bit & 1) << at % 8);
    *out = BUF_INIT;
    buf_append(out, bytes, sizeof bytes);
    SUPPORT_MUST(buf_ok(out));
}

START_TEST(a_small_jxl_of_huge_size_is_refused)
{
    static const uint32_t sizes[][2] = {{1u << 30, 1u << 30}, {60000, 60000}, {65536, 1}};
    long before = memory();
    struct buf file;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        jxl_of_size(sizes[i][0], sizes[i][1], &file);
        support_engine_expect(&file, VT_ERR_IMAGE_LIMIT);
        buf_free(&file);
    }
    ck_assert_int_le(memory() - before, FEW);
}
END_TEST

/* A grey page of one strip at the file's beginning. */
static void tiff_of_strips(uint32_t side, unsigned compression, uint32_t rows, uint32_t bytes,
                           struct buf *out)
{
    const uint32_t entries[][2] = {{256, side},        {257, side}, {258, 8},
                                   {259, compression}, {262, 1},    {273, 8},
                                   {277, 1},           {278, rows}, {279, bytes}};

    *out = BUF_INIT;
    PUT(out, "II*\0\x18\0\0\0");
    PUT(out, "x\x9c\x03\0\0\0\0\1\0\0\0\0\0\0\0\0");
    forged_little(out, 2, sizeof entries / sizeof entries[0]);
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        forged_little(out, 2, entries[i][0]);
        forged_little(out, 2, 4); /* LONG */
        forged_little(out, 4, 1);
        forged_little(out, 4, entries[i][1]);
    }
    forged_little(out, 4, 0);
    SUPPORT_MUST(buf_ok(out));
}

START_TEST(a_tiff_of_huge_strips_is_refused)
{
    static const unsigned compressions[] = {1, 5, 8, 32773}; /* none, LZW, Deflate, PackBits */
    static const uint32_t bytes[] = {0xffffffff, 0x7fffffff, 16}, rows[] = {2000, 0xffffffff};
    struct buf file;

    for (int i = 0; i < 6; i++) {
        long before = memory();

        tiff_of_strips(2000, compressions[_i], rows[i % 2], bytes[i / 2], &file);
        support_engine_expect(&file, VT_ERR_INVALID_IMAGE);
        buf_free(&file);
        ck_assert_int_le(memory() - before, 2 * FEW); /* the picture, and what strips may take */
    }
    tiff_of_strips(60000, compressions[_i], 60000, 16, &file);
    support_engine_expect(&file, VT_ERR_IMAGE_LIMIT);
    buf_free(&file);
}
END_TEST

/* Whatever size they name, their frame is of 600 by 600. */
static void heif_that_names(const char *coder, const char *size, struct buf *out)
{
    char *named;

    support_picture(&(struct picture){.coder = coder, .width = 600, .height = 600}, out);
    named = memmem(out->data, out->len, "ispe", 4);
    ck_assert_ptr_nonnull(named);
    put(out, (size_t)(named - out->data) + 8, size, 8);
}

START_TEST(a_picture_larger_than_it_says_is_refused_before_it_is_decoded)
{
    static const char *const coders[] = {"AVIF", "HEIC"};
    struct image_header header;
    struct vt_reason why;
    struct buf lie;

    heif_that_names(coders[_i], "\0\0\1\0\0\0\1\0", &lie);
    ck_assert_int_eq(image_header_read(lie.data, lie.len, &header, &why), VT_ERR_INVALID_IMAGE);
    ck_assert_ptr_nonnull(strstr(why.text, "another size than its data"));
    buf_free(&lie);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_bombs");
    TCase *all = tcase_create("all");

    tcase_add_test(all, a_gif_of_a_huge_screen_is_refused);
    tcase_add_test(all, a_gif_of_too_many_frames_is_refused);
    tcase_add_test(all, a_gif_of_many_frames_takes_the_memory_of_one);
    tcase_add_test(all, a_small_png_of_huge_size_is_refused);
    tcase_add_test(all, a_small_jxl_of_huge_size_is_refused);
    tcase_add_loop_test(all, a_tiff_of_huge_strips_is_refused, 0, 4);
    tcase_add_loop_test(all, a_picture_larger_than_it_says_is_refused_before_it_is_decoded, 0, 2);
    tcase_add_checked_fixture(all, support_engine_start, support_engine_stop);
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, all);
    return suite;
}
