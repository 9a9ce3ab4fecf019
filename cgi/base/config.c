#include "base/config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/host_memory.h"
#include "base/settings.h"

/* No number or size of a setting is larger. */
#define MAX_VALUE (UINT64_C(1) << 50)

/* With less than this, no photograph could be decoded. */
#define MIN_DECODE_MEMORY (UINT64_C(64) << 20)

const char *config_pool_name(enum pool pool)
{
    return pool == POOL_IMAGE ? "image" : "api";
}

/* ---- values ---- */

static bool parse_digits(const char *text, const char **end, uint64_t *value)
{
    uint64_t sum = 0;

    *end = text;
    for (; **end >= '0' && **end <= '9'; (*end)++) {
        sum = sum * 10 + (uint64_t)(**end - '0');
        if (sum > MAX_VALUE)
            return false;
    }
    *value = sum;
    return *end != text;
}

/* Parses decimal digits; for a size, as in nginx's notation, optionally followed by k, m or g in
 * either case, for powers of 1024. */
static bool parse_number(const char *text, bool is_size, uint64_t *number)
{
    uint64_t value;
    unsigned shift = 0;
    const char *end;

    if (!parse_digits(text, &end, &value))
        return false;
    if (*end != '\0') {
        const char *unit = strchr("kKmMgG", *end);

        if (!is_size || unit == NULL || end[1] != '\0')
            return false;
        shift = 10 * (1 + (unsigned)(unit - "kKmMgG") / 2);
    }
    if (value > MAX_VALUE >> shift)
        return false;
    *number = value << shift;
    return true;
}

/* Whether the number is in the setting's range. Limits that do not parse admit nothing. */
static bool is_in_range(const struct setting *setting, uint64_t number)
{
    bool is_size = setting->kind == SETTING_SIZE;
    uint64_t least, most;

    return parse_number(setting->least, is_size, &least) &&
           parse_number(setting->most, is_size, &most) && number >= least && number <= most;
}

/* Writes a number to a member of struct config: a uint64_t, an int of 32 bits, an enum or a bool.
 */
static void store(void *member, size_t size, uint64_t number)
{
    if (size == sizeof(bool))
        *(bool *)member = number != 0;
    else if (size == sizeof(uint32_t))
        *(uint32_t *)member = (uint32_t)number;
    else
        *(uint64_t *)member = number;
}

/* ---- kinds of settings: each loads a value that is set or has a default ---- */

static enum vt_error load_path(const struct setting *setting, const char *value, char *out,
                               struct vt_reason *why)
{
    size_t len = strlen(value);

    if (len >= setting->size)
        return vt_fail(why, VT_ERR_MALFORMED, "%s is too long", setting->name);
    memcpy(out, value, len + 1);
    return VT_OK;
}

/* RFC 6750, 2.1: the characters that a bearer token may have. A token that can be guessed in days
 * is refused. */
static enum vt_error load_token(const struct setting *setting, const char *value, char *out,
                                struct vt_reason *why)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
    size_t len = strlen(value);

    if (len >= setting->size)
        return vt_fail(why, VT_ERR_MALFORMED, "%s is longer than %s characters", setting->name,
                       setting->most);
    if (strspn(value, allowed) != len)
        return vt_fail(why, VT_ERR_MALFORMED, "%s may hold letters, digits and -._~+/= only",
                       setting->name);
    if (!is_in_range(setting, len))
        return vt_fail(why, VT_ERR_MALFORMED,
                       "%s is shorter than %s characters; make one with: openssl rand -hex 24",
                       setting->name, setting->least);
    memcpy(out, value, len + 1);
    return VT_OK;
}

static enum vt_error load_number(const struct setting *setting, const char *value, void *out,
                                 struct vt_reason *why)
{
    bool is_size = setting->kind == SETTING_SIZE;
    char range[SETTINGS_RANGE_SIZE];
    uint64_t number;

    if (!parse_number(value, is_size, &number) || !is_in_range(setting, number))
        return vt_fail(why, VT_ERR_MALFORMED, "%s must be a %s from %s%s", setting->name,
                       is_size ? "number of bytes" : "whole number", settings_range(setting, range),
                       is_size ? ", or one with k, m or g" : "");
    store(out, setting->size, number);
    return VT_OK;
}

static enum vt_error load_choice(const struct setting *setting, const char *value, void *out,
                                 struct vt_reason *why)
{
    char range[SETTINGS_RANGE_SIZE];

    for (size_t i = 0; setting->choices[i] != NULL; i++) {
        if (strcmp(value, setting->choices[i]) == 0) {
            store(out, setting->size, i);
            return VT_OK;
        }
    }
    return vt_fail(why, VT_ERR_MALFORMED, "%s must be %s", setting->name,
                   settings_range(setting, range));
}

/* An empty variable counts as unset, since Compose passes empty ones. What is unset and has no
 * default is left as it is, unless it is a path. */
static enum vt_error load_setting(const struct setting *setting, void *out, struct vt_reason *why)
{
    const char *value = getenv(setting->name);

    if (value == NULL || *value == '\0')
        value = setting->default_value;
    if (value == NULL && setting->kind != SETTING_PATH)
        return VT_OK;
    if (value == NULL || *value == '\0')
        return vt_fail(why, VT_ERR_MALFORMED, "%s is not set", setting->name);
    switch (setting->kind) {
    case SETTING_PATH:
        return load_path(setting, value, out, why);
    case SETTING_TOKEN:
        return load_token(setting, value, out, why);
    case SETTING_NUMBER:
    case SETTING_SIZE:
        return load_number(setting, value, out, why);
    case SETTING_CHOICE:
        return load_choice(setting, value, out, why);
    case SETTING_TEXT:
        break;
    }
    return vt_fail(why, VT_ERR_INTERNAL, "%s cannot be read by a program in C", setting->name);
}

enum vt_error config_load(struct config *config, struct vt_reason *why)
{
    memset(config, 0, sizeof *config);
    config->reserve = CONFIG_RESERVE_SHARE;
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *setting = &settings_table[i];
        enum vt_error err;

        if (setting->size == 0)
            continue;
        err = load_setting(setting, (char *)config + setting->offset, why);
        if (err != VT_OK)
            return err;
    }
    if (config->decode_memory == 0) {
        config->decode_memory = host_memory_for_decodes("");
        if (config->decode_memory < MIN_DECODE_MEMORY)
            config->decode_memory = MIN_DECODE_MEMORY;
    }
    return VT_OK;
}
