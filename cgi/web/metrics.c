#include "web/metrics.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LAYOUT UINT64_C(0x7669747200000002) /* "vitr", version 2: change it with struct shared */
#define CLASSES 6                           /* 1xx to 5xx; 0 is not used */

static const double bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                0.25,  0.5,    1,     2.5,  5,     10};

#define BUCKETS (sizeof bounds / sizeof bounds[0] + 1)

struct shared {
    uint64_t layout;
    struct {
        char name[METRICS_NAME_SIZE]; /* changed under the file's lock; empty if free */
        _Atomic uint64_t by_class[CLASSES];
        _Atomic uint64_t buckets[BUCKETS]; /* counted separately, not cumulative */
        _Atomic uint64_t microseconds;
    } routes[METRICS_MAX_ROUTES];
};

struct metrics {
    struct shared *shared;
    const char *const *names;
    unsigned count;
    unsigned places[METRICS_MAX_ROUTES]; /* of the names, in routes */
};

static struct shared *map(int fd, int flags)
{
    void *at = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, flags, fd, 0);

    return at == MAP_FAILED ? NULL : at;
}

/* Gives each name its place: the one that it has, a free one, or that of a name that is no longer
 * used. */
static void settle(struct metrics *self)
{
    bool is_used[METRICS_MAX_ROUTES] = {false};
    bool is_settled[METRICS_MAX_ROUTES] = {false};

    for (unsigned i = 0; i < self->count; i++) {
        for (unsigned at = 0; at < METRICS_MAX_ROUTES && !is_settled[i]; at++) {
            if (strncmp(self->shared->routes[at].name, self->names[i], METRICS_NAME_SIZE) != 0)
                continue;
            self->places[i] = at;
            is_used[at] = is_settled[i] = true;
        }
    }
    for (int pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < self->count; i++) {
            for (unsigned at = 0; at < METRICS_MAX_ROUTES && !is_settled[i]; at++) {
                if (is_used[at] || (pass == 0 && self->shared->routes[at].name[0] != '\0'))
                    continue;
                memset(&self->shared->routes[at], 0, sizeof self->shared->routes[at]);
                (void)snprintf(self->shared->routes[at].name, METRICS_NAME_SIZE, "%s",
                               self->names[i]);
                self->places[i] = at;
                is_used[at] = is_settled[i] = true;
            }
        }
    }
}

/* Waits for a second at most: others hold the lock for a moment only. */
static bool lock(int fd)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};

    for (int i = 0; i < 100; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

/* Maps the file and assigns places to the names, under its lock; false if it cannot be used or has
 * another layout. */
static bool map_file(struct metrics *self, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    struct shared *shared = NULL;
    struct stat status;

    if (fd < 0)
        return false;
    if (!lock(fd) || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        goto out;
    if (status.st_size != 0 && status.st_size != (off_t)sizeof(struct shared))
        goto out;
    /* Blocks are reserved before the mapping is written, since on a full disk writing would raise
     * SIGBUS. */
    if (posix_fallocate(fd, 0, (off_t)sizeof(struct shared)) != 0)
        goto out;
    shared = map(fd, MAP_SHARED);
    if (shared == NULL)
        goto out;
    if (shared->layout == 0)
        shared->layout = LAYOUT;
    if (shared->layout != LAYOUT) {
        (void)munmap(shared, sizeof *shared);
        shared = NULL;
    }
out:
    self->shared = shared;
    if (shared != NULL)
        settle(self);
    (void)flock(fd, LOCK_UN); /* the mapping would hold the lock beyond the descriptor */
    (void)close(fd);
    return shared != NULL;
}

enum vt_error metrics_new(const char *path, const char *const *names, unsigned count,
                          struct metrics **metrics)
{
    struct metrics *self = calloc(1, sizeof *self);

    *metrics = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->names = names;
    self->count = count < METRICS_MAX_ROUTES ? count : METRICS_MAX_ROUTES;
    if (!map_file(self, path) && (unlink(path) != 0 || !map_file(self, path))) {
        self->shared = map(-1, MAP_PRIVATE | MAP_ANONYMOUS);
        if (self->shared == NULL) {
            free(self);
            return VT_ERR_MEMORY;
        }
        settle(self);
    }
    *metrics = self;
    return VT_OK;
}

void metrics_free(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    (void)munmap(metrics->shared, sizeof *metrics->shared);
    free(metrics);
}

static void add(_Atomic uint64_t *counter, uint64_t count)
{
    (void)atomic_fetch_add_explicit(counter, count, memory_order_relaxed);
}

static uint64_t value_of(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_request(struct metrics *metrics, unsigned route, int status, double seconds)
{
    unsigned place;
    size_t bucket = 0;

    if (route >= metrics->count || status < 100 || status > 599 || seconds < 0)
        return;
    place = metrics->places[route];
    while (bucket < BUCKETS - 1 && seconds > bounds[bucket])
        bucket++;
    add(&metrics->shared->routes[place].by_class[status / 100], 1);
    add(&metrics->shared->routes[place].buckets[bucket], 1);
    add(&metrics->shared->routes[place].microseconds, (uint64_t)(seconds * 1e6));
}

static void write_requests(const struct metrics *metrics, unsigned route, struct buf *out)
{
    for (int i = 1; i < CLASSES; i++) {
        uint64_t count = value_of(&metrics->shared->routes[metrics->places[route]].by_class[i]);

        if (count > 0)
            buf_printf(out, "vitrine_requests_total{route=\"%s\",status=\"%dxx\"} %llu\n",
                       metrics->names[route], i, (unsigned long long)count);
    }
}

static void write_durations(const struct metrics *metrics, unsigned route, struct buf *out)
{
    const char *name = metrics->names[route];
    unsigned place = metrics->places[route];
    unsigned long long sum = 0;

    for (size_t i = 0; i < BUCKETS; i++) {
        char bound[24] = "+Inf";

        if (i < BUCKETS - 1)
            (void)snprintf(bound, sizeof bound, "%g", bounds[i]);
        sum += value_of(&metrics->shared->routes[place].buckets[i]);
        buf_printf(out, "vitrine_request_seconds_bucket{route=\"%s\",le=\"%s\"} %llu\n", name,
                   bound, sum);
    }
    buf_printf(out, "vitrine_request_seconds_sum{route=\"%s\"} %.6f\n", name,
               (double)value_of(&metrics->shared->routes[place].microseconds) / 1e6);
    buf_printf(out, "vitrine_request_seconds_count{route=\"%s\"} %llu\n", name, sum);
}

void metrics_write(const struct metrics *metrics, struct buf *out)
{
    buf_puts(out, "# HELP vitrine_requests_total Requests answered by the workers.\n"
                  "# TYPE vitrine_requests_total counter\n");
    for (unsigned i = 0; i < metrics->count; i++)
        write_requests(metrics, i, out);
    buf_puts(out, "# HELP vitrine_request_seconds Time from a worker's accept to its answer.\n"
                  "# TYPE vitrine_request_seconds histogram\n");
    for (unsigned i = 0; i < metrics->count; i++)
        write_durations(metrics, i, out);
}
