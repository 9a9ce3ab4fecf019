#include "command/import_beside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/support.h"

#define LONG "Screenshot_20220207_102421_com.snapchat.android" /* 47 bytes */

/* Each name of a picture, with one of a file that is its own, and one that is of another. */
static const struct {
    const char *picture, *own, *other;
} names[] = {
    {"IMG_1.jpg", "IMG_1.jpg.xmp", "IMG_10.jpg.xmp"},
    {"IMG_1.jpg", "IMG_1.xmp", "IMG_.xmp"},
    {"IMG_1.jpg", "IMG_1.XMP", "IMG_1.jp.xmp"},
    {"IMG_1.jpg", "IMG_1.jpg.json", "IMG_1.png.json"},
    {"IMG_1.jpg", "IMG_1.json", "IMG.json"},
    {"IMG_1.jpg", "IMG_1.jpg.supplemental-metadata.json",
     "IMG_1.jpg.supplemental-metadata(1).json"},
    {"IMG_1.jpg", "IMG_1.jpg.supplemental-me.json", "IMG_1.jpg.supplemental-mx.json"},
    {"IMG_1.jpg", "IMG_1.jpg.s.json", "IMG_1.jpg.ss.json"},
    {"IMG_1.jpg", "IMG_1.jpg..json", "IMG_1.jpg.supplemental-metadata-.json"},
    {"IMG(1).jpg", "IMG.jpg(1).json", "IMG.jpg.json"},
    {"IMG(1).jpg", "IMG.jpg.supplemental-metadata(1).json",
     "IMG.jpg.supplemental-metadata(2).json"},
    {"IMG(1).jpg", "IMG(1).jpg.json", "IMG(2).jpg.json"},
    {"IMG.jpg", "IMG.jpg.json", "IMG.jpg(1).json"},
    {"IMG().jpg", "IMG().jpg.json", "IMG.jpg().json"},
    {"IMG-edited.jpg", "IMG.jpg.json", "IMG.png.json"},
    {"IMG-edited(1).jpg", "IMG.jpg(1).json", "IMG.jpg.json"},
    {"IMG(1)-edited.jpg", "IMG.jpg(1).json", "IMG.jpg.json"},
    {"IMG-bearbeitet.jpg", "IMG.jpg.supplemental-metadata.json", "IMG-bearbeite.jpg.json"},
    {LONG ".jpg", "Screenshot_20220207_102421_com.snapchat.androi.json",
     "Screenshot_20220207_102421_com.snapchat.andr0.json"},
    {LONG ".jpg", "Screenshot_20220207_102421_com.snapchat.android.jpg.json",
     "Screenshot_2022.json"},
    {LONG "(1).jpg", "Screenshot_20220207_102421_com.snapchat.androi(1).json",
     "Screenshot_20220207_102421_com.snapchat.androi(2).json"},
    {"Urlaub in Knaufspesch in der Schneifel (38).JPG",
     "Urlaub in Knaufspesch in der Schneifel (38).JP.json",
     "Urlaub in Knaufspesch in der Schneifel (39).JP.json"},
    {"no extension", "no extension.json", "no.json"},
};

#define NAMES (sizeof names / sizeof names[0])

START_TEST(a_file_fits_its_picture_and_no_other)
{
    ck_assert_uint_gt(import_beside_fit(names[_i].picture, names[_i].own), 0);
    ck_assert_uint_eq(import_beside_fit(names[_i].picture, names[_i].other), 0);
}
END_TEST

START_TEST(the_file_that_fits_better_counts)
{
    ck_assert_uint_gt(import_beside_fit("IMG-edited.jpg", "IMG-edited.jpg.json"),
                      import_beside_fit("IMG-edited.jpg", "IMG.jpg.json"));
    ck_assert_uint_gt(
        import_beside_fit(LONG "(1).jpg", "Screenshot_20220207_102421_com.snapchat.androi(1).json"),
        import_beside_fit(LONG "(1).jpg", "Screenshot_20220207_102421_com.snapchat.androi.json"));
    ck_assert_uint_gt(import_beside_fit("IMG.jpg", "IMG.jpg.xmp"),
                      import_beside_fit("IMG.jpg", "IMG.xmp"));
}
END_TEST

START_TEST(a_title_is_the_name_of_a_file_that_was_cut_or_numbered)
{
    ck_assert(import_beside_is_title("long na.jpg", "long name.jpg"));
    ck_assert(import_beside_is_title("IMG(1).jpg", "IMG.jpg"));
    ck_assert(!import_beside_is_title("IMG-edited.jpg", "IMG.jpg"));
    ck_assert(!import_beside_is_title("IMG.jpg", "other.jpg"));
    ck_assert(!import_beside_is_title("IMG.jpg", ""));
}
END_TEST

START_TEST(a_name_that_was_cut_is_of_the_picture_that_its_title_names)
{
    static const char cut[] = "Screenshot_20220207_102421_com.snapchat.androi.json";
    static const char with[] = "Screenshot 20220207\xc2\xa7"
                               "102421_com.snapchat.android.app.jpg";

    ck_assert(!import_beside_is_of_another(LONG ".jpg", cut, LONG ".app.jpg"));
    ck_assert(!import_beside_is_of_another(LONG ".jpg", cut, with));
    ck_assert(!import_beside_is_of_another(LONG ".jpg", cut, ""));
    ck_assert(!import_beside_is_of_another(LONG "(1).jpg", cut, LONG ".jpg"));
    ck_assert(!import_beside_is_of_another(LONG "(1)-edited.jpg", cut, LONG ".jpg"));
    ck_assert(!import_beside_is_of_another(LONG "-edited(1).jpg", cut, LONG ".jpg"));
    ck_assert(import_beside_is_of_another(LONG "_a.jpg", cut, LONG ".jpg"));
    ck_assert(import_beside_is_of_another(LONG ".jpg", cut,
                                          "Screenshot_20220207_102421_com.snapchat.androi"));
    ck_assert(import_beside_is_of_another(LONG "(1).jpg", cut,
                                          "Screenshot_20220207_102421_com.snapchat.androit.jpg"));
    /* A whole name is the picture's, whatever it was called once. */
    ck_assert(!import_beside_is_of_another(LONG ".jpg", LONG ".jpg.json", "other.jpg"));
    ck_assert(!import_beside_is_of_another("IMG.jpg", "IMG.json", "other.jpg"));
}
END_TEST

/* ---- the list ---- */

static struct import_list list;
static struct import_beside beside;

static void make(const char *const *paths, size_t count)
{
    list = IMPORT_LIST_INIT;
    list.paths = calloc(count + 1, sizeof *list.paths);
    ck_assert_ptr_nonnull(list.paths);
    for (list.count = 0; list.count < count; list.count++) {
        list.paths[list.count] = strdup(paths[list.count]);
        ck_assert_ptr_nonnull(list.paths[list.count]);
    }
    ck_assert_int_eq(import_beside_take(&list, &beside), VT_OK);
}

static void stop(void)
{
    import_list_free(&list);
    import_beside_free(&beside);
}

static void found(const char *picture, const char *xmp, const char *json)
{
    struct import_beside_files files;

    import_beside_find(&beside, picture, &files);
    ck_assert_str_eq(files.xmp != NULL ? files.xmp : "", xmp);
    ck_assert_str_eq(files.json != NULL ? files.json : "", json);
}

START_TEST(files_are_found_in_the_folder_of_their_picture)
{
    static const char *const paths[] = {"a/IMG.jpg",         "a/IMG.jpg.json",   "a/IMG.xmp",
                                        "a/IMG.jpg.xmp",     "b/IMG.jpg",        "b/IMG.JSON",
                                        "IMG.jpg",           "a/b/IMG.jpg.json", "a/IMG(1).jpg",
                                        "a/IMG.jpg(1).json", "a/IMG-edited.jpg", "a/metadata.json"};

    make(paths, sizeof paths / sizeof paths[0]);
    ck_assert_uint_eq(list.count, 5);
    ck_assert_uint_eq(beside.count, 7);
    found("a/IMG.jpg", "a/IMG.jpg.xmp", "a/IMG.jpg.json");
    found("a/IMG(1).jpg", "", "a/IMG.jpg(1).json");
    found("a/IMG-edited.jpg", "", "a/IMG.jpg.json");
    found("b/IMG.jpg", "", "b/IMG.JSON");
    found("IMG.jpg", "", "");
}
END_TEST

START_TEST(many_files_that_begin_like_a_picture_are_not_all_looked_at)
{
    enum { COUNT = 3000 };
    static char texts[COUNT][64];
    static const char *paths[COUNT];

    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "IMG.%06d.json", i);
        paths[i] = texts[i];
    }
    (void)snprintf(texts[COUNT - 1], sizeof texts[0], "IMG.jpg.json");
    make(paths, COUNT);
    found("IMG.jpg", "", "");
}
END_TEST

START_TEST(the_file_of_an_album_is_found_in_any_language)
{
    static const char *const paths[] = {
        "a/x.jpg",      "a/metadata.json",     "a/z.json", "b/x.jpg", "b/Metadaten.json",
        "b/x.jpg.json", "b/sub/metadata.json", "c/x.jpg"};
    const char *albums[4];

    make(paths, sizeof paths / sizeof paths[0]);
    ck_assert_uint_eq(import_beside_albums(&beside, "a/x.jpg", albums, 4), 1);
    ck_assert_str_eq(albums[0], "a/metadata.json");
    ck_assert_uint_eq(import_beside_albums(&beside, "b/x.jpg", albums, 4), 1);
    ck_assert_str_eq(albums[0], "b/Metadaten.json");
    ck_assert_uint_eq(import_beside_albums(&beside, "c/x.jpg", albums, 4), 0);
    ck_assert_uint_eq(import_beside_albums(&beside, "x.jpg", albums, 4), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("import_beside");
    TCase *fits = tcase_create("names"), *all = tcase_create("list");

    tcase_add_loop_test(fits, a_file_fits_its_picture_and_no_other, 0, NAMES);
    tcase_add_test(fits, the_file_that_fits_better_counts);
    tcase_add_test(fits, a_title_is_the_name_of_a_file_that_was_cut_or_numbered);
    tcase_add_test(fits, a_name_that_was_cut_is_of_the_picture_that_its_title_names);
    suite_add_tcase(suite, fits);
    tcase_add_checked_fixture(all, NULL, stop);
    tcase_add_test(all, files_are_found_in_the_folder_of_their_picture);
    tcase_add_test(all, many_files_that_begin_like_a_picture_are_not_all_looked_at);
    tcase_add_test(all, the_file_of_an_album_is_found_in_any_language);
    suite_add_tcase(suite, all);
    return suite;
}
