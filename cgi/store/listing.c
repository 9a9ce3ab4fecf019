#include "store/listing.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/http_query.h"

static const char *const sort_names[SORT_COUNT] = {
    [SORT_NEW] = "new", [SORT_OLD] = "old", [SORT_NAME] = "name", [SORT_SIZE] = "size"};

const char *listing_sort_name(enum listing_sort sort)
{
    return sort_names[sort];
}

/* A whole decimal number without sign or leading zero; false on anything else. */
static bool parse_number(const char *text, const char **end, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    const char *at = text;

    for (; *at >= '0' && *at <= '9'; at++) {
        unsigned digit = (unsigned)(*at - '0');

        if (value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (at == text || (*text == '0' && at != text + 1))
        return false;
    *end = at;
    *out = value;
    return true;
}

static enum vt_error parse_limit(const char *value, unsigned *limit, struct vt_reason *why)
{
    uint64_t number;
    const char *end;

    if (!parse_number(value, &end, LISTING_MAX_LIMIT, &number) || *end != '\0' || number == 0)
        return vt_fail(why, VT_ERR_MALFORMED, "limit must be a whole number from 1 to %d",
                       LISTING_MAX_LIMIT);
    *limit = (unsigned)number;
    return VT_OK;
}

static enum vt_error parse_sort(const char *value, enum listing_sort *sort, struct vt_reason *why)
{
    for (int i = 0; i < SORT_COUNT; i++) {
        if (strcmp(sort_names[i], value) == 0) {
            *sort = (enum listing_sort)i;
            return VT_OK;
        }
    }
    return vt_fail(why, VT_ERR_MALFORMED, "sort must be one of new, old, name, size");
}

/* Names travel as hex: a cursor is opaque to its reader, and base16 needs no padding rules. */
static bool parse_hex_name(const char *hex, char out[NAME_SIZE])
{
    size_t len = strlen(hex);

    if (len % 2 != 0 || len / 2 >= NAME_SIZE || strspn(hex, "0123456789abcdef") != len)
        return false;
    for (size_t i = 0; i < len / 2; i++) {
        const char digits[] = {hex[2 * i], hex[2 * i + 1], '\0'};

        out[i] = (char)strtol(digits, NULL, 16);
        if (out[i] == '\0')
            return false;
    }
    out[len / 2] = '\0';
    return true;
}

static bool parse_cursor(const char *text, enum listing_sort sort, struct listing_cursor *cursor)
{
    uint64_t sequence;
    const char *name = sort_names[sort], *end = text + strlen(name);

    memset(cursor, 0, sizeof *cursor);
    if (strncmp(text, name, strlen(name)) != 0 || *end != '.')
        return false;
    if (!parse_number(end + 1, &end, INT64_MAX, &sequence))
        return false;
    cursor->sequence = (int64_t)sequence;
    if (sort == SORT_NAME)
        return *end == '.' && parse_hex_name(end + 1, cursor->name);
    if (sort == SORT_SIZE &&
        (*end != '.' || !parse_number(end + 1, &end, INT64_MAX, &cursor->bytes)))
        return false;
    return *end == '\0';
}

static bool is_part_of_word(char c)
{
    return (unsigned char)c >= 0x80 || isalnum((unsigned char)c);
}

/* Whether what the index sees as the last word, which ends where punctuation does, is more than one
 * letter. Letters come before U+3000 in every script; a character from there on may be a word. */
static bool may_be_prefix(const char *word, size_t len)
{
    size_t start, character;
    unsigned char first;

    while (len > 0 && !is_part_of_word(word[len - 1]))
        len--;
    for (start = len; start > 0 && is_part_of_word(word[start - 1]); start--)
        continue;
    first = (unsigned char)word[start];
    character = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    return len - start > character || (len > start && first >= 0xe3);
}

size_t listing_search_words(const char *search, struct listing_word words[LISTING_SEARCH_WORDS])
{
    size_t count = 0;

    for (search += strspn(search, " "); *search != '\0'; search += strspn(search, " ")) {
        size_t len = strcspn(search, " "), i = 0;

        while (i < count && (words[i].len != len || strncasecmp(words[i].text, search, len) != 0))
            i++;
        if (i == LISTING_SEARCH_WORDS)
            return LISTING_SEARCH_WORDS + 1;
        if (i == count)
            words[count++] = (struct listing_word){search, len, may_be_prefix(search, len)};
        search += len;
    }
    return count;
}

enum vt_error listing_parse(const char *query_string, struct listing_query *query,
                            struct vt_reason *why)
{
    enum { SEEN_LIMIT = 1, SEEN_SORT = 2, SEEN_SEARCH = 4, SEEN_CURSOR = 8 };
    struct http_parameter_pair pair;
    struct listing_word words[LISTING_SEARCH_WORDS];
    char cursor[HTTP_QUERY_VALUE_SIZE] = "";
    unsigned seen = 0, bit;
    bool found;
    enum vt_error err;

    memset(query, 0, sizeof *query);
    query->limit = LISTING_DEFAULT_LIMIT;
    while ((err = http_query_next(&query_string, &pair, &found, why)) == VT_OK && found) {
        if (strcmp(pair.name, "limit") == 0) {
            bit = SEEN_LIMIT;
            err = parse_limit(pair.value, &query->limit, why);
        } else if (strcmp(pair.name, "sort") == 0) {
            bit = SEEN_SORT;
            err = parse_sort(pair.value, &query->sort, why);
        } else if (strcmp(pair.name, "q") == 0) {
            bit = SEEN_SEARCH;
            text_clean(pair.value, strlen(pair.value), query->search, sizeof query->search);
        } else if (strcmp(pair.name, "cursor") == 0) {
            bit = SEEN_CURSOR;
            memcpy(cursor, pair.value, sizeof cursor);
        } else {
            return vt_fail(why, VT_ERR_MALFORMED,
                           "a listing takes limit, sort, q and cursor, and nothing else");
        }
        if (err != VT_OK)
            return err;
        if (seen & bit)
            return vt_fail(why, VT_ERR_MALFORMED, "a parameter of the listing is there twice");
        seen |= bit;
    }
    if (err != VT_OK)
        return err;
    if (listing_search_words(query->search, words) > LISTING_SEARCH_WORDS)
        return vt_fail(why, VT_ERR_MALFORMED, "a search may have %d different words",
                       LISTING_SEARCH_WORDS);
    query->has_cursor = cursor[0] != '\0';
    if ((seen & SEEN_CURSOR) && !parse_cursor(cursor, query->sort, &query->cursor))
        return vt_fail(why, VT_ERR_MALFORMED, "the cursor is not one of this listing's");
    return VT_OK;
}

void listing_cursor_write(enum listing_sort sort, const struct record *record,
                          char out[LISTING_CURSOR_SIZE])
{
    int at = snprintf(out, LISTING_CURSOR_SIZE, "%s.%" PRId64, sort_names[sort], record->sequence);

    if (at < 0)
        return;
    if (sort == SORT_SIZE)
        (void)snprintf(out + at, LISTING_CURSOR_SIZE - (size_t)at, ".%" PRIu64, record->bytes);
    if (sort != SORT_NAME)
        return;
    out[at++] = '.';
    for (const char *c = record->name; *c != '\0'; c++)
        at += snprintf(out + at, 3, "%02x", (unsigned char)*c);
}
