/* The table of known vulnerabilities in nginx and in the libraries that read untrusted input. */
#ifndef VITRINE_COMMAND_KNOWN_VULNERABILITIES_H
#define VITRINE_COMMAND_KNOWN_VULNERABILITIES_H

#include <stdbool.h>
#include <stddef.h>

/* Debian's releases whose packages the table knows, the oldest first. */
enum debian_release { DEBIAN_12, DEBIAN_13, DEBIAN_RELEASE_COUNT };

/* A library's package in a release of Debian. */
struct known_package {
    const char *name;
    const char *object; /* prefix of the file name that this package installs; NULL: the library's,
                           for all releases have the same */
    const char *since;  /* upstream version that the release came out with */
};

struct known_library {
    const char *name;   /* common name, such as "libpng" */
    const char *object; /* prefix of its file name, such as "libpng16.so."; NULL: no library that
                           decoders load, and only its package is checked */
    struct known_package packages[DEBIAN_RELEASE_COUNT];
};

/* A vulnerability that an uploaded picture or a request can reach. */
struct known_vulnerability {
    const struct known_library *library;
    const char *fixed[DEBIAN_RELEASE_COUNT]; /* first fixed version of the package in each release;
                                                NULL: none, or the release came out with the fix */
    const char *upstream; /* first fixed version of the library; NULL if that is unknown */
    const char *id;       /* such as "CVE-2023-4863" */
};

/* All of them, grouped by library, the newest first. */
const struct known_vulnerability *known_vulnerabilities(size_t *count);

/* Whether the release's package of this version has the vulnerability. Distributions fix
 * vulnerabilities without taking upstream's next version, so the package's version decides, and
 * only from the version that the release came out with up to the fixed one. An older version is of
 * an older release, which may have fixed it under a number of its own: for that the result is
 * false. */
bool known_vulnerabilities_affect_package(const struct known_vulnerability *known,
                                          enum debian_release release, const char *version);

/* Whether a library that belongs to no package has the vulnerability, by its own version. */
bool known_vulnerabilities_affect_library(const struct known_vulnerability *known,
                                          const char *version);

#endif
