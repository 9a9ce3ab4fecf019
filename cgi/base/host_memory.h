/* How much memory the machine, or this process's control group, has. */
#ifndef VITRINE_BASE_HOST_MEMORY_H
#define VITRINE_BASE_HOST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of memory, or 0 if that cannot be found out. *is_group is set if the process's control
 * group (version 1 or 2), or one above it, allows less than the machine has: that memory is for
 * this service alone. root is the folder that contains proc/ and sys/: "" except in tests. */
uint64_t host_memory(const char *root, bool *is_group);

/* The default limit, in bytes, of what all decodes together may use: three quarters of a control
 * group's limit, or half of the machine's memory, or 512 MB if neither is known. */
uint64_t host_memory_for_decodes(const char *root);

#endif
