/* Filters of the catalogue's listings: what they find, in every order, and what that costs. */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/support.h"
#include "store/catalogue.h"
#include "store/search_text.h"
#include "web/listing_query.h"

#define MANY 600

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

#define DAY INT64_C(86400000)

/* A photograph as galleries have them: some without time, camera or place, many near each other. */
static struct record varied_record(unsigned number)
{
    static const char *const cameras[] = {"", "Nikon P6000", "nikon p6000", "Pixel 8"};
    static const char *const tags[] = {"",          "sea",    "Sea", "sea\nearly morning",
                                       "sea shore", "C'\"est"};
    static const double places[][2] = {{43.4674, 11.8851}, {-33.86, 151.2}, {78.2, 15.6},
                                       {-17.7, 178},       {89.99, 40},     {0, 0}};
    struct record record = support_record(number);
    const double *place = places[number % 6];
    double far = pow(10, number % 7) / 1e5 * (number % 3 ? 1 : -1);

    record.type = (enum image_type)(number % 3);
    (void)snprintf(record.tags, sizeof record.tags, "%s", tags[number * 7 % 6]);
    (void)snprintf(record.name, sizeof record.name, "%s %u", number % 2 ? "odd" : "even", number);
    record.created += number * DAY;
    if (number % 5 != 0) {
        record.photo.taken_from = PHOTO_TAKEN_BY_FILE;
        record.photo.taken.local = (int64_t)number * 29 % 601 * 40 * DAY - 5000 * DAY;
    }
    (void)snprintf(record.photo.camera, sizeof record.photo.camera, "%s", cameras[number % 4]);
    record.photo.has_place = number % 4 != 3;
    record.photo.latitude = fmin(place[0] + far, 90);
    record.photo.longitude = remainder(place[1] - far * 1.5, 360);
    return record;
}

static void fill(struct catalogue *catalogue)
{
    ck_assert_int_eq(catalogue_lock(catalogue), VT_OK);
    for (unsigned i = 0; i < MANY; i++) {
        struct record record = varied_record(i);

        ck_assert_int_eq(catalogue_add(catalogue, &record), VT_OK);
    }
    ck_assert_int_eq(catalogue_commit(catalogue), VT_OK);
}

static struct listing_query parse(const char *text)
{
    struct listing_query query;
    struct vt_reason why;

    ck_assert_msg(listing_query_parse(text, &query, &why) == VT_OK, "%s: %s", text, why.text);
    return query;
}

/* ---- what passes, looked at one by one ---- */

static bool has_tag(const char *tags, const char *tag)
{
    char lines[TAGS_SIZE + 2], line[TAG_SIZE + 2];

    (void)snprintf(lines, sizeof lines, "\n%s\n", tags);
    (void)snprintf(line, sizeof line, "\n%s\n", tag);
    return strstr(lines, line) != NULL;
}

/* The distance by the law of cosines of chords, which is not how the catalogue computes it. */
static double distance(const struct photo *photo, const struct listing_filter *filter)
{
    double a[3], b[3], chord = 0, rad = M_PI / 180;

    a[0] = cos(photo->latitude * rad) * cos(photo->longitude * rad);
    a[1] = cos(photo->latitude * rad) * sin(photo->longitude * rad);
    a[2] = sin(photo->latitude * rad);
    b[0] = cos(filter->latitude * rad) * cos(filter->longitude * rad);
    b[1] = cos(filter->latitude * rad) * sin(filter->longitude * rad);
    b[2] = sin(filter->latitude * rad);
    for (int i = 0; i < 3; i++)
        chord += (a[i] - b[i]) * (a[i] - b[i]);
    return 2 * 6371.0088 * asin(fmin(sqrt(chord) / 2, 1));
}

static bool passes(const struct record *record, const struct listing_query *query)
{
    const struct listing_filter *filter = &query->filter;
    const struct photo *photo = &record->photo;
    int64_t time = record_time(record);

    if (filter->taken[0] && (time < filter->from || time > filter->to))
        return false;
    if (filter->camera[0] && strcmp(filter->camera, photo->camera) != 0)
        return false;
    if (filter->type[0] && strcmp(filter->type, image_type_extension(record->type)) != 0)
        return false;
    if (filter->tag[0] && !has_tag(record->tags, filter->tag))
        return false;
    if ((filter->has_place || filter->near[0]) && !photo->has_place)
        return false;
    if (filter->near[0] && distance(photo, filter) > filter->km)
        return false;
    return query->search[0] == '\0' || strncmp(record->name, query->search, 3) == 0;
}

struct seen {
    struct record rows[MANY];
    unsigned count;
};

static enum vt_error see(void *context, const struct record *record)
{
    struct seen *seen = context;

    ck_assert_uint_lt(seen->count, MANY);
    seen->rows[seen->count++] = *record;
    return VT_OK;
}

static int64_t place_in(enum listing_sort sort, const struct record *record)
{
    switch (sort) {
    case SORT_SIZE:
        return -(int64_t)record->bytes;
    case SORT_TAKEN:
        return -record_time(record);
    case SORT_TAKEN_OLD:
        return record_time(record);
    case SORT_OLD:
        return record->sequence;
    case SORT_NAME: /* the numbers in these names are in their order, after the two words */
        return (strncmp(record->name, "odd", 3) == 0) * INT64_C(1000000) + record->sequence;
    case SORT_NEW:
    case SORT_COUNT:
    default:
        return -record->sequence;
    }
}

static const char *const queries[] = {
    "taken=1970",
    "taken=1969-12",
    "taken=2023-11-14",
    "taken=1970..1980-06",
    "taken=..1975-03-01",
    "taken=1999-11..",
    "taken=1960..2030",
    "taken=1999-12-31..2000-01-01",
    "camera=Nikon+P6000",
    "camera=Pixel+8&taken=1970..1989",
    "camera=Pixel",
    "type=image/png",
    "type=image/gif&tag=Sea",
    "type=image/tiff",
    "tag=sea",
    "tag=Sea",
    "tag=early+morning",
    "tag=sea+shore",
    "tag=C'%22est",
    "tag=morning",
    "has=place",
    "has=place&q=odd",
    "near=43.4674,11.8851,0.05",
    "near=43.4674,11.8851,1",
    "near=43.5,11.9,30",
    "near=43,12,1000",
    "near=-33.86,151.2,19000",
    "near=0,0,20038",
    "near=78.2,15.6,200",
    "near=-17.7,-179,500",
    "near=-17.7,179.999,3000",
    "near=90,0,5",
    "near=-90,0,100",
    "near=89.9,-140,20",
    "near=43.4674,11.8851,50&q=even&type=image/jpeg&taken=1960..1990",
    "q=odd&taken=1970..1990",
    "q=odd&camera=Nikon+P6000",
    "has=place&taken=2023-12..",
};

#define QUERIES ((int)(sizeof queries / sizeof queries[0]))

static unsigned check_query(struct catalogue *catalogue, struct listing_query query)
{
    static struct seen seen;
    struct listing_page page = {.more = true};
    char cursor[LISTING_CURSOR_SIZE];
    unsigned expected = 0;

    seen.count = 0;
    while (page.more) {
        ck_assert_int_eq(catalogue_list(catalogue, &query, see, &seen, &page), VT_OK);
        listing_cursor_write(query.sort, &page.last, cursor);
        query.has_cursor = listing_cursor_read(cursor, query.sort, &query.cursor);
    }
    for (unsigned i = 0; i < MANY; i++) {
        struct record record = varied_record(i);

        expected += passes(&record, &query);
    }
    ck_assert_uint_eq(seen.count, expected);
    ck_assert_uint_eq(page.total, expected);
    for (unsigned i = 0; i < seen.count; i++) {
        struct record record = varied_record((unsigned)strtoul(seen.rows[i].id, NULL, 16));

        record.sequence = seen.rows[i].sequence;
        ck_assert_msg(passes(&record, &query), "%s does not pass", record.id);
        ck_assert(i == 0 ||
                  place_in(query.sort, &seen.rows[i - 1]) <= place_in(query.sort, &seen.rows[i]));
    }
    return expected;
}

START_TEST(a_filter_finds_what_passes_it_in_every_order)
{
    struct catalogue *catalogue = opened();

    fill(catalogue);
    for (int sort = 0; sort < SORT_COUNT; sort++) {
        struct listing_query query = parse(queries[_i]);

        query.sort = (enum listing_sort)sort;
        query.limit = 37;
        (void)check_query(catalogue, query);
    }
    catalogue_close(catalogue);
}
END_TEST

START_TEST(most_of_these_filters_find_something)
{
    struct catalogue *catalogue = opened();
    int finding = 0;

    fill(catalogue);
    for (int i = 0; i < QUERIES; i++)
        finding += check_query(catalogue, parse(queries[i])) > 0;
    ck_assert_int_ge(finding, QUERIES - 6);
    catalogue_close(catalogue);
}
END_TEST

START_TEST(a_circle_finds_all_that_is_within)
{
    struct catalogue *catalogue = opened();
    char text[100];

    fill(catalogue);
    for (unsigned i = 0; i < 200; i++) {
        double latitude = (double)(i * 7919 % 1801) / 10 - 90;
        double longitude = (double)(i * 104729 % 3601) / 10 - 180;

        (void)snprintf(text, sizeof text, "near=%.4f,%.4f,%.3f", latitude, longitude, pow(1.09, i));
        if (pow(1.09, i) < LISTING_NEAR_MAX_KM)
            (void)check_query(catalogue, parse(text));
    }
    catalogue_close(catalogue);
}
END_TEST

START_TEST(filters_follow_changes_and_removals)
{
    struct catalogue *catalogue = opened();
    struct record record = varied_record(1);
    struct listing_query camera = parse("camera=New"), place = parse("near=10,10,1"),
                         tag = parse("tag=new"), day = parse("taken=2001-02-03&sort=new");
    struct listing_query *all[] = {&camera, &place, &tag, &day};
    struct listing_page page;
    static struct seen seen;

    fill(catalogue);
    (void)snprintf(record.photo.camera, sizeof record.photo.camera, "New");
    (void)snprintf(record.tags, sizeof record.tags, "new");
    record.photo.has_place = true;
    record.photo.latitude = record.photo.longitude = 10.001;
    record.photo.taken_from = PHOTO_TAKEN_BY_PERSON;
    ck_assert(photo_time_read("2001-02-03", 10, &record.photo.taken));
    for (int step = 0; step < 3; step++) {
        if (step == 1)
            ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
        if (step == 2)
            ck_assert_int_eq(catalogue_remove(catalogue, record.id), VT_OK);
        for (int i = 0; i < 4; i++) {
            seen.count = 0;
            ck_assert_int_eq(catalogue_list(catalogue, all[i], see, &seen, &page), VT_OK);
            ck_assert_uint_eq(seen.count, step == 1);
        }
    }
    catalogue_close(catalogue);
}
END_TEST

START_TEST(a_cursor_from_elsewhere_stays_within_the_times)
{
    struct catalogue *catalogue = opened();
    static struct seen seen;

    fill(catalogue);
    for (int way = 0; way < 2; way++)
        for (int64_t time = -20000 * DAY; time < 30000 * DAY; time += 1000 * DAY) {
            struct listing_query query = parse("taken=1970-01..1979-12");
            struct listing_page page;

            query.sort = way == 0 ? SORT_TAKEN : SORT_TAKEN_OLD;
            query.has_cursor = true;
            query.cursor = (struct listing_cursor){.sequence = 300, .time = time};
            seen.count = 0;
            ck_assert_int_eq(catalogue_list(catalogue, &query, see, &seen, &page), VT_OK);
            for (unsigned i = 0; i < seen.count; i++)
                ck_assert(passes(&seen.rows[i], &query));
            if (way == 0 ? time > query.filter.to : time < query.filter.from)
                ck_assert_uint_eq(seen.count, 50); /* the cursor is before all of them */
            if (way == 0 ? time < query.filter.from : time > query.filter.to)
                ck_assert_uint_eq(seen.count, 0);
        }
    catalogue_close(catalogue);
}
END_TEST

/* ---- cost ---- */

/* All statements that the listing has used may walk or look up, but not read the whole table. */
START_TEST(no_filter_reads_all_images)
{
    struct catalogue *catalogue = opened();
    struct listing_query query = parse(queries[_i / SORT_COUNT]);
    struct listing_page page;
    static struct seen seen;
    unsigned steps = 0;

    fill(catalogue);
    query.sort = (enum listing_sort)(_i % SORT_COUNT);
    seen.count = 0;
    ck_assert_int_eq(catalogue_list(catalogue, &query, see, &seen, &page), VT_OK);
    for (sqlite3_stmt *at = NULL; (at = sqlite3_next_stmt(connection, at)) != NULL;) {
        const char *text = sqlite3_sql(at);
        char sql[2000];
        sqlite3_stmt *plan;

        if (strncmp(text, "SELECT", 6) != 0 || strstr(text, "FROM total") != NULL)
            continue;
        (void)snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", text);
        ck_assert_int_eq(sqlite3_prepare_v2(connection, sql, -1, &plan, NULL), SQLITE_OK);
        for (; sqlite3_step(plan) == SQLITE_ROW; steps++) {
            const char *detail = (const char *)sqlite3_column_text(plan, 3);

            ck_assert_msg(strstr(detail, "SCAN image ") == NULL &&
                              strcmp(detail, "SCAN image") != 0,
                          "%s: %s", text, detail);
            ck_assert_msg(strstr(detail, "SCAN image_search") == NULL ||
                              strstr(detail, "VIRTUAL TABLE INDEX") != NULL,
                          "%s: %s", text, detail);
            /* A page that was walked or sorted out may be sorted, but nothing on the way to it. */
            ck_assert_msg(strstr(detail, "B-TREE") == NULL || sqlite3_column_int(plan, 1) == 0,
                          "%s: %s", text, detail);
        }
        (void)sqlite3_finalize(plan);
    }
    ck_assert_uint_gt(steps, 0);
    catalogue_close(catalogue);
}
END_TEST

/* The rail's jump: a page from anywhere costs as much as the first one. */
START_TEST(a_page_before_a_month_costs_as_much_as_the_first)
{
    struct catalogue *catalogue = opened();
    struct listing_query first = parse("sort=taken&limit=20");
    struct listing_page page;
    static struct seen seen;
    int steps[2] = {0, 0};

    fill(catalogue);
    for (int i = 0; i < 2; i++) {
        struct listing_query jump = parse("sort=taken&taken=..1985-03&limit=20");

        seen.count = 0;
        ck_assert_int_eq(catalogue_list(catalogue, i == 0 ? &first : &jump, see, &seen, &page),
                         VT_OK);
        for (sqlite3_stmt *at = NULL; (at = sqlite3_next_stmt(connection, at)) != NULL;)
            steps[i] += sqlite3_stmt_status(at, SQLITE_STMTSTATUS_VM_STEP, 1);
        ck_assert_uint_eq(seen.count, 20);
    }
    ck_assert_int_le(steps[1], 2 * steps[0]);
    catalogue_close(catalogue);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("catalogue_filter");
    TCase *finding = tcase_create("finding"), *cost = tcase_create("cost");

    tcase_add_loop_test(finding, a_filter_finds_what_passes_it_in_every_order, 0, QUERIES);
    tcase_add_test(finding, most_of_these_filters_find_something);
    tcase_add_test(finding, a_circle_finds_all_that_is_within);
    tcase_add_test(finding, filters_follow_changes_and_removals);
    tcase_add_test(finding, a_cursor_from_elsewhere_stays_within_the_times);
    suite_add_tcase(suite, finding);
    tcase_add_loop_test(cost, no_filter_reads_all_images, 0, QUERIES * SORT_COUNT);
    tcase_add_test(cost, a_page_before_a_month_costs_as_much_as_the_first);
    suite_add_tcase(suite, cost);
    tcase_set_timeout(finding, 60);
    tcase_set_timeout(cost, 60);
    return suite;
}
