#include "base/settings.h"

#include <stdio.h>

#include "base/config.h"

/* A new setting is an entry here and, if a program in C reads it, a member of struct config.
 * tests/settings.sh then names each place that lacks it.
 *
 * provision/install, the Vagrantfile and tests/e2e/lib.sh read .name and .places from this file:
 * keep each on a line, in this order. */

#define MEMBER(member)                                                                             \
    .offset = offsetof(struct config, member), .size = sizeof(((struct config *)NULL)->member)

const struct setting settings_table[] = {
    {
        .name = "VITRINE_ACCESS_LOG",
        .places = "web",
        .kind = SETTING_TEXT,
        .default_value = "off",
        .container_value = "/dev/stdout",
        .help = "nginx's access log: a file, or /dev/stdout",
    },
    {
        .name = "VITRINE_BIND",
        .places = "compose",
        .kind = SETTING_TEXT,
        .default_value = "127.0.0.1",
        .help = "address of this machine on which the port is published",
    },
    {
        .name = "VITRINE_DATA",
        .places = "serve",
        .kind = SETTING_PATH,
        .default_help = "required; with ./run, ./var",
        .container_value = "/var/lib/vitrine",
        .help = "folder of images and catalogue",
        MEMBER(data),
    },
    {
        .name = "VITRINE_DECODE_MEMORY",
        .places = "host worker",
        .kind = SETTING_SIZE,
        .default_help =
            "half of the machine's memory or three quarters of the control group's limit, "
            "whichever is less",
        .least = "64m",
        .most = "1024g",
        .help = "memory for all decodes together",
        MEMBER(decode_memory),
    },
    /* 100 is less than the two minutes that a whole request may take. */
    {
        .name = "VITRINE_DECODE_SECONDS",
        .places = "host worker",
        .kind = SETTING_NUMBER,
        .default_value = "30",
        .least = "1",
        .most = "100",
        .help = "maximum number of seconds for decoding one image",
        MEMBER(decode_seconds),
    },
    {
        .name = "VITRINE_HOSTS",
        .places = "host web",
        .kind = SETTING_TEXT,
        .help = "host names that the gallery answers to, besides localhost, IP addresses and the "
                "machine's own name",
    },
    {
        .name = "VITRINE_LISTEN",
        .places = "guest",
        .kind = SETTING_TEXT,
        .default_value = "127.0.0.1:8080",
        .container_value = "8080",
        .help = "address that nginx listens on",
    },
    {
        .name = "VITRINE_MAX_FRAMES",
        .places = "host worker",
        .kind = SETTING_NUMBER,
        .default_value = "1000",
        .least = "1",
        .most = "100000",
        .help = "maximum number of frames of an animation or pages of a TIFF",
        MEMBER(max_frames),
    },
    {
        .name = "VITRINE_MAX_PIXELS",
        .places = "host worker",
        .kind = SETTING_NUMBER,
        .default_value = "100000000",
        .least = "1",
        .most = "4000000000",
        .help = "maximum number of pixels (width times height) of one image",
        MEMBER(max_pixels),
    },
    {
        .name = "VITRINE_MAX_UPLOAD",
        .places = "host worker web",
        .kind = SETTING_SIZE,
        .default_value = "128m",
        .least = "1",
        .most = "1024g",
        .help = "largest body of a request",
        MEMBER(max_upload),
    },
    {
        .name = "VITRINE_METADATA",
        .places = "host worker web",
        .kind = SETTING_CHOICE,
        .default_value = "hide-place",
        .choices =
            {
                [METADATA_HIDE_PLACE] = "hide-place",
                [METADATA_HIDE_ALL] = "hide-all",
                [METADATA_SHOW] = "show",
            },
        .help = "what those who may not change an image get of its metadata",
        MEMBER(metadata),
    },
    {
        .name = "VITRINE_MODULE_DIR",
        .places = "program",
        .kind = SETTING_PATH,
        .default_value = MODULE_DIR,
        .default_help = "the folder of the installation",
        .help = "folder of vitrine-decoder and of its modules, image_*.so",
        MEMBER(module_dir),
    },
    {
        .name = "VITRINE_POLICY_DIR",
        .places = "program",
        .kind = SETTING_PATH,
        .default_value = POLICY_DIR,
        .default_help = "the folder of the installation",
        .help = "folder of ImageMagick's policy.xml",
        MEMBER(policy_dir),
    },
    {
        .name = "VITRINE_POOL",
        .places = "program",
        .kind = SETTING_CHOICE,
        .default_value = "api",
        .choices =
            {
                [POOL_API] = "api",
                [POOL_IMAGE] = "image",
            },
        .help = "pool whose requests the worker answers",
        MEMBER(pool),
    },
    {
        .name = "VITRINE_PORT",
        .places = "compose serve",
        .kind = SETTING_NUMBER,
        .default_value = "8080",
        .least = "1",
        .most = "65535",
        .help = "port of the gallery",
    },
    {
        .name = "VITRINE_QUOTA",
        .places = "host worker",
        .kind = SETTING_SIZE,
        .default_value = "0",
        .default_help = "no limit",
        .least = "0",
        .most = "1048576g",
        .help = "maximum size of originals, thumbnails and uploads in progress together",
        MEMBER(quota),
    },
    {
        .name = "VITRINE_REQUEST_LOG",
        .places = "host worker",
        .kind = SETTING_CHOICE,
        .default_value = "off",
        .container_value = "on",
        .choices =
            {
                [false] = "off",
                [true] = "on",
            },
        .help = "whether the workers log each request",
        MEMBER(request_log),
    },
    {
        .name = "VITRINE_RESERVE",
        .places = "host worker",
        .kind = SETTING_SIZE,
        .default_help = "a hundredth of the disk, 256m at most",
        .least = "0",
        .most = "1048576g",
        .help = "bytes of the disk that uploads and new thumbnails must leave free",
        MEMBER(reserve),
    },
    {
        .name = "VITRINE_ROOT",
        .places = "program",
        .kind = SETTING_PATH,
        .help = "folder of a staged installation",
    },
    {
        .name = "VITRINE_RUN",
        .places = "program",
        .kind = SETTING_PATH,
        .default_value = "/run/vitrine",
        .help = "folder of the pools' sockets",
    },
    {
        .name = "VITRINE_SANDBOX",
        .places = "host worker",
        .kind = SETTING_CHOICE,
        .default_value = "on",
        .choices =
            {
                [SANDBOX_ON] = "on",
                [SANDBOX_REQUIRE] = "require",
                [SANDBOX_OFF] = "off",
            },
        .help = "whether each worker restricts its own system calls, files and resources",
        MEMBER(sandbox),
    },
    {
        .name = "VITRINE_SPOOL",
        .places = "program",
        .kind = SETTING_PATH,
        .default_help = "nginx in VITRINE_RUN",
        .container_value = "/var/spool/vitrine",
        .help = "folder of nginx's own files",
    },
    {
        .name = "VITRINE_STOP_TIMEOUT",
        .places = "program",
        .kind = SETTING_TEXT,
        .default_value = "30s",
        .container_value = "4s",
        .help = "how long the requests in progress may take at a stop",
    },
    {
        .name = "VITRINE_TAG",
        .places = "compose",
        .kind = SETTING_TEXT,
        .default_value = "latest",
        .help = "tag of both container images",
    },
    {
        .name = "VITRINE_TOKEN",
        .places = "host worker",
        .kind = SETTING_TOKEN,
        .least = "16",
        .most = "255",
        .help = "the operator's token: once it is set, uploads need it, and it allows changing and "
                "deleting any image",
        MEMBER(token),
    },
    {
        .name = "VITRINE_TRUSTED_PROXIES",
        .places = "host web",
        .kind = SETTING_TEXT,
        .help = "addresses or networks of proxies whose X-Forwarded-For is trusted",
    },
    {
        .name = "VITRINE_UPLOADS_PER_MINUTE",
        .places = "host web",
        .kind = SETTING_NUMBER,
        .default_value = "1200",
        .least = "0",
        .most = "999999",
        .help = "upload requests that one address may send per minute",
    },
    {
        .name = "VITRINE_VM_BOX",
        .places = "vagrant",
        .kind = SETTING_TEXT,
        .default_value = "debian/bookworm64",
        .help = "the box",
    },
    {
        .name = "VITRINE_VM_CPUS",
        .places = "vagrant",
        .kind = SETTING_NUMBER,
        .default_value = "1",
        .help = "number of processors",
    },
    {
        .name = "VITRINE_VM_DRIVER",
        .places = "vagrant",
        .kind = SETTING_CHOICE,
        .default_value = "kvm",
        .choices = {"kvm", "qemu"},
        .help = "for libvirt: what runs the machine",
    },
    {
        .name = "VITRINE_VM_MEMORY",
        .places = "vagrant",
        .kind = SETTING_NUMBER,
        .default_value = "512",
        .help = "memory in MB",
    },
    {
        .name = "VITRINE_VM_PORT",
        .places = "vagrant",
        .kind = SETTING_NUMBER,
        .default_value = "8081",
        .help = "port on 127.0.0.1 of your machine",
    },
    {
        .name = "VITRINE_WEB_MEMORY",
        .places = "compose",
        .kind = SETTING_SIZE,
        .default_value = "256m",
        .help = "memory limit of nginx's container",
    },
    /* vitrine-pool uses it. It is in struct config so that a mistake is found before anything is
     * stopped. */
    {
        .name = "VITRINE_WORKERS",
        .places = "host worker",
        .kind = SETTING_NUMBER,
        .default_help = "number of processors, at least 2; one more for images",
        .least = "1",
        .most = "999",
        .help = "number of worker processes in each of the two pools",
        MEMBER(workers),
    },
    {
        .name = "VITRINE_WORKER_MEMORY",
        .places = "compose",
        .kind = SETTING_SIZE,
        .default_value = "2g",
        .help = "memory limit of the workers' container",
    },
};

const size_t settings_count = sizeof settings_table / sizeof settings_table[0];

const char *settings_range(const struct setting *setting, char out[SETTINGS_RANGE_SIZE])
{
    const char *const *choices = setting->choices;
    int len = 0;

    out[0] = '\0';
    if (setting->least != NULL)
        (void)snprintf(out, SETTINGS_RANGE_SIZE, "%s to %s%s", setting->least, setting->most,
                       setting->kind == SETTING_TOKEN ? " characters" : "");
    for (size_t i = 0; choices[i] != NULL && len >= 0 && len < SETTINGS_RANGE_SIZE; i++)
        len += snprintf(out + len, SETTINGS_RANGE_SIZE - (size_t)len, "%s%s",
                        i == 0                   ? ""
                        : choices[i + 1] == NULL ? " or "
                                                 : ", ",
                        choices[i]);
    return out;
}

const char *settings_default(const struct setting *setting)
{
    if (setting->default_help != NULL)
        return setting->default_help;
    return setting->default_value != NULL ? setting->default_value : "none";
}
