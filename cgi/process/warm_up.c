#include "process/warm_up.h"

#include <link.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE_PAGE ((uintptr_t)1 << 21) /* where they are larger, nothing is lost but time */

/* A range of whole pages; what is beyond the plan's room is left to faults. */
static void add(struct warm_up *plan, uintptr_t begin, uintptr_t end, int advice)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    begin -= begin % page;
    if (begin >= end || plan->count == WARM_UP_PARTS)
        return;
    plan->parts[plan->count].begin = begin;
    plan->parts[plan->count].len = end - begin;
    plan->parts[plan->count].advice = advice;
    plan->count++;
}

/* What of an object's writable part can no longer be written to: its beginning. */
static uintptr_t end_of_relocated(const struct dl_phdr_info *info)
{
    for (unsigned i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO)
            return info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
    return 0;
}

/* Called for the program and each of its libraries. */
static int add_object(struct dl_phdr_info *info, size_t size, void *context)
{
    struct warm_up *plan = context;
    uintptr_t relocated = end_of_relocated(info);

    (void)size;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t begin = info->dlpi_addr + part->p_vaddr, end = begin + part->p_memsz;

        if (part->p_type != PT_LOAD)
            continue;
        if ((part->p_flags & PF_W) == 0)
            add(plan, begin, end, MADV_POPULATE_READ);
        else
            add(plan, begin > relocated ? begin : relocated, end, MADV_POPULATE_WRITE);
    }
    return 0;
}

#define HEADER 256 /* bytes, at least what malloc() writes behind what it gives */

/* Has malloc() go on just before a huge page begins, and gives the end of what is in use. The room
 * up to there is never touched, and so takes no memory. Nor is the huge page, which a child would
 * have to copy in small ones. */
static uintptr_t skip_to_huge_page(void)
{
    static void *skipped; /* for good */
    uintptr_t end = (uintptr_t)sbrk(0) - mallinfo2().keepcost;

    if (skipped == NULL)
        skipped = malloc((2 * HUGE_PAGE - end - HEADER) % HUGE_PAGE);
    return end;
}

void warm_up_plan(struct warm_up *plan, const void *heap)
{
    plan->count = 0;
    add(plan, (uintptr_t)heap, skip_to_huge_page(), MADV_POPULATE_WRITE);
    (void)dl_iterate_phdr(add_object, plan);
}

void warm_up_run(const struct warm_up *plan)
{
    /* Where the kernel does not know it, before Linux 5.14, nothing is lost but time. */
    for (size_t i = 0; i < plan->count; i++)
        (void)madvise((void *)plan->parts[i].begin, plan->parts[i].len, plan->parts[i].advice);
}
