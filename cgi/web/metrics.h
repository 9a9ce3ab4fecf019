/* Counters of all workers, in memory that they share through a file of the data folder, so that any
 * worker can report for all and a restart does not start from zero. */
#ifndef VITRINE_WEB_METRICS_H
#define VITRINE_WEB_METRICS_H

#include "base/buf.h"
#include "base/error.h"

#define METRICS_MAX_ROUTES 32
#define METRICS_NAME_SIZE 32 /* bytes of a route's name, including the NUL */

struct metrics;

/* Maps the counters in the file at path, which it creates if needed, for `count` routes with these
 * names: static strings, all different, at most METRICS_MAX_ROUTES. Routes are identified by name,
 * so a route keeps its counters when a new version of the program adds or removes others. A file of
 * another layout is replaced. If the file cannot be used (a full or read-only disk), the counters
 * are the process's own. The caller frees *metrics. */
enum vt_error metrics_new(const char *path, const char *const *names, unsigned count,
                          struct metrics **metrics) VT_MUST_CHECK;

/* Frees the memory; the file stays. NULL is allowed. */
void metrics_free(struct metrics *metrics);

/* Counts an answered request; route is its index among the names. */
void metrics_request(struct metrics *metrics, unsigned route, int status, double seconds);

/* Appends the counters of these routes in Prometheus' text format 0.0.4. */
void metrics_write(const struct metrics *metrics, struct buf *out);

#endif
