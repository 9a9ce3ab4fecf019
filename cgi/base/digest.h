/* SHA-256 and what Vitrine makes of it, by Nettle. */
#ifndef VITRINE_BASE_SHA256_H
#define VITRINE_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/record.h"

#define TOKEN_SIZE 44 /* 32 random bytes in base64url without padding, and the NUL */

struct digest;

/* Begins a SHA-256. The caller frees it. */
enum vt_error digest_new(struct digest **digest) VT_MUST_CHECK;

/* Adds bytes. */
void digest_update(struct digest *digest, const void *data, size_t len);

/* Ends it; the digest can only be freed afterwards. */
void digest_finish(struct digest *digest, uint8_t hash[HASH_SIZE]);

/* Gives the memory back. NULL is allowed. */
void digest_free(struct digest *digest);

/* The SHA-256 of a few bytes in one call. */
void digest_of(const void *data, size_t len, uint8_t hash[HASH_SIZE]);

/* Writes the image id: the first half of the hash in lower-case hex. */
void digest_write_id(const uint8_t hash[HASH_SIZE], char id[ID_LENGTH + 1]);

/* Writes the id of what the open file holds, from its beginning; its position stays.
 * VT_ERR_UNAVAILABLE where it cannot be read. */
enum vt_error digest_file_id(int fd, char id[ID_LENGTH + 1]) VT_MUST_CHECK;

/* Makes a token of 256 random bits and the hash of it that may be stored. */
enum vt_error token_make(char token[TOKEN_SIZE], uint8_t hash[HASH_SIZE]) VT_MUST_CHECK;

/* Whether the token has that hash. Hashing first makes the comparison's time independent of the
 * token's length and of how much of it is right. */
bool token_matches(const char *token, const uint8_t hash[HASH_SIZE]) VT_MUST_CHECK;

#endif
