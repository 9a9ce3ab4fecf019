/* Versions, in the order that Debian gives them (deb-version(7)). */
#ifndef VITRINE_COMMAND_PACKAGE_VERSION_H
#define VITRINE_COMMAND_PACKAGE_VERSION_H

#include <stdbool.h>

/* Less than, equal to or greater than 0, as a is older than, as old as or newer than b. Both are
 * [EPOCH:]UPSTREAM[-REVISION]; any text has its place in the order. Upstream's own versions, such
 * as "1.15.1", are compared as well. */
int package_version_compare(const char *a, const char *b);

/* Whether both are of the same epoch and upstream version: whether they differ in the package's
 * revision only, as the versions of a package within one release of Debian do. */
bool package_version_is_of_upstream(const char *a, const char *b);

#endif
