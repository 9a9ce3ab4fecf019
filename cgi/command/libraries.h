/* Finds the libraries of this installation that have a known vulnerability: see
 * known_vulnerabilities.h. */
#ifndef VITRINE_COMMAND_LIBRARIES_H
#define VITRINE_COMMAND_LIBRARIES_H

#include "command/command.h"

/* Asks the decoder which libraries it loads, and dpkg, if there is one, for the versions of their
 * packages; a library that belongs to no package is asked for its own version. Gives an array with
 * an object for each library that has a known vulnerability, with the strings library, package,
 * found, needed and vulnerability; if it has several, the newest. The caller owns the reference. On
 * failure it is NULL, and *why says that the decoder could not be asked. */
enum vt_error command_libraries_find(const struct config *config, json_t **found,
                                     struct vt_reason *why) VT_MUST_CHECK;

#endif
