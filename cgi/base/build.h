/* Which build of the program this is. */
#ifndef VITRINE_BASE_BUILD_H
#define VITRINE_BASE_BUILD_H

#define BUILD_TAG_SIZE 9 /* including the NUL */

/* Eight hex digits that differ from build to build: the beginning of the build id that the linker
 * gave the executable. If it gave none, "0" followed by the version's letters. Static. */
const char *build_tag(void);

#endif
