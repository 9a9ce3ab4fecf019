/* The table of known vulnerabilities in nginx and in the libraries that read untrusted input. */
#ifndef VITRINE_COMMAND_KNOWN_VULNERABILITIES_H
#define VITRINE_COMMAND_KNOWN_VULNERABILITIES_H

#include <stdbool.h>
#include <stddef.h>

/* A vulnerability that an uploaded picture or a request can reach. */
struct known_vulnerability {
    const char *library;  /* common name, such as "libpng" */
    const char *object;   /* prefix of its file name, such as "libpng16.so."; NULL: no library that
                             decoders load, and only its package is checked */
    const char *package;  /* Debian's name for it */
    const char *debian;   /* first fixed version of the package, in Debian 12; or NULL */
    const char *upstream; /* first fixed version of the library; NULL if that is unknown */
    const char *id;       /* such as "CVE-2023-4863" */
};

/* All of them, grouped by library, the newest first. */
const struct known_vulnerability *known_vulnerabilities(size_t *count);

/* Whether a package of this version has the vulnerability. Distributions fix vulnerabilities
 * without taking upstream's next version, so the package's version decides, and only among packages
 * of the upstream version in the table: for those of other releases the result is false. */
bool known_vulnerabilities_affect_package(const struct known_vulnerability *known,
                                          const char *version);

/* Whether a library that belongs to no package has the vulnerability, by its own version. */
bool known_vulnerabilities_affect_library(const struct known_vulnerability *known,
                                          const char *version);

#endif
