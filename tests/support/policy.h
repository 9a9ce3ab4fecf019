/* Calls ImageMagick, as this process has set it up, without Vitrine's own checks, to test its
 * policy. As in support.h, every function ends the process on failure. */
#ifndef VITRINE_TESTS_SUPPORT_POLICY_H
#define VITRINE_TESTS_SUPPORT_POLICY_H

#include <stdint.h>

#include "support.h"

enum policy_answer {
    POLICY_READ,      /* it returned a picture */
    POLICY_FORBIDDEN, /* its security policy does not allow it */
    POLICY_FAILED     /* anything else */
};

/* Reads what the name, with its prefix, refers to; or, if data is not NULL, reads the data as a
 * file of that name, whose type the library detects. */
enum policy_answer support_policy_read(const char *name, const void *data, size_t len);

/* Writes a picture of one pixel to what the name refers to. */
enum policy_answer support_policy_write(const char *name);

/* The limit in force for a resource, given by its name in the policy. */
uint64_t support_policy_limit(const char *resource);

#endif
