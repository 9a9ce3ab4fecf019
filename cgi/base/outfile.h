/* A file that gets its name only once it is complete. Until then it has another name in the same
 * folder, and a later run overwrites it. */
#ifndef VITRINE_BASE_OUTFILE_H
#define VITRINE_BASE_OUTFILE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct outfile {
    int folder, fd;             /* fd is open for writing, or -1 if there is no file */
    char partial[NAME_MAX + 1]; /* its name until it is placed */
};

#define OUTFILE_INIT ((struct outfile){-1, -1, ""})

/* Opens the file named `partial` in the folder, truncates it, and keeps others from doing the same.
 * No other code may use that name. The folder stays the caller's. VT_ERR_UNAVAILABLE if another
 * process is writing the file. */
enum vt_error outfile_open(int folder, const char *partial, mode_t mode, struct outfile *outfile,
                           struct vt_reason *why) VT_MUST_CHECK;

/* Makes the content durable, then gives the file its name atomically; outfile_sync_folder() makes
 * the name durable. If a file of that name exists and `replace` is false, *taken is set and the
 * file is not placed. VT_ERR_MALFORMED if the file system does not allow such a name; the file is
 * not placed then either. The outfile is closed once it is placed, and stays open otherwise. */
enum vt_error outfile_place(struct outfile *outfile, const char *name, bool replace,
                            bool *taken) VT_MUST_CHECK;

/* Makes the names in a folder durable. */
enum vt_error outfile_sync_folder(int folder) VT_MUST_CHECK;

/* Removes a file that was not placed. Safe on OUTFILE_INIT, and safe to call twice. */
void outfile_discard(struct outfile *outfile);

/* Writes all len bytes. */
enum vt_error outfile_write(struct outfile *outfile, const void *data, size_t len) VT_MUST_CHECK;

#endif
