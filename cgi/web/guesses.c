#include "web/guesses.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETS 1024
#define WAYS 4 /* places of a set; the one that becomes free first is taken */

/* A place holds the time when all guesses are forgiven: each wrong token moves it on by one period.
 */
struct place {
    _Atomic uint64_t key; /* of the address; 0 if free */
    _Atomic int64_t forgiven_ms;
};

struct shared {
    struct place places[SETS][WAYS];
};

struct guesses {
    struct shared *shared;
};

static struct shared *map(int fd, int flags)
{
    void *at = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, flags, fd, 0);

    return at == MAP_FAILED ? NULL : at;
}

/* NULL if the file cannot be used. Any bytes in it make a valid table: see until(). */
static struct shared *map_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    struct shared *shared = NULL;
    struct stat status;

    if (fd < 0)
        return NULL;
    /* Blocks are reserved before the mapping is written, since on a full disk writing would raise
     * SIGBUS. */
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        (status.st_size == 0 || status.st_size == (off_t)sizeof(struct shared)) &&
        posix_fallocate(fd, 0, (off_t)sizeof(struct shared)) == 0)
        shared = map(fd, MAP_SHARED);
    (void)close(fd);
    return shared;
}

enum vt_error guesses_new(const char *path, struct guesses **guesses)
{
    struct guesses *self = calloc(1, sizeof *self);

    *guesses = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->shared = map_file(path);
    if (self->shared == NULL && unlink(path) == 0)
        self->shared = map_file(path);
    if (self->shared == NULL)
        self->shared = map(-1, MAP_PRIVATE | MAP_ANONYMOUS);
    if (self->shared == NULL) {
        free(self);
        return VT_ERR_MEMORY;
    }
    *guesses = self;
    return VT_OK;
}

void guesses_free(struct guesses *guesses)
{
    if (guesses == NULL)
        return;
    (void)munmap(guesses->shared, sizeof *guesses->shared);
    free(guesses);
}

/* FNV-1a over the part of the address that counts; never 0. */
static uint64_t key_of(const char *address)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    unsigned char bytes[16];
    const unsigned char *from = bytes;
    size_t len;
    uint64_t key = UINT64_C(0xcbf29ce484222325);

    if (inet_pton(AF_INET, address, bytes) == 1) {
        len = 4;
    } else if (inet_pton(AF_INET6, address, bytes) != 1) {
        from = (const unsigned char *)address;
        len = strlen(address);
    } else if (memcmp(bytes, mapped, sizeof mapped) == 0) {
        from = bytes + sizeof mapped;
        len = 4;
    } else {
        len = 8;
    }
    for (size_t i = 0; i < len; i++)
        key = (key ^ from[i]) * UINT64_C(0x100000001b3);
    return key == 0 ? 1 : key;
}

/* Milliseconds until that time. A time that guesses cannot reach (the clock was set back, the file
 * comes from elsewhere) counts as the latest that they can. */
static int64_t until(int64_t forgiven_ms, int64_t now_ms)
{
    const int64_t most = INT64_C(1) * GUESSES_AT_ONCE * GUESSES_PERIOD_MS;

    if (forgiven_ms <= now_ms)
        return 0;
    return forgiven_ms > now_ms + most ? most : forgiven_ms - now_ms;
}

static int64_t remaining(const struct place *place, int64_t now_ms)
{
    return until(atomic_load(&place->forgiven_ms), now_ms);
}

static struct place *find(const struct guesses *guesses, uint64_t key)
{
    struct place *set = guesses->shared->places[(key ^ key >> 32) % SETS];

    for (int i = 0; i < WAYS; i++)
        if (atomic_load(&set[i].key) == key)
            return &set[i];
    return NULL;
}

/* Gives the key the place that is forgiven first. If two processes do this at once, at most one
 * guess is lost. */
static struct place *take(struct guesses *guesses, uint64_t key, int64_t now_ms)
{
    struct place *set = guesses->shared->places[(key ^ key >> 32) % SETS], *best = set;

    for (int i = 1; i < WAYS; i++)
        if (remaining(&set[i], now_ms) < remaining(best, now_ms))
            best = &set[i];
    atomic_store(&best->key, key);
    atomic_store(&best->forgiven_ms, 0);
    return best;
}

bool guesses_may_try(const struct guesses *guesses, const char *address, int64_t now_ms)
{
    const struct place *place = guesses == NULL ? NULL : find(guesses, key_of(address));

    return place == NULL ||
           remaining(place, now_ms) <= INT64_C(1) * (GUESSES_AT_ONCE - 1) * GUESSES_PERIOD_MS;
}

void guesses_note_wrong(struct guesses *guesses, const char *address, int64_t now_ms)
{
    uint64_t key = key_of(address);
    struct place *place;
    int64_t before;

    if (guesses == NULL)
        return;
    place = find(guesses, key);
    if (place == NULL)
        place = take(guesses, key, now_ms);
    do {
        before = atomic_load(&place->forgiven_ms);
    } while (!atomic_compare_exchange_weak(&place->forgiven_ms, &before,
                                           now_ms + until(before, now_ms) + GUESSES_PERIOD_MS));
}
