/* Copies of GIFs, WebPs, JPEG XLs and PNGs: which blocks, chunks and boxes are left. */
#include "../support/forged.h"
#include "../support/heif.h"
#include "../support/redact.h"

#define GIF_PICTURE ",\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
#define GIF_LOOP "!\xff\x0bNETSCAPE2.0\3\1\0\0"
#define GIF_CONTROL "!\xf9\4\0\x0a\0\0"

START_TEST(of_a_gif_more_blocks_than_are_read_and_zero_bytes_are_left_out)
{
    enum image_redact_level level = redact_level(_i);
    struct buf file = BUF_INIT, want = BUF_INIT;

    PUT(&file, "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff\0");
    PUT(&want, "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff");
    PUT(&file, GIF_LOOP "\6" SECRET "\0\0");
    PUT(&file, GIF_CONTROL "\6" SECRET "\0" GIF_PICTURE "\0\0");
    PUT(&file, "!\xff\x0bNETSCAPE2.0\6" SECRET "\0");
    PUT(&file, GIF_CONTROL "\0" GIF_PICTURE "\0;");
    PUT(&want, GIF_LOOP "\0" GIF_CONTROL "\0" GIF_PICTURE GIF_CONTROL "\0" GIF_PICTURE ";");
    redact_expect_bytes(IMAGE_GIF, level, &file, &want);
}
END_TEST

START_TEST(of_a_webp_length_and_flags_are_those_of_the_copy)
{
    struct buf file = BUF_INIT, want = BUF_INIT;

    redact_make(IMAGE_WEBP, &file);
    PUT(&want, "RIFF\x54\0\0\0WEBPVP8X\x0a\0\0\0\x28\0\0\0\7\0\0\7\0\0");
    redact_put_chunk(&want, "ICCP", "profile", 7);
    redact_put_chunk(&want, "VP8L", "pixels", 6);
    redact_put_chunk(&want, "EXIF", REDACT_ORIENTATION, 26);
    want.data[4] = (char)(want.len - 8);
    redact_expect_bytes(IMAGE_WEBP, IMAGE_REDACT_ALL, &file, &want);
}
END_TEST

START_TEST(of_a_webp_the_end_may_lack_padding_or_have_more)
{
    struct buf file = BUF_INIT, copy = BUF_INIT;

    PUT(&file, "RIFF\x17\0\0\0WEBPABCD\2\0\0\0xyVP8L\5\0\0\0PIXEL");
    file.data[4] = (char)(file.len - 8);
    redact_expect(IMAGE_WEBP, IMAGE_REDACT_ALL, &file, &copy);
    ck_assert_uint_eq(copy.len, 25);
    ck_assert_mem_eq(copy.data, "RIFF\x11\0\0\0WEBPVP8L\5\0\0\0PIXEL", 25);
    PUT(&file, "\0" SECRET);
    file.data[4] = (char)(file.len - 8);
    buf_free(&copy);
    copy = BUF_INIT;
    redact_expect(IMAGE_WEBP, IMAGE_REDACT_ALL, &file, &copy);
    ck_assert_uint_eq(copy.len, 26);
    ck_assert_mem_eq(copy.data, "RIFF\x12\0\0\0WEBPVP8L\5\0\0\0PIXEL\0", 26);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

START_TEST(of_a_jxl_boxes_that_are_there_once_are_kept_once)
{
    enum image_redact_level level = redact_level(_i);
    struct buf file = BUF_INIT, want = BUF_INIT;

    forged_box(&want, "JXL ", "\x0d\x0a\x87\x0a", 4);
    forged_box(&want, "ftyp", "jxl \0\0\0\0jxl ", 12);
    buf_append(&file, want.data, want.len);
    forged_box(&file, "jxll", SECRET, 6);
    forged_box(&file, "jxll", "\x0a", 1);
    forged_box(&want, "jxll", "\x0a", 1);
    forged_box(&file, "jxll", "S", 1);
    forged_box(&file, "ftyp", SECRET SECRET, 12);
    forged_box(&file, "jxlc", "\xff\x0a", 2);
    forged_box(&want, "jxlc", "\xff\x0a", 2);
    redact_expect_bytes(IMAGE_JXL, level, &file, &want);
}
END_TEST

/* Checksums are not looked at. */
START_TEST(of_a_png_suggested_palettes_are_left_out)
{
    enum image_redact_level level = redact_level(_i);
    struct buf file = BUF_INIT, want = BUF_INIT;

    PUT(&file, "\x89PNG\r\n\x1a\n\0\0\0\6sPLT" SECRET "\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82");
    PUT(&want, "\x89PNG\r\n\x1a\n\0\0\0\0IEND\xae\x42\x60\x82");
    redact_expect_bytes(IMAGE_PNG, level, &file, &want);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("redact_web");
    TCase *left = tcase_create("left");

    tcase_add_checked_fixture(left, redact_start, redact_stop);
    tcase_add_loop_test(left, of_a_gif_more_blocks_than_are_read_and_zero_bytes_are_left_out, 0, 2);
    tcase_add_test(left, of_a_webp_length_and_flags_are_those_of_the_copy);
    tcase_add_test(left, of_a_webp_the_end_may_lack_padding_or_have_more);
    tcase_add_loop_test(left, of_a_jxl_boxes_that_are_there_once_are_kept_once, 0, 2);
    tcase_add_loop_test(left, of_a_png_suggested_palettes_are_left_out, 0, 2);
    suite_add_tcase(suite, left);
    return suite;
}
