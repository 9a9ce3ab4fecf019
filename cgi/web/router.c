#include "web/router.h"

#include <stdio.h>
#include <string.h>

#include "http/http_header.h"
#include "web/handlers.h"
#include "web/problem.h"
#include "web/render.h"

static const struct route routes[] = {
    {HTTP_POST, "/api/images", POOL_IMAGE, "images_add", handler_upload,
     "The upload was not accepted"},
    {HTTP_GET, "/api/images", POOL_API, "images_list", handler_images_list,
     "The images cannot be listed"},
    {HTTP_GET, "/api/images/{id}", POOL_API, "images_get", handler_images_get, NULL},
    {HTTP_GET, "/api/images/{id}/original", POOL_API, "images_original", handler_images_original,
     NULL},
    {HTTP_PATCH, "/api/images/{id}", POOL_IMAGE, "images_change", handler_images_change, NULL},
    {HTTP_DELETE, "/api/images/{id}", POOL_IMAGE, "images_remove", handler_images_remove, NULL},
    {HTTP_GET, "/thumbs/{size}/{prefix}/{file}", POOL_IMAGE, "thumbs_make", handler_thumbnails_make,
     NULL},
    {HTTP_GET, "/api/timeline", POOL_API, "timeline", handler_counts_timeline, NULL},
    {HTTP_GET, "/api/tags", POOL_API, "tags", handler_counts_tags, NULL},
    {HTTP_GET, "/copies/{level}/{prefix}/{file}", POOL_IMAGE, "copies_make",
     handler_thumbnails_copy, NULL},
    {HTTP_GET, "/api/session", POOL_API, "ops_session", handler_operations_session, NULL},
    {HTTP_GET, "/api/stats", POOL_API, "ops_stats", handler_operations_stats, NULL},
    {HTTP_GET, "/healthz", POOL_API, "ops_health", handler_operations_health, NULL},
    {HTTP_GET, "/metrics", POOL_API, "ops_metrics", handler_operations_metrics, NULL},
};

#define ROUTE_COUNT (sizeof routes / sizeof routes[0])
#define NO_ROUTE ROUTE_COUNT

_Static_assert(NO_ROUTE < METRICS_MAX_ROUTES, "metrics have room for every route and for none");

/* Matches a path against a pattern, part by part; captured parts are copied to parameters. */
static bool matches(const char *pattern, const char *path, struct route_parameters *parameters)
{
    size_t captured = 0;

    while (*pattern != '\0') {
        size_t pattern_len = strcspn(pattern + 1, "/") + 1, len;

        if (*path != '/')
            return false;
        len = strcspn(path + 1, "/") + 1;
        if (pattern[1] == '{') {
            if (captured == ROUTE_MAX_PARAMETERS || len - 1 >= ROUTE_PARAMETER_SIZE || len == 1)
                return false;
            memcpy(parameters->values[captured], path + 1, len - 1);
            parameters->values[captured++][len - 1] = '\0';
        } else if (len != pattern_len || memcmp(pattern, path, len) != 0) {
            return false;
        }
        pattern += pattern_len;
        path += len;
    }
    return *path == '\0';
}

static void allow_method(char allow[64], enum http_method method)
{
    size_t len = strlen(allow);

    (void)snprintf(allow + len, 64 - len, "%s%s%s", len > 0 ? ", " : "", http_method_name(method),
                   method == HTTP_GET ? ", HEAD" : "");
}

const struct route *router_find(enum http_method method, const char *path,
                                struct route_parameters *parameters, unsigned *index,
                                char allow[64], enum vt_error *err)
{
    enum http_method wanted = method == HTTP_HEAD ? HTTP_GET : method;

    allow[0] = '\0';
    *index = NO_ROUTE;
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (!matches(routes[i].pattern, path, parameters))
            continue;
        if (routes[i].method == wanted) {
            *index = (unsigned)i;
            *err = VT_OK;
            return &routes[i];
        }
        allow_method(allow, routes[i].method);
    }
    *err = allow[0] == '\0' ? VT_ERR_NOT_FOUND : VT_ERR_METHOD;
    return NULL;
}

/* route is NULL if there is none. */
static void respond_error(const struct route *route, const struct http_request *request,
                          struct http_response *response, enum vt_error err)
{
    const char *reason = response->why.text[0] != '\0' ? response->why.text : problem_title(err);

    /* A browser without scripts gets a readable page. */
    problem_respond(response, err, &response->why);
    if (route != NULL && route->refusal != NULL && http_header_accepts_html(request->accept))
        render_page(response, problem_status(err), route->refusal, &reason, 1);
}

void router_refuse(const struct http_request *request, struct http_response *response,
                   enum vt_error err)
{
    struct route_parameters parameters;
    char allow[64];
    unsigned index;
    enum vt_error unused;

    respond_error(router_find(request->method, request->path, &parameters, &index, allow, &unused),
                  request, response, err);
}

unsigned router_handle(struct app *app, const struct http_request *request,
                       struct http_response *response)
{
    struct route_parameters parameters;
    char allow[64];
    unsigned index;
    enum vt_error err;
    const struct route *route =
        router_find(request->method, request->path, &parameters, &index, allow, &err);

    if (route != NULL && route->pool != app->config->pool)
        err = vt_fail(&response->why, VT_ERR_MISDIRECTED, "this is a request for the %s pool",
                      config_pool_name(route->pool));
    else if (route != NULL)
        err = route->handler(app, request, &parameters, response);
    if (err == VT_ERR_METHOD)
        http_header(response, "Allow", "%s", allow);
    if (err != VT_OK)
        respond_error(route, request, response, err);
    return index;
}

const char *const *router_names(unsigned *count)
{
    static const char *names[ROUTE_COUNT + 1];

    for (size_t i = 0; i < ROUTE_COUNT; i++)
        names[i] = routes[i].name;
    names[NO_ROUTE] = "none";
    *count = ROUTE_COUNT + 1;
    return names;
}
