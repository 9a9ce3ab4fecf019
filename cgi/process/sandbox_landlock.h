/* Landlock: which files a process can reach, whatever its user may. */
#ifndef VITRINE_PROCESS_SANDBOX_LANDLOCK_H
#define VITRINE_PROCESS_SANDBOX_LANDLOCK_H

#include <stdbool.h>

#include "base/error.h"

/* From here on, for good, this process can change files and folders below `data` only, and read
 * those and what is in or below the paths of `readable`, which ends with a NULL; of these, what is
 * not there is passed over. Nothing can be executed, no device, socket, pipe or link be made. Where
 * the kernel has it, no TCP port can be bound or connected to, and no process outside be sent
 * a signal or found by an abstract socket. Descriptors that are open stay as they are.
 *
 * The kernel must have Landlock (sandbox_probe.h), and no_new_privs be set. VT_ERR_UNAVAILABLE
 * where data is not there. After any failure, nothing has changed. */
enum vt_error sandbox_landlock_enter(const char *data, const char *const *readable) VT_MUST_CHECK;

/* Makes these rules without entering them: *ruleset is a descriptor for landlock_restrict_self(2),
 * the caller's. Where data is NULL, nothing can be changed. */
enum vt_error sandbox_landlock_make(const char *data, const char *const *readable,
                                    int *ruleset) VT_MUST_CHECK;

/* A file or folder that may be changed. */
struct sandbox_place {
    const char *path;
    bool only_removes; /* of what is in the folder, files may be removed and nothing else be done */
};

/* From here on, for good, this process can change, make, rename and remove nothing but what is in
 * or below these places, which end with one whose path is NULL; what it can read stays as it is.
 * One that is not there is passed over. For a process that has entered the one above: each allows
 * only what the other allows, too. The rest is as there. */
enum vt_error sandbox_landlock_keep_to(const struct sandbox_place *places) VT_MUST_CHECK;

#endif
