/* Shared by the files of upkeep/, and by nothing else. */
#ifndef VITRINE_UPKEEP_RESCAN_H
#define VITRINE_UPKEEP_RESCAN_H

#include "gallery/gallery.h"

/* Has the next rescan read that image, whose row was made from its original alone; the caller holds
 * the catalogue's write lock, and has not committed yet. */
enum vt_error rescan_note(const struct gallery *gallery, int64_t sequence) VT_MUST_CHECK;

#endif
