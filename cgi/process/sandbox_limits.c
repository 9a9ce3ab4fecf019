#include "process/sandbox_limits.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"

#define GIB (UINT64_C(1) << 30)

/* For libraries and buffers. */
#define BASE (2 * GIB)
/* Enough for some hundred million images in the catalogue, which is one file. */
#define FILE_BYTES (64 * GIB)
/* A form may have a hundred files, each open until the form is read; the rest is for what a worker
 * keeps open. */
#define FILES 192
/* Enough for a thousand requests that each use all of their time. */
#define LIFE_SECONDS (1000 * SANDBOX_REQUEST_SECONDS)

uint64_t sandbox_limits_processors(void)
{
    cpu_set_t set;

    /* The call fails if the machine has more processors than the set has room for. */
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (uint64_t)CPU_COUNT(&set) : CPU_SETSIZE;
}

/* Sets both limits of a resource; limits that are lower already stay. */
static bool limit(__rlimit_resource_t resource, uint64_t value)
{
    struct rlimit now, wanted = {value, value};

    if (getrlimit(resource, &now) != 0)
        return false;
    if (now.rlim_max < wanted.rlim_max)
        wanted.rlim_max = now.rlim_max;
    wanted.rlim_cur = now.rlim_cur < wanted.rlim_max ? now.rlim_cur : wanted.rlim_max;
    return setrlimit(resource, &wanted) == 0;
}

static bool limit_address_space(uint64_t max_upload)
{
    return !SANDBOX_LIMITS_ADDRESS_SPACE || limit(RLIMIT_AS, BASE + max_upload);
}

enum vt_error sandbox_limits_set(uint64_t max_upload)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    if (sigaction(SIGXFSZ, &ignore, NULL) != 0 || !limit_address_space(max_upload) ||
        !limit(RLIMIT_FSIZE, max_upload > FILE_BYTES ? max_upload : FILE_BYTES) ||
        !limit(RLIMIT_NOFILE, FILES) || !limit(RLIMIT_CORE, 0) ||
        !limit(RLIMIT_CPU, LIFE_SECONDS)) {
        log_error("sandbox: a resource limit cannot be set: %s", strerror(errno));
        return VT_ERR_INTERNAL;
    }
    return VT_OK;
}

bool sandbox_limits_grant_request(time_t *granted)
{
    struct rlimit cpu;
    struct timespec used;
    time_t until;

    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0)
        return false;
    until = used.tv_sec + 1 + SANDBOX_REQUEST_SECONDS;
    /* The limit is in whole seconds, so most requests need no new one. */
    if (until == *granted)
        return true;
    if (getrlimit(RLIMIT_CPU, &cpu) != 0)
        return false;
    if ((rlim_t)until > cpu.rlim_max) {
        log_info("sandbox: a fresh process takes over: this one has used %lld processor seconds",
                 (long long)used.tv_sec);
        return false;
    }
    cpu.rlim_cur = (rlim_t)until;
    *granted = until;
    return setrlimit(RLIMIT_CPU, &cpu) == 0;
}
