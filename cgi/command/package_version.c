#include "command/package_version.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct part {
    const char *text;
    size_t len;
};

struct version {
    unsigned long epoch;
    struct part upstream, revision;
};

static struct version parse(const char *text)
{
    struct version version = {0};
    const char *colon = strchr(text, ':'), *dash;

    if (colon != NULL) {
        version.epoch = strtoul(text, NULL, 10);
        text = colon + 1;
    }
    dash = strrchr(text, '-');
    version.upstream = (struct part){text, dash != NULL ? (size_t)(dash - text) : strlen(text)};
    if (dash != NULL)
        version.revision = (struct part){dash + 1, strlen(dash + 1)};
    return version;
}

static bool at_digit(struct part part)
{
    return part.len > 0 && isdigit((unsigned char)*part.text);
}

/* The rank of a character: "~" comes before the end of the text, which ranks like a digit; letters
 * come before all others. */
static int rank(struct part part)
{
    unsigned char c = part.len > 0 ? (unsigned char)*part.text : '\0';

    if (c == '\0' || isdigit(c))
        return 0;
    if (c == '~')
        return -1;
    return isalpha(c) ? c : c + 256;
}

static void advance(struct part *part)
{
    if (part->len > 0)
        *part = (struct part){part->text + 1, part->len - 1};
}

/* Compares the numbers at the start of both, and moves past them; a missing number counts as 0. */
static int compare_numbers(struct part *a, struct part *b)
{
    int first = 0;

    while (at_digit(*a) && *a->text == '0')
        advance(a);
    while (at_digit(*b) && *b->text == '0')
        advance(b);
    for (; at_digit(*a) && at_digit(*b); advance(a), advance(b))
        if (first == 0)
            first = *a->text - *b->text;
    if (at_digit(*a))
        return 1;
    return at_digit(*b) ? -1 : first;
}

static int compare_parts(struct part a, struct part b)
{
    int order = 0;

    while (order == 0 && (a.len > 0 || b.len > 0)) {
        while (order == 0 && ((a.len > 0 && !at_digit(a)) || (b.len > 0 && !at_digit(b)))) {
            order = rank(a) - rank(b);
            if (!at_digit(a))
                advance(&a);
            if (!at_digit(b))
                advance(&b);
        }
        if (order == 0)
            order = compare_numbers(&a, &b);
    }
    return order;
}

int package_version_compare(const char *a, const char *b)
{
    struct version left = parse(a), right = parse(b);
    int order;

    if (left.epoch != right.epoch)
        return left.epoch < right.epoch ? -1 : 1;
    order = compare_parts(left.upstream, right.upstream);
    return order != 0 ? order : compare_parts(left.revision, right.revision);
}
