/* What a worker in the sandbox must not get away with: tried by check_sandbox.c in processes of its
 * own, and by attempting_worker.c in the midst of a request. */
#ifndef VITRINE_TESTS_SUPPORT_ATTEMPTS_H
#define VITRINE_TESTS_SUPPORT_ATTEMPTS_H

#include <stddef.h>

/* In place of an errno: the process is ended by SIGSYS. */
#define ATTEMPT_DEADLY (-1)

struct attempt {
    const char *name;
    /* Gives 0 where it succeeds, else the errno. Paths are below data, the data folder, or
     * outside, another one, which holds a file named `file`. */
    int (*try)(const char *data, const char *outside);
    int api, image; /* what it has to come to in a worker of that pool */
    int decoder;    /* and in a decoder's child */
};

extern const struct attempt support_attempts[];
extern const size_t support_attempt_count;

#endif
