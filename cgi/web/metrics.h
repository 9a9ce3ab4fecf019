/* Counters of all workers together, in memory that they share through a file of the data folder, so
 * that any worker can answer for all and a restart does not start from zero. */
#ifndef VITRINE_WEB_METRICS_H
#define VITRINE_WEB_METRICS_H

#include "base/buf.h"
#include "base/error.h"

#define METRICS_MAX_ROUTES 16

struct metrics;

/* Maps the counters in the file at path, made at need. One of another layout is replaced. Where the
 * file cannot be had (a full or read-only disk) the counters are the process's own. The caller
 * frees it. */
enum vt_error metrics_new(const char *path, struct metrics **metrics) VT_MUST_CHECK;

/* Gives the memory back; the file stays. NULL is allowed. */
void metrics_free(struct metrics *metrics);

/* Counts an answered request. route is its index in the route table, or METRICS_MAX_ROUTES - 1 for
 * one that has none. */
void metrics_request(struct metrics *metrics, unsigned route, int status, double seconds);

/* Appends the counters in Prometheus' text format 0.0.4. names holds METRICS_MAX_ROUTES names; NULL
 * for a route that is not. */
void metrics_write(const struct metrics *metrics, const char *const *names, struct buf *out);

#endif
