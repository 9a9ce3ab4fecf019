/* Display names and tags: text from the network that people will read. Never part of a path. */
#ifndef VITRINE_BASE_TEXT_H
#define VITRINE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define NAME_SIZE 256 /* bytes of a cleaned name, including its NUL */

/* The length in bytes of a hidden character at the beginning of text (which has at least one byte):
 * a control character, an invisible one, one that reorders its neighbours, or a byte that is not
 * UTF-8. 0 if the first character is visible. */
size_t text_hidden(const char *text, size_t len);

/* The length in bytes of the first character of text (which has at least one byte); 1 if it is not
 * UTF-8. */
size_t text_character(const char *text, size_t len);

/* Makes text valid UTF-8 of fewer than size bytes: control characters, line and paragraph
 * separators, invisible characters and those that reorder their neighbours are dropped (a name must
 * not look like another one when shown; joiners and variation selectors stay), bytes that are not
 * UTF-8 become U+FFFD, white space at both ends is removed, and a text that is too long is cut
 * between two characters. out may become empty. */
void text_clean(const char *in, size_t len, char *out, size_t size);

/* Applies text_clean() to the part of a file name after its last / or \. A name that is cut keeps a
 * short extension; a name of which nothing is left becomes "untitled". */
void text_clean_name(const char *in, size_t len, char out[NAME_SIZE]);

#define TEXT_BYTES_SIZE 32 /* bytes of a size in words, its NUL included */

/* Writes a number of bytes for people: "999 B", "1.5 kB", "90 MB". A kB has 1,024 bytes, as with
 * the k, m and g of the settings. Gives out. */
const char *text_bytes(uint64_t bytes, char out[TEXT_BYTES_SIZE]);

#endif
