/* The main() of a target in an ordinary build: runs the target once on each file given. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* Targets that need no beginning have none. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int main(int argc, char **argv)
{
    SUPPORT_MUST(LLVMFuzzerInitialize(&argc, &argv) == 0);
    for (int i = 1; i < argc; i++) {
        struct buf file;
        uint8_t *exact; /* so that reading past the end is seen */

        (void)printf("%s\n", argv[i]);
        (void)fflush(stdout);
        support_read_file(argv[i], &file);
        exact = malloc(file.len + (file.len == 0));
        SUPPORT_MUST(exact != NULL);
        if (file.len > 0)
            memcpy(exact, file.data, file.len);
        SUPPORT_MUST(LLVMFuzzerTestOneInput(exact, file.len) == 0);
        free(exact);
        buf_free(&file);
    }
    return 0;
}
