#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "../support/support.h"

START_TEST(every_error_has_a_name_of_its_own)
{
    ck_assert_str_eq(vt_strerror(VT_OK), "ok");
    for (int i = 0; i < VT_ERROR_COUNT; i++) {
        ck_assert_str_ne(vt_strerror((enum vt_error)i), "");
        ck_assert_str_ne(vt_strerror((enum vt_error)i), "unknown error");
        for (int other = 0; other < i; other++)
            ck_assert_str_ne(vt_strerror((enum vt_error)i), vt_strerror((enum vt_error)other));
    }
}
END_TEST

START_TEST(value_outside_the_enum_is_unknown)
{
    /* Volatile: the compiler may not conclude anything from the enum's range. */
    volatile int outside[] = {-1, VT_ERROR_COUNT, 1000};

    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(vt_strerror((enum vt_error)outside[i]), "unknown error");
}
END_TEST

START_TEST(fail_formats_and_returns_its_error)
{
    struct vt_reason why;

    ck_assert_int_eq(vt_fail(&why, VT_ERR_NO_SPACE, "%d of %s", 3, "many"), VT_ERR_NO_SPACE);
    ck_assert_str_eq(why.text, "3 of many");
    ck_assert_int_eq(vt_fail(NULL, VT_ERR_METHOD, "%s", "unheard"), VT_ERR_METHOD);
}
END_TEST

START_TEST(fail_cuts_a_long_reason)
{
    struct vt_reason why;
    char text[500];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    ck_assert_int_eq(vt_fail(&why, VT_ERR_INTERNAL, "%s", text), VT_ERR_INTERNAL);
    ck_assert_uint_eq(strlen(why.text), sizeof why.text - 1);
}
END_TEST

static const struct {
    int code;
    enum vt_error err;
} codes[] = {
    {EFBIG, VT_ERR_NO_SPACE},
    {ENOSPC, VT_ERR_NO_SPACE},
    {EDQUOT, VT_ERR_NO_SPACE},
    {EROFS, VT_ERR_UNAVAILABLE},
    {EACCES, VT_ERR_UNAVAILABLE},
    {EPERM, VT_ERR_UNAVAILABLE},
    {EIO, VT_ERR_IO},
    {ENXIO, VT_ERR_IO},
    {EBADMSG, VT_ERR_IO},
    {EUCLEAN, VT_ERR_IO},
    {ELOOP, VT_ERR_IO},
    {ESTALE, VT_ERR_IO},
    {ENOENT, VT_ERR_NOT_FOUND},
    {ENOTDIR, VT_ERR_NOT_FOUND},
    {ENOMEM, VT_ERR_MEMORY},
    {EINVAL, VT_ERR_INTERNAL},
    {EEXIST, VT_ERR_INTERNAL},
    {0, VT_ERR_INTERNAL},
    {-1, VT_ERR_INTERNAL},
    {99999, VT_ERR_INTERNAL},
};

START_TEST(each_errno_is_mapped_to_an_error)
{
    ck_assert_int_eq(vt_error_from_errno(codes[_i].code), codes[_i].err);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("error");
    TCase *errors = tcase_create("errors");

    tcase_add_test(errors, every_error_has_a_name_of_its_own);
    tcase_add_test(errors, value_outside_the_enum_is_unknown);
    tcase_add_test(errors, fail_formats_and_returns_its_error);
    tcase_add_test(errors, fail_cuts_a_long_reason);
    tcase_add_loop_test(errors, each_errno_is_mapped_to_an_error, 0,
                        (int)(sizeof codes / sizeof codes[0]));
    suite_add_tcase(suite, errors);
    return suite;
}
