/* Shared by the parts of the command: options, the store, output, progress, signals, exit status.
 */
#ifndef VITRINE_COMMAND_COMMAND_H
#define VITRINE_COMMAND_COMMAND_H

#include <argp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/error.h"
#include "upkeep/upkeep.h"

/* Exit status: 0, 1 and 2 are defined by each command, the others by sysexits.h. */
enum {
    COMMAND_OK = 0,
    COMMAND_PARTLY = 1, /* only partly done; or faults were found and repaired */
    COMMAND_FOUND = 2   /* faults were found and remain */
};

/* One run of a command; the first member of each command's own arguments. */
struct command {
    const char *command; /* such as "fsck" */
    bool json;           /* one JSON value per line on standard output, for programs */
    bool quiet;          /* no progress, and no reports of success: by command_parse_path() */
    const char *path;    /* its one argument: by command_parse_path() */
    const char *path_is; /* what kind of path that is, such as "folder" */
    struct config config;
    struct gallery *gallery;
    const char *noun;       /* the unit of the progress, such as "files" */
    int64_t last_told;      /* when the progress was last shown, in milliseconds */
    bool shows_progress;    /* standard error is a terminal */
    bool progress_is_shown; /* and has a line that must be wiped */
};

/* The options of every command. Its input is a struct command. */
extern const struct argp_child command_children[];

/* An argp parser for a command that has no options of its own and no arguments, and whose only
 * children are command_children. The parser of a command with options calls it for everything else.
 */
error_t command_parse_nothing(int key, char *argument, struct argp_state *state);

/* The same for a command with --quiet, and one path as its argument. */
error_t command_parse_path(int key, char *argument, struct argp_state *state);

/* Parses arguments, loads the settings, and creates the gallery without opening it. Returns
 * COMMAND_OK, or the exit status after printing the reason. Usage errors and --help end the
 * process.
 */
int command_begin(struct command *admin, const char *command, const struct argp *argp, int argc,
                  char **argv);

/* Frees everything and returns the status. */
int command_end(struct command *admin, int status);

/* Reports a failure on standard error and returns its exit status. */
int command_fail(struct command *admin, enum vt_error err, const struct vt_reason *why);

/* Prints a JSON value as one line on standard output; takes the reference. */
void command_print(struct command *admin, json_t *json);

/* Converts text of arbitrary bytes to a JSON string. */
json_t *command_text(const char *text);

/* Prints the fault of an image: kind is a word, such as "original-missing". */
void command_tell_record(struct command *admin, const char *kind, const struct record *record);

/* Whether everything was written to standard output; call it at the end. */
bool command_flushed(void);

/* Shows the progress of the work if standard error is a terminal; false once the process was asked
 * to end. For a struct upkeep_watch, whose context is the struct command. */
bool command_tick(void *admin, uint64_t done, uint64_t total);

/* Wipes the progress line before another line is written. */
void command_wipe(struct command *admin);

/* Whether SIGINT or SIGTERM has asked the process to end. */
bool command_is_stopped(void);

#endif
