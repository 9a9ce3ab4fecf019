#include "store/search_text.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

#define PARTS_BYTES 4096 /* of all parts of one text */
#define PARTS_STARTS 64  /* characters of a word at which a part may begin */
#define PART_LENGTH 24   /* characters of one part */

static bool is_part_of_word(char c)
{
    return (unsigned char)c >= 0x80 || isalnum((unsigned char)c);
}

/* In every script letters come before U+3000; from there on, a single character may be a word. */
static bool is_ideograph(const char *character)
{
    return (unsigned char)*character >= 0xe3;
}

/* The length in bytes of the first characters of a text, at most so many; *count is how many. */
static size_t measure(const char *text, size_t len, unsigned max, unsigned *count)
{
    size_t at = 0;

    for (*count = 0; at < len && *count < max; ++*count)
        at += text_character(text + at, len - at);
    return at;
}

static void put_parts_of_word(struct buf *out, const char *word, size_t len, size_t limit)
{
    size_t at = text_character(word, len);

    for (unsigned start = 1; at < len && start < PARTS_STARTS; start++) {
        unsigned count;
        size_t bytes = measure(word + at, len - at, PART_LENGTH, &count);

        if (out->len + bytes + 1 > limit)
            return;
        if (count >= SEARCH_TEXT_PART || is_ideograph(word + at)) {
            buf_append(out, word + at, bytes);
            buf_puts(out, " ");
        }
        at += text_character(word + at, len - at);
    }
}

void search_text_parts(struct buf *out, const char *text)
{
    size_t limit = out->len + PARTS_BYTES;

    while (*text != '\0') {
        size_t len = 0;

        while (is_part_of_word(text[len]))
            len++;
        if (len > 0)
            put_parts_of_word(out, text, len, limit);
        text += len;
        while (*text != '\0' && !is_part_of_word(*text))
            text++;
    }
}

/* Whether the last word as the index sees it (punctuation separates words) is more than one letter,
 * and whether it is long enough to be a part. */
struct last_word {
    bool may_be_prefix, may_be_part;
};

static struct last_word look_at_last_word(const char *word, size_t len)
{
    size_t start;
    unsigned count;

    while (len > 0 && !is_part_of_word(word[len - 1]))
        len--;
    for (start = len; start > 0 && is_part_of_word(word[start - 1]); start--)
        continue;
    (void)measure(word + start, len - start, SEARCH_TEXT_PART, &count);
    if (len > start && is_ideograph(word + start))
        return (struct last_word){true, true};
    return (struct last_word){count > 1, count >= SEARCH_TEXT_PART};
}

static void put_quoted(struct buf *out, const struct listing_word *word)
{
    buf_puts(out, "\"");
    for (size_t i = 0; i < word->len; i++)
        buf_append(out, word->text[i] == '"' ? "\"\"" : word->text + i,
                   word->text[i] == '"' ? 2 : 1);
    buf_puts(out, "\"");
}

void search_text_match_words(struct buf *out, const char *search, bool details)
{
    struct listing_word words[LISTING_SEARCH_WORDS];
    size_t count = listing_search_words(search, words);

    if (count > LISTING_SEARCH_WORDS) /* only if the caller has not used listing_query_parse() */
        count = LISTING_SEARCH_WORDS;
    for (size_t i = 0; i < count; i++) {
        struct last_word last = look_at_last_word(words[i].text, words[i].len);

        buf_printf(out, "%s{shown%s%s} : ", i > 0 ? " " : "", last.may_be_part ? " parts" : "",
                   details ? " known" : "");
        put_quoted(out, &words[i]);
        buf_puts(out, last.may_be_prefix ? " *" : "");
    }
}
