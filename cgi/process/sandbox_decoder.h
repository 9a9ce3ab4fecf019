/* Confines a decoder, far more tightly than a worker. The host can fork children and read
 * libraries. A child can compute, read its open file and write to its open pipes; it cannot open,
 * start, connect to or signal anything.
 *
 * As in sandbox.h, a layer that the kernel lacks is skipped: the worker has logged that, or has
 * refused to start. */
#ifndef VITRINE_PROCESS_SANDBOX_DECODER_H
#define VITRINE_PROCESS_SANDBOX_DECODER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* The rules that are entered later. They are prepared once, as that takes milliseconds and memory,
 * and are the same for each host and each child. */
struct sandbox_decoder {
    bool is_on;
    struct sock_fprog filter; /* a child's; without instructions if the kernel has no filters */
    int host_ruleset, child_ruleset; /* -1 if the kernel has no Landlock */
};

/* Limits the system calls of this process and of those that it forks, for good, and fills *sandbox.
 * From then on they can read files; fork; and wait for, limit and end their children. They cannot
 * write files, open sockets or execute programs. Does nothing else if is_on is false.
 * VT_ERR_UNAVAILABLE or VT_ERR_MEMORY if a layer that the kernel has cannot be set. */
enum vt_error sandbox_decoder_calls(bool is_on, const char *module_dir, const char *policy_dir,
                                    struct sandbox_decoder *sandbox) VT_MUST_CHECK;

/* Limits, for good, the files that this process, a host, can open to libraries, ImageMagick's
 * settings, and the two folders. */
enum vt_error sandbox_decoder_files(struct sandbox_decoder *sandbox) VT_MUST_CHECK;

/* Confines this process, a child of the host, for good. */
enum vt_error sandbox_decoder_child(const struct sandbox_decoder *sandbox) VT_MUST_CHECK;

/* The address space in bytes that any decode may need beyond what its host has: for threads, of
 * which a codec may start one for each processor, and for buffers. */
uint64_t sandbox_decoder_overhead(void);

/* Limits, for good, a child that waits for its job: its address space to `memory` bytes, and its
 * processor time to `seconds` for each thread that it may have. */
enum vt_error sandbox_decoder_limit(pid_t child, uint64_t memory, unsigned seconds) VT_MUST_CHECK;

#endif
