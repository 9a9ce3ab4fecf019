/* How far a rescan is: the file `rescan` in the data folder. Losing it costs time and nothing else:
 * all images are read again, which changes none that has been read. */
#ifndef VITRINE_UPKEEP_RESCAN_STATE_H
#define VITRINE_UPKEEP_RESCAN_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define RESCAN_STATE_FILE "rescan"

/* Of the images up to the sequence `to`, those up to `done` have been read by this version of the
 * reader. Later ones were read at their upload. */
struct rescan_state {
    unsigned reader;    /* IMAGE_METADATA_READER */
    uint64_t catalogue; /* the inode of the catalogue's file, whose sequences these are */
    int64_t done, to;
};

/* Reads the state from the open file; false if the file has none, or is damaged. */
bool rescan_state_read(int fd, struct rescan_state *state) VT_MUST_CHECK;

/* Writes the state, durably. A process that is killed leaves the old one or the new one. */
enum vt_error rescan_state_write(int fd, const struct rescan_state *state) VT_MUST_CHECK;

/* Whether the state is of this reader and of the catalogue at that path. */
bool rescan_state_is_current(const struct rescan_state *state, const char *catalogue) VT_MUST_CHECK;

/* Waits for the lock that whoever changes the state of an open file holds. Closing the file, or a
 * call with false, releases it. */
enum vt_error rescan_state_lock(int fd, bool is_locked) VT_MUST_CHECK;

/* Takes the lock that a rescan holds for as long as it works: VT_ERR_BUSY if another one does. */
enum vt_error rescan_state_claim(int fd) VT_MUST_CHECK;

#endif
