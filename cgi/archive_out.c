#include "archive_out.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define BLOCK (256 * 1024) /* of one write */
#define LAST_BLOCK 10240   /* tar's own: what is short of it is filled up */

struct archive_out {
    struct archive *archive;
    struct archive_entry *entry;
};

static enum vt_error fail(struct archive_out *self)
{
    int code = archive_errno(self->archive);

    log_error("archive: %s: %s", archive_error_string(self->archive), strerror(code));
    return code == EPIPE ? VT_ERR_UNAVAILABLE : vt_error_from_errno(code);
}

enum vt_error archive_out_new(int fd, struct archive_out **archive)
{
    struct archive_out *self = calloc(1, sizeof *self);
    enum vt_error err = VT_OK;

    *archive = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->archive = archive_write_new();
    self->entry = archive_entry_new();
    if (self->archive == NULL || self->entry == NULL)
        err = VT_ERR_MEMORY;
    /* ustar, with pax headers where something does not fit: any tar reads it. */
    else if (archive_write_set_format_pax_restricted(self->archive) != ARCHIVE_OK ||
             archive_write_set_bytes_per_block(self->archive, BLOCK) != ARCHIVE_OK ||
             archive_write_set_bytes_in_last_block(self->archive, LAST_BLOCK) != ARCHIVE_OK ||
             archive_write_open_fd(self->archive, fd) != ARCHIVE_OK)
        err = fail(self);
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
    return archive_write_header(self->archive, self->entry) == ARCHIVE_OK ? VT_OK : fail(self);
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

    if (wrote < 0)
        return fail(archive);
    return (size_t)wrote == len ? VT_OK : VT_ERR_INTERNAL; /* the file has become longer */
}

enum vt_error archive_out_finish(struct archive_out *archive)
{
    return archive_write_close(archive->archive) == ARCHIVE_OK ? VT_OK : fail(archive);
}

void archive_out_free(struct archive_out *archive)
{
    if (archive == NULL)
        return;
    archive_entry_free(archive->entry);
    /* Else it would write the end of an archive that was given up. */
    if (archive->archive != NULL) {
        (void)archive_write_fail(archive->archive);
        (void)archive_write_free(archive->archive);
    }
    free(archive);
}
