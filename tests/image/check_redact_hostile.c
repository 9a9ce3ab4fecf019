/* Copies of files that are broken, or made to take long. */
#include <time.h>

#include "../support/forged.h"
#include "../support/heif.h"
#include "../support/metadata.h"
#include "../support/redact.h"

#define MOST 0.3 /* seconds of processor time; thirty times what anything here takes */

/* Whatever becomes of it, no byte outside is read, and no copy has the place. */
static void expect_no_place(enum image_type type, enum image_redact_level level,
                            const struct buf *file)
{
    struct buf copy = BUF_INIT;
    struct photo photo;

    if (redact_copy(type, level, file, &copy) == VT_OK && copy.len > 0) {
        metadata_read(type, &copy, &photo);
        ck_assert(!photo.has_place);
    }
    buf_free(&copy);
}

START_TEST(a_file_that_is_cut_off_anywhere_harms_nothing)
{
    enum image_type type = (enum image_type)(_i / 2);
    struct buf file = BUF_INIT;

    redact_make(type, &file);
    for (size_t len = 0; len < file.len; len++)
        expect_no_place(type, redact_level(_i), &(struct buf){.data = file.data, .len = len});
    buf_free(&file);
}
END_TEST

START_TEST(a_file_with_any_byte_changed_harms_nothing)
{
    enum image_type type = (enum image_type)(_i / 2);
    static const char values[] = {0, 1, '\x7f', '\xff'};
    struct buf file = BUF_INIT;

    redact_make(type, &file);
    for (size_t at = 0; at < file.len; at++) {
        char was = file.data[at];

        file.data[at] = values[at % sizeof values];
        expect_no_place(type, redact_level(_i), &file);
        file.data[at] = was;
    }
    buf_free(&file);
}
END_TEST

static double seconds(void)
{
    struct timespec now;

    ck_assert_int_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static enum vt_error redact_quickly(enum image_type type, struct buf *file)
{
    struct buf copy = BUF_INIT;
    double before = seconds();
    enum vt_error err = redact_copy(type, IMAGE_REDACT_PLACE, file, &copy);

    ck_assert_double_lt(seconds() - before, MOST);
    buf_free(&copy);
    buf_free(file);
    return err;
}

/* Found by the fuzzer: a copy of nothing. */
START_TEST(a_file_of_which_nothing_is_kept_is_refused)
{
    struct buf file = BUF_INIT;

    forged_box(&file, "free", "of anything", 11);
    ck_assert_int_eq(redact_quickly(IMAGE_JXL, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

/* A directory of a TIFF: the strips' places and lengths, in arrays of LONG or BYTE, or, if there is
 * one strip, in the entries themselves. */
struct page {
    unsigned type;
    uint32_t strips, places, lengths;
    uint32_t next; /* where the next directory is, or 0 */
};

static void put_entry(struct buf *out, unsigned tag, unsigned type, uint32_t count, uint32_t value)
{
    forged_big(out, 2, tag);
    forged_big(out, 2, type);
    forged_big(out, 4, count);
    forged_big(out, 4, value);
}

static void put_page(struct buf *out, struct page page)
{
    forged_big(out, 2, 2); /* entries */
    put_entry(out, 273, page.type, page.strips, page.places);
    put_entry(out, 279, page.type, page.strips, page.lengths);
    forged_big(out, 4, page.next);
}

#define TIFF_BEGIN "MM\0*\0\0\0\x08" /* the first directory follows */

START_TEST(pages_that_lead_to_each_other_are_taken_once)
{
    struct buf file = BUF_INIT;

    PUT(&file, TIFF_BEGIN);
    put_page(&file, (struct page){LONG, 1, 0x44, 2, 0x26});
    put_page(&file, (struct page){LONG, 1, 0x44, 2, 0x08});
    PUT(&file, "px");
    ck_assert_int_eq(redact_quickly(IMAGE_TIFF, &file), VT_OK);
}
END_TEST

START_TEST(pixels_that_lie_in_a_directory_are_refused)
{
    struct buf file = BUF_INIT;

    PUT(&file, TIFF_BEGIN);
    put_page(&file, (struct page){LONG, 1, 0x0a, 2, 0});
    ck_assert_int_eq(redact_quickly(IMAGE_TIFF, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

START_TEST(pixels_that_lie_outside_the_file_are_refused)
{
    struct buf file = BUF_INIT;

    PUT(&file, TIFF_BEGIN);
    put_page(&file, (struct page){LONG, 1, 0x26, 2, 0});
    PUT(&file, "p");
    ck_assert_int_eq(redact_quickly(IMAGE_TIFF, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

/* Each of two strips in turn, a million times. */
START_TEST(a_million_strips_are_refused_quickly)
{
    struct buf file = BUF_INIT;

    PUT(&file, TIFF_BEGIN);
    put_page(&file, (struct page){LONG, 1 << 20, 0x26, 0x26, 0});
    for (unsigned i = 0; i < 1 << 20; i++)
        forged_big(&file, 4, i % 2 == 0 ? 0x26 : 0x100);
    ck_assert_int_eq(redact_quickly(IMAGE_TIFF, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

/* Each of a thousand pages has the same million. */
START_TEST(pages_of_a_million_empty_strips_are_refused_quickly)
{
    const unsigned pages = 1000, entries = 2 + 2 * 12 + 4, strips = 1 << 20;
    uint32_t array = 8 + pages * entries;
    struct buf file = BUF_INIT;

    PUT(&file, TIFF_BEGIN);
    for (unsigned i = 0; i < pages; i++) {
        uint32_t next = i + 1 < pages ? 8 + (i + 1) * entries : 0;

        put_page(&file, (struct page){BYTE, strips, array, array, next});
    }
    for (unsigned i = 0; i < strips; i++)
        PUT(&file, "\0");
    ck_assert_int_eq(redact_quickly(IMAGE_TIFF, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

/* Half a million strips that are the same long JPEG. */
START_TEST(jpegs_that_overlap_are_refused_quickly)
{
    const unsigned strips = 1 << 19;
    struct buf file = BUF_INIT;

    PUT(&file, TIFF_BEGIN "\0\3");
    put_entry(&file, 259, SHORT, 1, 7 << 16); /* JPEG */
    put_entry(&file, 273, LONG, strips, 0x32);
    put_entry(&file, 279, LONG, strips, 0x32 + 4 * strips);
    forged_big(&file, 4, 0);
    for (unsigned i = 0; i < strips; i++)
        forged_big(&file, 4, 0x32 + 8 * strips);
    for (unsigned i = 0; i < strips; i++)
        forged_big(&file, 4, 6 + 65537);
    PUT(&file, "\xff\xd8\xff\xc4\xff\xff");
    for (unsigned i = 0; i < 65533; i++)
        PUT(&file, "x");
    PUT(&file, "\xff\xd9zz");
    ck_assert_int_eq(redact_quickly(IMAGE_TIFF, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

START_TEST(a_million_segments_are_left_out_quickly)
{
    struct buf file = BUF_INIT;

    PUT(&file, "\xff\xd8");
    for (unsigned i = 0; i < 1 << 20; i++)
        SEGMENT(&file, 0xe5, "");
    redact_put_coded(&file, true);
    ck_assert_int_eq(redact_quickly(IMAGE_JPEG, &file), VT_OK);
}
END_TEST

/* More pieces than a plan may have. */
START_TEST(a_million_segments_among_others_are_refused_quickly)
{
    struct buf file = BUF_INIT;

    PUT(&file, "\xff\xd8");
    for (unsigned i = 0; i < 1 << 18; i++) {
        SEGMENT(&file, 0xe5, "");
        SEGMENT(&file, 0xdb, "");
    }
    redact_put_coded(&file, true);
    ck_assert_int_eq(redact_quickly(IMAGE_JPEG, &file), VT_ERR_UNSUPPORTED);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("redact_hostile");
    TCase *hostile = tcase_create("hostile");

    tcase_add_checked_fixture(hostile, redact_start, redact_stop);
    tcase_set_timeout(hostile, 120);
    tcase_add_loop_test(hostile, a_file_that_is_cut_off_anywhere_harms_nothing, 0,
                        2 * IMAGE_TYPE_COUNT);
    tcase_add_loop_test(hostile, a_file_with_any_byte_changed_harms_nothing, 0,
                        2 * IMAGE_TYPE_COUNT);
    tcase_add_test(hostile, a_file_of_which_nothing_is_kept_is_refused);
    tcase_add_test(hostile, pages_that_lead_to_each_other_are_taken_once);
    tcase_add_test(hostile, pixels_that_lie_in_a_directory_are_refused);
    tcase_add_test(hostile, pixels_that_lie_outside_the_file_are_refused);
    tcase_add_test(hostile, a_million_strips_are_refused_quickly);
    tcase_add_test(hostile, pages_of_a_million_empty_strips_are_refused_quickly);
    tcase_add_test(hostile, jpegs_that_overlap_are_refused_quickly);
    tcase_add_test(hostile, a_million_segments_are_left_out_quickly);
    tcase_add_test(hostile, a_million_segments_among_others_are_refused_quickly);
    suite_add_tcase(suite, hostile);
    return suite;
}
