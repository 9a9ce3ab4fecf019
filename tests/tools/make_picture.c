/* make_picture CODER FILE [name=number ...]: writes a picture made by support_picture() to a file,
 * for the end-to-end tests. Names: width height frames orientation seed alpha noise. The coder
 * SCANS calls forged_scans() with that width. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/forged.h"
#include "../support/support.h"

int main(int argc, char **argv)
{
    struct picture picture = {0};
    struct buf bytes = BUF_INIT;

    if (argc < 3) {
        (void)fprintf(stderr, "usage: make_picture CODER FILE [name=number ...]\n");
        return EXIT_FAILURE;
    }
    picture.coder = argv[1];
    for (int i = 3; i < argc; i++) {
        unsigned number;
        char name[16];

        if (sscanf(argv[i], "%15[a-z]=%u", name, &number) != 2) {
            (void)fprintf(stderr, "make_picture: what is %s?\n", argv[i]);
            return EXIT_FAILURE;
        }
        if (strcmp(name, "width") == 0)
            picture.width = number;
        else if (strcmp(name, "height") == 0)
            picture.height = number;
        else if (strcmp(name, "frames") == 0)
            picture.frames = number;
        else if (strcmp(name, "orientation") == 0)
            picture.orientation = number;
        else if (strcmp(name, "seed") == 0)
            picture.seed = number;
        else if (strcmp(name, "alpha") == 0)
            picture.alpha = number != 0;
        else if (strcmp(name, "noise") == 0)
            picture.noise = number != 0;
        else
            return EXIT_FAILURE;
    }
    if (strcmp(picture.coder, "SCANS") == 0)
        forged_scans(picture.width, &bytes);
    else
        support_picture(&picture, &bytes);
    support_write_file(argv[2], bytes.data, bytes.len);
    buf_free(&bytes);
    return EXIT_SUCCESS;
}
