#include "command/command.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

const char *argp_program_version = "vitrine " PACKAGE_VERSION;

#define PROGRESS_MS 200
#define OPTION_JSON 1000

static volatile sig_atomic_t stopped;

static void note_signal(int signal)
{
    (void)signal;
    stopped = 1;
}

bool command_is_stopped(void)
{
    return stopped != 0;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};

    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL); /* neither can fail */
    (void)sigaction(SIGTERM, &action, NULL);
}

/* ---- arguments ---- */

static error_t parse_common(int key, char *argument, struct argp_state *state)
{
    struct command *admin = state->input;

    (void)argument;
    if (key != OPTION_JSON)
        return ARGP_ERR_UNKNOWN;
    admin->json = true;
    return 0;
}

static const struct argp_option common_options[] = {
    {"json", OPTION_JSON, NULL, 0, "Write JSON, one value a line, on standard output", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static const struct argp command_argp = {.options = common_options, .parser = parse_common};

const struct argp_child command_children[] = {{&command_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};

/* command_argp is each command's only child. */
static void init_child(struct argp_state *state)
{
    state->child_inputs[0] = state->input;
}

error_t command_parse_nothing(int key, char *argument, struct argp_state *state)
{
    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        init_child(state);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "the command takes no argument");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

error_t command_parse_path(int key, char *argument, struct argp_state *state)
{
    struct command *admin = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        init_child(state);
        return 0;
    case 'q':
        admin->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        if (admin->path != NULL)
            argp_error(state, "give only one %s", admin->path_is);
        admin->path = argument;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which %s?", admin->path_is);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int command_begin(struct command *admin, const char *command, const struct argp *argp, int argc,
                  char **argv)
{
    struct vt_reason why = {""};
    enum vt_error err;

    admin->command = command;
    if (argp_parse(argp, argc, argv, 0, NULL, admin) != 0)
        return EX_USAGE;
    (void)umask(027);
    admin->shows_progress = isatty(STDERR_FILENO) == 1 && !admin->quiet;
    err = config_load(&admin->config, &why);
    if (err != VT_OK) {
        (void)fprintf(stderr, "vitrine: %s\n", why.text);
        return EX_CONFIG;
    }
    err = gallery_new(&admin->config, &admin->gallery);
    if (err != VT_OK)
        return command_fail(admin, err, NULL);
    catch_signals();
    return COMMAND_OK;
}

bool command_flushed(void)
{
    return fflush(stdout) == 0 && ferror(stdout) == 0;
}

int command_end(struct command *admin, int status)
{
    command_wipe(admin);
    gallery_free(admin->gallery);
    admin->gallery = NULL;
    if (command_flushed())
        return status;
    (void)fprintf(stderr, "vitrine: %s: standard output cannot be written\n", admin->command);
    return EX_IOERR;
}

/* ---- output ---- */

static int exit_status(enum vt_error err)
{
    switch (err) {
    case VT_ERR_MALFORMED:
        return EX_USAGE;
    case VT_ERR_DAMAGED:
        return EX_DATAERR;
    case VT_ERR_NOT_FOUND:
        return EX_NOINPUT;
    case VT_ERR_NO_SPACE:
        return EX_CANTCREAT;
    case VT_ERR_IO:
        return EX_IOERR;
    case VT_ERR_UNAVAILABLE:
        return EX_UNAVAILABLE;
    case VT_ERR_STOPPED:
        return EX_TEMPFAIL;
    case VT_ERR_MEMORY:
        return EX_OSERR;
    default:
        return EX_SOFTWARE;
    }
}

int command_fail(struct command *admin, enum vt_error err, const struct vt_reason *why)
{
    const char *text = why != NULL && why->text[0] != '\0' ? why->text : vt_strerror(err);

    command_wipe(admin);
    if (err == VT_ERR_DAMAGED && (why == NULL || why->text[0] == '\0'))
        text = "the catalogue is damaged: stop the gallery and run: vitrine rebuild";
    if (err == VT_ERR_NO_SPACE && (why == NULL || why->text[0] == '\0'))
        text = "no space is left on the disk";
    if (err == VT_ERR_STOPPED)
        text = "stopped; the same command continues";
    (void)fprintf(stderr, "vitrine: %s: %s\n", admin->command, text);
    return exit_status(err);
}

void command_print(struct command *admin, json_t *json)
{
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;

    command_wipe(admin);
    if (text != NULL)
        (void)puts(text); /* command_flushed() reports a failure */
    else
        (void)fputs("vitrine: out of memory\n", stderr);
    free(text);
    json_decref(json);
}

json_t *command_text(const char *text)
{
    size_t len = strlen(text), size = 3 * len + 1; /* at worst each byte becomes U+FFFD */
    char *clean = malloc(size);
    json_t *json = NULL;

    if (clean != NULL) {
        text_clean(text, len, clean, size);
        json = json_string(clean);
    }
    free(clean);
    return json;
}

void command_tell_record(struct command *admin, const char *kind, const struct record *record)
{
    char name[NAME_SIZE];

    if (admin->json) {
        command_print(admin, json_pack("{s:s, s:s, s:o}", "kind", kind, "subject", record->id,
                                       "detail", command_text(record->name)));
        return;
    }
    /* An older version may have stored what a terminal acts on. */
    text_clean(record->name, strlen(record->name), name, sizeof name);
    command_wipe(admin);
    (void)printf("%s %s: %s\n", kind, record->id, name);
}

/* ---- progress ---- */

void command_wipe(struct command *admin)
{
    if (!admin->progress_is_shown)
        return;
    (void)fputs("\r\033[K", stderr);
    admin->progress_is_shown = false;
}

bool command_tick(void *context, uint64_t done, uint64_t total)
{
    struct command *admin = context;
    struct timespec now;
    int64_t ms;

    if (command_is_stopped())
        return false;
    if (!admin->shows_progress || clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return true;
    ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (ms - admin->last_told < PROGRESS_MS)
        return true;
    admin->last_told = ms;
    admin->progress_is_shown = true;
    if (total > 0 && done <= total)
        (void)fprintf(stderr, "\r\033[K%s: %" PRIu64 " of %" PRIu64 " %s", admin->command, done,
                      total, admin->noun);
    else
        (void)fprintf(stderr, "\r\033[K%s: %" PRIu64 " %s", admin->command, done, admin->noun);
    return true;
}
