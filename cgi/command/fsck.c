/* vitrine fsck */
#include <inttypes.h>
#include <stdio.h>

#include "command/command.h"
#include "command/commands.h"

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

static void tell_finding(void *context, const struct finding *finding)
{
    struct command *admin = context;
    json_t *subject = command_text(finding->subject), *detail = command_text(finding->detail);

    if (admin->json) {
        command_print(admin, json_pack("{s:s, s:O, s:O, s:b}", "kind",
                                       upkeep_finding_name(finding->kind), "subject", subject,
                                       "detail", detail, "repaired", (int)finding->repaired));
    } else if (subject != NULL && detail != NULL) {
        command_wipe(admin);
        (void)printf("%s %s: %s%s\n", upkeep_finding_name(finding->kind),
                     json_string_value(subject), json_string_value(detail),
                     finding->repaired ? "; repaired" : "");
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
        {"repair", 'r', NULL, 0, "Repair what can be repaired without loss", 0},
        {"accept", OPTION_ACCEPT, NULL, 0,
         "Accept a catalogue that was created while originals already existed", 0},
        {"accept-loss", OPTION_ACCEPT_LOSS, NULL, 0,
         "Remove the rows of missing originals even if most originals are missing", 0},
        {"quick", 'q', NULL, 0, "Skip the checks that read all bytes: hashes, thumbnails, indexes",
         0},
        {NULL, 0, NULL, 0, NULL, 0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_fsck,
        .children = command_children,
        .doc = "Looks for contradictions in the store, beside a running gallery.\v"
               "Exit status: 0 nothing was found, 1 every finding is repaired, 2 faults are left.",
    };
    struct fsck_arguments self = {.admin = {.noun = "images and files"}};
    struct command *admin = &self.admin;
    struct fsck_result result = {0, 0, 0};
    struct vt_reason why = {""};
    struct fsck fsck;
    enum vt_error err;
    int status = command_begin(admin, "fsck", &argp, argc, argv);

    if (status != COMMAND_OK)
        return command_end(admin, status);
    gallery_keep_page(admin->gallery);
    fsck = (struct fsck){.repair = self.repair,
                         .accept = self.accept,
                         .accept_loss = self.accept_loss,
                         .quick = self.quick,
                         .tell = tell_finding,
                         .context = admin,
                         .watch = {command_tick, admin}};
    err = gallery_open(admin->gallery, &why);
    if (err == VT_OK)
        err = upkeep_fsck(admin->gallery, &fsck, &result);
    if (err != VT_OK)
        return command_end(admin, command_fail(admin, err, &why));
    tell_result(admin, &result);
    if (result.found == 0)
        return command_end(admin, COMMAND_OK);
    return command_end(admin, result.repaired == result.found ? COMMAND_PARTLY : COMMAND_FOUND);
}
