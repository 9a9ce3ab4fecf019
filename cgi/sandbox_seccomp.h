/* Which system calls a worker can make. */
#ifndef VITRINE_SANDBOX_SECCOMP_H
#define VITRINE_SANDBOX_SECCOMP_H

#include <stdbool.h>

#include "error.h"

/* From here on, for good, this process and its threads make only the calls that a worker is known
 * to need. Any other one fails with EPERM and is a line of the kernel's log; one that no worker has
 * a reason for, such as execve or ptrace, ends the process by SIGSYS, which is logged as well.
 *
 * `decodes`: the process loads libraries and starts threads. Else neither is allowed. No memory is
 * ever both writable and executable, or made executable.
 *
 * The kernel must have seccomp (sandbox_probe.h), and no_new_privs be set. VT_ERR_MEMORY or
 * VT_ERR_UNAVAILABLE where the filter cannot be set; nothing has changed then. */
enum vt_error sandbox_seccomp_enter(bool decodes) VT_MUST_CHECK;

#endif
