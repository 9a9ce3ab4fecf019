/* vitrine gc */
#include <stdio.h>

#include "command/command.h"
#include "command/commands.h"

int command_gc(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = command_parse_nothing,
        .children = command_children,
        .doc = "Removes unfinished uploads of killed processes, files of deleted images, and "
               "thumbnails without an image. Originals without a row are reported and kept.",
    };
    struct command admin = {.noun = ""};
    struct vt_reason why = {""};
    struct sweep sweep = {0};
    enum vt_error err;
    int status = command_begin(&admin, "gc", &argp, argc, argv);

    if (status != COMMAND_OK)
        return command_end(&admin, status);
    err = gallery_open(admin.gallery, &why);
    if (err == VT_OK)
        err = gallery_sweep(admin.gallery, command_is_stopped, &sweep);
    if (err != VT_OK)
        return command_end(&admin, command_fail(&admin, err, &why));
    if (admin.json)
        command_print(&admin,
                      json_pack("{s:I, s:I, s:I}", "unfinished", (json_int_t)sweep.stages, "files",
                                (json_int_t)sweep.blobs, "left", (json_int_t)sweep.left));
    else
        (void)printf("removed %u unfinished uploads and %u files without an image\n", sweep.stages,
                     sweep.blobs);
    if (sweep.made_anew)
        return command_end(
            &admin, command_fail(&admin, VT_ERR_DAMAGED, &(struct vt_reason){GALLERY_MADE_ANEW}));
    return command_end(&admin, COMMAND_OK);
}
