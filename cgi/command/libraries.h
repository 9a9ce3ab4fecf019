/* Which libraries of this installation have a known hole: see known_holes.h. */
#ifndef VITRINE_COMMAND_LIBRARIES_H
#define VITRINE_COMMAND_LIBRARIES_H

#include "command/command.h"

/* Asks the decoder which libraries it loads, and dpkg, where there is one, for the versions of
 * their packages; a library that is of no package is asked itself. Gives an array with an object
 * for each library that has a known hole: library, package, found, needed and hole, strings; of
 * several holes the newest. The caller has the reference. On failure it is NULL, and *why says what
 * could not be asked: the decoder. */
enum vt_error command_libraries_find(const struct config *config, json_t **found,
                                     struct vt_reason *why) VT_MUST_CHECK;

#endif
