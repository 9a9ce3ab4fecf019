/* What the modules have in common: image_heif.so, image_jxl.so, image_magick.so and image_tiff.so,
 * which engine.c loads, and image_metadata.so, which metadata.c loads. Only they are linked to the
 * libraries that they are about, so that a process has these only if it needs them. */
#ifndef VITRINE_IMAGE_MODULE_H
#define VITRINE_IMAGE_MODULE_H

#include "image/decode.h"

/* Raise this with every change to what a module shares with the program that loads it: the structs
 * of this header, of those that include it and of those that it includes, and the functions of
 * modules.symbols. */
#define IMAGE_MODULE_ABI "7"
#define IMAGE_MODULE_VERSION(name) name " " PACKAGE_VERSION ", ABI " IMAGE_MODULE_ABI

/* A module's table of functions begins with this. */
struct image_module {
    const char *version; /* IMAGE_MODULE_VERSION(); the first member of every version */
    size_t source_size;  /* of a struct image_source */
    size_t decoded_size; /* of a struct decoded; both as the module was built */
};

#define IMAGE_MODULE(name)                                                                         \
    {                                                                                              \
        IMAGE_MODULE_VERSION(name), sizeof(struct image_source), sizeof(struct decoded)            \
    }

/* Loads the module of that name from the folder; returns its table, or NULL on failure. It is never
 * unloaded, since its libraries keep data in the process; loading it again returns the same one. */
const void *image_module_load(const char *module_dir, const char *name, const char *symbol);

/* Whether the module is of this program's version: an update may have replaced it under a process
 * that was started before. */
bool image_module_is_ours(const struct image_module *module, const char *version) VT_MUST_CHECK;

#endif
