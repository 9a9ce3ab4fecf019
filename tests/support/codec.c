#include "codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>
#include <webp/decode.h>
#include <webp/encode.h>
#include <zlib.h>

#include "forged.h"

unsigned codec_color(unsigned quarter)
{
    static const unsigned colors[] = {0xff0000, 0x00ff00, 0x0000ff, 0xffffff};

    return colors[quarter];
}

static unsigned level(unsigned quarter, unsigned depth)
{
    unsigned most = (1u << depth) - 1;

    return depth == 1 ? quarter & 1 : quarter * most / 3;
}

unsigned codec_grey(unsigned quarter, unsigned depth)
{
    unsigned grey = level(quarter, depth) * 255 / ((1u << depth) - 1);

    return grey << 16 | grey << 8 | grey;
}

static unsigned quarter_at(unsigned x, unsigned y, unsigned width, unsigned height)
{
    return (y >= height / 2 ? 2u : 0u) + (x >= width / 2 ? 1u : 0u);
}

static unsigned channel(unsigned quarter, unsigned c)
{
    return codec_color(quarter) >> (16 - 8 * c) & 255;
}

static void set_jpeg(const struct codec_jpeg *jpeg, struct jpeg_compress_struct *compress)
{
    static const jpeg_scan_info scans[] = {
        {1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}, {1, {3}, 0, 63, 0, 0}};

    jpeg_set_defaults(compress);
    if (jpeg->inks == CODEC_YCCK)
        jpeg_set_colorspace(compress, JCS_YCCK);
    jpeg_set_quality(compress, 92, TRUE);
    compress->comp_info[0].h_samp_factor = compress->comp_info[0].v_samp_factor =
        (int)(jpeg->sampling == 0 ? 1 : jpeg->sampling);
    if (jpeg->inks == CODEC_YCCK)
        compress->comp_info[3].h_samp_factor = compress->comp_info[3].v_samp_factor =
            compress->comp_info[0].h_samp_factor;
    compress->restart_in_rows = (int)jpeg->restart;
    compress->arith_code = jpeg->arithmetic;
    if (jpeg->progressive)
        jpeg_simple_progression(compress);
    if (jpeg->scans) {
        compress->scan_info = scans;
        compress->num_scans = compress->num_components;
    }
    if (jpeg->bare)
        compress->write_JFIF_header = compress->write_Adobe_marker = FALSE;
}

/* The samples of CMYK are light, as Adobe's programs write them, and there is no black. */
static void paint_jpeg(const struct codec_jpeg *jpeg, unsigned y, unsigned channels,
                       unsigned char *row)
{
    for (unsigned x = 0; x < jpeg->width; x++) {
        unsigned quarter = quarter_at(x, y, jpeg->width, jpeg->height);

        for (unsigned c = 0; c < channels; c++)
            *row++ = (unsigned char)(jpeg->grey ? level(quarter, 8)
                                     : c == 3   ? 255
                                                : channel(quarter, c));
    }
}

void codec_jpeg(const struct codec_jpeg *jpeg, struct buf *out)
{
    struct jpeg_compress_struct compress;
    struct jpeg_error_mgr errors; /* libjpeg's own handler ends the process */
    unsigned channels = jpeg->grey ? 1 : jpeg->inks == CODEC_RGB ? 3 : 4;
    unsigned char *row = malloc((size_t)jpeg->width * 4), *data = NULL;
    unsigned long len = 0;

    SUPPORT_MUST(row != NULL);
    compress.err = jpeg_std_error(&errors);
    jpeg_create_compress(&compress);
    jpeg_mem_dest(&compress, &data, &len);
    compress.image_width = jpeg->width;
    compress.image_height = jpeg->height;
    compress.input_components = (int)channels;
    compress.in_color_space = jpeg->grey ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
    set_jpeg(jpeg, &compress);
    jpeg_start_compress(&compress, TRUE);
    if (jpeg->profile != NULL)
        jpeg_write_icc_profile(&compress, (const JOCTET *)jpeg->profile->data,
                               (unsigned)jpeg->profile->len);
    for (unsigned y = 0; y < jpeg->height; y++) {
        paint_jpeg(jpeg, y, channels, row);
        SUPPORT_MUST(jpeg_write_scanlines(&compress, &row, 1) == 1);
    }
    jpeg_finish_compress(&compress);
    jpeg_destroy_compress(&compress);
    *out = BUF_INIT;
    buf_append(out, data, len);
    SUPPORT_MUST(buf_ok(out));
    free(data);
    free(row);
}

/* ---- EXIF ---- */

#define EXIF_LEN 26

static void write_exif(unsigned orientation, unsigned char exif[EXIF_LEN])
{
    memcpy(exif, "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0o\0\0\0\0\0", EXIF_LEN);
    exif[19] = (unsigned char)orientation;
}

/* ---- PNG ---- */

_Noreturn static void on_png_error(png_structp write, png_const_charp text)
{
    (void)write;
    support_abort(__FILE__, __LINE__, text);
}

static void put_bytes(png_structp write, png_bytep data, size_t len)
{
    buf_append(png_get_io_ptr(write), data, len);
}

static void flush(png_structp write)
{
    (void)write;
}

/* Packs one sample after the other, the most significant bit first. */
static void put_sample(unsigned char *row, size_t index, unsigned depth, unsigned value)
{
    if (depth == 16) {
        row[index * 2] = (unsigned char)(value >> 8);
        row[index * 2 + 1] = (unsigned char)value;
    } else {
        size_t bit = index * depth;

        row[bit / 8] |= (unsigned char)(value << (8 - depth - bit % 8));
    }
}

static void put_painted(const struct codec_png *png, unsigned x, unsigned y, unsigned char *row)
{
    bool color = (png->color & PNG_COLOR_MASK_COLOR) != 0;
    bool alpha = (png->color & PNG_COLOR_MASK_ALPHA) != 0;
    size_t index = (size_t)x * ((color ? 3u : 1) + alpha);
    uint16_t pixel[4] = {0, 0, 0, (uint16_t)((1u << png->depth) - 1)};

    png->paint(x, y, pixel);
    for (unsigned c = 0; c < 4; c++)
        if (c == 0 || (c == 3 ? alpha : color))
            put_sample(row, index++, png->depth, pixel[c]);
}

static void paint_row(const struct codec_png *png, unsigned y, unsigned char *row, size_t len)
{
    size_t index = 0;
    bool color = (png->color & PNG_COLOR_MASK_COLOR) != 0;

    memset(row, 0, len);
    for (unsigned x = 0; png->paint != NULL && x < png->width; x++)
        put_painted(png, x, y, row);
    if (png->paint != NULL)
        return;
    for (unsigned x = 0; x < png->width; x++) {
        unsigned quarter = quarter_at(x, y, png->width, png->height);
        unsigned full = (1u << png->depth) - 1;

        if (png->color == PNG_COLOR_TYPE_PALETTE)
            put_sample(row, index++, png->depth, quarter);
        else if (!color)
            put_sample(row, index++, png->depth, level(quarter, png->depth));
        else
            for (unsigned c = 0; c < 3; c++)
                put_sample(row, index++, png->depth, channel(quarter, c) == 255 ? full : 0);
        if ((png->color & PNG_COLOR_MASK_ALPHA) != 0)
            put_sample(row, index++, png->depth, quarter == 1 ? 0 : full);
    }
}

static void set_transparency(const struct codec_png *png, png_structp write, png_infop info)
{
    unsigned grey = level(1, png->depth), full = (1u << png->depth) - 1;
    const png_color_16 key = {.green = (png_uint_16)full, .gray = (png_uint_16)grey};

    if (png->color == PNG_COLOR_TYPE_PALETTE)
        png_set_tRNS(write, info, (const png_byte *)"\xff\0", 2, NULL);
    else
        png_set_tRNS(write, info, NULL, 0, &key);
}

static void set_info(const struct codec_png *png, png_structp write, png_infop info)
{
    static const png_color palette[] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}};

    png_set_IHDR(write, info, png->width, png->height, (int)png->depth, png->color,
                 png->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (png->color == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(write, info, palette, 4);
    if (png->alpha)
        set_transparency(png, write, info);
    if (png->gamma > 0)
        png_set_gAMA(write, info, png->gamma);
    if (png->profile != NULL)
        png_set_iCCP(write, info, "profile", 0, (png_const_bytep)png->profile->data,
                     (png_uint_32)png->profile->len);
}

static void insert(struct buf *file, size_t at, const struct buf *what)
{
    struct buf out = BUF_INIT;

    buf_append(&out, file->data, at);
    buf_append(&out, what->data, what->len);
    buf_append(&out, file->data + at, file->len - at);
    SUPPORT_MUST(buf_ok(&out));
    buf_free(file);
    *file = out;
}

void codec_png(const struct codec_png *png, struct buf *out)
{
    png_structp write = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_png_error, NULL);
    png_infop info = png_create_info_struct(write);
    unsigned char exif[EXIF_LEN], *row;
    size_t len;
    int passes;

    SUPPORT_MUST(write != NULL && info != NULL);
    *out = BUF_INIT;
    png_set_write_fn(write, out, put_bytes, flush);
    set_info(png, write, info);
    write_exif(png->orientation, exif);
    if (png->orientation != 0 && !png->late)
        png_set_eXIf_1(write, info, sizeof exif, exif);
    png_write_info(write, info);
    passes = png_set_interlace_handling(write);
    len = png_get_rowbytes(write, info);
    row = malloc(len);
    SUPPORT_MUST(row != NULL);
    for (int pass = 0; pass < passes; pass++) {
        for (unsigned y = 0; y < png->height; y++) {
            paint_row(png, y, row, len);
            png_write_row(write, row);
        }
    }
    if (png->orientation != 0 && png->late)
        png_set_eXIf_1(write, info, sizeof exif, exif);
    png_write_end(write, info);
    png_destroy_write_struct(&write, &info);
    free(row);
    SUPPORT_MUST(buf_ok(out));
    if (png->chunks != NULL)
        insert(out, 33, png->chunks); /* behind IHDR */
}

void codec_png_chunk(struct buf *out, const char *name, const void *data, size_t len)
{
    uLong sum = crc32(0, (const Bytef *)name, 4);

    forged_big(out, 4, len);
    buf_append(out, name, 4);
    buf_append(out, data, len);
    if (len > 0)
        sum = crc32(sum, data, (uInt)len);
    forged_big(out, 4, sum);
}

/* ---- WebP: RFC 9649, 2.7 ---- */

static void put_chunk(struct buf *out, const char *name, const void *data, size_t len)
{
    buf_append(out, name, 4);
    forged_little(out, 4, len);
    buf_append(out, data, len);
    if (len % 2 != 0)
        PUT(out, "\0");
}

/* Writes the encoder's chunks, except its VP8X, in the extended format with what the test asks for.
 */
static void extend(const struct codec_webp *webp, const uint8_t *plain, size_t len, struct buf *out)
{
    size_t from = memcmp(plain + 12, "VP8X", 4) == 0 ? 12 + 18 : 12;
    unsigned flags = (webp->profile != NULL ? 0x20u : 0) | (webp->alpha ? 0x10u : 0) |
                     (webp->orientation != 0 ? 0x08u : 0);
    unsigned char exif[EXIF_LEN];
    struct buf canvas = BUF_INIT;

    forged_little(&canvas, 4, flags);
    forged_little(&canvas, 3, webp->width - 1);
    forged_little(&canvas, 3, webp->height - 1);
    PUT(out, "WEBP");
    put_chunk(out, "VP8X", canvas.data, canvas.len);
    if (webp->profile != NULL)
        put_chunk(out, "ICCP", webp->profile->data, webp->profile->len);
    buf_append(out, plain + from, len - from);
    write_exif(webp->orientation, exif);
    if (webp->orientation != 0)
        put_chunk(out, "EXIF", exif, sizeof exif);
    buf_free(&canvas);
}

/* Sets `exact`, which keeps the colours of transparent pixels. */
static void encode(const struct codec_webp *webp, const uint8_t *pixels, WebPMemoryWriter *data)
{
    WebPConfig config;
    WebPPicture picture;

    SUPPORT_MUST(WebPConfigInit(&config) && WebPPictureInit(&picture));
    config.lossless = webp->lossless;
    config.quality = 92;
    config.exact = 1;
    picture.use_argb = webp->lossless;
    picture.width = (int)webp->width;
    picture.height = (int)webp->height;
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = data;
    WebPMemoryWriterInit(data);
    SUPPORT_MUST(WebPPictureImportRGBA(&picture, pixels, picture.width * 4));
    SUPPORT_MUST(WebPEncode(&config, &picture) && data->size > 20);
    WebPPictureFree(&picture);
}

void codec_webp(const struct codec_webp *webp, struct buf *out)
{
    unsigned width = webp->width, height = webp->height;
    uint8_t *pixels = malloc((size_t)width * height * 4);
    struct buf body = BUF_INIT;
    WebPMemoryWriter data;

    SUPPORT_MUST(pixels != NULL);
    for (unsigned y = 0; y < height; y++) {
        for (unsigned x = 0; x < width; x++) {
            uint8_t *pixel = pixels + ((size_t)y * width + x) * 4;
            unsigned quarter = quarter_at(x, y, width, height);

            for (unsigned c = 0; c < 3; c++)
                pixel[c] = (uint8_t)channel(quarter, c);
            pixel[3] = webp->alpha && quarter == 1 ? 0 : 255;
        }
    }
    encode(webp, pixels, &data);
    *out = BUF_INIT;
    if (webp->profile != NULL || webp->orientation != 0) {
        extend(webp, data.mem, data.size, &body);
        PUT(out, "RIFF");
        forged_little(out, 4, body.len);
        buf_append(out, body.data, body.len);
    } else {
        buf_append(out, data.mem, data.size);
    }
    SUPPORT_MUST(buf_ok(out));
    buf_free(&body);
    WebPMemoryWriterClear(&data);
    free(pixels);
}

/* ---- GIF: GIF89a specification ---- */

/* Splits data into blocks of at most 255 bytes, and ends them. */
static void put_blocks(struct buf *out, const char *data, size_t len)
{
    for (size_t at = 0; at < len; at += 255) {
        size_t count = len - at < 255 ? len - at : 255;

        forged_little(out, 1, count);
        buf_append(out, data + at, count);
    }
    forged_little(out, 1, 0);
}

/* Codes of three bits, the lowest first: 4 clears the table before it would need longer ones, and 5
 * ends the data. */
static void put_pixels(const struct codec_gif *gif, struct buf *out)
{
    struct buf data = BUF_INIT;
    unsigned bits = 0, count = 0, pixels = gif->width * gif->height;

    for (unsigned i = 0, code = 0; i <= pixels + pixels / 2 + 1; i++) {
        if (i == pixels + pixels / 2 + 1)
            code = 5;
        else if (i % 3 == 0)
            code = 4;
        else
            code = quarter_at((i - i / 3 - 1) % gif->width, (i - i / 3 - 1) / gif->width,
                              gif->width, gif->height);
        bits |= code << count;
        for (count += 3; count >= 8; count -= 8, bits >>= 8)
            forged_little(&data, 1, bits);
    }
    forged_little(&data, 1, bits);
    PUT(out, "\x02");
    put_blocks(out, data.data, data.len);
    buf_free(&data);
}

void codec_gif(const struct codec_gif *gif, struct buf *out)
{
    SUPPORT_MUST(gif->width * gif->height % 2 == 0);
    *out = BUF_INIT;
    PUT(out, "GIF89a");
    forged_little(out, 2, gif->screen_width);
    forged_little(out, 2, gif->screen_height);
    PUT(out, "\x81\0\0\xff\0\0\0\xff\0\0\0\xff\xff\xff\xff");
    if (gif->profile != NULL) {
        PUT(out, "!\xff\x0b"
                 "ICCRGBG1012");
        put_blocks(out, gif->profile->data, gif->profile->len);
    }
    PUT(out, ",");
    forged_little(out, 2, gif->x);
    forged_little(out, 2, gif->y);
    forged_little(out, 2, gif->width);
    forged_little(out, 2, gif->height);
    PUT(out, "\0");
    put_pixels(gif, out);
    PUT(out, ";");
    SUPPORT_MUST(buf_ok(out));
}

/* ---- what other files show ---- */

static void allocate(struct pixels *out, unsigned width, unsigned height)
{
    out->width = width;
    out->height = height;
    out->data = malloc((size_t)width * height * 4);
    SUPPORT_MUST(out->data != NULL);
}

static void read_jpeg(const struct buf *file, struct pixels *out)
{
    struct jpeg_decompress_struct decompress;
    struct jpeg_error_mgr errors; /* which ends the process */

    decompress.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&decompress);
    jpeg_mem_src(&decompress, (const unsigned char *)file->data, file->len);
    (void)jpeg_read_header(&decompress, TRUE);
    decompress.out_color_space = JCS_EXT_RGBA;
    (void)jpeg_start_decompress(&decompress);
    allocate(out, decompress.output_width, decompress.output_height);
    while (decompress.output_scanline < out->height) {
        JSAMPROW row = out->data + (size_t)decompress.output_scanline * out->width * 4;

        (void)jpeg_read_scanlines(&decompress, &row, 1);
    }
    jpeg_destroy_decompress(&decompress);
}

static void read_png(const struct buf *file, struct pixels *out)
{
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    FILE *in = fmemopen(file->data, file->len, "rb");

    SUPPORT_MUST(info != NULL && in != NULL);
    png_init_io(png, in);
    png_set_add_alpha(png, 0xffff, PNG_FILLER_AFTER);
    png_read_png(png, info,
                 PNG_TRANSFORM_SCALE_16 | PNG_TRANSFORM_EXPAND | PNG_TRANSFORM_GRAY_TO_RGB, NULL);
    allocate(out, png_get_image_width(png, info), png_get_image_height(png, info));
    for (unsigned y = 0; y < out->height; y++)
        memcpy(out->data + (size_t)y * out->width * 4, png_get_rows(png, info)[y],
               (size_t)out->width * 4);
    png_destroy_read_struct(&png, &info, NULL);
    (void)fclose(in);
}

static void read_webp(const struct buf *file, struct pixels *out)
{
    const uint8_t *data = (const uint8_t *)file->data;
    int width, height;

    SUPPORT_MUST(WebPGetInfo(data, file->len, &width, &height));
    allocate(out, (unsigned)width, (unsigned)height);
    SUPPORT_MUST(WebPDecodeRGBAInto(data, file->len, out->data, (size_t)width * (size_t)height * 4,
                                    width * 4) != NULL);
}

void support_pixels(const char *coder, const struct buf *file, struct pixels *out)
{
    if (strcmp(coder, "JPEG") == 0)
        read_jpeg(file, out);
    else if (strcmp(coder, "PNG") == 0)
        read_png(file, out);
    else
        read_webp(file, out);
}
