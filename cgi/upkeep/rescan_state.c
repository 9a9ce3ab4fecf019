#include "upkeep/rescan_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "image/metadata.h"

#define STATE_SIZE 128 /* bytes of the file: a line of text, and blanks */
#define STATE_FORMAT "vitrine-rescan 1 %u %" PRIu64 " %" PRId64 " %" PRId64

/* Bytes of the file that are locked. */
#define LOCK_CLAIM 0
#define LOCK_CHANGE 1

bool rescan_state_read(int fd, struct rescan_state *state)
{
    char text[STATE_SIZE + 1];
    ssize_t got = pread(fd, text, STATE_SIZE, 0);
    int used = 0;

    if (got != STATE_SIZE)
        return false;
    text[got] = '\0';
    if (sscanf(text, "vitrine-rescan 1 %u %" SCNu64 " %" SCNd64 " %" SCNd64 " %n", &state->reader,
               &state->catalogue, &state->done, &state->to, &used) != 4)
        return false;
    return text[used] == '\0' && state->done >= 0 && state->to >= state->done;
}

enum vt_error rescan_state_write(int fd, const struct rescan_state *state)
{
    char text[STATE_SIZE + 1];
    int len = snprintf(text, sizeof text, STATE_FORMAT, state->reader, state->catalogue,
                       state->done, state->to);

    if (len < 0 || len >= STATE_SIZE)
        return VT_ERR_INTERNAL;
    memset(text + len, ' ', STATE_SIZE - (size_t)len);
    text[STATE_SIZE - 1] = '\n';
    if (pwrite(fd, text, STATE_SIZE, 0) == STATE_SIZE && fdatasync(fd) == 0)
        return VT_OK;
    log_error("rescan: its state cannot be written: %s", strerror(errno));
    return vt_error_from_errno(errno);
}

bool rescan_state_is_current(const struct rescan_state *state, const char *catalogue)
{
    struct stat status;

    return state->reader == IMAGE_METADATA_READER && stat(catalogue, &status) == 0 &&
           state->catalogue == (uint64_t)status.st_ino;
}

static int lock_byte(int fd, unsigned byte, short type, int command)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    return fcntl(fd, command, &lock);
}

enum vt_error rescan_state_lock(int fd, bool is_locked)
{
    short type = is_locked ? F_WRLCK : F_UNLCK;

    while (lock_byte(fd, LOCK_CHANGE, type, F_OFD_SETLKW) != 0)
        if (errno != EINTR)
            return vt_error_from_errno(errno);
    return VT_OK;
}

enum vt_error rescan_state_claim(int fd)
{
    if (lock_byte(fd, LOCK_CLAIM, F_WRLCK, F_OFD_SETLK) == 0)
        return VT_OK;
    return errno == EAGAIN || errno == EACCES ? VT_ERR_BUSY : vt_error_from_errno(errno);
}
