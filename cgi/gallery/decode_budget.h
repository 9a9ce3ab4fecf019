/* What all decodes of a gallery may take together, over all of its processes: memory, workers, and
 * the time of one client.
 *
 * A decode is announced before it starts and accounted for when it ends. The accounts lie in memory
 * that image workers and `vitrine import` share through a file of the data folder. Each process has
 * a slot there, which it holds by a lock on a byte of that file, so the kernel frees what a dead
 * process had. */
#ifndef VITRINE_GALLERY_DECODE_BUDGET_H
#define VITRINE_GALLERY_DECODE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct decode_budget;

/* What a decode is for. */
enum decode_purpose { DECODE_UPLOAD, DECODE_THUMBNAIL };

struct decode_claim {
    enum decode_purpose purpose;
    const char *address; /* of the client, as nginx tells it; NULL or "" where nobody waits */
    uint64_t memory;     /* bytes that the decode takes at most */
};

/* Opens the accounts in the file at path, which is made at need, and takes a slot of them. `memory`
 * is what all decodes may take at once, in bytes. is_worker says that this process answers
 * requests. Where the file cannot be had, the accounts are this process's own. The caller frees
 * *budget. */
enum vt_error decode_budget_new(const char *path, uint64_t memory, bool is_worker,
                                struct decode_budget **budget) VT_MUST_CHECK;

/* Gives the slot back. NULL is allowed. */
void decode_budget_free(struct decode_budget *budget);

/* Whether to go on waiting. is_last says that the claim comes after those of others: it should not
 * keep a worker waiting that somebody else could use. */
typedef bool (*decode_budget_patience)(void *context, bool is_last);

/* Announces a decode, and waits for room for it, for three seconds at most and for as long as
 * is_patient (may be NULL) returns true. A process has one decode at a time.
 *
 * An upload always finds a worker: thumbnails, and the decodes of clients who have used up their
 * time, leave one worker free together. Of one client, two thumbnails are made at once. A client's
 * time: decodes may take it DECODE_BUDGET_SECONDS at once, and half a second in every second from
 * then on. Who has used that up gets no thumbnails that are not there yet. IPv6 clients are grouped
 * by /64.
 *
 * VT_ERR_IMAGE_LIMIT where the claim can never fit, VT_ERR_BUSY where it does not fit now,
 * VT_ERR_TOO_MANY where that is due to the client's own use; *why says why. Nothing is claimed
 * then. */
enum vt_error decode_budget_take(struct decode_budget *budget, const struct decode_claim *claim,
                                 decode_budget_patience is_patient, void *context,
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
