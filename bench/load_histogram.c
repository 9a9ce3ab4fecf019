#include "load_histogram.h"

#include <math.h>

#define FIRST_MS 0.001
#define GROWTH 1.01

static double upper_bound(int bucket)
{
    return FIRST_MS * pow(GROWTH, bucket);
}

void histogram_add(struct load_histogram *histogram, double ms)
{
    double bucket = ms > FIRST_MS ? ceil(log(ms / FIRST_MS) / log(GROWTH)) : 0;

    if (bucket > HISTOGRAM_BUCKETS - 1)
        bucket = HISTOGRAM_BUCKETS - 1;
    histogram->counts[(int)bucket]++;
    histogram->total++;
    if (ms > histogram->max_ms)
        histogram->max_ms = ms;
}

double histogram_percentile(const struct load_histogram *histogram, double share)
{
    double wanted = ceil(share * (double)histogram->total);
    uint64_t seen = 0;

    if (histogram->total == 0)
        return 0;
    for (int bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        seen += histogram->counts[bucket];
        if (seen > 0 && (double)seen >= wanted)
            return upper_bound(bucket);
    }
    return histogram->max_ms;
}

json_t *histogram_json(const struct load_histogram *histogram)
{
    json_t *list = json_array();

    for (int bucket = 0; bucket < HISTOGRAM_BUCKETS && list != NULL; bucket++) {
        if (histogram->counts[bucket] == 0)
            continue;
        json_t *pair =
            json_pack("[f, I]", upper_bound(bucket), (json_int_t)histogram->counts[bucket]);
        if (json_array_append_new(list, pair) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}
