#include "decoder_warm_up.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of the heap, what the host has in it and a small picture takes. Its end is far off: malloc asks
 * for room for huge pages. */
#define HEAP_BYTES 196608

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

void warm_up_plan(struct warm_up *plan, const void *heap)
{
    size_t len = (size_t)((const char *)sbrk(0) - (const char *)heap);

    plan->count = 0;
    add(plan, (uintptr_t)heap, (uintptr_t)heap + (len < HEAP_BYTES ? len : HEAP_BYTES),
        MADV_POPULATE_WRITE);
    (void)dl_iterate_phdr(add_object, plan);
}

void warm_up_run(const struct warm_up *plan)
{
    /* Where the kernel does not know it, before Linux 5.14, nothing is lost but time. */
    for (size_t i = 0; i < plan->count; i++)
        (void)madvise((void *)plan->parts[i].begin, plan->parts[i].len, plan->parts[i].advice);
}
