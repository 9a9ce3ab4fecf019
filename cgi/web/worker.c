#include "web/worker.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "http/fcgi_io.h"
#include "process/sandbox.h"

#define REQUEST_SECONDS 120
#define QUIET_MS 50     /* without a request before work that was left is done */
#define STOP_SECONDS 20 /* how long a stopping worker answers requests from the queue */

/* A new process returns the memory that the old one has leaked or fragmented. */
static unsigned long requests_before_recycling(enum pool pool)
{
    return pool == POOL_IMAGE ? 1000 : 1000000;
}

/* What a signal requests from a worker. */
enum leave {
    STAY,
    GIVE_WAY, /* another worker replaces it on the same socket */
    STOP      /* the pool ends: no other worker will answer its queue */
};

/* multiwatch(1) passes every stop signal on as SIGQUIT. Supervisors send HUP and USR1 to request a
 * new worker. */
static const struct {
    int number;
    enum leave leave;
} handled_signals[] = {
    {SIGTERM, STOP}, {SIGINT, STOP}, {SIGQUIT, STOP}, {SIGHUP, GIVE_WAY}, {SIGUSR1, GIVE_WAY}};

#define SIGNAL_COUNT (sizeof handled_signals / sizeof handled_signals[0])

/* Signals arrive through a descriptor, next to the socket. Checking a flag before waiting for a
 * connection could miss a signal in between. */
static int open_signals(void)
{
    sigset_t set;

    if (sigemptyset(&set) != 0)
        return -1;
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        if (sigaddset(&set, handled_signals[i].number) != 0)
            return -1;
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static enum leave read_signal(int signals)
{
    struct signalfd_siginfo info;
    ssize_t got = read(signals, &info, sizeof info);

    for (size_t i = 0; got == (ssize_t)sizeof info && i < SIGNAL_COUNT; i++)
        if ((int)info.ssi_signo == handled_signals[i].number)
            return handled_signals[i].leave;
    return STAY;
}

/* decoder may be -1. Only the end of its socket is reported, which may come just after an answer or
 * at any other time. */
static int open_poll(int listening, int signals, int decoder)
{
    /* Exclusive: a connection wakes one of the workers, not all. */
    struct epoll_event connection = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = listening};
    struct epoll_event signal = {.events = EPOLLIN, .data.fd = signals};
    struct epoll_event end = {.events = 0, .data.fd = decoder}; /* a hang-up is always reported */
    int poll = epoll_create1(EPOLL_CLOEXEC);

    if (poll < 0)
        return -1;
    if (epoll_ctl(poll, EPOLL_CTL_ADD, listening, &connection) != 0 ||
        epoll_ctl(poll, EPOLL_CTL_ADD, signals, &signal) != 0 ||
        (decoder >= 0 && epoll_ctl(poll, EPOLL_CTL_ADD, decoder, &end) != 0)) {
        (void)close(poll);
        return -1;
    }
    return poll;
}

/* Waits for a connection, at most timeout milliseconds or, if that is -1, forever. *leave is what a
 * signal, or the end of the decoder, requests; *quiet is set if nothing arrived. */
static enum vt_error wait_for_request(int poll, int signals, int decoder, int timeout,
                                      enum leave *leave, bool *quiet)
{
    struct epoll_event events[3];
    int count = epoll_wait(poll, events, 3, timeout);

    *quiet = count == 0;
    if (count < 0 && errno != EINTR) {
        log_error("worker: epoll: %s", strerror(errno));
        return VT_ERR_INTERNAL;
    }
    for (int i = 0; i < count; i++) {
        if (events[i].data.fd == signals)
            *leave = read_signal(signals);
        else if (events[i].data.fd == decoder && *leave == STAY)
            *leave = GIVE_WAY;
    }
    return VT_OK;
}

/* Does not use epoll, which may have woken another worker for the connection. */
static bool is_queue_empty(int listening)
{
    struct pollfd queue = {.fd = listening, .events = POLLIN};

    return poll(&queue, 1, 0) <= 0;
}

static double seconds_since(const struct timespec *start)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

/* Successful health checks are not logged: there is one every few seconds, forever. */
static void log_request(const struct http_request *request, const struct http_response *response,
                        double seconds)
{
    if (response->status == 200 && strcmp(request->path, "/healthz") == 0)
        return;
    log_info("request: %s %s %d, %zu bytes, %.1f ms", http_method_name(request->method),
             request->path, response->status, response->body.len, seconds * 1e3);
}

static void answer(struct app *app, struct fcgi_io *io, const struct http_request *request,
                   struct http_response *response)
{
    struct timespec start = {0};
    unsigned route;

    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    (void)alarm(REQUEST_SECONDS);
    http_response_clear(response);
    route = router_handle(app, request, response);
    if (app->config->request_log)
        log_request(request, response, seconds_since(&start));
    fcgi_io_finish(io, response);
    (void)alarm(0);
    metrics_request(app->metrics, route, response->status, seconds_since(&start));
}

static bool others_wait(void *listening)
{
    return !is_queue_empty(*(const int *)listening);
}

/* Nobody waits for this work, but somebody may come meanwhile. */
static void catch_up(struct app *app, int listening)
{
    const struct gallery_client nobody = {"", -1, others_wait, &listening};

    (void)alarm(REQUEST_SECONDS);
    gallery_serve(app->gallery, &nobody);
    gallery_catch_up(app->gallery);
    gallery_serve(app->gallery, NULL);
    (void)alarm(0);
}

static bool has_lost_decoder(const struct app *app)
{
    if (!gallery_has_lost_decoder(app->gallery))
        return false;
    log_warning("worker: its decoder has ended; a fresh worker takes over");
    return true;
}

/* Answers the queued requests of a pool that ends. Its socket accepts no more connections if it was
 * removed first, as vitrine-pool does. */
static enum vt_error answer_queue(struct app *app, struct fcgi_io *io, int listening,
                                  struct http_response *response, time_t *granted)
{
    const struct http_request *request;
    struct timespec start = {0};
    enum vt_error err = VT_OK;

    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    while (err == VT_OK && !is_queue_empty(listening) && seconds_since(&start) < STOP_SECONDS &&
           sandbox_grant_request(app->config, granted)) {
        err = fcgi_io_accept(io, &request);
        if (err == VT_OK && request != NULL)
            answer(app, io, request, response);
    }
    return err;
}

enum vt_error worker_run(struct app *app, int listening)
{
    struct http_response response = HTTP_RESPONSE_INIT;
    const struct http_request *request;
    unsigned long left = requests_before_recycling(app->config->pool);
    struct fcgi_io *io = NULL;
    enum leave leave = STAY;
    bool quiet = false, rests = false;
    time_t granted = 0;
    int signals = open_signals(), decoder = gallery_decoder_socket(app->gallery), poll = -1;
    enum vt_error err = VT_ERR_INTERNAL;

    if (signals < 0 || (poll = open_poll(listening, signals, decoder)) < 0) {
        log_error("worker: cannot wait for requests: %s", strerror(errno));
        goto out;
    }
    err = fcgi_io_new(listening, app->config->max_upload, &io);
    while (err == VT_OK && left > 0 && sandbox_grant_request(app->config, &granted)) {
        bool is_behind = gallery_is_behind(app->gallery);
        /* Once it is quiet, tasks follow each other until a request arrives. */
        int pause = quiet ? 0 : QUIET_MS;

        err = wait_for_request(poll, signals, decoder, rests && !is_behind ? -1 : pause, &leave,
                               &quiet);
        if (err == VT_OK && leave == GIVE_WAY)
            (void)has_lost_decoder(app); /* logs it */
        if (err != VT_OK || leave != STAY)
            break;
        if (quiet) {
            rests = !is_behind;
            if (is_behind)
                catch_up(app, listening);
            else
                /* Otherwise the process would keep the memory of past pictures forever. */
                (void)malloc_trim(0);
            continue;
        }
        rests = false;
        err = fcgi_io_accept(io, &request);
        if (err != VT_OK || request == NULL)
            continue;
        answer(app, io, request, &response);
        left--;
        if (has_lost_decoder(app))
            break;
        if (gallery_is_cut_off(app->gallery, response.status >= 500)) {
            log_warning("worker: the store is not the one that this process is limited to; "
                        "a new process takes over");
            break;
        }
    }
    if (err == VT_OK && leave == STOP)
        err = answer_queue(app, io, listening, &response, &granted);
out:
    http_response_free(&response);
    fcgi_io_free(io);
    if (poll >= 0)
        (void)close(poll);
    if (signals >= 0)
        (void)close(signals);
    return err;
}
