#include "process/sandbox_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "process/sandbox_probe.h"

/* From kernels later than the headers in Debian 12. */
#define ACCESS_FS_TRUNCATE (UINT64_C(1) << 14)
#define ACCESS_FS_IOCTL_DEV (UINT64_C(1) << 15)
#define ACCESS_NET_BIND_TCP (UINT64_C(1) << 0)
#define ACCESS_NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (UINT64_C(1) << 0)
#define SCOPE_SIGNAL (UINT64_C(1) << 1)

#define ABI_TRUNCATE 3
#define ABI_NET 4
#define ABI_IOCTL_DEV 5
#define ABI_SCOPE 6

/* The current form of struct landlock_ruleset_attr. An older kernel accepts it if the fields that
 * it does not know are 0. */
struct ruleset {
    uint64_t fs, net, scoped;
};

/* The rights to a file, and to what is in a folder. */
#define ON_FILES (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_FS_TRUNCATE)
#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define CHANGE                                                                                     \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                               \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |  \
     LANDLOCK_ACCESS_FS_REFER | ACCESS_FS_TRUNCATE)
#define WRITE (READ | CHANGE)
#define GRANTED_NOWHERE                                                                            \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK |    \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM |  \
     ACCESS_FS_IOCTL_DEV)

/* Everything that this kernel can forbid. */
static struct ruleset forbidden(int abi)
{
    struct ruleset rules = {.fs = WRITE | GRANTED_NOWHERE};

    if (abi < ABI_TRUNCATE)
        rules.fs &= ~ACCESS_FS_TRUNCATE;
    if (abi < ABI_IOCTL_DEV)
        rules.fs &= ~ACCESS_FS_IOCTL_DEV;
    if (abi >= ABI_NET)
        rules.net = ACCESS_NET_BIND_TCP | ACCESS_NET_CONNECT_TCP;
    if (abi >= ABI_SCOPE)
        rules.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
    return rules;
}

/* Grants the access to what is at the path. Returns 0 or an errno. */
static int grant(int ruleset, const char *path, uint64_t access)
{
    int fd = open(path, O_PATH | O_CLOEXEC), code = 0;
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
    struct stat status;

    if (fd < 0)
        return errno;
    if (fstat(fd, &status) != 0)
        code = errno;
    if (code == 0 && !S_ISDIR(status.st_mode))
        rule.allowed_access &= ON_FILES;
    if (code == 0 &&
        syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        code = errno;
    (void)close(fd);
    return code;
}

static enum vt_error fail(const char *what, int code)
{
    log_error("sandbox: Landlock, %s: %s", what, strerror(code));
    return code == ENOMEM ? VT_ERR_MEMORY : VT_ERR_UNAVAILABLE;
}

enum vt_error sandbox_landlock_make(const char *data, const char *const *readable, int *ruleset)
{
    struct ruleset rules = forbidden(sandbox_probe_landlock());
    const char *what = "the set of rules";
    int code;

    *ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    code = *ruleset < 0 ? errno : 0;
    for (size_t i = 0; code == 0 && readable[i] != NULL; i++) {
        what = readable[i];
        code = grant(*ruleset, what, READ & rules.fs);
        if (code == ENOENT || code == EACCES)
            code = 0;
    }
    if (code == 0 && data != NULL) {
        what = data;
        code = grant(*ruleset, what, WRITE & rules.fs);
    }
    if (code == 0)
        return VT_OK;
    if (*ruleset >= 0)
        (void)close(*ruleset);
    *ruleset = -1;
    return fail(what, code);
}

/* Enters the rules for good, and closes their descriptor. */
static enum vt_error enter(int ruleset)
{
    int code = syscall(SYS_landlock_restrict_self, ruleset, 0) != 0 ? errno : 0;

    (void)close(ruleset);
    return code == 0 ? VT_OK : fail("this process", code);
}

enum vt_error sandbox_landlock_enter(const char *data, const char *const *readable)
{
    int ruleset;
    enum vt_error err = sandbox_landlock_make(data, readable, &ruleset);

    return err == VT_OK ? enter(ruleset) : err;
}

enum vt_error sandbox_landlock_keep_to(const struct sandbox_place *places)
{
    struct ruleset rules = {.fs = forbidden(sandbox_probe_landlock()).fs & CHANGE};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    const char *what = "the set of rules";
    int code = ruleset < 0 ? errno : 0;

    for (; code == 0 && places->path != NULL; places++) {
        what = places->path;
        code =
            grant(ruleset, what, places->only_removes ? LANDLOCK_ACCESS_FS_REMOVE_FILE : rules.fs);
        if (code == ENOENT)
            code = 0;
    }
    if (code == 0)
        return enter(ruleset);
    if (ruleset >= 0)
        (void)close(ruleset);
    return fail(what, code);
}
