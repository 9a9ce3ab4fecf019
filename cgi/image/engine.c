#include "image/engine.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "image/image.h"

/* Loads the module; returns NULL on failure. It is never unloaded, since its libraries keep data in
 * the process; loading it again returns the same module. */
static const struct image_magick *load(const char *module_dir)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/image_magick.so", module_dir);
    const struct image_magick *magick = NULL;
    void *module = NULL;
    const char *complaint;

    if (len > 0 && (size_t)len < sizeof path)
        module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (module != NULL)
        magick = dlsym(module, IMAGE_MAGICK_SYMBOL);
    if (magick == NULL) {
        complaint = dlerror();
        log_error("image: image_magick.so cannot be loaded: %s",
                  complaint != NULL ? complaint : "its path is too long");
    }
    return magick;
}

/* Whether the module is of this program's version: an update may have replaced it under a process
 * that was started before. */
static bool is_ours(const struct image_magick *magick)
{
    if (strcmp(magick->version, IMAGE_MAGICK_VERSION) != 0) {
        log_error(
            "image: %s was found, but %s is needed: the program was updated, and must be started"
            " anew",
            magick->version, IMAGE_MAGICK_VERSION);
        return false;
    }
    if (magick->source_size != sizeof(struct image_source) ||
        magick->decoded_size != sizeof(struct decoded)) {
        log_error("image: image_magick.so is of another build: the program must be started anew");
        return false;
    }
    return true;
}

enum vt_error image_engine_new(const char *module_dir, const char *policy_dir, uint64_t max_pixels,
                               struct image_engine **engine)
{
    struct image_engine *self = calloc(1, sizeof *self);
    enum vt_error err = VT_ERR_UNAVAILABLE;

    *engine = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->magick = load(module_dir);
    if (self->magick != NULL && !is_ours(self->magick))
        err = VT_ERR_INTERNAL;
    else if (self->magick != NULL)
        err = self->magick->start(policy_dir, max_pixels, &self->state);
    if (err != VT_OK) {
        free(self);
        return err;
    }
    *engine = self;
    return VT_OK;
}

void image_engine_prepare(const struct image_engine *engine, enum image_type type)
{
    engine->magick->prepare(type);
}

void image_engine_free(struct image_engine *engine)
{
    if (engine == NULL)
        return;
    engine->magick->stop(engine->state);
    free(engine);
}
