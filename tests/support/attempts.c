#include "attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096

/* The errno of a call that failed. */
static int result(long value)
{
    return value < 0 ? errno : 0;
}

/* The same for a call that returns a descriptor, which is closed. */
static int opened(int fd)
{
    int code = result(fd);

    if (fd >= 0)
        (void)close(fd);
    return code;
}

static const char *path_in(const char *folder, const char *name, char out[PATH_MAX])
{
    int len = snprintf(out, PATH_MAX, "%s/%s", folder, name);

    return len < 0 || len >= PATH_MAX ? "" : out;
}

#define ATTEMPT(name, code)                                                                        \
    static int name(const char *data, const char *outside)                                         \
    {                                                                                              \
        (void)data;                                                                                \
        (void)outside;                                                                             \
        return code;                                                                               \
    }

/* An attempt with the path of a file in a folder. */
#define ATTEMPT_AT(name, folder, file, code)                                                       \
    static int name(const char *data, const char *outside)                                         \
    {                                                                                              \
        char path[PATH_MAX];                                                                       \
                                                                                                   \
        (void)data;                                                                                \
        (void)outside;                                                                             \
        (void)path_in(folder, file, path);                                                         \
        return code;                                                                               \
    }

/* ---- programs ---- */

static char *const no_strings[] = {NULL};

ATTEMPT(try_execve, result(execve("/bin/true", no_strings, no_strings)))
ATTEMPT(try_execveat,
        result(syscall(SYS_execveat, AT_FDCWD, "/bin/true", no_strings, no_strings, 0)))

/* Calls the kernel directly: the handlers that fork() runs would run in a child that must not
 * exist. */
static int try_fork(const char *data, const char *outside)
{
    long child = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

    (void)data;
    (void)outside;
    if (child == 0)
        _exit(0);
    return result(child);
}

static int try_clone3(const char *data, const char *outside)
{
    uint64_t arguments[8] = {[4] = SIGCHLD};
    long child = syscall(SYS_clone3, arguments, sizeof arguments);

    (void)data;
    (void)outside;
    if (child == 0)
        _exit(0);
    return result(child);
}

/* ---- the network ---- */

static int try_connect(const char *data, const char *outside)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};

    (void)data;
    (void)outside;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return result(connect(STDIN_FILENO, (struct sockaddr *)&address, sizeof address));
}

static int try_bind(const char *data, const char *outside)
{
    struct sockaddr_in address = {.sin_family = AF_INET};

    (void)data;
    (void)outside;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return result(bind(STDIN_FILENO, (struct sockaddr *)&address, sizeof address));
}

static int try_socketpair(const char *data, const char *outside)
{
    int pair[2];

    (void)data;
    (void)outside;
    return result(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

ATTEMPT(try_inet, opened(socket(AF_INET, SOCK_STREAM, 0)))
ATTEMPT(try_inet6, opened(socket(AF_INET6, SOCK_DGRAM, 0)))
ATTEMPT(try_unix, opened(socket(AF_UNIX, SOCK_STREAM, 0)))
ATTEMPT(try_netlink, opened(socket(AF_NETLINK, SOCK_RAW, 0)))
ATTEMPT(try_listen, result(listen(STDIN_FILENO, 1)))

/* ---- other processes ---- */

static int try_process_vm(const char *data, const char *outside)
{
    char bytes[8];
    struct iovec here = {bytes, sizeof bytes}, there = {bytes, sizeof bytes};

    (void)data;
    (void)outside;
    return result(process_vm_readv(getppid(), &here, 1, &there, 1, 0));
}

ATTEMPT(try_ptrace, result(ptrace(PTRACE_TRACEME, 0, NULL, NULL)))
ATTEMPT(try_kill, result(kill(getppid(), 0)))
ATTEMPT(try_set_owner, result(fcntl(STDERR_FILENO, F_SETOWN, getppid())))
ATTEMPT(try_tgkill, result(syscall(SYS_tgkill, getppid(), getppid(), 0)))
ATTEMPT(try_pidfd, opened((int)syscall(SYS_pidfd_open, getppid(), 0)))
ATTEMPT(try_pidfd_getfd, opened((int)syscall(SYS_pidfd_getfd, 0, 0, 0)))

/* ---- files outside the data folder ---- */

static int try_rename(const char *data, const char *outside)
{
    char from[PATH_MAX], to[PATH_MAX];
    int fd = open(path_in(data, "tmp/moved", from), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int code = result(fd);

    if (fd < 0)
        return code;
    (void)close(fd);
    code = result(rename(from, path_in(outside, "moved", to)));
    (void)unlink(from);
    return code;
}

/* data/way is a symbolic link to outside/file. */
ATTEMPT_AT(write_by_link, data, "way", opened(open(path, O_WRONLY | O_CLOEXEC)))
ATTEMPT_AT(write_outside, outside, "file", opened(open(path, O_WRONLY | O_CLOEXEC)))
ATTEMPT_AT(truncate_outside, outside, "file", opened(open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)))
ATTEMPT_AT(make_outside, outside, "new", opened(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)))
ATTEMPT_AT(read_outside, outside, "file", opened(open(path, O_RDONLY | O_CLOEXEC)))
ATTEMPT_AT(list_outside, outside, ".", opened(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)))
ATTEMPT_AT(remove_outside, outside, "file", result(unlink(path)))
ATTEMPT_AT(mkdir_outside, outside, "folder", result(mkdir(path, 0700)))
ATTEMPT_AT(chmod_outside, outside, "file", result(chmod(path, 0777)))
ATTEMPT(read_passwords, opened(open("/etc/passwd", O_RDONLY | O_CLOEXEC)))
ATTEMPT(read_processes, opened(open("/proc/1/environ", O_RDONLY | O_CLOEXEC)))
ATTEMPT(write_system, opened(open("/dev/null", O_WRONLY | O_CLOEXEC)))

/* Renames a file, which it may create, to a place in the data folder. */
static int rename_into(const char *data, const char *name)
{
    char from[PATH_MAX], to[PATH_MAX];
    int fd = open(path_in(data, "tmp/planted", from), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int code = result(fd);

    if (fd < 0)
        return code;
    (void)close(fd);
    code = result(rename(from, path_in(data, name, to)));
    (void)unlink(from);
    return code;
}

/* Files in the data folder that a worker must not change: data/run is where vitrine-serve keeps
 * nginx's configuration. */
ATTEMPT_AT(write_nginx, data, "run/nginx/nginx.conf", opened(open(path, O_WRONLY | O_CLOEXEC)))
ATTEMPT_AT(make_in_run, data, "run/nginx/new",
           opened(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)))
ATTEMPT_AT(remove_from_run, data, "run/nginx/nginx.conf", result(unlink(path)))
ATTEMPT(rename_to_nginx, rename_into(data, "run/nginx/nginx.conf"))
ATTEMPT(rename_to_socket, rename_into(data, "run/api.sock"))
ATTEMPT(rename_to_top, rename_into(data, "planted"))
ATTEMPT(rename_over_catalogue, rename_into(data, "catalogue.sqlite"))
ATTEMPT_AT(make_at_top, data, "new", opened(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)))
ATTEMPT_AT(mkdir_at_top, data, "folder", result(mkdir(path, 0700)))
ATTEMPT_AT(remove_catalogue, data, "catalogue.sqlite", result(unlink(path)))
ATTEMPT_AT(make_original, data, "uploads/new",
           opened(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)))

static int try_move_run(const char *data, const char *outside)
{
    char from[PATH_MAX], to[PATH_MAX];

    (void)outside;
    return result(rename(path_in(data, "run", from), path_in(data, "tmp/run", to)));
}

/* Gives a file that may not be written a second name in tmp/, where files may be written. */
static int link_nginx(const char *data, const char *outside)
{
    char from[PATH_MAX], to[PATH_MAX];
    int code = result(linkat(AT_FDCWD, path_in(data, "run/nginx/nginx.conf", from), AT_FDCWD,
                             path_in(data, "tmp/linked", to), 0));

    (void)outside;
    (void)unlink(to);
    return code;
}

/* In the data folder: things other than files. */
ATTEMPT_AT(make_symlink, data, "link", result(symlink("/etc/passwd", path)))
ATTEMPT_AT(make_hard_link, outside, "file", result(link(path, "stolen")))
ATTEMPT_AT(make_pipe, data, "pipe", result(mkfifo(path, 0600)))
ATTEMPT_AT(make_device, data, "device", result(mknod(path, S_IFCHR | 0600, 0)))

/* ---- memory ---- */

static int try_map(int protection)
{
    void *at = mmap(NULL, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        return errno;
    (void)munmap(at, PAGE);
    return 0;
}

static int try_make_executable(const char *data, const char *outside)
{
    void *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int code;

    (void)data;
    (void)outside;
    if (at == MAP_FAILED)
        return 0; /* not the subject of this attempt */
    code = result(mprotect(at, PAGE, PROT_READ | PROT_EXEC));
    (void)munmap(at, PAGE);
    return code;
}

/* Maps a file that it has written itself. */
static int map_written(const char *data, int flags)
{
    char path[PATH_MAX];
    int fd = open(path_in(data, "tmp/code", path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int code = result(fd);
    void *at;

    if (fd < 0)
        return code;
    code = result(ftruncate(fd, PAGE));
    at = code == 0 ? mmap(NULL, PAGE, PROT_READ | PROT_EXEC, flags, fd, 0) : MAP_FAILED;
    if (code == 0 && at == MAP_FAILED)
        code = errno;
    if (at != MAP_FAILED)
        code = result(pwrite(fd, "code", 4, 0));
    (void)unlink(path);
    (void)close(fd);
    return code;
}

ATTEMPT(map_shared, map_written(data, MAP_SHARED))
ATTEMPT(map_private, map_written(data, MAP_PRIVATE))
ATTEMPT(map_shared_validated, map_written(data, MAP_SHARED_VALIDATE))
ATTEMPT(map_all, try_map(PROT_READ | PROT_WRITE | PROT_EXEC))
ATTEMPT(map_code, try_map(PROT_READ | PROT_EXEC))
ATTEMPT(try_memfd, opened(memfd_create("code", MFD_CLOEXEC)))

/* ---- the kernel ---- */

static int try_bpf(const char *data, const char *outside)
{
    union bpf_attr attributes = {.map_type = BPF_MAP_TYPE_ARRAY};

    (void)data;
    (void)outside;
    return opened((int)syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes));
}

static int try_perf(const char *data, const char *outside)
{
    struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attributes};

    (void)data;
    (void)outside;
    return opened((int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

static int try_io_uring(const char *data, const char *outside)
{
    struct io_uring_params parameters = {.flags = 0};

    (void)data;
    (void)outside;
    return opened((int)syscall(SYS_io_uring_setup, 1, &parameters));
}

static int try_limit(const char *data, const char *outside)
{
    struct rlimit less = {1, 1};

    (void)data;
    (void)outside;
    return result(setrlimit(RLIMIT_NOFILE, &less));
}

ATTEMPT(try_userfaultfd, opened((int)syscall(SYS_userfaultfd, O_CLOEXEC)))
ATTEMPT(try_keyctl, result(syscall(SYS_keyctl, 0, 0, 0, 0, 0)))
ATTEMPT(try_mount, result(mount("none", "/nowhere", "tmpfs", 0, NULL)))
ATTEMPT(try_unshare, result(unshare(CLONE_NEWUSER)))
ATTEMPT(try_setns, result(setns(-1, 0)))
ATTEMPT(try_chroot, result(chroot("/nowhere")))
ATTEMPT(try_handle, opened((int)syscall(SYS_open_by_handle_at, -1, NULL, 0)))
ATTEMPT(try_reboot, result(syscall(SYS_reboot, 0, 0, 0, NULL)))
ATTEMPT(try_personality, result(personality(0xffffffff)))
ATTEMPT(try_dumpable, result(prctl(PR_SET_DUMPABLE, 1)))
ATTEMPT(try_terminal, result(ioctl(STDERR_FILENO, TIOCSTI, "")))
ATTEMPT(try_unknown, result(syscall(100000)))

const struct attempt support_attempts[] = {
    {"execve", try_execve, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"execveat", try_execveat, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"fork", try_fork, EPERM, EPERM, EPERM},
    {"clone3", try_clone3, EPERM, EPERM, ENOSYS},
    {"socket, IPv4", try_inet, EPERM, EPERM, EPERM},
    {"socket, IPv6", try_inet6, EPERM, EPERM, EPERM},
    {"socket, Unix", try_unix, EPERM, EPERM, EPERM},
    {"socket, netlink", try_netlink, EPERM, EPERM, EPERM},
    {"socketpair", try_socketpair, EPERM, EPERM, EPERM},
    {"connect", try_connect, EPERM, EPERM, EPERM},
    {"bind", try_bind, EPERM, EPERM, EPERM},
    {"listen", try_listen, EPERM, EPERM, EPERM},
    {"ptrace", try_ptrace, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"process_vm_readv", try_process_vm, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"kill", try_kill, EPERM, EPERM, EPERM},
    {"tgkill", try_tgkill, EPERM, EPERM, EPERM},
    {"having a descriptor signal", try_set_owner, EPERM, EPERM, EPERM},
    {"pidfd_open", try_pidfd, EPERM, EPERM, EPERM},
    {"pidfd_getfd", try_pidfd_getfd, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"writing outside", write_outside, EACCES, EACCES, EPERM},
    {"writing outside by a link", write_by_link, EACCES, EACCES, EPERM},
    {"truncating outside", truncate_outside, EACCES, EACCES, EPERM},
    {"making a file outside", make_outside, EACCES, EACCES, EPERM},
    {"making a folder outside", mkdir_outside, EACCES, EACCES, EPERM},
    {"removing outside", remove_outside, EACCES, EACCES, EPERM},
    {"renaming to outside", try_rename, EACCES, EACCES, EPERM},
    {"chmod outside", chmod_outside, EPERM, EPERM, EPERM},
    {"reading outside", read_outside, EACCES, EACCES, EPERM},
    {"listing outside", list_outside, EACCES, EACCES, EPERM},
    {"reading /etc/passwd", read_passwords, EACCES, EACCES, EPERM},
    {"reading /proc", read_processes, EACCES, EACCES, EPERM},
    {"writing to a device", write_system, EACCES, EACCES, EPERM},
    {"writing nginx's configuration", write_nginx, EACCES, EACCES, EPERM},
    {"making a file beside nginx's configuration", make_in_run, EACCES, EACCES, EPERM},
    {"removing nginx's configuration", remove_from_run, EACCES, EACCES, EPERM},
    {"renaming over nginx's configuration", rename_to_nginx, EACCES, EACCES, EPERM},
    {"renaming over a socket", rename_to_socket, EACCES, EACCES, EPERM},
    {"moving the folder of sockets", try_move_run, EACCES, EACCES, EPERM},
    {"a second name for nginx's configuration", link_nginx, EXDEV, EXDEV, EPERM},
    {"making a file beside the catalogue", make_at_top, EACCES, EACCES, EPERM},
    {"making a folder beside the catalogue", mkdir_at_top, EACCES, EACCES, EPERM},
    {"renaming to beside the catalogue", rename_to_top, EACCES, EACCES, EPERM},
    {"renaming over the catalogue", rename_over_catalogue, EACCES, EACCES, EPERM},
    {"removing the catalogue", remove_catalogue, EACCES, EACCES, EPERM},
    {"making an original", make_original, EACCES, 0, EPERM},
    {"symlink", make_symlink, EPERM, EPERM, EPERM},
    {"link", make_hard_link, EPERM, EPERM, EPERM},
    {"mkfifo", make_pipe, EPERM, EPERM, EPERM},
    {"mknod", make_device, EPERM, EPERM, EPERM},
    {"a written file as code, shared", map_shared, EPERM, EPERM, EPERM},
    {"a written file as code, shared and validated", map_shared_validated, EPERM, EPERM, EPERM},
    {"a written file as code, private", map_private, EPERM, EPERM, EPERM},
    {"writable code", map_all, EPERM, EPERM, EPERM},
    {"code without a file", map_code, EPERM, EPERM, EPERM},
    {"making memory executable", try_make_executable, EPERM, EPERM, EPERM},
    {"memfd_create", try_memfd, EPERM, EPERM, EPERM},
    {"bpf", try_bpf, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"perf_event_open", try_perf, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"io_uring_setup", try_io_uring, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"userfaultfd", try_userfaultfd, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"keyctl", try_keyctl, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"mount", try_mount, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"unshare", try_unshare, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"setns", try_setns, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"chroot", try_chroot, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"open_by_handle_at", try_handle, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"reboot", try_reboot, ATTEMPT_DEADLY, ATTEMPT_DEADLY, ATTEMPT_DEADLY},
    {"personality", try_personality, EPERM, EPERM, EPERM},
    {"prctl", try_dumpable, EPERM, EPERM, EPERM},
    {"ioctl", try_terminal, EPERM, EPERM, EPERM},
    {"raising a limit", try_limit, EPERM, EPERM, EPERM},
    {"a call that does not exist", try_unknown, EPERM, EPERM, EPERM},
};

const size_t support_attempt_count = sizeof support_attempts / sizeof support_attempts[0];
