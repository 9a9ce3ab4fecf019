/* Known holes of the libraries that read what strangers send, and of nginx: the one table. */
#ifndef VITRINE_COMMAND_KNOWN_HOLES_H
#define VITRINE_COMMAND_KNOWN_HOLES_H

#include <stdbool.h>
#include <stddef.h>

/* A hole that one uploaded picture, or a request, can reach. */
struct known_hole {
    const char *library;  /* as people call it, such as "libpng" */
    const char *object;   /* what its file's name begins with, such as "libpng16.so."; NULL: it is
                             no library that decoders load, and only its package is looked at */
    const char *package;  /* Debian's name for it */
    const char *debian;   /* the package's first version without the hole, in Debian 12; or NULL */
    const char *upstream; /* the library's first version without it; NULL where that is not known */
    const char *id;       /* such as "CVE-2023-4863" */
};

/* All of them, those of a library one after the other, the newest first. */
const struct known_hole *known_holes(size_t *count);

/* Whether a package of this version has the hole. Distributions mend holes without taking
 * upstream's next version, so the package's version decides, and only among packages of the
 * upstream version that the table has: of those of other releases this says false. */
bool known_holes_are_in_package(const struct known_hole *hole, const char *version);

/* Whether a library that is of no package has it, by its own version. */
bool known_holes_are_in_library(const struct known_hole *hole, const char *version);

#endif
