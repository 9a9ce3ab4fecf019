#include "export_name.h"

#include <string.h>

#include "support.h"

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
    {"cat.jpg", "cat.jpg", "cat-" ID ".jpg"},
    {"Grüße aus 京都 📷.jpg", "Grüße aus 京都 📷.jpg", "Grüße aus 京都 📷-" ID ".jpg"},
    {"no extension", "no extension", "no extension-" ID},
    {"a.b.tar.gz", "a.b.tar.gz", "a.b.tar-" ID ".gz"},
    {"an end. That is none", "an end. That is none", "an end. That is none-" ID},
    {"../../etc/passwd", "_._.._etc_passwd", "_._.._etc_passwd-" ID},
    {"C:\\cat.jpg", "C:_cat.jpg", "C:_cat-" ID ".jpg"},
    {"/", "_", "_-" ID},
    {".", "_", "_-" ID},
    {"..", "_.", "_.-" ID},
    {".bashrc", "_bashrc", "_bashrc-" ID},
    {"", "untitled", "untitled-" ID},
    {"a\nb\x1b[2J\x7f.jpg", "ab[2J.jpg", "ab[2J-" ID ".jpg"},
    {"\xff\xfe.jpg", "\xef\xbf\xbd\xef\xbf\xbd.jpg", "\xef\xbf\xbd\xef\xbf\xbd-" ID ".jpg"},
};

START_TEST(names_are_safe)
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
    ck_assert_str_eq(named(name, EXPORT_NAME_OWN), name);
    ck_assert_uint_eq(strlen(named(name, EXPORT_NAME_WITH_ID)), EXPORT_NAME_SIZE - 1);
    for (size_t i = 0; i + 2 < sizeof name; i += 2)
        memcpy(name + i, "ü", 2);
    memcpy(name + sizeof name - 6, ".jpeg", 6);
    out = named(name, EXPORT_NAME_WITH_ID);
    ck_assert_uint_lt(strlen(out), EXPORT_NAME_SIZE);
    ck_assert_str_eq(out + strlen(out) - strlen("ü-" ID ".jpeg"), "ü-" ID ".jpeg");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("export_name");
    TCase *tests = tcase_create("names");

    tcase_add_loop_test(tests, names_are_safe, 0, sizeof names / sizeof names[0]);
    tcase_add_test(tests, long_names_are_cut_between_characters);
    suite_add_tcase(suite, tests);
    return suite;
}
