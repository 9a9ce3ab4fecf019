/* The sides that bench/speed_thumbs compares. Each makes the same thumbnails from the same bytes,
 * in this process, in one thread. */
#ifndef VITRINE_SPEED_SIDES_H
#define VITRINE_SPEED_SIDES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define SPEED_SIZES 4         /* the most sizes that an upload may make at once */
#define SPEED_JPEG_QUALITY 80 /* of libvips; ours has the quality of an upload */

/* A file, and the thumbnails to make. */
struct speed_task {
    void *data;
    size_t len;
    unsigned sizes[SPEED_SIZES]; /* longest sides in pixels, the largest first */
    size_t count;                /* of sizes */
};

/* One encoded thumbnail for each size; the caller clears and frees them. */
struct speed_outputs {
    struct buf files[SPEED_SIZES];
};

/* Ours: reads and checks the header, decodes, reduces and encodes as an upload does. The settings
 * come from the environment. Like each side, it prints to stderr why it failed. */
bool speed_ours_open(struct speed_task *task);
bool speed_ours_run(const struct speed_task *task, struct speed_outputs *outputs);
void speed_ours_close(void);

/* libvips, with a concurrency of 1 and no cache of operations. Each size is made from the file's
 * bytes, which is the intended use of vips_thumbnail. */
bool speed_vips_open(const char *program);
bool speed_vips_run(const struct speed_task *task, struct speed_outputs *outputs);
/* The same, with all but the largest size out of the largest one, in memory. */
bool speed_vips_chain_run(const struct speed_task *task, struct speed_outputs *outputs);
void speed_vips_close(void);

/* The floor: decoding, once, and nothing else. A JPEG at the smallest of libjpeg-turbo's scales
 * that still has the largest size; PNG and WebP whole. Writes no outputs. */
bool speed_floor_run(const struct speed_task *task, struct speed_outputs *outputs);

#endif
