/* Shared by the files of upkeep/, and by nothing else. */
#ifndef VITRINE_UPKEEP_RESCAN_H
#define VITRINE_UPKEEP_RESCAN_H

#include "gallery/gallery.h"
#include "upkeep/rescan_state.h"

/* Reads the state from the open file; false if that is not of this reader and this catalogue. */
bool rescan_read_state(const struct gallery *gallery, int fd,
                       struct rescan_state *state) VT_MUST_CHECK;

/* Writes that the images up to that sequence have been read. */
enum vt_error rescan_advance(const struct gallery *gallery, int fd, int64_t done) VT_MUST_CHECK;

/* Has the next rescan read that image, whose row was made from its original alone; the caller holds
 * the catalogue's write lock, and has not committed yet: a rescan that knows of the image waits for
 * that lock before it lists what there is. */
enum vt_error rescan_note(const struct gallery *gallery, int64_t sequence) VT_MUST_CHECK;

#endif
