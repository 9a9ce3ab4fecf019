/* A tar archive, written as a stream. Needs libarchive, which the worker and `vitrine` do not use.
 */
#ifndef VITRINE_COMMAND_ARCHIVE_OUT_H
#define VITRINE_COMMAND_ARCHIVE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/error.h"

struct archive_out;

/* Begins an archive on an open file or pipe, which the caller still owns. The caller frees
 * *archive. Any call in which a signal interrupts a write calls is_stopped, and ends with
 * VT_ERR_STOPPED if that returns true. */
enum vt_error archive_out_new(int fd, bool (*is_stopped)(void),
                              struct archive_out **archive) VT_MUST_CHECK;

/* Adds a folder with the owner and time of the status. */
enum vt_error archive_out_folder(struct archive_out *archive, const char *path, mode_t mode,
                                 const struct stat *status) VT_MUST_CHECK;

/* Begins a file with the size, owner and time of the status; that many bytes must follow. */
enum vt_error archive_out_file(struct archive_out *archive, const char *path, mode_t mode,
                               const struct stat *status) VT_MUST_CHECK;

enum vt_error archive_out_write(struct archive_out *archive, const void *data,
                                size_t len) VT_MUST_CHECK;

/* Ends the archive; all that was written has then been handed to the kernel. */
enum vt_error archive_out_finish(struct archive_out *archive) VT_MUST_CHECK;

/* Frees everything; an archive that was not finished is unusable. NULL is allowed. */
void archive_out_free(struct archive_out *archive);

#endif
