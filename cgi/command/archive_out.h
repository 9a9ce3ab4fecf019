/* A tar archive, written as it comes. Needs libarchive, which the worker and `vitrine` do without.
 */
#ifndef VITRINE_COMMAND_ARCHIVE_OUT_H
#define VITRINE_COMMAND_ARCHIVE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/error.h"

struct archive_out;

/* Begins an archive on an open file or pipe, which stays the caller's. The caller frees *archive.
 * Where a signal has interrupted a write, is_stopped is asked: every call ends with VT_ERR_STOPPED
 * where it gives true. */
enum vt_error archive_out_new(int fd, bool (*is_stopped)(void),
                              struct archive_out **archive) VT_MUST_CHECK;

/* Adds a folder, with owner and time of the status. */
enum vt_error archive_out_folder(struct archive_out *archive, const char *path, mode_t mode,
                                 const struct stat *status) VT_MUST_CHECK;

/* Begins a file of the status's size, owner and time; as many bytes are to follow. */
enum vt_error archive_out_file(struct archive_out *archive, const char *path, mode_t mode,
                               const struct stat *status) VT_MUST_CHECK;

enum vt_error archive_out_write(struct archive_out *archive, const void *data,
                                size_t len) VT_MUST_CHECK;

/* Ends the archive; what was written is with the kernel then. */
enum vt_error archive_out_finish(struct archive_out *archive) VT_MUST_CHECK;

/* Gives everything back; an archive that was not finished is of no use. NULL is allowed. */
void archive_out_free(struct archive_out *archive);

#endif
