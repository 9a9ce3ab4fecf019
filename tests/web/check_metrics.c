#include "web/metrics.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/support.h"

enum { LIST, GET, CHANGE, THUMBS, NONE, COUNT };

static const char *const names[COUNT] = {"list", "get", "change", "thumbs", "none"};

static char path[256];

static void set_up(void)
{
    ck_assert_uint_lt(strlen(support_folder()), sizeof path - 16);
    (void)snprintf(path, sizeof path, "%s/metrics", support_folder());
}

static struct metrics *map(void)
{
    struct metrics *metrics = NULL;

    ck_assert_int_eq(metrics_new(path, names, COUNT, &metrics), VT_OK);
    ck_assert_ptr_nonnull(metrics);
    return metrics;
}

static void expect(const struct metrics *metrics, const char *line, bool there)
{
    struct buf text = BUF_INIT;

    metrics_write(metrics, &text);
    ck_assert(buf_ok(&text));
    ck_assert_msg((strstr(text.data, line) != NULL) == there, "%s is %sthere", line,
                  there ? "not " : "");
    buf_free(&text);
}

#define LIST_2XX "vitrine_requests_total{route=\"list\",status=\"2xx\"}"

START_TEST(the_counters_are_in_the_prometheus_format)
{
    static const char want[] =
        "# HELP vitrine_requests_total Requests answered by the workers.\n"
        "# TYPE vitrine_requests_total counter\n"
        "vitrine_requests_total{route=\"list\",status=\"2xx\"} 2\n"
        "vitrine_requests_total{route=\"list\",status=\"4xx\"} 1\n"
        "# HELP vitrine_request_seconds Time from a worker's accept to its answer.\n"
        "# TYPE vitrine_request_seconds histogram\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"0.001\"} 1\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"0.0025\"} 1\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"0.005\"} 1\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"0.01\"} 1\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"0.025\"} 1\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"0.05\"} 1\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"0.1\"} 1\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"0.25\"} 2\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"0.5\"} 2\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"1\"} 2\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"2.5\"} 2\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"5\"} 2\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"10\"} 2\n"
        "vitrine_request_seconds_bucket{route=\"list\",le=\"+Inf\"} 3\n"
        "vitrine_request_seconds_sum{route=\"list\"} 20.250500\n"
        "vitrine_request_seconds_count{route=\"list\"} 3\n";
    struct metrics *metrics = NULL;
    struct buf text = BUF_INIT;

    ck_assert_int_eq(metrics_new(path, names, 1, &metrics), VT_OK);

    metrics_request(metrics, 0, 200, 0.0005);
    metrics_request(metrics, 0, 204, 0.25); /* a bound is within its bucket */
    metrics_request(metrics, 0, 404, 20);
    metrics_request(metrics, 1, 200, 1); /* which is none of its routes */
    metrics_write(metrics, &text);
    ck_assert_str_eq(text.data, want);
    buf_free(&text);
    metrics_free(metrics);
}
END_TEST

START_TEST(routes_and_classes_are_counted_apart)
{
    static const int statuses[] = {100, 200, 299, 304, 404, 499, 500, 599};
    struct metrics *metrics = map();

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        metrics_request(metrics, THUMBS, statuses[i], 0.1);
    metrics_request(metrics, NONE, 404, 0.1);
    expect(metrics, "vitrine_requests_total{route=\"thumbs\",status=\"1xx\"} 1\n", true);
    expect(metrics, "vitrine_requests_total{route=\"thumbs\",status=\"2xx\"} 2\n", true);
    expect(metrics, "vitrine_requests_total{route=\"thumbs\",status=\"3xx\"} 1\n", true);
    expect(metrics, "vitrine_requests_total{route=\"thumbs\",status=\"4xx\"} 2\n", true);
    expect(metrics, "vitrine_requests_total{route=\"thumbs\",status=\"5xx\"} 2\n", true);
    expect(metrics, "vitrine_requests_total{route=\"none\",status=\"4xx\"} 1\n", true);
    expect(metrics, "vitrine_requests_total{route=\"list\"", false);
    expect(metrics, "vitrine_request_seconds_count{route=\"thumbs\"} 8\n", true);
    expect(metrics, "vitrine_request_seconds_count{route=\"none\"} 1\n", true);
    expect(metrics, "vitrine_request_seconds_count{route=\"list\"} 0\n", true);
    metrics_free(metrics);
}
END_TEST

START_TEST(request_that_cannot_be_is_not_counted)
{
    struct metrics *metrics = map();

    metrics_request(metrics, COUNT, 200, 0.1);
    metrics_request(metrics, (unsigned)-1, 200, 0.1);
    metrics_request(metrics, 0, 0, 0.1);
    metrics_request(metrics, 0, 99, 0.1);
    metrics_request(metrics, 0, 600, 0.1);
    metrics_request(metrics, 0, -200, 0.1);
    metrics_request(metrics, 0, 200, -0.1);
    expect(metrics, "vitrine_requests_total{", false);
    expect(metrics, "vitrine_request_seconds_count{route=\"list\"} 0\n", true);
    metrics_free(metrics);
}
END_TEST

START_TEST(counts_are_kept_when_the_file_is_unmapped)
{
    struct metrics *metrics = map();

    metrics_request(metrics, 0, 200, 0.1);
    metrics_free(metrics);
    metrics_free(NULL);
    metrics = map();
    metrics_request(metrics, 0, 200, 0.1);
    expect(metrics, LIST_2XX " 2\n", true);
    metrics_free(metrics);
    ck_assert_uint_eq(support_count_files(support_folder()), 1);
}
END_TEST

/* As after an upgrade whose program has routes of its own; the one of before may still run. */
START_TEST(counts_of_a_route_outlive_a_program_with_other_routes)
{
    static const char *const newer[] = {"albums", "list", "people", "thumbs", "none"};
    struct metrics *before = map(), *after = NULL;

    metrics_request(before, LIST, 200, 0.1);
    metrics_request(before, THUMBS, 200, 0.1);
    metrics_request(before, GET, 200, 0.1);
    ck_assert_int_eq(metrics_new(path, newer, 5, &after), VT_OK);
    metrics_request(before, LIST, 200, 0.1);
    metrics_request(after, 0, 200, 0.1);
    expect(after, LIST_2XX " 2\n", true);
    expect(after, "vitrine_requests_total{route=\"thumbs\",status=\"2xx\"} 1\n", true);
    expect(after, "vitrine_requests_total{route=\"albums\",status=\"2xx\"} 1\n", true);
    expect(after, "route=\"get\"", false);
    metrics_free(after);
    metrics_free(before);
    before = map();
    expect(before, "vitrine_requests_total{route=\"get\",status=\"2xx\"} 1\n", true);
    metrics_free(before);
}
END_TEST

/* Where all places are taken, those of names that are not used any more are given up. */
START_TEST(a_file_with_no_place_left_forgets_routes_that_are_not_there_any_more)
{
    static char many[METRICS_MAX_ROUTES][METRICS_NAME_SIZE];
    const char *others[METRICS_MAX_ROUTES];
    struct metrics *metrics = map();

    metrics_request(metrics, LIST, 200, 0.1);
    metrics_free(metrics);
    for (int i = 0; i < METRICS_MAX_ROUTES; i++) {
        (void)snprintf(many[i], sizeof many[i], "route%d", i);
        others[i] = many[i];
    }
    others[7] = "list";
    ck_assert_int_eq(metrics_new(path, others, METRICS_MAX_ROUTES, &metrics), VT_OK);
    for (unsigned i = 0; i < METRICS_MAX_ROUTES; i++)
        metrics_request(metrics, i, 200, 0.1);
    expect(metrics, LIST_2XX " 2\n", true);
    expect(metrics, "vitrine_requests_total{route=\"route0\",status=\"2xx\"} 1\n", true);
    expect(metrics, "vitrine_requests_total{route=\"route31\",status=\"2xx\"} 1\n", true);
    metrics_free(metrics);
}
END_TEST

START_TEST(mappings_see_each_others_counts)
{
    struct metrics *one = map(), *other = map();

    metrics_request(one, 0, 200, 0.1);
    metrics_request(other, 0, 200, 0.1);
    expect(one, LIST_2XX " 2\n", true);
    expect(other, LIST_2XX " 2\n", true);
    metrics_free(one);
    metrics_request(other, 0, 200, 0.1);
    expect(other, LIST_2XX " 3\n", true);
    metrics_free(other);
}
END_TEST

START_TEST(concurrent_processes_lose_no_count)
{
    enum { PROCESSES = 4, REQUESTS = 20000 };
    struct metrics *metrics = map();
    pid_t children[PROCESSES];
    char line[128];

    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] == 0) {
            for (int n = 0; n < REQUESTS; n++)
                metrics_request(metrics, 0, 200, 0.1);
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;

        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
    (void)snprintf(line, sizeof line, LIST_2XX " %d\n", PROCESSES * REQUESTS);
    expect(metrics, line, true);
    metrics_free(metrics);
}
END_TEST

/* ---- files that cannot be used as they are ---- */

/* That a new mapping starts at zero and is shared through the path. */
static void expect_replaced(void)
{
    struct metrics *one = map(), *other = map();

    expect(one, "vitrine_requests_total{", false);
    metrics_request(one, 0, 200, 0.1);
    expect(other, LIST_2XX " 1\n", true);
    metrics_free(one);
    metrics_free(other);
}

START_TEST(file_of_another_size_is_replaced)
{
    static const char content[100000] = "something else";
    static const size_t sizes[] = {1, 100, 4096, sizeof content};

    support_write_file(path, content, sizes[_i]);
    expect_replaced();
}
END_TEST

START_TEST(file_of_another_layout_is_replaced)
{
    struct metrics *metrics = map();
    struct buf file;

    metrics_request(metrics, 0, 200, 0.1);
    metrics_free(metrics);
    support_read_file(path, &file);
    file.data[0] ^= 1; /* the layout's version */
    support_write_file(path, file.data, file.len);
    buf_free(&file);
    expect_replaced();
}
END_TEST

START_TEST(an_empty_file_of_counters_is_filled)
{
    support_write_file(path, "", 0);
    expect_replaced();
}
END_TEST

START_TEST(a_lock_that_is_never_given_back_keeps_nobody_waiting)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    expect_replaced();
    ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(symbolic_link_is_not_followed)
{
    struct buf target;
    char other[300];

    (void)snprintf(other, sizeof other, "%s-target", path);
    support_write_file(other, "", 0);
    ck_assert_int_eq(symlink(other, path), 0);
    expect_replaced();
    support_read_file(other, &target);
    ck_assert_uint_eq(target.len, 0);
    buf_free(&target);
}
END_TEST

/* That counting works, though for this process alone. */
static void expect_own(void)
{
    struct metrics *one = map(), *other = map();

    metrics_request(one, 0, 200, 0.1);
    expect(one, LIST_2XX " 1\n", true);
    expect(other, LIST_2XX, false);
    metrics_free(one);
    metrics_free(other);
}

START_TEST(path_without_a_file_still_counts)
{
    static const char *const paths[] = {"/nowhere/at/all", "", "/dev/null/metrics",
                                        "/proc/metrics"};

    (void)snprintf(path, sizeof path, "%s", paths[_i]);
    expect_own();
}
END_TEST

START_TEST(folder_in_the_files_place_is_left_alone)
{
    struct stat status;

    ck_assert_int_eq(mkdir(path, 0700), 0);
    expect_own();
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert(S_ISDIR(status.st_mode));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("metrics");
    TCase *counts = tcase_create("counts"), *files = tcase_create("files");

    tcase_add_checked_fixture(counts, set_up, NULL);
    tcase_add_test(counts, the_counters_are_in_the_prometheus_format);
    tcase_add_test(counts, routes_and_classes_are_counted_apart);
    tcase_add_test(counts, request_that_cannot_be_is_not_counted);
    tcase_add_test(counts, counts_are_kept_when_the_file_is_unmapped);
    tcase_add_test(counts, counts_of_a_route_outlive_a_program_with_other_routes);
    tcase_add_test(counts, a_file_with_no_place_left_forgets_routes_that_are_not_there_any_more);
    tcase_add_test(counts, mappings_see_each_others_counts);
    tcase_add_test(counts, concurrent_processes_lose_no_count);
    suite_add_tcase(suite, counts);
    tcase_add_checked_fixture(files, set_up, NULL);
    tcase_add_loop_test(files, file_of_another_size_is_replaced, 0, 4);
    tcase_add_test(files, file_of_another_layout_is_replaced);
    tcase_add_test(files, an_empty_file_of_counters_is_filled);
    tcase_add_test(files, a_lock_that_is_never_given_back_keeps_nobody_waiting);
    tcase_add_test(files, symbolic_link_is_not_followed);
    tcase_add_loop_test(files, path_without_a_file_still_counts, 0, 4);
    tcase_add_test(files, folder_in_the_files_place_is_left_alone);
    suite_add_tcase(suite, files);
    return suite;
}
