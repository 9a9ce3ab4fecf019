/* What the search index has of an image: words that people may search, and marks by which filters
 * find. Pure text; the index splits it into words at whatever is neither a letter nor a digit, and
 * folds case and diacritics. */
#ifndef VITRINE_STORE_SEARCH_TEXT_H
#define VITRINE_STORE_SEARCH_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/listing.h"

#define SEARCH_TEXT_PART                                                                           \
    4 /* the fewest characters of a part of a word, unless it is ideographs                        \
       */

/* Appends the parts of text's words that are not their beginnings, so that a search for the
 * beginning of a word finds any part: each end of a word, of SEARCH_TEXT_PART characters or more.
 * Of a long word or text only the first parts, of 4 KB in all, and of a part the first 24
 * characters. */
void search_text_parts(struct buf *out, const char *text);

/* What is marked of an image. */
struct search_text_facts {
    const char *type;   /* its extension */
    const char *tags;   /* joined by newlines */
    const char *camera; /* empty if it is not known */
    int64_t time;       /* as record_time() gives it */
    bool has_place;
    double latitude, longitude; /* degrees */
};

/* Appends the marks of an image. */
void search_text_marks(struct buf *out, const struct search_text_facts *facts);

/* Appends the query, in the syntax of FTS5, of the marks that an image has that passes the filter;
 * nothing if every image does. Of those that are not near enough, it finds some, too. */
void search_text_match_filter(struct buf *out, const struct listing_filter *filter);

/* Appends the query of the search's words, all of which are required; nothing if there are none.
 * Only what everybody may know is searched, unless `details` is true. */
void search_text_match_words(struct buf *out, const char *search, bool details);

/* Whether the two places are at most so many kilometres apart, on a sphere. */
bool search_text_is_near(double latitude, double longitude, double other_latitude,
                         double other_longitude, double km) VT_MUST_CHECK;

#endif
