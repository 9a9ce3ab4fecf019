/* What a stored image's file was found to say, and what the gallery then says of the image. */
#include <stdio.h>
#include <string.h>

#include "../support/support.h"
#include "gallery/internal.h"

static struct config config;
static struct record record;
static struct photo found;

static void start(void)
{
    support_config(support_folder(), &config);
    record = support_record(1);
    record.photo = PHOTO_INIT;
    found = support_photo();
    (void)strcpy(found.title, "A title");
    (void)strcpy(found.keywords, "sea\nsun");
}

START_TEST(what_the_file_says_is_taken_once)
{
    struct photo wanted = support_photo();

    record.tags[0] = '\0';
    ck_assert(gallery_renew_metadata(&config, &record, &found));
    support_photos_equal(&record.photo, &wanted);
    ck_assert_str_eq(record.tags, "sea\nsun");
    ck_assert(!gallery_renew_metadata(&config, &record, &found));
}
END_TEST

START_TEST(what_the_file_does_not_say_is_unknown_then)
{
    const struct photo nothing = PHOTO_INIT;

    record.photo = support_photo();
    ck_assert(gallery_renew_metadata(&config, &record, &nothing));
    support_photos_equal(&record.photo, &nothing);
}
END_TEST

START_TEST(what_a_person_has_set_stays)
{
    struct record before;

    record.set_by_person = RECORD_SET_ALL;
    record.tags[0] = '\0';
    record.photo.taken_from = PHOTO_TAKEN_BY_PERSON;
    (void)strcpy(record.photo.description, "Mine");
    before = record;
    ck_assert(gallery_renew_metadata(&config, &record, &found)); /* the camera, for one */
    ck_assert_str_eq(record.name, before.name);
    ck_assert_str_eq(record.tags, "");
    ck_assert_str_eq(record.photo.description, "Mine");
    ck_assert_int_eq(record.photo.taken_from, PHOTO_TAKEN_BY_PERSON);
    ck_assert_int_eq(record.photo.taken.local, PHOTO_TIME_UNKNOWN);
    ck_assert(!record.photo.has_place);
    ck_assert_str_eq(record.photo.camera, found.camera);
}
END_TEST

START_TEST(names_and_tags_stay_even_if_nobody_knows_who_gave_them)
{
    (void)strcpy(record.name, "Mine.jpg");
    (void)strcpy(record.tags, "mine");
    ck_assert(gallery_renew_metadata(&config, &record, &found));
    ck_assert_str_eq(record.name, "Mine.jpg");
    ck_assert_str_eq(record.tags, "mine");
}
END_TEST

START_TEST(an_original_that_is_called_by_its_id_gets_its_title)
{
    (void)snprintf(record.name, sizeof record.name, "%s.jpg", record.id);
    config.metadata = METADATA_HIDE_ALL; /* everybody is told a name */
    (void)gallery_renew_metadata(&config, &record, &found);
    ck_assert_int_eq(strncmp(record.name, record.id, ID_LENGTH), 0);
    config.metadata = METADATA_HIDE_PLACE;
    ck_assert(gallery_renew_metadata(&config, &record, &found));
    ck_assert_str_eq(record.name, "A title");
}
END_TEST

START_TEST(under_hide_all_keywords_do_not_become_tags)
{
    record.tags[0] = '\0';
    config.metadata = METADATA_HIDE_ALL;
    ck_assert(gallery_renew_metadata(&config, &record, &found));
    ck_assert_str_eq(record.tags, "");
}
END_TEST

START_TEST(a_guess_from_the_files_name_stays_until_there_is_something_better)
{
    struct photo nothing = PHOTO_INIT;

    (void)strcpy(record.name, "IMG_20240131_101112.jpg");
    ck_assert(gallery_renew_metadata(&config, &record, &nothing));
    ck_assert_int_eq(record.photo.taken_from, PHOTO_TAKEN_GUESSED);
    (void)strcpy(record.name, "Renamed");
    ck_assert(!gallery_renew_metadata(&config, &record, &nothing));
    ck_assert_int_eq(record.photo.taken.local, INT64_C(1706695872000));
    (void)strcpy(record.name, "IMG_20240131_101113.jpg");
    ck_assert(gallery_renew_metadata(&config, &record, &nothing));
    ck_assert_int_eq(record.photo.taken.local, INT64_C(1706695873000));
    ck_assert(gallery_renew_metadata(&config, &record, &found));
    ck_assert_int_eq(record.photo.taken_from, PHOTO_TAKEN_BY_FILE);
}
END_TEST

/* ---- what was beside the file ---- */

static struct photo xmp, takeout;
static const struct gallery_beside beside = {.xmp = &xmp, .takeout = &takeout, .album = "Rome"};

/* The file says all; XMP and Takeout say other things. */
static void start_beside(void)
{
    start();
    record.tags[0] = '\0';
    xmp = PHOTO_INIT;
    takeout = PHOTO_INIT;
    takeout.taken = (struct photo_time){INT64_C(1000), 0};
    takeout.taken_from = PHOTO_TAKEN_BY_FILE;
    takeout.has_place = true;
    takeout.latitude = takeout.longitude = 1;
    (void)strcpy(takeout.description, "Of Takeout");
}

START_TEST(takeouts_description_counts_more_than_the_files_and_its_time_and_place_less)
{
    struct photo photo = found;

    gallery_set_beside(&config, &beside, &record, "x.jpg", &photo);
    ck_assert_str_eq(record.photo.description, "Of Takeout");
    ck_assert_int_eq(record.photo.taken.local, found.taken.local);
    ck_assert_double_eq(record.photo.latitude, found.latitude);
    ck_assert_uint_eq(record.set_by_person, RECORD_BESIDE_DESCRIPTION);
    ck_assert_str_eq(record.tags, "sea\nsun\nRome");
    ck_assert_str_eq(record.name, "A title");
}
END_TEST

START_TEST(takeouts_time_and_place_count_if_the_file_has_none)
{
    struct photo photo = PHOTO_INIT;

    gallery_set_beside(&config, &beside, &record, "IMG_20240131_101112.jpg", &photo);
    ck_assert_int_eq(record.photo.taken.local, 1000);
    ck_assert_int_eq(record.photo.taken.offset, 0);
    ck_assert_int_eq(record.photo.taken_from, PHOTO_TAKEN_BY_FILE);
    ck_assert_double_eq(record.photo.latitude, 1);
    ck_assert_uint_eq(record.set_by_person,
                      RECORD_BESIDE_DESCRIPTION | RECORD_BESIDE_TAKEN | RECORD_BESIDE_PLACE);
}
END_TEST

START_TEST(xmp_counts_more_than_the_file_and_takeout_except_for_the_camera)
{
    struct photo photo = found;

    xmp = support_photo();
    xmp.taken.local = 2000;
    xmp.latitude = 2;
    xmp.rating = 2;
    (void)strcpy(xmp.camera, "Another");
    (void)strcpy(xmp.description, "Of XMP");
    (void)strcpy(xmp.keywords, "word");
    gallery_set_beside(&config, &beside, &record, "x.jpg", &photo);
    ck_assert_int_eq(record.photo.taken.local, 2000);
    ck_assert_double_eq(record.photo.latitude, 2);
    ck_assert_uint_eq(record.photo.rating, 2);
    ck_assert_str_eq(record.photo.description, "Of XMP");
    ck_assert_str_eq(record.photo.camera, found.camera);
    ck_assert_str_eq(record.tags, "word\nRome");
    ck_assert_uint_eq(record.set_by_person, RECORD_BESIDE_ALL & ~(unsigned)RECORD_BESIDE_CAMERA);
}
END_TEST

START_TEST(what_was_beside_the_file_stays_when_the_file_is_read_again)
{
    struct photo photo = PHOTO_INIT;
    struct record before;

    gallery_set_beside(&config, &beside, &record, "x.jpg", &photo);
    before = record;
    ck_assert(gallery_renew_metadata(&config, &record, &found));
    ck_assert_str_eq(record.photo.camera, found.camera);
    ck_assert_str_eq(record.photo.description, before.photo.description);
    ck_assert_int_eq(record.photo.taken.local, before.photo.taken.local);
    ck_assert_double_eq(record.photo.latitude, before.photo.latitude);
    ck_assert_str_eq(record.tags, "Rome");
}
END_TEST

START_TEST(the_camera_of_xmp_stays_until_the_file_says_one)
{
    struct photo photo = PHOTO_INIT;
    const struct photo nothing = PHOTO_INIT;

    (void)strcpy(xmp.camera, "Of XMP");
    gallery_set_beside(&config, &beside, &record, "x.jpg", &photo);
    ck_assert_uint_ne(record.set_by_person & RECORD_BESIDE_CAMERA, 0);
    ck_assert(!gallery_renew_metadata(&config, &record, &nothing));
    ck_assert_str_eq(record.photo.camera, "Of XMP");
    ck_assert_str_eq(record.photo.lens, "");
    ck_assert(gallery_renew_metadata(&config, &record, &found));
    ck_assert_str_eq(record.photo.camera, found.camera);
    ck_assert_str_eq(record.photo.lens, found.lens);
}
END_TEST

START_TEST(an_album_is_one_of_the_tags_that_there_may_be)
{
    struct photo photo = PHOTO_INIT;

    config.metadata = METADATA_HIDE_ALL; /* everybody is told the tags */
    gallery_set_beside(&config, &beside, &record, "x.jpg", &photo);
    ck_assert_str_eq(record.tags, "");
    config.metadata = METADATA_SHOW;
    for (char letter = 'a'; letter < 'a' + TAG_MAX_COUNT; letter++) {
        const char one[] = {letter, '\0'};

        if (record.tags[0] != '\0')
            (void)strcat(record.tags, "\n");
        (void)strcat(record.tags, one);
    }
    gallery_set_beside(&config, &beside, &record, "x.jpg", &photo);
    ck_assert_ptr_null(strstr(record.tags, "Rome"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("metadata");
    TCase *all = tcase_create("all"), *besides = tcase_create("beside");

    tcase_add_checked_fixture(all, start, NULL);
    tcase_add_test(all, what_the_file_says_is_taken_once);
    tcase_add_test(all, what_the_file_does_not_say_is_unknown_then);
    tcase_add_test(all, what_a_person_has_set_stays);
    tcase_add_test(all, names_and_tags_stay_even_if_nobody_knows_who_gave_them);
    tcase_add_test(all, an_original_that_is_called_by_its_id_gets_its_title);
    tcase_add_test(all, under_hide_all_keywords_do_not_become_tags);
    tcase_add_test(all, a_guess_from_the_files_name_stays_until_there_is_something_better);
    suite_add_tcase(suite, all);
    tcase_add_checked_fixture(besides, start_beside, NULL);
    tcase_add_test(besides,
                   takeouts_description_counts_more_than_the_files_and_its_time_and_place_less);
    tcase_add_test(besides, takeouts_time_and_place_count_if_the_file_has_none);
    tcase_add_test(besides, xmp_counts_more_than_the_file_and_takeout_except_for_the_camera);
    tcase_add_test(besides, what_was_beside_the_file_stays_when_the_file_is_read_again);
    tcase_add_test(besides, the_camera_of_xmp_stays_until_the_file_says_one);
    tcase_add_test(besides, an_album_is_one_of_the_tags_that_there_may_be);
    suite_add_tcase(suite, besides);
    return suite;
}
