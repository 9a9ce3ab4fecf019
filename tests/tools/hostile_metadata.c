/* A module that replaces image_metadata.so, for tests of what XMP can do that has taken over its
 * reader. It does what follows "HOSTILE:" in the block:
 *
 *   crash  accesses invalid memory
 *   hang   never ends
 *   lie    sends a photo that cannot be true
 *   invent fills the fields with what is not sound */
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/metadata_module.h"

#define MARK "HOSTILE:"

static void crash(void)
{
    (void)signal(SIGSEGV, SIG_DFL); /* so that no sanitizer reports it */
    *(volatile int *)(uintptr_t)getpagesize() = 1;
}

/* Writes to every pipe: the reply goes to one of them. */
static void lie(void)
{
    struct photo photo;

    memset(&photo, 0xff, sizeof photo);
    for (int fd = 3; fd < 16; fd++) {
        struct stat status;

        if (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) &&
            write(fd, &photo, sizeof photo) < 0)
            continue;
    }
}

static void hang(void)
{
    for (;;)
        (void)sleep(1);
}

static void read_exif(struct metadata_span block, struct metadata_fields *fields)
{
    (void)block;
    (void)fields;
}

static void read_xmp(struct metadata_span block, struct metadata_fields *fields)
{
    const char *wish = memmem(block.data, block.len, MARK, strlen(MARK));

    if (wish == NULL)
        return;
    wish += strlen(MARK);
    if (strncmp(wish, "crash", 5) == 0)
        crash();
    if (strncmp(wish, "lie", 3) == 0)
        lie();
    if (strncmp(wish, "invent", 6) != 0)
        hang();
    fields->photo.has_place = true;
    fields->photo.latitude = NAN;
}

const struct image_metadata_module image_metadata = {
    IMAGE_MODULE("image_metadata.so"), sizeof(struct metadata_fields), read_exif, read_xmp};
