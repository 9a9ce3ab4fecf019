#include "gallery/image_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/app.h"
#include "../support/support.h"

static const char id[] = "0123456789abcdef0123456789abcdef";

static struct record sample(void)
{
    struct record record = support_record(1);

    (void)snprintf(record.id, sizeof record.id, "%s", id);
    (void)snprintf(record.name, sizeof record.name, "say \"hi\" <b>\\ 京.png");
    (void)snprintf(record.tags, sizeof record.tags, "one\ntwo words\nd\"rei");
    record.width = 4294967295;
    record.bytes = UINT64_C(1) << 40;
    return record;
}

/* What is written of an image, read by the library. The caller owns it. */
static json_t *formed(const struct record *record, const struct image_json_form *form)
{
    struct buf buf = BUF_INIT;
    json_t *json;

    image_json(&buf, record, form);
    ck_assert(buf_ok(&buf));
    json = json_loadb(buf.data, buf.len, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(json);
    buf_free(&buf);
    return json;
}

static json_t *viewed(const struct record *record, enum image_json_view view)
{
    return formed(record, &(struct image_json_form){view, METADATA_SHOW, false});
}

static json_t *as_json(const struct record *record)
{
    return viewed(record, IMAGE_JSON_WHOLE);
}

START_TEST(an_image_has_just_these_fields)
{
    static const char *const fields[] = {"id",    "name",    "tags", "type",      "width", "height",
                                         "bytes", "created", "url",  "url_gives", "thumbs"};
    struct record record = sample();
    json_t *json = as_json(&record);
    const json_t *tags = json_object_get(json, "tags");

    ck_assert_uint_eq(json_object_size(json), sizeof fields / sizeof fields[0]);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        ck_assert_ptr_nonnull(json_object_get(json, fields[i]));
    ck_assert_str_eq(support_string(json, "id"), id);
    ck_assert_str_eq(support_string(json, "name"), record.name);
    ck_assert_str_eq(support_string(json, "type"), "image/png");
    ck_assert_int_eq(support_integer(json, "width"), 4294967295);
    ck_assert_int_eq(support_integer(json, "height"), 48);
    ck_assert_int_eq(support_integer(json, "bytes"), INT64_C(1) << 40);
    ck_assert_str_eq(support_string(json, "url"),
                     "/uploads/01/0123456789abcdef0123456789abcdef.png");
    ck_assert_uint_eq(json_array_size(tags), 3);
    ck_assert_str_eq(json_string_value(json_array_get(tags, 0)), "one");
    ck_assert_str_eq(json_string_value(json_array_get(tags, 1)), "two words");
    ck_assert_str_eq(json_string_value(json_array_get(tags, 2)), "d\"rei");
    json_decref(json);
}
END_TEST

/* A setting gives addresses of its own, so that nothing that a cache has answers for another one.
 */
START_TEST(an_address_says_what_is_hidden)
{
    static const struct {
        struct image_json_form form;
        const char *folder, *gives; /* NULL if it is not said */
    } cases[] = {
        {{IMAGE_JSON_WHOLE, METADATA_SHOW, false}, "/uploads", "original"},
        {{IMAGE_JSON_WHOLE, METADATA_SHOW, true}, "/uploads", "original"},
        {{IMAGE_JSON_WHOLE, METADATA_HIDE_PLACE, false}, "/copies/hide-place", "copy"},
        {{IMAGE_JSON_LITTLE, METADATA_HIDE_ALL, false}, "/copies/hide-all", "copy"},
        {{IMAGE_JSON_WITHOUT_PLACE, METADATA_HIDE_PLACE, true}, "/copies/hide-place", "thumbnail"},
        {{IMAGE_JSON_TIME, METADATA_HIDE_PLACE, false}, "/copies/hide-place", NULL},
        {{IMAGE_JSON_TIME, METADATA_SHOW, false}, "/uploads", NULL},
    };
    struct record record = sample();
    json_t *json = formed(&record, &cases[_i].form);
    char url[IMAGE_JSON_URL_SIZE];

    (void)snprintf(url, sizeof url, "%s/01/%s.png", cases[_i].folder, id);
    ck_assert_str_eq(support_string(json, "url"), url);
    if (cases[_i].gives == NULL)
        ck_assert_ptr_null(json_object_get(json, "url_gives"));
    else
        ck_assert_str_eq(support_string(json, "url_gives"), cases[_i].gives);
    json_decref(json);
}
END_TEST

START_TEST(an_image_without_tags_has_an_empty_list)
{
    struct record record = support_record(1);
    json_t *json = as_json(&record);

    ck_assert(json_is_array(json_object_get(json, "tags")));
    ck_assert_uint_eq(json_array_size(json_object_get(json, "tags")), 0);
    json_decref(json);
}
END_TEST

START_TEST(thumbnails_are_named_by_size_and_transparency)
{
    static const char *const sizes[] = {"320", "640", "1280", "2048"};
    struct record record = sample();
    const json_t *thumbs;
    json_t *json;

    record.alpha = _i == 1;
    json = as_json(&record);
    thumbs = json_object_get(json, "thumbs");
    ck_assert_uint_eq(json_object_size(thumbs), 4);
    for (size_t i = 0; i < 4; i++) {
        char url[96];

        (void)snprintf(url, sizeof url, "/thumbs/%s/01/%s.%s", sizes[i], id,
                       record.alpha ? "webp" : "jpg");
        ck_assert_str_eq(support_string(thumbs, sizes[i]), url);
        ck_assert(gallery_has_size(&record, (unsigned)atoi(sizes[i])));
    }
    json_decref(json);
}
END_TEST

START_TEST(heic_and_tiff_have_a_full_size_thumbnail)
{
    struct record record = sample();
    json_t *json;

    record.type = _i == 0 ? IMAGE_HEIC : IMAGE_TIFF;
    json = as_json(&record);
    ck_assert_uint_eq(json_object_size(json_object_get(json, "thumbs")), 5);
    ck_assert_ptr_nonnull(support_string(json_object_get(json, "thumbs"), "8192"));
    json_decref(json);
}
END_TEST

static const char *const names[] = {
    "plain.png",  "\"",
    "\\",         "back\\slash \"quoted\"",
    "tab\there",  "\x01\x1f\x7f",
    "京都 é.png", "\xf0\x9f\x99\x82",
    "</script>",  "~ !#$%&'()*+,-./:;<=>?@[]^_`{|}",
};

START_TEST(every_name_and_tag_comes_back_as_it_was)
{
    struct record record = sample();
    const json_t *tags;
    json_t *json;

    (void)snprintf(record.name, sizeof record.name, "%s", names[_i]);
    (void)snprintf(record.tags, sizeof record.tags, "%s\nlast", names[_i]);
    json = as_json(&record);
    tags = json_object_get(json, "tags");
    ck_assert_str_eq(support_string(json, "name"), names[_i]);
    ck_assert_uint_eq(json_array_size(tags), 2);
    ck_assert_str_eq(json_string_value(json_array_get(tags, 0)), names[_i]);
    ck_assert_str_eq(json_string_value(json_array_get(tags, 1)), "last");
    json_decref(json);
}
END_TEST

START_TEST(a_name_that_is_no_utf_8_fails_the_buffer)
{
    struct record record = sample();
    struct buf buf = BUF_INIT;

    (void)snprintf(record.name, sizeof record.name, "\xff");
    image_json(&buf, &record, &(struct image_json_form){IMAGE_JSON_WHOLE, METADATA_SHOW, false});
    ck_assert(!buf_ok(&buf));
    buf_free(&buf);
}
END_TEST

static const struct {
    int64_t milliseconds;
    const char *text;
} times[] = {
    {0, "1970-01-01T00:00:00.000Z"},
    {7, "1970-01-01T00:00:00.007Z"},
    {951782399999, "2000-02-28T23:59:59.999Z"},
    {951782400000, "2000-02-29T00:00:00.000Z"},
    {1700000000123, "2023-11-14T22:13:20.123Z"},
    {4102444800000, "2100-01-01T00:00:00.000Z"},
};

START_TEST(times_are_utc_with_milliseconds)
{
    struct record record = sample();
    json_t *json;

    ck_assert_int_eq(setenv("TZ", "America/New_York", 1), 0);
    record.created = times[_i].milliseconds;
    json = as_json(&record);
    ck_assert_str_eq(support_string(json, "created"), times[_i].text);
    json_decref(json);
}
END_TEST

/* ---- what the photograph knows ---- */

static const char *const known[] = {"taken",        "taken_from",      "camera",   "lens",
                                    "focal_length", "focal_length_35", "aperture", "exposure",
                                    "iso",          "flash",           "rating",   "description",
                                    "place"};
enum { KNOWN = sizeof known / sizeof known[0] };

/* How many of the members from `from` on the image has in that view. */
static unsigned count_known(const struct record *record, enum image_json_view view, size_t from)
{
    json_t *json = viewed(record, view);
    unsigned count = 0;

    for (size_t i = from; i < KNOWN; i++)
        count += json_object_get(json, known[i]) != NULL;
    ck_assert_uint_eq(json_object_size(json) - (view == IMAGE_JSON_TIME ? 10 : 11),
                      count + (from > 0));
    json_decref(json);
    return count;
}

static double real(const json_t *json, const char *key)
{
    const json_t *number = json_object_get(json, key);

    ck_assert(json_is_number(number));
    return json_number_value(number);
}

START_TEST(an_image_tells_all_that_its_photograph_knows)
{
    struct record record = sample();
    const json_t *place;
    json_t *json;

    record.photo = support_photo();
    ck_assert_uint_eq(count_known(&record, IMAGE_JSON_WHOLE, 0), KNOWN);
    json = as_json(&record);
    ck_assert_str_eq(support_string(json, "taken"), "2024-05-12T10:11:11.345+02:00");
    ck_assert_str_eq(support_string(json, "taken_from"), "file");
    ck_assert_str_eq(support_string(json, "camera"), "Nikon P6000");
    ck_assert_str_eq(support_string(json, "lens"), record.photo.lens);
    ck_assert_double_eq(real(json, "focal_length"), 6);
    ck_assert_double_eq(real(json, "focal_length_35"), 28);
    ck_assert_double_eq(real(json, "aperture"), 5.9);
    ck_assert_double_eq_tol(real(json, "exposure"), 1.0 / 75, 1e-11);
    ck_assert_int_eq(support_integer(json, "iso"), 64);
    ck_assert(json_is_false(json_object_get(json, "flash")));
    ck_assert_int_eq(support_integer(json, "rating"), 4);
    ck_assert_str_eq(support_string(json, "description"), record.photo.description);
    place = json_object_get(json, "place");
    ck_assert_double_eq(real(place, "latitude"), 43.467448);
    ck_assert_double_eq(real(place, "longitude"), 11.885126);
    ck_assert_double_eq(real(place, "altitude"), -3.5);
    json_decref(json);
}
END_TEST

START_TEST(members_that_are_not_known_are_absent)
{
    struct record record = sample();
    json_t *json;

    ck_assert_uint_eq(count_known(&record, IMAGE_JSON_WHOLE, 0), 0);
    memset(&record.photo, 0, sizeof record.photo);
    ck_assert_uint_eq(count_known(&record, IMAGE_JSON_WHOLE, 0), 0);
    record.photo.has_place = true; /* where the equator meets the zero meridian */
    json = as_json(&record);
    ck_assert_uint_eq(json_object_size(json_object_get(json, "place")), 2);
    json_decref(json);
}
END_TEST

START_TEST(numbers_that_are_none_are_not_written)
{
    struct record record = sample();
    json_t *json;

    record.photo.exposure = __builtin_nan("");
    record.photo.aperture = __builtin_inf();
    record.photo.has_place = true;
    record.photo.latitude = __builtin_nan("");
    json = as_json(&record); /* which is valid */
    ck_assert_double_eq(real(json_object_get(json, "place"), "latitude"), 0);
    json_decref(json);
}
END_TEST

START_TEST(a_listing_has_the_time_alone)
{
    struct record record = sample();

    record.photo = support_photo();
    record.set_by_person = RECORD_SET_DESCRIPTION;
    ck_assert_uint_eq(count_known(&record, IMAGE_JSON_TIME, 0), 1);
    ck_assert_uint_eq(count_known(&record, IMAGE_JSON_TIME, 1), 0);
}
END_TEST

START_TEST(others_are_told_what_the_setting_allows)
{
    struct config config = {.metadata = METADATA_HIDE_PLACE};
    struct record record = sample();
    json_t *json;

    record.photo = support_photo();
    ck_assert_uint_eq(count_known(&record, image_json_view_of_others(&config), 0), KNOWN - 1);
    json = viewed(&record, image_json_view_of_others(&config));
    ck_assert_ptr_null(json_object_get(json, "place"));
    json_decref(json);
    config.metadata = METADATA_SHOW;
    ck_assert_uint_eq(count_known(&record, image_json_view_of_others(&config), 0), KNOWN);
    config.metadata = METADATA_HIDE_ALL;
    ck_assert_uint_eq(count_known(&record, image_json_view_of_others(&config), 0), 1);
    record.set_by_person = RECORD_SET_PLACE | RECORD_SET_DESCRIPTION;
    json = viewed(&record, image_json_view_of_others(&config));
    ck_assert_uint_eq(json_object_size(json), 11 + 2);
    ck_assert_ptr_nonnull(json_object_get(json, "taken"));
    ck_assert_str_eq(support_string(json, "description"), record.photo.description);
    json_decref(json);
}
END_TEST

START_TEST(a_time_that_nobody_knows_says_who_said_so)
{
    struct record record = sample();
    json_t *json;

    record.photo.taken_from = PHOTO_TAKEN_BY_PERSON;
    json = as_json(&record);
    ck_assert_ptr_null(json_object_get(json, "taken"));
    ck_assert_str_eq(support_string(json, "taken_from"), "person");
    json_decref(json);
}
END_TEST

START_TEST(append_keeps_what_is_there_and_the_reference)
{
    struct buf buf = BUF_INIT;
    json_t *json = json_string("x");

    buf_puts(&buf, "[");
    image_json_append(&buf, json);
    image_json_append(&buf, json);
    ck_assert_str_eq(buf.data, "[\"x\"\"x\"");
    json_decref(json);
    buf_free(&buf);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_json");
    TCase *images = tcase_create("images");

    tcase_add_test(images, an_image_has_just_these_fields);
    tcase_add_loop_test(images, an_address_says_what_is_hidden, 0, 7);
    tcase_add_test(images, an_image_without_tags_has_an_empty_list);
    tcase_add_loop_test(images, thumbnails_are_named_by_size_and_transparency, 0, 2);
    tcase_add_loop_test(images, heic_and_tiff_have_a_full_size_thumbnail, 0, 2);
    tcase_add_loop_test(images, times_are_utc_with_milliseconds, 0,
                        (int)(sizeof times / sizeof times[0]));
    tcase_add_loop_test(images, every_name_and_tag_comes_back_as_it_was, 0,
                        (int)(sizeof names / sizeof names[0]));
    tcase_add_test(images, a_name_that_is_no_utf_8_fails_the_buffer);
    tcase_add_test(images, an_image_tells_all_that_its_photograph_knows);
    tcase_add_test(images, members_that_are_not_known_are_absent);
    tcase_add_test(images, numbers_that_are_none_are_not_written);
    tcase_add_test(images, a_listing_has_the_time_alone);
    tcase_add_test(images, others_are_told_what_the_setting_allows);
    tcase_add_test(images, a_time_that_nobody_knows_says_who_said_so);
    tcase_add_test(images, append_keeps_what_is_there_and_the_reference);
    suite_add_tcase(suite, images);
    return suite;
}
