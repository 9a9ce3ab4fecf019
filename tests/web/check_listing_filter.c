/* The filters of a listing, as they are written in a query. */
#include "web/listing_filter.h"

#include <stdio.h>
#include <string.h>

#include "../support/support.h"
#include "web/listing_query.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static struct listing_filter parse(const char *text)
{
    struct listing_query query;
    struct vt_reason why = {""};

    ck_assert_msg(listing_query_parse(text, &query, &why) == VT_OK, "%s: %s", text, why.text);
    return query.filter;
}

/* ---- taken ---- */

static const struct {
    const char *text, *from, *to; /* NULL where it is open */
    unsigned first_day, last_day;
} times[] = {
    {"2024", "2024-01-01T00:00", "2024-12-31T23:59:59.999", 20240000, 20249999},
    {"2024-02", "2024-02-01T00:00", "2024-02-29T23:59:59.999", 20240200, 20240299},
    {"2023-12", "2023-12-01T00:00", "2023-12-31T23:59:59.999", 20231200, 20231299},
    {"2024-02-29", "2024-02-29T00:00", "2024-02-29T23:59:59.999", 20240229, 20240229},
    {"2023..2024-05", "2023-01-01T00:00", "2024-05-31T23:59:59.999", 20230000, 20240599},
    {"2024..2024", "2024-01-01T00:00", "2024-12-31T23:59:59.999", 20240000, 20249999},
    {"2024-05-12..2024", "2024-05-12T00:00", "2024-12-31T23:59:59.999", 20240512, 20249999},
    {"..2024-05", NULL, "2024-05-31T23:59:59.999", 0, 20240599},
    {"2024-05..", "2024-05-01T00:00", NULL, 20240500, 99999999},
    {"1969-12-31..", "1969-12-31T00:00", NULL, 19691231, 99999999},
};

static int64_t time_of(const char *text, int64_t open)
{
    struct photo_time time = {open, 0};

    ck_assert(text == NULL || photo_time_read(text, strlen(text), &time));
    return time.local;
}

START_TEST(a_time_is_a_year_a_month_a_day_or_a_range)
{
    struct listing_filter filter;
    char text[64];

    (void)snprintf(text, sizeof text, "taken=%s", times[_i].text);
    filter = parse(text);
    ck_assert_str_eq(filter.taken, times[_i].text);
    ck_assert_int_eq(filter.from, time_of(times[_i].from, INT64_MIN));
    ck_assert_int_eq(filter.to, time_of(times[_i].to, INT64_MAX));
    ck_assert_uint_eq(filter.first_day, times[_i].first_day);
    ck_assert_uint_eq(filter.last_day, times[_i].last_day);
}
END_TEST

/* ---- what is refused ---- */

static const struct {
    const char *query, *why;
} refused[] = {
    {"taken=", "taken must be"},
    {"taken=24", "taken must be"},
    {"taken=0000", "taken must be"},
    {"taken=20245", "taken must be"},
    {"taken=2024-", "taken must be"},
    {"taken=2024-5", "taken must be"},
    {"taken=2024-00", "taken must be"},
    {"taken=2024-13", "taken must be"},
    {"taken=2024-05-00", "taken must be"},
    {"taken=2024-04-31", "taken must be"},
    {"taken=2023-02-29", "taken must be"},
    {"taken=..2023-02-29", "taken must be"},
    {"taken=2024-05-12T10:11", "taken must be"},
    {"taken=..", "taken must be"},
    {"taken=2024.", "taken must be"},
    {"taken=2024...", "taken must be"},
    {"taken=2024..2023", "taken must be"},
    {"taken=2024-05..2024-04", "taken must be"},
    {"taken=2024..2025..", "taken must be"},
    {"taken=-2024", "taken must be"},
    {"taken=%202024", "taken must be"},
    {"taken=2024-05-12..2024-05-12x", "taken must be"},
    {"taken=2024&taken=2025", "twice"},
    {"camera=", "camera must be"},
    {"camera=%20Nikon", "camera must be"},
    {"camera=a%0ab", "camera must be"},
    {"tag=", "tag must be"},
    {"tag=0123456789012345678901234567890123456789012345678901234567890123", "tag must be"},
    {"tag=a&tag=b", "twice"},
    {"type=", "type must be"},
    {"type=jpg", "type must be"},
    {"type=image/bmp", "type must be"},
    {"type=IMAGE/JPEG", "type must be"},
    {"has=", "has must be"},
    {"has=camera", "has must be"},
    {"near=", "near must be"},
    {"near=1,2", "near must be"},
    {"near=1,2,0", "near must be"},
    {"near=1,2,-1", "near must be"},
    {"near=91,2,1", "near must be"},
    {"near=-90.1,2,1", "near must be"},
    {"near=1,181,1", "near must be"},
    {"near=1,2,20039", "near must be"},
    {"near=1,2,3,4", "near must be"},
    {"near=1,2,3,", "near must be"},
    {"near=1;2;3", "near must be"},
    {"near=nan,2,3", "near must be"},
    {"near=1,inf,3", "near must be"},
    {"near=1,2,1e3", "near must be"},
    {"near=0x1,2,3", "near must be"},
    {"near=1,2-3,3", "near must be"},
    {"near=1.2.3,2,3", "near must be"},
    {"near=%201,2,3", "near must be"},
    {"near=--1,2,3", "near must be"},
    {"near=-,2,3", "near must be"},
    {"near=.,2,3", "near must be"},
    {"near=1,2,.00000000000000000000001", "near must be"},
    {"place=1", "taken, camera, type, tag, near and has"},
};

START_TEST(an_invalid_filter_is_refused_and_it_says_what_is_valid)
{
    struct listing_query query;
    struct vt_reason why = {""};

    ck_assert_msg(listing_query_parse(refused[_i].query, &query, &why) == VT_ERR_MALFORMED,
                  "%s is taken", refused[_i].query);
    ck_assert_msg(strstr(why.text, refused[_i].why) != NULL, "%s: %s", refused[_i].query, why.text);
}
END_TEST

/* ---- the others ---- */

START_TEST(a_filter_is_read_as_it_is_written)
{
    struct listing_filter filter =
        parse("near=-43.5,11.25,0.5&has=place&tag=sea%26shore&type=image/png&camera=Nikon+P6000");

    ck_assert(filter.latitude == -43.5 && filter.longitude == 11.25 && filter.km == 0.5);
    ck_assert(filter.has_place);
    ck_assert_str_eq(filter.tag, "sea&shore");
    ck_assert_str_eq(filter.type, "png");
    ck_assert_str_eq(filter.camera, "Nikon P6000");
    ck_assert(listing_filter_is_set(&filter) && listing_filter_needs_marks(&filter));
    filter = parse("taken=2024");
    ck_assert(listing_filter_is_set(&filter) && !listing_filter_needs_marks(&filter));
    filter = parse("q=a&sort=name");
    ck_assert(!listing_filter_is_set(&filter));
}
END_TEST

static void append(void *context, const char *name, const char *value)
{
    char *text = context;

    (void)snprintf(text + strlen(text), 400 - strlen(text), "%s=%s&", name, value);
}

START_TEST(the_parameters_of_a_filter_give_the_same_filter)
{
    struct listing_filter filter = parse("has=place&near=1.50,-2,3&tag=sea&type=image/jpeg"
                                         "&camera=Pixel+8&taken=..2024-05");
    char text[400] = "";

    listing_filter_each(&filter, append, text);
    ck_assert_str_eq(text, "taken=..2024-05&camera=Pixel 8&type=image/jpeg&tag=sea&near=1.50,-2,3&"
                           "has=place&");
}
END_TEST

static const struct {
    const char *query;
    enum image_json_view view;
} tellers[] = {
    {"", IMAGE_JSON_TIME},
    {"taken=2024&type=image/png&tag=x", IMAGE_JSON_TIME},
    {"camera=x&taken=2024", IMAGE_JSON_WITHOUT_PLACE},
    {"has=place", IMAGE_JSON_WHOLE},
    {"near=1,2,3&camera=x", IMAGE_JSON_WHOLE},
};

START_TEST(a_filter_tells_what_an_answer_would)
{
    struct listing_filter filter = parse(tellers[_i].query);

    ck_assert_int_eq(listing_filter_tells(&filter), tellers[_i].view);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("listing_filter");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, a_time_is_a_year_a_month_a_day_or_a_range, 0, COUNT(times));
    tcase_add_loop_test(all, an_invalid_filter_is_refused_and_it_says_what_is_valid, 0,
                        COUNT(refused));
    tcase_add_test(all, a_filter_is_read_as_it_is_written);
    tcase_add_test(all, the_parameters_of_a_filter_give_the_same_filter);
    tcase_add_loop_test(all, a_filter_tells_what_an_answer_would, 0, COUNT(tellers));
    suite_add_tcase(suite, all);
    return suite;
}
