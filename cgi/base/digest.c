#include "base/sha256.h"

#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define FILE_PIECE 65536

struct digest {
    struct sha256_ctx context;
};

enum vt_error digest_new(struct digest **digest)
{
    struct digest *self = calloc(1, sizeof *self);

    *digest = self;
    if (self == NULL)
        return VT_ERR_MEMORY;
    sha256_init(&self->context);
    return VT_OK;
}

void digest_update(struct digest *digest, const void *data, size_t len)
{
    sha256_update(&digest->context, len, data);
}

void digest_finish(struct digest *digest, uint8_t hash[HASH_SIZE])
{
    sha256_digest(&digest->context, HASH_SIZE, hash);
}

void digest_free(struct digest *digest)
{
    free(digest);
}

void digest_of(const void *data, size_t len, uint8_t hash[HASH_SIZE])
{
    struct sha256_ctx context;

    sha256_init(&context);
    sha256_update(&context, len, data);
    sha256_digest(&context, HASH_SIZE, hash);
}

void digest_write_id(const uint8_t hash[HASH_SIZE], char id[ID_LENGTH + 1])
{
    for (size_t i = 0; i < ID_LENGTH / 2; i++)
        (void)snprintf(id + 2 * i, 3, "%02x", hash[i]);
}

enum vt_error digest_file_id(int fd, char id[ID_LENGTH + 1])
{
    unsigned char piece[FILE_PIECE];
    struct sha256_ctx context;
    uint8_t hash[HASH_SIZE];
    off_t at = 0;
    ssize_t got;

    id[0] = '\0';
    sha256_init(&context);
    while ((got = pread(fd, piece, sizeof piece, at)) > 0) {
        sha256_update(&context, (size_t)got, piece);
        at += got;
    }
    if (got < 0)
        return VT_ERR_UNAVAILABLE;
    sha256_digest(&context, HASH_SIZE, hash);
    digest_write_id(hash, id);
    return VT_OK;
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
    digest_of(token, strlen(token), hash);
    return VT_OK;
}

bool token_matches(const char *token, const uint8_t hash[HASH_SIZE])
{
    uint8_t given[HASH_SIZE];

    digest_of(token, strlen(token), given);
    return memeql_sec(given, hash, HASH_SIZE) != 0;
}
