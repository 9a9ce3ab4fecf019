/* What the kernel offers a process that wants to be confined. */
#ifndef VITRINE_PROCESS_SANDBOX_PROBE_H
#define VITRINE_PROCESS_SANDBOX_PROBE_H

#include <stdbool.h>

#include "base/error.h"

/* The least version of Landlock that is of use: before it, a file cannot be renamed from one folder
 * into another, and that is how an upload comes into place. Linux 5.19. */
#define SANDBOX_LANDLOCK_ABI 2

/* The version of Landlock, or 0 where there is none: not built in, not switched on, or hidden by
 * the filter of a container; errno says which. */
int sandbox_probe_landlock(void);

/* VT_OK where the kernel has all that the sandbox is made of: seccomp with the actions that are
 * used, and Landlock. VT_ERR_UNAVAILABLE where something lacks; *why names it. */
enum vt_error sandbox_probe(struct vt_reason *why) VT_MUST_CHECK;

/* Whether a filter of system calls can be set. Sets errno where it cannot. */
bool sandbox_probe_seccomp(void);

#endif
