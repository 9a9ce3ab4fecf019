/* Visits every image, a page at a time. */
#include <stdlib.h>
#include <string.h>

#include "gallery/internal.h"

#define PAGE_ROWS 50 /* a quarter of a megabyte */

struct page {
    struct record rows[PAGE_ROWS];
    size_t count;
};

static enum vt_error keep(void *context, const struct record *record)
{
    struct page *page = context;

    if (page->count == PAGE_ROWS)
        return VT_ERR_INTERNAL;
    page->rows[page->count++] = *record;
    return VT_OK;
}

enum vt_error gallery_each(struct gallery *gallery,
                           enum vt_error (*visit)(void *context, const struct record *record),
                           void *context)
{
    struct listing_query query = {.sort = SORT_OLD, .limit = PAGE_ROWS, .is_whole = true};
    struct page *page = calloc(1, sizeof *page);
    struct listing_page listed = {.more = true};
    enum vt_error err = page != NULL ? VT_OK : VT_ERR_MEMORY;

    while (err == VT_OK && listed.more) {
        page->count = 0;
        err = gallery_list(gallery, &query, keep, page, &listed);
        for (size_t i = 0; err == VT_OK && i < page->count; i++)
            err = visit(context, &page->rows[i]);
        if (page->count > 0) {
            query.has_cursor = true;
            query.cursor.sequence = page->rows[page->count - 1].sequence;
        }
    }
    free(page);
    return err;
}
