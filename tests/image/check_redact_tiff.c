/* Copies of TIFFs: which pages are left, and what of JPEGs in them. */
#include "../support/forged.h"
#include "../support/redact.h"
#include "../support/tiff.h"

/* Appends a TIFF of one strip, a JPEG of these bytes, in that compression. */
static void make_jpeg_tiff(unsigned compression, const struct buf *jpeg, struct buf *out)
{
    PUT(out, "MM\0*\0\0\0\x08\0\3\1\3\0\3\0\0\0\1");
    forged_big(out, 2, compression);
    PUT(out, "\0\0\1\x11\0\4\0\0\0\1\0\0\0\x32\1\x17\0\4\0\0\0\1");
    forged_big(out, 4, jpeg->len);
    PUT(out, "\0\0\0\0");
    buf_append(out, jpeg->data, jpeg->len);
}

START_TEST(of_a_tiff_jpegs_that_have_metadata_are_refused)
{
    static const struct {
        unsigned marker, compression;
        enum vt_error want;
    } cases[] = {{0xe1, 7, VT_ERR_UNSUPPORTED},     {0xed, 7, VT_ERR_UNSUPPORTED},
                 {0xfe, 7, VT_ERR_UNSUPPORTED},     {0xe0, 7, VT_ERR_UNSUPPORTED},
                 {0xdb, 6, VT_ERR_UNSUPPORTED},     {0xdb, 34661, VT_ERR_UNSUPPORTED},
                 {0xdb, 50001, VT_ERR_UNSUPPORTED}, {0xdb, 7, VT_OK}};
    enum image_redact_level level = redact_level(_i);
    struct buf jpeg = BUF_INIT, file = BUF_INIT, copy = BUF_INIT;

    PUT(&jpeg, "\xff\xd8");
    SEGMENT(&jpeg, cases[_i / 2].marker, "text");
    redact_put_coded(&jpeg, true);
    PUT(&jpeg, SECRET);
    make_jpeg_tiff(cases[_i / 2].compression, &jpeg, &file);
    ck_assert_int_eq(redact_copy(IMAGE_TIFF, level, &file, &copy), cases[_i / 2].want);
    if (cases[_i / 2].want == VT_OK) {
        ck_assert_uint_eq(copy.len, file.len);
        ck_assert_mem_eq(copy.data, file.data, file.len - 6);
        ck_assert(!redact_has(&copy, SECRET, 6)); /* behind the JPEG's end */
    }
    buf_free(&jpeg);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

START_TEST(a_reduced_page_of_a_tiff_is_left_out)
{
    const struct tiff_picture picture = {.pages = 2, .preview = true, .noise = true, .seed = 5};
    struct image_header before, after;
    struct buf file = BUF_INIT, copy = BUF_INIT;

    support_tiff(&picture, &file);
    redact_expect(IMAGE_TIFF, IMAGE_REDACT_PLACE, &file, &copy);
    ck_assert_int_eq(image_header_read(file.data, file.len, &before, NULL), VT_OK);
    ck_assert_int_eq(image_header_read(copy.data, copy.len, &after, NULL), VT_OK);
    ck_assert_uint_eq(before.frames, 2);
    ck_assert_uint_eq(after.frames, 1);
    ck_assert_uint_eq(after.shown_width, before.shown_width);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("redact_tiff");
    TCase *left = tcase_create("left");

    tcase_add_loop_test(left, of_a_tiff_jpegs_that_have_metadata_are_refused, 0, 16);
    tcase_add_test(left, a_reduced_page_of_a_tiff_is_left_out);
    suite_add_tcase(suite, left);
    return suite;
}
