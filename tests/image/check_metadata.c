/* What is read of each type and block, and which of them counts. */
#include "image/metadata.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../support/forged.h"
#include "../support/metadata.h"

/* ---- EXIF ---- */

static const struct metadata_entry whole[] = {
    {FIRST, 0x010e, ASCII, .text = "At the sea"},
    {FIRST, 0x010f, ASCII, .text = "NIKON CORPORATION"},
    {FIRST, 0x0110, ASCII, .text = "NIKON D90"},
    {FIRST, 0x0132, ASCII, .text = "2025:02:03 04:05:06"}, /* of the file's change */
    {EXIF, 0x829a, RATIONAL, .numbers = {10, 750}},
    {EXIF, 0x829d, RATIONAL, .numbers = {59, 10}},
    {EXIF, 0x8827, SHORT, .numbers = {64}},
    {EXIF, 0x9003, ASCII, .text = "2024:01:31 10:11:12"},
    {EXIF, 0x9004, ASCII, .text = "2024:02:01 10:11:12"},
    {EXIF, 0x9011, ASCII, .text = "+01:00"},
    {EXIF, 0x9291, ASCII, .text = "345"},
    {EXIF, 0x9209, SHORT, .numbers = {0x19}},
    {EXIF, 0x920a, RATIONAL, .numbers = {180, 10}},
    {EXIF, 0xa405, SHORT, .numbers = {27}},
    {EXIF, 0xa434, ASCII, .text = "18-105 mm"},
    {GPS, 1, ASCII, .text = "S"},
    {GPS, 2, RATIONAL, .numbers = {43, 1, 28, 1, 36, 2}, .count = 3},
    {GPS, 3, ASCII, .text = "W"},
    {GPS, 4, RATIONAL, .numbers = {11, 1, 5250, 100, 0, 0}, .count = 3},
    {GPS, 5, BYTE, .numbers = {1}},
    {GPS, 6, RATIONAL, .numbers = {3005, 10}},
    {0},
};

static void expect_whole(const struct photo *photo)
{
    ck_assert_int_eq(photo->taken_from, PHOTO_TAKEN_BY_FILE);
    ck_assert_str_eq(metadata_taken(photo), "2024-01-31T10:11:12.345+01:00");
    ck_assert_str_eq(photo->camera, "NIKON D90");
    ck_assert_str_eq(photo->lens, "18-105 mm");
    ck_assert_double_eq(photo->focal_length, 18);
    ck_assert_double_eq(photo->focal_length_35, 27);
    ck_assert_double_eq(photo->aperture, 5.9);
    ck_assert_double_eq(photo->exposure, 10.0 / 750);
    ck_assert_uint_eq(photo->iso, 64);
    ck_assert_int_eq(photo->flash, PHOTO_FLASH_FIRED);
    ck_assert(photo->has_place && photo->has_altitude);
    ck_assert_double_eq_tol(photo->latitude, -(43 + 28 / 60.0 + 18 / 3600.0), 1e-12);
    ck_assert_double_eq_tol(photo->longitude, -(11 + 52.5 / 60), 1e-12);
    ck_assert_double_eq(photo->altitude, -300.5);
}

/* In both orders of bytes. */
START_TEST(all_that_exif_says_is_read)
{
    struct photo photo;

    metadata_read_exif(_i == 0, whole, &photo);
    expect_whole(&photo);
    ck_assert_str_eq(photo.description, "At the sea");
}
END_TEST

START_TEST(every_type_has_the_same_metadata)
{
    enum image_type type = (enum image_type)_i;
    struct buf exif = BUF_INIT, xmp = BUF_INIT, file = BUF_INIT;
    const struct metadata_blocks blocks = {&exif, &xmp, NULL, NULL};
    struct photo photo;

    metadata_exif(_i % 2 == 0, whole, &exif);
    metadata_xmp(&xmp, "xmp:Rating='4'", "");
    metadata_file(type, &blocks, &file);
    metadata_read(type, &file, &photo);
    if (type != IMAGE_GIF) /* has no EXIF */
        expect_whole(&photo);
    ck_assert_uint_eq(photo.rating, type == IMAGE_TIFF ? 0 : 4);
    buf_free(&exif);
    buf_free(&xmp);
    buf_free(&file);
}
END_TEST

START_TEST(a_tiff_has_xmp_and_iptc_in_fields)
{
    struct buf xmp = BUF_INIT, iptc = BUF_INIT, file = BUF_INIT;
    const struct metadata_entry entries[] = {
        {FIRST, 0x02bc, BYTE, .raw = &xmp}, {FIRST, 0x83bb, UNDEFINED, .raw = &iptc}, {0}};
    struct photo photo;

    metadata_xmp(&xmp, "xmp:Rating='3'", "");
    metadata_iptc(&iptc, 5, "Harbour");
    metadata_exif(_i == 0, entries, &file);
    metadata_read(IMAGE_TIFF, &file, &photo);
    ck_assert_uint_eq(photo.rating, 3);
    ck_assert_str_eq(photo.title, "Harbour");
    buf_free(&xmp);
    buf_free(&iptc);
    buf_free(&file);
}
END_TEST

/* A BigTIFF with one entry, whose value lies elsewhere. */
START_TEST(a_big_tiff_is_read)
{
    struct buf file = BUF_INIT;
    struct photo photo;

    PUT(&file, "II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0");
    PUT(&file, "\1\0\0\0\0\0\0\0");                               /* one entry */
    PUT(&file, "\x0e\1\2\0\x0b\0\0\0\0\0\0\0\x34\0\0\0\0\0\0\0"); /* its text, at 52 */
    PUT(&file, "\0\0\0\0\0\0\0\0At the sea\0");
    metadata_read(IMAGE_TIFF, &file, &photo);
    ck_assert_str_eq(photo.description, "At the sea");
    buf_free(&file);
}
END_TEST

START_TEST(a_tiff_may_have_its_directory_behind_a_megabyte_of_pixels)
{
    struct buf file = BUF_INIT;
    struct photo photo;
    const size_t pixels = 1 << 20;

    PUT(&file, "MM\0*");
    forged_big(&file, 4, pixels);
    while (file.len < pixels)
        forged_big(&file, 8, 0);
    forged_big(&file, 2, 1);
    PUT(&file, "\1\x0e\0\2\0\0\0\x0b");
    forged_big(&file, 4, pixels + 18);
    PUT(&file, "\0\0\0\0At the sea\0");
    metadata_read(IMAGE_TIFF, &file, &photo);
    ck_assert_str_eq(photo.description, "At the sea");
    buf_free(&file);
}
END_TEST

START_TEST(logarithms_stand_for_aperture_and_time_that_are_absent)
{
    const struct metadata_entry entries[] = {{EXIF, 0x9201, SRATIONAL, .numbers = {6, 1}},
                                             {EXIF, 0x9202, RATIONAL, .numbers = {4, 1}},
                                             {0}};
    struct photo photo;

    metadata_read_exif(true, entries, &photo);
    ck_assert_double_eq(photo.exposure, 1.0 / 64);
    ck_assert_double_eq(photo.aperture, 4);
    ck_assert_int_eq(photo.flash, PHOTO_FLASH_UNKNOWN);
}
END_TEST

START_TEST(an_iso_beyond_its_field_is_read_from_the_larger_one)
{
    const struct metadata_entry entries[] = {
        {EXIF, 0x8827, SHORT, .numbers = {65535}}, {EXIF, 0x8832, LONG, .numbers = {102400}}, {0}};
    struct photo photo;

    metadata_read_exif(false, entries, &photo);
    ck_assert_uint_eq(photo.iso, 102400);
}
END_TEST

START_TEST(fractions_with_zeros_and_values_that_cannot_be_are_none)
{
    const struct metadata_entry entries[] = {
        {EXIF, 0x829a, RATIONAL, .numbers = {1, 0}},
        {EXIF, 0x829d, RATIONAL, .numbers = {0, 0}},
        {EXIF, 0x920a, RATIONAL, .numbers = {0, 10}},
        {EXIF, 0xa405, ASCII, .text = "27"},
        {EXIF, 0x9201, SRATIONAL, .numbers = {0x80000000, 1}},
        {EXIF, 0x9202, RATIONAL, .numbers = {0xffffffff, 1}},
        {0},
    };
    struct photo photo;

    metadata_read_exif(true, entries, &photo);
    ck_assert_double_eq(photo.exposure, 0);
    ck_assert_double_eq(photo.aperture, 0);
    ck_assert_double_eq(photo.focal_length, 0);
    ck_assert_double_eq(photo.focal_length_35, 0);
}
END_TEST

/* ---- places ---- */

static const struct {
    const char *lat_ref, *lon_ref;
    uint32_t lat[6], lon[6];
    unsigned count;
    double latitude, longitude; /* NAN for no place */
} places[] = {
    {"N", "E", {43, 1, 30, 1, 0, 1}, {11, 1, 0, 1, 36, 1}, 3, 43.5, 11.01},
    {"N", "W", {4350, 100}, {1125, 100}, 1, 43.5, -11.25}, /* degrees alone */
    {"N", "E", {90, 1, 0, 1, 0, 1}, {180, 1, 0, 1, 0, 1}, 3, 90, 180},
    {"N", "E", {0, 1, 0, 1, 0, 1}, {0, 1, 0, 1, 36, 1}, 3, 0, 0.01},
    {"N", "E", {0, 1, 0, 1, 0, 1}, {0, 1, 0, 1, 0, 1}, 3, NAN, NAN},
    {"N", "E", {90, 1, 0, 1, 1, 1}, {11, 1, 0, 1, 0, 1}, 3, NAN, NAN},
    {"N", "E", {43, 1, 0, 1, 0, 1}, {180, 1, 1, 1, 0, 1}, 3, NAN, NAN},
    {"N", "E", {43, 1, 60, 1, 0, 1}, {11, 1, 0, 1, 0, 1}, 3, NAN, NAN},
    {"N", "E", {43, 0, 0, 1, 0, 1}, {11, 1, 0, 1, 0, 1}, 3, NAN, NAN},
    {"N", "E", {0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, 3, NAN, NAN},
    {"N", "E", {43, 1, 0, 0, 0, 1}, {11, 1, 0, 1, 0, 1}, 3, NAN, NAN},
    {NULL, "E", {43, 1, 0, 1, 0, 1}, {11, 1, 0, 1, 0, 1}, 3, NAN, NAN},
    {"N", "", {43, 1, 0, 1, 0, 1}, {11, 1, 0, 1, 0, 1}, 3, NAN, NAN},
    {"X", "E", {43, 1, 0, 1, 0, 1}, {11, 1, 0, 1, 0, 1}, 3, NAN, NAN},
};

START_TEST(a_place_is_read_if_it_is_one_on_the_globe)
{
    struct metadata_entry entries[] = {
        {GPS, 2, RATIONAL, .count = places[_i].count}, {GPS, 3, ASCII, .text = places[_i].lon_ref},
        {GPS, 4, RATIONAL, .count = places[_i].count}, {GPS, 6, RATIONAL, .numbers = {100, 1}},
        {GPS, 1, ASCII, .text = places[_i].lat_ref},   {0},
    };
    bool is_known = !isnan(places[_i].latitude);
    struct photo photo;

    memcpy(entries[0].numbers, places[_i].lat, sizeof places[_i].lat);
    memcpy(entries[2].numbers, places[_i].lon, sizeof places[_i].lon);
    if (places[_i].lat_ref == NULL)
        entries[4] = (struct metadata_entry){0};
    metadata_read_exif(_i % 2 == 0, entries, &photo);
    ck_assert_int_eq(photo.has_place, is_known);
    ck_assert_int_eq(photo.has_altitude, is_known); /* none without a place */
    ck_assert_double_eq_tol(photo.latitude, is_known ? places[_i].latitude : 0, 1e-9);
    ck_assert_double_eq_tol(photo.longitude, is_known ? places[_i].longitude : 0, 1e-9);
}
END_TEST

/* ---- times ---- */

static const struct {
    const char *date, *subsecond, *offset, *taken;
} times[] = {
    {"2024:01:31 10:11:12", NULL, NULL, "2024-01-31T10:11:12.000"},
    {"2024:01:31 10:11:12", "5", "+05:45", "2024-01-31T10:11:12.500+05:45"},
    {"2024:01:31 10:11:12", "0456", "Z", "2024-01-31T10:11:12.045+00:00"},
    {"2024:01:31 10:11:12", "   ", "      ", "2024-01-31T10:11:12.000"},
    {"2024:01:31 10:11:12", "x", "+9999", "2024-01-31T10:11:12.000"},
    {"2024:01:31 10:11:12", "25", "nowhere", "2024-01-31T10:11:12.250"},
    {"2024-01-31 10:11:12", NULL, NULL, "2024-01-31T10:11:12.000"},
    {"2024/01/31 10.11.12 ", NULL, NULL, "2024-01-31T10:11:12.000"},
    {"2024:01:31 10:11:12.250+02:00", "9", "+01:00", "2024-01-31T10:11:12.250+02:00"},
    {"2026:06:02 01:00:00", NULL, NULL, "2026-06-02T01:00:00.000"}, /* now, in Kiribati */
    {"2026:06:02 03:00:00", NULL, NULL, ""},                        /* nowhere yet */
    {"2026:06:01 13:00:00", NULL, "+00:00", ""},
    {"0000:00:00 00:00:00", NULL, NULL, ""},
    {"    :  :     :  :  ", NULL, NULL, ""},
    {"2024:02:30 10:11:12", NULL, NULL, ""},
    {"2024:01:31 24:11:12", NULL, NULL, ""},
    {"2024:01:31 10:11", NULL, NULL, ""},
    {"1800:01:31 10:11:12", NULL, NULL, ""},
    {"", NULL, NULL, ""},
    {"yesterday", NULL, NULL, ""},
};

START_TEST(a_time_is_that_of_the_clock_at_the_place_or_none)
{
    static const struct metadata_entry none = {0};
    struct metadata_entry entries[4] = {{EXIF, 0x9003, ASCII, .text = times[_i].date}};
    unsigned at = 1;
    struct photo photo;

    if (times[_i].subsecond != NULL)
        entries[at++] = (struct metadata_entry){EXIF, 0x9291, ASCII, .text = times[_i].subsecond};
    if (times[_i].offset != NULL)
        entries[at++] = (struct metadata_entry){EXIF, 0x9011, ASCII, .text = times[_i].offset};
    entries[at] = none;
    metadata_read_exif(true, entries, &photo);
    ck_assert_str_eq(metadata_taken(&photo), times[_i].taken);
    ck_assert_int_eq(photo.taken_from,
                     *times[_i].taken != '\0' ? PHOTO_TAKEN_BY_FILE : PHOTO_TAKEN_UNKNOWN);
}
END_TEST

/* Takes the blocks away one after the other. */
START_TEST(times_count_in_the_order_of_exif_xmp_iptc)
{
    static const char *const wanted[] = {"2024-01-01T10:00:00.000",
                                         "2024-01-02T10:00:00.000",
                                         "2024-01-03T10:00:00.000",
                                         "2024-01-04T10:00:00.000+01:00",
                                         "2024-01-05T10:00:00.000",
                                         "2024-01-06T10:00:00.000-05:00",
                                         ""};
    const char *first = _i == 0 ? "2024:01:01 10:00:00" : "2027:01:01 10:00:00"; /* not yet */
    const struct metadata_entry both[] = {{EXIF, 0x9003, ASCII, .text = first},
                                          {EXIF, 0x9004, ASCII, .text = "2024:01:02 10:00:00"},
                                          {FIRST, 0x0132, ASCII, .text = "2024:01:09 10:00:00"},
                                          {0}};
    struct buf exif = BUF_INIT, xmp = BUF_INIT, iptc = BUF_INIT, file = BUF_INIT;
    char attributes[300] = "";
    struct photo photo;

    metadata_exif(true, _i < 2 ? both : both + 2, &exif);
    (void)snprintf(attributes, sizeof attributes, "%s %s %s",
                   _i < 3 ? "exif:DateTimeOriginal='2024-01-03T10:00'" : "",
                   _i < 4 ? "photoshop:DateCreated='2024-01-04T10:00:00+01:00'" : "",
                   _i < 5 ? "xmp:CreateDate='2024-01-05T10:00:00'" : "");
    metadata_xmp(&xmp, attributes, "");
    if (_i < 6) {
        metadata_iptc(&iptc, 55, "20240106");
        metadata_iptc(&iptc, 60, "100000-0500");
    }
    metadata_file(IMAGE_JPEG, &(struct metadata_blocks){&exif, &xmp, &iptc, NULL}, &file);
    metadata_read(IMAGE_JPEG, &file, &photo);
    ck_assert_str_eq(metadata_taken(&photo), wanted[_i]);
    buf_free(&exif);
    buf_free(&xmp);
    buf_free(&iptc);
    buf_free(&file);
}
END_TEST

START_TEST(a_date_of_iptc_without_a_time_of_day_is_its_noon)
{
    struct buf iptc = BUF_INIT, file = BUF_INIT;
    struct photo photo;

    metadata_iptc(&iptc, 55, "20240131");
    if (_i == 1)
        metadata_iptc(&iptc, 60, "990000");
    metadata_file(IMAGE_JPEG, &(struct metadata_blocks){.iptc = &iptc}, &file);
    metadata_read(IMAGE_JPEG, &file, &photo);
    ck_assert_str_eq(metadata_taken(&photo), "2024-01-31T12:00:00.000");
    buf_free(&iptc);
    buf_free(&file);
}
END_TEST

static const struct {
    const char *text, *taken;
} creations[] = {
    {"Wed, 31 Jan 2024 10:11:12 +0100", "2024-01-31T10:11:12.000+01:00"},
    {"31 Jan 2024 10:11:12 GMT", "2024-01-31T10:11:12.000"},
    {"2024-01-31T10:11:12-05:00", "2024-01-31T10:11:12.000-05:00"},
    {"2024:01:31 10:11:12", "2024-01-31T10:11:12.000"},
    {"31 nJa 2024 10:11:12 +0100", ""},
    {"31 Jan 2024", ""},
    {"", ""},
};

START_TEST(a_png_may_say_when_it_was_created)
{
    const char *text = creations[_i].text;
    struct buf file = BUF_INIT;
    struct photo photo;

    PUT(&file, "\x89PNG\r\n\x1a\n");
    forged_big(&file, 4, 14 + strlen(text));
    PUT(&file, "tEXtCreation Time\0");
    buf_puts(&file, text);
    PUT(&file, "\0\0\0\0");
    metadata_read(IMAGE_PNG, &file, &photo);
    ck_assert_str_eq(metadata_taken(&photo), creations[_i].taken);
    buf_free(&file);
}
END_TEST

/* ---- what belongs to others ---- */

START_TEST(exif_behind_the_first_scan_belongs_to_another_picture)
{
    struct buf exif = BUF_INIT, file = BUF_INIT;
    struct photo photo;

    metadata_exif(true, whole, &exif);
    metadata_file(IMAGE_JPEG, &(struct metadata_blocks){0}, &file); /* ends within a scan */
    metadata_file(IMAGE_JPEG, &(struct metadata_blocks){.exif = &exif}, &file);
    metadata_read(IMAGE_JPEG, &file, &photo);
    ck_assert_str_eq(photo.camera, "");
    buf_free(&exif);
    buf_free(&file);
}
END_TEST

/* The file made by metadata_file() has such XMP, with a rating of 1. */
START_TEST(an_item_that_describes_another_picture_of_a_heic_is_not_read)
{
    struct buf file = BUF_INIT;
    struct photo photo;

    metadata_file(IMAGE_HEIC, &(struct metadata_blocks){0}, &file);
    metadata_read(IMAGE_HEIC, &file, &photo);
    ck_assert_uint_eq(photo.rating, 0);
    buf_free(&file);
}
END_TEST

START_TEST(a_file_without_metadata_says_nothing)
{
    const struct buf none = BUF_INIT;
    struct photo photo, nothing;

    memset(&nothing, 0, sizeof nothing);
    nothing.taken = PHOTO_TIME_NONE;
    metadata_read((enum image_type)_i, &none, &photo);
    ck_assert_mem_eq(&photo, &nothing, sizeof photo);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_metadata");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, all_that_exif_says_is_read, 0, 2);
    tcase_add_loop_test(all, every_type_has_the_same_metadata, 0, IMAGE_TYPE_COUNT);
    tcase_add_loop_test(all, a_tiff_has_xmp_and_iptc_in_fields, 0, 2);
    tcase_add_test(all, a_big_tiff_is_read);
    tcase_add_test(all, a_tiff_may_have_its_directory_behind_a_megabyte_of_pixels);
    tcase_add_test(all, logarithms_stand_for_aperture_and_time_that_are_absent);
    tcase_add_test(all, an_iso_beyond_its_field_is_read_from_the_larger_one);
    tcase_add_test(all, fractions_with_zeros_and_values_that_cannot_be_are_none);
    tcase_add_loop_test(all, a_place_is_read_if_it_is_one_on_the_globe, 0,
                        sizeof places / sizeof places[0]);
    tcase_add_loop_test(all, a_time_is_that_of_the_clock_at_the_place_or_none, 0,
                        sizeof times / sizeof times[0]);
    tcase_add_loop_test(all, times_count_in_the_order_of_exif_xmp_iptc, 0, 7);
    tcase_add_loop_test(all, a_date_of_iptc_without_a_time_of_day_is_its_noon, 0, 2);
    tcase_add_loop_test(all, a_png_may_say_when_it_was_created, 0,
                        sizeof creations / sizeof creations[0]);
    tcase_add_test(all, exif_behind_the_first_scan_belongs_to_another_picture);
    tcase_add_test(all, an_item_that_describes_another_picture_of_a_heic_is_not_read);
    tcase_add_loop_test(all, a_file_without_metadata_says_nothing, 0, IMAGE_TYPE_COUNT);
    suite_add_tcase(suite, all);
    return suite;
}
