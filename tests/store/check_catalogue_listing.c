/* The catalogue's listings: pages, orders, searches, and their cost. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../support/support.h"
#include "store/catalogue.h"
#include "store/name_key.h"

#define MANY 500

/* The catalogue's own connection, by SQLite's hook for each that is opened. */
static sqlite3 *connection;

static int note_opened(sqlite3 *db, const char **message, const void *api)
{
    (void)message;
    (void)api;
    connection = db;
    return SQLITE_OK;
}

static struct catalogue *opened(void)
{
    struct catalogue *catalogue;

    (void)sqlite3_auto_extension((void (*)(void))note_opened);
    ck_assert_int_eq(
        catalogue_sqlite_open(support_path(support_folder(), "catalogue.sqlite"), &catalogue, NULL),
        VT_OK);
    return catalogue;
}

static void add(struct catalogue *catalogue, unsigned number, const char *name, const char *tags)
{
    struct record record = support_record(number);

    (void)snprintf(record.name, sizeof record.name, "%s", name);
    (void)snprintf(record.tags, sizeof record.tags, "%s", tags);
    ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
}

/* Rows of which many have equal sizes, and names that differ in case only. */
static struct record mixed_record(unsigned number)
{
    static const char *const names[] = {"Zebra", "apple", "APPLE", "Apple",
                                        "zebra", "Mango", "éclair"};
    struct record record = support_record(number);

    (void)snprintf(record.name, sizeof record.name, "%s %u.jpg", names[number % 7],
                   number * 37 % 20);
    record.bytes = 100 + number * 53 % 11;
    /* One of five is not dated; of the others, many were taken at once, and some before 1970. */
    if (number % 5 != 0) {
        record.photo.taken_from = PHOTO_TAKEN_BY_FILE;
        record.photo.taken.local = ((int64_t)(number * 29 % 13) - 3) * 140000000000 + number % 3;
    }
    return record;
}

static void fill(struct catalogue *catalogue, unsigned count)
{
    ck_assert_int_eq(catalogue_lock(catalogue), VT_OK);
    for (unsigned i = 0; i < count; i++) {
        struct record record = mixed_record(i);

        ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    }
    ck_assert_int_eq(catalogue_commit(catalogue), VT_OK);
}

/* What a walk through the pages saw. */
struct seen {
    struct record rows[2 * MANY];
    unsigned count;
};

static enum vt_error see(void *context, const struct record *record)
{
    struct seen *seen = context;

    ck_assert_uint_lt(seen->count, 2 * MANY);
    seen->rows[seen->count++] = *record;
    return VT_OK;
}

static void list(struct catalogue *catalogue, const struct listing_query *query, struct seen *seen,
                 struct listing_page *page)
{
    unsigned before = seen->count;

    ck_assert_int_eq(catalogue_list(catalogue, query, see, seen, page), VT_OK);
    ck_assert_uint_le(seen->count - before, query->limit);
    if (page->more)
        ck_assert_uint_eq(seen->count - before, query->limit);
}

/* Moves the query behind the last row seen, by the cursor that a client would send. */
static void turn_page(struct listing_query *query, const struct seen *seen)
{
    char cursor[LISTING_CURSOR_SIZE];

    listing_cursor_write(query->sort, &seen->rows[seen->count - 1], cursor);
    query->has_cursor = listing_cursor_read(cursor, query->sort, &query->cursor);
    ck_assert(query->has_cursor);
}

static int compare_names(const char *a, const char *b)
{
    uint8_t keys[2][NAME_KEY_SIZE];
    size_t a_len = name_key(a, strlen(a), keys[0]), b_len = name_key(b, strlen(b), keys[1]);
    int by_key = memcmp(keys[0], keys[1], a_len < b_len ? a_len : b_len);

    return by_key != 0 ? by_key : (a_len > b_len) - (a_len < b_len);
}

/* Negative where a comes before b. */
static int64_t compare(enum listing_sort sort, const struct record *a, const struct record *b)
{
    int64_t by_arrival = a->sequence - b->sequence, by_time = record_time(a) - record_time(b);

    switch (sort) {
    case SORT_OLD:
        return by_arrival;
    case SORT_NAME:
        return strcmp(a->name, b->name) != 0 ? compare_names(a->name, b->name) : by_arrival;
    case SORT_SIZE:
        return a->bytes != b->bytes ? (int64_t)b->bytes - (int64_t)a->bytes : -by_arrival;
    case SORT_TAKEN:
        return by_time != 0 ? -by_time : -by_arrival;
    case SORT_TAKEN_OLD:
        return by_time != 0 ? by_time : by_arrival;
    case SORT_NEW:
    case SORT_COUNT:
    default:
        return -by_arrival;
    }
}

static void check_order(enum listing_sort sort, const struct seen *seen)
{
    for (unsigned i = 1; i < seen->count; i++)
        ck_assert_int_lt(compare(sort, &seen->rows[i - 1], &seen->rows[i]), 0);
}

static const unsigned limits[] = {1, 7, 50, 100, 200};

#define LIMITS (sizeof limits / sizeof limits[0])

START_TEST(pages_show_every_row_once_and_in_order)
{
    static struct seen seen;
    struct catalogue *catalogue = opened();
    struct listing_query query = {.sort = (enum listing_sort)(_i / (int)LIMITS),
                                  .limit = limits[_i % (int)LIMITS]};
    struct listing_page page = {.more = true};
    bool there[MANY] = {false};
    unsigned pages = 0;

    fill(catalogue, MANY);
    while (page.more) {
        list(catalogue, &query, &seen, &page);
        ck_assert_uint_eq(page.total, MANY);
        ck_assert(!page.total_capped);
        turn_page(&query, &seen);
        pages++;
    }
    ck_assert_uint_eq(seen.count, MANY);
    ck_assert_uint_eq(pages, (MANY + query.limit - 1) / query.limit);
    check_order(query.sort, &seen);
    for (unsigned i = 0; i < MANY; i++) {
        unsigned number = (unsigned)strtoul(seen.rows[i].id, NULL, 16);

        ck_assert(!there[number]);
        there[number] = true;
    }
    catalogue_close(catalogue);
}
END_TEST

START_TEST(rows_that_come_and_go_between_pages_hide_no_other)
{
    static struct seen seen;
    struct catalogue *catalogue = opened();
    struct listing_query query = {.sort = (enum listing_sort)_i, .limit = 20};
    struct listing_page page = {.more = true};
    bool removed[MANY + 200] = {false}, there[MANY + 200] = {false};
    unsigned next = MANY;

    fill(catalogue, MANY);
    while (page.more) {
        struct record fresh = mixed_record(next++);
        /* One behind the cursor, the cursor's own row, and one that may lie before it. */
        unsigned gone[] = {
            (unsigned)strtoul(seen.rows[seen.count / 2].id, NULL, 16),
            seen.count == 0 ? 1 : (unsigned)strtoul(seen.rows[seen.count - 1].id, NULL, 16),
            next * 7 % MANY};

        for (unsigned i = 0; seen.count > 0 && i < 3; i++) {
            enum vt_error err = catalogue_remove(catalogue, support_record(gone[i]).id);

            ck_assert(err == VT_OK || (err == VT_ERR_NOT_FOUND && removed[gone[i]]));
            removed[gone[i]] = true;
        }
        ck_assert_int_eq(catalogue_add(catalogue, &fresh), VT_OK);
        list(catalogue, &query, &seen, &page);
        turn_page(&query, &seen);
    }
    check_order(query.sort, &seen);
    for (unsigned i = 0; i < seen.count; i++) {
        unsigned number = (unsigned)strtoul(seen.rows[i].id, NULL, 16);

        ck_assert(!there[number]);
        there[number] = true;
    }
    for (unsigned i = 0; i < MANY; i++)
        ck_assert_msg(there[i] || removed[i], "row %u is hidden", i);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(names_are_listed_as_people_sort_them)
{
    static const char *const names[] = {
        "IMG_2.jpg", "IMG_10.jpg", "img_11.jpg", "Apple", "apple",  "Eclair",  "éclair",
        "eclipse",   "Łódź 2.png", "Lodz 3.png", "Zebra", "写真 9", "写真 10", "写真 10"};
    static const unsigned order[] = {3, 4, 5, 6, 7, 0, 1, 2, 8, 9, 10, 11, 12, 13};
    enum { COUNT = sizeof names / sizeof names[0] };
    static struct seen seen;
    struct catalogue *catalogue = opened();
    struct listing_query query = {.sort = SORT_NAME, .limit = (unsigned)_i};
    struct listing_page page = {.more = true};

    for (unsigned i = 0; i < COUNT; i++) /* not in their order, but for the two that are equal */
        add(catalogue, i * 5 % COUNT, names[i * 5 % COUNT], "");
    while (page.more) {
        list(catalogue, &query, &seen, &page);
        turn_page(&query, &seen);
    }
    ck_assert_uint_eq(seen.count, COUNT);
    for (unsigned i = 0; i < COUNT; i++)
        ck_assert_str_eq(seen.rows[i].name, names[order[i]]);
    ck_assert_str_eq(seen.rows[COUNT - 1].id, support_record(COUNT - 1).id);
    catalogue_close(catalogue);
}
END_TEST

static void rename_image(struct catalogue *catalogue, unsigned number, const char *name)
{
    struct record record;

    ck_assert_int_eq(catalogue_find(catalogue, support_record(number).id, &record), VT_OK);
    (void)snprintf(record.name, sizeof record.name, "%s", name);
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
}

START_TEST(a_renamed_image_takes_its_new_place)
{
    static struct seen seen;
    struct catalogue *catalogue = opened();
    struct listing_query query = {.sort = SORT_NAME, .limit = 10};
    struct listing_page page;

    add(catalogue, 1, "img 1", "");
    add(catalogue, 2, "img 2", "");
    add(catalogue, 3, "img 3", "");
    rename_image(catalogue, 2, "IMG 10");
    list(catalogue, &query, &seen, &page);
    ck_assert_str_eq(seen.rows[1].name, "img 3");
    ck_assert_str_eq(seen.rows[2].name, "IMG 10");
    rename_image(catalogue, 2, "Img 02"); /* of the same case, it would be equal to img 2 */
    seen.count = 0;
    list(catalogue, &query, &seen, &page);
    ck_assert_str_eq(seen.rows[1].name, "Img 02");
    catalogue_close(catalogue);
}
END_TEST

/* Gives the image a time, or takes it away. */
static void date_image(struct catalogue *catalogue, unsigned number, int64_t time)
{
    struct record record;

    ck_assert_int_eq(catalogue_find(catalogue, support_record(number).id, &record), VT_OK);
    record.photo.taken = (struct photo_time){time, PHOTO_TIME_NO_OFFSET};
    record.photo.taken_from = PHOTO_TAKEN_BY_PERSON;
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
}

/* The numbers of all images in that order. */
static const char *numbers_by(struct catalogue *catalogue, enum listing_sort sort)
{
    static char numbers[64];
    static struct seen seen;
    struct listing_query query = {.sort = sort, .limit = 2};
    struct listing_page page = {.more = true};
    int at = 0;

    seen.count = 0;
    while (page.more) {
        list(catalogue, &query, &seen, &page);
        turn_page(&query, &seen);
    }
    for (unsigned i = 0; i < seen.count; i++)
        at += snprintf(numbers + at, sizeof numbers - (size_t)at, "%lu",
                       strtoul(seen.rows[i].id, NULL, 16));
    return numbers;
}

START_TEST(a_photograph_that_is_not_dated_stands_by_its_upload)
{
    struct catalogue *catalogue = opened();

    for (unsigned i = 1; i <= 5; i++)
        add(catalogue, i, "x", ""); /* uploaded a millisecond after the one before */
    ck_assert_str_eq(numbers_by(catalogue, SORT_TAKEN), "54321");
    ck_assert_str_eq(numbers_by(catalogue, SORT_TAKEN_OLD), "12345");
    date_image(catalogue, 4, -1000); /* 1969 */
    date_image(catalogue, 3, -2000);
    date_image(catalogue, 1, support_record(5).created); /* at once with that upload */
    ck_assert_str_eq(numbers_by(catalogue, SORT_TAKEN), "51243");
    ck_assert_str_eq(numbers_by(catalogue, SORT_TAKEN_OLD), "34215");
    date_image(catalogue, 4, PHOTO_TIME_UNKNOWN);
    ck_assert_str_eq(numbers_by(catalogue, SORT_TAKEN), "51423");
    catalogue_close(catalogue);
}
END_TEST

START_TEST(names_that_change_between_pages_hide_no_other)
{
    static struct seen seen;
    struct catalogue *catalogue = opened();
    struct listing_query query = {.sort = SORT_NAME, .limit = 20};
    struct listing_page page = {.more = true};
    bool renamed[MANY] = {false}, there[MANY] = {false};

    fill(catalogue, MANY);
    while (page.more) {
        list(catalogue, &query, &seen, &page);
        /* The cursor's row goes to the end, one from behind it to the beginning. */
        if (page.more) {
            unsigned last = (unsigned)strtoul(seen.rows[seen.count - 1].id, NULL, 16);

            turn_page(&query, &seen);
            rename_image(catalogue, last, "zzz");
            renamed[last] = true;
            rename_image(catalogue, seen.count % MANY, "0");
            renamed[seen.count % MANY] = true;
        }
    }
    for (unsigned i = 0; i < seen.count; i++) {
        unsigned number = (unsigned)strtoul(seen.rows[i].id, NULL, 16);

        ck_assert(!there[number] || renamed[number]);
        there[number] = true;
    }
    for (unsigned i = 0; i < MANY; i++)
        ck_assert_msg(there[i] || renamed[i], "row %u is hidden", i);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(a_listing_of_nothing_is_empty)
{
    struct catalogue *catalogue = opened();
    static struct seen seen;
    struct listing_query query = {.sort = (enum listing_sort)_i, .limit = 50};
    struct listing_page page;

    list(catalogue, &query, &seen, &page);
    ck_assert_uint_eq(seen.count, 0);
    ck_assert_uint_eq(page.total, 0);
    ck_assert(!page.more);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(a_full_last_page_has_no_next_one)
{
    struct catalogue *catalogue = opened();
    static struct seen seen;
    struct listing_query query = {.sort = (enum listing_sort)_i, .limit = 10};
    struct listing_page page;

    fill(catalogue, 10);
    list(catalogue, &query, &seen, &page);
    ck_assert_uint_eq(seen.count, 10);
    ck_assert(!page.more);
    catalogue_close(catalogue);
}
END_TEST

static enum vt_error refuse(void *context, const struct record *record)
{
    unsigned *calls = context;

    (void)record;
    return ++*calls == 3 ? VT_ERR_FORBIDDEN : VT_OK;
}

START_TEST(a_visitor_ends_the_listing_with_its_error)
{
    struct catalogue *catalogue = opened();
    static struct seen seen;
    struct listing_query query = {.limit = 10};
    struct listing_page page;
    unsigned calls = 0;

    fill(catalogue, 10);
    ck_assert_int_eq(catalogue_list(catalogue, &query, refuse, &calls, &page), VT_ERR_FORBIDDEN);
    ck_assert_uint_eq(calls, 3);
    list(catalogue, &query, &seen, &page); /* and the next one is whole again */
    ck_assert_uint_eq(seen.count, 10);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(a_listing_may_stand_inside_a_transaction)
{
    struct catalogue *catalogue = opened();
    static struct seen seen;
    struct listing_query query = {.limit = 10};
    struct listing_page page;

    fill(catalogue, 2);
    ck_assert_int_eq(catalogue_lock(catalogue), VT_OK);
    add(catalogue, 1000, "third.png", "");
    list(catalogue, &query, &seen, &page);
    ck_assert_uint_eq(seen.count, 3);
    ck_assert_int_eq(catalogue_commit(catalogue), VT_OK); /* the listing did not end it */
    list(catalogue, &query, &seen, &page);
    ck_assert_uint_eq(seen.count, 6);
    catalogue_close(catalogue);
}
END_TEST

/* ---- searches ---- */

static void add_album(struct catalogue *catalogue)
{
    add(catalogue, 1, "Harbour at dawn.jpg", "sea\nearly morning");
    add(catalogue, 2, "Sea AND sky.png", "");
    add(catalogue, 3, "Café crème.webp", "food");
    add(catalogue, 4, "IMG_2041.jpg", "raw");
    add(catalogue, 5, "he said \"hello\".gif", "");
    add(catalogue, 6, "NEAR(here).jpg", "");
    add(catalogue, 7, "e-mail: draft.png", "");
    add(catalogue, 8, "star*fish.tiff", "sea");
    add(catalogue, 9, "nai\xcc\x88ve Ångström.avif", "Été"); /* the first umlaut is decomposed */
    add(catalogue, 10, "IMG_20240131_101112.bmp", "");
    add(catalogue, 11, "\xe5\x86\x99\xe7\x9c\x9f\xe9\xa4\xa8", "");
    add(catalogue, 12, "M\xc3\xbcller", "");
    add(catalogue, 13, "Frau Muller", "");
}

/* The numbers of the matches, in order of arrival. */
static const char *search(struct catalogue *catalogue, const char *text)
{
    static char numbers[64];
    static struct seen seen;
    struct listing_query query = {.sort = SORT_OLD, .limit = 200};
    struct listing_page page;

    seen.count = 0;
    (void)snprintf(query.search, sizeof query.search, "%s", text);
    list(catalogue, &query, &seen, &page);
    ck_assert_uint_eq(page.total, seen.count);
    numbers[0] = '\0';
    for (unsigned i = 0; i < seen.count; i++)
        (void)snprintf(numbers + strlen(numbers), sizeof numbers - strlen(numbers), "%s%lu",
                       i > 0 ? " " : "", strtoul(seen.rows[i].id, NULL, 16));
    return numbers;
}

static const struct {
    const char *text, *matches;
} searches[] = {
    {"harbour", "1"},
    {"HARBOUR", "1"},
    {"harb", "1"},
    {"h", ""}, /* a letter is no beginning, but may be a word */
    {"he", "5 6"},
    {"e", "7"},
    {"e-m", ""},
    {"(h)", ""},
    {"sea Sea SEA sea", "1 2 8"},
    {"arbour", "1"}, /* any part of a word */
    {"rning", "1"},
    {"ning", "1"},
    {"ing", ""}, /* but for parts of less than four characters */
    {"rem", ""},
    {"r\xc3\xa8me", "3"},
    {"reme", "3"},
    {"dawn harbour", "1"},
    {"harbour sky", ""},
    {"harbour  at", "1"},
    {"sea", "1 2 8"},
    {"sea harbour", "1"}, /* a tag and a name */
    {"early morning", "1"},
    {"food", "3"},
    {"jpg", "1 4 6"},
    {"cafe", "3"},
    {"café", "3"},
    {"CAFÉ CREME", "3"},
    {"naive", "9"},
    {"na\xc3\xafve", "9"},
    {"angstrom", "9"},
    {"ete", "9"},
    {"2041", "4"},
    {"IMG_2041", "4"},
    {"img_2041.jpg", "4"},
    {"041", ""},
    {"0240131", "10"},
    {"20240131", "10"},
    {"0131", "10"},
    {"20240131_101", "10"},
    {"0131_1011", ""}, /* only a beginning of several words */
    {"IMG 0131", "10"},
    {"\xe9\xa4\xa8", "11"}, /* an ideograph within a word */
    {"muller", "12 13"},
    {"M\xc3\xbcller", "12 13"},
    {"\xc3\xbcLLER", "12 13"},
    {"uller", "12 13"},
    /* What would be operators of FTS5 are words. */
    {"AND", "2"},
    {"sea AND sky", "2"},
    {"sea OR food", ""},
    {"sea NOT sky", ""},
    {"\"hello\"", "5"},
    {"said \"hel", "5"},
    {"\"", ""},
    {"\"\"\"", ""},
    {"NEAR(", "6"},
    {"NEAR(here", "6"},
    {"NEAR(here)", "6"},
    {"(", ""},
    {"e-mail", "7"},
    {"e-mail:", "7"},
    {"-mail", "7"},
    {"- sea", "1 2 8"},
    {"-", ""},
    {"name:harbour", ""},
    {"tags : sea", ""},
    {"{name}:sea", ""},
    {"^harbour", "1"},
    {"sea*", "1 2 8"},
    {"star*fish", "8"},
    {"*", ""},
    {"sea + sky", "2"},
    {"'); DROP TABLE image; --", ""},
    {"nothing of the kind", ""},
};

START_TEST(search_finds_words_and_takes_all_else_as_text)
{
    struct catalogue *catalogue = opened();

    add_album(catalogue);
    ck_assert_str_eq(search(catalogue, searches[_i].text), searches[_i].matches);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(search_follows_changes_and_removals)
{
    struct catalogue *catalogue = opened();
    struct record record;

    add_album(catalogue);
    ck_assert_int_eq(catalogue_find(catalogue, support_record(1).id, &record), VT_OK);
    (void)snprintf(record.name, sizeof record.name, "Mountain.jpg");
    (void)snprintf(record.tags, sizeof record.tags, "snow");
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
    ck_assert_str_eq(search(catalogue, "harbour"), "");
    ck_assert_str_eq(search(catalogue, "sea"), "2 8");
    ck_assert_str_eq(search(catalogue, "mountain snow"), "1");
    ck_assert_int_eq(catalogue_remove(catalogue, support_record(8).id), VT_OK);
    ck_assert_str_eq(search(catalogue, "sea"), "2");
    ck_assert_int_eq(catalogue_lock(catalogue), VT_OK);
    add(catalogue, 20, "sea again.png", "");
    ck_assert_str_eq(search(catalogue, "sea"), "2 20");
    catalogue_rollback(catalogue);
    ck_assert_str_eq(search(catalogue, "sea"), "2");
    catalogue_close(catalogue);
}
END_TEST

START_TEST(search_has_the_same_orders_and_pages)
{
    static struct seen seen;
    struct catalogue *catalogue = opened();
    struct listing_query query = {.sort = (enum listing_sort)(_i / (int)LIMITS),
                                  .limit = limits[_i % (int)LIMITS],
                                  .search = "apple"};
    struct listing_page page = {.more = true};
    unsigned apples = 0;

    fill(catalogue, MANY);
    for (unsigned i = 0; i < MANY; i++)
        apples += strncasecmp(mixed_record(i).name, "apple", 5) == 0;
    while (page.more) {
        list(catalogue, &query, &seen, &page);
        ck_assert_uint_eq(page.total, apples);
        turn_page(&query, &seen);
    }
    ck_assert_uint_eq(seen.count, apples);
    check_order(query.sort, &seen);
    for (unsigned i = 0; i < seen.count; i++)
        ck_assert_int_eq(strncasecmp(seen.rows[i].name, "apple", 5), 0);
    catalogue_close(catalogue);
}
END_TEST

/* ---- cost ---- */

/* The next statement of those that list, which are the ones with an order. */
static sqlite3_stmt *next_listing_statement(sqlite3_stmt *at)
{
    while ((at = sqlite3_next_stmt(connection, at)) != NULL)
        if (strstr(sqlite3_sql(at), "ORDER BY") != NULL)
            return at;
    return NULL;
}

/* Adds up what the statements that list have counted since the last call. */
static int listing_status(int what)
{
    int sum = 0;

    for (sqlite3_stmt *at = NULL; (at = next_listing_statement(at)) != NULL;)
        sum += sqlite3_stmt_status(at, what, 1);
    return sum;
}

static void check_plan(const char *statement)
{
    sqlite3_stmt *plan;
    char sql[1000];
    unsigned steps = 0;

    (void)snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", statement);
    ck_assert_int_eq(sqlite3_prepare_v2(connection, sql, -1, &plan, NULL), SQLITE_OK);
    for (; sqlite3_step(plan) == SQLITE_ROW; steps++) {
        const char *detail = (const char *)sqlite3_column_text(plan, 3);

        ck_assert_msg((strstr(detail, "SCAN") == NULL || strstr(detail, "USING INDEX") != NULL) &&
                          strstr(detail, "B-TREE") == NULL,
                      "%s: %s", statement, detail);
    }
    ck_assert_uint_gt(steps, 0);
    (void)sqlite3_finalize(plan);
}

START_TEST(a_listing_walks_an_index_and_sorts_nothing)
{
    static struct seen seen;
    struct catalogue *catalogue = opened();
    struct listing_query query = {.sort = (enum listing_sort)_i, .limit = 50};
    struct listing_page page;
    unsigned statements = 0;

    fill(catalogue, MANY);
    for (int i = 0; i < 2; i++) {
        list(catalogue, &query, &seen, &page);
        turn_page(&query, &seen);
    }
    for (sqlite3_stmt *at = NULL; (at = next_listing_statement(at)) != NULL; statements++)
        check_plan(sqlite3_sql(at));
    ck_assert_uint_eq(statements, query.sort == SORT_NEW || query.sort == SORT_OLD ? 1 : 3);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(the_two_hundredth_page_costs_as_much_as_the_first)
{
    static struct seen seen;
    struct catalogue *catalogue = opened();
    struct listing_query query = {.sort = (enum listing_sort)_i, .limit = 50};
    struct listing_page page;
    int first = 0, steps = 0;

    fill(catalogue, 200 * 50);
    for (unsigned i = 0; i < 200; i++) {
        seen.count = 0;
        list(catalogue, &query, &seen, &page);
        steps = listing_status(SQLITE_STMTSTATUS_VM_STEP);
        if (i == 0)
            first = steps;
        turn_page(&query, &seen);
    }
    ck_assert(!page.more);
    ck_assert_int_gt(first, 0);
    ck_assert_int_le(steps, first + first / 10);
    ck_assert_int_eq(listing_status(SQLITE_STMTSTATUS_SORT), 0);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(a_search_looks_only_so_deep)
{
    static struct seen seen;
    struct catalogue *catalogue = opened();
    struct listing_query query = {.sort = (enum listing_sort)_i, .limit = 50, .search = "jpg"};
    struct listing_page page;

    fill(catalogue, LISTING_SEARCH_DEPTH + 1);
    list(catalogue, &query, &seen, &page);
    ck_assert_uint_eq(seen.count, 50);
    ck_assert_uint_eq(page.total, LISTING_SEARCH_DEPTH);
    ck_assert(page.total_capped);
    check_order(query.sort, &seen);
    catalogue_close(catalogue);
}
END_TEST

/* The processor's time, as the catalogue sees it: real, or rushing. */
static bool time_rushes;

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static time_t rushed;

    if (time_rushes && clock == CLOCK_THREAD_CPUTIME_ID) {
        *now = (struct timespec){.tv_sec = ++rushed};
        return 0;
    }
    return (int)syscall(SYS_clock_gettime, clock, now);
}

START_TEST(a_listing_that_takes_too_long_is_ended)
{
    static struct seen seen;
    struct catalogue *catalogue = opened();
    struct listing_query query = {.sort = (enum listing_sort)_i, .limit = 200, .search = "jpg"};
    struct listing_page page;

    fill(catalogue, 5000);
    time_rushes = true;
    ck_assert_int_eq(catalogue_list(catalogue, &query, see, &seen, &page), VT_ERR_BUSY);
    time_rushes = false;
    seen.count = 0;
    list(catalogue, &query, &seen, &page); /* the connection is as good as before */
    ck_assert_uint_eq(page.total, 5000);
    ck_assert_int_eq(catalogue_lock(catalogue), VT_OK);
    ck_assert_int_eq(catalogue_commit(catalogue), VT_OK);
    catalogue_close(catalogue);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("catalogue_listing");
    TCase *pages = tcase_create("pages"), *search_case = tcase_create("search");
    TCase *cost = tcase_create("cost");

    tcase_add_loop_test(pages, pages_show_every_row_once_and_in_order, 0, SORT_COUNT * (int)LIMITS);
    tcase_add_loop_test(pages, rows_that_come_and_go_between_pages_hide_no_other, 0, SORT_COUNT);
    tcase_add_loop_test(pages, names_are_listed_as_people_sort_them, 1, 16);
    tcase_add_test(pages, a_renamed_image_takes_its_new_place);
    tcase_add_test(pages, a_photograph_that_is_not_dated_stands_by_its_upload);
    tcase_add_test(pages, names_that_change_between_pages_hide_no_other);
    tcase_add_loop_test(pages, a_listing_of_nothing_is_empty, 0, SORT_COUNT);
    tcase_add_loop_test(pages, a_full_last_page_has_no_next_one, 0, SORT_COUNT);
    tcase_add_test(pages, a_visitor_ends_the_listing_with_its_error);
    tcase_add_test(pages, a_listing_may_stand_inside_a_transaction);
    suite_add_tcase(suite, pages);
    tcase_add_loop_test(search_case, search_finds_words_and_takes_all_else_as_text, 0,
                        (int)(sizeof searches / sizeof searches[0]));
    tcase_add_test(search_case, search_follows_changes_and_removals);
    tcase_add_loop_test(search_case, search_has_the_same_orders_and_pages, 0,
                        SORT_COUNT * (int)LIMITS);
    suite_add_tcase(suite, search_case);
    tcase_add_loop_test(cost, a_listing_walks_an_index_and_sorts_nothing, 0, SORT_COUNT);
    tcase_add_loop_test(cost, the_two_hundredth_page_costs_as_much_as_the_first, 0, SORT_COUNT);
    tcase_add_loop_test(cost, a_search_looks_only_so_deep, 0, SORT_COUNT);
    tcase_add_loop_test(cost, a_listing_that_takes_too_long_is_ended, 0, SORT_COUNT);
    suite_add_tcase(suite, cost);
    tcase_set_timeout(pages, 60);
    tcase_set_timeout(search_case, 60);
    tcase_set_timeout(cost, 60);
    return suite;
}
