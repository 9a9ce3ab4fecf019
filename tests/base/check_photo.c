#include "base/photo.h"

#include <math.h>
#include <string.h>

#include "../support/support.h"

static struct photo known(void)
{
    struct photo photo = PHOTO_INIT;

    photo.taken_from = PHOTO_TAKEN_BY_FILE;
    photo.taken = (struct photo_time){INT64_C(1706695872345), 60};
    (void)strcpy(photo.camera, "NIKON D90");
    (void)strcpy(photo.lens, "50 mm");
    (void)strcpy(photo.title, "Day");
    (void)strcpy(photo.description, "A day");
    (void)strcpy(photo.keywords, "sea\nsun");
    photo.focal_length = 6;
    photo.aperture = 5.9;
    photo.exposure = 1.0 / 75;
    photo.iso = 64;
    photo.flash = PHOTO_FLASH_FIRED;
    photo.has_place = photo.has_altitude = true;
    photo.latitude = -43.5;
    photo.longitude = 180;
    photo.altitude = -10;
    photo.rating = 5;
    return photo;
}

START_TEST(a_photo_of_which_all_or_nothing_is_known_is_sound)
{
    const struct photo nothing = PHOTO_INIT, all = known();

    ck_assert(photo_is_sound(&nothing));
    ck_assert(photo_is_sound(&all));
}
END_TEST

static void set_bool(bool *value, unsigned char byte)
{
    memcpy(value, &byte, 1);
}

/* Each makes one member what it may not be. */
static void spoil(int number, struct photo *photo)
{
    switch (number) {
    case 0:
        photo->taken_from = (enum photo_taken_from)4;
        break;
    case 1:
        photo->taken_from = PHOTO_TAKEN_UNKNOWN;
        break;
    case 2:
        photo->taken.local = PHOTO_TIME_UNKNOWN;
        break;
    case 3:
        photo->taken.local = INT64_MAX;
        break;
    case 4:
        photo->taken.local = INT64_C(253402300800000); /* in the year 10,000 */
        break;
    case 5:
        photo->taken.local = INT64_C(-4544208000001); /* in 1825 */
        break;
    case 6:
        photo->taken.offset = 901;
        break;
    case 7:
        memset(photo->camera, 'x', sizeof photo->camera);
        break;
    case 8:
        (void)strcpy(photo->lens, "a\nb");
        break;
    case 9:
        (void)strcpy(photo->title, "\xff");
        break;
    case 10:
        (void)strcpy(photo->description, "blank ");
        break;
    case 11:
        memset(photo->keywords, 'x', sizeof photo->keywords);
        break;
    case 12:
        (void)strcpy(photo->keywords, "a\n\nb");
        break;
    case 13:
        (void)strcpy(photo->keywords, "a\n");
        break;
    case 14:
        (void)strcpy(photo->keywords, "a\nb\x1b");
        break;
    case 15:
        photo->focal_length = NAN;
        break;
    case 16:
        photo->focal_length_35 = INFINITY;
        break;
    case 17:
        photo->aperture = -1;
        break;
    case 18:
        photo->exposure = 1e300;
        break;
    case 19:
        photo->iso = UINT32_MAX;
        break;
    case 20:
        photo->flash = (enum photo_flash)3;
        break;
    case 21:
        set_bool(&photo->has_place, 2);
        break;
    case 22:
        set_bool(&photo->has_altitude, 255);
        break;
    case 23:
        photo->latitude = 90.1;
        break;
    case 24:
        photo->longitude = -180.1;
        break;
    case 25:
        photo->altitude = NAN;
        break;
    default:
        photo->rating = 6;
        break;
    }
}
#define SPOILED 27

START_TEST(one_member_that_cannot_be_true_makes_a_photo_unsound)
{
    struct photo photo = known();

    spoil(_i, &photo);
    ck_assert(!photo_is_sound(&photo));
}
END_TEST

START_TEST(any_byte_may_be_any_other_without_harm)
{
    struct photo photo = known();
    unsigned char *bytes = (unsigned char *)&photo;

    for (size_t at = 0; at < sizeof photo; at++) {
        unsigned char was = bytes[at];

        bytes[at] = (unsigned char)(was ^ 0xff);
        (void)!photo_is_sound(&photo);
        bytes[at] = was;
    }
    ck_assert(photo_is_sound(&photo));
}
END_TEST

/* Gives one member another value that it may have. */
static void change(int member, struct photo *photo)
{
    double *const numbers[] = {
        &photo->focal_length, &photo->focal_length_35, &photo->aperture, &photo->exposure,
        &photo->latitude,     &photo->longitude,       &photo->altitude,
    };
    char *const texts[] = {photo->camera, photo->lens, photo->title, photo->description,
                           photo->keywords};

    if (member < 7)
        *numbers[member] = 1;
    else if (member < 12)
        (void)strcpy(texts[member - 7], "other");
    else if (member == 12)
        photo->taken_from = PHOTO_TAKEN_GUESSED;
    else if (member == 13)
        photo->taken.local++;
    else if (member == 14)
        photo->taken.offset++;
    else if (member == 15)
        photo->iso++;
    else if (member == 16)
        photo->flash = PHOTO_FLASH_OFF;
    else if (member == 17)
        photo->rating--;
    else if (member == 18)
        photo->has_altitude = false;
    else
        photo->has_place = photo->has_altitude = false;
}
#define CHANGES 20

START_TEST(photos_that_say_the_same_are_the_same_and_no_others)
{
    struct photo a = known(), b = known();

    memset(b.lens + strlen(b.lens) + 1, 'x', 20); /* what follows a text does not count */
    ck_assert(photo_is_same(&a, &b));
    for (int i = 0; i < CHANGES; i++) {
        b = a;
        change(i, &b);
        ck_assert_msg(photo_is_sound(&b), "member %d", i);
        ck_assert_msg(!photo_is_same(&a, &b), "member %d", i);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("photo");
    TCase *all = tcase_create("all");

    tcase_add_test(all, a_photo_of_which_all_or_nothing_is_known_is_sound);
    tcase_add_loop_test(all, one_member_that_cannot_be_true_makes_a_photo_unsound, 0, SPOILED);
    tcase_add_test(all, any_byte_may_be_any_other_without_harm);
    tcase_add_test(all, photos_that_say_the_same_are_the_same_and_no_others);
    suite_add_tcase(suite, all);
    return suite;
}
