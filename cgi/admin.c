/* vitrine: the operator's command, on the store of VITRINE_DATA. */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config.h"
#include "gallery.h"
#include "sandbox_probe.h"

const char *argp_program_version = "vitrine " PACKAGE_VERSION;

static int run_gc(struct gallery *gallery)
{
    struct sweep sweep = {0, 0};
    enum vt_error err = gallery_sweep(gallery, &sweep);

    if (err != VT_OK) {
        (void)fprintf(stderr, "vitrine: gc: %s\n", vt_strerror(err));
        return EXIT_FAILURE;
    }
    if (printf("removed %u unfinished uploads and %u files without an image\n", sweep.stages,
               sweep.blobs) < 0)
        return EXIT_FAILURE;
    return EXIT_SUCCESS;
}

static int run_stats(struct gallery *gallery)
{
    struct totals totals;
    enum vt_error err = gallery_totals(gallery, &totals);

    if (err != VT_OK) {
        (void)fprintf(stderr, "vitrine: stats: %s\n", vt_strerror(err));
        return EXIT_FAILURE;
    }
    if (printf("images %" PRIu64 "\nbytes %" PRIu64 "\n", totals.images, totals.bytes) < 0)
        return EXIT_FAILURE;
    return EXIT_SUCCESS;
}

/* What every worker would refuse to start for: it is to be found before anything is started. */
static enum vt_error check_sandbox(const struct config *config, struct vt_reason *why)
{
    struct vt_reason lacks = {""};
    enum vt_error err = VT_OK;

    if (config->sandbox == SANDBOX_REQUIRE)
        err = sandbox_probe(&lacks);
    if (err == VT_OK)
        return VT_OK;
    return vt_fail(why, err, "VITRINE_SANDBOX is require, and %s", lacks.text);
}

/* Opening the store is the check. */
static int run_check(struct gallery *gallery)
{
    struct health health;

    gallery_check(gallery, &health);
    if (health.catalogue == VT_OK && health.disk == VT_OK)
        return EXIT_SUCCESS;
    (void)fprintf(stderr, "vitrine: catalogue: %s, disk: %s\n", vt_strerror(health.catalogue),
                  vt_strerror(health.disk));
    return EXIT_FAILURE;
}

static const struct {
    const char *name;
    int (*run)(struct gallery *gallery);
} commands[] = {{"check", run_check}, {"gc", run_gc}, {"stats", run_stats}};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static error_t parse(int key, char *argument, struct argp_state *state)
{
    size_t *chosen = state->input;

    switch (key) {
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_error(state, "one command at a time");
        for (*chosen = 0; *chosen < COMMAND_COUNT; (*chosen)++)
            if (strcmp(commands[*chosen].name, argument) == 0)
                return 0;
        argp_error(state, "there is no command '%s'", argument);
        return EINVAL;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which command?");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse,
        .args_doc = "COMMAND",
        .doc = "Looks after the store in the folder that VITRINE_DATA names.\v"
               "Commands:\n"
               "  check   open the store, migrate its catalogue, say whether it can be written\n"
               "  gc      remove unfinished uploads and files that no image names\n"
               "  stats   count images and bytes\n\n"
               "The settings are those of the gallery; see vitrine(1).",
    };
    struct config config;
    struct gallery *gallery = NULL;
    struct vt_reason why = {""};
    size_t chosen = 0;
    int status;

    if (argp_parse(&argp, argc, argv, 0, NULL, &chosen) != 0)
        return EXIT_FAILURE;
    (void)umask(027);
    if (config_load(&config, &why) != VT_OK ||
        (commands[chosen].run == run_check && check_sandbox(&config, &why) != VT_OK) ||
        gallery_new(&config, &gallery) != VT_OK || gallery_open(gallery, &why) != VT_OK) {
        (void)fprintf(stderr, "vitrine: %s\n", why.text[0] != '\0' ? why.text : "out of memory");
        gallery_free(gallery);
        return EXIT_FAILURE;
    }
    status = commands[chosen].run(gallery);
    gallery_free(gallery);
    return status;
}
