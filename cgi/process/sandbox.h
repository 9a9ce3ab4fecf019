/* What a worker can no longer do once it has started: whoever breaks out of a decoder finds himself
 * in a process that can answer requests and nothing else.
 *
 * no_new_privs is set by main.c, whatever the setting. The rest depends on VITRINE_SANDBOX: with
 * `on`, what the kernel lacks is logged and done without; with `require` it is an error; with `off`
 * every function here does nothing and gives VT_OK, or true. */
#ifndef VITRINE_PROCESS_SANDBOX_H
#define VITRINE_PROCESS_SANDBOX_H

#include <stdbool.h>
#include <time.h>

#include "base/config.h"
#include "base/error.h"

/* Limits resources (sandbox_limits.h) and system calls (sandbox_seccomp.h), for good. To be called
 * once, before the first request. VT_ERR_UNAVAILABLE where something lacks that is required; *why
 * says what. */
enum vt_error sandbox_enter(const struct config *config, struct vt_reason *why) VT_MUST_CHECK;

/* Limits files to those of the data folder, and what a decoder needs to read (sandbox_landlock.h),
 * for good. To be called when the data folder is there, before or after sandbox_enter(). An error
 * means that it is not done; it may be tried again. */
enum vt_error sandbox_confine_files(const struct config *config) VT_MUST_CHECK;

/* Limits what can be changed to what the pool's work changes, for good: what is in the folders of
 * the data folder that uploads pass, the published page's, and the catalogue's files. Of originals
 * and thumbnails, an api worker can only remove some. Nothing can be put beside these: no nginx
 * would find its configuration changed. To be called after sandbox_confine_files(), when folders
 * and catalogue are there and the catalogue is open; errors as there. */
enum vt_error sandbox_confine_changes(const struct config *config) VT_MUST_CHECK;

/* The same as sandbox_confine_files() for a process of the image pool's kind that imports a folder:
 * it may read that, too. */
enum vt_error sandbox_confine_import(const struct config *config, const char *folder) VT_MUST_CHECK;

/* Grants the processor time of one request (sandbox_limits.h). *granted is the caller's to keep, 0
 * at first. False: this process should end. */
bool sandbox_grant_request(const struct config *config, time_t *granted) VT_MUST_CHECK;

#endif
