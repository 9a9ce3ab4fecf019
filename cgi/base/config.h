/* Settings, from the environment and nowhere else. */
#ifndef VITRINE_BASE_CONFIG_H
#define VITRINE_BASE_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Which requests a worker is there for: see the pool column of the route table. */
enum pool { POOL_API, POOL_IMAGE };

/* What becomes of a sandbox that this kernel does not have all of: see sandbox.h. */
enum sandbox_mode { SANDBOX_ON, SANDBOX_REQUIRE, SANDBOX_OFF };

/* The reserve where none is set: a hundredth of the disk, and CONFIG_RESERVE_MAX at most. */
#define CONFIG_RESERVE_SHARE UINT64_MAX
#define CONFIG_RESERVE_MAX (UINT64_C(256) << 20)

struct config {
    char data[PATH_MAX];     /* VITRINE_DATA: the data folder; required */
    char token[256];         /* VITRINE_TOKEN: the operator's; empty where none is set */
    enum pool pool;          /* VITRINE_POOL: api (default) or image */
    uint64_t max_upload;     /* VITRINE_MAX_UPLOAD: bytes of one request's body */
    uint64_t max_pixels;     /* VITRINE_MAX_PIXELS: width times height of one image */
    uint32_t max_frames;     /* VITRINE_MAX_FRAMES: frames of an animation or pages of a TIFF */
    unsigned decode_seconds; /* VITRINE_DECODE_SECONDS: what the decode of one image may take */
    uint64_t decode_memory;  /* VITRINE_DECODE_MEMORY: bytes that all decodes may take at once */
    uint64_t quota;          /* VITRINE_QUOTA: bytes of all that images take; 0 for no limit */
    uint64_t reserve;        /* VITRINE_RESERVE: bytes of the disk to leave free; 0 for none */
    uint64_t workers;        /* VITRINE_WORKERS: of each pool; 0 where vitrine-pool is to choose */
    bool request_log;        /* VITRINE_REQUEST_LOG: whether each request is a line of the log */
    char module_dir[PATH_MAX]; /* VITRINE_MODULE_DIR: folder of image_magick.so */
    enum sandbox_mode sandbox; /* VITRINE_SANDBOX: on (default), require or off */
    char policy_dir[PATH_MAX]; /* VITRINE_POLICY_DIR: folder of ImageMagick's policy.xml */
};

/* Reads every setting from the environment into *config, which is complete after VT_OK.
 * A value that is missing, out of range or not wholly understood gives VT_ERR_MALFORMED, and *why
 * names the variable. */
enum vt_error config_load(struct config *config, struct vt_reason *why) VT_MUST_CHECK;

/* Reads a size as nginx writes it: decimal digits, then nothing, or one of k, m, g in either case
 * for powers of 1024. VT_ERR_MALFORMED on anything else, on 0, and past 2^40. */
enum vt_error config_parse_size(const char *text, uint64_t *size) VT_MUST_CHECK;

/* "api" or "image"; static. */
const char *config_pool_name(enum pool pool);

#endif
