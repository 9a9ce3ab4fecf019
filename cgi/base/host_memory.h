/* How much memory the machine has, or the control group that this process is in. */
#ifndef VITRINE_BASE_HOST_MEMORY_H
#define VITRINE_BASE_HOST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of memory, or 0 where nothing tells. *is_group is set where a control group (version 1 or
 * 2, or one above it) allows less than the machine has: that much is for this service alone. root
 * is "" but in tests: the folder that proc/ and sys/ lie in. */
uint64_t host_memory(const char *root, bool *is_group);

/* What all decodes may take where the operator has not said: three quarters of a control group's
 * limit, half of a machine's memory, 512 MB where neither is known. */
uint64_t host_memory_for_decodes(const char *root);

#endif
