#include "sandbox.h"

#include "log.h"
#include "sandbox_landlock.h"
#include "sandbox_limits.h"
#include "sandbox_probe.h"
#include "sandbox_seccomp.h"

enum vt_error sandbox_enter(const struct config *config, struct vt_reason *why)
{
    bool decodes = config->pool == POOL_IMAGE;
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
    err = sandbox_limits_set(decodes ? config->max_pixels : 0, config->max_upload);
    if (err == VT_OK && sandbox_probe_seccomp())
        err = sandbox_seccomp_enter(decodes);
    return err == VT_OK ? VT_OK : vt_fail(why, err, "the sandbox cannot be set up");
}

/* Confines to the data folder, and to reading what the pool's work needs and one folder more, which
 * may be NULL. */
static enum vt_error confine(const struct config *config, const char *more)
{
    /* The clock's zone, and where libraries get chance from. */
    const char *const every[] = {"/etc/localtime", "/usr/share/zoneinfo", "/dev/urandom", NULL};
    /* Libraries, ImageMagick's modules and settings, the number of processors. */
    const char *const image[] = {"/etc/localtime",
                                 "/dev/urandom",
                                 "/usr",
                                 "/lib",
                                 "/lib64",
                                 "/etc/ld.so.cache",
                                 "/etc/ImageMagick-6",
                                 "/etc/ImageMagick-7",
                                 "/sys/devices/system/cpu",
                                 "/sys/devices/system/node",
                                 config->policy_dir,
                                 config->module_dir,
                                 more,
                                 NULL};

    if (config->sandbox == SANDBOX_OFF || sandbox_probe_landlock() < SANDBOX_LANDLOCK_ABI)
        return VT_OK;
    return sandbox_landlock_enter(config->data, config->pool == POOL_IMAGE ? image : every);
}

enum vt_error sandbox_confine_files(const struct config *config)
{
    return confine(config, NULL);
}

enum vt_error sandbox_confine_import(const struct config *config, const char *folder)
{
    return confine(config, folder);
}

bool sandbox_grant_request(const struct config *config, time_t *granted)
{
    return config->sandbox == SANDBOX_OFF || sandbox_limits_grant_request(granted);
}
