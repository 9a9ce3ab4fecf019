/* Files that image software was brought down or fooled by: bombs, polyglots, metadata that names
 * files, each on the whole way from its header to its thumbnails. Bombs of compressed texts,
 * segments and scans are in check_image_hostile.c, rings of pages in check_image_header_boxes.c,
 * drawings in check_image_policy.c. */
#include <malloc.h>
#include <png.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support_codec.h"
#include "support_engine.h"
#include "support_forged.h"
#include "support_policy.h"

/* Header, limits, decode, a thumbnail of each type: the way of every upload. *out has both
 * thumbnails. */
static enum vt_error take(const void *data, size_t len, struct buf *out)
{
    const struct image_limits limits = {100 * 1000 * 1000, 65535, 1000};
    struct image_header header;
    struct image *image = NULL;
    struct vt_reason why = {""};
    enum vt_error err = image_header_read(data, len, &header, &why);

    *out = BUF_INIT;
    if (err == VT_OK)
        err = image_header_check(&header, &limits, &why);
    if (err == VT_OK)
        err = image_decode(support_engine, data, len, &header, 320, 30, &image, &why);
    ck_assert_int_eq(err == VT_OK, why.text[0] == '\0');
    if (err == VT_OK) {
        ck_assert_int_eq(image_encode(image, IMAGE_JPEG, false, out), VT_OK);
        ck_assert_int_eq(image_encode(image, IMAGE_WEBP, true, out), VT_OK);
    }
    image_free(image);
    return err;
}

static void expect(const struct buf *file, enum vt_error want)
{
    struct buf out;

    ck_assert_int_eq(take(file->data, file->len, &out), want);
    buf_free(&out);
}

static bool holds(const struct buf *file, const char *what)
{
    return memmem(file->data, file->len, what, strlen(what)) != NULL;
}

static void put(struct buf *file, size_t at, const char *bytes, size_t len)
{
    SUPPORT_MUST(at + len <= file->len);
    memcpy(file->data + at, bytes, len);
}

/* Puts bytes between two others. */
static void insert(struct buf *file, size_t at, const void *data, size_t len)
{
    struct buf out = BUF_INIT;

    SUPPORT_MUST(at <= file->len);
    buf_append(&out, file->data, at);
    buf_append(&out, data, len);
    buf_append(&out, file->data + at, file->len - at);
    SUPPORT_MUST(buf_ok(&out));
    buf_free(file);
    *file = out;
}

/* ---- bombs ---- */

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
    expect(&file, VT_ERR_IMAGE_LIMIT);
    buf_free(&file);
}
END_TEST

START_TEST(a_gif_of_too_many_frames_is_refused)
{
    struct buf file;

    support_picture(&(struct picture){.coder = "GIF", .width = 2, .height = 2, .frames = 1001},
                    &file);
    expect(&file, VT_ERR_IMAGE_LIMIT);
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
    expect(&file, VT_OK); /* what a first one takes, the coder itself, is no part of it */
    before = memory();
    expect(&file, VT_OK);
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
        expect(&file, VT_ERR_IMAGE_LIMIT);
        buf_free(&file);
    }
    /* One within the limits has no pixels to show for them. */
    png_of_size(10000, 10000, &file);
    expect(&file, VT_ERR_INVALID_IMAGE);
    buf_free(&file);
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
        expect(&file, VT_ERR_INVALID_IMAGE);
        buf_free(&file);
        ck_assert_int_le(memory() - before, 2 * FEW); /* the picture, and what strips may take */
    }
    tiff_of_strips(60000, compressions[_i], 60000, 16, &file);
    expect(&file, VT_ERR_IMAGE_LIMIT);
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

/* Bytes that malloc has given out; with a sanitizer always none, which finds leaks by itself. */
static size_t allocated(void)
{
    struct mallinfo2 all = mallinfo2();

    return all.uordblks + all.hblkhd;
}

/* ImageMagick 6 loses the memory of a picture that it must make larger and may not: here half a
 * megabyte each time. */
START_TEST(a_picture_larger_than_it_says_leaves_no_memory_behind)
{
    static const char *const coders[] = {"AVIF", "HEIC"};
    const uint64_t pixels = (uint64_t)256 * 256;
    struct image_header header;
    struct image *image = NULL;
    struct config config;
    struct buf lie, plain;
    size_t before = 0;

    heif_that_names(coders[_i], "\0\0\1\0\0\0\1\0", &lie);
    support_picture(&(struct picture){.coder = coders[_i], .width = 250, .height = 100}, &plain);
    support_config(support_folder(), &config);
    image_engine_free(support_engine);
    ck_assert_int_eq(
        image_engine_new(config.module_dir, config.policy_dir, pixels, &support_engine), VT_OK);
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(image_header_read(lie.data, lie.len, &header, NULL), VT_OK);
        ck_assert_uint_eq(header.width, 256);
        ck_assert_int_eq(
            image_decode(support_engine, lie.data, lie.len, &header, 64, 30, &image, NULL),
            VT_ERR_INVALID_IMAGE);
        before = i == 0 ? allocated() : before;
    }
    ck_assert_uint_le(allocated(), before + 1024 * 1024);
    expect(&plain, VT_OK);
    buf_free(&lie);
    buf_free(&plain);
}
END_TEST

/* ---- polyglots: what they are besides stays in the original, which is served as what it is ----
 */

#define SCRIPT "alert(document.domain)"

START_TEST(a_gif_that_is_a_script_too_is_a_gif)
{
    struct buf file, out;

    support_picture(&(struct picture){.coder = "GIF", .width = 0x2a2f, .height = 2}, &file);
    ck_assert_mem_eq(file.data, "GIF89a/*", 8);
    PUT(&file, "*/=1;" SCRIPT);
    ck_assert_int_eq(take(file.data, file.len, &out), VT_OK);
    ck_assert(!holds(&out, SCRIPT));
    buf_free(&file);
    buf_free(&out);
}
END_TEST

START_TEST(a_jpeg_that_is_a_page_too_is_a_jpeg)
{
    static const char page[] = "<!doctype html><script>" SCRIPT "</script><!--";
    struct buf file, segment = BUF_INIT, out;

    support_picture(&(struct picture){.coder = "JPEG"}, &file);
    PUT(&segment, "\xff\xfe");
    forged_big(&segment, 2, 2 + strlen(page));
    buf_puts(&segment, page);
    insert(&file, 2, segment.data, segment.len);
    buf_puts(&file, page);
    ck_assert_int_eq(take(file.data, file.len, &out), VT_OK);
    ck_assert(!holds(&out, SCRIPT));
    insert(&file, 0, page, strlen(page)); /* the page first: it is none */
    expect(&file, VT_ERR_UNSUPPORTED);
    buf_free(&file);
    buf_free(&segment);
    buf_free(&out);
}
END_TEST

/* ---- metadata ---- */

#define SECRET "a secret of the host"

static void check_no_secret(const struct buf *out)
{
    char hex[2 * sizeof SECRET];

    for (size_t i = 0; i < strlen(SECRET); i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", (unsigned char)SECRET[i]);
    ck_assert(!holds(out, SECRET));
    ck_assert(!holds(out, hex));
    for (char *at = hex; *at != '\0'; at++)
        if (*at >= 'a')
            *at = (char)(*at - 'a' + 'A');
    ck_assert(!holds(out, hex));
}

/* A PNG with a text of that key behind its header: by libpng, or interlaced, by ImageMagick. */
static void png_with_text(bool interlaced, const char *key, const char *value, struct buf *out)
{
    struct buf text = BUF_INIT, chunk = BUF_INIT;

    codec_png(&(struct codec_png){40, 30, PNG_COLOR_TYPE_RGB, 8, .interlaced = interlaced}, out);
    buf_append(&text, key, strlen(key) + 1);
    buf_puts(&text, value);
    codec_png_chunk(&chunk, "tEXt", text.data, text.len);
    insert(out, 33, chunk.data, chunk.len);
    buf_free(&text);
    buf_free(&chunk);
}

/* CVE-2022-44268: the file that the text names came out with the picture, in hexadecimal digits. */
START_TEST(a_png_that_names_a_file_does_not_get_it)
{
    static const char *const keys[] = {"profile", "Profile", "Raw profile type icc"};
    const char *secret = support_path(support_folder(), "secret");
    struct buf file, out;

    support_write_file(secret, SECRET, strlen(SECRET));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        png_with_text(_i == 1, keys[i], support_path(support_folder(), "secret"), &file);
        ck_assert_int_eq(take(file.data, file.len, &out), VT_OK);
        check_no_secret(&out);
        buf_free(&out);
        buf_free(&file);
    }
}
END_TEST

/* CVE-2022-44267: a profile of the name - was read from the standard input, for ever. */
START_TEST(a_png_that_names_the_standard_input_does_not_wait_for_it)
{
    struct buf file;
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0); /* open, and empty */
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    png_with_text(_i == 1, "profile", "-", &file);
    expect(&file, VT_OK);
    ck_assert_int_eq(support_policy_read("PNG:x", file.data, file.len), POLICY_READ);
    buf_free(&file);
}
END_TEST

START_TEST(the_size_that_a_png_claims_on_paper_changes_nothing)
{
    static const char *const sizes[] = {"\0\0\0\0\0\0\0\0\1", "\xff\xff\xff\xff\xff\xff\xff\xff\1",
                                        "\0\0\0\1\x7f\xff\xff\xff\0"};
    struct buf file, chunk = BUF_INIT, plain, out;

    codec_png(&(struct codec_png){40, 30, PNG_COLOR_TYPE_RGB, 8, .interlaced = _i % 2 == 1}, &file);
    ck_assert_int_eq(take(file.data, file.len, &plain), VT_OK);
    codec_png_chunk(&chunk, "pHYs", sizes[_i / 2], 9);
    insert(&file, 33, chunk.data, chunk.len);
    ck_assert_int_eq(take(file.data, file.len, &out), VT_OK);
    ck_assert_uint_eq(out.len, plain.len);
    ck_assert_mem_eq(out.data, plain.data, plain.len);
    buf_free(&file);
    buf_free(&chunk);
    buf_free(&plain);
    buf_free(&out);
}
END_TEST

/* ---- pixels ---- */

/* CVE-2017-15277: colours of a palette that is not there were what the memory held before. */
START_TEST(a_gif_without_a_palette_shows_nothing_of_others)
{
    struct buf file, lean = BUF_INIT, other, out[2];
    unsigned char flags;

    support_picture(&(struct picture){.coder = "GIF", .noise = true}, &file);
    flags = (unsigned char)file.data[10];
    ck_assert(flags & 0x80);
    file.data[10] = (char)(flags & 0x7f);
    buf_append(&lean, file.data, 13);
    buf_append(&lean, file.data + 13 + ((size_t)3 << ((flags & 7) + 1)),
               file.len - 13 - ((size_t)3 << ((flags & 7) + 1)));
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(take(lean.data, lean.len, &out[i]), VT_OK);
        for (unsigned seed = 0; seed < 20; seed++) {
            support_picture(&(struct picture){.coder = seed % 2 == 0 ? "GIF" : "TIFF",
                                              .noise = true,
                                              .seed = seed},
                            &other);
            expect(&other, VT_OK);
            buf_free(&other);
        }
    }
    ck_assert_uint_eq(out[0].len, out[1].len);
    ck_assert_mem_eq(out[0].data, out[1].data, out[0].len);
    buf_free(&out[0]);
    buf_free(&out[1]);
    buf_free(&file);
    buf_free(&lean);
}
END_TEST

/* libwebp's demuxer takes nothing of such a file, and ImageMagick gives a picture with no pixels in
 * it. */
START_TEST(a_webp_whose_frame_leaves_its_canvas_is_corrupt)
{
    const struct picture picture = {.coder = "WEBP", .width = 8, .height = 8, .frames = 2};
    struct buf file;
    char *frame;

    support_picture(&picture, &file);
    expect(&file, VT_OK);
    frame = memmem(file.data, file.len, "ANMF", 4);
    ck_assert_ptr_nonnull(frame);
    frame[8] = 1; /* two pixels to the right */
    expect(&file, VT_ERR_INVALID_IMAGE);
    buf_free(&file);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_holes");
    TCase *all = tcase_create("all");

    tcase_add_test(all, a_gif_of_a_huge_screen_is_refused);
    tcase_add_test(all, a_gif_of_too_many_frames_is_refused);
    tcase_add_test(all, a_gif_of_many_frames_takes_the_memory_of_one);
    tcase_add_test(all, a_small_png_of_huge_size_is_refused);
    tcase_add_loop_test(all, a_tiff_of_huge_strips_is_refused, 0, 4);
    tcase_add_loop_test(all, a_picture_larger_than_it_says_leaves_no_memory_behind, 0, 2);
    tcase_add_test(all, a_gif_that_is_a_script_too_is_a_gif);
    tcase_add_test(all, a_jpeg_that_is_a_page_too_is_a_jpeg);
    tcase_add_loop_test(all, a_png_that_names_a_file_does_not_get_it, 0, 2);
    tcase_add_loop_test(all, a_png_that_names_the_standard_input_does_not_wait_for_it, 0, 2);
    tcase_add_loop_test(all, the_size_that_a_png_claims_on_paper_changes_nothing, 0, 6);
    tcase_add_test(all, a_gif_without_a_palette_shows_nothing_of_others);
    tcase_add_test(all, a_webp_whose_frame_leaves_its_canvas_is_corrupt);
    tcase_add_checked_fixture(all, support_engine_start, support_engine_stop);
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, all);
    return suite;
}
