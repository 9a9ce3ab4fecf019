/* Imports files, one by one, in a process that is confined like a worker of the image pool. A
 * hostile file can break only that process: that file is lost, and a new process continues after
 * it. */
#ifndef VITRINE_COMMAND_IMPORT_WORKER_H
#define VITRINE_COMMAND_IMPORT_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "command/command.h"
#include "command/import_beside.h"
#include "command/import_list.h"
#include "command/manifest.h"

struct import_counts {
    uint64_t imported, known, refused;
};

struct import {
    struct command *admin; /* with a gallery that is not open */
    const char *path;      /* of the folder that is imported */
    int folder;            /* the same, open */
    const struct import_list *list;
    const struct import_beside *beside;
    const struct manifest *manifest; /* NULL if there is none; it counts before what is beside */
    /* Reports a file that was not accepted, in the process that imports it; err is from
     * gallery_upload_finish(). */
    void (*tell)(struct command *admin, const char *path, enum vt_error err, const char *reason);
};

/* Imports all files of the list and skips those that are already known. Ends early, keeping what is
 * imported, if the store cannot be used or the process is asked to end (VT_ERR_STOPPED). */
enum vt_error import_worker_run(const struct import *import, struct import_counts *counts,
                                struct vt_reason *why) VT_MUST_CHECK;

#endif
