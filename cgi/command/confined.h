/* Runs a part of a command in processes of its own, each confined like a worker of the image pool:
 * what it works on may be hostile. If a process is lost, the next one goes on. */
#ifndef VITRINE_COMMAND_CONFINED_H
#define VITRINE_COMMAND_CONFINED_H

#include <stdbool.h>

#include "base/config.h"
#include "base/error.h"

/* VT_ERR_UNAVAILABLE and *why for root, who would decode untrusted files, and leave files that the
 * gallery cannot read; or if the data folder is missing. */
enum vt_error confined_check_user(const struct config *config, struct vt_reason *why) VT_MUST_CHECK;

/* Runs work in a process, passes SIGINT and SIGTERM on to it, and waits for its end; *status is
 * that of wait(2). VT_ERR_MEMORY or VT_ERR_INTERNAL if it cannot be run. */
enum vt_error confined_run(void (*work)(void *context), void *context, int *status) VT_MUST_CHECK;

/* In that process, before it starts others: ends it with its parent, and gives it that nice value;
 * if is_idle, it uses the disk only when nobody else does, if the kernel can tell. */
enum vt_error confined_yield(int nice_value, bool is_idle) VT_MUST_CHECK;

/* Then confines it, for good. `folder` is one more that it may read, or NULL. It can start no other
 * program afterwards, so the decoder must run. *why says what the kernel lacks. */
enum vt_error confined_enter(const struct config *config, const char *folder,
                             struct vt_reason *why) VT_MUST_CHECK;

#endif
