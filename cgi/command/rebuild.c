/* vitrine rebuild */
#include <inttypes.h>
#include <stdio.h>

#include "command/command.h"
#include "command/commands.h"

static void tell_unreadable(void *context, const char *path)
{
    static const char kind[] = "original-unreadable", detail[] = "the original cannot be read";
    struct command *admin = context;

    if (admin->json) {
        command_print(
            admin, json_pack("{s:s, s:s, s:s}", "kind", kind, "subject", path, "detail", detail));
    } else {
        command_wipe(admin);
        (void)printf("%s %s: %s\n", kind, path, detail);
    }
}

static void tell_rebuilt(struct command *admin, const struct rebuild_result *result)
{
    if (admin->json) {
        command_print(admin,
                      json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o*}", "kept",
                                (json_int_t)result->kept, "made", (json_int_t)result->made, "lost",
                                (json_int_t)result->lost, "refused", (json_int_t)result->refused,
                                "unreadable", (json_int_t)result->unreadable, "deleted",
                                (json_int_t)result->deleted, "whole", (int)result->whole, "old",
                                result->old[0] != '\0' ? command_text(result->old) : NULL));
        return;
    }
    (void)printf("%" PRIu64 " images kept as they were, %" PRIu64
                 " made from their originals alone\n",
                 result->kept, result->made);
    if (result->lost > 0)
        (void)printf("%" PRIu64 " rows of the old catalogue have no good original\n", result->lost);
    if (result->refused > 0)
        (void)printf("%" PRIu64 " originals are damaged: they are in lost+found\n",
                     result->refused);
    if (result->unreadable > 0)
        (void)printf("%" PRIu64 " originals cannot be read: they are kept\n", result->unreadable);
    if (result->deleted > 0)
        (void)printf("%" PRIu64 " originals are of deleted images: the next sweep removes them\n",
                     result->deleted);
    if (result->old[0] != '\0')
        (void)printf("the old catalogue%s is %s\n",
                     result->whole ? "" : ", which could not be read completely,", result->old);
}

int command_rebuild(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = command_parse_nothing,
        .children = command_children,
        .doc =
            "Makes a new catalogue from the originals and what can still be read of the old one. "
            "The gallery must be stopped.\v"
            "Exit status: 0 done, 1 done, but some originals cannot be read.",
    };
    struct command admin = {.noun = "originals"};
    const struct upkeep_watch watch = {command_tick, &admin};
    struct rebuild_result result;
    struct vt_reason why = {""};
    enum vt_error err;
    int status = command_begin(&admin, "rebuild", &argp, argc, argv);

    if (status != COMMAND_OK)
        return command_end(&admin, status);
    err = upkeep_rebuild(admin.gallery, &watch, tell_unreadable, &result, &why);
    if (err != VT_OK)
        return command_end(&admin, command_fail(&admin, err, &why));
    tell_rebuilt(&admin, &result);
    return command_end(&admin, result.unreadable > 0 ? COMMAND_PARTLY : COMMAND_OK);
}
