#include "process/sandbox.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "process/sandbox_landlock.h"
#include "process/sandbox_limits.h"
#include "process/sandbox_probe.h"
#include "process/sandbox_seccomp.h"

enum vt_error sandbox_enter(const struct config *config, struct vt_reason *why)
{
    struct vt_reason lacks = {""};
    enum vt_error err;

    if (config->sandbox == SANDBOX_OFF)
        return VT_OK;
    if (sandbox_probe(&lacks) != VT_OK) {
        if (config->sandbox == SANDBOX_REQUIRE)
            return vt_fail(why, VT_ERR_UNAVAILABLE, "VITRINE_SANDBOX is require, and %s",
                           lacks.text);
        log_warning("the sandbox is incomplete: %s", lacks.text);
    }
    err = sandbox_limits_set(config->max_upload);
    if (err == VT_OK && sandbox_probe_seccomp())
        err = sandbox_seccomp_enter(config->pool == POOL_IMAGE);
    return err == VT_OK ? VT_OK : vt_fail(why, err, "the sandbox cannot be set up");
}

/* Confines the process to the data folder, and to reading one more folder, which may be NULL. */
static enum vt_error confine(const struct config *config, const char *more)
{
    /* The time zone, and the source of random numbers for libraries. */
    const char *const readable[] = {"/etc/localtime", "/usr/share/zoneinfo", "/dev/urandom", more,
                                    NULL};

    if (config->sandbox == SANDBOX_OFF || sandbox_probe_landlock() < SANDBOX_LANDLOCK_ABI)
        return VT_OK;
    return sandbox_landlock_enter(config->data, readable);
}

enum vt_error sandbox_confine_files(const struct config *config)
{
    return confine(config, NULL);
}

enum vt_error sandbox_confine_changes(const struct config *config)
{
    const bool adds = config->pool == POOL_IMAGE;
    const struct sandbox_place parts[] = {
        {"tmp", false},
        {"listing", false},
        {"uploads", !adds},
        {"thumbs", !adds},
        /* SQLite has opened all three by now, and does not remove them. */
        {"catalogue.sqlite", false},
        {"catalogue.sqlite-wal", false},
        {"catalogue.sqlite-shm", false},
    };
    enum { COUNT = sizeof parts / sizeof parts[0], SIZE = PATH_MAX + 32 };
    struct sandbox_place places[COUNT + 1] = {{NULL, false}};
    char(*paths)[SIZE];
    enum vt_error err;

    if (config->sandbox == SANDBOX_OFF || sandbox_probe_landlock() < SANDBOX_LANDLOCK_ABI)
        return VT_OK;
    paths = malloc(COUNT * sizeof *paths); /* on the stack, it would stay for the process's life */
    if (paths == NULL)
        return VT_ERR_MEMORY;
    for (size_t i = 0; i < COUNT; i++) {
        (void)snprintf(paths[i], SIZE, "%s/%s", config->data, parts[i].path);
        places[i] = (struct sandbox_place){paths[i], parts[i].only_removes};
    }
    err = sandbox_landlock_keep_to(places);
    free(paths);
    return err;
}

enum vt_error sandbox_confine_import(const struct config *config, const char *folder)
{
    return confine(config, folder);
}

bool sandbox_grant_request(const struct config *config, time_t *granted)
{
    return config->sandbox == SANDBOX_OFF || sandbox_limits_grant_request(granted);
}
