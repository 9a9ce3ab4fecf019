#include "process/warm_up.h"

#include <link.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE_PAGE ((uintptr_t)1 << 21) /* where huge pages are larger, only time is lost */

/* Adds a range of whole pages. If the plan is full, its pages are brought in by faults. */
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

/* The end of the part, at the beginning of an object's writable segment, that is read-only after
 * relocation. */
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

#define HEADER 256 /* bytes; at least what malloc() writes after a block */

/* Makes malloc() continue just before a huge page begins, and returns the end of the heap that is
 * in use. The space in between is never touched, and so takes no memory. Neither is the huge page,
 * which a child would otherwise have to copy in small pages. */
static uintptr_t skip_to_huge_page(void)
{
    static void *skipped; /* never freed */
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
    /* Kernels before Linux 5.14 do not know this advice; then only time is lost. */
    for (size_t i = 0; i < plan->count; i++)
        (void)madvise((void *)plan->parts[i].begin, plan->parts[i].len, plan->parts[i].advice);
}
