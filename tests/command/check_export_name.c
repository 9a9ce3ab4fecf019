#include "command/export_name.h"

#include <stdio.h>
#include <string.h>

#include "../support/support.h"

#define ID "0123456789abcdef0123456789abcdef"

/* One of the names of an image that is called so. */
static const char *named(const char *name, enum export_name which)
{
    static char out[EXPORT_NAME_SIZE];
    struct record record = {.id = ID, .type = IMAGE_PNG};

    ck_assert_uint_lt(strlen(name), sizeof record.name);
    memcpy(record.name, name, strlen(name) + 1);
    export_name(&record, which, out);
    return out;
}

static const struct {
    const char *name, *own, *with_id;
} names[] = {
    {"cat.png", "cat.png", "cat-" ID ".png"},
    {"CAT.PNG", "CAT.PNG", "CAT-" ID ".PNG"},
    {"Grüße aus 京都 📷.png", "Grüße aus 京都 📷.png", "Grüße aus 京都 📷-" ID ".png"},
    {"no extension", "no extension.png", "no extension-" ID ".png"},
    {"a.b.tar.gz", "a.b.tar.gz.png", "a.b.tar.gz-" ID ".png"},
    {"an end. That is none", "an end. That is none.png", "an end. That is none-" ID ".png"},
    {"../../etc/passwd", "_._.._etc_passwd.png", "_._.._etc_passwd-" ID ".png"},
    {"C:\\cat.png", "C:_cat.png", "C:_cat-" ID ".png"},
    {"/", "_.png", "_-" ID ".png"},
    {".", "_.png", "_-" ID ".png"},
    {"..", "_..png", "_.-" ID ".png"},
    {".bashrc", "_bashrc.png", "_bashrc-" ID ".png"},
    {"", "untitled.png", "untitled-" ID ".png"},
    {"a\nb\x1b[2J\x7f.png", "ab[2J.png", "ab[2J-" ID ".png"},
    {"\xff\xfe.png", "\xef\xbf\xbd\xef\xbf\xbd.png", "\xef\xbf\xbd\xef\xbf\xbd-" ID ".png"},
    {"holiday.hta", "holiday.hta.png", "holiday.hta-" ID ".png"},
    {"Invoice.html", "Invoice.html.png", "Invoice.html-" ID ".png"},
    {"setup.exe", "setup.exe.png", "setup.exe-" ID ".png"},
    {"photo.jpg", "photo.jpg.png", "photo.jpg-" ID ".png"},
    {"setup.exe.", "setup.exe..png", "setup.exe.-" ID ".png"},
};

START_TEST(exported_names_are_safe_as_file_names)
{
    ck_assert_str_eq(named(names[_i].name, EXPORT_NAME_OWN), names[_i].own);
    ck_assert_str_eq(named(names[_i].name, EXPORT_NAME_WITH_ID), names[_i].with_id);
    ck_assert_str_eq(named(names[_i].name, EXPORT_NAME_ID), ID ".png");
}
END_TEST

START_TEST(long_names_are_cut_between_characters)
{
    char name[NAME_SIZE];
    const char *out;

    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    out = named(name, EXPORT_NAME_OWN);
    ck_assert_uint_eq(strlen(out), EXPORT_NAME_SIZE - 1);
    ck_assert_str_eq(out + strlen(out) - strlen("aa.png"), "aa.png");
    ck_assert_uint_eq(strlen(named(name, EXPORT_NAME_WITH_ID)), EXPORT_NAME_SIZE - 1);
    for (size_t i = 0; i + 2 < sizeof name; i += 2)
        memcpy(name + i, "ü", 2);
    memcpy(name + sizeof name - 5, ".png", 5);
    out = named(name, EXPORT_NAME_WITH_ID);
    ck_assert_uint_lt(strlen(out), EXPORT_NAME_SIZE);
    ck_assert_str_eq(out + strlen(out) - strlen("ü-" ID ".png"), "ü-" ID ".png");
}
END_TEST

START_TEST(every_extension_of_its_type_stays)
{
    static const struct {
        enum image_type type;
        const char *name;
    } fine[] = {{IMAGE_JPEG, "photo.JPG"}, {IMAGE_JPEG, "photo.jpeg"}, {IMAGE_TIFF, "scan.tif"},
                {IMAGE_TIFF, "scan.TIFF"}, {IMAGE_HEIC, "IMG_1.HEIC"}, {IMAGE_HEIC, "x.heif"},
                {IMAGE_WEBP, "x.webp"},    {IMAGE_GIF, "x.Gif"},       {IMAGE_AVIF, "x.avif"}};
    struct record record = {.id = ID};
    char out[EXPORT_NAME_SIZE];

    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        record.type = fine[i].type;
        (void)snprintf(record.name, sizeof record.name, "%s", fine[i].name);
        export_name(&record, EXPORT_NAME_OWN, out);
        ck_assert_str_eq(out, fine[i].name);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("export_name");
    TCase *tests = tcase_create("names");

    tcase_add_loop_test(tests, exported_names_are_safe_as_file_names, 0,
                        sizeof names / sizeof names[0]);
    tcase_add_test(tests, every_extension_of_its_type_stays);
    tcase_add_test(tests, long_names_are_cut_between_characters);
    suite_add_tcase(suite, tests);
    return suite;
}
