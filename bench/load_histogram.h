/* Latencies counted in log-spaced buckets, each 1 % wide, from 1 microsecond on. */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <jansson.h>
#include <stdint.h>

#define HISTOGRAM_BUCKETS 2400 /* the last one ends beyond six hours */

struct load_histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t total;
    double max_ms;
};

/* Counts one latency of ms milliseconds. A value below a microsecond counts as one, and a value
 * beyond the last bucket counts in it. */
void histogram_add(struct load_histogram *histogram, double ms);

/* The upper bound, in ms, of the bucket that contains this quantile (0 to 1); 0 if nothing was
 * counted. */
double histogram_percentile(const struct load_histogram *histogram, double share);

/* [[upper bound in ms, count], …] of the buckets that are not empty, ascending. The caller owns it;
 * NULL if there is no memory. */
json_t *histogram_json(const struct load_histogram *histogram);

#endif
