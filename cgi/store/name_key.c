/* A key consists of a token for each significant character, a NUL, and the name itself:
 *
 *   a blank            BLANK
 *   a sign             SIGN, its UTF-8
 *   a number           NUMBER, how many digits it has without leading zeros, these digits
 *   a letter           its UTF-8, folded and decomposed, whose first byte is above NUMBER
 *   its mark           OWN_LETTER, its UTF-8, if it makes another letter: this one follows the
 *                      plain one, whatever comes after that
 *
 * No token is a prefix of another one, and none begins with NUL. So a name that is a prefix of
 * another one comes first, and keys with different tokens differ before the names at their end. If
 * the tokens together are too long, they are truncated. */
#include "store/name_key.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#define FORMAT 1 /* changing it makes every catalogue recompute its keys */

enum { END = 0, BLANK = 0x08, SIGN = 0x10, NUMBER = 0x20, OWN_LETTER = 0xf8 /* in no UTF-8 */ };

#define DIGITS_MAX UINT8_MAX /* bytes of a name: no number has more */
#define CHARACTER_MAX 32     /* code points of a decomposed character: U+FDFA has 18 */
#define REPLACEMENT 0xfffd

struct key {
    uint8_t *bytes;
    size_t len;
    size_t number;           /* position of the length of the number that is being written; or 0 */
    utf8proc_int32_t letter; /* the letter just written, or 0 */
};

/* Writes nothing that does not fit. */
static void put(struct key *key, const void *bytes, size_t len)
{
    size_t room = NAME_KEY_FOLDED_SIZE - 1 - key->len;

    if (len > room)
        len = room;
    memcpy(key->bytes + key->len, bytes, len);
    key->len += len;
}

static void put_byte(struct key *key, int byte)
{
    const uint8_t one = (uint8_t)byte;

    put(key, &one, 1);
}

static void put_character(struct key *key, utf8proc_int32_t code)
{
    utf8proc_uint8_t bytes[4] = {0};

    put(key, bytes, (size_t)utf8proc_encode_char(code, bytes));
}

/* The digits of a script are ten consecutive characters starting with 0 (The Unicode Standard,
 * 4.6); another ten may follow directly. */
static int digit_value(utf8proc_int32_t code)
{
    utf8proc_int32_t zero = code;

    while (zero > 0 && utf8proc_category(zero - 1) == UTF8PROC_CATEGORY_ND)
        zero--;
    return (code - zero) % 10;
}

static void put_digit(struct key *key, int value)
{
    if (key->number == 0) {
        put_byte(key, NUMBER);
        key->number = key->len;
        put_byte(key, 0);
    }
    if (key->number >= key->len) /* the key is truncated */
        return;
    if ((value == 0 && key->bytes[key->number] == 0) || key->bytes[key->number] == DIGITS_MAX)
        return; /* a leading zero */
    key->bytes[key->number]++;
    put_byte(key, '0' + value);
}

/* Letters that Unicode does not decompose although its collation order (DUCET) does: letters with a
 * stroke and ligatures. Also letters of Slavic alphabets that are not sorted by their code point:
 * they follow the letter that is given here. */
static const char *plain_letters(utf8proc_int32_t code)
{
    static const struct {
        utf8proc_int32_t code;
        const char *letters;
    } plain[] = {
        {0x00e6, "ae"},     {0x00f0, "d"},      {0x00f8, "o"},      {0x0111, "d"},
        {0x0127, "h"},      {0x0142, "l"},      {0x0153, "oe"},     {0x0452, "д\xf8ђ"},
        {0x0454, "е\xf8є"}, {0x0455, "з\xf8ѕ"}, {0x0456, "и\xf8і"}, {0x0458, "и\xf8ј"},
        {0x0459, "л\xf8љ"}, {0x045a, "н\xf8њ"}, {0x045b, "т\xf8ћ"}, {0x045f, "ч\xf8џ"},
        {0x0491, "г\xf8ґ"},
    };

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (plain[i].code == code)
            return plain[i].letters;
    return NULL;
}

/* Whether a mark is an accent, a point or a voicing mark on a letter, by its combining class:
 * vowels and viramas of South and South-East Asian scripts count as letters. */
static bool is_accent(utf8proc_int32_t code)
{
    int class = (int)utf8proc_get_property(code)->combining_class;

    return class == 1 || class == 7 || class == 8 || (class >= 10 && class <= 36) || class >= 200;
}

/* The short I and U, YI, GJE and KJE are separate letters of their alphabets; IO is sorted with IE.
 */
static bool is_cyrillic_letter(utf8proc_int32_t base, utf8proc_int32_t mark)
{
    return base >= 0x0400 && base <= 0x052f && (base != 0x0435 || mark != 0x0308);
}

static void put_mark(struct key *key, utf8proc_int32_t code)
{
    if (!is_cyrillic_letter(key->letter, code))
        return;
    put_byte(key, OWN_LETTER);
    put_character(key, code);
}

static void put_letter(struct key *key, utf8proc_int32_t code)
{
    const char *plain = plain_letters(code);

    key->letter = code;
    if (plain != NULL)
        put(key, plain, strlen(plain));
    else
        put_character(key, code);
}

/* Punctuation, symbols and control characters, which a damaged catalogue may contain. */
static bool is_sign(utf8proc_category_t category)
{
    return (category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_SO) ||
           category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF;
}

/* Writes one character, folded and decomposed. */
static void put_token(struct key *key, utf8proc_int32_t code)
{
    utf8proc_category_t category = utf8proc_category(code);

    switch (category) {
    case UTF8PROC_CATEGORY_ND:
        key->letter = 0;
        put_digit(key, digit_value(code));
        return;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        if (is_accent(code)) {
            put_mark(key, code);
            return;
        }
        break;
    default:
        break;
    }
    key->number = 0;
    key->letter = 0;
    if (category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_ZP) {
        put_byte(key, BLANK);
    } else if (is_sign(category)) {
        put_byte(key, SIGN);
        put_character(key, code);
    } else {
        put_letter(key, code);
    }
}

size_t name_key(const char *name, size_t len, uint8_t out[NAME_KEY_SIZE])
{
    const utf8proc_option_t options =
        UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    struct key key = {.bytes = out};
    size_t at = 0;

    if (len >= NAME_SIZE)
        len = NAME_SIZE - 1;
    while (at < len) {
        utf8proc_int32_t code, parts[CHARACTER_MAX];
        utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)name + at,
                                                 (utf8proc_ssize_t)(len - at), &code);
        utf8proc_ssize_t count;

        if (used <= 0) {
            used = 1;
            code = REPLACEMENT;
        }
        at += (size_t)used;
        count = utf8proc_decompose_char(code, parts, CHARACTER_MAX, options, NULL);
        for (utf8proc_ssize_t i = 0; i < count && count <= CHARACTER_MAX; i++)
            put_token(&key, parts[i]);
    }
    if (len == 0)
        return 0;
    out[key.len++] = END;
    memcpy(out + key.len, name, len);
    return key.len + len;
}

void name_key_version(char out[NAME_KEY_VERSION_SIZE])
{
    (void)snprintf(out, NAME_KEY_VERSION_SIZE, "%d-%s", FORMAT, utf8proc_unicode_version());
}
