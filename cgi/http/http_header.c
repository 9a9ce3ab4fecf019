#include "http/http_header.h"

#include <string.h>
#include <strings.h>

#define BLANKS " \t"
#define FILENAME_MAX_SIZE 3072 /* a name in a header of at most 8 KiB, percent-encoded */

bool http_header_is_media_type(const char *value, const char *type)
{
    size_t len, want = strlen(type);

    value += strspn(value, BLANKS);
    len = strcspn(value, BLANKS ";,");
    if (want > 0 && type[want - 1] == '*')
        return len >= want && strncasecmp(value, type, want - 1) == 0;
    return len == want && strncasecmp(value, type, len) == 0;
}

/* Copies the quoted string at *at, which points to its opening quote. */
static enum vt_error unquote(const char **at, char *out, size_t size)
{
    const char *in = *at + 1;
    size_t len = 0;

    for (; *in != '"'; in++) {
        if (*in == '\0')
            return VT_ERR_MALFORMED;
        if (*in == '\\' && (in[1] == '"' || in[1] == '\\'))
            in++;
        if (len + 1 >= size)
            return VT_ERR_TOO_LARGE;
        out[len++] = *in;
    }
    out[len] = '\0';
    *at = in + 1;
    return VT_OK;
}

static enum vt_error copy_value(const char **at, char *out, size_t size)
{
    size_t len;

    if (**at == '"')
        return unquote(at, out, size);
    len = strcspn(*at, BLANKS ";");
    if (len >= size)
        return VT_ERR_TOO_LARGE;
    memcpy(out, *at, len);
    out[len] = '\0';
    *at += len;
    return VT_OK;
}

/* Skips the value of a parameter that is not wanted. */
static enum vt_error skip_value(const char **at)
{
    const char *in = *at;

    if (*in != '"') {
        *at += strcspn(in, BLANKS ";");
        return VT_OK;
    }
    for (in++; *in != '"'; in++) {
        if (*in == '\\' && (in[1] == '"' || in[1] == '\\'))
            in++;
        if (*in == '\0')
            return VT_ERR_MALFORMED;
    }
    *at = in + 1;
    return VT_OK;
}

enum vt_error http_header_parameter(const char *value, const char *name, char *out, size_t size)
{
    const char *at = value + strcspn(value, ";");

    while (*at == ';') {
        size_t len;
        bool wanted;
        enum vt_error err;

        at += strspn(at, BLANKS ";");
        if (*at == '\0')
            break;
        len = strcspn(at, BLANKS "=;");
        wanted = len == strlen(name) && strncasecmp(at, name, len) == 0;
        at += len;
        at += strspn(at, BLANKS);
        if (len == 0 || *at != '=')
            return VT_ERR_MALFORMED;
        at++;
        at += strspn(at, BLANKS);
        err = wanted ? copy_value(&at, out, size) : skip_value(&at);
        if (err != VT_OK)
            return err;
        at += strspn(at, BLANKS);
        if (*at != ';' && *at != '\0')
            return VT_ERR_MALFORMED;
        if (wanted)
            return VT_OK;
    }
    return VT_ERR_NOT_FOUND;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* RFC 8187, 3.2.1: charset'language'percent-encoded. */
static enum vt_error decode_extended(const char *value, char *out, size_t size)
{
    bool latin1 = strncasecmp(value, "iso-8859-1'", 11) == 0;
    size_t len = 0;
    const char *in;

    if (!latin1 && strncasecmp(value, "utf-8'", 6) != 0)
        return VT_ERR_MALFORMED;
    in = strchr(strchr(value, '\'') + 1, '\'');
    if (in == NULL)
        return VT_ERR_MALFORMED;
    for (in++; *in != '\0'; in++) {
        unsigned char byte = (unsigned char)*in;
        bool two; /* whether UTF-8 takes two bytes for it */

        if (byte == '%') {
            int high = hex_digit(in[1]), low = high < 0 ? -1 : hex_digit(in[2]);

            if (low < 0)
                return VT_ERR_MALFORMED;
            byte = (unsigned char)(high * 16 + low);
            in += 2;
        }
        if (byte == '\0')
            byte = 0x01; /* removed later with the other control characters */
        two = latin1 && byte >= 0x80;
        if (len + (two ? 2 : 1) >= size)
            return VT_ERR_TOO_LARGE;
        if (two) {
            out[len++] = (char)(0xc0 | byte >> 6);
            out[len++] = (char)(0x80 | (byte & 0x3f));
        } else {
            out[len++] = (char)byte;
        }
    }
    out[len] = '\0';
    return VT_OK;
}

/* HTML, "multipart/form-data encoding algorithm": only these three are escaped in a name. */
static void decode_html_name(char *name)
{
    char *out = name;

    for (const char *in = name; *in != '\0'; in++) {
        if (strncmp(in, "%22", 3) == 0) {
            *out++ = '"';
            in += 2;
        } else if (strncasecmp(in, "%0D", 3) == 0 || strncasecmp(in, "%0A", 3) == 0) {
            *out++ = '\n';
            in += 2;
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
}

enum vt_error http_header_filename(const char *value, char *out, size_t size)
{
    char extended[FILENAME_MAX_SIZE];
    enum vt_error err = http_header_parameter(value, "filename*", extended, sizeof extended);

    if (err == VT_OK)
        return decode_extended(extended, out, size);
    if (err != VT_ERR_NOT_FOUND)
        return err;
    err = http_header_parameter(value, "filename", out, size);
    if (err == VT_OK)
        decode_html_name(out);
    return err;
}

const char *http_header_bearer_token(const char *value)
{
    static const char scheme[] = "Bearer";
    size_t len = sizeof scheme - 1;

    if (strncasecmp(value, scheme, len) != 0 || value[len] != ' ')
        return NULL;
    value += len;
    value += strspn(value, " ");
    return *value == '\0' ? NULL : value;
}

bool http_header_accepts_html(const char *accept)
{
    for (const char *at = accept; *at != '\0'; at += *at == ',') {
        size_t len = strcspn(at, ",");

        if (http_header_is_media_type(at, "text/html")) {
            char range[128], quality[16];

            if (len >= sizeof range)
                return true;
            memcpy(range, at, len);
            range[len] = '\0';
            if (http_header_parameter(range, "q", quality, sizeof quality) != VT_OK ||
                strspn(quality, "0.") != strlen(quality))
                return true;
        }
        at += len;
    }
    return false;
}

bool http_header_etag_matches(const char *if_none_match, const char *etag)
{
    size_t want = strlen(etag);
    const char *at = if_none_match;

    for (;;) {
        const char *end;

        at += strspn(at, BLANKS ",");
        if (*at == '*')
            return true;
        if (strncmp(at, "W/", 2) == 0)
            at += 2;
        if (*at != '"')
            return false;
        end = strchr(at + 1, '"');
        if (end == NULL)
            return false;
        end++;
        if ((size_t)(end - at) == want && memcmp(at, etag, want) == 0)
            return true;
        at = end;
    }
}
