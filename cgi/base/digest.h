/* SHA-256 (FIPS 180-4), computed by Nettle. */
#ifndef VITRINE_BASE_DIGEST_H
#define VITRINE_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define DIGEST_SIZE 32 /* bytes */

struct digest;

/* Starts a SHA-256. The caller frees *digest. */
enum vt_error digest_new(struct digest **digest) VT_MUST_CHECK;

/* Adds bytes. */
void digest_update(struct digest *digest, const void *data, size_t len);

/* Writes the hash. Afterwards, the digest can only be freed. */
void digest_finish(struct digest *digest, uint8_t hash[DIGEST_SIZE]);

/* Frees the memory. NULL is allowed. */
void digest_free(struct digest *digest);

/* The SHA-256 of a few bytes in one call. */
void digest_of(const void *data, size_t len, uint8_t hash[DIGEST_SIZE]);

/* The SHA-256 of an open file's whole content; the file's position does not change.
 * VT_ERR_UNAVAILABLE if the file cannot be read. */
enum vt_error digest_of_file(int fd, uint8_t hash[DIGEST_SIZE]) VT_MUST_CHECK;

#endif
