/* The files of a folder that are to be imported. */
#ifndef VITRINE_COMMAND_IMPORT_LIST_H
#define VITRINE_COMMAND_IMPORT_LIST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "command/manifest.h"

struct import_list {
    char **paths; /* relative to the folder */
    size_t count, room;
    uint64_t passed_over; /* links, devices and the like, and folders that are too deep */
};

#define IMPORT_LIST_INIT ((struct import_list){NULL, 0, 0, 0})

/* Lists the regular files below the open folder: those of the manifest, which may be NULL, in its
 * order, then the others, sorted. Names that begin with a dot are left out, as is the manifest
 * itself. Links are not followed. VT_ERR_MALFORMED if the data folder, given by its path, is
 * inside. The caller frees the list after any result. */
enum vt_error import_list_make(int folder, const char *data, const struct manifest *manifest,
                               struct import_list *list, struct vt_reason *why) VT_MUST_CHECK;

void import_list_free(struct import_list *list);

/* Opens one of the paths for reading, component by component, without following links; -1 and errno
 * if that fails. What was opened may no longer be a regular file. */
int import_list_open(int folder, const char *path);

#endif
