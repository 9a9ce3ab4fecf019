/* How many wrong tokens one address may send: a limit over all workers, which share it through a
 * file of the data folder.
 *
 * An address may be wrong GUESSES_AT_ONCE times in a row, and from then on once in each
 * GUESSES_PERIOD_MS. IPv6 addresses are grouped by /64, the network of one customer. Right tokens
 * are never counted; but while an address has used its guesses up, none of its tokens is looked at,
 * or the guessing would go on unseen. */
#ifndef VITRINE_WEB_GUESSES_H
#define VITRINE_WEB_GUESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define GUESSES_AT_ONCE 60
#define GUESSES_PERIOD_MS 2000

struct guesses;

/* Maps the table in the file at path, which is made at need. Where the file cannot be had, the
 * table is this process's own. The caller frees it. */
enum vt_error guesses_new(const char *path, struct guesses **guesses) VT_MUST_CHECK;

/* Gives the memory back; the file stays. NULL is allowed. */
void guesses_free(struct guesses *guesses);

/* Whether a token of this address may be looked at. address is as nginx tells it, "" where it tells
 * none; now_ms is the time in milliseconds since 1970. guesses may be NULL: then always. */
bool guesses_may_try(const struct guesses *guesses, const char *address,
                     int64_t now_ms) VT_MUST_CHECK;

/* Notes that a token of this address was wrong. guesses may be NULL. */
void guesses_note_wrong(struct guesses *guesses, const char *address, int64_t now_ms);

#endif
