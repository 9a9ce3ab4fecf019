/* What a decoder can no longer do: far less than a worker. The host forks children and reads
 * libraries; a child computes, reads the file that it has open and writes to the pipes that it has
 * open, and can open, start, reach and signal nothing.
 *
 * As sandbox.h has it, a layer that the kernel lacks is done without: the worker has said so, or
 * has refused to start. */
#ifndef VITRINE_PROCESS_SANDBOX_DECODER_H
#define VITRINE_PROCESS_SANDBOX_DECODER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* What a child is confined by, made ready in the host: that takes a millisecond, and is the same
 * for each of them. */
struct sandbox_decoder {
    bool is_on;
    struct sock_fprog filter; /* of no instructions where the kernel has no filters */
    int ruleset;              /* -1 where it has no Landlock */
};

/* Confines this process, the host, for good, and fills *child. From here on it can read libraries,
 * ImageMagick's settings, and the two folders; fork; and wait for its children, limit and end them.
 * It can write no file, open no socket and execute nothing. Does nothing where is_on is false.
 * VT_ERR_UNAVAILABLE or VT_ERR_MEMORY where a layer that the kernel has cannot be set. */
enum vt_error sandbox_decoder_host(bool is_on, const char *module_dir, const char *policy_dir,
                                   struct sandbox_decoder *child) VT_MUST_CHECK;

/* Confines this process, a child of the host, for good. */
enum vt_error sandbox_decoder_child(const struct sandbox_decoder *child) VT_MUST_CHECK;

/* The address space that a decode may need whatever it decodes, beyond what its host has: threads,
 * of which a codec may start one for each processor, and buffers. */
uint64_t sandbox_decoder_overhead(void);

/* Limits, for good, a child that waits for its job: address space to so many bytes, processor
 * seconds, of each thread that it may have, to so many. */
enum vt_error sandbox_decoder_limit(pid_t child, uint64_t memory, unsigned seconds) VT_MUST_CHECK;

#endif
