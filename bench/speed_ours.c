/* Makes thumbnails from bytes as an upload does, without the store: what a decoder's child does
 * with each file (decoder/child.c), but in this process, like the other sides. */
#include <stdio.h>

#include "base/config.h"
#include "gallery/internal.h"
#include "image/image.h"
#include "speed_sides.h"

static struct config config;
static struct image_engine *engine;

static bool complain(enum vt_error err, const struct vt_reason *why)
{
    (void)fprintf(stderr, "speed_thumbs: ours: %s: %s\n", vt_strerror(err), why->text);
    return false;
}

bool speed_ours_open(struct speed_task *task)
{
    struct vt_reason why = {""};
    const unsigned *sizes = gallery_first_sizes(&task->count);
    enum vt_error err = config_load(&config, &why);

    if (task->count > SPEED_SIZES) {
        (void)fprintf(stderr, "speed_thumbs: an upload makes more sizes than SPEED_SIZES\n");
        return false;
    }
    for (size_t i = 0; i < task->count; i++)
        task->sizes[i] = sizes[i];
    if (err == VT_OK)
        err = image_engine_new(config.module_dir, config.policy_dir, config.max_pixels, &engine);
    return err == VT_OK || complain(err, &why);
}

bool speed_ours_run(const struct speed_task *task, struct speed_outputs *outputs)
{
    const struct image_limits limits = {config.max_pixels, GALLERY_SIDE_LIMIT, config.max_frames};
    struct vt_reason why = {""};
    struct image_header header;
    struct image *image = NULL;
    enum vt_error err = image_header_read(task->data, task->len, &header, &why);

    if (err == VT_OK)
        err = image_header_check(&header, &limits, &why);
    if (err == VT_OK)
        err = image_decode(engine, task->data, task->len, &header, task->sizes[0],
                           config.decode_seconds, &image, &why);
    for (size_t i = 0; err == VT_OK && i < task->count; i++) {
        err = image_shrink(image, task->sizes[i]);
        if (err == VT_OK)
            err = image_encode(image, image_has_alpha(image) ? IMAGE_WEBP : IMAGE_JPEG,
                               image_has_alpha(image), &outputs->files[i]);
    }
    image_free(image);
    return err == VT_OK || complain(err, &why);
}

void speed_ours_close(void)
{
    image_engine_free(engine);
    engine = NULL;
}
