/* Where a rescan begins, and what is left for it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "gallery/internal.h"
#include "upkeep/rescan.h"
#include "upkeep/upkeep.h"

#define CLAIM_TRIES 60

static enum vt_error open_state(const struct gallery *gallery, int flags, int *fd)
{
    char path[PATH_MAX];
    enum vt_error err = gallery_path(gallery, RESCAN_STATE_FILE, path);

    *fd = -1;
    if (err != VT_OK)
        return err;
    *fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0640);
    return *fd >= 0 ? VT_OK : vt_error_from_errno(errno);
}

bool rescan_read_state(const struct gallery *gallery, int fd, struct rescan_state *state)
{
    char path[PATH_MAX];

    return gallery_path(gallery, GALLERY_CATALOGUE, path) == VT_OK &&
           rescan_state_read(fd, state) && rescan_state_is_current(state, path);
}

/* The process of a rescan that was killed may take a moment to end. */
static enum vt_error claim_state(int fd)
{
    const struct timespec pause = {0, 50 * 1000 * 1000};
    enum vt_error err = rescan_state_claim(fd);

    for (unsigned i = 0; err == VT_ERR_BUSY && i < CLAIM_TRIES; i++) {
        (void)nanosleep(&pause, NULL);
        err = rescan_state_claim(fd);
    }
    return err;
}

enum vt_error upkeep_rescan_begin(const struct gallery *gallery, bool again, int *state,
                                  bool *is_done, struct vt_reason *why)
{
    const struct rescan_state none = {0};
    struct rescan_state now;
    enum vt_error err = open_state(gallery, O_CREAT, state);

    *is_done = false;
    if (err != VT_OK)
        return vt_fail(why, err == VT_ERR_NOT_FOUND ? VT_ERR_UNAVAILABLE : err,
                       "the data folder cannot be used");
    err = claim_state(*state);
    if (err == VT_ERR_BUSY)
        err = vt_fail(why, VT_ERR_UNAVAILABLE, "another rescan is at work");
    if (err == VT_OK && again)
        err = rescan_state_write(*state, &none);
    if (err == VT_OK)
        *is_done = rescan_read_state(gallery, *state, &now) && now.done == now.to;
    return err;
}

void upkeep_rescan_unlock(int state)
{
    if (rescan_state_lock(state, false) != VT_OK)
        log_error("rescan: its state stays locked");
}

/* Changes the state of the open file under its lock. */
static enum vt_error change_state(const struct gallery *gallery, int fd,
                                  void (*change)(struct rescan_state *state, int64_t to),
                                  int64_t argument)
{
    struct rescan_state state;
    enum vt_error err = rescan_state_lock(fd, true);

    if (err != VT_OK)
        return err;
    if (rescan_read_state(gallery, fd, &state)) {
        change(&state, argument);
        err = rescan_state_write(fd, &state);
    }
    upkeep_rescan_unlock(fd);
    return err;
}

static void add_image(struct rescan_state *state, int64_t sequence)
{
    if (state->done == state->to && state->done < sequence - 1)
        state->done = state->to = sequence - 1; /* the images between were read at their upload */
    if (state->done >= sequence)
        state->done = sequence - 1;
    if (state->to < sequence)
        state->to = sequence;
}

enum vt_error rescan_note(const struct gallery *gallery, int64_t sequence)
{
    int fd;
    enum vt_error err = open_state(gallery, 0, &fd);

    if (err == VT_ERR_NOT_FOUND)
        return VT_OK; /* the first rescan reads all images */
    if (err == VT_OK)
        err = change_state(gallery, fd, add_image, sequence);
    if (fd >= 0)
        (void)close(fd);
    return err;
}

static void advance(struct rescan_state *state, int64_t done)
{
    if (state->done < done)
        state->done = done < state->to ? done : state->to;
}

enum vt_error rescan_advance(const struct gallery *gallery, int fd, int64_t done)
{
    return change_state(gallery, fd, advance, done);
}

enum vt_error upkeep_rescan_left(struct gallery *gallery, uint64_t *left)
{
    struct rescan_state state = {.done = 0, .to = INT64_MAX};
    int fd;
    enum vt_error err = gallery_open(gallery, NULL);

    if (err != VT_OK)
        return err;
    err = open_state(gallery, 0, &fd);
    if (err == VT_OK && !rescan_read_state(gallery, fd, &state))
        state = (struct rescan_state){.done = 0, .to = INT64_MAX};
    if (fd >= 0)
        (void)close(fd);
    if (err != VT_OK && err != VT_ERR_NOT_FOUND)
        return err;
    return catalogue_count(gallery->catalogue, state.done, state.to, left);
}
