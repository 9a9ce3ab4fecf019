#include "digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct digest {
    EVP_MD_CTX *context;
};

enum vt_error digest_new(struct digest **digest)
{
    struct digest *self = calloc(1, sizeof *self);

    *digest = self;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->context = EVP_MD_CTX_new();
    if (self->context == NULL || EVP_DigestInit_ex(self->context, EVP_sha256(), NULL) != 1) {
        digest_free(self);
        *digest = NULL;
        return VT_ERR_MEMORY;
    }
    return VT_OK;
}

enum vt_error digest_update(struct digest *digest, const void *data, size_t len)
{
    return EVP_DigestUpdate(digest->context, data, len) == 1 ? VT_OK : VT_ERR_INTERNAL;
}

enum vt_error digest_finish(struct digest *digest, uint8_t hash[HASH_SIZE])
{
    return EVP_DigestFinal_ex(digest->context, hash, NULL) == 1 ? VT_OK : VT_ERR_INTERNAL;
}

void digest_free(struct digest *digest)
{
    if (digest == NULL)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

enum vt_error digest_of(const void *data, size_t len, uint8_t hash[HASH_SIZE])
{
    unsigned size = HASH_SIZE;

    return EVP_Digest(data, len, hash, &size, EVP_sha256(), NULL) == 1 ? VT_OK : VT_ERR_INTERNAL;
}

void digest_write_id(const uint8_t hash[HASH_SIZE], char id[ID_LENGTH + 1])
{
    for (size_t i = 0; i < ID_LENGTH / 2; i++)
        (void)snprintf(id + 2 * i, 3, "%02x", hash[i]);
}

/* RFC 4648, 5, of 32 bytes: ten groups of three, and two bytes over. */
static void write_base64url(const uint8_t in[32], char out[TOKEN_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t at = 0;

    for (size_t i = 0; i < 32; i += 3) {
        uint32_t group = (uint32_t)in[i] << 16;

        if (i + 1 < 32)
            group |= (uint32_t)in[i + 1] << 8;
        if (i + 2 < 32)
            group |= in[i + 2];
        out[at++] = digits[group >> 18];
        out[at++] = digits[group >> 12 & 63];
        out[at++] = digits[group >> 6 & 63];
        if (i + 2 < 32)
            out[at++] = digits[group & 63];
    }
    out[at] = '\0';
}

enum vt_error token_make(char token[TOKEN_SIZE], uint8_t hash[HASH_SIZE])
{
    uint8_t random[32];

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return VT_ERR_INTERNAL;
    write_base64url(random, token);
    return digest_of(token, strlen(token), hash);
}

bool token_matches(const char *token, const uint8_t hash[HASH_SIZE])
{
    uint8_t given[HASH_SIZE];

    return digest_of(token, strlen(token), given) == VT_OK &&
           CRYPTO_memcmp(given, hash, HASH_SIZE) == 0;
}
