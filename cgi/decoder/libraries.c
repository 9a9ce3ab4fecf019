#include "decoder/libraries.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "image/image.h"
#include "image/image_type.h"
#include "image/metadata.h"

#define VERSION_SIZE 64

/* How a library reports its version. Each has its own function for that, which is looked up by
 * name, since some libraries are linked only to a coder. */
enum form {
    TEXT,      /* const char *f(void) */
    TEXT_OF,   /* const char *f(void *), called with NULL */
    BYTES,     /* int f(void): 0x010204 is 1.2.4 */
    THOUSANDS, /* int f(void): 2140 is 2.14 */
    MILLIONS,  /* int f(void): 11002 is 0.11.2 */
};

static const struct {
    const char *object, *function;
    enum form form;
} askable[] = {
    {"libheif.so.", "heif_get_version", TEXT},
    {"libde265.so.", "de265_get_version", TEXT},
    {"libaom.so.", "aom_codec_version_str", TEXT},
    {"libdav1d.so.", "dav1d_version", TEXT},
    {"libjxl.so.", "JxlDecoderVersion", MILLIONS},
    {"libwebp.so.", "WebPGetDecoderVersion", BYTES},
    {"libpng16.so.", "png_get_libpng_ver", TEXT_OF},
    {"libtiff.so.", "TIFFGetVersion", TEXT},
    {"libzstd.so.", "ZSTD_versionString", TEXT},
    {"libMagickCore-", "GetMagickVersion", TEXT_OF},
    {"libexpat.so.", "XML_ExpatVersion", TEXT},
    {"liblcms2.so.", "cmsGetEncodedCMMversion", THOUSANDS},
};

/* Copies the part of a sentence from its first digit to the end of the word. */
static void copy_version(const char *sentence, char out[VERSION_SIZE])
{
    size_t len;

    sentence += strcspn(sentence, "0123456789");
    len = strcspn(sentence, " \t\r\n");
    if (len > 0 && len < VERSION_SIZE) {
        memcpy(out, sentence, len);
        out[len] = '\0';
    }
}

static void ask(void *library, const char *function, enum form form, char out[VERSION_SIZE])
{
    void *symbol = dlsym(library, function);
    const char *text = NULL;
    int (*number)(void) = NULL;
    const char *(*words)(void) = NULL;
    const char *(*words_of)(void *) = NULL;

    if (symbol == NULL)
        return;
    switch (form) { /* the assignments have POSIX's form for functions */
    case TEXT:
        *(void **)&words = symbol;
        text = words();
        break;
    case TEXT_OF:
        *(void **)&words_of = symbol;
        text = words_of(NULL);
        break;
    case BYTES:
        *(void **)&number = symbol;
        (void)snprintf(out, VERSION_SIZE, "%d.%d.%d", number() >> 16, number() >> 8 & 0xff,
                       number() & 0xff);
        break;
    case THOUSANDS:
        *(void **)&number = symbol;
        (void)snprintf(out, VERSION_SIZE, "%d.%d", number() / 1000, number() % 1000 / 10);
        break;
    case MILLIONS:
        *(void **)&number = symbol;
        (void)snprintf(out, VERSION_SIZE, "%d.%d.%d", number() / 1000000, number() / 1000 % 1000,
                       number() % 1000);
        break;
    }
    if (text != NULL)
        copy_version(text, out);
}

/* For dl_iterate_phdr(). Skips the program itself and what the kernel maps, which are no libraries.
 */
static int print_library(struct dl_phdr_info *info, size_t size, void *context)
{
    const char *name = strrchr(info->dlpi_name, '/');
    char version[VERSION_SIZE] = "-";
    void *library;

    (void)size;
    (void)context;
    if (name++ == NULL)
        return 0;
    library = dlopen(info->dlpi_name, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
    for (size_t i = 0; library != NULL && i < sizeof askable / sizeof askable[0]; i++)
        if (strncmp(name, askable[i].object, strlen(askable[i].object)) == 0)
            ask(library, askable[i].function, askable[i].form, version);
    (void)printf("%s %s\n", version, info->dlpi_name);
    if (library != NULL)
        (void)dlclose(library);
    return 0;
}

enum vt_error decoder_libraries_print(const char *module_dir, const char *policy_dir)
{
    const struct image_metadata_module *metadata;
    struct image_engine *engine;
    enum vt_error err = image_engine_new(module_dir, policy_dir, 1, &engine);

    if (err != VT_OK)
        return err;
    if (err == VT_OK)
        err = image_metadata_load(module_dir, &metadata);
    for (int i = 0; err == VT_OK && i < IMAGE_TYPE_COUNT; i++)
        err = image_engine_prepare(engine, (enum image_type)i);
    if (err == VT_OK)
        (void)dl_iterate_phdr(print_library, NULL);
    image_engine_free(engine);
    return err == VT_OK && fflush(stdout) != 0 ? VT_ERR_IO : err;
}
