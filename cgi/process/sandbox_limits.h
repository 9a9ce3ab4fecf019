/* Resource limits of a worker process. */
#ifndef VITRINE_PROCESS_SANDBOX_LIMITS_H
#define VITRINE_PROCESS_SANDBOX_LIMITS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"

/* Processor seconds that one request may use. */
#define SANDBOX_REQUEST_SECONDS 120

/* Whether address space is limited: not under AddressSanitizer, which reserves more than the
 * machine has. */
#ifdef __SANITIZE_ADDRESS__
#define SANDBOX_LIMITS_ADDRESS_SPACE false
#else
#define SANDBOX_LIMITS_ADDRESS_SPACE true
#endif

/* The number of processors that this process may use. */
uint64_t sandbox_limits_processors(void);

/* Limits this process's resources, for good: address space, computed from the bytes of the largest
 * upload; the size of a file, to 64 GB, or to an upload if that is larger; open files, to 192; core
 * dumps, to none. A write that would make a file too large fails with EFBIG and raises no signal. A
 * limit that is lower already stays. VT_ERR_INTERNAL if the kernel refuses a limit. */
enum vt_error sandbox_limits_set(uint64_t max_upload) VT_MUST_CHECK;

/* Grants this process the processor seconds of one request from now on; SIGXCPU ends a process that
 * has used them up. *granted is what was granted last; the caller keeps it, and it is 0 at first.
 * Returns false if the limit for the whole process leaves too little for another request: the
 * process should then end and be replaced by a fresh one. */
bool sandbox_limits_grant_request(time_t *granted) VT_MUST_CHECK;

#endif
