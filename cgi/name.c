#include "name.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MAX_EXTENSION 16

/* Reads one character of UTF-8 (RFC 3629, 4); returns its length, or 0 where the bytes are none. */
static size_t decode_utf8(const unsigned char *in, size_t len, uint32_t *code)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t need;

    if (in[0] < 0x80) {
        *code = in[0];
        return 1;
    }
    if (in[0] >= 0xc2 && in[0] < 0xe0)
        need = 2;
    else if (in[0] >= 0xe0 && in[0] < 0xf0)
        need = 3;
    else if (in[0] >= 0xf0 && in[0] < 0xf5)
        need = 4;
    else
        return 0;
    if (need > len)
        return 0;
    *code = in[0] & (0x7fu >> need);
    for (size_t i = 1; i < need; i++) {
        if ((in[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (in[i] & 0x3f);
    }
    if (*code < smallest[need] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
        return 0;
    return need;
}

static bool is_unwanted(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0xfeff || code == 0x200e ||
           code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

void text_clean(const char *in, size_t len, char *out, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)in;
    size_t at = 0, i = 0;

    while (i < len) {
        uint32_t code = 0;
        size_t used = decode_utf8(bytes + i, len - i, &code);
        const char *piece = in + i;
        size_t piece_len = used;

        if (used == 0) {
            code = 0xfffd;
            piece = "\xef\xbf\xbd";
            piece_len = 3;
            used = 1;
        }
        i += used;
        if (is_unwanted(code) || (at == 0 && code == ' '))
            continue;
        if (at + piece_len >= size)
            break;
        memcpy(out + at, piece, piece_len);
        at += piece_len;
    }
    while (at > 0 && out[at - 1] == ' ')
        at--;
    out[at] = '\0';
}

void name_clean(const char *in, size_t len, char out[NAME_SIZE])
{
    const char *dot;
    size_t extension = 0;

    for (size_t i = len; i > 0; i--) {
        if (in[i - 1] == '/' || in[i - 1] == '\\') {
            in += i;
            len -= i;
            break;
        }
    }
    dot = memrchr(in, '.', len);
    if (dot != NULL && dot > in)
        extension = len - (size_t)(dot - in);
    if (len >= NAME_SIZE && extension > 0 && extension <= MAX_EXTENSION) {
        char tail[MAX_EXTENSION + 1];
        size_t at;

        text_clean(dot, extension, tail, sizeof tail);
        text_clean(in, len - extension, out, NAME_SIZE - strlen(tail));
        at = strlen(out);
        memcpy(out + at, tail, strlen(tail) + 1);
    } else {
        text_clean(in, len, out, NAME_SIZE);
    }
    if (out[0] == '\0' || strcmp(out, ".") == 0 || strcmp(out, "..") == 0)
        (void)snprintf(out, NAME_SIZE, "untitled");
}
