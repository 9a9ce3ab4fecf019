#include "command/takeout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/metadata.h"
#include "../support/support.h"

static struct takeout takeout;

static bool parse(const char *text)
{
    return takeout_read(text, strlen(text), METADATA_NOW, &takeout);
}

#define TIME(text) "\"photoTakenTime\":{\"timestamp\":\"" text "\",\"formatted\":\"\"}"

START_TEST(a_picture_has_title_time_place_and_description)
{
    ck_assert(parse(
        "{\"title\":\"IMG_1.jpg\",\"description\":\"Two\\nboats.\",\"imageViews\":\"3\","
        "\"creationTime\":{\"timestamp\":\"1760000000\"}," TIME(
            "1706695872") ",\"geoData\":{\"latitude\":43.5,\"longitude\":-11.25,\"altitude\":250.5,"
                          "\"latitudeSpan\":0.0},\"people\":[{\"name\":\"Anna\"}]}"));
    ck_assert_str_eq(takeout.title, "IMG_1.jpg");
    ck_assert_str_eq(takeout.photo.description, "Two boats.");
    ck_assert_str_eq(metadata_taken(&takeout.photo), "2024-01-31T10:11:12.000+00:00");
    ck_assert(takeout.photo.has_place && takeout.photo.has_altitude);
    ck_assert_double_eq(takeout.photo.latitude, 43.5);
    ck_assert_double_eq(takeout.photo.longitude, -11.25);
    ck_assert_double_eq(takeout.photo.altitude, 250.5);
    ck_assert(photo_is_sound(&takeout.photo));
}
END_TEST

START_TEST(the_cameras_place_counts_if_there_is_no_other)
{
    ck_assert(parse("{" TIME("1") ",\"geoData\":{\"latitude\":0.0,\"longitude\":0.0},"
                                  "\"geoDataExif\":{\"latitude\":1.5,\"longitude\":2}}"));
    ck_assert(takeout.photo.has_place && !takeout.photo.has_altitude);
    ck_assert_double_eq(takeout.photo.latitude, 1.5);
    ck_assert_double_eq(takeout.photo.longitude, 2);
}
END_TEST

/* Of each, nothing is known. */
static const char *const nothing[] = {
    "{" TIME("0") "}",
    "{" TIME("") "}",
    "{" TIME("12x") "}",
    "{" TIME("4102444800") "}", /* 2100 */
    "{" TIME("99999999999999999999") "}",
    "{" TIME("9223372036854775807") "}",
    "{" TIME("-9223372036854775808") "}",
    "{" TIME("-9223372036854775807") "}",
    "{" TIME("9223372036854776") "}",
    "{\"photoTakenTime\":{\"timestamp\":1706695872}}",
    "{\"photoTakenTime\":{},\"geoData\":[1,2],\"description\":7,\"title\":null}",
    "{\"photoTakenTime\":{},\"geoData\":{\"latitude\":91,\"longitude\":1}}",
    "{\"photoTakenTime\":{},\"geoData\":{\"latitude\":\"1\",\"longitude\":\"1\"}}",
    "{\"photoTakenTime\":{},\"geoData\":{\"latitude\":1,\"longitude\":1e300}}",
};

START_TEST(what_cannot_be_true_is_not_known)
{
    const struct photo unknown = PHOTO_INIT;

    ck_assert(parse(nothing[_i]));
    ck_assert(photo_is_same(&takeout.photo, &unknown));
    ck_assert_str_eq(takeout.title, "");
}
END_TEST

static const char *const others[] = {"",
                                     "[]",
                                     "7",
                                     "{",
                                     "{}",
                                     "{\"title\":\"Album\"}",
                                     "{\"photoTakenTime\":\"1706695872\"}",
                                     "{\"photoTakenTime\":{}} more"};

START_TEST(another_file_is_not_one_of_a_picture)
{
    ck_assert(!parse(others[_i]));
}
END_TEST

START_TEST(a_hostile_file_costs_little)
{
    enum { SIZE = TAKEOUT_SIZE_MAX + 1 };
    char *text = malloc(SIZE);

    ck_assert_ptr_nonnull(text);
    memset(text, '[', SIZE);
    ck_assert(!takeout_read(text, SIZE - 1, METADATA_NOW, &takeout));
    ck_assert(!takeout_read(text, SIZE, METADATA_NOW, &takeout));
    free(text);
}
END_TEST

START_TEST(an_album_has_a_title)
{
    static const struct {
        const char *text, *title; /* NULL: it is none */
    } albums[] = {{"{\"title\":\"Rome\",\"description\":\"\"}", "Rome"},
                  {"{\"albumData\":{\"title\":\"Rome\"}}", "Rome"},
                  {"{\"title\":\"\"}", ""},
                  {"{\"title\":\"IMG.jpg\"," TIME("1") "}", NULL},
                  {"{\"title\":7}", NULL},
                  {"[", NULL}};

    for (size_t i = 0; i < sizeof albums / sizeof albums[0]; i++) {
        char title[NAME_SIZE];
        bool is = takeout_read_album(albums[i].text, strlen(albums[i].text), title);

        ck_assert(is == (albums[i].title != NULL));
        ck_assert_str_eq(title, albums[i].title != NULL ? albums[i].title : "");
    }
}
END_TEST

START_TEST(the_folder_of_a_year_is_no_album)
{
    ck_assert(takeout_is_year("Photos from 2024"));
    ck_assert(takeout_is_year("Fotos von 1999"));
    ck_assert(!takeout_is_year("Photos from Rome"));
    ck_assert(!takeout_is_year("Rome 2024"));
    ck_assert(!takeout_is_year("Photos from 20245"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("takeout");
    TCase *all = tcase_create("all");

    tcase_add_test(all, a_picture_has_title_time_place_and_description);
    tcase_add_test(all, the_cameras_place_counts_if_there_is_no_other);
    tcase_add_loop_test(all, what_cannot_be_true_is_not_known, 0,
                        sizeof nothing / sizeof nothing[0]);
    tcase_add_loop_test(all, another_file_is_not_one_of_a_picture, 0,
                        sizeof others / sizeof others[0]);
    tcase_add_test(all, a_hostile_file_costs_little);
    tcase_add_test(all, an_album_has_a_title);
    tcase_add_test(all, the_folder_of_a_year_is_no_album);
    suite_add_tcase(suite, all);
    return suite;
}
