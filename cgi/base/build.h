/* Which build of the program this is. */
#ifndef VITRINE_BASE_BUILD_H
#define VITRINE_BASE_BUILD_H

#define BUILD_TAG_SIZE 9 /* its NUL included */

/* Eight hex digits that another build of the program has otherwise: the beginning of the id that
 * the linker gave the executable. "0" followed by the version's letters where it gave none. Static.
 */
const char *build_tag(void);

#endif
