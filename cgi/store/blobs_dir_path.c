/* Paths and folders of the data folder: paths are built from checked parts, folders are synced and
 * read. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/blobs_dir.h"
#include "store/record.h"

#define FOLDER_MODE 0750 /* nginx reads as the same user or group */

/* Logs the details, which the client is not told, and maps the code. */
enum vt_error blobs_dir_fail(const char *what, const char *path)
{
    int code = errno;

    log_error("blobs: %s %s: %s", what, path, strerror(code));
    /* If a part of the store itself is missing, that is not a missing image. */
    return code == ENOENT ? VT_ERR_UNAVAILABLE : vt_error_from_errno(code);
}

/* The folder of a key's blob: "uploads/ab" or "thumbs/320/ab". */
void blobs_dir_folder(const struct blob_key *key, char out[BLOB_PATH_SIZE])
{
    if (key->size == 0)
        (void)snprintf(out, BLOB_PATH_SIZE, "uploads/%.2s", key->id);
    else
        (void)snprintf(out, BLOB_PATH_SIZE, "thumbs/%u/%.2s", key->size, key->id);
}

bool blobs_dir_is_extension(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && len <= 8 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789") == len;
}

enum vt_error blobs_dir_path(const struct blob_key *key, char out[BLOB_PATH_SIZE])
{
    size_t len;

    if (!record_is_id(key->id) || !blobs_dir_is_extension(key->extension))
        return VT_ERR_INTERNAL;
    blobs_dir_folder(key, out);
    len = strlen(out);
    (void)snprintf(out + len, BLOB_PATH_SIZE - len, "/%s.%s", key->id, key->extension);
    return VT_OK;
}

enum vt_error blobs_dir_sync_folder(struct blobs_dir *self, const char *path)
{
    int fd = openat(self->data, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum vt_error err = VT_OK;

    if (fd < 0)
        return blobs_dir_fail("open", path);
    if (fsync(fd) != 0)
        err = blobs_dir_fail("sync", path);
    (void)close(fd);
    return err;
}

/* Makes a folder and its parents, durably: until the folder that holds it is synced, a crash loses
 * a new entry. */
enum vt_error blobs_dir_make_folders(struct blobs_dir *self, const char *path)
{
    char part[BLOB_PATH_SIZE], parent[BLOB_PATH_SIZE] = ".";

    for (const char *end = path;; end++) {
        enum vt_error err;

        end += strcspn(end, "/");
        (void)snprintf(part, sizeof part, "%.*s", (int)(end - path), path);
        if (mkdirat(self->data, part, FOLDER_MODE) == 0) {
            err = blobs_dir_sync_folder(self, parent);
            if (err != VT_OK)
                return err;
        } else if (errno != EEXIST) {
            return blobs_dir_fail("make", part);
        }
        if (*end == '\0')
            return VT_OK;
        memcpy(parent, part, sizeof parent);
    }
}

enum vt_error blobs_dir_each(struct blobs_dir *self, const char *path, blobs_dir_step step,
                             void *context)
{
    int fd = openat(self->data, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    enum vt_error err = VT_OK;
    DIR *dir;

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? VT_OK
                                                                     : blobs_dir_fail("read", path);
    dir = fdopendir(fd);
    if (dir == NULL) {
        (void)close(fd);
        return blobs_dir_fail("read", path);
    }
    while (err == VT_OK) {
        struct dirent *entry;

        errno = 0;
        entry = readdir(dir);
        if (entry == NULL) {
            if (errno != 0)
                err = blobs_dir_fail("read", path);
            break;
        }
        if (entry->d_name[0] != '.')
            err = step(context, path, entry->d_name);
    }
    (void)closedir(dir);
    return err;
}
