/* Settings. They come from the environment only. */
#ifndef VITRINE_BASE_CONFIG_H
#define VITRINE_BASE_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Which requests a worker serves: see the pool column of the route table. */
enum pool { POOL_API, POOL_IMAGE };

/* What to do if the kernel lacks a part of the sandbox: see sandbox.h. */
enum sandbox_mode { SANDBOX_ON, SANDBOX_REQUIRE, SANDBOX_OFF };

/* What those who may not change an image are told of its metadata: see image_json.h. */
enum metadata_mode { METADATA_HIDE_PLACE, METADATA_HIDE_ALL, METADATA_SHOW };

/* The default reserve: one hundredth of the disk, but at most CONFIG_RESERVE_MAX. */
#define CONFIG_RESERVE_SHARE UINT64_MAX
#define CONFIG_RESERVE_MAX (UINT64_C(256) << 20)

/* The settings' values. What they mean, their defaults and ranges are in settings.c. */
struct config {
    char data[PATH_MAX];
    char token[256]; /* empty if none is set */
    enum pool pool;
    uint64_t max_upload; /* bytes */
    uint64_t max_pixels;
    uint32_t max_frames;
    unsigned decode_seconds;
    uint64_t decode_memory; /* bytes */
    uint64_t quota;         /* bytes; 0: no limit */
    uint64_t reserve;       /* bytes; 0: none; CONFIG_RESERVE_SHARE: the default */
    uint64_t workers;       /* in each pool; 0: vitrine-pool chooses */
    bool request_log;
    enum metadata_mode metadata;
    char module_dir[PATH_MAX];
    enum sandbox_mode sandbox;
    char policy_dir[PATH_MAX];
};

/* Reads every setting from the environment into *config, which is complete after VT_OK. If a
 * required value is missing, or a value is out of range or cannot be parsed in full, returns
 * VT_ERR_MALFORMED, and *why names the variable. */
enum vt_error config_load(struct config *config, struct vt_reason *why) VT_MUST_CHECK;

/* "api" or "image"; static. */
const char *config_pool_name(enum pool pool);

#endif
