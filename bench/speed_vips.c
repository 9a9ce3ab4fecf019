/* libvips's way to the same thumbnails. */
#include <stdio.h>

#include <vips/vips.h>

#include "speed_sides.h"

static bool complain(void)
{
    (void)fprintf(stderr, "speed_thumbs: libvips: %s", vips_error_buffer());
    vips_error_clear();
    return false;
}

bool speed_vips_open(const char *program)
{
    if (VIPS_INIT(program) != 0)
        return complain();
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    return true;
}

void speed_vips_close(void)
{
    vips_shutdown();
}

static bool encode(VipsImage *image, struct buf *out)
{
    void *data = NULL;
    size_t len = 0;

    if (vips_jpegsave_buffer(image, &data, &len, "Q", SPEED_JPEG_QUALITY, "strip", TRUE, NULL) != 0)
        return complain();
    buf_append(out, data, len);
    g_free(data);
    return buf_ok(out);
}

static VipsImage *thumbnail(const struct speed_task *task, unsigned size)
{
    VipsImage *image = NULL;

    if (vips_thumbnail_buffer(task->data, task->len, &image, (int)size, "size", VIPS_SIZE_DOWN,
                              NULL) != 0)
        (void)complain();
    return image;
}

bool speed_vips_run(const struct speed_task *task, struct speed_outputs *outputs)
{
    bool good = true;

    for (size_t i = 0; good && i < task->count; i++) {
        VipsImage *image = thumbnail(task, task->sizes[i]);

        good = image != NULL && encode(image, &outputs->files[i]);
        g_clear_object(&image);
    }
    return good;
}

bool speed_vips_chain_run(const struct speed_task *task, struct speed_outputs *outputs)
{
    VipsImage *image = thumbnail(task, task->sizes[0]);
    VipsImage *largest = image != NULL ? vips_image_copy_memory(image) : NULL;
    bool good = largest != NULL && encode(largest, &outputs->files[0]);

    for (size_t i = 1; good && i < task->count; i++) {
        VipsImage *smaller = NULL;

        good = vips_thumbnail_image(largest, &smaller, (int)task->sizes[i], "size", VIPS_SIZE_DOWN,
                                    NULL) == 0;
        good = good ? encode(smaller, &outputs->files[i]) : complain();
        g_clear_object(&smaller);
    }
    g_clear_object(&largest);
    g_clear_object(&image);
    return good;
}
