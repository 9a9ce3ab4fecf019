/* Sort keys that order names the way people do, when compared by memcmp(3). */
#ifndef VITRINE_STORE_NAME_KEY_H
#define VITRINE_STORE_NAME_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define NAME_KEY_FOLDED_SIZE (2 * NAME_SIZE) /* of the part without case, accents and forms */
#define NAME_KEY_SIZE (NAME_KEY_FOLDED_SIZE + NAME_SIZE) /* bytes of a key at most */
#define NAME_KEY_VERSION_SIZE 32                         /* bytes of a version, including the NUL */

/* Writes the key of a name, of which at most NAME_SIZE - 1 bytes are used; returns its length.
 * Blanks sort first, then punctuation and symbols, numbers, letters. Case, accents and
 * compatibility forms (a full-width letter, a ligature) make no difference. Numbers are ordered by
 * value, whatever their length and the script of their digits: IMG_2 before IMG_10. Names that are
 * equal by these rules are ordered by their bytes, so that only equal names have equal keys. An
 * empty name has an empty key; any other key begins with a byte other than NUL. Bytes that are not
 * UTF-8 count as U+FFFD. */
size_t name_key(const char *name, size_t len, uint8_t out[NAME_KEY_SIZE]);

/* Writes the version of the keys: that of this code and that of the Unicode tables. Keys of
 * different versions must not be compared. */
void name_key_version(char out[NAME_KEY_VERSION_SIZE]);

#endif
