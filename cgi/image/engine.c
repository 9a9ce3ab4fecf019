#include "image/engine.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/heif.h"
#include "image/image.h"
#include "image/jxl.h"
#include "image/magick.h"
#include "image/tiff.h"

struct image_engine {
    char module_dir[PATH_MAX], policy_dir[PATH_MAX];
    uint64_t max_pixels;
    const struct image_heif *heif; /* each module's table, or NULL if it is not loaded */
    const struct image_jxl *jxl;
    const struct image_magick *magick; /* started */
    const struct image_tiff *tiff;
    bool is_prepared[IMAGE_TYPE_COUNT];
};

static const void *load(const struct image_engine *engine, const char *name, const char *symbol)
{
    return image_module_load(engine->module_dir, name, symbol);
}

enum vt_error image_engine_new(const char *module_dir, const char *policy_dir, uint64_t max_pixels,
                               struct image_engine **engine)
{
    struct image_engine *self = calloc(1, sizeof *self);

    *engine = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    (void)snprintf(self->module_dir, sizeof self->module_dir, "%s", module_dir);
    (void)snprintf(self->policy_dir, sizeof self->policy_dir, "%s", policy_dir);
    self->max_pixels = max_pixels;
    *engine = self;
    return VT_OK;
}

static enum vt_error prepare_heif(struct image_engine *engine)
{
    const struct image_heif *heif = load(engine, "image_heif.so", IMAGE_HEIF_SYMBOL);

    if (heif == NULL)
        return VT_ERR_UNAVAILABLE;
    if (!image_module_is_ours(&heif->module, IMAGE_MODULE_VERSION("image_heif.so")))
        return VT_ERR_INTERNAL;
    engine->heif = heif;
    return heif->prepare();
}

static enum vt_error prepare_jxl(struct image_engine *engine)
{
    const struct image_jxl *jxl = load(engine, "image_jxl.so", IMAGE_JXL_SYMBOL);

    if (jxl == NULL)
        return VT_ERR_UNAVAILABLE;
    if (!image_module_is_ours(&jxl->module, IMAGE_MODULE_VERSION("image_jxl.so")))
        return VT_ERR_INTERNAL;
    engine->jxl = jxl;
    return VT_OK;
}

static enum vt_error prepare_tiff(struct image_engine *engine)
{
    const struct image_tiff *tiff = load(engine, "image_tiff.so", IMAGE_TIFF_SYMBOL);

    if (tiff == NULL)
        return VT_ERR_UNAVAILABLE;
    if (!image_module_is_ours(&tiff->module, IMAGE_MODULE_VERSION("image_tiff.so")))
        return VT_ERR_INTERNAL;
    engine->tiff = tiff;
    return VT_OK;
}

static enum vt_error prepare_magick(struct image_engine *engine)
{
    const struct image_magick *magick = load(engine, "image_magick.so", IMAGE_MAGICK_SYMBOL);
    enum vt_error err;

    if (magick == NULL)
        return VT_ERR_UNAVAILABLE;
    if (!image_module_is_ours(&magick->module, IMAGE_MODULE_VERSION("image_magick.so")))
        return VT_ERR_INTERNAL;
    err = magick->start(engine->policy_dir, engine->max_pixels);
    if (err == VT_OK)
        engine->magick = magick;
    return err;
}

static bool is_for_heif(enum image_type type)
{
    return type == IMAGE_HEIC || type == IMAGE_AVIF;
}

enum vt_error image_engine_prepare(struct image_engine *engine, enum image_type type)
{
    enum vt_error err;

    if (engine->is_prepared[type])
        return VT_OK;
    if (is_for_heif(type))
        err = prepare_heif(engine);
    else if (type == IMAGE_JXL)
        err = prepare_jxl(engine);
    else if (type == IMAGE_TIFF)
        err = prepare_tiff(engine);
    else if (type == IMAGE_GIF)
        err = prepare_magick(engine);
    else
        err = VT_OK; /* its decoder is in the program */
    engine->is_prepared[type] = err == VT_OK;
    return err;
}

enum vt_error image_engine_decode(struct image_engine *engine, const struct image_source *source,
                                  struct decoded *decoded, struct vt_reason *why)
{
    enum vt_error err = image_engine_prepare(engine, source->header->type);

    if (err != VT_OK)
        return err;
    if (is_for_heif(source->header->type))
        return engine->heif->decode(source, decoded, why);
    if (source->header->type == IMAGE_JXL)
        return engine->jxl->decode(source, decoded, why);
    if (source->header->type == IMAGE_TIFF)
        return engine->tiff->decode(source, decoded, why);
    return engine->magick->decode(source, decoded, why);
}

void image_engine_free(struct image_engine *engine)
{
    if (engine == NULL)
        return;
    if (engine->magick != NULL)
        engine->magick->stop();
    free(engine);
}
