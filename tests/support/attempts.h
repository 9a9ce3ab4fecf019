/* Actions that the sandbox must prevent. check_sandbox.c attempts them in processes of its own, and
 * attempting_worker.c during a request. */
#ifndef VITRINE_TESTS_SUPPORT_ATTEMPTS_H
#define VITRINE_TESTS_SUPPORT_ATTEMPTS_H

#include <stddef.h>

/* Instead of an errno: SIGSYS ends the process. */
#define ATTEMPT_DEADLY (-1)

struct attempt {
    const char *name;
    /* Returns 0 if it succeeds, else the errno. Paths are below `data`, the data folder, or below
     * `outside`, another folder, which contains a file named `file`. */
    int (*try)(const char *data, const char *outside);
    int api, image; /* the expected result in a worker of that pool */
    int decoder;    /* the expected result in a decoder's child */
};

extern const struct attempt support_attempts[];
extern const size_t support_attempt_count;

#endif
