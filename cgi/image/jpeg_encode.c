/* Encodes JPEG thumbnails with libjpeg-turbo. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

#include "base/log.h"
#include "image/encode.h"

/* The quality at which the eye sees no loss; see docs/architecture.md. */
#define QUALITY 82
#define FLAT_QUALITY 95 /* of pictures in which the eye sees each pixel */
#define PIECE 16384     /* bytes that are appended to the buffer at a time */

struct jpeg {
    struct jpeg_compress_struct compress;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    jmp_buf escape;
    struct buf *out;
    JSAMPROW gray;     /* a row of one component; NULL if there are three */
    enum vt_error err; /* the result after an escape */
    JOCTET piece[PIECE];
};

static void on_error(j_common_ptr common)
{
    struct jpeg *jpeg = common->client_data;
    char text[JMSG_LENGTH_MAX];

    common->err->format_message(common, text);
    log_info("image: libjpeg: %s", text);
    jpeg->err = common->err->msg_code == JERR_OUT_OF_MEMORY ? VT_ERR_MEMORY : VT_ERR_INTERNAL;
    longjmp(jpeg->escape, 1);
}

static void on_message(j_common_ptr common, int level)
{
    if (level < 0)
        on_error(common);
}

static void begin_piece(j_compress_ptr compress)
{
    struct jpeg *jpeg = compress->client_data;

    jpeg->destination.next_output_byte = jpeg->piece;
    jpeg->destination.free_in_buffer = PIECE;
}

/* Called when a piece is full; the library's count of the bytes left in it is not valid then. */
static boolean take_piece(j_compress_ptr compress)
{
    struct jpeg *jpeg = compress->client_data;

    buf_append(jpeg->out, jpeg->piece, PIECE);
    begin_piece(compress);
    return TRUE;
}

static void take_last_piece(j_compress_ptr compress)
{
    struct jpeg *jpeg = compress->client_data;

    buf_append(jpeg->out, jpeg->piece, PIECE - jpeg->destination.free_in_buffer);
}

static bool is_gray(const struct raster *raster)
{
    const uint8_t *pixel = raster->pixels, *end;

    end = pixel + (size_t)raster->width * raster->height * RASTER_PIXEL;
    while (pixel < end && pixel[0] == pixel[1] && pixel[0] == pixel[2])
        pixel += RASTER_PIXEL;
    return pixel == end;
}

static void set_parameters(struct jpeg *jpeg, const struct raster *raster)
{
    struct jpeg_compress_struct *compress = &jpeg->compress;
    bool flat = raster_is_flat(raster);

    compress->image_width = raster->width;
    compress->image_height = raster->height;
    compress->input_components = jpeg->gray != NULL ? 1 : RASTER_PIXEL;
    compress->in_color_space = jpeg->gray != NULL ? JCS_GRAYSCALE : JCS_EXT_RGBX;
    jpeg_set_defaults(compress); /* these include colours at half the resolution */
    jpeg_set_quality(compress, flat ? FLAT_QUALITY : QUALITY, TRUE);
    if (flat)
        compress->comp_info[0].h_samp_factor = compress->comp_info[0].v_samp_factor = 1;
    compress->optimize_coding = TRUE;
}

static void write_rows(struct jpeg *jpeg, const struct raster *raster)
{
    struct jpeg_compress_struct *compress = &jpeg->compress;

    while (compress->next_scanline < raster->height) {
        JSAMPROW row =
            raster->pixels + (size_t)compress->next_scanline * raster->width * RASTER_PIXEL;

        if (jpeg->gray != NULL) {
            for (size_t x = 0; x < raster->width; x++)
                jpeg->gray[x] = row[x * RASTER_PIXEL];
            row = jpeg->gray;
        }
        (void)jpeg_write_scanlines(compress, &row, 1);
    }
}

static enum vt_error encode(struct jpeg *jpeg, const struct raster *raster)
{
    struct jpeg_compress_struct *compress = &jpeg->compress;

    if (setjmp(jpeg->escape) != 0)
        return jpeg->err;
    jpeg_create_compress(compress);
    jpeg->destination.init_destination = begin_piece;
    jpeg->destination.empty_output_buffer = take_piece;
    jpeg->destination.term_destination = take_last_piece;
    compress->dest = &jpeg->destination;
    set_parameters(jpeg, raster);
    jpeg_start_compress(compress, TRUE);
    write_rows(jpeg, raster);
    jpeg_finish_compress(compress);
    return buf_ok(jpeg->out) ? VT_OK : VT_ERR_MEMORY;
}

enum vt_error image_encode_jpeg(const struct raster *raster, struct buf *out)
{
    struct jpeg *jpeg = calloc(1, sizeof *jpeg); /* longjmp() may clobber locals */
    enum vt_error err = VT_OK;

    if (jpeg == NULL)
        return VT_ERR_MEMORY;
    if (is_gray(raster) && (jpeg->gray = malloc(raster->width)) == NULL)
        err = VT_ERR_MEMORY;
    jpeg->out = out;
    jpeg->compress.client_data = jpeg;
    jpeg->compress.err = jpeg_std_error(&jpeg->errors);
    jpeg->errors.error_exit = on_error;
    jpeg->errors.emit_message = on_message;
    if (err == VT_OK)
        err = encode(jpeg, raster);
    jpeg_destroy_compress(&jpeg->compress);
    free(jpeg->gray);
    free(jpeg);
    return err;
}
