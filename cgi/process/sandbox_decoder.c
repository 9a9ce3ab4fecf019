#include "process/sandbox_decoder.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "process/sandbox_filter.h"
#include "process/sandbox_landlock.h"
#include "process/sandbox_limits.h"
#include "process/sandbox_probe.h"
#include "process/sandbox_seccomp.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define FILES 32 /* for the host: libraries while they are loaded, a socket, two pipes */
#define OVERHEAD (UINT64_C(256) << 20)
#define OVERHEAD_PER_PROCESSOR (UINT64_C(32) << 20) /* stacks and other memory of three threads */

/* What computation with threads needs. */
static const int computing[] = {
    /* open files */
    SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(lseek), SCMP_SYS(poll), SCMP_SYS(ppoll),
    SCMP_SYS(pread64), SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(recvmsg), SCMP_SYS(write),
    SCMP_SYS(writev),
    /* memory */
    SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(mremap), SCMP_SYS(munmap), SCMP_SYS(get_mempolicy),
    SCMP_SYS(set_mempolicy),
    /* the process itself; clone3 is allowed here so that the other filter can refuse it */
    SCMP_SYS(clone3), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(futex), SCMP_SYS(getegid),
    SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(membarrier),
    SCMP_SYS(restart_syscall), SCMP_SYS(rseq), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list), SCMP_SYS(sigaltstack),
    /* time, random numbers, the machine */
    SCMP_SYS(clock_getres), SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(getrandom),
    SCMP_SYS(gettimeofday), SCMP_SYS(nanosleep), SCMP_SYS(sysinfo), SCMP_SYS(time), SCMP_SYS(times),
    SCMP_SYS(uname)};

/* What the host needs in addition. Landlock limits which files it can access. */
static const int hosting[] = {
    SCMP_SYS(access), SCMP_SYS(close_range), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(fcntl), SCMP_SYS(fstatfs), SCMP_SYS(getcwd),
    SCMP_SYS(getdents64), SCMP_SYS(kill), SCMP_SYS(lstat), SCMP_SYS(newfstatat),
    SCMP_SYS(pidfd_open), SCMP_SYS(pipe2), SCMP_SYS(prlimit64), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(sendmsg), SCMP_SYS(sendto), SCMP_SYS(recvfrom),
    SCMP_SYS(socketpair), SCMP_SYS(stat), SCMP_SYS(statfs), SCMP_SYS(statx), SCMP_SYS(wait4),
    SCMP_SYS(waitid),
    /* confining its children */
    SCMP_SYS(landlock_restrict_self), SCMP_SYS(seccomp)};

#define NAMESPACES                                                                                 \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)
#define THREAD (CLONE_VM | CLONE_THREAD)
#define MAP_KIND UINT64_C(0xf) /* MAP_TYPE: shared, private */
#define WRITES (O_ACCMODE | O_CREAT | O_TRUNC)

struct rule {
    int call;
    struct scmp_arg_cmp is[2];
};

/* No executable memory, and no memory shared with a file; threads; and calls by which libc examines
 * its own process. */
static const struct rule computing_rules[] = {
    {SCMP_SYS(mmap),
     {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
      SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_KIND, MAP_PRIVATE)}},
    {SCMP_SYS(mprotect), {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)}},
    {SCMP_SYS(clone), {SCMP_A0(SCMP_CMP_MASKED_EQ, THREAD | NAMESPACES, THREAD)}},
    {SCMP_SYS(newfstatat), {SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH, 0)}},
    {SCMP_SYS(ioctl), {SCMP_A1(SCMP_CMP_EQ, TCGETS, 0)}},
    {SCMP_SYS(prctl), {SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0)}},
    /* reading limits */
    {SCMP_SYS(prlimit64), {SCMP_A0(SCMP_CMP_EQ, 0, 0), SCMP_A2(SCMP_CMP_EQ, 0, 0)}},
};

/* For mapping libraries from their files, and for forking a child. */
static const struct rule hosting_rules[] = {
    {SCMP_SYS(mmap),
     {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_EXEC),
      SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_KIND | MAP_ANONYMOUS, MAP_PRIVATE)}},
    {SCMP_SYS(open), {SCMP_A1(SCMP_CMP_MASKED_EQ, WRITES, O_RDONLY)}},
    {SCMP_SYS(openat), {SCMP_A2(SCMP_CMP_MASKED_EQ, WRITES, O_RDONLY)}},
    {SCMP_SYS(clone), {SCMP_A0(SCMP_CMP_MASKED_EQ, THREAD | NAMESPACES, 0)}},
    {SCMP_SYS(prctl), {SCMP_A0(SCMP_CMP_EQ, PR_SET_PDEATHSIG, 0)}},
    {SCMP_SYS(prctl), {SCMP_A0(SCMP_CMP_EQ, PR_SET_THP_DISABLE, 0)}},
};

static int add_calls(scmp_filter_ctx filter, const int *calls, size_t count)
{
    int code = 0;

    for (size_t i = 0; code == 0 && i < count; i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    return code;
}

static int add_rules(scmp_filter_ctx filter, const struct rule *rules, size_t count)
{
    int code = 0;

    for (size_t i = 0; code == 0 && i < count; i++)
        code = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rules[i].call,
                                      rules[i].is[1].op == 0 ? 1 : 2, rules[i].is);
    return code;
}

static int add_child(void *filter, const void *context)
{
    int code = sandbox_seccomp_add_deadly(filter);

    (void)context;
    if (code == 0)
        code = add_calls(filter, computing, COUNT(computing));
    return code == 0 ? add_rules(filter, computing_rules, COUNT(computing_rules)) : code;
}

static int add_host(void *filter, const void *context)
{
    int code = add_child(filter, context);

    if (code == 0)
        code = add_calls(filter, hosting, COUNT(hosting));
    return code == 0 ? add_rules(filter, hosting_rules, COUNT(hosting_rules)) : code;
}

static int set_filters(struct sandbox_decoder *sandbox)
{
    enum { CHILD, CLONE3, HOST, FILTERS };
    const struct sandbox_filter_plan plans[FILTERS] = {
        [CHILD] = {SCMP_ACT_ERRNO(EPERM), add_child, NULL},
        [CLONE3] = {SCMP_ACT_ALLOW, sandbox_seccomp_refuse_clone3, NULL},
        [HOST] = {SCMP_ACT_ERRNO(EPERM), add_host, NULL}};
    struct sock_fprog programs[FILTERS];
    int code = sandbox_filter_make(plans, FILTERS, programs);

    if (code == 0)
        code = sandbox_filter_enter(&programs[CLONE3], false);
    if (code == 0)
        code = sandbox_filter_enter(&programs[HOST], false);
    free(programs[CLONE3].filter);
    free(programs[HOST].filter);
    sandbox->filter = programs[CHILD]; /* kept as long as the process lives */
    return code;
}

static enum vt_error make_rulesets(const char *module_dir, const char *policy_dir,
                                   struct sandbox_decoder *sandbox)
{
    /* Libraries, ImageMagick's modules and settings, the number of processors. */
    const char *const readable[] = {"/usr",
                                    "/lib",
                                    "/lib64",
                                    "/etc/ld.so.cache",
                                    "/etc/localtime",
                                    "/etc/ImageMagick-6",
                                    "/etc/ImageMagick-7",
                                    "/dev/urandom",
                                    "/sys/devices/system/cpu",
                                    "/sys/devices/system/node",
                                    policy_dir,
                                    module_dir,
                                    NULL};
    const char *const nothing[] = {NULL};
    enum vt_error err = sandbox_landlock_make(NULL, nothing, &sandbox->child_ruleset);

    return err == VT_OK ? sandbox_landlock_make(NULL, readable, &sandbox->host_ruleset) : err;
}

enum vt_error sandbox_decoder_calls(bool is_on, const char *module_dir, const char *policy_dir,
                                    struct sandbox_decoder *sandbox)
{
    const struct rlimit files = {FILES, FILES}, core = {0, 0};
    enum vt_error err = VT_OK;
    int code = 0;

    *sandbox = (struct sandbox_decoder){.is_on = is_on, .host_ruleset = -1, .child_ruleset = -1};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return VT_ERR_INTERNAL;
    if (!is_on)
        return VT_OK;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0 || setrlimit(RLIMIT_CORE, &core) != 0)
        return VT_ERR_INTERNAL;
    if (sandbox_probe_landlock() >= SANDBOX_LANDLOCK_ABI)
        err = make_rulesets(module_dir, policy_dir, sandbox);
    if (err == VT_OK && sandbox_probe_seccomp())
        code = set_filters(sandbox);
    if (code == 0)
        return err;
    log_error("sandbox: the decoder's filter: %s", strerror(-code));
    return code == -ENOMEM ? VT_ERR_MEMORY : VT_ERR_UNAVAILABLE;
}

enum vt_error sandbox_decoder_files(struct sandbox_decoder *sandbox)
{
    int code = 0;

    if (sandbox->host_ruleset < 0)
        return VT_OK;
    if (syscall(SYS_landlock_restrict_self, sandbox->host_ruleset, 0) != 0)
        code = errno;
    (void)close(sandbox->host_ruleset);
    sandbox->host_ruleset = -1;
    if (code == 0)
        return VT_OK;
    log_error("sandbox: the decoder's files: %s", strerror(code));
    return VT_ERR_UNAVAILABLE;
}

enum vt_error sandbox_decoder_child(const struct sandbox_decoder *sandbox)
{
    if (sandbox->child_ruleset >= 0 &&
        syscall(SYS_landlock_restrict_self, sandbox->child_ruleset, 0) != 0)
        return VT_ERR_UNAVAILABLE;
    if (sandbox->filter.len > 0 && sandbox_filter_enter(&sandbox->filter, false) != 0)
        return VT_ERR_UNAVAILABLE;
    return VT_OK;
}

uint64_t sandbox_decoder_overhead(void)
{
    return OVERHEAD + sandbox_limits_processors() * OVERHEAD_PER_PROCESSOR;
}

/* Sets both limits of a resource of the process; limits that are lower already stay. */
static bool limit(pid_t child, __rlimit_resource_t resource, uint64_t value)
{
    struct rlimit now, wanted = {value, value + 1}; /* at the hard limit, the kernel kills */

    if (prlimit(child, resource, NULL, &now) != 0)
        return false;
    if (now.rlim_max < wanted.rlim_max)
        wanted.rlim_max = now.rlim_max;
    if (now.rlim_max < value)
        wanted.rlim_cur = now.rlim_max;
    return prlimit(child, resource, &wanted, NULL) == 0;
}

enum vt_error sandbox_decoder_limit(pid_t child, uint64_t memory, unsigned seconds)
{
    uint64_t processor = (uint64_t)seconds * sandbox_limits_processors();

    if (SANDBOX_LIMITS_ADDRESS_SPACE && !limit(child, RLIMIT_AS, memory))
        return VT_ERR_INTERNAL;
    return limit(child, RLIMIT_CPU, processor) ? VT_OK : VT_ERR_INTERNAL;
}
