/* Limits which system calls a worker can make. */
#ifndef VITRINE_PROCESS_SANDBOX_SECCOMP_H
#define VITRINE_PROCESS_SANDBOX_SECCOMP_H

#include <stdbool.h>

#include "base/error.h"

/* From now on, for good, this process and its threads can make only the calls that a worker is
 * known to need. Any other call fails with EPERM, and the kernel logs it. A call that no worker has
 * a reason for, such as execve or ptrace, ends the process by SIGSYS, which is logged as well.
 *
 * `has_decoder`: the process passes descriptors to a decoder (decoder.h) and waits for it. No
 * memory can be made executable, no file mapped as executable, and no thread or process started.
 *
 * The kernel must have seccomp (sandbox_probe.h), and no_new_privs must be set. VT_ERR_MEMORY or
 * VT_ERR_UNAVAILABLE if the filter cannot be set; nothing has changed then. */
enum vt_error sandbox_seccomp_enter(bool has_decoder) VT_MUST_CHECK;

/* ---- for the decoder's filters: sandbox_decoder.c ---- */

/* Adds the calls that end the process to a filter of libseccomp. Returns 0 or a negative errno. */
int sandbox_seccomp_add_deadly(void *filter);

/* Adds the rule by which libc is told that there is no clone3, so that it calls clone: a filter
 * cannot examine the flags of clone3. For struct sandbox_filter_plan. */
int sandbox_seccomp_refuse_clone3(void *filter, const void *context);

#endif
