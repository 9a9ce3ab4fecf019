#include "command/confined.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/sandbox.h"

enum vt_error confined_check_user(const struct config *config, struct vt_reason *why)
{
    struct stat status;

    if (stat(config->data, &status) != 0)
        return vt_fail(why, VT_ERR_UNAVAILABLE, "the data folder cannot be used");
    if (geteuid() == 0 && status.st_uid == 0)
        return vt_fail(why, VT_ERR_UNAVAILABLE,
                       "root decodes no pictures, and the data folder is root's: give it to another"
                       " user, and run this as that one");
    if (geteuid() == 0)
        return vt_fail(why, VT_ERR_UNAVAILABLE,
                       "root decodes no pictures: run this as the data folder's owner, uid %u",
                       (unsigned)status.st_uid);
    return VT_OK;
}

/* Waits for the process to end and passes signals on to it. */
static enum vt_error wait_for(pid_t child, const sigset_t *waited, int *status)
{
    for (;;) {
        pid_t ended = waitpid(child, status, WNOHANG);
        int signal;

        if (ended == child)
            return VT_OK;
        if (ended < 0 && errno != EINTR)
            return VT_ERR_INTERNAL;
        signal = sigwaitinfo(waited, NULL);
        if (signal == SIGINT || signal == SIGTERM)
            (void)kill(child, SIGTERM);
    }
}

enum vt_error confined_run(void (*work)(void *context), void *context, int *status)
{
    sigset_t waited, before;
    enum vt_error err;
    pid_t child;

    (void)sigemptyset(&waited);
    (void)sigaddset(&waited, SIGINT);
    (void)sigaddset(&waited, SIGTERM);
    (void)sigaddset(&waited, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &waited, &before) != 0 || fflush(stdout) != 0)
        return VT_ERR_INTERNAL;
    child = fork();
    if (child == 0) {
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
        work(context);
        _exit(EXIT_SUCCESS);
    }
    err = child > 0 ? wait_for(child, &waited, status) : VT_ERR_MEMORY;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return err;
}

enum vt_error confined_yield(int nice_value, bool is_idle)
{
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
        return VT_ERR_INTERNAL;
    errno = 0;
    if (nice(nice_value) == -1 && errno != 0)
        return VT_ERR_INTERNAL;
    if (is_idle) /* a container may forbid it */
        (void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
                      IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
    return VT_OK;
}

enum vt_error confined_enter(const struct config *config, const char *folder, struct vt_reason *why)
{
    enum vt_error err;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return VT_ERR_INTERNAL;
    err = sandbox_confine_import(config, folder);
    return err == VT_OK ? sandbox_enter(config, why) : err;
}
