#include "process/sandbox_seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "process/sandbox_filter.h"

/* libseccomp skips calls that the machine does not have. */
static const int allowed[] = {
    /* files; Landlock limits which ones */
    SCMP_SYS(access), SCMP_SYS(close), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
    SCMP_SYS(fadvise64), SCMP_SYS(fallocate), SCMP_SYS(fchmod), SCMP_SYS(fchown),
    SCMP_SYS(fdatasync), SCMP_SYS(flock), SCMP_SYS(fstat), SCMP_SYS(fstatfs), SCMP_SYS(fsync),
    SCMP_SYS(ftruncate), SCMP_SYS(getcwd), SCMP_SYS(getdents64), SCMP_SYS(linkat), SCMP_SYS(lseek),
    SCMP_SYS(lstat), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(newfstatat), SCMP_SYS(open),
    SCMP_SYS(openat), SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(read), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(readv), SCMP_SYS(rename), SCMP_SYS(renameat),
    SCMP_SYS(renameat2), SCMP_SYS(stat), SCMP_SYS(statfs), SCMP_SYS(statx), SCMP_SYS(umask),
    SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(utimensat), SCMP_SYS(write), SCMP_SYS(writev),
    /* connections that nginx has made */
    SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_wait), SCMP_SYS(getpeername), SCMP_SYS(getsockname),
    SCMP_SYS(getsockopt), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(pselect6), SCMP_SYS(recvfrom),
    SCMP_SYS(select), SCMP_SYS(shutdown), SCMP_SYS(signalfd4),
    /* memory */
    SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(mremap), SCMP_SYS(msync), SCMP_SYS(munmap),
    /* the process itself */
    SCMP_SYS(alarm), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(futex), SCMP_SYS(getegid),
    SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(membarrier),
    SCMP_SYS(restart_syscall), SCMP_SYS(rseq), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list), SCMP_SYS(setitimer), SCMP_SYS(sigaltstack), SCMP_SYS(timer_create),
    SCMP_SYS(timer_delete), SCMP_SYS(timer_settime),
    /* time, random numbers, the machine */
    SCMP_SYS(clock_getres), SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(getrandom),
    SCMP_SYS(gettimeofday), SCMP_SYS(nanosleep), SCMP_SYS(sysinfo), SCMP_SYS(time), SCMP_SYS(times),
    SCMP_SYS(uname),
    /* further confinement, which has to wait until an absent data folder is back */
    SCMP_SYS(landlock_add_rule), SCMP_SYS(landlock_create_ruleset),
    SCMP_SYS(landlock_restrict_self)};

/* No library makes these calls by chance. */
static const int deadly[] = {
    /* another program */
    SCMP_SYS(execve), SCMP_SYS(execveat),
    /* other processes */
    SCMP_SYS(kcmp), SCMP_SYS(pidfd_getfd), SCMP_SYS(process_madvise), SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev), SCMP_SYS(ptrace),
    /* parts of the kernel that are large or new */
    SCMP_SYS(add_key), SCMP_SYS(bpf), SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register),
    SCMP_SYS(io_uring_setup), SCMP_SYS(keyctl), SCMP_SYS(open_by_handle_at),
    SCMP_SYS(perf_event_open), SCMP_SYS(request_key), SCMP_SYS(userfaultfd),
    /* the view of the machine */
    SCMP_SYS(chroot), SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fsopen), SCMP_SYS(mount),
    SCMP_SYS(mount_setattr), SCMP_SYS(move_mount), SCMP_SYS(open_tree), SCMP_SYS(pivot_root),
    SCMP_SYS(setns), SCMP_SYS(umount2), SCMP_SYS(unshare),
    /* the machine itself */
    SCMP_SYS(delete_module), SCMP_SYS(finit_module), SCMP_SYS(init_module),
    SCMP_SYS(kexec_file_load), SCMP_SYS(kexec_load), SCMP_SYS(reboot), SCMP_SYS(swapoff),
    SCMP_SYS(swapon)};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

int sandbox_seccomp_add_deadly(void *filter)
{
    int code = 0;

    for (size_t i = 0; code == 0 && i < COUNT(deadly); i++)
        code = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
    return code;
}

static int allow_all(scmp_filter_ctx filter)
{
    int code = sandbox_seccomp_add_deadly(filter);

    for (size_t i = 0; code == 0 && i < COUNT(allowed); i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    return code;
}

/* Allows calls that every worker needs with certain arguments only. */
static int allow_some(scmp_filter_ctx filter, scmp_datum_t self)
{
    const struct {
        int call;
        struct scmp_arg_cmp is[2];
    } rules[] = {
        {SCMP_SYS(mmap), {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)}},
        {SCMP_SYS(mprotect), {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)}},
        /* abort() */
        {SCMP_SYS(tgkill), {SCMP_A0(SCMP_CMP_EQ, self, 0)}},
        /* isatty() */
        {SCMP_SYS(ioctl), {SCMP_A1(SCMP_CMP_EQ, TCGETS, 0)}},
        {SCMP_SYS(prctl), {SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0)}},
        /* reading limits, and setting the one that is renewed for each request */
        {SCMP_SYS(prlimit64), {SCMP_A0(SCMP_CMP_EQ, 0, 0), SCMP_A2(SCMP_CMP_EQ, 0, 0)}},
        {SCMP_SYS(prlimit64), {SCMP_A0(SCMP_CMP_EQ, 0, 0), SCMP_A1(SCMP_CMP_EQ, RLIMIT_CPU, 0)}},
    };
    int code = 0;

    for (size_t i = 0; code == 0 && i < COUNT(rules); i++) {
        unsigned count = rules[i].is[1].op == 0 ? 1 : 2;

        code = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rules[i].call, count, rules[i].is);
    }
    return code;
}

/* Allows flags and locks, but not F_SETOWN, which makes the kernel send signals to other processes.
 */
static int allow_fcntl(scmp_filter_ctx filter)
{
    static const scmp_datum_t commands[] = {F_DUPFD,  F_DUPFD_CLOEXEC, F_GETFD,     F_SETFD,
                                            F_GETFL,  F_SETFL,         F_GETLK,     F_SETLK,
                                            F_SETLKW, F_OFD_GETLK,     F_OFD_SETLK, F_OFD_SETLKW};
    int code = 0;

    for (size_t i = 0; code == 0 && i < COUNT(commands); i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                                SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, commands[i]));
    return code;
}

/* Allows what a worker needs to send the decoder the descriptors of a file and of a pipe's end, and
 * to wait for the host when it ends. */
static int allow_decoder(scmp_filter_ctx filter)
{
    static const int calls[] = {SCMP_SYS(pipe2), SCMP_SYS(sendmsg), SCMP_SYS(wait4)};
    int code = 0;

    for (size_t i = 0; code == 0 && i < COUNT(calls); i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    return code;
}

/* A filter cannot examine the flags of clone3, so libc is told that there is no clone3, and calls
 * clone. That takes a second filter, since a filter logs either all or none of what it refuses. */
int sandbox_seccomp_refuse_clone3(void *filter, const void *context)
{
    (void)context;
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

struct worker {
    pid_t pid;
    bool has_decoder;
};

static int add_rules(void *filter, const void *context)
{
    const struct worker *worker = context;
    int code = allow_all(filter);

    if (code == 0)
        code = allow_some(filter, (scmp_datum_t)worker->pid);
    if (code == 0)
        code = allow_fcntl(filter);
    if (code == 0 && worker->has_decoder)
        code = allow_decoder(filter);
    return code;
}

enum vt_error sandbox_seccomp_enter(bool has_decoder)
{
    const struct worker worker = {getpid(), has_decoder};
    const struct sandbox_filter_plan plan = {SCMP_ACT_ERRNO(EPERM), add_rules, &worker};
    struct sock_fprog program;
    int code = sandbox_filter_make(&plan, 1, &program);

    if (code == 0)
        code = sandbox_filter_enter(&program, true);
    free(program.filter);
    if (code == 0)
        return VT_OK;
    log_error("sandbox: seccomp: %s", strerror(-code));
    return code == -ENOMEM ? VT_ERR_MEMORY : VT_ERR_UNAVAILABLE;
}
