/* Prepares the memory of a process that is forked to do one job.
 *
 * After a fork, the first access to each page is a fault, in which the kernel maps the code or
 * copies the data while the job waits. So a child brings in all pages at once, before its job
 * comes. That is worth it for a process without an engine; with one there are too many pages. The
 * part of the heap that a picture uses begins with a huge page of its own. */
#ifndef VITRINE_PROCESS_WARM_UP_H
#define VITRINE_PROCESS_WARM_UP_H

#include <stddef.h>
#include <stdint.h>

#define WARM_UP_PARTS 64 /* three each for the program and a dozen libraries, and the heap */

/* The memory to bring in. */
struct warm_up {
    size_t count;
    struct {
        uintptr_t begin;
        size_t len;
        int advice; /* of madvise(2) */
    } parts[WARM_UP_PARTS];
};

/* Called in the process that forks: records what is loaded now, and the heap, which begins at
 * `heap`; and makes the heap continue in pages that a picture does not share with its present
 * content. */
void warm_up_plan(struct warm_up *plan, const void *heap);

/* Called in the forked process: brings the memory in. */
void warm_up_run(const struct warm_up *plan);

#endif
