#include "watchdog.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A handler of a signal has nobody to hand it this. All of it is ready before the timer runs: the
 * library that is stuck may hold any lock, so the handler may only write and end. */
static struct {
    timer_t timer;
    pid_t owner; /* of the timer, which a fork does not inherit; 0 where there is none */
    int fd;
    size_t words_len, line_len;
    char words[WATCHDOG_WORDS_SIZE], line[200];
} watchdog;

static void end_process(int signal)
{
    (void)signal;
    if (write(STDERR_FILENO, watchdog.line, watchdog.line_len) < 0 ||
        (watchdog.words_len > 0 && write(watchdog.fd, watchdog.words, watchdog.words_len) < 0))
        _exit(EXIT_FAILURE);
    _exit(EXIT_FAILURE);
}

void watchdog_set_words(int fd, const void *words, size_t len)
{
    watchdog.fd = fd;
    watchdog.words_len = len <= sizeof watchdog.words ? len : 0;
    if (watchdog.words_len > 0)
        memcpy(watchdog.words, words, watchdog.words_len);
}

static bool make_timer(void)
{
    struct sigaction action = {.sa_handler = end_process};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM};

    if (watchdog.owner == getpid())
        return true;
    watchdog.owner = 0;
    if (sigaction(SIGVTALRM, &action, NULL) != 0 ||
        timer_create(CLOCK_MONOTONIC, &event, &watchdog.timer) != 0)
        return false;
    watchdog.owner = getpid();
    return true;
}

static bool set_timer(unsigned seconds)
{
    const struct itimerspec when = {.it_value.tv_sec = (time_t)seconds};

    return timer_settime(watchdog.timer, 0, &when, NULL) == 0;
}

enum vt_error watchdog_start(unsigned seconds, const char *what)
{
    int len =
        snprintf(watchdog.line, sizeof watchdog.line,
                 "level=error pid=%ld msg=\"watchdog: %s takes over %u s; the worker ends\"\n",
                 (long)getpid(), what, seconds);

    watchdog.line_len = len > 0 && (size_t)len < sizeof watchdog.line ? (size_t)len : 0;
    return make_timer() && set_timer(seconds) ? VT_OK : VT_ERR_INTERNAL;
}

void watchdog_stop(void)
{
    /* What was set can be unset. */
    if (watchdog.owner == getpid())
        (void)set_timer(0);
}
