/* Maps method and path to a handler, by one table. */
#ifndef VITRINE_WEB_ROUTER_H
#define VITRINE_WEB_ROUTER_H

#include "base/config.h"
#include "gallery/gallery.h"
#include "http/http.h"
#include "web/guesses.h"
#include "web/metrics.h"

/* The state of a worker; passed to every handler. */
struct app {
    const struct config *config;
    struct gallery *gallery;
    struct metrics *metrics;
    struct guesses *guesses; /* NULL: wrong tokens are not counted */
};

#define ROUTE_MAX_PARAMETERS 3
#define ROUTE_PARAMETER_SIZE 64

/* The parts of the path that match a {name} of the route's pattern, in order. */
struct route_parameters {
    char values[ROUTE_MAX_PARAMETERS][ROUTE_PARAMETER_SIZE];
};

/* A handler fills the response. If it returns an error instead, the router makes the answer from
 * the error and from response->why, and keeps the headers that were set. */
typedef enum vt_error (*route_handler)(struct app *app, const struct http_request *request,
                                       const struct route_parameters *parameters,
                                       struct http_response *response);

struct route {
    enum http_method method; /* HTTP_GET stands for HEAD too */
    const char *pattern;     /* a {name} matches one part of a path */
    enum pool pool;          /* the pool to which nginx sends it */
    const char *name;        /* for metrics: the same for all methods that share one */
    route_handler handler;
    const char *refusal; /* title of the error page for browsers; NULL if errors are in JSON only */
};

/* Finds the route of a request, and its index in *index. NULL if there is none, with
 * VT_ERR_NOT_FOUND or, if the path exists with other methods, VT_ERR_METHOD and those methods in
 * allow. */
const struct route *router_find(enum http_method method, const char *path,
                                struct route_parameters *parameters, unsigned *index,
                                char allow[64], enum vt_error *err);

/* Answers a request: *response is complete afterwards in every case. Returns the route's index for
 * metrics_request(). */
unsigned router_handle(struct app *app, const struct http_request *request,
                       struct http_response *response);

/* Turns the response into that error, in the form that the request's route uses; response->why,
 * which may be empty, is the reason. */
void router_refuse(const struct http_request *request, struct http_response *response,
                   enum vt_error err);

/* The name of each route, by its index, for metrics_new(): the last one stands for requests without
 * a route. Sets *count. */
const char *const *router_names(unsigned *count);

#endif
