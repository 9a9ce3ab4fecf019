#include "image/engine.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
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

/* Loads the module of that name; returns its table of functions, or NULL on failure. It is never
 * unloaded, since its libraries keep data in the process; loading it again returns the same one. */
static const void *load(const struct image_engine *engine, const char *name, const char *symbol)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/%s", engine->module_dir, name);
    const void *table = NULL;
    void *module = NULL;
    const char *complaint;

    if (len > 0 && (size_t)len < sizeof path)
        module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (module != NULL)
        table = dlsym(module, symbol);
    if (table == NULL) {
        complaint = dlerror();
        log_error("image: %s cannot be loaded: %s", name,
                  complaint != NULL ? complaint : "its path is too long");
    }
    return table;
}

/* Whether the module is of this program's version: an update may have replaced it under a process
 * that was started before. */
static bool is_ours(const struct image_module *module, const char *version)
{
    if (strcmp(module->version, version) != 0) {
        log_error(
            "image: %s was found, but %s is needed: the program was updated, and must be started"
            " anew",
            module->version, version);
        return false;
    }
    if (module->source_size != sizeof(struct image_source) ||
        module->decoded_size != sizeof(struct decoded)) {
        log_error("image: %s is of another build: the program must be started anew", version);
        return false;
    }
    return true;
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
    if (!is_ours(&heif->module, IMAGE_MODULE_VERSION("image_heif.so")))
        return VT_ERR_INTERNAL;
    engine->heif = heif;
    return heif->prepare();
}

static enum vt_error prepare_jxl(struct image_engine *engine)
{
    const struct image_jxl *jxl = load(engine, "image_jxl.so", IMAGE_JXL_SYMBOL);

    if (jxl == NULL)
        return VT_ERR_UNAVAILABLE;
    if (!is_ours(&jxl->module, IMAGE_MODULE_VERSION("image_jxl.so")))
        return VT_ERR_INTERNAL;
    engine->jxl = jxl;
    return VT_OK;
}

static enum vt_error prepare_tiff(struct image_engine *engine)
{
    const struct image_tiff *tiff = load(engine, "image_tiff.so", IMAGE_TIFF_SYMBOL);

    if (tiff == NULL)
        return VT_ERR_UNAVAILABLE;
    if (!is_ours(&tiff->module, IMAGE_MODULE_VERSION("image_tiff.so")))
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
    if (!is_ours(&magick->module, IMAGE_MODULE_VERSION("image_magick.so")))
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
