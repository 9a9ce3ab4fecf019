/* vitrine fsck, rebuild */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "command/command.h"
#include "command/commands.h"

static const struct argp_child children[] = {{&admin_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};

/* ---- fsck ---- */

#define OPTION_ACCEPT 2000
#define OPTION_ACCEPT_LOSS 2001

struct fsck_arguments {
    struct command admin; /* the first member */
    bool repair, quick, accept, accept_loss;
};

static error_t parse_fsck(int key, char *argument, struct argp_state *state)
{
    struct fsck_arguments *self = state->input;

    switch (key) {
    case 'r':
        self->repair = true;
        return 0;
    case 'q':
        self->quick = true;
        return 0;
    case OPTION_ACCEPT_LOSS:
        self->accept_loss = true;
        return 0;
    case OPTION_ACCEPT:
        self->accept = true;
        return 0;
    default:
        return command_parse_nothing(key, argument, state);
    }
}

static void tell_find(void *context, const struct finding *find)
{
    struct command *admin = context;
    json_t *subject = command_text(find->subject), *detail = command_text(find->detail);

    if (admin->json) {
        command_print(admin, json_pack("{s:s, s:O, s:O, s:b}", "kind",
                                       upkeep_finding_name(find->kind), "subject", subject,
                                       "detail", detail, "repaired", (int)find->repaired));
    } else if (subject != NULL && detail != NULL) {
        command_wipe(admin);
        (void)printf("%s %s: %s%s\n", upkeep_finding_name(find->kind), json_string_value(subject),
                     json_string_value(detail), find->repaired ? "; repaired" : "");
    }
    json_decref(subject);
    json_decref(detail);
}

static void tell_result(struct command *admin, const struct fsck_result *result)
{
    if (admin->json)
        command_print(admin, json_pack("{s:I, s:I, s:I}", "images", (json_int_t)result->images,
                                       "found", (json_int_t)result->found, "repaired",
                                       (json_int_t)result->repaired));
    else
        (void)printf("%" PRIu64 " images, %u faults, %u repaired\n", result->images, result->found,
                     result->repaired);
}

int command_fsck(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"repair", 'r', NULL, 0, "Repair what can be repaired without losing anything", 0},
        {"accept", OPTION_ACCEPT, NULL, 0,
         "Take a catalogue that was made beside originals for the right one", 0},
        {"accept-loss", OPTION_ACCEPT_LOSS, NULL, 0,
         "Repair by removing rows even where more than half of all originals are missing", 0},
        {"quick", 'q', NULL, 0, "Leave out what reads all bytes: hashes, thumbnails, indexes", 0},
        {NULL, 0, NULL, 0, NULL, 0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_fsck,
        .children = children,
        .doc = "Looks for what contradicts itself in the store, beside a running gallery.\v"
               "Exit status: 0 nothing found, 1 all that was found is repaired, 2 faults are left.",
    };
    struct fsck_arguments self = {.admin = {.noun = "images and files"}};
    struct command *admin = &self.admin;
    struct fsck_result result = {0, 0, 0};
    struct vt_reason why = {""};
    struct fsck fsck;
    enum vt_error err;
    int status = command_begin(admin, "fsck", &argp, argc, argv);

    if (status != ADMIN_OK)
        return command_end(admin, status);
    gallery_keep_page(admin->gallery);
    fsck = (struct fsck){.repair = self.repair,
                         .accept = self.accept,
                         .accept_loss = self.accept_loss,
                         .quick = self.quick,
                         .tell = tell_find,
                         .context = admin,
                         .watch = {command_tick, admin}};
    err = gallery_open(admin->gallery, &why);
    if (err == VT_OK)
        err = upkeep_fsck(admin->gallery, &fsck, &result);
    if (err != VT_OK)
        return command_end(admin, command_fail(admin, err, &why));
    tell_result(admin, &result);
    if (result.found == 0)
        return command_end(admin, ADMIN_OK);
    return command_end(admin, result.repaired == result.found ? ADMIN_PARTLY : ADMIN_FOUND);
}

/* ---- rebuild ---- */

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
                 " made of their originals alone\n",
                 result->kept, result->made);
    if (result->lost > 0)
        (void)printf("%" PRIu64 " rows of the old catalogue have no good original\n", result->lost);
    if (result->refused > 0)
        (void)printf("%" PRIu64 " originals are damaged: they are in lost+found\n",
                     result->refused);
    if (result->unreadable > 0)
        (void)printf("%" PRIu64 " originals cannot be read: they are left where they are\n",
                     result->unreadable);
    if (result->deleted > 0)
        (void)printf("%" PRIu64 " originals are of deleted images: the next sweep removes them\n",
                     result->deleted);
    if (result->old[0] != '\0')
        (void)printf("the old catalogue%s is %s\n",
                     result->whole ? "" : ", which could not be read to its end,", result->old);
}

int command_rebuild(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = command_parse_nothing,
        .children = children,
        .doc =
            "Makes a new catalogue of the originals, with what can still be read of the old one. "
            "The gallery must be stopped.\v"
            "Exit status: 0 done, 1 done, but some originals cannot be read.",
    };
    struct command admin = {.noun = "originals"};
    const struct upkeep_watch watch = {command_tick, &admin};
    struct rebuild_result result;
    struct vt_reason why = {""};
    enum vt_error err;
    int status = command_begin(&admin, "rebuild", &argp, argc, argv);

    if (status != ADMIN_OK)
        return command_end(&admin, status);
    err = upkeep_rebuild(admin.gallery, &watch, tell_unreadable, &result, &why);
    if (err != VT_OK)
        return command_end(&admin, command_fail(&admin, err, &why));
    tell_rebuilt(&admin, &result);
    return command_end(&admin, result.unreadable > 0 ? ADMIN_PARTLY : ADMIN_OK);
}
