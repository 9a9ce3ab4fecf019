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
 * order, then the others, sorted. What begins with a dot is left out, as is the manifest itself. No
 * link is followed. VT_ERR_MALFORMED where the data folder, given by its path, is among it. After
 * any result the caller frees the list. */
enum vt_error import_list_make(int folder, const char *data, const struct manifest *manifest,
                               struct import_list *list, struct vt_reason *why) VT_MUST_CHECK;

void import_list_free(struct import_list *list);

/* Opens one of the paths for reading, part by part, following no link; -1 and errno where that
 * fails. What is open may be no regular file any more. */
int import_list_open(int folder, const char *path);

#endif
