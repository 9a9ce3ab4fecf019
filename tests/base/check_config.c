#include "base/config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../support/support.h"
#include "base/settings.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* Before every test: nothing set but the one variable that has to be. */
static void set_up(void)
{
    for (size_t i = 0; i < settings_count; i++)
        ck_assert_int_eq(unsetenv(settings_table[i].name), 0);
    ck_assert_int_eq(setenv("VITRINE_DATA", "/srv/data", 1), 0);
}

static void load(const char *name, const char *value, struct config *config)
{
    struct vt_reason why = {""};

    ck_assert_int_eq(setenv(name, value, 1), 0);
    ck_assert_msg(config_load(config, &why) == VT_OK, "%s=%s: %s", name, value, why.text);
}

static void expect_refused(const char *name, const char *value)
{
    struct config config;
    struct vt_reason why = {""};

    ck_assert_int_eq(setenv(name, value, 1), 0);
    ck_assert_msg(config_load(&config, &why) == VT_ERR_MALFORMED, "%s=%s is taken", name, value);
    ck_assert_ptr_nonnull(strstr(why.text, name));
}

static void expect_defaults(const struct config *config)
{
    ck_assert_str_eq(config->data, "/srv/data");
    ck_assert_str_eq(config->token, "");
    ck_assert_int_eq(config->pool, POOL_API);
    ck_assert_uint_eq(config->max_upload, 128u << 20);
    ck_assert_uint_eq(config->max_pixels, 100000000);
    ck_assert_uint_eq(config->max_frames, 1000);
    ck_assert_uint_eq(config->decode_seconds, 30);
    ck_assert_uint_ge(config->decode_memory, UINT64_C(64) << 20);
    ck_assert_uint_eq(config->quota, 0);
    ck_assert_uint_eq(config->reserve, CONFIG_RESERVE_SHARE);
    ck_assert(!config->request_log);
    ck_assert_int_eq(config->sandbox, SANDBOX_ON);
    ck_assert_str_ne(config->policy_dir, "");
}

START_TEST(unset_settings_have_their_defaults)
{
    struct config config;
    struct vt_reason why = {""};

    memset(&config, 0xff, sizeof config);
    ck_assert_int_eq(config_load(&config, &why), VT_OK);
    expect_defaults(&config);
}
END_TEST

START_TEST(empty_setting_is_an_unset_one)
{
    struct config config;

    for (size_t i = 0; i < settings_count; i++)
        if (strcmp(settings_table[i].name, "VITRINE_DATA") != 0)
            load(settings_table[i].name, "", &config);
    expect_defaults(&config);
}
END_TEST

START_TEST(the_data_folder_is_required)
{
    struct config config;
    struct vt_reason why = {""};

    expect_refused("VITRINE_DATA", "");
    ck_assert_int_eq(unsetenv("VITRINE_DATA"), 0);
    ck_assert_int_eq(config_load(&config, &why), VT_ERR_MALFORMED);
    ck_assert_str_eq(why.text, "VITRINE_DATA is not set");
}
END_TEST

START_TEST(a_path_that_is_too_long_is_refused)
{
    struct config config;
    char path[PATH_MAX + 1];

    memset(path, 'p', sizeof path);
    path[PATH_MAX - 1] = '\0';
    load(_i == 0 ? "VITRINE_DATA" : "VITRINE_POLICY_DIR", path, &config);
    ck_assert_str_eq(_i == 0 ? config.data : config.policy_dir, path);
    path[PATH_MAX - 1] = 'p';
    path[PATH_MAX] = '\0';
    expect_refused(_i == 0 ? "VITRINE_DATA" : "VITRINE_POLICY_DIR", path);
}
END_TEST

START_TEST(a_token_of_allowed_characters_is_accepted)
{
    static const char all[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
    struct config config;
    char token[257];

    load("VITRINE_TOKEN", all, &config);
    ck_assert_str_eq(config.token, all);
    memset(token, 't', sizeof token);
    token[255] = '\0';
    load("VITRINE_TOKEN", token, &config);
    ck_assert_str_eq(config.token, token);
    token[255] = 't';
    token[256] = '\0';
    expect_refused("VITRINE_TOKEN", token);
}
END_TEST

START_TEST(token_of_fewer_than_16_characters_is_refused)
{
    struct config config;

    expect_refused("VITRINE_TOKEN", "x");
    expect_refused("VITRINE_TOKEN", "fifteen.letters");
    load("VITRINE_TOKEN", "sixteen.letters.", &config);
    load("VITRINE_TOKEN", "", &config);
}
END_TEST

static const char *const bad_tokens[] = {
    "                ",       "two words are no token", "token of 16 chars ",
    " token.of.16.chars",     "to\tken.of.16.chars",    "new\nline.of.16.chars",
    "\"quoted.of.16.chars\"", "a,b.of.16.characters",   "caf\xc3\xa9.of.16.characters",
    "a:b.of.16.characters"};

START_TEST(token_that_no_client_can_send_is_refused)
{
    expect_refused("VITRINE_TOKEN", bad_tokens[_i]);
}
END_TEST

START_TEST(pool_is_api_or_image)
{
    static const char *const bad[] = {"API", "images", "ap", " api", "api ", "0"};
    struct config config;

    load("VITRINE_POOL", "api", &config);
    ck_assert_int_eq(config.pool, POOL_API);
    load("VITRINE_POOL", "image", &config);
    ck_assert_int_eq(config.pool, POOL_IMAGE);
    for (int i = 0; i < COUNT(bad); i++)
        expect_refused("VITRINE_POOL", bad[i]);
    ck_assert_str_eq(config_pool_name(POOL_API), "api");
    ck_assert_str_eq(config_pool_name(POOL_IMAGE), "image");
}
END_TEST

/* ---- numbers ---- */

static const char *const bad_numbers[] = {"0",
                                          "00",
                                          "-1",
                                          "+1",
                                          " 1",
                                          "1 ",
                                          "80abc",
                                          "abc",
                                          "0x10",
                                          "1e3",
                                          "1.5",
                                          "1,000",
                                          "1\n",
                                          "m",
                                          "18446744073709551616",
                                          "18446744073709551617",
                                          "99999999999999999999999999",
                                          "\xd9\xa1",
                                          "1kk",
                                          "k1",
                                          "1 k",
                                          "1kb",
                                          "1t"};

START_TEST(an_invalid_number_is_refused)
{
    expect_refused("VITRINE_MAX_UPLOAD", bad_numbers[_i]);
    set_up();
    expect_refused("VITRINE_MAX_PIXELS", bad_numbers[_i]);
    set_up();
    expect_refused("VITRINE_MAX_FRAMES", bad_numbers[_i]);
    set_up();
    expect_refused("VITRINE_DECODE_SECONDS", bad_numbers[_i]);
}
END_TEST

START_TEST(pixels_go_from_1_to_4_gigapixels)
{
    struct config config;

    load("VITRINE_MAX_PIXELS", "1", &config);
    ck_assert_uint_eq(config.max_pixels, 1);
    load("VITRINE_MAX_PIXELS", "0050000000", &config);
    ck_assert_uint_eq(config.max_pixels, 50000000);
    load("VITRINE_MAX_PIXELS", "4000000000", &config);
    ck_assert_uint_eq(config.max_pixels, UINT64_C(4000000000));
    expect_refused("VITRINE_MAX_PIXELS", "4000000001");
    expect_refused("VITRINE_MAX_PIXELS", "100m");
}
END_TEST

START_TEST(frames_go_from_1_to_100000)
{
    struct config config;

    load("VITRINE_MAX_FRAMES", "1", &config);
    ck_assert_uint_eq(config.max_frames, 1);
    load("VITRINE_MAX_FRAMES", "100000", &config);
    ck_assert_uint_eq(config.max_frames, 100000);
    expect_refused("VITRINE_MAX_FRAMES", "100001");
    expect_refused("VITRINE_MAX_FRAMES", "4294967297");
    expect_refused("VITRINE_MAX_FRAMES", "1k");
}
END_TEST

START_TEST(decodes_have_64_megabytes_at_least)
{
    struct config config;

    load("VITRINE_DECODE_MEMORY", "64m", &config);
    ck_assert_uint_eq(config.decode_memory, UINT64_C(64) << 20);
    load("VITRINE_DECODE_MEMORY", "3g", &config);
    ck_assert_uint_eq(config.decode_memory, UINT64_C(3) << 30);
    expect_refused("VITRINE_DECODE_MEMORY", "63m");
    expect_refused("VITRINE_DECODE_MEMORY", "much");
}
END_TEST

START_TEST(a_decode_has_1_to_100_seconds)
{
    struct config config;

    load("VITRINE_DECODE_SECONDS", "1", &config);
    ck_assert_uint_eq(config.decode_seconds, 1);
    load("VITRINE_DECODE_SECONDS", "100", &config);
    ck_assert_uint_eq(config.decode_seconds, 100);
    expect_refused("VITRINE_DECODE_SECONDS", "101");
}
END_TEST

START_TEST(a_quota_goes_from_none_to_a_million_g)
{
    static const char *const bad[] = {"-1", "1t", "1.5g", "all", "1048577g", "1125899906842625"};
    struct config config;

    load("VITRINE_QUOTA", "0", &config);
    ck_assert_uint_eq(config.quota, 0);
    load("VITRINE_QUOTA", "1", &config);
    ck_assert_uint_eq(config.quota, 1);
    load("VITRINE_QUOTA", "4096G", &config);
    ck_assert_uint_eq(config.quota, UINT64_C(1) << 42);
    load("VITRINE_QUOTA", "1048576g", &config);
    ck_assert_uint_eq(config.quota, UINT64_C(1) << 50);
    for (int i = 0; i < COUNT(bad); i++)
        expect_refused("VITRINE_QUOTA", bad[i]);
}
END_TEST

START_TEST(a_reserve_goes_from_none_to_a_million_g)
{
    struct config config;

    load("VITRINE_RESERVE", "0", &config);
    ck_assert_uint_eq(config.reserve, 0);
    load("VITRINE_RESERVE", "300m", &config);
    ck_assert_uint_eq(config.reserve, UINT64_C(300) << 20);
    load("VITRINE_RESERVE", "", &config);
    ck_assert_uint_eq(config.reserve, CONFIG_RESERVE_SHARE);
    expect_refused("VITRINE_RESERVE", "1%");
    expect_refused("VITRINE_RESERVE", "1048577g");
}
END_TEST

START_TEST(workers_go_from_1_to_999)
{
    struct config config;

    load("VITRINE_WORKERS", "999", &config);
    ck_assert_uint_eq(config.workers, 999);
    load("VITRINE_WORKERS", "", &config);
    ck_assert_uint_eq(config.workers, 0);
    expect_refused("VITRINE_WORKERS", "0");
    expect_refused("VITRINE_WORKERS", "1000");
    expect_refused("VITRINE_WORKERS", "2x");
}
END_TEST

START_TEST(metadata_is_told_in_one_of_three_ways)
{
    struct config config;

    load("VITRINE_METADATA", "", &config);
    ck_assert_int_eq(config.metadata, METADATA_HIDE_PLACE);
    load("VITRINE_METADATA", "hide-all", &config);
    ck_assert_int_eq(config.metadata, METADATA_HIDE_ALL);
    load("VITRINE_METADATA", "show", &config);
    ck_assert_int_eq(config.metadata, METADATA_SHOW);
    load("VITRINE_METADATA", "hide-place", &config);
    ck_assert_int_eq(config.metadata, METADATA_HIDE_PLACE);
    expect_refused("VITRINE_METADATA", "hide");
    expect_refused("VITRINE_METADATA", "off");
}
END_TEST

START_TEST(the_request_log_is_on_or_off)
{
    struct config config;

    load("VITRINE_REQUEST_LOG", "on", &config);
    ck_assert(config.request_log);
    load("VITRINE_REQUEST_LOG", "off", &config);
    ck_assert(!config.request_log);
    load("VITRINE_REQUEST_LOG", "", &config);
    ck_assert(!config.request_log);
    expect_refused("VITRINE_REQUEST_LOG", "1");
    expect_refused("VITRINE_REQUEST_LOG", "ON");
    expect_refused("VITRINE_REQUEST_LOG", "on ");
}
END_TEST

START_TEST(the_sandbox_is_on_required_or_off)
{
    struct config config;

    load("VITRINE_SANDBOX", "off", &config);
    ck_assert_int_eq(config.sandbox, SANDBOX_OFF);
    load("VITRINE_SANDBOX", "require", &config);
    ck_assert_int_eq(config.sandbox, SANDBOX_REQUIRE);
    load("VITRINE_SANDBOX", "on", &config);
    ck_assert_int_eq(config.sandbox, SANDBOX_ON);
    expect_refused("VITRINE_SANDBOX", "1");
    expect_refused("VITRINE_SANDBOX", "OFF");
    expect_refused("VITRINE_SANDBOX", "required");
    expect_refused("VITRINE_SANDBOX", " on");
}
END_TEST

/* ---- sizes ---- */

static const struct {
    const char *text;
    uint64_t size; /* 0 where it is to be refused */
} sizes[] = {
    {"1", 1},
    {"1023", 1023},
    {"007", 7},
    {"1k", UINT64_C(1) << 10},
    {"1K", UINT64_C(1) << 10},
    {"3m", UINT64_C(3) << 20},
    {"3M", UINT64_C(3) << 20},
    {"2g", UINT64_C(2) << 30},
    {"2G", UINT64_C(2) << 30},
    {"1099511627776", UINT64_C(1) << 40},
    {"1073741824k", UINT64_C(1) << 40},
    {"1048576m", UINT64_C(1) << 40},
    {"1024g", UINT64_C(1) << 40},
    {"1099511627777", 0},
    {"1073741825k", 0},
    {"1048577m", 0},
    {"1025g", 0},
    {"17179869184g", 0},         /* 2^64 */
    {"18014398509481985k", 0},   /* 2^64 and 1 k */
    {"18446744073709551617", 0}, /* 2^64 and 1 */
    {"0", 0},
    {"0g", 0},
    {"g", 0},
    {"1gg", 0},
    {"1 g", 0},
    {"1g ", 0},
    {" 1g", 0},
    {"-1g", 0},
    {"+1g", 0},
    {"1.5g", 0},
    {"1t", 0},
    {"1b", 0},
    {"1kB", 0},
};

START_TEST(size_is_parsed_as_nginx_writes_it)
{
    struct config config;

    if (sizes[_i].size == 0) {
        expect_refused("VITRINE_MAX_UPLOAD", sizes[_i].text);
        return;
    }
    load("VITRINE_MAX_UPLOAD", sizes[_i].text, &config);
    ck_assert_uint_eq(config.max_upload, sizes[_i].size);
}
END_TEST

/* ---- the table ---- */

/* A limit or default that does not parse would refuse every value, or the start. */
START_TEST(each_setting_takes_its_limits_and_refuses_what_no_setting_is)
{
    const struct setting *setting = &settings_table[_i];
    struct config config;

    if (setting->size == 0)
        return;
    if (setting->least != NULL && setting->kind != SETTING_TOKEN) {
        load(setting->name, setting->least, &config);
        load(setting->name, setting->most, &config);
    }
    for (size_t i = 0; setting->choices[i] != NULL; i++)
        load(setting->name, setting->choices[i], &config);
    if (setting->kind != SETTING_PATH)
        expect_refused(setting->name, "{}");
}
END_TEST

START_TEST(a_refusal_names_the_range)
{
    static const struct {
        const char *name, *value, *words;
    } refusals[] = {
        {"VITRINE_MAX_FRAMES", "0", "VITRINE_MAX_FRAMES must be a whole number from 1 to 100000"},
        {"VITRINE_DECODE_MEMORY", "63m",
         "VITRINE_DECODE_MEMORY must be a number of bytes from 64m to 1024g, or one with k, m or "
         "g"},
        {"VITRINE_SANDBOX", "1", "VITRINE_SANDBOX must be on, require or off"},
        {"VITRINE_POOL", "1", "VITRINE_POOL must be api or image"},
        {"VITRINE_TOKEN", "short",
         "VITRINE_TOKEN is shorter than 16 characters; make one with: openssl rand -hex 24"}};
    struct config config;
    struct vt_reason why = {""};

    for (int i = 0; i < COUNT(refusals); i++) {
        set_up();
        ck_assert_int_eq(setenv(refusals[i].name, refusals[i].value, 1), 0);
        ck_assert_int_eq(config_load(&config, &why), VT_ERR_MALFORMED);
        ck_assert_str_eq(why.text, refusals[i].words);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("config");
    TCase *settings = tcase_create("settings");

    tcase_add_checked_fixture(settings, set_up, NULL);
    tcase_add_test(settings, unset_settings_have_their_defaults);
    tcase_add_test(settings, empty_setting_is_an_unset_one);
    tcase_add_test(settings, the_data_folder_is_required);
    tcase_add_loop_test(settings, a_path_that_is_too_long_is_refused, 0, 2);
    tcase_add_test(settings, a_token_of_allowed_characters_is_accepted);
    tcase_add_loop_test(settings, token_that_no_client_can_send_is_refused, 0, COUNT(bad_tokens));
    tcase_add_test(settings, token_of_fewer_than_16_characters_is_refused);
    tcase_add_test(settings, pool_is_api_or_image);
    tcase_add_loop_test(settings, an_invalid_number_is_refused, 0, COUNT(bad_numbers));
    tcase_add_test(settings, pixels_go_from_1_to_4_gigapixels);
    tcase_add_test(settings, frames_go_from_1_to_100000);
    tcase_add_test(settings, a_decode_has_1_to_100_seconds);
    tcase_add_test(settings, decodes_have_64_megabytes_at_least);
    tcase_add_test(settings, a_quota_goes_from_none_to_a_million_g);
    tcase_add_test(settings, a_reserve_goes_from_none_to_a_million_g);
    tcase_add_test(settings, workers_go_from_1_to_999);
    tcase_add_test(settings, metadata_is_told_in_one_of_three_ways);
    tcase_add_test(settings, the_request_log_is_on_or_off);
    tcase_add_test(settings, the_sandbox_is_on_required_or_off);
    tcase_add_loop_test(settings, size_is_parsed_as_nginx_writes_it, 0, COUNT(sizes));
    tcase_add_loop_test(settings, each_setting_takes_its_limits_and_refuses_what_no_setting_is, 0,
                        (int)settings_count);
    tcase_add_test(settings, a_refusal_names_the_range);
    suite_add_tcase(suite, settings);
    return suite;
}
