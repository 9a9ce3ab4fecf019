/* The catalogue's listings: pages in every order, with and without a search and filters. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "store/catalogue_sqlite.h"
#include "store/search_text.h"

#define TIME_LIMIT_MS 250 /* of processor time for one listing */
#define STEPS_BETWEEN 250 /* of SQLite's virtual machine, between two readings of the clock */

/* How a query is answered. */
struct way {
    enum statement list; /* the first of its statements, one for each order */
    const char *match;   /* the query of the search index; NULL if it is not used */
};

static bool is_by_time(enum listing_sort sort)
{
    return sort == SORT_TAKEN || sort == SORT_TAKEN_OLD;
}

/* In the order of times, a range of them is a part of the index of that order. */
static struct way way_of(const struct listing_query *query, struct buf *match)
{
    if (query->search[0] == '\0' && query->filter.taken[0] != '\0' && is_by_time(query->sort) &&
        !listing_filter_needs_marks(&query->filter))
        return (struct way){LIST_TIME, NULL};
    search_text_match_words(match, query->search, query->searches_details);
    search_text_match_filter(match, &query->filter);
    if (match->len == 0)
        return (struct way){LIST, NULL};
    return (struct way){query->filter.near[0] != '\0' ? LIST_NEAR : LIST_SEARCH, match->data};
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

/* A parameter that the statement does not have is left out. */
static int bind_number(sqlite3_stmt *statement, int at, int64_t number)
{
    return at <= sqlite3_bind_parameter_count(statement) ? sqlite3_bind_int64(statement, at, number)
                                                         : SQLITE_OK;
}

static int bind_search(sqlite3_stmt *statement, const struct listing_query *query,
                       const char *match)
{
    int code = match != NULL ? catalogue_sqlite_bind_text(statement, 5, match) : SQLITE_OK;

    if (match == NULL || query->filter.near[0] == '\0')
        return code;
    code |= sqlite3_bind_double(statement, 7, query->filter.latitude);
    code |= sqlite3_bind_double(statement, 8, query->filter.longitude);
    return code | sqlite3_bind_double(statement, 9, query->filter.km);
}

static enum vt_error read_total(struct catalogue_sqlite *self, sqlite3_stmt *statement, int code,
                                struct listing_page *page)
{
    enum vt_error err = VT_OK;

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        page->total = (uint64_t)sqlite3_column_int64(statement, 0);
    else
        err = catalogue_sqlite_fail(self, code);
    catalogue_sqlite_release(statement);
    return err;
}

static void cap_total(struct listing_page *page)
{
    page->total_capped = page->total > LISTING_SEARCH_DEPTH;
    if (page->total_capped)
        page->total = LISTING_SEARCH_DEPTH;
}

static enum vt_error search_total(struct catalogue_sqlite *self, const struct listing_query *query,
                                  const char *match, struct listing_page *page)
{
    enum statement which = query->filter.near[0] != '\0' ? NEAR_TOTAL : SEARCH_TOTAL;
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, which, &statement);
    int code;

    if (err != VT_OK)
        return err;
    code = bind_search(statement, query, match);
    code |= bind_number(statement, 6, LISTING_SEARCH_DEPTH + 1);
    err = read_total(self, statement, code, page);
    if (err == VT_OK)
        cap_total(page);
    return err;
}

/* Whole months have counters. */
static enum vt_error months_total(struct catalogue_sqlite *self,
                                  const struct listing_filter *filter, struct listing_page *page)
{
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, MONTHS_TOTAL, &statement);
    char first[16], last[16];
    int code;

    if (err != VT_OK)
        return err;
    (void)snprintf(first, sizeof first, "%04u-%02u", filter->first_day / 10000,
                   filter->first_day / 100 % 100);
    (void)snprintf(last, sizeof last, "%04u-%02u", filter->last_day / 10000,
                   filter->last_day / 100 % 100);
    code = catalogue_sqlite_bind_text(statement, 1, first);
    code |= catalogue_sqlite_bind_text(statement, 2, last);
    return read_total(self, statement, code, page);
}

static enum vt_error time_total(struct catalogue_sqlite *self, const struct listing_filter *filter,
                                struct listing_page *page)
{
    sqlite3_stmt *statement = NULL;
    enum vt_error err;
    int code;

    if (filter->first_day % 100 == 0 && filter->last_day % 100 == 99)
        return months_total(self, filter, page);
    err = catalogue_sqlite_prepare(self, TIME_TOTAL, &statement);
    if (err != VT_OK)
        return err;
    code = sqlite3_bind_int64(statement, 1, filter->from);
    code |= sqlite3_bind_int64(statement, 2, filter->to);
    code |= sqlite3_bind_int64(statement, 6, LISTING_SEARCH_DEPTH + 1);
    err = read_total(self, statement, code, page);
    if (err == VT_OK)
        cap_total(page);
    return err;
}

static enum vt_error find_total(struct catalogue_sqlite *self, const struct listing_query *query,
                                const struct way *way, struct listing_page *page)
{
    if (way->list == LIST_TIME)
        return time_total(self, &query->filter, page);
    return way->match != NULL ? search_total(self, query, way->match, page) : VT_OK;
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

/* Statements that are run one after the other, until the page is full. */
struct walks {
    int statements[2];
    unsigned count;
};

/* Where a cursor lies, which may be from elsewhere: in a range of times, or outside. */
enum side { BEFORE_RANGE, IN_RANGE, AFTER_RANGE };

static enum side side_of(const struct listing_query *query)
{
    bool is_early = query->cursor.time < query->filter.from;

    if (!is_early && query->cursor.time <= query->filter.to)
        return IN_RANGE;
    return is_early == (query->sort == SORT_TAKEN_OLD) ? BEFORE_RANGE : AFTER_RANGE;
}

static struct walks walks_of(const struct listing_query *query, const struct way *way)
{
    int sort = (int)query->sort, after = way->list == LIST ? LIST_AFTER : LIST_TIME_AFTER;
    bool is_walked = query->sort == SORT_NEW || query->sort == SORT_OLD;
    enum side side = way->list == LIST_TIME && query->has_cursor ? side_of(query) : IN_RANGE;

    if (side == AFTER_RANGE)
        return (struct walks){.count = 0};
    if (query->is_whole && query->sort == SORT_OLD && way->list == LIST)
        return (struct walks){{EACH}, 1};
    if (way->match != NULL || is_walked || !query->has_cursor || side == BEFORE_RANGE)
        return (struct walks){{(int)way->list + sort}, 1};
    return (struct walks){{LIST_SAME + sort, after + sort}, 2};
}

static int bind_listing(sqlite3_stmt *statement, const struct listing_query *query,
                        const struct way *way)
{
    const struct listing_cursor start = start_of(query->sort);
    const struct listing_cursor *place = query->has_cursor ? &query->cursor : &start;
    int code = bind_number(statement, 1, place->sequence);

    code |=
        bind_number(statement, 2, is_by_time(query->sort) ? place->time : (int64_t)place->bytes);
    if (query->sort == SORT_NAME && sqlite3_bind_parameter_count(statement) >= 3)
        code |= catalogue_sqlite_bind_text(statement, 3, place->name);
    /* One more than requested, to see whether there is a next page. */
    code |= bind_number(statement, 4, (int64_t)query->limit + 1);
    code |= bind_search(statement, query, way->match);
    code |= bind_number(statement, 6, LISTING_SEARCH_DEPTH);
    if (way->list == LIST_TIME) {
        code |= bind_number(statement, 7, query->filter.from);
        code |= bind_number(statement, 8, query->filter.to);
    }
    return code;
}

/* What becomes of the rows of a listing. */
struct visiting {
    catalogue_visit visit;
    void *context;
    struct listing_page *page;
    unsigned rows;
};

/* Visits the rows of one statement, until the page is full. */
static enum vt_error walk(struct catalogue_sqlite *self, const struct listing_query *query,
                          const struct way *way, int which, struct visiting *visiting)
{
    struct listing_page *page = visiting->page;
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, (enum statement)which, &statement);
    int code;

    if (err != VT_OK)
        return err;
    code = bind_listing(statement, query, way);
    for (; code == SQLITE_OK && err == VT_OK; visiting->rows++) {
        int step = sqlite3_step(statement);

        if (step == SQLITE_DONE)
            break;
        if (step != SQLITE_ROW) {
            err = catalogue_sqlite_fail(self, step);
        } else if (visiting->rows == query->limit) {
            page->more = true;
            break;
        } else {
            err = which == EACH ? catalogue_sqlite_read_row(statement, &page->last)
                                : catalogue_sqlite_read_listed(statement, &page->last);
            if (err == VT_OK)
                err = visiting->visit(visiting->context, &page->last);
        }
    }
    if (code != SQLITE_OK)
        err = VT_ERR_MEMORY;
    catalogue_sqlite_release(statement);
    return err;
}

static enum vt_error list_rows(struct catalogue_sqlite *self, const struct listing_query *query,
                               const struct way *way, struct visiting *visiting)
{
    const struct walks walks = walks_of(query, way);
    enum vt_error err = VT_OK;

    for (unsigned i = 0; err == VT_OK && i < walks.count && !visiting->page->more; i++)
        err = walk(self, query, way, walks.statements[i], visiting);
    return err;
}

enum vt_error catalogue_sqlite_list(struct catalogue *catalogue, const struct listing_query *query,
                                    catalogue_visit visit, void *context, struct listing_page *page)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    struct buf match = BUF_INIT;
    int64_t deadline = processor_ms() + TIME_LIMIT_MS;
    struct totals totals;
    struct way way;
    enum vt_error err;
    bool own;

    memset(page, 0, sizeof *page);
    way = way_of(query, &match);
    if (!buf_ok(&match)) {
        err = VT_ERR_MEMORY;
        goto out;
    }
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
    if (err == VT_OK)
        err = find_total(self, query, &way, page);
    if (err == VT_OK)
        err = list_rows(self, query, &way, &(struct visiting){visit, context, page, 0});
    sqlite3_progress_handler(self->db, 0, NULL, NULL);
    if (own)
        catalogue_sqlite_rollback(catalogue);
out:
    buf_free(&match);
    return err;
}
