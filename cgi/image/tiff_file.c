#include "image/tiff_file.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

#define SLACK (UINT64_C(16) << 20) /* bytes of one allocation, beyond what the picture takes */

/* ---- its bytes, which are in memory ---- */

static tmsize_t read_bytes(thandle_t handle, void *to, tmsize_t count)
{
    struct tiff_file *file = handle;
    uint64_t left = file->source->len - file->at;
    size_t taken = (uint64_t)count < left ? (size_t)count : (size_t)left;

    memcpy(to, file->source->data + file->at, taken);
    file->at += taken;
    return (tmsize_t)taken;
}

static tmsize_t write_bytes(thandle_t handle, void *from, tmsize_t count)
{
    (void)handle;
    (void)from;
    (void)count;
    return 0;
}

static toff_t seek(thandle_t handle, toff_t offset, int whence)
{
    struct tiff_file *file = handle;
    uint64_t from = whence == SEEK_CUR ? file->at : whence == SEEK_END ? file->source->len : 0;

    from += offset;
    file->at = from < file->source->len ? from : file->source->len;
    return from;
}

static int close_file(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t get_size(thandle_t handle)
{
    const struct tiff_file *file = handle;

    return file->source->len;
}

/* Lends the library the bytes, so that it copies nothing. It does not write to them. */
static int map(thandle_t handle, void **base, toff_t *size)
{
    const struct tiff_file *file = handle;

    memcpy(base, &file->source->data, sizeof *base); /* without its const */
    *size = file->source->len;
    return 1;
}

static void unmap(thandle_t handle, void *base, toff_t size)
{
    (void)handle;
    (void)base;
    (void)size;
}

/* ---- what the library says ---- */

static void complain(const char *module, const char *text)
{
    log_info("image: libtiff: %s: %s", module != NULL ? module : "-", text);
}

/* An error while the directory is read may be about a private tag. If it is about the picture,
 * the call fails, too. While pixels are decoded, some errors leave only part of a picture. */
VT_PRINTF(4, 0)
static int on_error(TIFF *tiff, void *data, const char *module, const char *format, va_list list)
{
    /* What libtiff and, in it, libjpeg say if malloc() fails. */
    static const char *const of_memory[] = {"ut of memory",      "No space",      "llocate memory",
                                            "llocate space",     "nnot allocate", "enough memory",
                                            "nsufficient memory"};
    struct tiff_file *file = data;
    char text[200];

    (void)tiff;
    (void)vsnprintf(text, sizeof text, format, list);
    complain(module, text);
    file->is_damaged = file->is_damaged || file->is_decoding;
    if (strstr(text, "byte limit defined in open options") != NULL)
        file->is_too_large = true;
    for (size_t i = 0; i < sizeof of_memory / sizeof of_memory[0]; i++)
        if (strstr(text, of_memory[i]) != NULL)
            file->has_no_memory = true;
    return 1;
}

/* Most warnings are about tags. Some are about pixels that are lost: libjpeg's, but for the one
 * that every viewer tolerates, and those about a fax that ends early. */
VT_PRINTF(4, 0)
static int on_warning(TIFF *tiff, void *data, const char *module, const char *format, va_list list)
{
    struct tiff_file *file = data;
    char text[200];

    (void)tiff;
    if (!file->is_decoding)
        return 1;
    (void)vsnprintf(text, sizeof text, format, list);
    if (strncmp(text, "Premature EOF", 13) == 0 ||
        strncmp(text, "Premature end of JPEG", 21) == 0 ||
        (strncmp(text, "Corrupt JPEG data", 17) == 0 && strstr(text, "extraneous bytes") == NULL)) {
        complain(module, text);
        file->is_damaged = true;
    }
    return 1;
}

/* ---- opening ---- */

enum vt_error tiff_file_open(struct tiff_file *file, TIFF **tiff)
{
    const struct image_header *header = file->source->header;
    uint64_t pixels = (uint64_t)header->width * header->height;
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();

    if (options == NULL)
        return VT_ERR_MEMORY;
    /* The largest thing is a tile or strip that holds the picture. */
    file->most = SLACK + pixels * tiff_samples_pixel_bytes(header->channels, header->depth);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)file->most);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, file);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, file);
    *tiff = TIFFClientOpenExt("picture", "r", file, read_bytes, write_bytes, seek, close_file,
                              get_size, map, unmap, options);
    TIFFOpenOptionsFree(options);
    return *tiff != NULL ? VT_OK : VT_ERR_INVALID_IMAGE;
}
