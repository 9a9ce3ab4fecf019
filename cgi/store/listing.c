#include "store/listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hex.h"

#define NAME(constant, name, label) [constant] = name,
#define LABEL(constant, name, label) [constant] = label,

static const char *const sort_names[SORT_COUNT] = {LISTING_SORTS(NAME)};
static const char *const sort_labels[SORT_COUNT] = {LISTING_SORTS(LABEL)};

const char *listing_sort_name(enum listing_sort sort)
{
    return sort_names[sort];
}

const char *listing_sort_label(enum listing_sort sort)
{
    return sort_labels[sort];
}

bool listing_sort_from_name(const char *name, enum listing_sort *sort)
{
    for (int i = 0; i < SORT_COUNT; i++) {
        if (strcmp(sort_names[i], name) == 0) {
            *sort = (enum listing_sort)i;
            return true;
        }
    }
    return false;
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

/* Cursors hold names in hex: clients do not interpret a cursor, and base16 needs no padding rules.
 */
static bool parse_hex_name(const char *hex, char out[NAME_SIZE])
{
    size_t len = strlen(hex) / 2;

    if (len >= NAME_SIZE || !hex_read(hex, out) || memchr(out, '\0', len) != NULL)
        return false;
    out[len] = '\0';
    return true;
}

static bool is_by_time(enum listing_sort sort)
{
    return sort == SORT_TAKEN || sort == SORT_TAKEN_OLD;
}

/* A time before 1970 has a minus. */
static bool parse_time(const char *text, const char **end, int64_t *time)
{
    bool is_negative = *text == '-';
    uint64_t value;

    if (!parse_number(text + is_negative, end, INT64_MAX, &value) || (is_negative && value == 0))
        return false;
    *time = is_negative ? -(int64_t)value : (int64_t)value;
    return true;
}

bool listing_cursor_read(const char *text, enum listing_sort sort, struct listing_cursor *cursor)
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
    if (is_by_time(sort) && (*end != '.' || !parse_time(end + 1, &end, &cursor->time)))
        return false;
    return *end == '\0';
}

bool listing_filter_needs_marks(const struct listing_filter *filter)
{
    return filter->camera[0] != '\0' || filter->type[0] != '\0' || filter->tag[0] != '\0' ||
           filter->has_place || filter->near[0] != '\0';
}

bool listing_filter_is_set(const struct listing_filter *filter)
{
    return filter->taken[0] != '\0' || listing_filter_needs_marks(filter);
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
            words[count++] = (struct listing_word){search, len};
        search += len;
    }
    return count;
}

void listing_cursor_write(enum listing_sort sort, const struct record *record,
                          char out[LISTING_CURSOR_SIZE])
{
    int at = snprintf(out, LISTING_CURSOR_SIZE, "%s.%" PRId64, sort_names[sort], record->sequence);

    if (at < 0)
        return;
    if (sort == SORT_SIZE)
        (void)snprintf(out + at, LISTING_CURSOR_SIZE - (size_t)at, ".%" PRIu64, record->bytes);
    if (is_by_time(sort))
        (void)snprintf(out + at, LISTING_CURSOR_SIZE - (size_t)at, ".%" PRId64,
                       record_time(record));
    if (sort != SORT_NAME)
        return;
    out[at++] = '.';
    hex_write(record->name, strlen(record->name), out + at);
}
