#include "command/archive_out.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define BLOCK (256 * 1024) /* bytes of one write */
#define LAST_BLOCK 10240   /* tar's own block size: a shorter last block is padded */

struct archive_out {
    struct archive *archive;
    struct archive_entry *entry;
    int fd;
    bool (*is_stopped)(void);
    int code;      /* errno of the write that failed; 0 if none has */
    bool given_up; /* what libarchive still writes is discarded */
};

/* Never reports a failure to libarchive, which would not free its memory after one. */
static la_ssize_t write_block(struct archive *archive, void *context, const void *data, size_t len)
{
    struct archive_out *self = context;
    size_t at = 0;

    (void)archive;
    while (!self->given_up && at < len) {
        ssize_t wrote = write(self->fd, (const char *)data + at, len - at);

        if (wrote >= 0) {
            at += (size_t)wrote;
        } else if (errno != EINTR || self->is_stopped()) {
            self->code = errno;
            self->given_up = true;
            if (errno != EINTR)
                log_error("archive: write: %s", strerror(self->code));
        }
    }
    return (la_ssize_t)len;
}

/* The result of a call of libarchive. */
static enum vt_error settle(struct archive_out *self, bool is_good)
{
    if (self->code == EINTR)
        return VT_ERR_STOPPED;
    if (self->code != 0)
        return self->code == EPIPE ? VT_ERR_UNAVAILABLE : vt_error_from_errno(self->code);
    if (is_good)
        return VT_OK;
    log_error("archive: %s", archive_error_string(self->archive));
    return vt_error_from_errno(archive_errno(self->archive));
}

enum vt_error archive_out_new(int fd, bool (*is_stopped)(void), struct archive_out **archive)
{
    struct archive_out *self = calloc(1, sizeof *self);
    enum vt_error err = VT_OK;

    *archive = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->fd = fd;
    self->is_stopped = is_stopped;
    self->archive = archive_write_new();
    self->entry = archive_entry_new();
    if (self->archive == NULL || self->entry == NULL)
        err = VT_ERR_MEMORY;
    /* ustar, with pax headers if something does not fit: every tar reads it. */
    else if (archive_write_set_format_pax_restricted(self->archive) != ARCHIVE_OK ||
             archive_write_set_bytes_per_block(self->archive, BLOCK) != ARCHIVE_OK ||
             archive_write_set_bytes_in_last_block(self->archive, LAST_BLOCK) != ARCHIVE_OK ||
             archive_write_open(self->archive, self, NULL, write_block, NULL) != ARCHIVE_OK)
        err = settle(self, false);
    if (err != VT_OK) {
        archive_out_free(self);
        return err;
    }
    *archive = self;
    return VT_OK;
}

static enum vt_error add(struct archive_out *self, const char *path, unsigned type, mode_t mode,
                         const struct stat *status, int64_t size)
{
    archive_entry_clear(self->entry);
    archive_entry_set_pathname(self->entry, path);
    archive_entry_set_filetype(self->entry, type);
    archive_entry_set_perm(self->entry, mode);
    archive_entry_set_uid(self->entry, status->st_uid);
    archive_entry_set_gid(self->entry, status->st_gid);
    archive_entry_set_mtime(self->entry, status->st_mtim.tv_sec, 0);
    archive_entry_set_size(self->entry, size);
    return settle(self, archive_write_header(self->archive, self->entry) == ARCHIVE_OK);
}

enum vt_error archive_out_folder(struct archive_out *archive, const char *path, mode_t mode,
                                 const struct stat *status)
{
    return add(archive, path, AE_IFDIR, mode, status, 0);
}

enum vt_error archive_out_file(struct archive_out *archive, const char *path, mode_t mode,
                               const struct stat *status)
{
    return add(archive, path, AE_IFREG, mode, status, status->st_size);
}

enum vt_error archive_out_write(struct archive_out *archive, const void *data, size_t len)
{
    la_ssize_t wrote = archive_write_data(archive->archive, data, len);

    /* libarchive writes less if the file has become longer. */
    return settle(archive, wrote >= 0 && (size_t)wrote == len);
}

enum vt_error archive_out_finish(struct archive_out *archive)
{
    return settle(archive, archive_write_close(archive->archive) == ARCHIVE_OK);
}

void archive_out_free(struct archive_out *archive)
{
    if (archive == NULL)
        return;
    /* An unfinished archive must not get an end marker. */
    archive->given_up = true;
    archive_entry_free(archive->entry);
    if (archive->archive != NULL)
        (void)archive_write_free(archive->archive);
    free(archive);
}
