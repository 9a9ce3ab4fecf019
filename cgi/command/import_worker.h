/* Importing files, one by one, in a process that is confined as a worker of the image pool is. What
 * a hostile file can break is that process: it costs the file, and the next process goes on behind
 * it. */
#ifndef VITRINE_COMMAND_IMPORT_WORKER_H
#define VITRINE_COMMAND_IMPORT_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "command/command.h"
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
    const struct manifest *manifest; /* NULL where there is none */
    /* Tells of a file that was not taken, in the process that is at it; err is as
     * gallery_upload_finish() has it. */
    void (*tell)(struct command *admin, const char *path, enum vt_error err, const char *reason);
};

/* Imports all of the list; what is known already is passed over. Ends early, with what is imported
 * staying, where the store cannot be used or the process is asked to end (VT_ERR_STOPPED). */
enum vt_error import_worker_run(const struct import *import, struct import_counts *counts,
                                struct vt_reason *why) VT_MUST_CHECK;

#endif
