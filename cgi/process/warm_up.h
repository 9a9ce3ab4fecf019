/* Memory for a process that is forked to do one job.
 *
 * After a fork, every page is met for the first time: the kernel finds the code, copies the data,
 * one fault each, while the job waits. So a child has it all brought in at once, before its job
 * comes. That is worth it for a process without an engine; with one there is too much of it. What a
 * picture takes of the heap begins with a huge page that is its own. */
#ifndef VITRINE_PROCESS_WARM_UP_H
#define VITRINE_PROCESS_WARM_UP_H

#include <stddef.h>
#include <stdint.h>

#define WARM_UP_PARTS 64 /* three for the program and each of a dozen libraries, and the heap */

/* What there is to bring in. */
struct warm_up {
    size_t count;
    struct {
        uintptr_t begin;
        size_t len;
        int advice; /* of madvise(2) */
    } parts[WARM_UP_PARTS];
};

/* Looks, in the process that forks, at what is loaded now, and at the heap, which begins there; and
 * has the heap go on in pages that no picture has to share with what is there. */
void warm_up_plan(struct warm_up *plan, const void *heap);

/* Brings it in, in the process that was forked. */
void warm_up_run(const struct warm_up *plan);

#endif
