/* Landlock: limits which files a process can access, whatever its user's permissions. */
#ifndef VITRINE_PROCESS_SANDBOX_LANDLOCK_H
#define VITRINE_PROCESS_SANDBOX_LANDLOCK_H

#include <stdbool.h>

#include "base/error.h"

/* From now on, for good, this process can change files and folders only below `data`, and can read
 * those and what is at or below the paths of `readable`, a list that ends with NULL; paths that do
 * not exist are skipped. It cannot execute programs or make devices, sockets, pipes or links. If
 * the kernel supports it, the process cannot bind or connect to a TCP port, nor send a signal or
 * connect by an abstract socket to processes outside. Open descriptors are not affected.
 *
 * The kernel must have Landlock (sandbox_probe.h), and no_new_privs must be set. VT_ERR_UNAVAILABLE
 * if `data` does not exist. After any failure, nothing has changed. */
enum vt_error sandbox_landlock_enter(const char *data, const char *const *readable) VT_MUST_CHECK;

/* Makes these rules without entering them. *ruleset is a descriptor for landlock_restrict_self(2),
 * which the caller closes. If data is NULL, nothing can be changed. */
enum vt_error sandbox_landlock_make(const char *data, const char *const *readable,
                                    int *ruleset) VT_MUST_CHECK;

/* A file or folder that may be changed. */
struct sandbox_place {
    const char *path;
    bool only_removes; /* files in the folder may be removed; nothing else is allowed there */
};

/* From now on, for good, this process can change, make, rename and remove only what is at or below
 * these places, a list that ends with one whose path is NULL; what it can read does not change.
 * Places that do not exist are skipped. For a process that has called sandbox_landlock_enter(): an
 * action must then be allowed by both. The rest is as there. */
enum vt_error sandbox_landlock_keep_to(const struct sandbox_place *places) VT_MUST_CHECK;

#endif
