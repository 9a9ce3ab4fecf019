/* Decoding alone, by the libraries that all decoders use. */
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>
#include <webp/decode.h>

#include "speed_sides.h"

/* ---- JPEG ---- */

struct jpeg_trap {
    struct jpeg_error_mgr manager; /* first: libjpeg knows it by this address */
    jmp_buf back;
};

static void jpeg_escape(j_common_ptr info)
{
    struct jpeg_trap *trap = (struct jpeg_trap *)(void *)info->err;

    (*info->err->output_message)(info);
    longjmp(trap->back, 1);
}

/* The smallest of the scales that still has `detail` pixels on the longer side. */
static unsigned scale_for(const struct jpeg_decompress_struct *info, unsigned detail)
{
    unsigned longer =
        info->image_width > info->image_height ? info->image_width : info->image_height;
    unsigned eighths = 1;

    while (eighths < 8 && (uint64_t)longer * eighths < (uint64_t)detail * 8)
        eighths *= 2;
    return eighths;
}

static bool decode_jpeg(const struct speed_task *task)
{
    struct jpeg_decompress_struct info;
    struct jpeg_trap trap;
    JSAMPLE *volatile row = NULL;

    info.err = jpeg_std_error(&trap.manager);
    trap.manager.error_exit = jpeg_escape;
    if (setjmp(trap.back) != 0) {
        jpeg_destroy_decompress(&info);
        free(row);
        return false;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, task->data, task->len);
    (void)jpeg_read_header(&info, TRUE);
    info.scale_num = scale_for(&info, task->sizes[0]);
    info.scale_denom = 8;
    info.out_color_space = JCS_RGB;
    (void)jpeg_start_decompress(&info);
    row = malloc((size_t)info.output_width * (size_t)info.output_components);
    if (row == NULL)
        longjmp(trap.back, 1);
    while (info.output_scanline < info.output_height) {
        JSAMPROW rows = row;

        (void)jpeg_read_scanlines(&info, &rows, 1);
    }
    (void)jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    free(row);
    return true;
}

/* ---- PNG ---- */

struct png_source {
    const unsigned char *data;
    size_t left;
};

static void png_take(png_structp png, png_bytep out, size_t len)
{
    struct png_source *source = png_get_io_ptr(png);

    if (len > source->left)
        png_error(png, "the file is too short");
    memcpy(out, source->data, len);
    source->data += len;
    source->left -= len;
}

static bool decode_png(const struct speed_task *task)
{
    struct png_source source = {task->data, task->len};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    png_bytep volatile row = NULL;
    volatile bool good = false;

    if (info == NULL || setjmp(png_jmpbuf(png)) != 0)
        goto out;
    png_set_read_fn(png, &source, png_take);
    png_read_info(png, info);
    if (png_get_interlace_type(png, info) != PNG_INTERLACE_NONE)
        png_error(png, "interlaced files are not measured");
    row = malloc(png_get_rowbytes(png, info));
    if (row == NULL)
        png_error(png, "there is not enough memory");
    for (png_uint_32 y = 0; y < png_get_image_height(png, info); y++)
        png_read_row(png, row, NULL);
    png_read_end(png, NULL);
    good = true;
out:
    png_destroy_read_struct(&png, &info, NULL);
    free(row);
    return good;
}

/* ---- WebP ---- */

static bool decode_webp(const struct speed_task *task)
{
    int width, height;
    uint8_t *pixels = WebPDecodeRGB(task->data, task->len, &width, &height);

    WebPFree(pixels);
    return pixels != NULL;
}

bool speed_floor_run(const struct speed_task *task, struct speed_outputs *outputs)
{
    const unsigned char *data = task->data;
    bool good;

    (void)outputs;
    if (task->len > 12 && data[0] == 0xff && data[1] == 0xd8)
        good = decode_jpeg(task);
    else if (task->len > 12 && png_sig_cmp(data, 0, 8) == 0)
        good = decode_png(task);
    else
        good = decode_webp(task);
    if (!good)
        (void)fprintf(stderr, "speed_thumbs: floor: the file does not decode\n");
    return good;
}
