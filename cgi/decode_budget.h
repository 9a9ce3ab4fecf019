/* What all decodes of a gallery may take together, over all of its processes: memory, workers, and
 * the time of one client.
 *
 * A decode is announced before it starts and accounted for when it ends. The accounts lie in memory
 * that image workers and `vitrine import` share through a file of the data folder. Each process has
 * a slot there, which it holds by a lock on a byte of that file, so the kernel frees what a dead
 * process had. */
#ifndef VITRINE_DECODE_BUDGET_H
#define VITRINE_DECODE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

struct decode_budget;

/* What a decode is for. An upload always finds a worker: thumbnails leave one image worker free. */
enum decode_purpose { DECODE_UPLOAD, DECODE_THUMBNAIL };

struct decode_claim {
    enum decode_purpose purpose;
    const char *address; /* of the client, as nginx tells it; NULL or "" where nobody waits */
    uint64_t memory;     /* bytes that the decode takes at most */
};

/* Opens the accounts in the file at path, which is made at need, and takes a slot of them. `memory`
 * is what all decodes may take at once, in bytes. Where the file cannot be had, the accounts are
 * this process's own. The caller frees *budget. */
enum vt_error decode_budget_new(const char *path, uint64_t memory,
                                struct decode_budget **budget) VT_MUST_CHECK;

/* Gives the slot back. NULL is allowed. */
void decode_budget_free(struct decode_budget *budget);

/* Whether there is still any point in waiting; false ends the wait. */
typedef bool (*decode_budget_waiter)(void *context);

/* Announces a decode, and waits for room for it: three seconds for memory, one for a worker. A
 * process has one decode at a time.
 *
 * VT_ERR_IMAGE_LIMIT where it can never fit, VT_ERR_BUSY where it does not fit now, VT_ERR_TOO_MANY
 * where the client has used up its time, VT_ERR_STOPPED where still_wanted (may be NULL) returned
 * false; *why says why. Nothing is claimed then.
 *
 * A client's time: decodes may take it DECODE_BUDGET_SECONDS at once, and half a second in every
 * second from then on. Past that, it gets one upload at a time and no thumbnails that are not there
 * yet. IPv6 clients are grouped by /64. */
enum vt_error decode_budget_take(struct decode_budget *budget, const struct decode_claim *claim,
                                 decode_budget_waiter still_wanted, void *context,
                                 struct vt_reason *why) VT_MUST_CHECK;

#define DECODE_BUDGET_SECONDS 120

/* The decode has ended: frees its memory and charges its time to the client. */
void decode_budget_return(struct decode_budget *budget);

/* For tests: has the decode in progress have begun so many seconds earlier. */
void decode_budget_set_back(struct decode_budget *budget, int seconds);

/* ---- failures ---- */

/* Whether a thumbnail of this size of this image failed within the last ten minutes. A file whose
 * decode fails would cost the same again with every request for it. */
bool decode_budget_has_failed(struct decode_budget *budget, const char *id, unsigned size);

/* Remembers such a failure. At most 256 are remembered; newer ones take the place of older ones. */
void decode_budget_note_failure(struct decode_budget *budget, const char *id, unsigned size);

#endif
