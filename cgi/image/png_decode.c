/* Decodes PNG with libpng, row by row. Leaves to ImageMagick interlaced files, whose rows come in
 * seven passes, and files that have a gamma of their own and no profile. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "base/log.h"
#include "base/reader.h"
#include "image/decode.h"
#include "image/exif.h"
#include "image/reducer.h"

#define MOST_METADATA (16 * 1024 * 1024) /* bytes of one inflated chunk */

struct png {
    png_structp read;
    png_infop info, end;
    jmp_buf escape;
    const struct image_source *source;
    size_t at; /* bytes of the source that have been read */
    bool no_memory;
    struct reducer *reducer;
};

static void on_error(png_structp read, png_const_charp text)
{
    struct png *png = png_get_error_ptr(read);

    log_info("image: libpng: %s", text);
    longjmp(png->escape, 1);
}

/* Records a failed allocation, which libpng reports like any other error. */
static png_voidp allocate(png_structp read, png_alloc_size_t size)
{
    struct png *png = png_get_mem_ptr(read);
    png_voidp memory = malloc(size);

    png->no_memory |= memory == NULL;
    return memory;
}

static void release(png_structp read, png_voidp memory)
{
    (void)read;
    free(memory);
}

/* Ignores warnings: they are about ancillary chunks, and nothing of the picture is lost. */
static void on_warning(png_structp read, png_const_charp text)
{
    (void)read;
    (void)text;
}

static void read_bytes(png_structp read, png_bytep to, size_t count)
{
    struct png *png = png_get_io_ptr(read);

    if (count > png->source->len - png->at)
        png_error(read, "the data ends early");
    memcpy(to, png->source->data + png->at, count);
    png->at += count;
}

/* Whether the gamma is that of sRGB, or none is given. */
static bool has_srgb_gamma(const struct png *png)
{
    double gamma;
    int intent;

    return png_get_sRGB(png->read, png->info, &intent) != 0 ||
           png_get_gAMA(png->read, png->info, &gamma) == 0 || (gamma > 0.43 && gamma < 0.48);
}

static enum vt_error read_profile(const struct png *png, struct decoded *decoded)
{
    png_charp name;
    png_bytep profile;
    png_uint_32 len;
    int compression;

    if (png_get_iCCP(png->read, png->info, &name, &compression, &profile, &len) == 0)
        return has_srgb_gamma(png) ? VT_OK : VT_ERR_UNSUPPORTED;
    return image_decode_keep_profile(decoded, profile, len);
}

static void read_orientation(const struct png *png, png_infop info, struct decoded *decoded)
{
    png_bytep exif;
    png_uint_32 len;

    if (png_get_eXIf_1(png->read, info, &len, &exif) != 0)
        decoded->orientation = image_exif_orientation(exif, len);
}

/* Ignores texts and the like: a thousand of them may each inflate to a thousand times their size.
 */
static void ignore_the_rest(png_structp read)
{
    static const png_byte names[] = "bKGD\0hIST\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0tEXt\0"
                                    "tIME\0zTXt";

    png_set_keep_unknown_chunks(read, PNG_HANDLE_CHUNK_NEVER, names, sizeof names / 5);
}

/* Makes libpng return eight bits each of red, green, blue and alpha for any file. */
static void set_format(png_structp read)
{
    png_set_expand(read);
    png_set_scale_16(read);
    png_set_gray_to_rgb(read);
    png_set_add_alpha(read, 0xff, PNG_FILLER_AFTER);
}

static enum vt_error read_rows(struct png *png, struct decoded *decoded)
{
    bool alpha = (png_get_color_type(png->read, png->info) & PNG_COLOR_MASK_ALPHA) != 0 ||
                 png_get_valid(png->read, png->info, PNG_INFO_tRNS) != 0;
    uint32_t width, height;
    enum vt_error err;

    raster_reduced_size(decoded->width, decoded->height, png->source->detail, &width, &height);
    set_format(png->read);
    png_read_update_info(png->read, png->info);
    if (png_get_rowbytes(png->read, png->info) != (size_t)decoded->width * RASTER_PIXEL)
        return VT_ERR_INTERNAL;
    err = reducer_new(decoded->width, decoded->height, width, height, alpha, &png->reducer);
    if (err != VT_OK)
        return err;
    for (uint32_t y = 0; y < decoded->height; y++) {
        if (y % 64 == 0 && image_decode_is_late(png->source))
            return VT_ERR_INVALID_IMAGE;
        png_read_row(png->read, reducer_row(png->reducer), NULL);
        reducer_take(png->reducer);
    }
    return VT_OK;
}

static enum vt_error decode(struct png *png, struct decoded *decoded)
{
    enum vt_error err;

    if (setjmp(png->escape) != 0)
        return png->no_memory ? VT_ERR_MEMORY : VT_ERR_INVALID_IMAGE;
    png_set_read_fn(png->read, png, read_bytes);
    png_set_user_limits(png->read, png->source->header->width, png->source->header->height);
    png_set_chunk_malloc_max(png->read, MOST_METADATA);
    ignore_the_rest(png->read);
    png_read_info(png->read, png->info);
    if (png_get_interlace_type(png->read, png->info) != PNG_INTERLACE_NONE)
        return VT_ERR_UNSUPPORTED;
    decoded->width = png_get_image_width(png->read, png->info);
    decoded->height = png_get_image_height(png->read, png->info);
    err = read_profile(png, decoded);
    if (err == VT_OK)
        err = read_rows(png, decoded);
    if (err != VT_OK)
        return err;
    png_read_end(png->read, png->end);
    read_orientation(png, png->info, decoded);
    read_orientation(png, png->end, decoded);
    return VT_OK;
}

enum vt_error image_png_decode(const struct image_source *source, struct decoded *decoded,
                               struct vt_reason *why)
{
    struct png *png = calloc(1, sizeof *png); /* longjmp() may clobber locals */
    enum vt_error err = VT_ERR_MEMORY;

    *decoded = (struct decoded){.raster = RASTER_INIT, .orientation = 1};
    if (png == NULL)
        return VT_ERR_MEMORY;
    png->source = source;
    png->read = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, png, on_error, on_warning, png,
                                         allocate, release);
    if (png->read != NULL) {
        png->info = png_create_info_struct(png->read);
        png->end = png_create_info_struct(png->read);
    }
    if (png->info != NULL && png->end != NULL)
        err = decode(png, decoded);
    if (err == VT_OK)
        err = reducer_finish(png->reducer, &decoded->raster);
    if (err == VT_ERR_INVALID_IMAGE)
        err = image_decode_corrupt(source, why);
    png_destroy_read_struct(&png->read, &png->info, &png->end);
    reducer_free(png->reducer);
    free(png);
    return err;
}

static bool is_needed(const uint8_t *name)
{
    static const char names[][5] = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS",
                                    "cHRM", "gAMA", "iCCP", "sRGB", "eXIf"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (memcmp(name, names[i], 4) == 0)
            return true;
    return false;
}

enum vt_error image_decode_png_strip(const struct image_source *source, struct buf *out)
{
    struct reader in = {source->data, source->len, 0, NULL};
    const uint8_t *chunk = reader_take(&in, 8); /* first the signature */
    size_t len = 8;

    while (chunk != NULL) {
        if (in.at == 8 || is_needed(chunk + 4))
            buf_append(out, chunk, len);
        chunk = reader_take(&in, 8);
        if (chunk != NULL) {
            len = (size_t)reader_big32(chunk) + 12; /* including name, length and checksum */
            if (reader_take(&in, len - 8) == NULL)
                chunk = NULL;
        }
    }
    return buf_ok(out) ? VT_OK : VT_ERR_MEMORY;
}
