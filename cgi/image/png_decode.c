/* Decodes PNG with libpng: row by row or, if the rows come in seven passes, as a whole. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "base/log.h"
#include "base/reader.h"
#include "image/cicp.h"
#include "image/decode.h"
#include "image/exif.h"
#include "image/png_space.h"
#include "image/reducer.h"

#define USUAL_GAMMA 2.2
#define ANCILLARY 0x20                   /* in the first letter of a chunk's name */
#define MOST_METADATA (16 * 1024 * 1024) /* bytes of one inflated chunk */

struct png {
    png_structp read;
    png_infop info;
    jmp_buf escape;
    const struct image_source *source;
    size_t at; /* bytes of the source that have been read */
    bool no_memory;
    struct image_png_space space;
    char broken[4]; /* the name of the last chunk whose checksum is wrong */
    struct reducer *reducer;
    struct raster whole; /* of a file that comes in passes */
    struct cicp *hdr;    /* NULL if the file is of another kind */
    uint8_t *samples;    /* HDR: a row as the library returns it */
    bool is_deep;        /* HDR: these have two bytes each */
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

/* Ignores warnings: they are about ancillary chunks, and nothing of the picture is lost. A chunk
 * with a wrong checksum, however, comes to take_chunk() all the same. */
static void on_warning(png_structp read, png_const_charp text)
{
    struct png *png = png_get_error_ptr(read);

    if (strlen(text) > 4 && strstr(text, "CRC error") != NULL)
        memcpy(png->broken, text, sizeof png->broken);
}

/* A file may lack its end, IEND, or a part of it: image_header_read() has checked that no more is
 * missing. The library, which reads a chunk's head of eight bytes and its checksum of four in one
 * call each, then gets those of IEND. If pixels are missing, it refuses IEND in their place. */
static void read_bytes(png_structp read, png_bytep to, size_t count)
{
    static const uint8_t end[12] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};
    struct png *png = png_get_io_ptr(read);
    size_t left = png->source->len - png->at;
    const uint8_t *from = png->source->data + png->at;

    if (count > left) {
        if (count != 8 && count != 4)
            png_error(read, "the data ends early");
        from = count == 8 ? end : end + 8;
        png->at = png->source->len;
    } else {
        png->at += count;
    }
    memcpy(to, from, count);
}

/* Called for chunks that the library is not to read itself, and for those that it does not know. Of
 * these, it refuses the ones without which the picture cannot be understood: W3C PNG, 5.4. */
static int take_chunk(png_structp read, png_unknown_chunkp chunk)
{
    struct png *png = png_get_user_chunk_ptr(read);

    if (memcmp(chunk->name, png->broken, sizeof png->broken) != 0)
        image_png_space_keep(&png->space, chunk->name, chunk->data, chunk->size);
    return (chunk->name[0] & ANCILLARY) != 0; /* true if it is not to be kept */
}

/* Keeps the file's profile, or makes one of the space that its chunks describe. Linear samples of
 * 16 bits would lose the dark ones among 8 bits, so the library applies a usual gamma to them
 * first. */
static enum vt_error read_space(struct png *png, struct decoded *decoded)
{
    struct image_color_space space;
    struct cicp_source hdr;
    png_charp name;
    png_bytep profile = NULL;
    png_uint_32 len = 0;
    int compression;
    bool has = png_get_iCCP(png->read, png->info, &name, &compression, &profile, &len) != 0;
    enum image_png_space_kind kind = image_png_space_find(&png->space, has, &space, &hdr);

    decoded->gray = (png_get_color_type(png->read, png->info) & PNG_COLOR_MASK_COLOR) == 0;
    if (kind == PNG_SPACE_PROFILE)
        return image_decode_keep_profile(decoded, profile, len);
    if (kind == PNG_SPACE_SRGB)
        return VT_OK;
    if (kind == PNG_SPACE_HDR) {
        png->is_deep = png_get_bit_depth(png->read, png->info) == 16;
        hdr.depth = png->is_deep ? 16 : 8;
        return cicp_new(&hdr, decoded, &png->hdr);
    }
    if (space.curve == IMAGE_COLOR_GAMMA && png_get_bit_depth(png->read, png->info) == 16) {
        png_set_gamma(png->read, USUAL_GAMMA, 1 / space.gamma);
        space.gamma = USUAL_GAMMA;
    }
    return image_decode_keep_space(decoded, &space);
}

/* Behind the pixels, EXIF is not valid, and browsers ignore it. */
static void read_orientation(const struct png *png, struct decoded *decoded)
{
    png_bytep exif;
    png_uint_32 len;

    if (png_get_eXIf_1(png->read, png->info, &len, &exif) != 0)
        decoded->orientation = image_exif_orientation(exif, len);
}

/* Ignores texts and the like: a thousand of them may each inflate to a thousand times their size.
 */
static void choose_chunks(struct png *png)
{
    static const png_byte space[] = "cHRM\0cICP\0cLLI\0gAMA\0mDCV\0sRGB";
    static const png_byte names[] = "bKGD\0hIST\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0tEXt\0"
                                    "tIME\0zTXt";

    png_set_keep_unknown_chunks(png->read, PNG_HANDLE_CHUNK_NEVER, names, sizeof names / 5);
    /* Versions of the library differ in what they make of these if they contradict one
     * another, so they are read here. */
    png_set_keep_unknown_chunks(png->read, PNG_HANDLE_CHUNK_ALWAYS, space, sizeof space / 5);
    png_set_read_user_chunk_fn(png->read, png, take_chunk);
}

/* Makes libpng return red, green, blue and alpha for any file, of eight bits each, or of 16 if HDR
 * has as many. */
static void set_format(const struct png *png)
{
    png_set_expand(png->read);
    if (!png->is_deep)
        png_set_scale_16(png->read);
    else if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        png_set_swap(png->read);
    png_set_gray_to_rgb(png->read);
    png_set_add_alpha(png->read, 0xffff, PNG_FILLER_AFTER);
}

/* Maps a row of HDR to sRGB. */
static void map_row(const struct png *png, uint32_t width, uint8_t *row)
{
    const uint16_t *words = (const uint16_t *)png->samples;
    const uint8_t *bytes = png->samples;

    if (png->is_deep)
        cicp_put(png->hdr, words, words + 1, words + 2, RASTER_PIXEL, width, row);
    else
        cicp_put(png->hdr, bytes, bytes + 1, bytes + 2, RASTER_PIXEL, width, row);
    for (size_t i = 3; i < (size_t)width * RASTER_PIXEL; i += RASTER_PIXEL)
        row[i] = png->is_deep ? (uint8_t)((words[i] * 255u + 32767) / 65535) : bytes[i];
}

/* Reads the next row, of `width` pixels, into memory for one of the picture's whole width. */
static void read_row(const struct png *png, uint32_t y, uint32_t width, uint8_t *row)
{
    if (y % 64 == 0 && image_decode_is_late(png->source))
        png_error(png->read, "the image takes too long");
    png_read_row(png->read, png->hdr != NULL ? png->samples : row, NULL);
    if (png->hdr != NULL)
        map_row(png, width, row);
}

/* The pixels of a pass are spread over the picture. */
static void read_pass(struct png *png, unsigned pass)
{
    int columns = PNG_PASS_COLS((int)png->whole.width, (int)pass);
    int rows = columns > 0 ? PNG_PASS_ROWS((int)png->whole.height, (int)pass) : 0;
    uint8_t *row = reducer_row(png->reducer); /* which is not needed yet */

    for (uint32_t y = 0; y < (uint32_t)rows; y++) {
        uint8_t *to = png->whole.pixels +
                      (size_t)PNG_ROW_FROM_PASS_ROW(y, pass) * png->whole.width * RASTER_PIXEL;

        read_row(png, y, (uint32_t)columns, row);
        for (uint32_t x = 0; x < (uint32_t)columns; x++)
            memcpy(to + (size_t)PNG_COL_FROM_PASS_COL(x, pass) * RASTER_PIXEL,
                   row + (size_t)x * RASTER_PIXEL, RASTER_PIXEL);
    }
}

static enum vt_error read_passes(struct png *png)
{
    uint32_t width = png_get_image_width(png->read, png->info);
    uint32_t height = png_get_image_height(png->read, png->info);
    size_t row = (size_t)width * RASTER_PIXEL;
    enum vt_error err = raster_new(width, height, &png->whole);

    if (err != VT_OK)
        return err;
    for (unsigned pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++)
        read_pass(png, pass);
    for (uint32_t y = 0; y < height; y++) {
        memcpy(reducer_row(png->reducer), png->whole.pixels + y * row, row);
        reducer_take(png->reducer);
    }
    return VT_OK;
}

static enum vt_error read_rows(struct png *png, struct decoded *decoded)
{
    bool alpha = (png_get_color_type(png->read, png->info) & PNG_COLOR_MASK_ALPHA) != 0 ||
                 png_get_valid(png->read, png->info, PNG_INFO_tRNS) != 0;
    size_t row = (size_t)decoded->width * RASTER_PIXEL * (png->is_deep ? 2 : 1);
    uint32_t width, height;
    enum vt_error err;

    raster_reduced_size(decoded->width, decoded->height, png->source->detail, &width, &height);
    set_format(png);
    png_read_update_info(png->read, png->info);
    if (png_get_rowbytes(png->read, png->info) != row)
        return VT_ERR_INTERNAL;
    if (png->hdr != NULL && (png->samples = malloc(row)) == NULL)
        return VT_ERR_MEMORY;
    err = reducer_new(decoded->width, decoded->height, width, height, alpha, &png->reducer);
    if (err != VT_OK)
        return err;
    if (png_get_interlace_type(png->read, png->info) != PNG_INTERLACE_NONE)
        return read_passes(png);
    for (uint32_t y = 0; y < decoded->height; y++) {
        read_row(png, y, decoded->width, reducer_row(png->reducer));
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
    choose_chunks(png);
    png_read_info(png->read, png->info);
    decoded->width = png_get_image_width(png->read, png->info);
    decoded->height = png_get_image_height(png->read, png->info);
    err = read_space(png, decoded);
    if (err == VT_OK)
        err = read_rows(png, decoded);
    if (err != VT_OK)
        return err;
    png_read_end(png->read, NULL);
    read_orientation(png, decoded);
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
    if (png->read != NULL)
        png->info = png_create_info_struct(png->read);
    if (png->info != NULL)
        err = decode(png, decoded);
    if (err == VT_OK)
        err = reducer_finish(png->reducer, &decoded->raster);
    if (err == VT_ERR_INVALID_IMAGE)
        err = image_decode_corrupt(source, why);
    png_destroy_read_struct(&png->read, &png->info, NULL);
    raster_free(&png->whole);
    reducer_free(png->reducer);
    cicp_free(png->hdr);
    free(png->samples);
    free(png);
    return err;
}
