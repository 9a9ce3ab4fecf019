#include "web/access.h"

#include <stdio.h>
#include <string.h>

#include "../support/support.h"
#include "base/token.h"

static struct config config;
static struct record record;
static char own[TOKEN_SIZE];

static void start(void)
{
    support_config(support_folder(), &config);
    record = support_record(1);
    ck_assert_int_eq(token_make(own, record.token_hash), VT_OK);
}

static struct http_request with(const char *authorization)
{
    struct support_request self;

    support_request(&self, HTTP_POST, "/api/images", NULL, 0);
    self.request.authorization = authorization;
    return self.request;
}

/* "Bearer " and a token. */
static const char *bearer(const char *token)
{
    static char value[300];

    (void)snprintf(value, sizeof value, "Bearer %s", token);
    return value;
}

START_TEST(anybody_may_upload_where_no_token_is_set)
{
    struct http_request request = with("");
    struct vt_reason why = {""};

    ck_assert_int_eq(access_may_upload(&config, NULL, &request, &why), VT_OK);
    request = with("Bearer anything");
    ck_assert_int_eq(access_may_upload(&config, NULL, &request, &why), VT_OK);
    ck_assert_str_eq(why.text, "");
}
END_TEST

/* Authorization, and the answer where the operator's token is "operator" */
static const struct {
    const char *authorization;
    enum vt_error err;
} uploads[] = {
    {"", VT_ERR_UNAUTHORIZED},
    {"operator", VT_ERR_UNAUTHORIZED},
    {"Bearer", VT_ERR_UNAUTHORIZED},
    {"Bearer ", VT_ERR_UNAUTHORIZED},
    {"Beareroperator", VT_ERR_UNAUTHORIZED},
    {"Basic operator", VT_ERR_UNAUTHORIZED},
    {"Bearer x", VT_ERR_FORBIDDEN},
    {"Bearer operato", VT_ERR_FORBIDDEN},
    {"Bearer operators", VT_ERR_FORBIDDEN},
    {"Bearer Operator", VT_ERR_FORBIDDEN},
    {"Bearer operator", VT_OK},
    {"BEARER operator", VT_OK},
    {"Bearer  operator", VT_OK},
};

START_TEST(the_operators_token_is_needed_where_it_is_set)
{
    struct http_request request = with(uploads[_i].authorization);
    struct vt_reason why = {""};

    (void)snprintf(config.token, sizeof config.token, "operator");
    ck_assert_int_eq(access_may_upload(&config, NULL, &request, &why), uploads[_i].err);
    ck_assert_int_eq(uploads[_i].err == VT_OK, why.text[0] == '\0');
    ck_assert_ptr_null(strstr(why.text, "operator"));
}
END_TEST

START_TEST(an_images_token_does_not_let_upload)
{
    struct http_request request = with(bearer(own));

    (void)snprintf(config.token, sizeof config.token, "operator");
    ck_assert_int_eq(access_may_upload(&config, NULL, &request, NULL), VT_ERR_FORBIDDEN);
}
END_TEST

START_TEST(has_token_asks_for_any_token)
{
    struct http_request none = with(""), any = with("Bearer x");
    struct vt_reason why = {""};

    ck_assert_int_eq(access_has_token(&none, &why), VT_ERR_UNAUTHORIZED);
    ck_assert_str_ne(why.text, "");
    ck_assert_int_eq(access_has_token(&any, NULL), VT_OK);
}
END_TEST

START_TEST(an_images_own_token_changes_it)
{
    struct http_request request = with(bearer(own));
    struct record other = support_record(2);
    char others_token[TOKEN_SIZE];

    ck_assert_int_eq(access_may_change(&config, NULL, &request, &record, NULL), VT_OK);
    ck_assert_int_eq(token_make(others_token, other.token_hash), VT_OK);
    ck_assert_int_eq(access_may_change(&config, NULL, &request, &other, NULL), VT_ERR_FORBIDDEN);
}
END_TEST

START_TEST(the_operators_token_changes_any_image)
{
    struct http_request request = with("Bearer operator");

    ck_assert_int_eq(access_may_change(&config, NULL, &request, &record, NULL), VT_ERR_FORBIDDEN);
    (void)snprintf(config.token, sizeof config.token, "operator");
    ck_assert_int_eq(access_may_change(&config, NULL, &request, &record, NULL), VT_OK);
    request = with(bearer(own)); /* the image's own stays good beside it */
    ck_assert_int_eq(access_may_change(&config, NULL, &request, &record, NULL), VT_OK);
}
END_TEST

START_TEST(changes_without_or_with_a_wrong_token_are_told_apart)
{
    struct http_request none = with(""), wrong = with(bearer("wrong")), cut;
    struct vt_reason why = {""};

    ck_assert_int_eq(access_may_change(&config, NULL, &none, &record, &why), VT_ERR_UNAUTHORIZED);
    ck_assert_int_eq(access_may_change(&config, NULL, &wrong, &record, &why), VT_ERR_FORBIDDEN);
    own[TOKEN_SIZE - 2] = '\0';
    cut = with(bearer(own));
    ck_assert_int_eq(access_may_change(&config, NULL, &cut, &record, &why), VT_ERR_FORBIDDEN);
}
END_TEST

/* An empty setting must not make an empty token the operator's. */
START_TEST(no_token_set_is_no_token_that_opens)
{
    struct http_request request = with(bearer("\"\""));

    ck_assert_int_eq(access_may_change(&config, NULL, &request, &record, NULL), VT_ERR_FORBIDDEN);
    request = with("Bearer   ");
    ck_assert_int_eq(access_may_change(&config, NULL, &request, &record, NULL),
                     VT_ERR_UNAUTHORIZED);
}
END_TEST

START_TEST(after_too_many_wrong_tokens_of_an_address_none_is_looked_at)
{
    struct http_request wrong = with("Bearer wrong"), right = with(bearer(own)), other = right;
    struct guesses *guesses = NULL;
    int tries = 0;
    enum vt_error err;

    ck_assert_int_eq(guesses_new(support_path(support_folder(), "guesses"), &guesses), VT_OK);
    (void)snprintf(config.token, sizeof config.token, "operator");
    do {
        err = tries % 2 == 0 ? access_may_change(&config, guesses, &wrong, &record, NULL)
                             : access_may_upload(&config, guesses, &wrong, NULL);
    } while (err == VT_ERR_FORBIDDEN && ++tries < 1000);
    ck_assert_int_eq(err, VT_ERR_TOO_MANY);
    ck_assert_int_ge(tries, GUESSES_AT_ONCE);
    ck_assert_int_le(tries, GUESSES_AT_ONCE + 10);
    ck_assert_int_eq(access_may_change(&config, guesses, &right, &record, NULL), VT_ERR_TOO_MANY);
    other.address = "192.0.2.2";
    for (int i = 0; i < 2 * GUESSES_AT_ONCE; i++)
        ck_assert_int_eq(access_may_change(&config, guesses, &other, &record, NULL), VT_OK);
    guesses_free(guesses);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("access");
    TCase *access = tcase_create("access");

    tcase_add_checked_fixture(access, start, NULL);
    tcase_add_test(access, anybody_may_upload_where_no_token_is_set);
    tcase_add_loop_test(access, the_operators_token_is_needed_where_it_is_set, 0,
                        (int)(sizeof uploads / sizeof uploads[0]));
    tcase_add_test(access, an_images_token_does_not_let_upload);
    tcase_add_test(access, has_token_asks_for_any_token);
    tcase_add_test(access, an_images_own_token_changes_it);
    tcase_add_test(access, the_operators_token_changes_any_image);
    tcase_add_test(access, changes_without_or_with_a_wrong_token_are_told_apart);
    tcase_add_test(access, no_token_set_is_no_token_that_opens);
    tcase_add_test(access, after_too_many_wrong_tokens_of_an_address_none_is_looked_at);
    suite_add_tcase(suite, access);
    return suite;
}
