/* Copies of JPEGs: which segments are left, and what of them. */
#include "../support/forged.h"
#include "../support/redact.h"

START_TEST(of_a_jpeg_coded_bytes_colours_and_orientation_are_left)
{
    struct buf file = BUF_INIT, want = BUF_INIT;

    redact_make(IMAGE_JPEG, &file);
    PUT(&want, "\xff\xd8");
    SEGMENT(&want, 0xe0, "JFIF\0\1\2\1\0\x48\0\x48\0\0");
    SEGMENT(&want, 0xe1, "Exif\0\0" REDACT_ORIENTATION);
    SEGMENT(&want, 0xe2, "ICC_PROFILE\0\1\1profile");
    SEGMENT(&want, 0xee, "Adobe\0\x64\0\0\0\0\1");
    redact_put_coded(&want, true);
    redact_expect_bytes(IMAGE_JPEG, IMAGE_REDACT_ALL, &file, &want);
}
END_TEST

/* What decoders skip or do not read. */
START_TEST(of_a_jpeg_bytes_between_segments_and_in_long_ones_are_left_out)
{
    enum image_redact_level level = redact_level(_i);
    struct buf file = BUF_INIT, want = BUF_INIT;

    PUT(&file, "\xff\xd8" SECRET);
    SEGMENT(&file, 0xee, "Adobe\0\x64\0\0\0\0\1" SECRET);
    PUT(&file, SECRET "\xff\0" SECRET "\xff\xd1\xff\xff");
    SEGMENT(&file, 0xdc, "\0\x30" SECRET);
    SEGMENT(&file, 0xdc, "\0\x30");
    redact_put_coded(&file, false);
    PUT(&want, "\xff\xd8");
    SEGMENT(&want, 0xee, "Adobe\0\x64\0\0\0\0\1");
    SEGMENT(&want, 0xdc, "\0\x30");
    redact_put_coded(&want, true);
    redact_expect_bytes(IMAGE_JPEG, level, &file, &want);
}
END_TEST

/* With its padding, it would need a segment of one byte more than there are. */
START_TEST(iptc_that_fills_a_segment_is_kept_if_it_fits)
{
    const size_t most = 65533 - 14 - 12 - (size_t)_i; /* of all data sets */
    struct buf file = BUF_INIT, copy = BUF_INIT, resources = BUF_INIT;

    PUT(&file, "\xff\xd8");
    PUT(&resources, "8BIM\4\4\0\0\0\0");
    forged_big(&resources, 2, most);
    for (size_t left = most; left > 0;) {
        size_t size = left > 30000 ? 30000 : left;

        PUT(&resources, "\x1c\2\x78");
        forged_big(&resources, 2, size - 5);
        for (size_t i = 5; i < size; i++)
            PUT(&resources, "w");
        left -= size;
    }
    redact_put_segment(&file, 0xed, "Photoshop 3.0", 14, &resources);
    redact_put_coded(&file, true);
    redact_expect(IMAGE_JPEG, IMAGE_REDACT_PLACE, &file, &copy);
    ck_assert(redact_has(&copy, "www", 3) == (_i == 1));
    ck_assert_mem_eq(copy.data + 2, _i == 1 ? "\xff\xed" : "\xff\xdb", 2);
    buf_free(&file);
    buf_free(&copy);
    buf_free(&resources);
}
END_TEST

START_TEST(of_iptc_all_that_names_a_place_is_left_out)
{
    struct buf file = BUF_INIT, copy = BUF_INIT;

    redact_make(IMAGE_JPEG, &file);
    redact_expect(IMAGE_JPEG, IMAGE_REDACT_PLACE, &file, &copy);
    ck_assert(redact_has(&copy, "\x1c\2\x50\0\7by " WORD "\x1c\2\x19\0\x0ckeyword " WORD, 29));
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("redact_jpeg");
    TCase *left = tcase_create("left");

    tcase_add_checked_fixture(left, redact_start, redact_stop);
    tcase_add_test(left, of_a_jpeg_coded_bytes_colours_and_orientation_are_left);
    tcase_add_loop_test(left, of_a_jpeg_bytes_between_segments_and_in_long_ones_are_left_out, 0, 2);
    tcase_add_loop_test(left, iptc_that_fills_a_segment_is_kept_if_it_fits, 0, 2);
    tcase_add_test(left, of_iptc_all_that_names_a_place_is_left_out);
    suite_add_tcase(suite, left);
    return suite;
}
