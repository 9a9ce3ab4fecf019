/* How many wrong tokens one address may send: a limit over all workers, which share it through a
 * file of the data folder.
 *
 * An address may send GUESSES_AT_ONCE wrong tokens in a row, and from then on one in each
 * GUESSES_PERIOD_MS. IPv6 addresses are grouped by /64, the network of one customer. Right tokens
 * are never counted; but while an address has used up its guesses, none of its tokens is checked,
 * since otherwise the guessing could go on unnoticed. */
#ifndef VITRINE_WEB_GUESSES_H
#define VITRINE_WEB_GUESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define GUESSES_AT_ONCE 60
#define GUESSES_PERIOD_MS 2000

struct guesses;

/* Maps the table in the file at path, which it creates if needed. If the file cannot be used, the
 * table is this process's own. The caller frees it. */
enum vt_error guesses_new(const char *path, struct guesses **guesses) VT_MUST_CHECK;

/* Frees the memory; the file stays. NULL is allowed. */
void guesses_free(struct guesses *guesses);

/* Whether a token from this address may be checked. address is the one given by nginx, "" if it
 * gives none; now_ms is the time in milliseconds since 1970. If guesses is NULL, the answer is
 * always true. */
bool guesses_may_try(const struct guesses *guesses, const char *address,
                     int64_t now_ms) VT_MUST_CHECK;

/* Records that a token from this address was wrong. guesses may be NULL. */
void guesses_note_wrong(struct guesses *guesses, const char *address, int64_t now_ms);

#endif
