/* Titles, descriptions, keywords and ratings, of XMP, IPTC, EXIF and PNGs. */
#include <stdio.h>
#include <string.h>

#include "../support/metadata.h"

START_TEST(words_of_xmp_are_read)
{
    struct photo photo;

    metadata_read_xmp(
        "xmp:Rating='4'",
        "<dc:title><rdf:Alt><rdf:li xml:lang='de'>Hafen</rdf:li>"
        "<rdf:li xml:lang='x-default'>Harbour &amp; &lt;sea&gt; &#x26f5;</rdf:li></rdf:Alt>"
        "</dc:title>"
        "<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>Two\nlines</rdf:li></rdf:Alt>"
        "</dc:description>"
        "<dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li> sun </rdf:li><rdf:li>sea</rdf:li>"
        "<rdf:li/></rdf:Bag></dc:subject>",
        &photo);
    ck_assert_str_eq(photo.title, "Harbour & <sea> \xe2\x9b\xb5");
    ck_assert_str_eq(photo.description, "Two lines");
    ck_assert_str_eq(photo.keywords, "sea\nsun");
    ck_assert_uint_eq(photo.rating, 4);
}
END_TEST

START_TEST(a_title_without_the_default_language_is_the_first)
{
    struct photo photo;

    metadata_read_xmp("",
                      "<dc:title><rdf:Alt><rdf:li xml:lang='de'>Hafen</rdf:li>"
                      "<rdf:li xml:lang='fr'>Port</rdf:li></rdf:Alt></dc:title>",
                      &photo);
    ck_assert_str_eq(photo.title, "Hafen");
}
END_TEST

START_TEST(names_are_those_of_their_namespaces_whatever_the_prefix)
{
    struct photo photo;

    metadata_read_xmp("",
                      "<a:title xmlns:a='http://purl.org/dc/elements/1.1/'>Right</a:title>"
                      "<dc:title xmlns:dc='urn:other'>Wrong</dc:title>",
                      &photo);
    ck_assert_str_eq(photo.title, "Right");
}
END_TEST

/* As the history of a file has it, and the pictures that it is made of. */
START_TEST(values_within_structures_belong_to_others)
{
    struct photo photo;

    metadata_read_xmp("",
                      "<xmp:Parts><rdf:Bag><rdf:li><rdf:Description xmp:Rating='1'>"
                      "<dc:title>Wrong</dc:title></rdf:Description></rdf:li></rdf:Bag></xmp:Parts>"
                      "<xmp:Part rdf:parseType='Resource'><dc:title>Wrong</dc:title></xmp:Part>"
                      "<dc:description><rdf:Alt><rdf:li><b>Wrong</b></rdf:li></rdf:Alt>"
                      "</dc:description>",
                      &photo);
    ck_assert_str_eq(photo.title, "");
    ck_assert_str_eq(photo.description, "");
    ck_assert_uint_eq(photo.rating, 0);
}
END_TEST

START_TEST(xmp_may_be_in_utf_16)
{
    struct buf plain = BUF_INIT, xmp = BUF_INIT, file = BUF_INIT;
    struct photo photo;

    metadata_xmp(&plain, "xmp:Rating='5'", "<dc:title>Sea</dc:title>");
    buf_append(&xmp, "\xfe\xff", 2);
    for (size_t i = strcspn(plain.data, ">") + 1; i < plain.len; i++) {
        buf_append(&xmp, "", 1);
        buf_append(&xmp, plain.data + i, 1);
    }
    metadata_file(IMAGE_JPEG, &(struct metadata_blocks){.xmp = &xmp}, &file);
    metadata_read(IMAGE_JPEG, &file, &photo);
    ck_assert_str_eq(photo.title, "Sea");
    ck_assert_uint_eq(photo.rating, 5);
    buf_free(&plain);
    buf_free(&xmp);
    buf_free(&file);
}
END_TEST

static const struct {
    const char *text;
    unsigned rating;
} ratings[] = {{"1", 1}, {"5", 5}, {"3.0", 3}, {"0", 0}, {"-1", 0}, {"6", 0}, {"nan", 0}, {"", 0}};

START_TEST(a_rating_is_one_to_five)
{
    char attributes[40];
    struct photo photo;

    (void)snprintf(attributes, sizeof attributes, "xmp:Rating='%s'", ratings[_i].text);
    metadata_read_xmp(attributes, "", &photo);
    ck_assert_uint_eq(photo.rating, ratings[_i].rating);
}
END_TEST

static void read_iptc(const struct buf *iptc, struct photo *photo)
{
    struct buf file = BUF_INIT;

    metadata_file(IMAGE_JPEG, &(struct metadata_blocks){.iptc = iptc}, &file);
    metadata_read(IMAGE_JPEG, &file, photo);
    buf_free(&file);
}

START_TEST(words_of_iptc_are_read)
{
    struct buf iptc = BUF_INIT;
    struct photo photo;

    metadata_iptc(&iptc, 5, "Harbour");
    metadata_iptc(&iptc, 25, "sea");
    metadata_iptc(&iptc, 25,
                  "S\xfc"
                  "den"); /* Latin-1 */
    metadata_iptc(&iptc, 120,
                  "Gr\xc3\xbc\xc3\x9f"
                  "e"); /* UTF-8 */
    read_iptc(&iptc, &photo);
    ck_assert_str_eq(photo.title, "Harbour");
    ck_assert_str_eq(photo.keywords, "sea\nS\xc3\xbc"
                                     "den");
    ck_assert_str_eq(photo.description, "Gr\xc3\xbc\xc3\x9f"
                                        "e");
    buf_free(&iptc);
}
END_TEST

START_TEST(iptc_is_read_up_to_where_it_is_broken)
{
    struct buf iptc = BUF_INIT;
    struct photo photo;

    metadata_iptc(&iptc, 5, "Harbour");
    buf_append(&iptc,
               "\x1c\2\x78\xff\xff"
               "Caption",
               12);
    read_iptc(&iptc, &photo);
    ck_assert_str_eq(photo.title, "Harbour");
    ck_assert_str_eq(photo.description, "");
    buf_free(&iptc);
}
END_TEST

/* Takes the blocks away one after the other. */
START_TEST(words_count_in_the_order_of_xmp_iptc_exif)
{
    static const char *const wanted[] = {"by XMP", "by IPTC", "by EXIF", ""};
    const struct metadata_entry entries[] = {{FIRST, 0x010e, ASCII, .text = "by EXIF"}, {0}};
    struct buf exif = BUF_INIT, xmp = BUF_INIT, iptc = BUF_INIT, file = BUF_INIT;
    struct photo photo;

    metadata_exif(true, _i < 3 ? entries : entries + 1, &exif);
    metadata_iptc(&iptc, _i < 2 ? 120 : 119, "by IPTC");
    metadata_iptc(&iptc, 25, "iptc");
    metadata_xmp(&xmp, "",
                 _i < 1 ? "<dc:description>by XMP</dc:description>"
                          "<dc:subject><rdf:Bag><rdf:li>xmp</rdf:li></rdf:Bag></dc:subject>"
                        : "<dc:description>OLYMPUS DIGITAL CAMERA</dc:description>");
    metadata_file(IMAGE_JPEG, &(struct metadata_blocks){&exif, &xmp, &iptc, NULL}, &file);
    metadata_read(IMAGE_JPEG, &file, &photo);
    ck_assert_str_eq(photo.description, wanted[_i]);
    ck_assert_str_eq(photo.keywords, _i < 1 ? "xmp" : "iptc");
    buf_free(&exif);
    buf_free(&xmp);
    buf_free(&iptc);
    buf_free(&file);
}
END_TEST

START_TEST(a_png_has_a_title_in_latin_1_or_utf_8)
{
    struct buf file = BUF_INIT;
    struct photo photo;

    metadata_file(IMAGE_PNG,
                  &(struct metadata_blocks){.title = _i == 0 ? "S\xfc"
                                                               "d"
                                                             : "S\xc3\xbc"
                                                               "d"},
                  &file);
    metadata_read(IMAGE_PNG, &file, &photo);
    ck_assert_str_eq(photo.title, "S\xc3\xbc"
                                  "d");
    buf_free(&file);
}
END_TEST

static const struct {
    const char *text, *clean;
} texts[] = {
    {"A day", "A day"},
    {"  A day \n", "A day"},
    {"one\r\ntwo\tthree", "one two three"},
    {"gr\xfc\xdf"
     "e",
     "gr\xc3\xbc\xc3\x9f"
     "e"},
    {"gr\xc3\xbc\xc3\x9f"
     "e",
     "gr\xc3\xbc\xc3\x9f"
     "e"},
    {"\xe2\x80\xae"
     "evil\x1b[31m",
     "evil[31m"},
    {"\n", ""},
};

START_TEST(texts_are_clean)
{
    const struct metadata_entry entries[] = {{FIRST, 0x010e, ASCII, .text = texts[_i].text}, {0}};
    struct photo photo;

    metadata_read_exif(false, entries, &photo);
    ck_assert_str_eq(photo.description, texts[_i].clean);
}
END_TEST

START_TEST(a_text_that_is_too_long_is_cut_between_two_characters)
{
    char text[6001];
    const struct metadata_entry entries[] = {{FIRST, 0x010e, ASCII, .text = text}, {0}};
    struct photo photo;

    for (size_t i = 0; i < 6000; i += 3)
        memcpy(text + i, "\xe2\x9b\xb5", 3);
    text[6000] = '\0';
    metadata_read_exif(true, entries, &photo);
    ck_assert_uint_eq(strlen(photo.description), (PHOTO_DESCRIPTION_SIZE - 1) / 3 * 3);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_metadata_words");
    TCase *all = tcase_create("all");

    tcase_add_test(all, words_of_xmp_are_read);
    tcase_add_test(all, a_title_without_the_default_language_is_the_first);
    tcase_add_test(all, names_are_those_of_their_namespaces_whatever_the_prefix);
    tcase_add_test(all, values_within_structures_belong_to_others);
    tcase_add_test(all, xmp_may_be_in_utf_16);
    tcase_add_loop_test(all, a_rating_is_one_to_five, 0, sizeof ratings / sizeof ratings[0]);
    tcase_add_test(all, words_of_iptc_are_read);
    tcase_add_test(all, iptc_is_read_up_to_where_it_is_broken);
    tcase_add_loop_test(all, words_count_in_the_order_of_xmp_iptc_exif, 0, 4);
    tcase_add_loop_test(all, a_png_has_a_title_in_latin_1_or_utf_8, 0, 2);
    tcase_add_loop_test(all, texts_are_clean, 0, sizeof texts / sizeof texts[0]);
    tcase_add_test(all, a_text_that_is_too_long_is_cut_between_two_characters);
    suite_add_tcase(suite, all);
    return suite;
}
