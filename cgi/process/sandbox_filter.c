#include "process/sandbox_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILTER_BYTES (BPF_MAXINSNS * sizeof(struct sock_filter))

static int export_filter(const struct sandbox_filter_plan *plan, int fd)
{
    scmp_filter_ctx filter = seccomp_init(plan->otherwise);
    int code = filter == NULL ? -ENOMEM : 0;

    /* An older libseccomp lacks this attribute; the filter is as strict without it. */
    if (code == 0)
        (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (code == 0)
        code = plan->add(filter, plan->context);
    if (code == 0)
        code = seccomp_export_bpf(filter, fd);
    seccomp_release(filter);
    return code;
}

/* In the process that ends at once: writes each filter to its pipe, in the order in which they are
 * read. */
static _Noreturn void export_all(const struct sandbox_filter_plan *plans, size_t count,
                                 int (*pipes)[2])
{
    int code = 0;

    for (size_t i = 0; code == 0 && i < count; i++) {
        code = export_filter(&plans[i], pipes[i][1]);
        (void)close(pipes[i][1]);
    }
    _exit(-code);
}

/* Reads a filter to the end of its pipe, which it reaches also if the writer fails. */
static int read_filter(int fd, struct sock_fprog *program)
{
    char *bytes = malloc(FILTER_BYTES), *kept;
    size_t len = 0;
    ssize_t got = bytes == NULL ? -1 : 1;

    while (got > 0 || (got < 0 && errno == EINTR)) {
        got = read(fd, bytes + len, FILTER_BYTES - len);
        len += got > 0 ? (size_t)got : 0;
    }
    program->len = (unsigned short)(len / sizeof *program->filter);
    /* Room for the longest is too much; one that fills it may have been longer. */
    kept = got == 0 && len > 0 && len < FILTER_BYTES ? realloc(bytes, len) : NULL;
    if (kept == NULL)
        free(bytes);
    program->filter = (struct sock_filter *)(void *)kept;
    return kept == NULL ? -EIO : 0;
}

static void close_end(int *end)
{
    if (*end >= 0)
        (void)close(*end);
    *end = -1;
}

/* Returns 0 only if the process has written all: a part of a filter could be one that allows more.
 * Why it failed says more than what was read, which is `code`. */
static int wait_for_exporter(pid_t child, int code)
{
    int status = 0;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    if (!WIFEXITED(status))
        return -EIO;
    return WEXITSTATUS(status) != 0 ? -WEXITSTATUS(status) : code;
}

int sandbox_filter_make(const struct sandbox_filter_plan *plans, size_t count,
                        struct sock_fprog *programs)
{
    int pipes[SANDBOX_FILTERS][2], code = 0;
    pid_t child = -1;

    for (size_t i = 0; i < count; i++) {
        pipes[i][0] = pipes[i][1] = -1;
        programs[i] = (struct sock_fprog){0, NULL};
        if (code == 0 && pipe2(pipes[i], O_CLOEXEC) != 0)
            code = -errno;
    }
    if (code == 0) {
        child = fork();
        if (child == 0)
            export_all(plans, count, pipes);
        code = child < 0 ? -errno : 0;
    }
    for (size_t i = 0; i < count; i++)
        close_end(&pipes[i][1]);
    for (size_t i = 0; i < count; i++) {
        if (code == 0)
            code = read_filter(pipes[i][0], &programs[i]);
        close_end(&pipes[i][0]);
    }
    return child > 0 ? wait_for_exporter(child, code) : code;
}

int sandbox_filter_enter(const struct sock_fprog *program, bool logs)
{
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, logs ? SECCOMP_FILTER_FLAG_LOG : 0,
                program) == 0)
        return 0;
    /* A kernel before Linux 4.14 cannot log; the filter is as strict. */
    if (errno == EINVAL && logs)
        return sandbox_filter_enter(program, false);
    return -errno;
}
