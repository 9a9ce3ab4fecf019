#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/app.h"
#include "../support/support.h"

static struct support_app app;
static struct http_response response;

static void start(void)
{
    support_app_open(&app, POOL_API);
    response = HTTP_RESPONSE_INIT;
}

static void stop(void)
{
    support_app_close(&app);
    http_response_free(&response);
}

static int get(const char *path)
{
    struct support_request request;

    support_request(&request, HTTP_GET, path, "", 0);
    return support_answer(&app, &request, &response);
}

/* From now on the data folder is one that is not there. */
static void take_store_away(void)
{
    (void)snprintf(app.config.data, sizeof app.config.data, "%s/nowhere", support_folder());
}

static void add(unsigned seed, struct added *added)
{
    support_add_picture(app.app.gallery, &(struct picture){.coder = "PNG", .seed = seed}, "x",
                        added);
}

/* Whether the text has that line. */
static bool has_line(const char *line)
{
    size_t len = strlen(line);

    for (const char *at = response.body.data; at != NULL; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, line, len) == 0 && (at[len] == '\n' || at[len] == '\0'))
            return true;
        if (*at == '\0')
            break;
    }
    return false;
}

/* ---- stats ---- */

START_TEST(stats_count_images_and_bytes)
{
    struct added first, second;
    json_t *json;

    ck_assert_int_eq(get("/api/stats"), 200);
    json = support_json(&response);
    ck_assert_int_eq(support_integer(json, "images"), 0);
    ck_assert_int_eq(support_integer(json, "bytes"), 0);
    ck_assert(json_is_null(json_object_get(json, "quota")));
    json_decref(json);
    add(1, &first);
    add(2, &second);
    ck_assert_int_eq(get("/api/stats"), 200);
    json = support_json(&response);
    ck_assert_int_eq(support_integer(json, "images"), 2);
    ck_assert_int_eq(support_integer(json, "bytes"),
                     (json_int_t)(first.record.bytes + second.record.bytes));
    ck_assert_int_gt(support_integer(json, "thumbnail_bytes"), 0);
    ck_assert(support_has_header(&response, "Cache-Control: no-cache"));
    json_decref(json);
}
END_TEST

START_TEST(stats_and_metrics_tell_the_quota)
{
    json_t *json;

    ck_assert_int_eq(get("/metrics"), 200);
    ck_assert_ptr_null(strstr(response.body.data, "vitrine_quota_bytes"));
    app.config.quota = UINT64_C(5) << 40;
    ck_assert_int_eq(get("/api/stats"), 200);
    json = support_json(&response);
    ck_assert_int_eq(support_integer(json, "quota"), (json_int_t)5 << 40);
    json_decref(json);
    ck_assert_int_eq(get("/metrics"), 200);
    ck_assert(has_line("vitrine_quota_bytes 5497558138880"));
}
END_TEST

START_TEST(stats_of_a_store_that_is_away_are_503)
{
    take_store_away();
    ck_assert_int_eq(get("/api/stats"), 503);
    ck_assert_str_eq(response.content_type, "application/problem+json");
}
END_TEST

/* ---- session ---- */

static int session(const char *authorization)
{
    struct support_request request;

    support_request(&request, HTTP_GET, "/api/session", "", 0);
    request.request.authorization = authorization;
    return support_answer(&app, &request, &response);
}

static void check_session(bool is_operator, bool may_upload)
{
    json_t *json = support_json(&response);

    ck_assert_int_eq(json_is_true(json_object_get(json, "operator")), is_operator);
    ck_assert_int_eq(json_is_true(json_object_get(json, "upload")), may_upload);
    ck_assert(support_has_header(&response, "Cache-Control: no-store"));
    json_decref(json);
}

START_TEST(session_without_a_token_set_lets_anybody_upload)
{
    ck_assert_int_eq(session(""), 200);
    check_session(false, true);
    ck_assert_int_eq(session("Bearer anything"), 403);
}
END_TEST

START_TEST(session_tells_the_operators_token_from_others)
{
    (void)snprintf(app.config.token, sizeof app.config.token, "the-operators-token");
    ck_assert_int_eq(session(""), 200);
    check_session(false, false);
    ck_assert_int_eq(session("Bearer the-operators-token"), 200);
    check_session(true, true);
    ck_assert_int_eq(session("Bearer the-operators-toke"), 403);
    ck_assert_str_eq(response.content_type, "application/problem+json");
}
END_TEST

/* ---- health ---- */

START_TEST(health_of_a_fine_store_is_ok)
{
    json_t *json;

    ck_assert_int_eq(get("/healthz"), 200);
    json = support_json(&response);
    ck_assert_str_eq(support_string(json, "status"), "ok");
    ck_assert_str_eq(support_string(json, "pool"), "api");
    ck_assert_str_eq(support_string(json, "catalogue"), "ok");
    ck_assert_str_eq(support_string(json, "disk"), "ok");
    ck_assert_int_gt(support_integer(json, "free_bytes"), 0);
    ck_assert(support_has_header(&response, "Cache-Control: no-store"));
    json_decref(json);
}
END_TEST

START_TEST(health_of_a_store_that_is_away_is_503_and_comes_back)
{
    json_t *json;

    take_store_away();
    ck_assert_int_eq(get("/healthz"), 503);
    json = support_json(&response);
    ck_assert_str_eq(support_string(json, "status"), "failing");
    ck_assert_str_eq(support_string(json, "catalogue"), "store unavailable");
    ck_assert_str_eq(support_string(json, "disk"), "store unavailable");
    ck_assert_int_eq(support_integer(json, "free_bytes"), 0);
    ck_assert_ptr_null(strstr(response.body.data, support_folder()));
    json_decref(json);
    (void)support_subfolder(support_folder(), "nowhere");
    ck_assert_int_eq(get("/healthz"), 200);
}
END_TEST

START_TEST(health_tells_of_a_catalogue_made_beside_originals)
{
    struct added added;
    json_t *json;

    add(1, &added);
    ck_assert_int_eq(get("/healthz"), 200);
    ck_assert_ptr_null(strstr(response.body.data, "notice"));
    gallery_free(app.app.gallery);
    ck_assert_int_eq(unlink(support_path(app.config.data, "catalogue.sqlite")), 0);
    ck_assert_int_eq(gallery_new(&app.config, &app.app.gallery), VT_OK);
    ck_assert_int_eq(get("/healthz"), 200); /* it serves */
    json = support_json(&response);
    ck_assert_ptr_nonnull(strstr(support_string(json, "notice"), "vitrine rebuild"));
    json_decref(json);
    ck_assert_int_eq(gallery_accept(app.app.gallery), VT_OK);
    ck_assert_int_eq(get("/healthz"), 200);
    ck_assert_ptr_null(strstr(response.body.data, "notice"));
}
END_TEST

START_TEST(health_tells_catalogue_and_disk_apart)
{
    char text[2000];
    json_t *json;

    memset(text, 'x', sizeof text);
    support_write_file(support_path(support_folder(), "catalogue.sqlite"), text, sizeof text);
    ck_assert_int_eq(get("/healthz"), 503);
    json = support_json(&response);
    ck_assert_str_eq(support_string(json, "catalogue"), "catalogue damaged");
    ck_assert_str_eq(support_string(json, "disk"), "ok");
    json_decref(json);
}
END_TEST

/* ---- metrics ---- */

START_TEST(metrics_tell_of_the_store)
{
    struct added added;
    char line[64];

    add(1, &added);
    ck_assert_int_eq(get("/metrics"), 200);
    ck_assert_str_eq(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
    ck_assert(has_line("vitrine_images 1"));
    (void)snprintf(line, sizeof line, "vitrine_image_bytes %llu",
                   (unsigned long long)added.record.bytes);
    ck_assert(has_line(line));
    ck_assert(has_line("vitrine_up{part=\"catalogue\"} 1"));
    ck_assert(has_line("vitrine_up{part=\"disk\"} 1"));
    ck_assert_ptr_nonnull(strstr(response.body.data, "\nvitrine_free_bytes "));
}
END_TEST

START_TEST(metrics_count_requests_by_route_and_class)
{
    struct support_request request;
    unsigned index;

    support_request(&request, HTTP_GET, "/api/stats", "", 0);
    for (int i = 0; i < 3; i++) {
        http_response_clear(&response);
        index = router_handle(&app.app, &request.request, &response);
        metrics_request(app.app.metrics, index, response.status, 0.003);
    }
    support_request(&request, HTTP_GET, "/nothing", "", 0);
    index = router_handle(&app.app, &request.request, &response);
    metrics_request(app.app.metrics, index, response.status, 0.5);
    ck_assert_int_eq(get("/metrics"), 200);
    ck_assert(has_line("vitrine_requests_total{route=\"ops_stats\",status=\"2xx\"} 3"));
    ck_assert(has_line("vitrine_requests_total{route=\"none\",status=\"4xx\"} 1"));
    ck_assert(has_line("vitrine_request_seconds_bucket{route=\"ops_stats\",le=\"0.0025\"} 0"));
    ck_assert(has_line("vitrine_request_seconds_bucket{route=\"ops_stats\",le=\"0.005\"} 3"));
    ck_assert(has_line("vitrine_request_seconds_bucket{route=\"ops_stats\",le=\"+Inf\"} 3"));
    ck_assert(has_line("vitrine_request_seconds_count{route=\"ops_stats\"} 3"));
}
END_TEST

/* Every line is a comment or a sample, each name is declared once and before its samples. */
START_TEST(the_metrics_are_in_the_prometheus_format)
{
    char declared[32][64], name[64];
    unsigned count = 0;

    ck_assert_int_eq(get("/metrics"), 200);
    for (const char *at = response.body.data; *at != '\0'; at = strchr(at, '\n') + 1) {
        ck_assert_ptr_nonnull(strchr(at, '\n'));
        if (sscanf(at, "# TYPE %63s", name) == 1) {
            for (unsigned i = 0; i < count; i++)
                ck_assert_str_ne(declared[i], name);
            ck_assert_uint_lt(count, 32);
            (void)snprintf(declared[count++], sizeof declared[0], "%s", name);
        } else if (*at != '#') {
            ck_assert_uint_gt(count, 0);
            ck_assert_int_eq(strncmp(at, declared[count - 1], strlen(declared[count - 1])), 0);
        }
    }
    ck_assert_uint_ge(count, 6);
}
END_TEST

START_TEST(metrics_of_a_store_that_is_away_still_answer)
{
    take_store_away();
    ck_assert_int_eq(get("/metrics"), 200);
    ck_assert(has_line("vitrine_up{part=\"catalogue\"} 0"));
    ck_assert(has_line("vitrine_up{part=\"disk\"} 0"));
    ck_assert_ptr_null(strstr(response.body.data, "vitrine_images "));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("ops");
    TCase *ops = tcase_create("ops");

    tcase_add_checked_fixture(ops, start, stop);
    tcase_add_test(ops, stats_count_images_and_bytes);
    tcase_add_test(ops, stats_and_metrics_tell_the_quota);
    tcase_add_test(ops, stats_of_a_store_that_is_away_are_503);
    tcase_add_test(ops, session_without_a_token_set_lets_anybody_upload);
    tcase_add_test(ops, session_tells_the_operators_token_from_others);
    tcase_add_test(ops, health_of_a_fine_store_is_ok);
    tcase_add_test(ops, health_of_a_store_that_is_away_is_503_and_comes_back);
    tcase_add_test(ops, health_tells_of_a_catalogue_made_beside_originals);
    tcase_add_test(ops, health_tells_catalogue_and_disk_apart);
    tcase_add_test(ops, metrics_tell_of_the_store);
    tcase_add_test(ops, metrics_count_requests_by_route_and_class);
    tcase_add_test(ops, the_metrics_are_in_the_prometheus_format);
    tcase_add_test(ops, metrics_of_a_store_that_is_away_still_answer);
    tcase_set_timeout(ops, 60);
    suite_add_tcase(suite, ops);
    return suite;
}
