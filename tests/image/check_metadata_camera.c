#include "image/metadata_camera.h"

#include <stdio.h>
#include <string.h>

#include "../support/metadata.h"

static const struct {
    const char *make, *model, *name;
} cameras[] = {
    {"NIKON CORPORATION", "NIKON D90", "NIKON D90"},
    {"Canon", "Canon EOS 5D", "Canon EOS 5D"},
    {"OLYMPUS OPTICAL CO.,LTD", "C2000Z", "OLYMPUS C2000Z"},
    {"OLYMPUS IMAGING CORP.  ", "u1020", "OLYMPUS u1020"},
    {"EASTMAN KODAK COMPANY", "KODAK DX4530", "KODAK DX4530"},
    {"Eastman Kodak Company", "DC210", "Eastman Kodak DC210"},
    {"KONICA MINOLTA", "DYNAX 5D", "KONICA MINOLTA DYNAX 5D"},
    {"PENTAX Corporation", "PENTAX K10D", "PENTAX K10D"},
    {"Panasonic", "DMC-FZ30", "Panasonic DMC-FZ30"},
    {"LG Electronics", "LG-H815", "LG-H815"},
    {"samsung", "SM-G991B", "samsung SM-G991B"},
    {"Apple", "iPhone 6", "Apple iPhone 6"},
    {"Leica Camera AG", "LEICA Q2", "LEICA Q2"},
    {"HUAWEI", "HUAWEIX", "HUAWEI HUAWEIX"}, /* not the same word */
    {"Canon", "", "Canon"},
    {"", "X100", "X100"},
    {"", "", ""},
};

START_TEST(a_camera_is_named_without_repetition)
{
    const struct metadata_entry entries[] = {{FIRST, 0x010f, ASCII, .text = cameras[_i].make},
                                             {FIRST, 0x0110, ASCII, .text = cameras[_i].model},
                                             {0}};
    struct photo photo;

    metadata_read_exif(_i % 2 == 0, entries, &photo);
    ck_assert_str_eq(photo.camera, cameras[_i].name);
}
END_TEST

START_TEST(names_of_any_length_fit)
{
    char make[PHOTO_MODEL_SIZE], model[PHOTO_MODEL_SIZE], name[PHOTO_MODEL_SIZE];

    memset(make, 'a', sizeof make);
    memset(model, 'b', sizeof model);
    make[sizeof make - 1] = model[sizeof model - 1] = '\0';
    metadata_camera_name(make, model, name);
    ck_assert_uint_eq(strlen(name), sizeof name - 1);
    for (size_t i = 1; i + 1 < sizeof make; i += 2)
        make[i] = ' ';
    metadata_camera_name(make, model, name);
    ck_assert_uint_eq(strlen(name), sizeof name - 1);
}
END_TEST

static const struct {
    const char *text;
    bool is_default;
} descriptions[] = {
    {"OLYMPUS DIGITAL CAMERA         ", true},
    {"SAMSUNG", true},
    {"<Digimax i50 MP3, Samsung #1 MP3>", true},
    {"SONY DSC", true},
    {"Exif_JPEG_PICTURE", true},
    {"hdr", true},
    {"hdr of the harbour", false},
    {"My first digital camera, broken", false},
    {"Samsung's office", false},
};

START_TEST(a_description_is_what_a_person_wrote)
{
    const struct metadata_entry entries[] = {{FIRST, 0x010e, ASCII, .text = descriptions[_i].text},
                                             {0}};
    struct photo photo;

    metadata_read_exif(true, entries, &photo);
    ck_assert_str_eq(photo.description, descriptions[_i].is_default ? "" : descriptions[_i].text);
}
END_TEST

static const char *const lenses[] = {"----", "0.0 mm f/0.0", "0-0mm F0.0", "Unknown", "None", "--"};

START_TEST(a_lens_that_says_nothing_is_none)
{
    const struct metadata_entry entries[] = {{EXIF, 0xa434, ASCII, .text = lenses[_i]}, {0}};
    struct photo photo;

    metadata_read_exif(true, entries, &photo);
    ck_assert_str_eq(photo.lens, "");
}
END_TEST

START_TEST(the_camera_in_xmp_counts_if_exif_has_none)
{
    struct buf exif = BUF_INIT, xmp = BUF_INIT, file = BUF_INIT;
    const struct metadata_entry entries[] = {{FIRST, 0x010f, ASCII, .text = "Canon"},
                                             {FIRST, 0x0110, ASCII, .text = "EOS R5"},
                                             {EXIF, 0xa434, ASCII, .text = "----"},
                                             {0}};
    struct photo photo;

    metadata_exif(true, _i == 0 ? entries : entries + 2, &exif);
    metadata_xmp(&xmp, "tiff:Make='Nikon' tiff:Model='Z 9' aux:Lens='50 mm'",
                 "<exif:GPSLatitude>51,30.5N</exif:GPSLatitude>"
                 "<exif:GPSLongitude>0,7,30W</exif:GPSLongitude>");
    metadata_file(IMAGE_JPEG, &(struct metadata_blocks){&exif, &xmp, NULL, NULL}, &file);
    metadata_read(IMAGE_JPEG, &file, &photo);
    ck_assert_str_eq(photo.camera, _i == 0 ? "Canon EOS R5" : "Nikon Z 9");
    ck_assert_str_eq(photo.lens, "50 mm");
    ck_assert(photo.has_place);
    ck_assert_double_eq_tol(photo.latitude, 51 + 30.5 / 60, 1e-9);
    ck_assert_double_eq_tol(photo.longitude, -0.125, 1e-9);
    buf_free(&exif);
    buf_free(&xmp);
    buf_free(&file);
}
END_TEST

static const char *const coordinates[] = {"51,30.5",   "51,30.5X", "N",      "51,60N",
                                          "51,1,1,1N", "-51,30N",  "nan,1N", "infN",
                                          "51;30N",    "",         "91N",    "51,30.5NN"};

START_TEST(a_coordinate_of_xmp_that_is_none_is_not_read)
{
    char attributes[100];
    struct photo photo;

    (void)snprintf(attributes, sizeof attributes, "exif:GPSLatitude='%s' exif:GPSLongitude='7,30E'",
                   coordinates[_i]);
    metadata_read_xmp(attributes, "", &photo);
    ck_assert(!photo.has_place);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_metadata_camera");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, a_camera_is_named_without_repetition, 0,
                        sizeof cameras / sizeof cameras[0]);
    tcase_add_test(all, names_of_any_length_fit);
    tcase_add_loop_test(all, a_description_is_what_a_person_wrote, 0,
                        sizeof descriptions / sizeof descriptions[0]);
    tcase_add_loop_test(all, a_lens_that_says_nothing_is_none, 0, sizeof lenses / sizeof lenses[0]);
    tcase_add_loop_test(all, the_camera_in_xmp_counts_if_exif_has_none, 0, 2);
    tcase_add_loop_test(all, a_coordinate_of_xmp_that_is_none_is_not_read, 0,
                        sizeof coordinates / sizeof coordinates[0]);
    suite_add_tcase(suite, all);
    return suite;
}
