/* Resource limits of a worker process. */
#ifndef VITRINE_PROCESS_SANDBOX_LIMITS_H
#define VITRINE_PROCESS_SANDBOX_LIMITS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"

/* Processor seconds of one request. */
#define SANDBOX_REQUEST_SECONDS 120

/* Whether address space is limited: not under AddressSanitizer, which reserves more than there is.
 */
#ifdef __SANITIZE_ADDRESS__
#define SANDBOX_LIMITS_ADDRESS_SPACE false
#else
#define SANDBOX_LIMITS_ADDRESS_SPACE true
#endif

/* The number of processors that this process may use. */
uint64_t sandbox_limits_processors(void);

/* Limits, for good, what this process may have: address space, from the bytes of the largest
 * upload; the size of a file, 64 GB or an upload if that is larger; 64 open files; no core. A file
 * that would grow too large is EFBIG, not a signal. Where a limit is lower already, that stays.
 * VT_ERR_INTERNAL where the kernel does not take one. */
enum vt_error sandbox_limits_set(uint64_t max_upload) VT_MUST_CHECK;

/* Grants this process the processor seconds of one request from now on; a process that has used
 * them up is ended by SIGXCPU. *granted is the caller's to keep, 0 at first: what was granted last.
 * False where what a process may have in its life does not allow for another request: it should
 * make room for a fresh one. */
bool sandbox_limits_grant_request(time_t *granted) VT_MUST_CHECK;

#endif
