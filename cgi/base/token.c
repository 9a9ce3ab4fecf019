#include "base/token.h"

#include <nettle/base64.h>
#include <nettle/memops.h>
#include <string.h>
#include <sys/random.h>

#define RANDOM_SIZE 32

enum vt_error token_make(char token[TOKEN_SIZE], uint8_t hash[DIGEST_SIZE])
{
    uint8_t random[RANDOM_SIZE];
    char text[BASE64_ENCODE_LENGTH(RANDOM_SIZE) + BASE64_ENCODE_FINAL_LENGTH];
    struct base64_encode_ctx context;
    size_t len;

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return VT_ERR_INTERNAL;
    base64url_encode_init(&context); /* RFC 4648, section 5 */
    len = base64_encode_update(&context, text, sizeof random, random);
    (void)base64_encode_final(&context, text + len); /* the last digit, and padding */
    memcpy(token, text, TOKEN_SIZE - 1);
    token[TOKEN_SIZE - 1] = '\0';
    digest_of(token, TOKEN_SIZE - 1, hash);
    return VT_OK;
}

bool token_matches(const char *token, const uint8_t hash[DIGEST_SIZE])
{
    uint8_t given[DIGEST_SIZE];

    digest_of(token, strlen(token), given);
    return memeql_sec(given, hash, DIGEST_SIZE) != 0;
}
