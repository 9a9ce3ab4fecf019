/* Confines a worker once it has started: an attacker who breaks out of a decoder gains a process
 * that can only answer requests.
 *
 * no_new_privs is set by main.c, whatever the setting. The rest depends on VITRINE_SANDBOX: with
 * `on`, features that the kernel lacks are logged and skipped; with `require` they are an error;
 * with `off` every function here does nothing and returns VT_OK, or true. */
#ifndef VITRINE_PROCESS_SANDBOX_H
#define VITRINE_PROCESS_SANDBOX_H

#include <stdbool.h>
#include <time.h>

#include "base/config.h"
#include "base/error.h"

/* Limits resources (sandbox_limits.h) and system calls (sandbox_seccomp.h), for good. Call it once,
 * before the first request. VT_ERR_UNAVAILABLE if something that is required is missing; *why says
 * what. */
enum vt_error sandbox_enter(const struct config *config, struct vt_reason *why) VT_MUST_CHECK;

/* Limits file access, for good, to the data folder and to what a decoder needs to read
 * (sandbox_landlock.h). Call it once the data folder exists, before or after sandbox_enter(). After
 * an error nothing is limited, and the call may be repeated. */
enum vt_error sandbox_confine_files(const struct config *config) VT_MUST_CHECK;

/* Limits changes, for good, to what the pool's work changes: the contents of those folders in the
 * data folder that uploads pass through, the first page's folder, and the catalogue's files. An api
 * worker can remove originals and thumbnails, but not change or add any. Nothing can be created
 * beside these places, so that no nginx would find its configuration changed. Call it after
 * sandbox_confine_files(), once the folders and the catalogue exist and the catalogue is open.
 * Errors are as there. */
enum vt_error sandbox_confine_changes(const struct config *config) VT_MUST_CHECK;

/* Like sandbox_confine_files(), for a process that imports a folder as a worker of the image pool
 * would: it may read that folder, too. */
enum vt_error sandbox_confine_import(const struct config *config, const char *folder) VT_MUST_CHECK;

/* Grants the processor time of one request (sandbox_limits.h). The caller keeps *granted, which is
 * 0 at first. Returns false if this process should end. */
bool sandbox_grant_request(const struct config *config, time_t *granted) VT_MUST_CHECK;

#endif
