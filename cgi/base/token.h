/* Tokens: random strings that let their holder change something. Only their hashes are stored. */
#ifndef VITRINE_BASE_TOKEN_H
#define VITRINE_BASE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"

#define TOKEN_SIZE 44 /* 32 random bytes in base64url without padding, and the NUL */

/* Makes a token of 256 random bits, and its hash, which may be stored. */
enum vt_error token_make(char token[TOKEN_SIZE], uint8_t hash[DIGEST_SIZE]) VT_MUST_CHECK;

/* Whether the token has that hash. Hashing first makes the comparison's time independent of the
 * token's length and of how much of it is right. */
bool token_matches(const char *token, const uint8_t hash[DIGEST_SIZE]) VT_MUST_CHECK;

#endif
