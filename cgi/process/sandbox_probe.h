/* Finds out what the kernel offers for confining a process. */
#ifndef VITRINE_PROCESS_SANDBOX_PROBE_H
#define VITRINE_PROCESS_SANDBOX_PROBE_H

#include <stdbool.h>

#include "base/error.h"

/* The lowest version of Landlock that is usable, of Linux 5.19: before it, a file cannot be renamed
 * from one folder into another, which is how an upload gets to its place. */
#define SANDBOX_LANDLOCK_ABI 2

/* The version of Landlock, or 0 if there is none: not built in, not switched on, or hidden by the
 * filter of a container; errno says which. */
int sandbox_probe_landlock(void);

/* VT_OK if the kernel has everything that the sandbox needs: seccomp with the actions that are
 * used, and Landlock. VT_ERR_UNAVAILABLE if something is missing; *why names it. */
enum vt_error sandbox_probe(struct vt_reason *why) VT_MUST_CHECK;

/* Whether a filter of system calls can be set. Sets errno if not. */
bool sandbox_probe_seccomp(void);

#endif
