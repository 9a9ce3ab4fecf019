/* Landlock: which files a process can reach, whatever its user may. */
#ifndef VITRINE_SANDBOX_LANDLOCK_H
#define VITRINE_SANDBOX_LANDLOCK_H

#include "error.h"

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

#endif
