/* This is a file of its own so that the command can probe without libseccomp. */
#include "process/sandbox_probe.h"

#include <errno.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int sandbox_probe_landlock(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    return abi < 0 ? 0 : (int)abi;
}

bool sandbox_probe_seccomp(void)
{
    unsigned kill = SECCOMP_RET_KILL_PROCESS;

    /* The list of allowed calls is for 64-bit machines only. */
    if (sizeof(void *) < 8) {
        errno = ENOSYS;
        return false;
    }
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &kill) == 0;
}

enum vt_error sandbox_probe(struct vt_reason *why)
{
    const char *seccomp = sandbox_probe_seccomp() ? NULL : strerror(errno);
    int abi = sandbox_probe_landlock();
    const char *landlock = strerror(errno);

    if (seccomp != NULL)
        return vt_fail(why, VT_ERR_UNAVAILABLE, "no filter of system calls can be set: %s",
                       seccomp);
    if (abi == 0)
        return vt_fail(why, VT_ERR_UNAVAILABLE, "the kernel has no Landlock: %s", landlock);
    if (abi < SANDBOX_LANDLOCK_ABI)
        return vt_fail(why, VT_ERR_UNAVAILABLE, "the kernel's Landlock is too old: version %d",
                       abi);
    return VT_OK;
}
