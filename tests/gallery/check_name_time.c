#include "gallery/name_time.h"

#include <string.h>

#include "../support/support.h"

#define NOW INT64_C(1780315200000) /* 2026-06-01, noon, UTC */

static const struct {
    const char *name, *time;
} names[] = {
    {"IMG_20240131_101112.jpg", "2024-01-31T10:11:12.000"},
    {"IMG_20240131_101112345.jpg", "2024-01-31T10:11:12.345"},
    {"IMG_20240131_101112_HDR.jpg", "2024-01-31T10:11:12.000"},
    {"IMG20240131101112.jpg", "2024-01-31T10:11:12.000"},
    {"PXL_20240131_101112345.jpg", "2024-01-31T10:11:12.345+00:00"},
    {"PXL_20240131_101112345.MP.jpg", "2024-01-31T10:11:12.345+00:00"},
    {"PXL_20240131_101112345~2.jpg", "2024-01-31T10:11:12.345+00:00"},
    {"VID_20240131_101112.gif", "2024-01-31T10:11:12.000"},
    {"MVIMG_20240131_101112.jpg", "2024-01-31T10:11:12.000"},
    {"20240131_101112.jpg", "2024-01-31T10:11:12.000"},
    {"20240131-101112(1).jpg", "2024-01-31T10:11:12.000"},
    {"Screenshot_2024-01-31-10-11-12.png", "2024-01-31T10:11:12.000"},
    {"Screenshot_2024-01-31-10-11-12-345_com.app.png", "2024-01-31T10:11:12.000"},
    {"Screenshot_20240131-101112.png", "2024-01-31T10:11:12.000"},
    {"Screenshot_20240131_101112_Chrome.jpg", "2024-01-31T10:11:12.000"},
    {"Screenshot from 2024-01-31 10-11-12.png", "2024-01-31T10:11:12.000"},
    {"Screen Shot 2024-01-31 at 1.11.12 PM.png", NULL}, /* an hour of one digit */
    {"Screenshot 2024-01-31 at 01.11.12\xe2\x80\xafPM.png", "2024-01-31T13:11:12.000"},
    {"Screen Shot 2024-01-31 at 12.11.12 AM.png", "2024-01-31T00:11:12.000"},
    {"Screen Shot 2024-01-31 at 12.11.12 PM.png", "2024-01-31T12:11:12.000"},
    {"IMG-20240131-WA0001.jpg", "2024-01-31T12:00:00.000"},
    {"signal-2024-01-31-101112.jpg", "2024-01-31T10:11:12.000"},
    {"signal-2024-01-31-10-11-12-345.jpg", "2024-01-31T10:11:12.000"},
    {"2024-01-31 10.11.12.jpg", "2024-01-31T10:11:12.000"},
    {"2024-01-31T10:11:12.jpg", "2024-01-31T10:11:12.000"},
    {"WhatsApp Image 2024-01-31 at 10.11.12.jpeg", "2024-01-31T10:11:12.000"},
    {"Ferien-\xc3\xbc 20240131_101112.jpg", "2024-01-31T10:11:12.000"},
    {"IMG_20249931_101112 20240131_101112.jpg", "2024-01-31T10:11:12.000"},

    {"", NULL},
    {"DSC_0001.JPG", NULL},
    {"20240131.jpg", NULL},
    {"2024-01-31.jpg", NULL},
    {"Photo on 31-01-24 at 10.11.jpg", NULL},
    {"IMG_20240131.jpg", NULL},
    {"IMG-20240131-WA1.jpg", NULL},
    {"IMG_20240231_101112.jpg", NULL},
    {"IMG_20241301_101112.jpg", NULL},
    {"IMG_20240131_241112.jpg", NULL},
    {"IMG_20240131_106112.jpg", NULL},
    {"IMG_19891231_101112.jpg", NULL},
    {"IMG_20260603_101112.jpg", NULL}, /* in the future */
    {"IMG_20240131_1011123.jpg", NULL},
    {"IMG_20240131_1011123456.jpg", NULL},
    {"1202401310101112.jpg", NULL},
    {"20240131101112.jpg", NULL},
    {"ISBN 9720240131_101112.jpg", NULL},
    {"a20240131_101112.jpg", NULL},
    {"20240131_101", NULL},
    {"2024-01-31 10.11", NULL},
    {"FB_IMG_1706695872345.jpg", NULL},
};

START_TEST(a_name_says_when_the_picture_was_taken_only_in_forms_that_phones_and_apps_use)
{
    struct photo_time time = PHOTO_TIME_NONE;
    char text[PHOTO_TIME_SIZE];

    ck_assert_int_eq(name_time_guess(names[_i].name, NOW, &time), names[_i].time != NULL);
    if (names[_i].time == NULL) {
        ck_assert_int_eq(time.local, PHOTO_TIME_UNKNOWN);
    } else {
        photo_time_write(time, text);
        ck_assert_str_eq(text, names[_i].time);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("gallery_name_time");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(
        all, a_name_says_when_the_picture_was_taken_only_in_forms_that_phones_and_apps_use, 0,
        sizeof names / sizeof names[0]);
    suite_add_tcase(suite, all);
    return suite;
}
