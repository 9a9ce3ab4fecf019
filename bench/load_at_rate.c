/* load_at_rate --url BASE --requests FILE --rate N --seconds S [--connections N] [--timeout S]
 * [--mark WORD]
 *
 * Sends requests (load_requests.h) at a constant rate, in order and again from the first, and
 * prints one JSON document with the results. The loop is open: a request is due at a time that only
 * the clock decides, and its latency counts from then. If the server stalls, all requests that are
 * due meanwhile are late, and are counted so (no coordinated omission).
 *
 * As many connections are opened as necessary, up to --connections (256). If none is free, a
 * request waits for one, and its latency counts on. A request that has no answer --timeout seconds
 * (30) after it was sent, or that could not be sent so long after the last one was due, is an
 * error, and is in the histogram with the time that it was waited for. An answer with another
 * status, or a broken connection, is an error that is not in the histogram.
 *
 * late: how much later than due a request was sent although a connection was free, which is a fault
 * of the generator.
 * --mark: up to 8 letters or digits, by which stamps differ from those of other runs. */
#include "load_histogram.h"
#include "load_requests.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MOST 4096

struct options {
    const char *url, *requests, *mark;
    double rate, seconds, timeout;
    long connections;
};

/* Sends one request at a time, on its own connection, which curl keeps open. */
struct slot {
    CURL *handle;
    const struct load_request *request; /* NULL while free */
    char *body;                         /* a copy, stamped */
    double due;
};

struct load {
    const struct options *options;
    struct load_requests requests;
    CURLM *multi;
    struct slot *slots;
    long *free_slots; /* a stack of their numbers */
    long free_count, most_used;
    int timer;
    double begun;
    double freed; /* when, after all had been taken, the last one came free */
    uint64_t count, next, done;
    uint64_t queued, bytes;
    uint64_t refused, timed_out, broken, wrong_status, unsent;
    struct load_histogram latencies, late;
};

/* The current time in seconds. */
static double now(void)
{
    struct timespec time = {0, 0};

    if (clock_gettime(CLOCK_MONOTONIC, &time) != 0)
        abort(); /* it is there on every Linux */
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double due(const struct load *load, uint64_t number)
{
    return load->begun + (double)number / load->options->rate;
}

/* ---- one request ---- */

static size_t discard(char *bytes, size_t size, size_t count, void *load)
{
    (void)bytes;
    ((struct load *)load)->bytes += size * count;
    return size * count;
}

static bool set_body(struct load *load, struct slot *slot)
{
    const struct load_request *request = slot->request;
    char stamp[STAMP_LENGTH + 1];

    if (request->body == NULL)
        return true;
    slot->body = malloc(request->length);
    if (slot->body == NULL)
        return false;
    memcpy(slot->body, request->body, request->length);
    if (request->stamp >= 0) {
        (void)snprintf(stamp, sizeof stamp, "%-8.8s%08lx", load->options->mark,
                       (unsigned long)load->next & 0xffffffffUL);
        memcpy(slot->body + request->stamp, stamp, STAMP_LENGTH);
    }
    return curl_easy_setopt(slot->handle, CURLOPT_POSTFIELDS, slot->body) == CURLE_OK &&
           curl_easy_setopt(slot->handle, CURLOPT_POSTFIELDSIZE_LARGE,
                            (curl_off_t)request->length) == CURLE_OK;
}

/* Connections stay with the multi handle when an easy one is reset. */
static bool set_up(struct load *load, struct slot *slot)
{
    CURL *handle = slot->handle;

    curl_easy_reset(handle);
    return curl_easy_setopt(handle, CURLOPT_URL, slot->request->url) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK && set_body(load, slot) &&
           (slot->body != NULL || curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L) == CURLE_OK) &&
           curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, slot->request->method) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_HTTPHEADER, slot->request->headers) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) ==
               CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, lround(load->options->timeout * 1e3)) ==
               CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, discard) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_WRITEDATA, load) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_PRIVATE, slot) == CURLE_OK;
}

static bool send_next(struct load *load, double time)
{
    struct slot *slot = &load->slots[load->free_slots[load->free_count - 1]];

    slot->request = &load->requests.list[load->next % load->requests.count];
    slot->due = due(load, load->next);
    if (!set_up(load, slot) || curl_multi_add_handle(load->multi, slot->handle) != CURLM_OK)
        return false;
    load->free_count--;
    if (load->options->connections - load->free_count > load->most_used)
        load->most_used = load->options->connections - load->free_count;
    if (slot->due < load->freed)
        load->queued++;
    else
        histogram_add(&load->late, (time - slot->due) * 1e3);
    load->next++;
    return true;
}

static void count_outcome(struct load *load, const struct slot *slot, CURLcode code, double time)
{
    long status = 0;

    (void)curl_easy_getinfo(slot->handle, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && status == slot->request->status) {
        histogram_add(&load->latencies, (time - slot->due) * 1e3);
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        histogram_add(&load->latencies, (time - slot->due) * 1e3);
        load->timed_out++;
    } else if (code == CURLE_OK) {
        load->wrong_status++;
    } else if (code == CURLE_COULDNT_CONNECT) {
        load->refused++;
    } else {
        load->broken++;
    }
}

static void finish(struct load *load, struct slot *slot, CURLcode code)
{
    double time = now();

    count_outcome(load, slot, code, time);
    (void)curl_multi_remove_handle(load->multi, slot->handle);
    free(slot->body);
    slot->body = NULL;
    slot->request = NULL;
    if (load->free_count == 0)
        load->freed = time;
    load->free_slots[load->free_count++] = slot - load->slots;
    load->done++;
}

/* ---- all requests ---- */

static bool send_due(struct load *load)
{
    double time = now();

    while (load->next < load->count && load->free_count > 0 && due(load, load->next) <= time) {
        if (!send_next(load, time))
            return false;
        time = now();
    }
    return true;
}

/* Gives up the requests that could not be sent long after the end. */
static void drop_unsent(struct load *load)
{
    double time = now();

    if (time < due(load, load->count) + load->options->timeout)
        return;
    for (; load->next < load->count; load->next++, load->done++, load->unsent++)
        histogram_add(&load->latencies, (time - due(load, load->next)) * 1e3);
}

/* Sets the timer to when the next request is due, because poll() counts only milliseconds. */
static bool set_timer(const struct load *load)
{
    struct itimerspec at = {.it_value = {.tv_sec = 0}};
    double time = due(load, load->next);

    if (load->next < load->count && load->free_count > 0) {
        at.it_value.tv_sec = (time_t)time;
        at.it_value.tv_nsec = (long)((time - floor(time)) * 1e9);
    }
    return timerfd_settime(load->timer, TFD_TIMER_ABSTIME, &at, NULL) == 0;
}

static bool step(struct load *load)
{
    struct curl_waitfd timer = {.fd = load->timer, .events = CURL_WAIT_POLLIN};
    CURLMsg *message = NULL;
    uint64_t rang = 0;
    int running = 0, left = 0;

    if (!send_due(load) || curl_multi_perform(load->multi, &running) != CURLM_OK)
        return false;
    while ((message = curl_multi_info_read(load->multi, &left)) != NULL) {
        char *slot = NULL;
        if (message->msg != CURLMSG_DONE ||
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot) != CURLE_OK)
            return false;
        finish(load, (struct slot *)(void *)slot, message->data.result);
    }
    drop_unsent(load);
    if (load->done == load->count)
        return true;
    if (!set_timer(load) || curl_multi_poll(load->multi, &timer, 1, 1000, NULL) != CURLM_OK)
        return false;
    return read(load->timer, &rang, sizeof rang) == (ssize_t)sizeof rang || errno == EAGAIN;
}

static bool run(struct load *load)
{
    load->begun = now();
    while (load->done < load->count) {
        if (!step(load)) {
            (void)fputs("load_at_rate: libcurl fails\n", stderr);
            return false;
        }
    }
    return true;
}

static bool print(const struct load *load, double seconds)
{
    uint64_t errors =
        load->refused + load->timed_out + load->broken + load->wrong_status + load->unsent;
    json_t *report =
        json_pack("{s:f, s:f, s:f, s:I, s:I, s:{s:I, s:I, s:I, s:I, s:I}, s:I, s:I, s:I, s:{s:f, "
                  "s:f}, s:f, s:o}",
                  "rate", load->options->rate, "seconds", (double)load->count / load->options->rate,
                  "took", seconds, "requests", (json_int_t)load->count, "errors",
                  (json_int_t)errors, "errors_by_kind", "connect", (json_int_t)load->refused,
                  "timeout", (json_int_t)load->timed_out, "broken", (json_int_t)load->broken,
                  "status", (json_int_t)load->wrong_status, "unsent", (json_int_t)load->unsent,
                  "queued", (json_int_t)load->queued, "connections", (json_int_t)load->most_used,
                  "bytes", (json_int_t)load->bytes, "late", "p99_ms",
                  histogram_percentile(&load->late, 0.99), "max_ms", load->late.max_ms, "max_ms",
                  load->latencies.max_ms, "histogram", histogram_json(&load->latencies));
    bool good = report != NULL && json_dumpf(report, stdout, JSON_REAL_PRECISION(9)) == 0 &&
                puts("") >= 0 && fflush(stdout) == 0;

    json_decref(report);
    return good;
}

/* ---- the process ---- */

static bool open_slots(struct load *load)
{
    size_t count = (size_t)load->options->connections;

    load->slots = calloc(count, sizeof *load->slots);
    load->free_slots = calloc(count, sizeof *load->free_slots);
    if (load->slots == NULL || load->free_slots == NULL)
        return false;
    for (long i = load->options->connections - 1; i >= 0; i--) {
        if ((load->slots[i].handle = curl_easy_init()) == NULL)
            return false;
        load->free_slots[load->free_count++] = i;
    }
    return true;
}

static bool open_load(struct load *load)
{
    load->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    load->multi = curl_multi_init();
    load->count = (uint64_t)llround(load->options->rate * load->options->seconds);
    return load->timer >= 0 && load->multi != NULL && open_slots(load) &&
           curl_multi_setopt(load->multi, CURLMOPT_MAXCONNECTS, load->options->connections) ==
               CURLM_OK &&
           curl_multi_setopt(load->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING) == CURLM_OK;
}

static void close_load(struct load *load)
{
    for (long i = 0; load->slots != NULL && i < load->options->connections; i++) {
        if (load->slots[i].request != NULL)
            (void)curl_multi_remove_handle(load->multi, load->slots[i].handle);
        free(load->slots[i].body);
        curl_easy_cleanup(load->slots[i].handle);
    }
    free(load->slots);
    free(load->free_slots);
    (void)curl_multi_cleanup(load->multi);
    if (load->timer >= 0)
        (void)close(load->timer);
    requests_free(&load->requests);
}

/* Reads a number above 0 and at most `most`; -1 if the text is not one. */
static double number(const char *text, double most)
{
    char *end = NULL;
    double value = strtod(text, &end);

    return end != text && *end == '\0' && value > 0 && value <= most ? value : -1;
}

static bool parse(struct options *options, int argc, char **argv)
{
    static const struct option known[] = {
        {"url", required_argument, NULL, 'u'},     {"requests", required_argument, NULL, 'f'},
        {"rate", required_argument, NULL, 'r'},    {"seconds", required_argument, NULL, 's'},
        {"timeout", required_argument, NULL, 't'}, {"connections", required_argument, NULL, 'c'},
        {"mark", required_argument, NULL, 'm'},    {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 'u':
            options->url = optarg;
            break;
        case 'f':
            options->requests = optarg;
            break;
        case 'r':
            options->rate = number(optarg, 1e6);
            break;
        case 's':
            options->seconds = number(optarg, 86400);
            break;
        case 't':
            options->timeout = number(optarg, 3600);
            break;
        case 'c':
            options->connections = (long)number(optarg, CONNECTIONS_MOST);
            break;
        case 'm':
            options->mark = optarg;
            break;
        default:
            return false;
        }
    }
    return optind == argc && options->url != NULL && options->requests != NULL &&
           options->rate > 0 && options->seconds > 0 && options->timeout > 0 &&
           options->connections > 0 && strlen(options->mark) <= STAMP_LENGTH - 8;
}

int main(int argc, char **argv)
{
    struct options options = {.mark = "", .timeout = 30, .connections = 256};
    static struct load load; /* its histograms are large for a stack */
    bool good = false;

    if (!parse(&options, argc, argv)) {
        (void)fputs("usage: load_at_rate --url BASE --requests FILE --rate N --seconds S "
                    "[--connections N] [--timeout S] [--mark WORD]\n",
                    stderr);
        return 64;
    }
    load.options = &options;
    load.timer = -1;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK &&
        requests_read(&load.requests, options.requests, options.url) && open_load(&load) &&
        run(&load))
        good = print(&load, now() - load.begun);
    close_load(&load);
    curl_global_cleanup();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
