/* Files that have exploited image software: polyglots, metadata that names files, and pixels of
 * other images, each from its header to its thumbnails. Bombs are in check_image_bombs.c,
 * drawings in check_image_policy.c. */
#include <png.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/codec.h"
#include "../support/engine.h"
#include "../support/forged.h"
#include "../support/policy.h"

static bool holds(const struct buf *file, const char *what)
{
    return memmem(file->data, file->len, what, strlen(what)) != NULL;
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

/* ---- polyglots: what they are besides stays in the original, which is served as what it is ----
 */

#define SCRIPT "alert(document.domain)"

START_TEST(a_gif_that_is_a_script_too_is_a_gif)
{
    struct buf file, out;

    support_picture(&(struct picture){.coder = "GIF", .width = 0x2a2f, .height = 2}, &file);
    ck_assert_mem_eq(file.data, "GIF89a/*", 8);
    PUT(&file, "*/=1;" SCRIPT);
    ck_assert_int_eq(support_engine_take(&file, &out), VT_OK);
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
    ck_assert_int_eq(support_engine_take(&file, &out), VT_OK);
    ck_assert(!holds(&out, SCRIPT));
    insert(&file, 0, page, strlen(page)); /* the page first: it is none */
    support_engine_expect(&file, VT_ERR_UNSUPPORTED);
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

/* A PNG with a text of that key behind its header. */
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
        ck_assert_int_eq(support_engine_take(&file, &out), VT_OK);
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
    support_engine_expect(&file, VT_OK);
    ck_assert_int_eq(support_policy_read("PNG:x", file.data, file.len), POLICY_FORBIDDEN);
    buf_free(&file);
}
END_TEST

START_TEST(the_size_that_a_png_claims_on_paper_changes_nothing)
{
    static const char *const sizes[] = {"\0\0\0\0\0\0\0\0\1", "\xff\xff\xff\xff\xff\xff\xff\xff\1",
                                        "\0\0\0\1\x7f\xff\xff\xff\0"};
    struct buf file, chunk = BUF_INIT, plain, out;

    codec_png(&(struct codec_png){40, 30, PNG_COLOR_TYPE_RGB, 8, .interlaced = _i % 2 == 1}, &file);
    ck_assert_int_eq(support_engine_take(&file, &plain), VT_OK);
    codec_png_chunk(&chunk, "pHYs", sizes[_i / 2], 9);
    insert(&file, 33, chunk.data, chunk.len);
    ck_assert_int_eq(support_engine_take(&file, &out), VT_OK);
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
        ck_assert_int_eq(support_engine_take(&lean, &out[i]), VT_OK);
        for (unsigned seed = 0; seed < 20; seed++) {
            support_picture(&(struct picture){.coder = seed % 2 == 0 ? "GIF" : "TIFF",
                                              .noise = true,
                                              .seed = seed},
                            &other);
            support_engine_expect(&other, VT_OK);
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
    support_engine_expect(&file, VT_OK);
    frame = memmem(file.data, file.len, "ANMF", 4);
    ck_assert_ptr_nonnull(frame);
    frame[8] = 1; /* two pixels to the right */
    support_engine_expect(&file, VT_ERR_INVALID_IMAGE);
    buf_free(&file);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_vulnerabilities");
    TCase *all = tcase_create("all");

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
