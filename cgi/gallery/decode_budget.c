#include "gallery/decode_budget.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "store/record.h"

#define LAYOUT UINT64_C(0x7669747202000001) /* to be changed with struct shared */

#define SLOTS 256
#define CLIENTS 1024
#define CLIENT_WAYS 8 /* possible places of a client's account */
#define FAILURES 256
#define FAILURE_WAYS 4

#define THUMBNAILS_OF_CLIENT 2
#define WAIT_MS 3000
#define LOCK_WAIT_MS 1000
#define FAILURE_MS (10 * 60 * 1000)
#define DEBT_MS (DECODE_BUDGET_SECONDS * 1000)
#define MIB (1024.0 * 1024.0)

/* Bytes of the file that are locked: one for each slot, and one for reading or writing the
 * accounts. */
#define LOCK_ACCOUNTS SLOTS

/* An IPv4 address, or the first half of an IPv6 one. All zero if there is no client. */
struct client_key {
    uint8_t bytes[8];
};

struct slot {
    uint64_t memory;    /* of the decode in progress; 0 if there is none */
    uint32_t purpose;   /* enum decode_purpose */
    uint32_t is_last;   /* it comes after those of other clients: see decode_budget_take() */
    uint32_t is_taken;  /* by a process, which may have died since */
    uint32_t is_worker; /* the process answers requests */
    struct client_key client;
};

struct account {
    struct client_key client;
    int64_t debt_ms; /* of decode time, as of at_ms */
    int64_t at_ms;
};

struct failure {
    char id[ID_LENGTH];
    uint32_t size;
    int64_t until_ms;
};

struct shared {
    uint64_t layout;
    struct slot slots[SLOTS];
    struct account accounts[CLIENTS];
    struct failure failures[FAILURES];
};

struct decode_budget {
    struct shared *shared;
    int fd; /* -1 if the accounts are this process's own */
    unsigned slot;
    bool is_worker, is_only_worker;
    uint64_t memory;
    int64_t began_ms;
};

static int64_t now_ms(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void nap(void)
{
    const struct timespec pause = {0, 10 * 1000 * 1000};

    (void)nanosleep(&pause, NULL);
}

/* ---- locks ---- */

/* Locks belong to the open file, not to the process: a fork shares them, and the last close
 * releases them. */
static int lock_byte(int fd, unsigned byte, short type, int command)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    if (fcntl(fd, command, &lock) != 0)
        return -1;
    return command == F_OFD_GETLK ? lock.l_type : 0;
}

/* No process holds it for longer than it takes to read some kilobytes, unless it is stopped
 * meanwhile. */
static enum vt_error lock_accounts(struct decode_budget *budget)
{
    int64_t until = now_ms() + LOCK_WAIT_MS;

    while (budget->fd >= 0 && lock_byte(budget->fd, LOCK_ACCOUNTS, F_WRLCK, F_OFD_SETLK) != 0) {
        if (errno != EAGAIN && errno != EACCES && errno != EINTR)
            return VT_ERR_INTERNAL;
        if (now_ms() > until)
            return VT_ERR_BUSY;
        (void)nanosleep(&(const struct timespec){0, 200 * 1000}, NULL);
    }
    return VT_OK;
}

static void unlock_accounts(struct decode_budget *budget)
{
    if (budget->fd >= 0 && lock_byte(budget->fd, LOCK_ACCOUNTS, F_UNLCK, F_OFD_SETLK) != 0)
        log_error("decode budget: the accounts stay locked: %s", strerror(errno));
}

/* ---- the file ---- */

static struct shared *map(int fd, int flags)
{
    void *at = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, flags, fd, 0);

    return at == MAP_FAILED ? NULL : at;
}

/* Opens and maps the file; false if it cannot be used. A file of another layout is reset. */
static bool map_file(struct decode_budget *budget, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    struct stat status;

    if (fd < 0)
        return false;
    /* Blocks are reserved before the mapping is written, since on a full disk writing would raise
     * SIGBUS. */
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        posix_fallocate(fd, 0, (off_t)sizeof(struct shared)) == 0)
        budget->shared = map(fd, MAP_SHARED);
    if (budget->shared == NULL) {
        (void)close(fd);
        return false;
    }
    budget->fd = fd;
    return true;
}

/* The slot of a process that died is as good as a new one. */
static bool take_slot(struct decode_budget *budget)
{
    if (budget->fd < 0)
        return true;
    for (unsigned i = 0; i < SLOTS; i++) {
        if (lock_byte(budget->fd, i, F_WRLCK, F_OFD_SETLK) == 0) {
            budget->slot = i;
            return true;
        }
    }
    return false;
}

static enum vt_error begin(struct decode_budget *budget)
{
    struct shared *shared = budget->shared;
    enum vt_error err = lock_accounts(budget);

    if (err != VT_OK)
        return err;
    if (shared->layout != LAYOUT) {
        memset(shared, 0, sizeof *shared);
        shared->layout = LAYOUT;
    }
    shared->slots[budget->slot] = (struct slot){.is_taken = 1, .is_worker = budget->is_worker};
    unlock_accounts(budget);
    return VT_OK;
}

enum vt_error decode_budget_new(const char *path, uint64_t memory, bool is_worker,
                                struct decode_budget **budget)
{
    struct decode_budget *self = calloc(1, sizeof *self);
    enum vt_error err = VT_ERR_MEMORY;

    *budget = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->fd = -1;
    self->memory = memory;
    self->is_worker = is_worker;
    if (!map_file(self, path)) {
        log_warning("decode budget: %s cannot be used; each process has a budget of its own", path);
        self->shared = map(-1, MAP_PRIVATE | MAP_ANONYMOUS);
    }
    if (self->shared != NULL)
        err = take_slot(self) ? begin(self) : VT_ERR_UNAVAILABLE;
    if (err != VT_OK) {
        decode_budget_free(self);
        return err;
    }
    *budget = self;
    return VT_OK;
}

void decode_budget_free(struct decode_budget *budget)
{
    if (budget == NULL)
        return;
    if (budget->shared != NULL)
        (void)munmap(budget->shared, sizeof *budget->shared);
    if (budget->fd >= 0)
        (void)close(budget->fd);
    free(budget);
}

/* ---- clients ---- */

static bool is_nobody(const struct client_key *key)
{
    static const struct client_key nobody;

    return memcmp(key, &nobody, sizeof nobody) == 0;
}

static bool is_same(const struct client_key *a, const struct client_key *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static struct client_key key_of(const char *address)
{
    struct client_key key = {{0}};
    struct in6_addr six;
    struct in_addr four;

    if (address == NULL)
        return key;
    if (inet_pton(AF_INET, address, &four) == 1) {
        memcpy(key.bytes, &four, sizeof four);
        key.bytes[7] = 1; /* differs from every IPv6 network and from no client */
    } else if (inet_pton(AF_INET6, address, &six) == 1) {
        memcpy(key.bytes, &six, sizeof key.bytes);
    }
    return key;
}

/* FNV-1a. */
static uint32_t hash_of(const void *data, size_t len)
{
    const uint8_t *bytes = data;
    uint32_t hash = 2166136261U;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * 16777619U;
    return hash;
}

/* The rest of a debt: half a second is forgiven in every second. If the clock was set back, by a
 * restart of the machine, all of it is forgiven. */
static int64_t debt_at(const struct account *account, int64_t now)
{
    int64_t forgiven = (now - account->at_ms) / 2;

    if (now < account->at_ms || account->debt_ms <= forgiven)
        return 0;
    return account->debt_ms - forgiven;
}

/* The client's account; if it has none, the account with the smallest debt, which is reset. */
static struct account *find_account(struct shared *shared, const struct client_key *client,
                                    int64_t now)
{
    uint32_t first = hash_of(client, sizeof *client);
    struct account *least = NULL;

    for (unsigned i = 0; i < CLIENT_WAYS; i++) {
        struct account *account = &shared->accounts[(first + i) % CLIENTS];

        if (is_same(&account->client, client))
            return account;
        if (least == NULL || debt_at(account, now) < debt_at(least, now))
            least = account;
    }
    *least = (struct account){*client, 0, now};
    return least;
}

/* ---- taking ---- */

/* The decodes that other processes have in progress. */
struct load {
    uint64_t memory;
    unsigned workers; /* that are running, busy or not */
    unsigned last;    /* decodes that come after those of other clients */
    unsigned thumbnails_of_client;
};

static bool is_alive(const struct decode_budget *budget, unsigned slot)
{
    return budget->fd >= 0 && lock_byte(budget->fd, slot, F_WRLCK, F_OFD_GETLK) == F_WRLCK;
}

static void add_slot(const struct slot *slot, const struct client_key *client, struct load *load)
{
    load->workers += slot->is_worker != 0;
    if (slot->memory == 0)
        return;
    /* A sum of values that other processes wrote must not overflow. */
    load->memory =
        slot->memory > UINT64_MAX - load->memory ? UINT64_MAX : load->memory + slot->memory;
    load->last += slot->is_last != 0;
    load->thumbnails_of_client +=
        slot->purpose == DECODE_THUMBNAIL && !is_nobody(client) && is_same(&slot->client, client);
}

static struct load measure(struct decode_budget *budget, const struct client_key *client)
{
    struct load load = {.workers = budget->is_worker};

    for (unsigned i = 0; i < SLOTS; i++) {
        struct slot *slot = &budget->shared->slots[i];

        if (i == budget->slot || slot->is_taken == 0)
            continue;
        if (is_alive(budget, i))
            add_slot(slot, client, &load);
        else
            *slot = (struct slot){0};
    }
    return load;
}

/* A claim that waits. */
struct waiting {
    const struct decode_claim *claim;
    struct client_key client;
    bool is_used_up, is_last;
};

/* Whether the decode may start now. */
static enum vt_error decide(struct decode_budget *budget, struct waiting *waiting,
                            struct vt_reason *why)
{
    const struct load load = measure(budget, &waiting->client);
    bool is_thumbnail = waiting->claim->purpose == DECODE_THUMBNAIL;
    bool is_metadata = waiting->claim->purpose == DECODE_METADATA;
    int64_t now = now_ms();

    budget->is_only_worker = budget->is_worker && load.workers == 1;
    waiting->is_used_up =
        !is_nobody(&waiting->client) &&
        debt_at(find_account(budget->shared, &waiting->client, now), now) >= DEBT_MS;
    waiting->is_last = is_thumbnail || waiting->is_used_up;
    if (waiting->is_used_up &&
        (is_thumbnail || (load.workers > 1 && load.last + 1 >= load.workers)))
        return vt_fail(
            why, VT_ERR_TOO_MANY,
            "this client's images have taken too much time to decode; retry in a few seconds");
    if (is_metadata && load.memory > 0)
        return vt_fail(why, VT_ERR_BUSY, "images are being decoded");
    if (load.memory > budget->memory - waiting->claim->memory)
        return vt_fail(why, VT_ERR_BUSY, "no memory is left to decode another image at the moment");
    if (is_thumbnail && ((load.workers > 1 && load.last + 1 >= load.workers) ||
                         load.thumbnails_of_client >= THUMBNAILS_OF_CLIENT))
        return vt_fail(why, VT_ERR_BUSY, "too many thumbnails are being made at the moment");
    return VT_OK;
}

static enum vt_error try_to_take(struct decode_budget *budget, struct waiting *waiting,
                                 struct vt_reason *why)
{
    uint64_t memory = waiting->claim->memory;
    enum vt_error err = lock_accounts(budget);

    if (err != VT_OK)
        return err;
    err = decide(budget, waiting, why);
    if (err == VT_OK) {
        budget->began_ms = now_ms();
        budget->shared->slots[budget->slot] =
            (struct slot){memory > 0 ? memory : 1, waiting->claim->purpose, waiting->is_last, 1,
                          budget->is_worker,       waiting->client};
    }
    unlock_accounts(budget);
    return err;
}

enum vt_error decode_budget_take(struct decode_budget *budget, const struct decode_claim *claim,
                                 decode_budget_patience is_patient, void *context,
                                 struct vt_reason *why)
{
    struct waiting waiting = {claim, key_of(claim->address), false, false};
    int64_t until = now_ms() + WAIT_MS;
    enum vt_error err;

    if (claim->memory > budget->memory)
        return vt_fail(why, VT_ERR_IMAGE_LIMIT,
                       "decoding the image takes %.0f MB of memory; at most %.0f MB may be used",
                       (double)claim->memory / MIB, (double)budget->memory / MIB);
    for (;;) {
        err = try_to_take(budget, &waiting, why);
        if ((err != VT_ERR_BUSY && err != VT_ERR_TOO_MANY) || now_ms() >= until)
            return err;
        if (is_patient != NULL && !is_patient(context, waiting.is_last))
            return err;
        nap();
    }
}

bool decode_budget_has_only_worker(const struct decode_budget *budget)
{
    return budget->is_only_worker;
}

void decode_budget_return(struct decode_budget *budget)
{
    struct slot *slot = &budget->shared->slots[budget->slot];
    int64_t now = now_ms();
    bool is_locked = lock_accounts(budget) == VT_OK;

    /* Without the lock, only this process's own slot is written. */
    if (is_locked && !is_nobody(&slot->client)) {
        struct account *account = find_account(budget->shared, &slot->client, now);

        account->debt_ms = debt_at(account, now) + (now - budget->began_ms);
        account->at_ms = now;
    }
    *slot = (struct slot){.is_taken = 1, .is_worker = budget->is_worker};
    if (is_locked)
        unlock_accounts(budget);
}

void decode_budget_set_back(struct decode_budget *budget, int seconds)
{
    budget->began_ms -= (int64_t)seconds * 1000;
}

/* ---- failures ---- */

static bool is_of(const struct failure *failure, const char *id, unsigned size, int64_t now)
{
    return failure->size == size && memcmp(failure->id, id, ID_LENGTH) == 0 &&
           failure->until_ms > now && failure->until_ms <= now + FAILURE_MS;
}

bool decode_budget_has_failed(struct decode_budget *budget, const char *id, unsigned size)
{
    uint32_t first = hash_of(id, ID_LENGTH);
    int64_t now = now_ms();
    bool found = false;

    if (lock_accounts(budget) != VT_OK)
        return false;
    for (unsigned i = 0; i < FAILURE_WAYS; i++)
        found = found || is_of(&budget->shared->failures[(first + i) % FAILURES], id, size, now);
    unlock_accounts(budget);
    return found;
}

void decode_budget_note_failure(struct decode_budget *budget, const char *id, unsigned size)
{
    uint32_t first = hash_of(id, ID_LENGTH);
    struct failure *oldest = NULL;

    if (lock_accounts(budget) != VT_OK)
        return;
    for (unsigned i = 0; i < FAILURE_WAYS; i++) {
        struct failure *failure = &budget->shared->failures[(first + i) % FAILURES];

        if (oldest == NULL || failure->until_ms < oldest->until_ms)
            oldest = failure;
    }
    memcpy(oldest->id, id, ID_LENGTH);
    oldest->size = size;
    oldest->until_ms = now_ms() + FAILURE_MS;
    unlock_accounts(budget);
}
