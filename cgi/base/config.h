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

/* The default reserve: one hundredth of the disk, but at most CONFIG_RESERVE_MAX. */
#define CONFIG_RESERVE_SHARE UINT64_MAX
#define CONFIG_RESERVE_MAX (UINT64_C(256) << 20)

struct config {
    char data[PATH_MAX];       /* VITRINE_DATA: the data folder; required */
    char token[256];           /* VITRINE_TOKEN: the operator's token; empty if none is set */
    enum pool pool;            /* VITRINE_POOL: api (default) or image */
    uint64_t max_upload;       /* VITRINE_MAX_UPLOAD: limit of one request's body, in bytes */
    uint64_t max_pixels;       /* VITRINE_MAX_PIXELS: width times height of one image */
    uint32_t max_frames;       /* VITRINE_MAX_FRAMES: frames of an animation or pages of a TIFF */
    unsigned decode_seconds;   /* VITRINE_DECODE_SECONDS: time limit of one image's decode */
    uint64_t decode_memory;    /* VITRINE_DECODE_MEMORY: bytes that all decodes together may use */
    uint64_t quota;            /* VITRINE_QUOTA: bytes that images may use in total; 0: no limit */
    uint64_t reserve;          /* VITRINE_RESERVE: bytes of the disk to leave free; 0 for none */
    uint64_t workers;          /* VITRINE_WORKERS: number in each pool; 0: vitrine-pool chooses */
    bool request_log;          /* VITRINE_REQUEST_LOG: whether to log a line for each request */
    char module_dir[PATH_MAX]; /* VITRINE_MODULE_DIR: folder of image_magick.so */
    enum sandbox_mode sandbox; /* VITRINE_SANDBOX: on (default), require or off */
    char policy_dir[PATH_MAX]; /* VITRINE_POLICY_DIR: folder of ImageMagick's policy.xml */
};

/* Reads every setting from the environment into *config, which is complete after VT_OK. If a
 * required value is missing, or a value is out of range or cannot be parsed in full, returns
 * VT_ERR_MALFORMED, and *why names the variable. */
enum vt_error config_load(struct config *config, struct vt_reason *why) VT_MUST_CHECK;

/* Parses a size in nginx's notation: decimal digits, optionally followed by k, m or g in either
 * case, for powers of 1024. VT_ERR_MALFORMED for anything else, for 0, and for more than 2^40. */
enum vt_error config_parse_size(const char *text, uint64_t *size) VT_MUST_CHECK;

/* "api" or "image"; static. */
const char *config_pool_name(enum pool pool);

#endif
