#include "base/config.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/host_memory.h"

#define MAX_SIZE (UINT64_C(1) << 40)
#define MAX_QUOTA (UINT64_C(1) << 50)
#define TOKEN_MIN 16

static bool parse_digits(const char *text, const char **end, uint64_t max, uint64_t *value)
{
    uint64_t sum = 0;

    *end = text;
    for (; **end >= '0' && **end <= '9'; (*end)++) {
        sum = sum * 10 + (uint64_t)(**end - '0');
        if (sum > max)
            return false;
    }
    *value = sum;
    return *end != text;
}

/* Parses digits and an optional unit; the size may be at most max. */
static enum vt_error parse_scaled(const char *text, uint64_t max, uint64_t *size)
{
    uint64_t value;
    unsigned shift = 0;
    const char *end;

    if (!parse_digits(text, &end, max, &value))
        return VT_ERR_MALFORMED;
    if (*end != '\0') {
        const char *unit = strchr("kKmMgG", *end);

        if (unit == NULL || end[1] != '\0')
            return VT_ERR_MALFORMED;
        shift = 10 * (1 + (unsigned)(unit - "kKmMgG") / 2);
    }
    if (value > max >> shift)
        return VT_ERR_MALFORMED;
    *size = value << shift;
    return VT_OK;
}

enum vt_error config_parse_size(const char *text, uint64_t *size)
{
    uint64_t value;
    enum vt_error err = parse_scaled(text, MAX_SIZE, &value);

    if (err != VT_OK || value == 0)
        return VT_ERR_MALFORMED;
    *size = value;
    return VT_OK;
}

const char *config_pool_name(enum pool pool)
{
    return pool == POOL_IMAGE ? "image" : "api";
}

/* An empty variable counts as unset, since Compose passes empty ones. */
static const char *setting(const char *name, const char *fallback)
{
    const char *value = getenv(name);

    return value == NULL || *value == '\0' ? fallback : value;
}

static enum vt_error load_path(const char *name, const char *fallback, char out[PATH_MAX],
                               struct vt_reason *why)
{
    const char *value = setting(name, fallback);
    size_t len = strlen(value);

    if (len == 0)
        return vt_fail(why, VT_ERR_MALFORMED, "%s is not set", name);
    if (len >= PATH_MAX)
        return vt_fail(why, VT_ERR_MALFORMED, "%s is too long", name);
    memcpy(out, value, len + 1);
    return VT_OK;
}

static enum vt_error load_number(const char *name, uint64_t fallback, uint64_t max, uint64_t *out,
                                 struct vt_reason *why)
{
    const char *value = setting(name, NULL), *end;

    *out = fallback;
    if (value == NULL)
        return VT_OK;
    if (!parse_digits(value, &end, max, out) || *end != '\0' || *out == 0)
        return vt_fail(why, VT_ERR_MALFORMED, "%s must be a whole number from 1 to %" PRIu64, name,
                       max);
    return VT_OK;
}

/* RFC 6750, 2.1: the characters that a bearer token may have. A token that can be guessed in days
 * is refused. */
static enum vt_error load_token(char *out, size_t size, struct vt_reason *why)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
    const char *value = setting("VITRINE_TOKEN", "");
    size_t len = strlen(value);

    if (len >= size)
        return vt_fail(why, VT_ERR_MALFORMED, "VITRINE_TOKEN is longer than %zu characters",
                       size - 1);
    if (strspn(value, allowed) != len)
        return vt_fail(why, VT_ERR_MALFORMED,
                       "VITRINE_TOKEN may hold letters, digits and -._~+/= only");
    if (len > 0 && len < TOKEN_MIN)
        return vt_fail(
            why, VT_ERR_MALFORMED,
            "VITRINE_TOKEN is shorter than %d characters; make one with: openssl rand -hex 24",
            TOKEN_MIN);
    memcpy(out, value, len + 1);
    return VT_OK;
}

static enum vt_error load_switch(const char *name, bool *out, struct vt_reason *why)
{
    const char *value = setting(name, "off");

    *out = strcmp(value, "on") == 0;
    if (!*out && strcmp(value, "off") != 0)
        return vt_fail(why, VT_ERR_MALFORMED, "%s must be on or off", name);
    return VT_OK;
}

static enum vt_error load_sandbox(enum sandbox_mode *out, struct vt_reason *why)
{
    static const char *const modes[] = {
        [SANDBOX_ON] = "on", [SANDBOX_REQUIRE] = "require", [SANDBOX_OFF] = "off"};
    const char *value = setting("VITRINE_SANDBOX", "on");

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(value, modes[i]) == 0) {
            *out = (enum sandbox_mode)i;
            return VT_OK;
        }
    }
    return vt_fail(why, VT_ERR_MALFORMED, "VITRINE_SANDBOX must be on, require or off");
}

/* With less than this, no photograph could be decoded. */
#define MIN_DECODE_MEMORY (UINT64_C(64) << 20)

static enum vt_error load_decode_memory(uint64_t *out, struct vt_reason *why)
{
    const char *value = setting("VITRINE_DECODE_MEMORY", NULL);

    if (value == NULL) {
        *out = host_memory_for_decodes("");
        if (*out < MIN_DECODE_MEMORY)
            *out = MIN_DECODE_MEMORY;
        return VT_OK;
    }
    if (config_parse_size(value, out) != VT_OK || *out < MIN_DECODE_MEMORY)
        return vt_fail(
            why, VT_ERR_MALFORMED,
            "VITRINE_DECODE_MEMORY must be a number of bytes from 64m, or one with k, m or g");
    return VT_OK;
}

enum vt_error config_load(struct config *config, struct vt_reason *why)
{
    const char *pool = setting("VITRINE_POOL", "api");
    uint64_t frames, seconds;
    enum vt_error err;

    memset(config, 0, sizeof *config);
    if ((err = load_path("VITRINE_DATA", "", config->data, why)) != VT_OK)
        return err;
    if ((err = load_path("VITRINE_MODULE_DIR", MODULE_DIR, config->module_dir, why)) != VT_OK)
        return err;
    if ((err = load_path("VITRINE_POLICY_DIR", POLICY_DIR, config->policy_dir, why)) != VT_OK)
        return err;
    if ((err = load_token(config->token, sizeof config->token, why)) != VT_OK)
        return err;
    if (strcmp(pool, "api") == 0)
        config->pool = POOL_API;
    else if (strcmp(pool, "image") == 0)
        config->pool = POOL_IMAGE;
    else
        return vt_fail(why, VT_ERR_MALFORMED, "VITRINE_POOL must be api or image");
    if (config_parse_size(setting("VITRINE_MAX_UPLOAD", "128m"), &config->max_upload) != VT_OK)
        return vt_fail(why, VT_ERR_MALFORMED,
                       "VITRINE_MAX_UPLOAD must be a number of bytes, or one with k, m or g");
    if (parse_scaled(setting("VITRINE_QUOTA", "0"), MAX_QUOTA, &config->quota) != VT_OK)
        return vt_fail(why, VT_ERR_MALFORMED,
                       "VITRINE_QUOTA must be a number of bytes, or one with k, m or g");
    config->reserve = CONFIG_RESERVE_SHARE;
    if (setting("VITRINE_RESERVE", NULL) != NULL &&
        parse_scaled(setting("VITRINE_RESERVE", ""), MAX_QUOTA, &config->reserve) != VT_OK)
        return vt_fail(why, VT_ERR_MALFORMED,
                       "VITRINE_RESERVE must be a number of bytes, or one with k, m or g");
    if ((err = load_number("VITRINE_MAX_PIXELS", 100 * 1000 * 1000, 4000 * UINT64_C(1000000),
                           &config->max_pixels, why)) != VT_OK)
        return err;
    if ((err = load_number("VITRINE_MAX_FRAMES", 1000, 100000, &frames, why)) != VT_OK)
        return err;
    config->max_frames = (uint32_t)frames;
    /* This is less than the two minutes that a whole request may take. */
    if ((err = load_number("VITRINE_DECODE_SECONDS", 30, 100, &seconds, why)) != VT_OK)
        return err;
    config->decode_seconds = (unsigned)seconds;
    if ((err = load_decode_memory(&config->decode_memory, why)) != VT_OK)
        return err;
    /* vitrine-pool uses this setting; it is checked here so that a mistake is found before anything
     * is stopped. */
    if ((err = load_number("VITRINE_WORKERS", 0, 999, &config->workers, why)) != VT_OK)
        return err;
    if ((err = load_sandbox(&config->sandbox, why)) != VT_OK)
        return err;
    return load_switch("VITRINE_REQUEST_LOG", &config->request_log, why);
}
