/* A file that gets its name once it is whole: until then it is another one beside it, which a later
 * run writes over. */
#ifndef VITRINE_BASE_OUTFILE_H
#define VITRINE_BASE_OUTFILE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct outfile {
    int folder, fd;             /* fd is open for writing, and -1 where there is none */
    char partial[NAME_MAX + 1]; /* its name until it is placed */
};

#define OUTFILE_INIT ((struct outfile){-1, -1, ""})

/* Opens the file of that name in the folder, empties it, and keeps others from doing the same: it
 * must be the caller's alone to name. The folder stays the caller's. VT_ERR_UNAVAILABLE where
 * somebody is writing it. */
enum vt_error outfile_open(int folder, const char *partial, mode_t mode, struct outfile *outfile,
                           struct vt_reason *why) VT_MUST_CHECK;

/* Makes the content durable and gives it its name, in one step; whether the name is durable is for
 * outfile_sync_folder(). Where there is such a file and it is not to be replaced, *taken is set,
 * and nothing is done; so it is with VT_ERR_MALFORMED, where the file system has no such names. The
 * outfile is closed afterwards unless it was not placed. */
enum vt_error outfile_place(struct outfile *outfile, const char *name, bool replace,
                            bool *taken) VT_MUST_CHECK;

/* Makes the names in a folder durable. */
enum vt_error outfile_sync_folder(int folder) VT_MUST_CHECK;

/* Removes what was not placed. Safe on OUTFILE_INIT and twice. */
void outfile_discard(struct outfile *outfile);

/* Writes all of it. */
enum vt_error outfile_write(struct outfile *outfile, const void *data, size_t len) VT_MUST_CHECK;

#endif
