#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MAX_EXTENSION 16

/* Reads one UTF-8 character (RFC 3629, 4). Returns its length, or 0 if the bytes are not UTF-8. */
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

/* Whether the character is invisible or reorders visible text: control characters, Unicode's
 * default-ignorable and format characters, and letters that look blank (Hangul fillers). Joiners,
 * variation selectors and Mongolian's selectors stay: scripts and emoji need them. */
static bool is_unwanted(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } unwanted[] = {
        {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},
        {0x061c, 0x061c},   {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180e, 0x180e},
        {0x200b, 0x200b},   {0x200e, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
        {0x3164, 0x3164},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
        {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff}, {0xe01f0, 0xe0fff},
    };

    for (size_t i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++)
        if (code >= unwanted[i].first && code <= unwanted[i].last)
            return true;
    return false;
}

size_t text_hidden(const char *text, size_t len)
{
    uint32_t code = 0;
    size_t used = decode_utf8((const unsigned char *)text, len, &code);

    if (used == 0)
        return 1;
    return is_unwanted(code) ? used : 0;
}

size_t text_character(const char *text, size_t len)
{
    uint32_t code;
    size_t used = decode_utf8((const unsigned char *)text, len, &code);

    return used == 0 ? 1 : used;
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

void text_clean_name(const char *in, size_t len, char out[NAME_SIZE])
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

const char *text_bytes(uint64_t bytes, char out[TEXT_BYTES_SIZE])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = (double)bytes;
    size_t unit = 0;

    for (; value >= 1024 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        value /= 1024;
    (void)snprintf(out, TEXT_BYTES_SIZE,
                   value >= 100 || value == (double)(int)value ? "%.0f %s" : "%.1f %s", value,
                   units[unit]);
    return out;
}
