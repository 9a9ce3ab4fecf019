/* Blobs in a folder:
 *
 *   uploads/ab/<id>.<ext>        originals
 *   thumbs/<size>/ab/<id>.<ext>  thumbnails
 *   tmp/                         stages
 *   lost+found/                  what was set aside
 *
 * Every path is relative to the data folder's descriptor and is built here from checked parts. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "store/blobs.h"
#include "store/blobs_dir.h"
#include "store/record.h"

static const char *const folders[] = {"uploads", "thumbs", "tmp"};

#define FOLDER_COUNT (sizeof folders / sizeof folders[0])

static enum vt_error dir_write(struct blob_stage *stage, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t wrote = write(stage->fd, at, len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return blobs_dir_fail("write", stage->path);
        at += wrote;
        len -= (size_t)wrote;
    }
    return VT_OK;
}

static enum vt_error dir_sync(struct blob_stage *stage)
{
    return fsync(stage->fd) == 0 ? VT_OK : blobs_dir_fail("sync", stage->path);
}

static enum vt_error dir_publish(struct blob_stage *stage, const struct blob_key *key)
{
    struct blobs_dir *self = blobs_dir_of(stage->blobs);
    char folder[BLOB_PATH_SIZE], path[BLOB_PATH_SIZE];
    enum vt_error err = blobs_dir_path(key, path);

    if (err != VT_OK)
        return err;
    blobs_dir_folder(key, folder);
    if (renameat(self->data, stage->path, self->data, path) != 0) {
        if (errno != ENOENT)
            return blobs_dir_fail("publish", path);
        err = blobs_dir_make_folders(self, folder); /* the first blob of its folder */
        if (err != VT_OK)
            return err;
        if (renameat(self->data, stage->path, self->data, path) != 0)
            return blobs_dir_fail("publish", path);
    }
    stage->path[0] = '\0';
    (void)flock(stage->fd, LOCK_UN); /* on a blob, a lock has another meaning */
    return blobs_dir_sync_folder(self, folder);
}

static enum vt_error dir_link(struct blobs *blobs, const struct blob_key *blob,
                              const struct blob_key *name)
{
    struct blobs_dir *self = blobs_dir_of(blobs);
    char folder[BLOB_PATH_SIZE], from[BLOB_PATH_SIZE], to[BLOB_PATH_SIZE];
    enum vt_error err = blobs_dir_path(blob, from);

    if (err == VT_OK)
        err = blobs_dir_path(name, to);
    if (err != VT_OK)
        return err;
    blobs_dir_folder(name, folder);
    if (linkat(self->data, from, self->data, to, 0) == 0)
        return blobs_dir_sync_folder(self, folder);
    if (errno == ENOENT) { /* the blob is missing, or it is the first name in its folder */
        err = blobs_dir_make_folders(self, folder);
        if (err != VT_OK)
            return err;
        if (linkat(self->data, from, self->data, to, 0) == 0)
            return blobs_dir_sync_folder(self, folder);
    }
    switch (errno) {
    case EEXIST:
        return VT_OK;
    case ENOENT:
        return VT_ERR_NOT_FOUND;
    case EPERM: /* the file system or a kernel setting forbids hard links; likewise the next two */
    case EOPNOTSUPP:
    case ENOSYS:
    case EMLINK:
        return VT_ERR_UNSUPPORTED;
    default:
        return blobs_dir_fail("link", to);
    }
}

static void dir_discard(struct blob_stage *stage)
{
    struct blobs_dir *self = blobs_dir_of(stage->blobs);

    if (stage->path[0] != '\0' && unlinkat(self->data, stage->path, 0) != 0)
        log_warning("blobs: %s is left for the sweep: %s", stage->path, strerror(errno));
    (void)close(stage->fd);
}

static enum vt_error dir_open(struct blobs *blobs, const struct blob_key *key, int *fd)
{
    char path[BLOB_PATH_SIZE];
    enum vt_error err = blobs_dir_path(key, path);

    if (err != VT_OK)
        return err;
    *fd = openat(blobs_dir_of(blobs)->data, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd >= 0)
        return VT_OK;
    return errno == ENOENT ? VT_ERR_NOT_FOUND : blobs_dir_fail("open", path);
}

static enum vt_error dir_look(struct blobs *blobs, const struct blob_key *key,
                              struct blob_status *out)
{
    char path[BLOB_PATH_SIZE];
    struct stat status;
    enum vt_error err = blobs_dir_path(key, path);

    if (err != VT_OK)
        return err;
    if (fstatat(blobs_dir_of(blobs)->data, path, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? VT_ERR_NOT_FOUND : blobs_dir_fail("stat", path);
    *out = blobs_dir_status(&status);
    return VT_OK;
}

static enum vt_error dir_remove(struct blobs *blobs, const struct blob_key *key)
{
    char path[BLOB_PATH_SIZE];
    enum vt_error err = blobs_dir_path(key, path);

    if (err != VT_OK)
        return err;
    if (unlinkat(blobs_dir_of(blobs)->data, path, 0) != 0 && errno != ENOENT)
        return blobs_dir_fail("remove", path);
    return VT_OK;
}

/* Writes a file, durably, as an upload would: only this reveals a file system that the kernel has
 * made read-only, or one without free inodes. A second call within a second gives the same answer.
 */
static enum vt_error probe(struct blobs_dir *self)
{
    static const char text[] = "This file shows that the disk can be written.\n";
    struct blob_stage stage = BLOB_STAGE_INIT;
    struct timespec now = {0};
    enum vt_error err;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return VT_ERR_INTERNAL;
    if (self->probed != 0 && now.tv_sec <= self->probed)
        return self->probe_result;
    err = blobs_dir_stage(&self->base, &stage);
    if (err == VT_OK)
        err = dir_write(&stage, text, sizeof text - 1);
    if (err == VT_OK)
        err = dir_sync(&stage);
    if (stage.blobs != NULL)
        dir_discard(&stage);
    self->probed = now.tv_sec;
    self->probe_result = err;
    return err;
}

static enum vt_error dir_space(struct blobs *blobs, struct blobs_space *space)
{
    struct statvfs status;

    *space = (struct blobs_space){0};
    if (fstatvfs(blobs_dir_of(blobs)->data, &status) != 0)
        return blobs_dir_fail("stat", ".");
    space->free_bytes = (uint64_t)status.f_bavail * status.f_frsize;
    space->bytes = (uint64_t)status.f_blocks * status.f_frsize;
    space->free_files = status.f_files > 0 ? status.f_favail : 0;
    space->files = status.f_files;
    return VT_OK;
}

static enum vt_error dir_check(struct blobs *blobs, uint64_t *free_bytes)
{
    struct blobs_dir *self = blobs_dir_of(blobs);
    struct blobs_space space;
    enum vt_error err = dir_space(blobs, &space);

    *free_bytes = space.free_bytes;
    if (err != VT_OK)
        return err;
    for (size_t i = 0; i < FOLDER_COUNT; i++)
        if (faccessat(self->data, folders[i], W_OK | X_OK, AT_EACCESS) != 0)
            return VT_ERR_UNAVAILABLE;
    if (space.free_bytes == 0 || (space.files > 0 && space.free_files == 0))
        return VT_ERR_NO_SPACE;
    return probe(self);
}

static void dir_close(struct blobs *blobs)
{
    struct blobs_dir *self = blobs_dir_of(blobs);

    if (self->data >= 0)
        (void)close(self->data);
    free(self);
}

static const struct blobs_ops operations = {
    .stage = blobs_dir_stage,
    .write = dir_write,
    .sync = dir_sync,
    .publish = dir_publish,
    .link = dir_link,
    .discard = dir_discard,
    .open = dir_open,
    .look = dir_look,
    .remove = dir_remove,
    .walk = blobs_dir_walk,
    .walk_strays = blobs_dir_walk_strays,
    .staged = blobs_dir_staged,
    .sweep_stages = blobs_dir_sweep_stages,
    .name = blobs_dir_path,
    .set_aside = blobs_dir_set_aside,
    .space = dir_space,
    .check = dir_check,
    .close = dir_close,
};

enum vt_error blobs_dir_open(const char *data, struct blobs **blobs, struct vt_reason *why)
{
    struct blobs_dir *self = calloc(1, sizeof *self);
    enum vt_error err = VT_OK;

    *blobs = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->base.ops = &operations;
    self->data = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->data < 0)
        err = blobs_dir_fail("open", data);
    for (size_t i = 0; err == VT_OK && i < FOLDER_COUNT; i++)
        err = blobs_dir_make_folders(self, folders[i]);
    if (err != VT_OK) {
        dir_close(&self->base);
        return vt_fail(why, err, "the data folder cannot be used");
    }
    *blobs = &self->base;
    return VT_OK;
}
