/* Bytes as lower-case hexadecimal digits (RFC 4648, section 8), by Nettle. */
#ifndef VITRINE_BASE_HEX_H
#define VITRINE_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes two digits for each byte, and a NUL: out has room for 2 * len + 1 characters. */
void hex_write(const void *bytes, size_t len, char *out);

/* Reads an even number of digits; false on anything else, upper case among it. out has room for
 * half as many bytes as text has characters. */
bool hex_read(const char *text, void *out);

#endif
