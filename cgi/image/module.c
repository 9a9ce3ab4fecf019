#include "image/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

const void *image_module_load(const char *module_dir, const char *name, const char *symbol)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/%s", module_dir, name);
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

bool image_module_is_ours(const struct image_module *module, const char *version)
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
