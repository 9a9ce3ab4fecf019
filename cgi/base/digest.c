#include "base/digest.h"

#include <nettle/sha2.h>
#include <stdlib.h>
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

void digest_finish(struct digest *digest, uint8_t hash[DIGEST_SIZE])
{
    sha256_digest(&digest->context, DIGEST_SIZE, hash);
}

void digest_free(struct digest *digest)
{
    free(digest);
}

void digest_of(const void *data, size_t len, uint8_t hash[DIGEST_SIZE])
{
    struct sha256_ctx context;

    sha256_init(&context);
    sha256_update(&context, len, data);
    sha256_digest(&context, DIGEST_SIZE, hash);
}

enum vt_error digest_of_file(int fd, uint8_t hash[DIGEST_SIZE])
{
    unsigned char piece[FILE_PIECE];
    struct sha256_ctx context;
    off_t at = 0;
    ssize_t got;

    sha256_init(&context);
    while ((got = pread(fd, piece, sizeof piece, at)) > 0) {
        sha256_update(&context, (size_t)got, piece);
        at += got;
    }
    if (got < 0)
        return VT_ERR_UNAVAILABLE;
    sha256_digest(&context, DIGEST_SIZE, hash);
    return VT_OK;
}
