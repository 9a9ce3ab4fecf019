/* The query of a listing (order, search, page) and its result. No storage, only the terms of the
 * API.
 *
 * Pages are found by key, not by counting. A cursor holds the sort key of the last row of its page.
 * So every page costs the same, and rows that are added or removed in between neither repeat nor
 * hide others. */
#ifndef VITRINE_STORE_LISTING_H
#define VITRINE_STORE_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/record.h"

#define LISTING_DEFAULT_LIMIT 50
#define LISTING_MAX_LIMIT 200
#define LISTING_SEARCH_SIZE 256    /* bytes of a search, including the NUL */
#define LISTING_SEARCH_WORDS 8     /* different words of a search */
#define LISTING_SEARCH_DEPTH 10000 /* how many of its newest matches a search looks at */
#define LISTING_CURSOR_SIZE (2 * NAME_SIZE + 64)

/* The orders, the default first: the constant, the name in the API, the label for people. The SQL
 * of each is in catalogue_sql.c, and what its cursor holds in struct listing_cursor. */
#define LISTING_SORTS(SORT)                                                                        \
    SORT(SORT_TAKEN, "taken", "latest taken")                                                      \
    SORT(SORT_TAKEN_OLD, "taken-old", "earliest taken")                                            \
    SORT(SORT_NEW, "new", "newest first")                                                          \
    SORT(SORT_OLD, "old", "oldest first")                                                          \
    SORT(SORT_NAME, "name", "by name")                                                             \
    SORT(SORT_SIZE, "size", "largest first")
#define LISTING_DEFAULT_SORT SORT_TAKEN

#define LISTING_SORT_CONSTANT(constant, name, label) constant,
enum listing_sort { LISTING_SORTS(LISTING_SORT_CONSTANT) SORT_COUNT };

struct listing_cursor {
    int64_t sequence;
    uint64_t bytes;       /* of SORT_SIZE */
    int64_t time;         /* of SORT_TAKEN and SORT_TAKEN_OLD: as record_time() gives it */
    char name[NAME_SIZE]; /* of SORT_NAME */
};

#define LISTING_NEAR_MAX_KM 20038.0 /* half around the Earth */

/* What the images must be, besides matching the search. All that is given is required; the texts of
 * taken and near are kept for links, and are empty if all images pass. */
struct listing_filter {
    char taken[24];                /* as in the API: "2024-05", "2023..2024-05" */
    int64_t from, to;              /* the same as record_time(), both included */
    unsigned first_day, last_day;  /* the same as yyyymmdd; the first or last of a month or a year
                                    * has 00 or 99 for the day, and for the month */
    char camera[PHOTO_MODEL_SIZE]; /* exactly this one; empty for any */
    char type[8];                  /* the extension of the type; empty for any */
    char tag[TAG_SIZE];            /* has exactly this one; empty for any */
    bool has_place;
    char near[72];              /* as in the API: "43.47,11.89,5" */
    double latitude, longitude; /* degrees */
    double km;                  /* at most so far away */
};

struct listing_query {
    enum listing_sort sort;
    unsigned limit;
    char search[LISTING_SEARCH_SIZE]; /* empty for everything */
    bool searches_details; /* what is hidden from those who may not know all of an image, too */
    struct listing_filter filter;
    bool has_cursor;
    struct listing_cursor cursor; /* only rows after this one */
    bool is_whole; /* records have every member, which is only for SORT_OLD without a search; of
                    * others, photo has only what says when it was taken, and set_by_person is 0 */
};

/* The query of a listing without parameters. */
#define LISTING_QUERY_INIT ((struct listing_query){.limit = LISTING_DEFAULT_LIMIT})

/* The result of a listing. */
struct listing_page {
    uint64_t total;             /* images of the whole store, or matches of search and filter */
    bool total_capped;          /* there are more matches than LISTING_SEARCH_DEPTH */
    bool more;                  /* there are rows after the last one given */
    char version[VERSION_SIZE]; /* of the catalogue when the rows were read, as in struct totals */
    struct record last;         /* the last row, if more is true: the next page begins after it */
};

/* A word of a search. */
struct listing_word {
    const char *text; /* points into the search */
    size_t len;
};

/* Whether a filter is given. */
bool listing_filter_is_set(const struct listing_filter *filter) VT_MUST_CHECK;

/* Whether a filter other than of the time is given. */
bool listing_filter_needs_marks(const struct listing_filter *filter) VT_MUST_CHECK;

/* Splits a search, which is valid UTF-8, at its blanks and leaves out repeated words, ignoring the
 * case of ASCII. Returns the number of words, LISTING_SEARCH_WORDS + 1 if there are more than that.
 */
size_t listing_search_words(const char *search, struct listing_word words[LISTING_SEARCH_WORDS]);

/* Reads a cursor of that order; false if it is invalid. */
bool listing_cursor_read(const char *text, enum listing_sort sort,
                         struct listing_cursor *cursor) VT_MUST_CHECK;

/* Writes the cursor of the page that follows the record, in characters that need no escape in a
 * URL. */
void listing_cursor_write(enum listing_sort sort, const struct record *record,
                          char out[LISTING_CURSOR_SIZE]);

/* "new", "old" and so on; static. */
const char *listing_sort_name(enum listing_sort sort);

/* "newest first" and so on; static. */
const char *listing_sort_label(enum listing_sort sort);

/* Finds the order of that name; false if there is none. */
bool listing_sort_from_name(const char *name, enum listing_sort *sort) VT_MUST_CHECK;

#endif
