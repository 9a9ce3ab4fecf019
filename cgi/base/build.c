#include "base/build.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ALIGNED(size) (((size_t)(size) + 3) & ~(size_t)3)

/* Looks for the build id among the notes of one segment. */
static bool read_notes(const char *at, size_t len, char out[BUILD_TAG_SIZE])
{
    ElfW(Nhdr) head;

    while (len >= sizeof head) {
        size_t name, description;

        memcpy(&head, at, sizeof head);
        name = ALIGNED(head.n_namesz);
        description = ALIGNED(head.n_descsz);
        if (len - sizeof head < name || len - sizeof head - name < description)
            return false;
        at += sizeof head;
        if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == sizeof ELF_NOTE_GNU &&
            memcmp(at, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) == 0 && head.n_descsz >= 4) {
            const unsigned char *id = (const unsigned char *)at + name;

            (void)snprintf(out, BUILD_TAG_SIZE, "%02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
            return true;
        }
        at += name + description;
        len -= sizeof head + name + description;
    }
    return false;
}

/* The first object is the program itself; returning 1 ends the walk there. */
static int read_program(struct dl_phdr_info *info, size_t size, void *out)
{
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];

        if (part->p_type == PT_NOTE &&
            read_notes((const char *)(uintptr_t)(info->dlpi_addr + part->p_vaddr), part->p_memsz,
                       out))
            break;
    }
    return 1;
}

const char *build_tag(void)
{
    static char tag[BUILD_TAG_SIZE];

    if (tag[0] == '\0')
        (void)dl_iterate_phdr(read_program, tag);
    if (tag[0] == '\0')
        (void)snprintf(tag, sizeof tag, "0%.7s", PACKAGE_VERSION);
    return tag;
}
