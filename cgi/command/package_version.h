/* Compares versions in Debian's order (deb-version(7)). */
#ifndef VITRINE_COMMAND_PACKAGE_VERSION_H
#define VITRINE_COMMAND_PACKAGE_VERSION_H

/* Returns less than, equal to or greater than 0 if a is older than, as old as or newer than b. Both
 * are [EPOCH:]UPSTREAM[-REVISION]; any text has a place in the order. Upstream's own versions, such
 * as "1.15.1", can be compared, too. */
int package_version_compare(const char *a, const char *b);

#endif
