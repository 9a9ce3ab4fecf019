/* Decodes JPEG with libjpeg-turbo. The header's reader has refused what no browser shows. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

#include "base/log.h"
#include "image/color_row.h"
#include "image/decode.h"
#include "image/exif.h"
#include "image/reducer.h"

#define MOST_SEGMENTS 4096 /* that are kept; if full, they take 256 MB */
#define LEAST_PADDING 16   /* zero bytes at the end that are no part of the picture */

struct jpeg {
    struct jpeg_decompress_struct decompress;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    const struct image_source *source;
    struct reducer *reducer;
    struct color_row *inks; /* by the file's own profile; NULL if CMYK has none that fits */
    unsigned segments;      /* so far */
    enum vt_error err;      /* the result after an escape */
};

/* Whether a warning is harmless: it is about something that cameras do and every viewer tolerates,
 * about a profile that lacks a part, or about a colour transform of an unknown number, for which
 * the library takes the usual one. Any other warning means that part of the picture is lost.
 *
 * JWRN_JPEG_EOF only says that the library reads on behind the last byte, as it does if the end
 * marker is missing. If it then needs a bit of the picture that is not there, it warns again:
 * JWRN_HIT_MARKER. */
static bool is_harmless(int code)
{
    return code == JWRN_EXTRANEOUS_DATA || code == JWRN_NOT_SEQUENTIAL || code == JWRN_BOGUS_ICC ||
           code == JWRN_ADOBE_XFORM || code == JWRN_JPEG_EOF;
}

static void escape(struct jpeg *jpeg, enum vt_error err)
{
    jpeg->err = err;
    longjmp(jpeg->escape, 1);
}

static void on_error(j_common_ptr common)
{
    struct jpeg *jpeg = common->client_data;
    char text[JMSG_LENGTH_MAX];

    common->err->format_message(common, text);
    log_info("image: libjpeg: %s", text);
    escape(jpeg,
           common->err->msg_code == JERR_OUT_OF_MEMORY ? VT_ERR_MEMORY : VT_ERR_INVALID_IMAGE);
}

static void keep_segments(struct jpeg *jpeg, unsigned most)
{
    jpeg_save_markers(&jpeg->decompress, JPEG_APP0 + 1, most);
    jpeg_save_markers(&jpeg->decompress, JPEG_APP0 + 2, most);
}

/* Also called for each segment that is kept. The library walks the list of kept segments for each
 * new one, so that a megabyte of empty segments would take it minutes. */
static void on_message(j_common_ptr common, int level)
{
    struct jpeg *jpeg = common->client_data;

    if (level < 0 && !is_harmless(common->err->msg_code))
        on_error(common);
    if (common->err->msg_code == JTRC_MISC_MARKER && ++jpeg->segments == MOST_SEGMENTS)
        keep_segments(jpeg, 0);
}

/* Called for every row of blocks of every scan, of which a file of a few bytes may hold thousands.
 */
static void on_progress(j_common_ptr common)
{
    struct jpeg *jpeg = common->client_data;

    if (image_decode_is_late(jpeg->source))
        escape(jpeg, VT_ERR_INVALID_IMAGE);
}

static bool is_cmyk(const struct jpeg_decompress_struct *decompress)
{
    return decompress->jpeg_color_space == JCS_CMYK || decompress->jpeg_color_space == JCS_YCCK;
}

static enum vt_error read_metadata(struct jpeg *jpeg, struct decoded *decoded)
{
    jpeg_saved_marker_ptr marker;
    JOCTET *profile = NULL;
    unsigned len = 0;
    enum vt_error err = VT_OK;

    for (marker = jpeg->decompress.marker_list; marker != NULL; marker = marker->next)
        if (marker->marker == JPEG_APP0 + 1 && decoded->orientation == 1)
            decoded->orientation = image_exif_orientation(marker->data, marker->data_length);
    decoded->gray = jpeg->decompress.jpeg_color_space == JCS_GRAYSCALE;
    if (jpeg_read_icc_profile(&jpeg->decompress, &profile, &len)) {
        if (is_cmyk(&jpeg->decompress))
            color_row_new(profile, len, 4, &jpeg->inks);
        else
            err = image_decode_keep_profile(decoded, profile, len);
    }
    free(profile);
    return err;
}

/* Converts a row of CMYK to a raster's. Its samples are taken for light, not ink, whether the file
 * says so (by Adobe's marker) or not, as Chromium takes them. */
static void convert_inks(const struct jpeg *jpeg, uint8_t *row, uint32_t width)
{
    size_t bytes = (size_t)width * RASTER_PIXEL;

    if (jpeg->inks != NULL) {
        for (size_t i = 0; i < bytes; i++)
            row[i] = 255 - row[i];
        color_row_convert(jpeg->inks, row, row, width);
    }
    for (uint8_t *end = row + bytes; row < end; row += RASTER_PIXEL) {
        if (jpeg->inks == NULL)
            for (int i = 0; i < 3; i++)
                row[i] = (uint8_t)((row[i] * row[3] + 127) / 255);
        row[3] = 255;
    }
}

/* Lets the decoder scale, which it does by eighths, but leaves at least twice the wanted size for
 * the filter. */
static void set_scale(struct jpeg_decompress_struct *decompress, unsigned detail)
{
    JDIMENSION width = decompress->image_width, height = decompress->image_height;
    JDIMENSION longer = width > height ? width : height;

    decompress->scale_num = 1;
    decompress->scale_denom = 1;
    while (decompress->scale_denom < 8 && longer / (decompress->scale_denom * 2) >= detail * 2)
        decompress->scale_denom *= 2;
}

static enum vt_error read_rows(struct jpeg *jpeg)
{
    struct jpeg_decompress_struct *decompress = &jpeg->decompress;
    uint32_t width, height, from_width, from_height;
    enum vt_error err;

    set_scale(decompress, jpeg->source->detail);
    decompress->out_color_space = is_cmyk(decompress) ? JCS_CMYK : JCS_EXT_RGBA;
    (void)jpeg_start_decompress(decompress);
    raster_reduced_size(decompress->image_width, decompress->image_height, jpeg->source->detail,
                        &width, &height);
    from_width = decompress->output_width;
    from_height = decompress->output_height;
    /* A short side may have been rounded up to one pixel more than scaling has left. */
    err = reducer_new(from_width, from_height, width < from_width ? width : from_width,
                      height < from_height ? height : from_height, false, &jpeg->reducer);
    if (err != VT_OK)
        return err;
    while (decompress->output_scanline < decompress->output_height) {
        JSAMPROW row = reducer_row(jpeg->reducer);

        if (jpeg_read_scanlines(decompress, &row, 1) != 1)
            continue;
        if (is_cmyk(decompress))
            convert_inks(jpeg, row, from_width);
        reducer_take(jpeg->reducer);
    }
    (void)jpeg_finish_decompress(decompress);
    return VT_OK;
}

/* The length without the zero bytes at the end, with which cameras pad a file, and from which the
 * library would decode pixels if the picture is cut off. A few belong to the picture: eight bits of
 * zeros are, with the usual codes, what its last block of two colours consists of. A zero behind
 * 0xFF belongs to that byte of the pixels (ITU T.81, B.1.1.5). */
static size_t length_of_content(const struct image_source *source)
{
    size_t len = source->len;

    while (len > 0 && source->data[len - 1] == 0)
        len--;
    if (source->len - len < LEAST_PADDING)
        return source->len;
    return len > 0 && source->data[len - 1] == 0xff ? len + 1 : len;
}

static enum vt_error decode(struct jpeg *jpeg, struct decoded *decoded)
{
    struct jpeg_decompress_struct *decompress = &jpeg->decompress;
    enum vt_error err;

    if (setjmp(jpeg->escape) != 0)
        return jpeg->err;
    jpeg_create_decompress(decompress);
    decompress->progress = &jpeg->progress;
    keep_segments(jpeg, 0xffff);
    jpeg_mem_src(decompress, jpeg->source->data, length_of_content(jpeg->source));
    (void)jpeg_read_header(decompress, TRUE);
    decoded->width = decompress->image_width;
    decoded->height = decompress->image_height;
    /* The limits were checked against the header as image_header_read() read it. */
    if (decoded->width > jpeg->source->header->width ||
        decoded->height > jpeg->source->header->height)
        return VT_ERR_INVALID_IMAGE;
    err = read_metadata(jpeg, decoded);
    if (err == VT_OK)
        err = read_rows(jpeg);
    return err;
}

enum vt_error image_jpeg_decode(const struct image_source *source, struct decoded *decoded,
                                struct vt_reason *why)
{
    struct jpeg *jpeg = calloc(1, sizeof *jpeg); /* longjmp() may clobber locals */
    enum vt_error err;

    *decoded = (struct decoded){.raster = RASTER_INIT, .orientation = 1};
    if (jpeg == NULL)
        return VT_ERR_MEMORY;
    jpeg->source = source;
    jpeg->decompress.client_data = jpeg;
    jpeg->decompress.err = jpeg_std_error(&jpeg->errors);
    jpeg->errors.error_exit = on_error;
    jpeg->errors.emit_message = on_message;
    jpeg->progress.progress_monitor = on_progress;
    err = decode(jpeg, decoded);
    if (err == VT_OK)
        err = reducer_finish(jpeg->reducer, &decoded->raster);
    if (err == VT_ERR_INVALID_IMAGE)
        err = image_decode_corrupt(source, why);
    jpeg_destroy_decompress(&jpeg->decompress);
    reducer_free(jpeg->reducer);
    color_row_free(jpeg->inks);
    free(jpeg);
    return err;
}
