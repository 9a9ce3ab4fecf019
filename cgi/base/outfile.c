#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define OPEN_ATTEMPTS 100

static enum vt_error fail(const char *what)
{
    int code = errno;

    log_error("%s: %s", what, strerror(code));
    return code == ENOENT ? VT_ERR_UNAVAILABLE : vt_error_from_errno(code);
}

/* Whether the name still refers to the open file: the process that held the lock before may have
 * renamed it just now. */
static bool is_still_named(const struct outfile *outfile)
{
    struct stat open_one, named;

    return fstat(outfile->fd, &open_one) == 0 &&
           fstatat(outfile->folder, outfile->partial, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

static void close_it(struct outfile *outfile)
{
    if (outfile->fd >= 0)
        (void)close(outfile->fd);
    outfile->fd = -1;
}

enum vt_error outfile_open(int folder, const char *partial, mode_t mode, struct outfile *outfile,
                           struct vt_reason *why)
{
    *outfile = (struct outfile){folder, -1, ""};
    if (snprintf(outfile->partial, sizeof outfile->partial, "%s", partial) > NAME_MAX)
        return vt_fail(why, VT_ERR_MALFORMED, "the name is too long");
    for (int i = 0; i < OPEN_ATTEMPTS; i++) {
        outfile->fd =
            openat(folder, partial, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode);
        if (outfile->fd < 0) {
            int code = errno;

            return vt_fail(why, fail("open a file to write"), "the file cannot be made: %s",
                           strerror(code));
        }
        if (flock(outfile->fd, LOCK_EX | LOCK_NB) != 0) {
            close_it(outfile);
            return vt_fail(why, VT_ERR_UNAVAILABLE, "another process is writing this file");
        }
        if (is_still_named(outfile)) {
            if (ftruncate(outfile->fd, 0) == 0)
                return VT_OK;
            close_it(outfile);
            return vt_fail(why, VT_ERR_UNAVAILABLE, "the path exists, and is not a regular file");
        }
        close_it(outfile);
    }
    return vt_fail(why, VT_ERR_UNAVAILABLE, "another process is writing this file");
}

enum vt_error outfile_write(struct outfile *outfile, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t wrote = write(outfile->fd, at, len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return fail("write");
        at += wrote;
        len -= (size_t)wrote;
    }
    return VT_OK;
}

/* Renames unless the name is in use. Some file systems cannot do that in one step. */
static int rename_to_free_name(const struct outfile *outfile, const char *name)
{
    struct stat status;

    if (renameat2(outfile->folder, outfile->partial, outfile->folder, name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    if (fstatat(outfile->folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
        return EEXIST;
    if (errno != ENOENT)
        return errno;
    return renameat(outfile->folder, outfile->partial, outfile->folder, name) == 0 ? 0 : errno;
}

enum vt_error outfile_place(struct outfile *outfile, const char *name, bool replace, bool *taken)
{
    int code = 0;

    *taken = false;
    if (fsync(outfile->fd) != 0)
        return fail("sync");
    if (!replace)
        code = rename_to_free_name(outfile, name);
    else if (renameat(outfile->folder, outfile->partial, outfile->folder, name) != 0)
        code = errno;
    if (code == EEXIST) {
        *taken = true;
        return VT_OK;
    }
    if (code == ENAMETOOLONG || code == EINVAL || code == EILSEQ)
        return VT_ERR_MALFORMED;
    if (code != 0) {
        errno = code;
        return fail("rename");
    }
    close_it(outfile);
    return VT_OK;
}

enum vt_error outfile_sync_folder(int folder)
{
    return fsync(folder) == 0 ? VT_OK : fail("sync a folder");
}

void outfile_discard(struct outfile *outfile)
{
    if (outfile->fd < 0)
        return;
    if (unlinkat(outfile->folder, outfile->partial, 0) != 0)
        log_warning("an unfinished file is left: %s", strerror(errno));
    close_it(outfile);
}
