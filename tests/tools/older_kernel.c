/* older_kernel NAME... -- PROGRAM [ARGUMENT...]: runs a program as if the kernel lacked the named
 * features:
 *
 *   landlock   its system calls do not exist
 *   seccomp    no filter can be set
 *
 * A filter of system calls, which the program inherits, does this. */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int without(scmp_filter_ctx filter, const char *name)
{
    int code;

    if (strcmp(name, "landlock") == 0)
        return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset),
                                0);
    if (strcmp(name, "seccomp") != 0)
        return -EINVAL;
    code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(seccomp), 0);
    if (code == 0)
        code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                                SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP));
    return code;
}

int main(int argc, char **argv)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int at = 1, code = filter == NULL ? -ENOMEM : 0;

    for (; code == 0 && at < argc && strcmp(argv[at], "--") != 0; at++)
        code = without(filter, argv[at]);
    if (code == 0 && at + 1 >= argc)
        code = -EINVAL;
    if (code == 0)
        code = seccomp_load(filter);
    seccomp_release(filter);
    if (code != 0) {
        (void)fprintf(stderr, "older_kernel: %s\n", strerror(-code));
        return EXIT_FAILURE;
    }
    (void)execvp(argv[at + 1], argv + at + 1);
    perror(argv[at + 1]);
    return EXIT_FAILURE;
}
