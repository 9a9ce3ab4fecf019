/* What the command's parts share: options, the store, output, progress, signals, exit status. */
#ifndef VITRINE_COMMAND_COMMAND_H
#define VITRINE_COMMAND_COMMAND_H

#include <argp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/error.h"
#include "upkeep/upkeep.h"

/* Exit status: 0, 1 and 2 are each command's own, the rest is sysexits.h's. */
enum {
    COMMAND_OK = 0,
    COMMAND_PARTLY = 1, /* done, but not all of it; or faults were found and repaired */
    COMMAND_FOUND = 2   /* faults were found, and are left */
};

/* One run of a command; the head of each command's own arguments. */
struct command {
    const char *command; /* such as "fsck" */
    bool json;           /* one JSON value a line on standard output, for programs */
    bool quiet;          /* no progress, and nothing of what went well: by command_parse_path() */
    const char *path;    /* its one argument: by command_parse_path() */
    const char *path_is; /* what that is, such as "folder" */
    struct config config;
    struct gallery *gallery;
    const char *noun;       /* what the progress counts, such as "files" */
    int64_t last_told;      /* milliseconds; when the progress was last shown */
    bool shows_progress;    /* standard error is a terminal */
    bool progress_is_shown; /* and has a line that is to be wiped */
};

/* Options that every command has. Its input is a struct command. */
extern const struct argp command_argp;

/* An argp parser for a command that has no options of its own and no arguments, and whose only
 * child is command_argp. One that has options calls it for all else. */
error_t command_parse_nothing(int key, char *argument, struct argp_state *state);

/* The same for a command with --quiet, and one path as its argument. */
error_t command_parse_path(int key, char *argument, struct argp_state *state);

/* Parses arguments, loads the settings, and makes the gallery without opening it. Gives COMMAND_OK,
 * or the exit status after having told why. Usage errors and --help end the process. */
int command_begin(struct command *admin, const char *command, const struct argp *argp, int argc,
                  char **argv);

/* Gives everything back, and the status. */
int command_end(struct command *admin, int status);

/* Tells of a failure on standard error and gives its exit status. */
int command_fail(struct command *admin, enum vt_error err, const struct vt_reason *why);

/* Prints a line on standard output, a JSON value: takes the reference. */
void command_print(struct command *admin, json_t *json);

/* Text of unknown bytes, as a JSON string. */
json_t *command_text(const char *text);

/* Prints what is the matter with an image: kind is a word, such as "original-missing". */
void command_tell_record(struct command *admin, const char *kind, const struct record *record);

/* Whether standard output took it all; to be asked at the end. */
bool command_flushed(void);

/* Shows how far the work is, where standard error is a terminal; false once the process was asked
 * to end. The context is the struct command: for a struct upkeep_watch. */
bool command_tick(void *admin, uint64_t done, uint64_t total);

/* Wipes the progress, before another line is written. */
void command_wipe(struct command *admin);

/* Whether the process was asked to end, by INT or TERM. */
bool command_is_stopped(void);

#endif
