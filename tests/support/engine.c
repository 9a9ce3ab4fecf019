#include "engine.h"

struct image_engine *support_engine;

void support_engine_start(void)
{
    struct config config;

    support_config(support_folder(), &config);
    SUPPORT_MUST(image_engine_new(config.module_dir, config.policy_dir, config.max_pixels,
                                  &support_engine) == VT_OK);
    /* ImageMagick has its policy from when it is started: nothing else in the process may do that.
     */
    SUPPORT_MUST(image_engine_prepare(support_engine, IMAGE_GIF) == VT_OK);
}

void support_engine_stop(void)
{
    image_engine_free(support_engine);
    support_engine = NULL;
}

enum vt_error support_engine_decode(const struct buf *file, struct image **image,
                                    struct vt_reason *why)
{
    struct image_header header;
    enum vt_error err = image_header_read(file->data, file->len, &header, why);

    *image = NULL;
    if (err == VT_OK)
        err = image_decode(support_engine, file->data, file->len, &header, 2048, 60, image, why);
    return err;
}

void support_engine_pixels(const struct buf *file, struct pixels *pixels)
{
    struct buf webp = BUF_INIT;
    struct vt_reason why = {""};
    struct image *image;
    enum vt_error err = support_engine_decode(file, &image, &why);

    ck_assert_msg(err == VT_OK, "%s: %s", vt_strerror(err), why.text);
    ck_assert_int_eq(image_encode(image, IMAGE_WEBP, image_has_alpha(image), &webp), VT_OK);
    support_pixels("WEBP", &webp, pixels);
    image_free(image);
    buf_free(&webp);
}

enum vt_error support_engine_take(const struct buf *file, struct buf *out)
{
    const struct image_limits limits = {100 * 1000 * 1000, 65535, 1000};
    struct image_header header;
    struct image *image = NULL;
    struct vt_reason why = {""};
    enum vt_error err = image_header_read(file->data, file->len, &header, &why);

    *out = BUF_INIT;
    if (err == VT_OK)
        err = image_header_check(&header, &limits, &why);
    if (err == VT_OK)
        err = image_decode(support_engine, file->data, file->len, &header, 320, 30, &image, &why);
    ck_assert_int_eq(err == VT_OK, why.text[0] == '\0');
    if (err == VT_OK) {
        ck_assert_int_eq(image_encode(image, IMAGE_JPEG, false, out), VT_OK);
        ck_assert_int_eq(image_encode(image, IMAGE_WEBP, true, out), VT_OK);
    }
    image_free(image);
    return err;
}

void support_engine_expect(const struct buf *file, enum vt_error want)
{
    struct buf out;

    ck_assert_int_eq(support_engine_take(file, &out), want);
    buf_free(&out);
}
