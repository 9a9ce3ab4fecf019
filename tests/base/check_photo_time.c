#include "base/photo_time.h"

#include <string.h>

#include "../support/support.h"

static const struct {
    const char *text, *written;
    int64_t local;
} times[] = {
    {"1970-01-01T00:00:00.000", NULL, 0},
    {"1969-12-31T23:59:59.999", NULL, -1},
    {"2024-05-12T10:11:12.345+02:00", NULL, INT64_C(1715508672345)},
    {"2024-05-12T10:11:12.345-09:30", NULL, INT64_C(1715508672345)},
    {"2024-05-12T10:11:12.345Z", "2024-05-12T10:11:12.345+00:00", INT64_C(1715508672345)},
    {"2024-05-12 10:11:12.3", "2024-05-12T10:11:12.300", INT64_C(1715508672300)},
    {"2024-05-12T10:11:12.3456789", "2024-05-12T10:11:12.345", INT64_C(1715508672345)},
    {"2024-05-12T10:11+14:00", "2024-05-12T10:11:00.000+14:00", INT64_C(1715508660000)},
    {"2024-05-12", "2024-05-12T12:00:00.000", INT64_C(1715515200000)},
    {"2024-02-29T00:00:00.000", NULL, INT64_C(1709164800000)},
    {"2016-12-31T23:59:60", "2016-12-31T23:59:59.000", INT64_C(1483228799000)},
    {"1826-01-01T00:00:00.000", NULL, INT64_C(-4544208000000)},
    {"9999-12-31T23:59:59.999", NULL, INT64_C(253402300799999)},
};

START_TEST(a_time_is_read_and_written_as_the_clock_at_the_place_showed_it)
{
    struct photo_time time = PHOTO_TIME_NONE;
    const char *written = times[_i].written == NULL ? times[_i].text : times[_i].written;
    char out[PHOTO_TIME_SIZE];

    ck_assert(photo_time_read(times[_i].text, strlen(times[_i].text), &time));
    ck_assert_int_eq(time.local, times[_i].local);
    photo_time_write(time, out);
    ck_assert_str_eq(out, written);
}
END_TEST

static const char *const others[] = {
    "",
    "2024",
    "2024-05",
    "2024:05:12 10:11:12",
    "0000-00-00T00:00:00",
    "2023-02-29T10:00",
    "2024-04-31",
    "2024-13-01",
    "2024-00-01",
    "2024-01-00",
    "1825-12-31",
    "2024-05-12T24:00",
    "2024-05-12T10:60",
    "2024-05-12T10:11:61",
    "2024-05-12T10",
    "2024-05-12T10:11:12.",
    "2024-05-12T10:11:12+2:00",
    "2024-05-12T10:11:12+0200",
    "2024-05-12T10:11:12+15:01",
    "2024-05-12T10:11:12+02:60",
    "2024-05-12T10:11:12Z ",
    " 2024-05-12",
    "-024-05-12",
    "12024-05-12",
};

START_TEST(text_that_is_no_time_is_refused_and_changes_nothing)
{
    struct photo_time time = PHOTO_TIME_NONE;

    ck_assert(!photo_time_read(others[_i], strlen(others[_i]), &time));
    ck_assert(time.local == PHOTO_TIME_UNKNOWN);
    ck_assert_int_eq(time.offset, PHOTO_TIME_NO_OFFSET);
}
END_TEST

START_TEST(text_need_not_end_in_a_nul)
{
    struct photo_time time;

    ck_assert(photo_time_read("2024-05-12T10:11:12345", strlen("2024-05-12T10:11:12"), &time));
    ck_assert_int_eq(time.local, INT64_C(1715508672000));
    ck_assert(!photo_time_read("2024-05-12\0T10:11", 16, &time));
}
END_TEST

START_TEST(a_time_is_in_the_future_only_where_no_time_zone_explains_it)
{
    struct photo_time time;
    static const char here[] = "2024-05-12T10:11:12+02:00", somewhere[] = "2024-05-12T10:11:12";
    const int64_t utc = INT64_C(1715508672000) - 2 * 3600 * 1000;

    ck_assert(photo_time_read(here, strlen(here), &time));
    ck_assert(!photo_time_is_after(time, utc));
    ck_assert(photo_time_is_after(time, utc - 1));
    ck_assert(photo_time_read(somewhere, strlen(somewhere), &time));
    ck_assert(!photo_time_is_after(time, time.local - 14 * 3600 * 1000));
    ck_assert(photo_time_is_after(time, time.local - 14 * 3600 * 1000 - 1));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("photo_time");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(all, a_time_is_read_and_written_as_the_clock_at_the_place_showed_it, 0,
                        (int)(sizeof times / sizeof times[0]));
    tcase_add_loop_test(all, text_that_is_no_time_is_refused_and_changes_nothing, 0,
                        (int)(sizeof others / sizeof others[0]));
    tcase_add_test(all, text_need_not_end_in_a_nul);
    tcase_add_test(all, a_time_is_in_the_future_only_where_no_time_zone_explains_it);
    suite_add_tcase(suite, all);
    return suite;
}
