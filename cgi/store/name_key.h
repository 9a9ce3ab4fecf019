/* The order of names as people sort them: keys which memcmp(3) puts into it. */
#ifndef VITRINE_STORE_NAME_KEY_H
#define VITRINE_STORE_NAME_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define NAME_KEY_FOLDED_SIZE (2 * NAME_SIZE) /* of the part without case, accents and forms */
#define NAME_KEY_SIZE (NAME_KEY_FOLDED_SIZE + NAME_SIZE) /* bytes of a key at most */
#define NAME_KEY_VERSION_SIZE 32                         /* bytes of a version, its NUL included */

/* Writes the key of a name, of which at most NAME_SIZE - 1 bytes count; returns its length. Blanks
 * sort first, then punctuation and symbols, numbers, letters. Case, accents and compatibility forms
 * (a full-width letter, a ligature) make no difference, and a number counts by its value, however
 * long and in whatever script's digits: IMG_2 before IMG_10. Names that this finds equal follow
 * each other by their bytes, so that only equal names have equal keys. An empty name has an empty
 * key; any other key begins with a byte other than NUL. Bytes that are not UTF-8 count as U+FFFD.
 */
size_t name_key(const char *name, size_t len, uint8_t out[NAME_KEY_SIZE]);

/* Writes how keys are made: the version of this code and that of Unicode's tables. Keys of another
 * version are not to be compared with these. */
void name_key_version(char out[NAME_KEY_VERSION_SIZE]);

#endif
