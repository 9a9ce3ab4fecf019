/* Converts bytes to and from lower-case hexadecimal digits (RFC 4648, section 8) with Nettle. */
#ifndef VITRINE_BASE_HEX_H
#define VITRINE_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes two digits for each byte, and a NUL. out must have room for 2 * len + 1 characters. */
void hex_write(const void *bytes, size_t len, char *out);

/* Reads an even number of digits. Returns false for anything else, including upper-case digits. out
 * must have room for half as many bytes as text has characters. */
bool hex_read(const char *text, void *out);

#endif
