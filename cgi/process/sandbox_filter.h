/* Filters of system calls, as the kernel takes them.
 *
 * libseccomp makes a filter from thousands of small pieces of memory. They would leave holes in the
 * heap of a process that keeps running, and each page of these would stay its own. So filters are
 * made in a process that ends at once, and come back through a pipe. */
#ifndef VITRINE_PROCESS_SANDBOX_FILTER_H
#define VITRINE_PROCESS_SANDBOX_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a filter is made. */
struct sandbox_filter_plan {
    uint32_t otherwise; /* the action for a call without a rule: SCMP_ACT_... */
    /* Adds the rules to a filter of libseccomp. Returns 0 or a negative errno. */
    int (*add)(void *filter, const void *context);
    const void *context;
};

/* Makes the filters of these plans, up to SANDBOX_FILTERS. The caller owns programs[i].filter and
 * passes it to free(3), also after a failure. Returns 0 or a negative errno. */
#define SANDBOX_FILTERS 3
int sandbox_filter_make(const struct sandbox_filter_plan *plans, size_t count,
                        struct sock_fprog *programs);

/* Filters the calls of this process for good. If `logs`, the kernel logs the calls that are
 * refused. Returns 0 or a negative errno. */
int sandbox_filter_enter(const struct sock_fprog *program, bool logs);

#endif
