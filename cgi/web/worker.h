/* The accept loop of one worker process. */
#ifndef VITRINE_WEB_WORKER_H
#define VITRINE_WEB_WORKER_H

#include "base/error.h"
#include "web/router.h"

/* Answers requests from the listening socket until SIGTERM or SIGINT arrives, or the process has
 * answered so many that a new one should take over, or its decoder has ended; the current request
 * is always finished. Returns VT_OK in these cases. A request that runs for longer than two minutes
 * ends the process by SIGALRM; its supervisor starts another. */
enum vt_error worker_run(struct app *app, int listening) VT_MUST_CHECK;

#endif
