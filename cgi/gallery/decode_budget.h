/* Limits on all decodes of a gallery together, over all of its processes: memory, workers, and the
 * time of one client.
 *
 * A decode is announced before it starts and accounted for when it ends. The accounts are in memory
 * that image workers and `vitrine import` share through a file of the data folder. Each process has
 * a slot there, which it holds by a lock on a byte of that file, so the kernel frees the slot of a
 * process that dies. */
#ifndef VITRINE_GALLERY_DECODE_BUDGET_H
#define VITRINE_GALLERY_DECODE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct decode_budget;

/* The purpose of a decode. DECODE_METADATA decodes nothing: it reads what a stored file says. */
enum decode_purpose { DECODE_UPLOAD, DECODE_THUMBNAIL, DECODE_METADATA };

struct decode_claim {
    enum decode_purpose purpose;
    const char *address; /* of the client, as given by nginx; NULL or "" if nobody waits */
    uint64_t memory;     /* the most that the decode takes, in bytes */
};

/* Opens the accounts in the file at path, which it creates if needed, and takes a slot of them.
 * `memory` is the limit for all decodes at once, in bytes. is_worker says that this process answers
 * requests. If the file cannot be used, the accounts are this process's own. The caller frees
 * *budget. */
enum vt_error decode_budget_new(const char *path, uint64_t memory, bool is_worker,
                                struct decode_budget **budget) VT_MUST_CHECK;

/* Releases the slot. NULL is allowed. */
void decode_budget_free(struct decode_budget *budget);

/* Whether to go on waiting. is_last says that the claim comes after those of other clients: it
 * should not keep a worker waiting that another request could use. */
typedef bool (*decode_budget_patience)(void *context, bool is_last);

/* Announces a decode and waits until there is room for it, for three seconds at most and while
 * is_patient (may be NULL) returns true. A process has one decode at a time.
 *
 * If there are two workers or more, an upload always finds one: thumbnails, together with the
 * decodes of clients that have used up their time, leave one worker free. An only worker has to
 * give thumbnails up itself: decode_budget_has_only_worker(). One client gets at most two
 * thumbnails made at once. A client may use DECODE_BUDGET_SECONDS of decoding at once, and half a
 * second in every second from then on. A client that has used that up gets no thumbnails that do
 * not exist yet. IPv6 clients are grouped by /64. Metadata is read only while nothing is decoded:
 * nobody waits for it.
 *
 * VT_ERR_IMAGE_LIMIT if the claim can never fit, VT_ERR_BUSY if it does not fit now,
 * VT_ERR_TOO_MANY if that is due to the client's own use; *why says why. Nothing is claimed then.
 */
enum vt_error decode_budget_take(struct decode_budget *budget, const struct decode_claim *claim,
                                 decode_budget_patience is_patient, void *context,
                                 struct vt_reason *why) VT_MUST_CHECK;

#define DECODE_BUDGET_SECONDS 120

/* Whether this process was the only worker when it last announced a decode. */
bool decode_budget_has_only_worker(const struct decode_budget *budget);

/* Ends the decode: frees its memory and charges its time to the client. */
void decode_budget_return(struct decode_budget *budget);

/* For tests: moves the start of the decode in progress back by so many seconds. */
void decode_budget_set_back(struct decode_budget *budget, int seconds);

/* ---- failures ---- */

/* Whether a thumbnail of this size of this image failed within the last ten minutes. Without this
 * check, a file whose decode fails would cost the same with every request for it. */
bool decode_budget_has_failed(struct decode_budget *budget, const char *id, unsigned size);

/* Remembers such a failure. At most 256 are remembered; newer ones replace older ones. */
void decode_budget_note_failure(struct decode_budget *budget, const char *id, unsigned size);

#endif
