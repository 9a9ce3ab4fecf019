/* Stages: files in tmp/, each locked by the process that works on it.
 *
 * The lock (flock) ends with the process, however that ends. So a process that gets the lock of a
 * stage knows that no other works on it, and removes it. SQLite's files beside a stage ("-wal",
 * "-shm", "-journal") belong to the process that holds the stage. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/blobs.h"
#include "store/blobs_dir.h"

#define BLOB_MODE 0640
#define STAGE_ATTEMPTS 100
#define STAGE_NAME_LENGTH 16

/* ---- making ---- */

/* Whether this process now holds the new file. A sweep may have come between creating and locking
 * it, and have locked or removed it. A file system without locks has no such sweep. */
static bool take(int fd)
{
    struct stat status;

    if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return false;
    return fstat(fd, &status) == 0 && status.st_nlink > 0;
}

/* Stages are named by the moment when they begin, so that their names show which came first. */
enum vt_error blobs_dir_stage(struct blobs *blobs, struct blob_stage *stage)
{
    struct blobs_dir *self = blobs_dir_of(blobs);
    struct timespec now;

    *stage = BLOB_STAGE_INIT;
    for (int i = 0; i < STAGE_ATTEMPTS; i++) {
        if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
            return blobs_dir_fail("name for", "tmp");
        (void)snprintf(stage->path, sizeof stage->path, "tmp/%0*llx", STAGE_NAME_LENGTH,
                       (unsigned long long)now.tv_sec * 1000000000 +
                           (unsigned long long)now.tv_nsec);
        stage->fd = openat(self->data, stage->path,
                           O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, BLOB_MODE);
        if (stage->fd >= 0 && take(stage->fd)) {
            stage->blobs = blobs;
            return VT_OK;
        }
        if (stage->fd < 0 && errno != EEXIST)
            break;
        if (stage->fd >= 0) {
            (void)unlinkat(self->data, stage->path, 0); /* a sweep may have been faster */
            (void)close(stage->fd);
        }
        stage->fd = -1;
    }
    return blobs_dir_fail("make", "tmp");
}

/* ---- counting ---- */

struct counting {
    struct blobs_dir *self;
    const char *name; /* only stages before it count */
    uint64_t *bytes;
};

static enum vt_error count_stage(void *context, const char *folder, const char *name)
{
    struct counting *counting = context;
    char path[BLOB_PATH_SIZE];
    struct stat status;
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);

    if (len < 0 || (size_t)len >= sizeof path || strcmp(name, counting->name) >= 0)
        return VT_OK;
    if (fstatat(counting->self->data, path, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? VT_OK : blobs_dir_fail("stat", path);
    if (S_ISREG(status.st_mode))
        *counting->bytes += (uint64_t)status.st_size;
    return VT_OK;
}

enum vt_error blobs_dir_staged(struct blob_stage *stage, uint64_t *bytes)
{
    struct counting counting = {blobs_dir_of(stage->blobs), strrchr(stage->path, '/') + 1, bytes};

    *bytes = 0;
    return blobs_dir_each(counting.self, "tmp", count_stage, &counting);
}

/* ---- sweeping ---- */

/* Whether a process works on a file in tmp/. */
enum hold { HOLD_NONE, HOLD_PROCESS, HOLD_UNKNOWN };

/* Opens the stage that the file is, or belongs to, and tries its lock. If no process has the lock,
 * *fd is locked until the caller closes it, or -1 if the stage no longer exists. */
static enum hold try_lock(struct blobs_dir *self, const char *path, int *fd)
{
    static const char *const ends[] = {"-wal", "-shm", "-journal"};
    char stage[BLOB_PATH_SIZE];
    size_t len = strlen(path);

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t end = strlen(ends[i]);

        if (len > end && strcmp(path + len - end, ends[i]) == 0) {
            len -= end;
            break;
        }
    }
    (void)snprintf(stage, sizeof stage, "%.*s", (int)len, path);
    *fd = openat(self->data, stage, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (*fd < 0)
        return errno == ENOENT ? HOLD_NONE : HOLD_UNKNOWN;
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return HOLD_NONE;
    return errno == EWOULDBLOCK ? HOLD_PROCESS : HOLD_UNKNOWN;
}

bool blobs_dir_is_held(struct blobs_dir *self, const char *name)
{
    char path[BLOB_PATH_SIZE];
    int fd = -1, len = snprintf(path, sizeof path, "tmp/%s", name);
    bool held;

    if (len < 0 || (size_t)len >= sizeof path)
        return false;
    held = try_lock(self, path, &fd) == HOLD_PROCESS;
    if (fd >= 0)
        (void)close(fd);
    return held;
}

struct stage_sweep {
    struct blobs_dir *self;
    time_t before;
    unsigned *removed;
};

static enum vt_error sweep_stage(void *context, const char *folder, const char *name)
{
    struct stage_sweep *sweep = context;
    char path[BLOB_PATH_SIZE];
    struct stat status;
    int fd, len = snprintf(path, sizeof path, "%s/%s", folder, name);
    enum vt_error err = VT_OK;
    enum hold hold;

    if (len < 0 || (size_t)len >= sizeof path)
        return VT_OK;
    if (fstatat(sweep->self->data, path, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? VT_OK : blobs_dir_fail("stat", path);
    if (!S_ISREG(status.st_mode))
        return VT_OK;
    hold = try_lock(sweep->self, path, &fd);
    if (hold == HOLD_NONE || (hold == HOLD_UNKNOWN && status.st_mtime < sweep->before)) {
        if (unlinkat(sweep->self->data, path, 0) == 0)
            *sweep->removed += status.st_size > 0;
        else if (errno != ENOENT)
            err = blobs_dir_fail("remove", path);
    }
    if (fd >= 0)
        (void)close(fd);
    return err;
}

enum vt_error blobs_dir_sweep_stages(struct blobs *blobs, time_t before, unsigned *removed)
{
    struct stage_sweep sweep = {blobs_dir_of(blobs), before, removed};

    return blobs_dir_each(sweep.self, "tmp", sweep_stage, &sweep);
}
