#include "command/libraries.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/known_vulnerabilities.h"
#include "decoder/libraries.h"
#include "decoder/wire.h"

extern char **environ;

/* The output of a program. A line is VERSION, a blank, and its subject: a path, or a package and
 * its state. */
struct answer {
    char *text; /* NULL if there is none */
};

/* ---- other programs ---- */

/* Starts a program with empty input; if is_quiet, its standard error is discarded. */
static bool start(const char *const *argv, bool is_quiet, int out, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    bool started;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    started =
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
        posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) == 0 &&
        (!is_quiet || posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
                                                       O_WRONLY, 0) == 0) &&
        posix_spawnp(pid, argv[0], &actions, NULL, (char **)(uintptr_t)argv, environ) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    return started;
}

/* Reads all output. */
static void take(int in, struct answer *answer)
{
    FILE *stream = fdopen(in, "r");
    size_t room = 0;

    if (stream == NULL) {
        (void)close(in);
        return;
    }
    if (getdelim(&answer->text, &room, '\0', stream) < 0) {
        free(answer->text);
        answer->text = NULL;
    }
    (void)fclose(stream);
}

/* Runs the program and gives its output, which the caller frees; false if it cannot be run or
 * fails. */
static bool ask(const char *const *argv, bool is_quiet, struct answer *answer)
{
    int ends[2], status;
    pid_t pid = 0;
    bool started;

    *answer = (struct answer){NULL};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    started = start(argv, is_quiet, ends[1], &pid);
    (void)close(ends[1]);
    take(ends[0], answer);
    if (!started)
        return false;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

static bool ask_decoder(const struct config *config, struct answer *answer)
{
    char program[PATH_MAX + sizeof DECODER_PROGRAM + 1];
    const char *const argv[] = {program, DECODER_LIBRARIES, config->module_dir, config->policy_dir,
                                NULL};

    (void)snprintf(program, sizeof program, "%s/" DECODER_PROGRAM, config->module_dir);
    return ask(argv, false, answer);
}

/* dpkg-query fails for packages that it does not know, but still reports the others. */
static void ask_dpkg(struct answer *answer)
{
    size_t count, given = 0;
    const struct known_vulnerability *table = known_vulnerabilities(&count);
    const char **argv = calloc(count * DEBIAN_RELEASE_COUNT + 4, sizeof *argv);

    *answer = (struct answer){NULL};
    if (argv == NULL)
        return;
    argv[given++] = "dpkg-query";
    argv[given++] = "--show";
    argv[given++] = "--showformat=${Version} ${Package} ${db:Status-Status}\\n";
    for (size_t i = 0; i < count; i++)
        for (int release = 0; release < DEBIAN_RELEASE_COUNT; release++)
            argv[given++] = table[i].library->packages[release].name;
    (void)ask(argv, true, answer);
    free(argv);
}

/* ---- their output ---- */

struct line {
    char version[64];
    char subject[PATH_MAX];
};

/* Takes the next line; false at the end. */
static bool next_line(const char **text, struct line *line)
{
    while (*text != NULL && **text != '\0') {
        int fields = sscanf(*text, "%63s %4095[^\n]", line->version, line->subject);

        *text += strcspn(*text, "\n");
        *text += **text == '\n' ? 1 : 0;
        if (fields == 2)
            return true;
    }
    return false;
}

/* Whether the decoder loads the library; if so, *line is its line. */
static bool find_library(const struct answer *libraries, const char *object, struct line *line)
{
    const char *text = libraries->text, *name;

    while (next_line(&text, line)) {
        name = strrchr(line->subject, '/');
        if (name != NULL && strncmp(name + 1, object, strlen(object)) == 0)
            return true;
    }
    return false;
}

static bool find_package(const struct answer *packages, const char *package, struct line *line)
{
    const char *text = packages->text;
    size_t len = strlen(package);

    while (next_line(&text, line))
        if (strncmp(line->subject, package, len) == 0 &&
            strcmp(line->subject + len, " installed") == 0)
            return true;
    return false;
}

/* Packages install nothing in /usr/local: such a library was built locally. */
static bool is_of_package(const char *path)
{
    return strncmp(path, "/usr/local/", 11) != 0 &&
           (strncmp(path, "/usr/", 5) == 0 || strncmp(path, "/lib", 4) == 0);
}

/* A vulnerability that is present. */
struct presence {
    const char *package; /* of the library, or what Debian calls it */
    struct line line;    /* with the version found */
    const char *needed;  /* the fixed one */
};

/* Finds the package in a release of Debian that the library belongs to. */
static bool find_packaged(const struct known_library *library, enum debian_release release,
                          const struct answer *libraries, const struct answer *packages,
                          struct line *package)
{
    const struct known_package *known = &library->packages[release];
    const char *object = known->object != NULL ? known->object : library->object;
    struct line line;

    if (object != NULL && (!find_library(libraries, object, &line) || !is_of_package(line.subject)))
        return false;
    return find_package(packages, known->name, package);
}

/* Whether the vulnerability is present; if so, *presence says where. */
static bool is_there(const struct known_vulnerability *known, const struct answer *libraries,
                     const struct answer *packages, struct presence *presence)
{
    const struct known_library *library = known->library;
    bool is_packaged = false;

    if (library->object != NULL && !find_library(libraries, library->object, &presence->line))
        return false;
    for (int release = 0; release < DEBIAN_RELEASE_COUNT; release++) {
        struct line package;

        if (!find_packaged(library, release, libraries, packages, &package))
            continue;
        is_packaged = true;
        if (known_vulnerabilities_affect_package(known, release, package.version)) {
            *presence =
                (struct presence){library->packages[release].name, package, known->fixed[release]};
            return true;
        }
    }
    presence->package = library->packages[DEBIAN_12].name;
    presence->needed = known->upstream;
    return !is_packaged && library->object != NULL && strcmp(presence->line.version, "-") != 0 &&
           known_vulnerabilities_affect_library(known, presence->line.version);
}

enum vt_error command_libraries_find(const struct config *config, json_t **found,
                                     struct vt_reason *why)
{
    struct answer libraries, packages = {NULL};
    const char *told = "";
    enum vt_error err = VT_OK;
    struct presence presence;
    size_t count;
    const struct known_vulnerability *table = known_vulnerabilities(&count);

    *found = NULL;
    if (!ask_decoder(config, &libraries)) {
        err = vt_fail(why, VT_ERR_UNAVAILABLE,
                      DECODER_PROGRAM " cannot say which libraries it loads");
        goto out;
    }
    ask_dpkg(&packages);
    *found = json_array();
    for (size_t i = 0; i < count; i++) {
        if (strcmp(told, table[i].library->name) == 0 ||
            !is_there(&table[i], &libraries, &packages, &presence))
            continue;
        told = table[i].library->name;
        if (json_array_append_new(
                *found, json_pack("{s:s, s:s, s:s, s:s, s:s}", "library", told, "package",
                                  presence.package, "found", presence.line.version, "needed",
                                  presence.needed, "vulnerability", table[i].id)) != 0) {
            json_decref(*found);
            *found = NULL;
            err = VT_ERR_MEMORY;
            goto out;
        }
    }
out:
    free(libraries.text);
    free(packages.text);
    return err;
}
