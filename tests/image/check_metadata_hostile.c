/* Blocks that are made to harm: each costs milliseconds, and is ignored. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../support/forged.h"
#include "../support/metadata.h"

/* Seconds of processor time; under sanitizers and on a busy machine, thirty times what it takes. */
#define MOST 0.3

static double seconds(void)
{
    struct timespec now;

    ck_assert_int_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Reads it as a block of a JPEG, or as a file of its own. */
static void expect_quick(enum image_type type, const struct buf *file, struct photo *photo)
{
    double before;

    metadata_read(type, file, photo); /* loads the module */
    before = seconds();
    metadata_read(type, file, photo);
    ck_assert_double_lt(seconds() - before, MOST);
}

static void expect_nothing(enum image_type type, struct buf *file)
{
    struct photo photo, nothing;

    memset(&nothing, 0, sizeof nothing);
    nothing.taken = PHOTO_TIME_NONE;
    expect_quick(type, file, &photo);
    ck_assert_mem_eq(&photo, &nothing, sizeof photo);
    buf_free(file);
}

static void expect_xmp_nothing(struct buf *xmp)
{
    struct buf file = BUF_INIT;

    metadata_file(IMAGE_PNG, &(struct metadata_blocks){.xmp = xmp}, &file);
    buf_free(xmp);
    expect_nothing(IMAGE_PNG, &file);
}

/* ---- EXIF and TIFF ---- */

START_TEST(directories_that_lead_to_themselves_are_read_once)
{
    struct buf file = BUF_INIT;

    PUT(&file, "MM\0*\0\0\0\x08\0\3");
    PUT(&file, "\x87\x69\0\4\0\0\0\1\0\0\0\x08");
    PUT(&file, "\x88\x25\0\4\0\0\0\1\0\0\0\x08");
    PUT(&file, "\1\x4a\0\4\0\0\0\1\0\0\0\x08"); /* SubIFDs */
    PUT(&file, "\0\0\0\x08");                   /* the next directory */
    expect_nothing(IMAGE_TIFF, &file);
}
END_TEST

START_TEST(a_million_entries_cost_little)
{
    struct buf file = BUF_INIT;
    const unsigned count = 1000000;

    PUT(&file, "II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0");
    forged_little(&file, 8, count);
    for (unsigned i = 0; i < count; i++)
        PUT(&file, "\x0f\1\2\0\0\0\0\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0");
    expect_nothing(IMAGE_TIFF, &file);
}
END_TEST

START_TEST(sixty_thousand_entries_that_share_a_value_of_a_megabyte_cost_little)
{
    struct buf file = BUF_INIT;
    const unsigned count = 65535;

    PUT(&file, "MM\0*\0\0\0\x08");
    forged_big(&file, 2, count);
    for (unsigned i = 0; i < count; i++)
        PUT(&file, "\2\xbc\0\1\0\x0b\0\0\0\0\0\x08");
    forged_big(&file, 4, 0);
    expect_nothing(IMAGE_TIFF, &file);
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
} broken[] = {
#define BROKEN(literal)                                                                            \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
    BROKEN(""),
    BROKEN("MM"),
    BROKEN("MM\0*\0\0"),
    BROKEN("MM\0*\xff\xff\xff\xff"),
    BROKEN("MM\0*\0\0\0\0"),
    BROKEN("MM\0*\0\0\0\x07"),
    BROKEN("MM\0*\0\0\0\x08\xff\xff"),
    BROKEN("MM\0*\0\0\0\x08\0\1\1\x0f\0\2\0\0\0\x10"),
    BROKEN("MM\0*\0\0\0\x08\0\1\1\x0f\0\2\0\0\0\x10\xff\xff\xff\xff\0\0\0\0"),
    BROKEN("MM\0*\0\0\0\x08\0\1\1\x0f\0\2\xff\xff\xff\xff\0\0\0\0\0\0\0\0"),
    BROKEN("MM\0*\0\0\0\x08\0\1\1\x0f\0\2\0\0\0\0\0\0\0\x08\0\0\0\0"),
    BROKEN("MM\0*\0\0\0\x08\0\1\1\x0f\0\xff\0\0\0\1\0\0\0\x08\0\0\0\0"),
    BROKEN("MM\0*\0\0\0\x08\0\1\x87\x69\0\4\0\0\0\1\xff\xff\xff\xff\0\0\0\0"),
    BROKEN("MM\0*\0\0\0\x08\0\1\x88\x25\0\4\0\0\0\1\0\0\0\x19\0\0\0\0"),
    BROKEN("MM\0+\0\x08\0\0\xff\xff\xff\xff\xff\xff\xff\xff"),
    BROKEN("MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10\xff\xff\xff\xff\xff\xff\xff\xff"),
    BROKEN("MM\0+\0\4\0\0\0\0\0\0\0\0\0\x10"),
};

START_TEST(counts_and_offsets_that_lie_lead_nowhere)
{
    const struct buf exif = {.data = (char *)(uintptr_t)broken[_i].bytes, .len = broken[_i].len};
    struct buf tiff = BUF_INIT, jpeg = BUF_INIT;

    buf_append(&tiff, exif.data, exif.len);
    expect_nothing(IMAGE_TIFF, &tiff);
    metadata_file(IMAGE_JPEG, &(struct metadata_blocks){.exif = &exif}, &jpeg);
    expect_nothing(IMAGE_JPEG, &jpeg);
}
END_TEST

START_TEST(a_block_beyond_its_bound_is_left_out)
{
    static const enum image_type types[] = {IMAGE_PNG, IMAGE_AVIF, IMAGE_JXL};
    const struct metadata_entry entries[] = {{FIRST, 0x010f, ASCII, .text = "Canon"}, {0}};
    struct buf exif = BUF_INIT, xmp = BUF_INIT, file = BUF_INIT;

    metadata_exif(true, entries, &exif);
    while (exif.len <= 256 << 10)
        buf_append(&exif, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    metadata_xmp(&xmp, "xmp:Rating='3'", "");
    while (xmp.len <= 1 << 20)
        buf_puts(&xmp, "                                ");
    metadata_file(types[_i], &(struct metadata_blocks){.exif = &exif, .xmp = &xmp}, &file);
    buf_free(&exif);
    buf_free(&xmp);
    expect_nothing(types[_i], &file);
}
END_TEST

/* ---- XMP ---- */

START_TEST(entities_are_refused)
{
    struct buf xmp = BUF_INIT;

    buf_puts(&xmp, "<!DOCTYPE x [<!ENTITY a0 'ha'>");
    for (int i = 1; xmp.len < 64 << 10; i++) /* each is ten of the one before */
        buf_printf(&xmp, "<!ENTITY a%d '&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;'>", i,
                   i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    buf_puts(&xmp, "]>");
    metadata_xmp(&xmp, "xmp:Rating='3'", "<dc:title>&a9;</dc:title>");
    expect_xmp_nothing(&xmp);
}
END_TEST

START_TEST(a_document_type_is_refused_before_it_is_read)
{
    struct buf xmp = BUF_INIT;

    buf_puts(&xmp, _i == 0 ? "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" : "<!DOCTYPE x>");
    buf_puts(&xmp, "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
                   " xmlns:xmp='http://ns.adobe.com/xap/1.0/'>"
                   "<rdf:Description xmp:Rating='3'/></rdf:RDF>");
    expect_xmp_nothing(&xmp);
}
END_TEST

START_TEST(a_hundred_thousand_elements_within_each_other_cost_little)
{
    struct buf xmp = BUF_INIT;

    for (int i = 0; i < 100000; i++)
        buf_puts(&xmp, "<a>");
    expect_xmp_nothing(&xmp);
}
END_TEST

START_TEST(an_element_of_a_megabyte_of_attributes_costs_little)
{
    struct buf xmp = BUF_INIT;

    buf_puts(&xmp, "<a");
    for (int i = 0; xmp.len < 1000000; i++)
        buf_printf(&xmp, " a%d=''", i);
    buf_puts(&xmp, "/>");
    expect_xmp_nothing(&xmp);
}
END_TEST

START_TEST(ten_thousand_keywords_fill_what_there_is_for_them)
{
    struct buf content = BUF_INIT, xmp = BUF_INIT, iptc = BUF_INIT, file = BUF_INIT;
    struct photo photo;

    buf_puts(&content, "<dc:subject><rdf:Bag>");
    for (int i = 0; i < 10000; i++) {
        char keyword[16];

        (void)snprintf(keyword, sizeof keyword, "%06d", i);
        buf_printf(&content, "<rdf:li>%s</rdf:li>", keyword);
        if (iptc.len < 60000)
            metadata_iptc(&iptc, 25, keyword);
    }
    buf_puts(&content, "</rdf:Bag></dc:subject>");
    metadata_xmp(&xmp, "", content.data);
    if (_i == 0)
        metadata_file(IMAGE_PNG, &(struct metadata_blocks){.xmp = &xmp}, &file);
    else
        metadata_file(IMAGE_JPEG, &(struct metadata_blocks){.iptc = &iptc}, &file);
    expect_quick(_i == 0 ? IMAGE_PNG : IMAGE_JPEG, &file, &photo);
    ck_assert_uint_eq(strlen(photo.keywords), (sizeof photo.keywords - 1 + 1) / 7 * 7 - 1);
    buf_free(&content);
    buf_free(&xmp);
    buf_free(&iptc);
    buf_free(&file);
}
END_TEST

START_TEST(xmp_that_is_cut_off_says_what_came_before)
{
    struct buf xmp = BUF_INIT, file = BUF_INIT;
    struct photo photo;

    metadata_xmp(&xmp, "xmp:Rating='3'", "<dc:title>Day");
    xmp.len = (size_t)((const char *)memmem(xmp.data, xmp.len, "Day", 3) - xmp.data);
    metadata_file(IMAGE_JPEG, &(struct metadata_blocks){.xmp = &xmp}, &file);
    expect_quick(IMAGE_JPEG, &file, &photo);
    ck_assert_uint_eq(photo.rating, 3);
    ck_assert_str_eq(photo.title, "");
    buf_free(&xmp);
    buf_free(&file);
}
END_TEST

/* ---- any ---- */

/* Every file of every type, with each of its bytes changed, and cut off at each. */
START_TEST(any_byte_may_be_any_other)
{
    const struct metadata_entry entries[] = {
        {FIRST, 0x010f, ASCII, .text = "Canon"},
        {EXIF, 0x9003, ASCII, .text = "2024:01:31 10:11:12"},
        {EXIF, 0x829a, RATIONAL, .numbers = {1, 75}},
        {GPS, 1, ASCII, .text = "N"},
        {GPS, 2, RATIONAL, .numbers = {43, 1, 28, 1, 36, 2}, .count = 3},
        {0},
    };
    struct buf exif = BUF_INIT, xmp = BUF_INIT, iptc = BUF_INIT, file = BUF_INIT;
    enum image_type type = (enum image_type)_i;
    struct photo photo;

    metadata_exif(_i % 2 == 0, entries, &exif);
    metadata_iptc(&iptc, 5, "Harbour");
    buf_puts(&xmp, "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
                   "<rdf:Description/></rdf:RDF>");
    metadata_file(type, &(struct metadata_blocks){&exif, &xmp, &iptc, "Title"}, &file);
    for (size_t at = 0; at < file.len; at++) {
        static const char others[] = {'\0', '\xff', '\x7f', '\1'};
        struct buf part = {.data = file.data, .len = at};
        char was = file.data[at];

        metadata_read(type, &part, &photo);
        for (size_t i = 0; i < sizeof others; i++) {
            file.data[at] = others[i];
            metadata_read(type, &file, &photo);
        }
        file.data[at] = was;
    }
    buf_free(&exif);
    buf_free(&xmp);
    buf_free(&iptc);
    buf_free(&file);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_metadata_hostile");
    TCase *all = tcase_create("all");

    tcase_set_timeout(all, 60);
    tcase_add_test(all, directories_that_lead_to_themselves_are_read_once);
    tcase_add_test(all, a_million_entries_cost_little);
    tcase_add_test(all, sixty_thousand_entries_that_share_a_value_of_a_megabyte_cost_little);
    tcase_add_loop_test(all, counts_and_offsets_that_lie_lead_nowhere, 0,
                        sizeof broken / sizeof broken[0]);
    tcase_add_loop_test(all, a_block_beyond_its_bound_is_left_out, 0, 3);
    tcase_add_test(all, entities_are_refused);
    tcase_add_loop_test(all, a_document_type_is_refused_before_it_is_read, 0, 2);
    tcase_add_test(all, a_hundred_thousand_elements_within_each_other_cost_little);
    tcase_add_test(all, an_element_of_a_megabyte_of_attributes_costs_little);
    tcase_add_loop_test(all, ten_thousand_keywords_fill_what_there_is_for_them, 0, 2);
    tcase_add_test(all, xmp_that_is_cut_off_says_what_came_before);
    tcase_add_loop_test(all, any_byte_may_be_any_other, 0, IMAGE_TYPE_COUNT);
    suite_add_tcase(suite, all);
    return suite;
}
