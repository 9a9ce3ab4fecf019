#include "web/listing_query.h"

#include <stdlib.h>
#include <string.h>

#include "http/http_query.h"
#include "web/listing_filter.h"

#define PARAMETERS_MAX 16 /* more than there are */

#define COMMA_NAME(constant, name, label) ", " name
#define SORT_NAMES (&(LISTING_SORTS(COMMA_NAME))[2])

enum vt_error listing_query_limit(const char *value, unsigned *limit, struct vt_reason *why)
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

/* What is read of a query string. */
struct parsing {
    struct listing_query *query;
    char cursor[HTTP_QUERY_VALUE_SIZE];
    bool has_cursor;
    char seen[PARAMETERS_MAX][HTTP_QUERY_NAME_SIZE]; /* names of parameters */
    unsigned count;
};

static enum vt_error note_name(struct parsing *self, const char *name, struct vt_reason *why)
{
    for (unsigned i = 0; i < self->count; i++)
        if (strcmp(self->seen[i], name) == 0)
            return vt_fail(why, VT_ERR_MALFORMED, "a parameter of the listing is there twice");
    if (self->count == PARAMETERS_MAX)
        return VT_ERR_INTERNAL; /* there are not so many names */
    memcpy(self->seen[self->count++], name, HTTP_QUERY_NAME_SIZE);
    return VT_OK;
}

static enum vt_error parse_pair(struct parsing *self, const struct http_parameter_pair *pair,
                                struct vt_reason *why)
{
    struct listing_query *query = self->query;
    bool is_filter = false;
    enum vt_error err = VT_OK;

    if (strcmp(pair->name, "limit") == 0) {
        err = listing_query_limit(pair->value, &query->limit, why);
    } else if (strcmp(pair->name, "sort") == 0) {
        if (!listing_sort_from_name(pair->value, &query->sort))
            err = vt_fail(why, VT_ERR_MALFORMED, "sort must be one of %s", SORT_NAMES);
    } else if (strcmp(pair->name, "q") == 0) {
        text_clean(pair->value, strlen(pair->value), query->search, sizeof query->search);
    } else if (strcmp(pair->name, "cursor") == 0) {
        self->has_cursor = true;
        memcpy(self->cursor, pair->value, sizeof self->cursor);
    } else {
        err = listing_filter_read(pair->name, pair->value, &query->filter, &is_filter, why);
        if (!is_filter)
            err = vt_fail(why, VT_ERR_MALFORMED,
                          "a listing takes limit, sort, q, cursor, %s, and nothing else",
                          listing_filter_names);
    }
    return err == VT_OK ? note_name(self, pair->name, why) : err;
}

enum vt_error listing_query_parse(const char *query_string, struct listing_query *query,
                                  struct vt_reason *why)
{
    struct parsing self = {.query = query};
    struct http_parameter_pair pair;
    struct listing_word words[LISTING_SEARCH_WORDS];
    bool found;
    enum vt_error err;

    *query = LISTING_QUERY_INIT;
    while ((err = http_query_next(&query_string, &pair, &found, why)) == VT_OK && found) {
        err = parse_pair(&self, &pair, why);
        if (err != VT_OK)
            return err;
    }
    if (err != VT_OK)
        return err;
    if (listing_search_words(query->search, words) > LISTING_SEARCH_WORDS)
        return vt_fail(why, VT_ERR_MALFORMED, "a search may have %d different words",
                       LISTING_SEARCH_WORDS);
    query->has_cursor = self.has_cursor;
    if (self.has_cursor && !listing_cursor_read(self.cursor, query->sort, &query->cursor))
        return vt_fail(why, VT_ERR_MALFORMED, "the cursor is not one of this listing's");
    return VT_OK;
}
