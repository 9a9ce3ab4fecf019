#include "http/http_query.h"

#include <stdlib.h>
#include <string.h>

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static enum vt_error decode(const char *in, size_t len, char *out, size_t size,
                            struct vt_reason *why)
{
    size_t at = 0;

    for (size_t i = 0; i < len; i++) {
        char c = in[i];

        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            char digits[3] = {0};

            if (len - i < 3 || !is_hex(in[i + 1]) || !is_hex(in[i + 2]))
                return vt_fail(why, VT_ERR_MALFORMED, "the query has a bad percent escape");
            memcpy(digits, in + i + 1, 2);
            c = (char)strtol(digits, NULL, 16);
            i += 2;
        }
        if (c == '\0')
            return vt_fail(why, VT_ERR_MALFORMED, "the query has a NUL byte");
        if (at + 1 >= size)
            return vt_fail(why, VT_ERR_MALFORMED, "a parameter of the query is too long");
        out[at++] = c;
    }
    out[at] = '\0';
    return VT_OK;
}

enum vt_error http_query_next(const char **at, struct http_parameter_pair *pair, bool *found,
                              struct vt_reason *why)
{
    size_t len, name_len;
    const char *in = *at + strspn(*at, "&");
    enum vt_error err;

    *found = *in != '\0';
    if (!*found)
        return VT_OK;
    len = strcspn(in, "&");
    name_len = strcspn(in, "=&");
    *at = in + len;
    err = decode(in, name_len, pair->name, sizeof pair->name, why);
    if (err != VT_OK)
        return err;
    if (name_len < len)
        name_len++; /* the equals sign */
    return decode(in + name_len, len - name_len, pair->value, sizeof pair->value, why);
}

static void put_encoded(struct buf *query, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
            c == '-' || c == '.' || c == '_' || c == '~')
            buf_append(query, text, 1);
        else
            buf_printf(query, "%%%02X", c);
    }
}

void http_query_put(struct buf *query, const char *name, const char *value)
{
    if (query->len > 0)
        buf_puts(query, "&");
    put_encoded(query, name);
    buf_puts(query, "=");
    put_encoded(query, value);
}
