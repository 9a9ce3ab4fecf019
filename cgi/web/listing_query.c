#include "web/listing_query.h"

#include <stdlib.h>
#include <string.h>

#include "http/http_query.h"

#define COMMA_NAME(constant, name, label) ", " name
#define SORT_NAMES (&(LISTING_SORTS(COMMA_NAME))[2])

static enum vt_error parse_limit(const char *value, unsigned *limit, struct vt_reason *why)
{
    size_t len = strlen(value);
    unsigned long number = strtoul(value, NULL, 10);

    if (len == 0 || len > 3 || strspn(value, "0123456789") != len || value[0] == '0' ||
        number > LISTING_MAX_LIMIT)
        return vt_fail(why, VT_ERR_MALFORMED, "limit must be a whole number from 1 to %d",
                       LISTING_MAX_LIMIT);
    *limit = (unsigned)number;
    return VT_OK;
}

enum vt_error listing_query_parse(const char *query_string, struct listing_query *query,
                                  struct vt_reason *why)
{
    enum { SEEN_LIMIT = 1, SEEN_SORT = 2, SEEN_SEARCH = 4, SEEN_CURSOR = 8 };
    struct http_parameter_pair pair;
    struct listing_word words[LISTING_SEARCH_WORDS];
    char cursor[HTTP_QUERY_VALUE_SIZE] = "";
    unsigned seen = 0, bit;
    bool found;
    enum vt_error err;

    *query = LISTING_QUERY_INIT;
    while ((err = http_query_next(&query_string, &pair, &found, why)) == VT_OK && found) {
        if (strcmp(pair.name, "limit") == 0) {
            bit = SEEN_LIMIT;
            err = parse_limit(pair.value, &query->limit, why);
        } else if (strcmp(pair.name, "sort") == 0) {
            bit = SEEN_SORT;
            if (!listing_sort_from_name(pair.value, &query->sort))
                err = vt_fail(why, VT_ERR_MALFORMED, "sort must be one of %s", SORT_NAMES);
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
    if ((seen & SEEN_CURSOR) && !listing_cursor_read(cursor, query->sort, &query->cursor))
        return vt_fail(why, VT_ERR_MALFORMED, "the cursor is not one of this listing's");
    return VT_OK;
}
