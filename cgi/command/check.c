/* vitrine check */
#include <stdio.h>

#include "base/log.h"
#include "command/command.h"
#include "command/commands.h"
#include "command/libraries.h"
#include "process/sandbox_probe.h"

/* Reports before anything is started what every worker would refuse to start for. */
static enum vt_error check_sandbox(const struct config *config, struct vt_reason *why)
{
    struct vt_reason missing = {""};
    enum vt_error err = VT_OK;

    if (config->sandbox == SANDBOX_REQUIRE)
        err = sandbox_probe(&missing);
    if (err == VT_OK)
        return VT_OK;
    return vt_fail(why, err, "VITRINE_SANDBOX is require, and %s", missing.text);
}

enum { OPTION_SETTINGS = 1001, OPTION_STORE, OPTION_LIBRARIES };

struct check {
    struct command admin;
    int only; /* an option, or 0: all of it */
};

static error_t parse_check(int key, char *argument, struct argp_state *state)
{
    struct check *check = state->input;

    switch (key) {
    case OPTION_SETTINGS:
    case OPTION_STORE:
    case OPTION_LIBRARIES:
        if (check->only != 0 && check->only != key)
            argp_error(state, "give only one of --settings, --store and --libraries");
        check->only = key;
        return 0;
    default:
        return command_parse_nothing(key, argument, state);
    }
}

/* Opening the store is the check. *report is what --json prints; it is NULL if the store cannot be
 * opened. */
static enum vt_error check_store(struct gallery *gallery, json_t **report, struct vt_reason *why)
{
    struct health health;
    enum vt_error err = gallery_open(gallery, why);

    if (err != VT_OK)
        return err;
    gallery_check(gallery, &health);
    err = health.catalogue != VT_OK ? health.catalogue : health.disk;
    if (err == VT_ERR_NO_SPACE && health.catalogue == VT_OK)
        err = VT_OK; /* images can still be viewed and deleted */
    if (!health.made_anew && health.notice.text[0] != '\0')
        log_warning("check: %s", health.notice.text);
    if (err == VT_OK && gallery_renew(gallery) != VT_OK)
        log_warning(
            "check: the listing keeps its entity tags, so clients may show an old listing if"
            " the catalogue was restored from a backup");
    *report = json_pack("{s:s, s:s, s:I, s:b}", "catalogue", vt_strerror(health.catalogue), "disk",
                        vt_strerror(health.disk), "free_bytes", (json_int_t)health.free_bytes,
                        "made_anew", (int)health.made_anew);
    if (err == VT_OK || health.catalogue == VT_ERR_DAMAGED)
        return err;
    return vt_fail(why, err, "catalogue: %s, disk: %s", vt_strerror(health.catalogue),
                   vt_strerror(health.disk));
}

/* Names each library that has a known vulnerability, and says what to do. */
static void tell_libraries(json_t *found)
{
    const char *library, *package, *version, *needed, *id;
    json_t *one;
    size_t i;

    json_array_foreach(found, i, one)
    {
        if (json_unpack(one, "{s:s, s:s, s:s, s:s, s:s}", "library", &library, "package", &package,
                        "found", &version, "needed", &needed, "vulnerability", &id) == 0)
            (void)fprintf(stderr,
                          "vitrine: check: %s %s (Debian's package: %s) has a known vulnerability, "
                          "%s, which is fixed in %s\n",
                          library, version, package, id, needed);
    }
    if (json_array_size(found) > 0)
        (void)fputs(
            "vitrine: check: to upgrade, run provision/install; in containers, docker compose "
            "build --pull --no-cache, and then docker compose up -d\n",
            stderr);
}

int command_check(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"settings", OPTION_SETTINGS, NULL, 0, "Check the settings only: do not open the store", 0},
        {"store", OPTION_STORE, NULL, 0, "Check the settings and the store only", 0},
        {"libraries", OPTION_LIBRARIES, NULL, 0,
         "Check for libraries with known vulnerabilities only: do not open the store", 0},
        {NULL, 0, NULL, 0, NULL, 0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_check,
        .children = command_children,
        .doc = "Opens the store, brings its catalogue up to this version, and says whether it can "
               "be used. Names the libraries that have a known vulnerability.",
    };
    struct check check = {.admin.noun = ""};
    struct command *admin = &check.admin;
    struct vt_reason why = {""};
    json_t *report = NULL, *found = NULL;
    enum vt_error err = VT_OK;
    int status = command_begin(admin, "check", &argp, argc, argv);

    if (status != COMMAND_OK)
        return command_end(admin, status);
    if (check.only != OPTION_LIBRARIES)
        err = check_sandbox(&admin->config, &why);
    if (err == VT_OK && (check.only == 0 || check.only == OPTION_STORE))
        err = check_store(admin->gallery, &report, &why);
    if (err == VT_OK && (check.only == 0 || check.only == OPTION_LIBRARIES))
        err = command_libraries_find(&admin->config, &found, &why);
    if (found != NULL) {
        tell_libraries(found);
        status = json_array_size(found) > 0 ? COMMAND_FOUND : COMMAND_OK;
        report = report != NULL ? report : json_object();
        (void)json_object_set_new(report, "libraries", found);
    }
    if (admin->json && report != NULL)
        command_print(admin, report);
    else
        json_decref(report);
    return command_end(admin, err == VT_OK ? status : command_fail(admin, err, &why));
}
