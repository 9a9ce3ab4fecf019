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

/* Counts one latency of ms milliseconds. What is below a microsecond counts as one, what is beyond
 * the last bucket's end as in it. */
void histogram_add(struct load_histogram *histogram, double ms);

/* The upper bound, in ms, of the bucket that a share of all latencies (0 to 1) is not above; 0
 * where there are none. */
double histogram_percentile(const struct load_histogram *histogram, double share);

/* [[upper bound in ms, count], …] of the buckets that are not empty, ascending. The caller owns it;
 * NULL where there is no memory. */
json_t *histogram_json(const struct load_histogram *histogram);

#endif
