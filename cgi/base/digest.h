/* SHA-256 (FIPS 180-4), by Nettle. */
#ifndef VITRINE_BASE_DIGEST_H
#define VITRINE_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define DIGEST_SIZE 32 /* bytes */

struct digest;

/* Begins a SHA-256. The caller frees it. */
enum vt_error digest_new(struct digest **digest) VT_MUST_CHECK;

/* Adds bytes. */
void digest_update(struct digest *digest, const void *data, size_t len);

/* Ends it; the digest can only be freed afterwards. */
void digest_finish(struct digest *digest, uint8_t hash[DIGEST_SIZE]);

/* Gives the memory back. NULL is allowed. */
void digest_free(struct digest *digest);

/* The SHA-256 of a few bytes in one call. */
void digest_of(const void *data, size_t len, uint8_t hash[DIGEST_SIZE]);

/* That of what an open file holds, from its beginning; its position stays. VT_ERR_UNAVAILABLE where
 * it cannot be read. */
enum vt_error digest_of_file(int fd, uint8_t hash[DIGEST_SIZE]) VT_MUST_CHECK;

#endif
