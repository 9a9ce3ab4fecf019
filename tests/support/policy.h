/* ImageMagick as this process has set it up, asked past Vitrine's own checks: for the tests of its
 * policy. As in support.h, every function ends the process on failure. */
#ifndef VITRINE_TESTS_SUPPORT_POLICY_H
#define VITRINE_TESTS_SUPPORT_POLICY_H

#include <stdint.h>

#include "support.h"

enum policy_answer {
    POLICY_READ,      /* it gave a picture */
    POLICY_FORBIDDEN, /* its security policy does not allow it */
    POLICY_FAILED     /* anything else */
};

/* Reads what the name says, with its prefix; or, unless data is NULL, the data as a file of that
 * name, of which the kind is found by the library. */
enum policy_answer support_policy_read(const char *name, const void *data, size_t len);

/* Writes a picture of one pixel to where the name says. */
enum policy_answer support_policy_write(const char *name);

/* The limit in force of a resource, by its name in the policy. */
uint64_t support_policy_limit(const char *resource);

#endif
