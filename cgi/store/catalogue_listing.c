/* The catalogue's listings: pages in every order, with and without a search. */
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "store/catalogue_sqlite.h"

#define TIME_LIMIT_MS 250 /* of processor time for one listing */
#define STEPS_BETWEEN 250 /* of SQLite's virtual machine, between two readings of the clock */

/* Writes a search in the syntax of FTS5: each word a quoted string, or a prefix if that is enough.
 * All words are required. */
static void write_match(const char *search, struct buf *match)
{
    struct listing_word words[LISTING_SEARCH_WORDS];
    size_t count = listing_search_words(search, words);

    if (count > LISTING_SEARCH_WORDS) /* only if the caller has not used listing_query_parse() */
        count = LISTING_SEARCH_WORDS;
    for (size_t i = 0; i < count; i++) {
        buf_puts(match, "\"");
        for (size_t j = 0; j < words[i].len; j++)
            buf_append(match, words[i].text[j] == '"' ? "\"\"" : words[i].text + j,
                       words[i].text[j] == '"' ? 2 : 1);
        buf_puts(match, words[i].prefix ? "\" * " : "\" ");
    }
}

static int64_t processor_ms(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* SQLite calls this between its steps, including those of the full-text index's own reads; true
 * ends the statement. */
static int is_late(void *context)
{
    const int64_t *deadline = context;

    return processor_ms() >= *deadline;
}

static enum vt_error search_total(struct catalogue_sqlite *self, const char *match,
                                  struct listing_page *page)
{
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, SEARCH_TOTAL, &statement);
    int code;

    if (err != VT_OK)
        return err;
    code = catalogue_sqlite_bind_text(statement, 1, match);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int(statement, 2, LISTING_SEARCH_DEPTH + 1);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        page->total = (uint64_t)sqlite3_column_int64(statement, 0);
        page->total_capped = page->total > LISTING_SEARCH_DEPTH;
        if (page->total_capped)
            page->total = LISTING_SEARCH_DEPTH;
    } else {
        err = catalogue_sqlite_fail(self, code);
    }
    catalogue_sqlite_release(statement);
    return err;
}

/* The place before the first page: the values that no row has. */
static struct listing_cursor start_of(enum listing_sort sort)
{
    switch (sort) {
    case SORT_NEW:
    case SORT_SIZE:
    case SORT_TAKEN:
        return (struct listing_cursor){
            .sequence = INT64_MAX, .bytes = INT64_MAX, .time = INT64_MAX};
    case SORT_TAKEN_OLD:
        return (struct listing_cursor){.time = INT64_MIN};
    case SORT_OLD:
    case SORT_NAME:
    case SORT_COUNT:
    default:
        return (struct listing_cursor){0};
    }
}

static int bind_listing(sqlite3_stmt *statement, const struct listing_query *query,
                        const char *match)
{
    const struct listing_cursor start = start_of(query->sort);
    const struct listing_cursor *cursor = query->has_cursor ? &query->cursor : &start;
    bool is_by_time = query->sort == SORT_TAKEN || query->sort == SORT_TAKEN_OLD;
    bool walks = query->sort == SORT_NEW || query->sort == SORT_OLD;
    /* One more than requested, to see whether there is a next page. */
    int64_t limit = (int64_t)query->limit + 1;
    int code = sqlite3_bind_int64(statement, 1, cursor->sequence);

    if (query->sort == SORT_SIZE)
        code |= sqlite3_bind_int64(statement, 2, (int64_t)cursor->bytes);
    if (is_by_time)
        code |= sqlite3_bind_int64(statement, 2, cursor->time);
    if (query->sort == SORT_NAME)
        code |= catalogue_sqlite_bind_text(statement, 3, cursor->name);
    code |= sqlite3_bind_int64(statement, 4, limit);
    if (match != NULL)
        code |= catalogue_sqlite_bind_text(statement, 5, match);
    if (match != NULL && !walks)
        code |= sqlite3_bind_int(statement, 6, LISTING_SEARCH_DEPTH);
    return code;
}

static enum vt_error list_rows(struct catalogue_sqlite *self, const struct listing_query *query,
                               const char *match, catalogue_visit visit, void *context,
                               struct listing_page *page)
{
    bool is_whole = query->is_whole && query->sort == SORT_OLD && match == NULL;
    int which = is_whole ? EACH : (match != NULL ? LIST_SEARCH : LIST) + (int)query->sort;
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, (enum statement)which, &statement);
    int code;

    if (err != VT_OK)
        return err;
    code = bind_listing(statement, query, match);
    for (unsigned rows = 0; code == SQLITE_OK && err == VT_OK; rows++) {
        int step = sqlite3_step(statement);

        if (step == SQLITE_DONE)
            break;
        if (step != SQLITE_ROW) {
            err = catalogue_sqlite_fail(self, step);
        } else if (rows == query->limit) {
            page->more = true;
            break;
        } else {
            err = is_whole ? catalogue_sqlite_read_row(statement, &page->last)
                           : catalogue_sqlite_read_listed(statement, &page->last);
            if (err == VT_OK)
                err = visit(context, &page->last);
        }
    }
    if (code != SQLITE_OK)
        err = VT_ERR_MEMORY;
    catalogue_sqlite_release(statement);
    return err;
}

enum vt_error catalogue_sqlite_list(struct catalogue *catalogue, const struct listing_query *query,
                                    catalogue_visit visit, void *context, struct listing_page *page)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    struct buf match = BUF_INIT;
    int64_t deadline = processor_ms() + TIME_LIMIT_MS;
    struct totals totals;
    enum vt_error err;
    bool own;

    memset(page, 0, sizeof *page);
    write_match(query->search, &match);
    if (!buf_ok(&match))
        return VT_ERR_MEMORY;
    /* One read transaction, or the caller's, so that total and rows are from the same moment. */
    own = sqlite3_get_autocommit(self->db) != 0;
    err = own ? catalogue_sqlite_run_plain(self, BEGIN_READ) : VT_OK;
    if (err != VT_OK)
        goto out;
    sqlite3_progress_handler(self->db, STEPS_BETWEEN, is_late, &deadline);
    err = catalogue_sqlite_totals(catalogue, &totals);
    if (err == VT_OK) {
        page->total = totals.images;
        memcpy(page->version, totals.version, sizeof page->version);
    }
    if (err == VT_OK && match.len > 0)
        err = search_total(self, match.data, page);
    if (err == VT_OK)
        err = list_rows(self, query, match.len > 0 ? match.data : NULL, visit, context, page);
    sqlite3_progress_handler(self->db, 0, NULL, NULL);
    if (own)
        catalogue_sqlite_rollback(catalogue);
out:
    buf_free(&match);
    return err;
}
