/* Ends the process where a single call takes too long: a decoder that does not come back cannot be
 * asked whether it is late. The supervisor starts another worker.
 *
 * A process has one. SIGVTALRM is its signal; SIGALRM is the whole request's. */
#ifndef VITRINE_WATCHDOG_H
#define VITRINE_WATCHDOG_H

#include <stddef.h>

#include "error.h"

#define WATCHDOG_WORDS_SIZE 4096

/* What is written to fd before the process ends: the answer to the request in hand. Longer words
 * than WATCHDOG_WORDS_SIZE are none; so are those of no bytes, and fd is not used then. */
void watchdog_set_words(int fd, const void *words, size_t len);

/* From now on the process has so many seconds; then it logs what it was at, writes its words and
 * ends with EXIT_FAILURE. VT_ERR_INTERNAL where there is no timer: nothing runs then. */
enum vt_error watchdog_start(unsigned seconds, const char *what) VT_MUST_CHECK;

/* It came back in time. Safe where nothing was started. */
void watchdog_stop(void);

#endif
