/* vitrine: the operator's command, for the store in VITRINE_DATA. It links no decoder and nothing
 * else that only one command needs, since every start of the gallery waits for `vitrine check
 * --store`. Such commands are programs of their own. */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "command/commands.h"

extern const char *argp_program_version;

static const struct entry {
    const char *name;
    int (*run)(int argc, char **argv); /* NULL: it is the program vitrine-NAME */
} commands[] = {{"backup", NULL},
                {"check", command_check},
                {"export", command_export},
                {"fsck", command_fsck},
                {"gc", command_gc},
                {"import", NULL},
                {"rebuild", command_rebuild},
                {"rescan", NULL},
                {"settings", command_settings},
                {"stats", command_stats}};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

struct chosen {
    const struct entry *command;
    int argc;
    char **argv;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct chosen *chosen = state->input;

    switch (key) {
    case ARGP_KEY_ARG:
        for (size_t i = 0; i < COMMAND_COUNT; i++)
            if (strcmp(commands[i].name, argument) == 0)
                chosen->command = &commands[i];
        if (chosen->command == NULL)
            argp_error(state, "there is no command '%s'", argument);
        chosen->argc = state->argc - state->next + 1;
        chosen->argv = state->argv + state->next - 1;
        state->next = state->argc; /* the rest belongs to the command */
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which command?");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Executes the program, which is in the folder of the worker's module. Returns only if that fails.
 */
static int become(const struct entry *command, char **argv)
{
    const char *folder = getenv("VITRINE_MODULE_DIR");
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/vitrine-%s",
                       folder != NULL && *folder != '\0' ? folder : MODULE_DIR, command->name);

    if (len > 0 && (size_t)len < sizeof path)
        (void)execv(path, argv);
    (void)fprintf(stderr, "vitrine: %s cannot be run: %s\n", path, strerror(errno));
    return EX_UNAVAILABLE;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse,
        .args_doc = "COMMAND [ARGUMENT...]",
        .doc = "Maintains the store in the data folder, VITRINE_DATA.\v"
               "Commands:\n"
               "  backup        write originals and catalogue to a tar archive\n"
               "  check         open the store, migrate its catalogue, say whether it can be "
               "written; name libraries with known vulnerabilities\n"
               "  export        write originals to a folder, by their names\n"
               "  fsck          look for faults, and repair them with --repair\n"
               "  gc            remove unfinished uploads and files that no image names\n"
               "  import        add the files of a folder\n"
               "  rebuild       make a new catalogue from the originals\n"
               "  rescan        read the metadata of images that an earlier version has stored\n"
               "  settings      list the settings of the gallery, with defaults and ranges\n"
               "  stats         count images and bytes\n\n"
               "'vitrine COMMAND --help' describes one. The settings are those of the gallery.",
    };
    struct chosen chosen = {NULL, 0, NULL};
    char called[64];

    if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &chosen) != 0 || chosen.command == NULL)
        return EX_USAGE;
    (void)snprintf(called, sizeof called, "vitrine %s", chosen.command->name);
    chosen.argv[0] = called;
    if (chosen.command->run == NULL)
        return become(chosen.command, chosen.argv);
    return chosen.command->run(chosen.argc, chosen.argv);
}
