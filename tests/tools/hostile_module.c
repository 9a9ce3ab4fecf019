/* A module that replaces image_magick.so, for tests of what a picture can do that has taken over
 * its decoder. It passes all work to the real module, which lies beside it as real.so, unless a
 * picture has a comment that begins with "HOSTILE:", followed by one of these:
 *
 *   crash     accesses invalid memory
 *   hang      never ends
 *   greedy    allocates memory without end
 *   lie N     sends a reply of its own instead of the true one
 *   open      lists the open descriptors
 *   try N     makes attempt number N of support_attempts
 *
 * The result of the last two is the reason with which the picture is refused. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/attempts.h"
#include "decoder/wire.h"
#include "image/magick.h"

#define MARK "HOSTILE:"

static const struct image_magick *real;

static enum vt_error start(const char *policy_dir, uint64_t max_pixels)
{
    char path[PATH_MAX + 16];
    Dl_info info;
    void *module;

    if (dladdr(&real, &info) == 0)
        return VT_ERR_UNAVAILABLE;
    (void)snprintf(path, sizeof path, "%.*s/real.so",
                   (int)(strrchr(info.dli_fname, '/') - info.dli_fname), info.dli_fname);
    module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    real = module != NULL ? dlsym(module, IMAGE_MAGICK_SYMBOL) : NULL;
    return real != NULL ? real->start(policy_dir, max_pixels) : VT_ERR_UNAVAILABLE;
}

static void stop(void)
{
    real->stop();
}

static void crash(void)
{
    (void)signal(SIGSEGV, SIG_DFL); /* so that no sanitizer reports it */
    *(volatile int *)(uintptr_t)getpagesize() = 1;
}

/* Writes to every writable descriptor from 3 on: the reply goes to one of them. */
static void say(const void *data, size_t len)
{
    for (int fd = 3; fd < 16; fd++) {
        struct stat status;

        if (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) && write(fd, data, len) < 0)
            continue;
    }
}

static void lie(unsigned long number)
{
    struct decoder_reply head = {
        .wire = DECODER_WIRE, .width = 64, .height = 48, .lengths = {100, 100}};
    char bytes[200] = "no thumbnail";

    switch (number) {
    case 0: /* no reply at all */
        say(bytes, sizeof bytes);
        say(bytes, sizeof bytes);
        say(bytes, sizeof bytes);
        break;
    case 1: /* no picture has that size */
        head.width = 1000;
        break;
    case 2: /* more than fits into memory */
        head.lengths[0] = UINT32_MAX;
        break;
    case 3: /* an error that a decode cannot have */
        head.err = VT_ERR_UNAUTHORIZED;
        break;
    case 4: /* a reason that is not text */
        head.err = VT_ERR_INVALID_IMAGE;
        memset(head.why.text, 0xff, sizeof head.why.text);
        break;
    default: /* bytes that are not a thumbnail */
        say(&head, sizeof head);
        say(bytes, sizeof bytes);
        _exit(0);
    }
    if (number > 0)
        say(&head, sizeof head);
    for (;;)
        (void)sleep(1);
}

static enum vt_error list_open(struct vt_reason *why)
{
    char list[100] = "";
    size_t len = 0;

    for (int fd = 0; fd < 64; fd++) {
        struct stat status;

        if (fstat(fd, &status) == 0)
            len += (size_t)snprintf(list + len, sizeof list - len, " %s",
                                    S_ISREG(status.st_mode)    ? "file"
                                    : S_ISFIFO(status.st_mode) ? "pipe"
                                                               : "other");
    }
    return vt_fail(why, VT_ERR_INVALID_IMAGE, "open:%s", list);
}

static enum vt_error try(unsigned long number, struct vt_reason *why)
{
    const struct attempt *attempt = &support_attempts[number];
    int code = attempt->try("/tmp/data", "/tmp/outside");

    return vt_fail(why, VT_ERR_INVALID_IMAGE, "%s: %s", attempt->name,
                   code == 0 ? "success" : strerrorname_np(code));
}

static enum vt_error take_over(const char *wish, struct vt_reason *why)
{
    if (strncmp(wish, "crash", 5) == 0)
        crash();
    if (strncmp(wish, "hang", 4) == 0)
        for (;;)
            (void)sleep(1);
    if (strncmp(wish, "greedy", 6) == 0)
        for (void *more = &wish; more != NULL;) {
            more = malloc(1 << 24);
            if (more != NULL)
                memset(more, 1, 4096);
        }
    if (strncmp(wish, "lie", 3) == 0)
        lie(strtoul(wish + 3, NULL, 10));
    if (strncmp(wish, "open", 4) == 0)
        return list_open(why);
    if (strncmp(wish, "try", 3) == 0)
        return try(strtoul(wish + 3, NULL, 10), why);
    return VT_ERR_MEMORY;
}

static enum vt_error decode(const struct image_source *source, struct decoded *decoded,
                            struct vt_reason *why)
{
    const char *mark = memmem(source->data, source->len, MARK, strlen(MARK));

    if (mark == NULL)
        return real->decode(source, decoded, why);
    *decoded = (struct decoded){.raster = RASTER_INIT, .orientation = 1};
    return take_over(mark + strlen(MARK), why);
}

const struct image_magick image_magick = {
    .module = IMAGE_MODULE("image_magick.so"),
    .start = start,
    .stop = stop,
    .decode = decode,
};
