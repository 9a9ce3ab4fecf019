#include "web/router.h"

#include <string.h>

#include "../support/app.h"
#include "../support/support.h"

#define ID "0123456789abcdef0123456789abcdef"

static const struct {
    enum http_method method;
    const char *path, *name;
    enum pool pool;
    const char *parameters[ROUTE_MAX_PARAMETERS];
} routes[] = {
    {HTTP_POST, "/api/images", "images_add", POOL_IMAGE, {NULL}},
    {HTTP_GET, "/api/images", "images_list", POOL_API, {NULL}},
    {HTTP_HEAD, "/api/images", "images_list", POOL_API, {NULL}},
    {HTTP_GET, "/api/images/" ID, "images_get", POOL_API, {ID}},
    {HTTP_HEAD, "/api/images/" ID, "images_get", POOL_API, {ID}},
    {HTTP_PATCH, "/api/images/" ID, "images_change", POOL_IMAGE, {ID}},
    {HTTP_DELETE, "/api/images/" ID, "images_remove", POOL_IMAGE, {ID}},
    {HTTP_GET, "/api/images/x", "images_get", POOL_API, {"x"}},
    {HTTP_GET, "/thumbs/320/01/" ID ".jpg", "thumbs_make", POOL_IMAGE, {"320", "01", ID ".jpg"}},
    {HTTP_HEAD, "/thumbs/a/b/c", "thumbs_make", POOL_IMAGE, {"a", "b", "c"}},
    {HTTP_GET, "/api/session", "ops_session", POOL_API, {NULL}},
    {HTTP_GET, "/api/timeline", "timeline", POOL_API, {NULL}},
    {HTTP_GET, "/api/tags", "tags", POOL_API, {NULL}},
    {HTTP_GET, "/api/stats", "ops_stats", POOL_API, {NULL}},
    {HTTP_GET, "/healthz", "ops_health", POOL_API, {NULL}},
    {HTTP_GET, "/metrics", "ops_metrics", POOL_API, {NULL}},
};

START_TEST(every_route_is_found_with_its_parameters)
{
    struct route_parameters parameters;
    unsigned count, index;
    const char *const *names = router_names(&count);
    const struct route *route;
    char allow[64];
    enum vt_error err;

    route = router_find(routes[_i].method, routes[_i].path, &parameters, &index, allow, &err);
    ck_assert_ptr_nonnull(route);
    ck_assert_int_eq(err, VT_OK);
    ck_assert_str_eq(route->name, routes[_i].name);
    ck_assert_int_eq(route->pool, routes[_i].pool);
    for (size_t i = 0; i < ROUTE_MAX_PARAMETERS && routes[_i].parameters[i] != NULL; i++)
        ck_assert_str_eq(parameters.values[i], routes[_i].parameters[i]);
    ck_assert_uint_lt(index, count - 1);
    ck_assert_str_eq(names[index], routes[_i].name);
}
END_TEST

static const char *const strange_paths[] = {
    "",
    "/",
    "api/images",
    "/api",
    "/api/",
    "/api/images/",
    "/api//images",
    "//api/images",
    "/API/images",
    "/api/image",
    "/api/imagesx",
    "/api/images/a/b",
    "/api/images/" ID "/",
    "/api/images/../stats",
    "/api/stats/",
    "/api/stats/x",
    "/thumbs",
    "/thumbs/320",
    "/thumbs/320/01",
    "/thumbs/320/01/",
    "/thumbs//01/x.jpg",
    "/thumbs/320//x.jpg",
    "/thumbs/320/01/x/y",
    "/healthz/",
    "/metrics?x",
    "/uploads/01/" ID ".png",
    "/api/images/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "/api/images/{id}/{id}",
};

START_TEST(other_paths_are_not_found)
{
    static const enum http_method methods[] = {HTTP_GET,   HTTP_HEAD,   HTTP_POST,
                                               HTTP_PATCH, HTTP_DELETE, HTTP_OTHER};
    struct route_parameters parameters;
    unsigned count, index;
    char allow[64];
    enum vt_error err;

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        ck_assert_ptr_null(
            router_find(methods[i], strange_paths[_i], &parameters, &index, allow, &err));
        ck_assert_int_eq(err, VT_ERR_NOT_FOUND);
        ck_assert_str_eq(allow, "");
        ck_assert_str_eq(router_names(&count)[index], "none");
        ck_assert_uint_eq(index, count - 1);
    }
}
END_TEST

static const struct {
    enum http_method method;
    const char *path, *allow;
} refusals[] = {
    {HTTP_DELETE, "/api/images", "Allow: POST, GET, HEAD"},
    {HTTP_PATCH, "/api/images", "Allow: POST, GET, HEAD"},
    {HTTP_OTHER, "/api/images", "Allow: POST, GET, HEAD"},
    {HTTP_POST, "/api/images/" ID, "Allow: GET, HEAD, PATCH, DELETE"},
    {HTTP_OTHER, "/api/images/" ID, "Allow: GET, HEAD, PATCH, DELETE"},
    {HTTP_POST, "/thumbs/320/01/x.jpg", "Allow: GET, HEAD"},
    {HTTP_DELETE, "/thumbs/320/01/x.jpg", "Allow: GET, HEAD"},
    {HTTP_POST, "/api/stats", "Allow: GET, HEAD"},
    {HTTP_POST, "/healthz", "Allow: GET, HEAD"},
    {HTTP_POST, "/metrics", "Allow: GET, HEAD"},
};

/* ---- answers ---- */

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

static int answer(enum http_method method, const char *path, const char *accept)
{
    struct support_request request;

    support_request(&request, method, path, "", 0);
    request.request.accept = accept;
    return support_answer(&app, &request, &response);
}

START_TEST(a_method_that_a_path_has_not_is_405_with_those_it_has)
{
    json_t *json;

    ck_assert_int_eq(answer(refusals[_i].method, refusals[_i].path, ""), 405);
    ck_assert(support_has_header(&response, refusals[_i].allow));
    json = support_json(&response);
    ck_assert_str_eq(support_string(json, "type"), "urn:vitrine:problem:method-not-allowed");
    json_decref(json);
}
END_TEST

START_TEST(an_unknown_path_is_404)
{
    json_t *json;

    ck_assert_int_eq(answer(HTTP_GET, "/nothing", ""), 404);
    json = support_json(&response);
    ck_assert_str_eq(support_string(json, "type"), "urn:vitrine:problem:not-found");
    ck_assert_ptr_null(response.headers.data);
    json_decref(json);
}
END_TEST

START_TEST(the_wrong_pool_is_421_and_does_nothing)
{
    struct support_request request;
    struct totals totals;

    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        json_t *json;

        app.config.pool = routes[i].pool == POOL_API ? POOL_IMAGE : POOL_API;
        ck_assert_int_eq(answer(routes[i].method, routes[i].path, ""), 421);
        json = support_json(&response);
        ck_assert_ptr_nonnull(
            strstr(support_string(json, "detail"), routes[i].pool == POOL_API ? "api" : "image"));
        json_decref(json);
    }
    support_request(&request, HTTP_POST, "/api/images", "x", 1);
    request.request.content_type = "image/png";
    app.config.pool = POOL_API;
    ck_assert_int_eq(support_answer(&app, &request, &response), 421);
    ck_assert_uint_eq(request.at, 0); /* not a byte was read */
    ck_assert_int_eq(gallery_totals(app.app.gallery, &totals), VT_OK);
    ck_assert_uint_eq(totals.images, 0);
}
END_TEST

/* Paths that look for what is outside: they reach the gallery as an id, or nothing at all. */
static const char *const traversals[] = {
    "/api/images/..",
    "/api/images/.",
    "/api/images/../../etc/passwd",
    "/api/images/..%2f..%2fetc%2fpasswd",
    "/api/images/%00",
    "/api/images/a\\..\\b",
    "/thumbs/320/../../catalogue.sqlite",
    "/thumbs/../../../etc/passwd",
    "/thumbs/320/../x.jpg",
    "/thumbs/320/../" ID ".jpg",
    "/thumbs/320/01/../../../catalogue.sqlite",
};

START_TEST(paths_that_climb_find_nothing)
{
    json_t *json;

    app.config.pool = traversals[_i][1] == 't' ? POOL_IMAGE : POOL_API;
    ck_assert_int_eq(answer(HTTP_GET, traversals[_i], ""), 404);
    json = support_json(&response);
    ck_assert_ptr_null(strstr(response.body.data, support_folder()));
    json_decref(json);
}
END_TEST

START_TEST(errors_of_a_form_without_scripts_are_pages)
{
    app.config.pool = POOL_IMAGE;
    ck_assert_int_eq(answer(HTTP_POST, "/api/images", "text/html"), 400);
    ck_assert_str_eq(response.content_type, "text/html; charset=utf-8");
    ck_assert_int_eq(answer(HTTP_POST, "/api/images", "*/*"), 400);
    ck_assert_str_eq(response.content_type, "application/problem+json");
}
END_TEST

START_TEST(a_page_of_an_error_names_what_was_not_done)
{
    app.config.pool = POOL_IMAGE;
    ck_assert_int_eq(answer(HTTP_POST, "/api/images", "text/html"), 400);
    ck_assert_ptr_nonnull(strstr(response.body.data, "<h1>The upload was not accepted</h1>"));
    ck_assert_int_eq(answer(HTTP_GET, "/api/images", "text/html"), 421);
    ck_assert_str_eq(response.content_type, "text/html; charset=utf-8");
    ck_assert_ptr_nonnull(strstr(response.body.data, "<h1>The images cannot be listed</h1>"));
    ck_assert_ptr_nonnull(
        strstr(response.body.data, "<li>this is a request for the api pool</li>"));
}
END_TEST

static const struct {
    enum http_method method;
    const char *path;
    int status;
} json_only[] = {
    {HTTP_GET, "/nothing", 404},           {HTTP_POST, "/nothing", 404},
    {HTTP_GET, "/api/images/" ID, 404},    {HTTP_POST, "/api/stats", 405},
    {HTTP_DELETE, "/api/images/" ID, 401}, {HTTP_DELETE, "/api/images", 405},
};

START_TEST(errors_elsewhere_are_json_for_browsers_too)
{
    app.config.pool = json_only[_i].method == HTTP_DELETE ? POOL_IMAGE : POOL_API;
    ck_assert_int_eq(answer(json_only[_i].method, json_only[_i].path, "text/html"),
                     json_only[_i].status);
    json_decref(support_json(&response));
}
END_TEST

START_TEST(handle_gives_the_routes_index)
{
    struct support_request request;
    unsigned count;
    const char *const *names = router_names(&count);

    support_request(&request, HTTP_GET, "/api/stats", "", 0);
    ck_assert_str_eq(names[router_handle(&app.app, &request.request, &response)], "ops_stats");
    ck_assert_int_eq(response.status, 200);
    http_response_clear(&response);
    support_request(&request, HTTP_GET, "/nothing", "", 0);
    ck_assert_str_eq(names[router_handle(&app.app, &request.request, &response)], "none");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("router");
    TCase *finds = tcase_create("find"), *answers = tcase_create("answers");

    tcase_add_loop_test(finds, every_route_is_found_with_its_parameters, 0,
                        (int)(sizeof routes / sizeof routes[0]));
    tcase_add_loop_test(finds, other_paths_are_not_found, 0,
                        (int)(sizeof strange_paths / sizeof strange_paths[0]));
    suite_add_tcase(suite, finds);
    tcase_add_checked_fixture(answers, start, stop);
    tcase_add_loop_test(answers, a_method_that_a_path_has_not_is_405_with_those_it_has, 0,
                        (int)(sizeof refusals / sizeof refusals[0]));
    tcase_add_test(answers, an_unknown_path_is_404);
    tcase_add_test(answers, the_wrong_pool_is_421_and_does_nothing);
    tcase_add_loop_test(answers, paths_that_climb_find_nothing, 0,
                        (int)(sizeof traversals / sizeof traversals[0]));
    tcase_add_test(answers, errors_of_a_form_without_scripts_are_pages);
    tcase_add_test(answers, a_page_of_an_error_names_what_was_not_done);
    tcase_add_loop_test(answers, errors_elsewhere_are_json_for_browsers_too, 0,
                        (int)(sizeof json_only / sizeof json_only[0]));
    tcase_add_test(answers, handle_gives_the_routes_index);
    suite_add_tcase(suite, answers);
    return suite;
}
