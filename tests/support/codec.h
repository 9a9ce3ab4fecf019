/* Makes JPEG, PNG, WebP and GIF files of every kind by calling their libraries, GIF by hand. As in
 * support.h, every function ends the process on failure.
 *
 * All show the quarters of support_picture(), red and green above blue and white, or, in grey, four
 * levels from black to white. If there is alpha, the right upper quarter is transparent. */
#ifndef VITRINE_TESTS_SUPPORT_CODEC_H
#define VITRINE_TESTS_SUPPORT_CODEC_H

#include "support.h"

struct codec_jpeg {
    unsigned width, height;
    bool grey, progressive;
    unsigned sampling; /* pixels across and down for each pixel of chroma: 1 or 2 */
    unsigned restart;  /* rows of blocks between restart markers; 0 for no markers */
    enum { CODEC_RGB, CODEC_CMYK, CODEC_YCCK } inks;
    bool arithmetic, scans;    /* coded so; with a scan for each component */
    bool bare;                 /* without the markers of JFIF and Adobe */
    const struct buf *profile; /* or NULL */
};

/* Sets the pixel at x, y: red, which is also the level of gray, green, blue and alpha, each of the
 * file's depth. */
typedef void codec_png_paint(unsigned x, unsigned y, uint16_t pixel[4]);

struct codec_png {
    unsigned width, height;
    int color; /* PNG_COLOR_TYPE_ of png.h */
    unsigned depth;
    bool alpha; /* by tRNS if the colour type has no alpha */
    bool interlaced;
    double gamma;              /* 0 for none */
    const struct buf *profile; /* or NULL */
    unsigned orientation;      /* by eXIf; 0 for none */
    bool late;                 /* eXIf comes after the pixels */
    const struct buf *chunks;  /* that are put behind IHDR; or NULL */
    codec_png_paint *paint;    /* or NULL for the quarters; not for a palette */
};

struct codec_webp {
    unsigned width, height;
    bool lossless, alpha;
    const struct buf *profile; /* or NULL */
    unsigned orientation;      /* 0 for none */
};

/* Of one frame. */
struct codec_gif {
    unsigned screen_width, screen_height;
    unsigned x, y, width, height;
    const struct buf *profile; /* or NULL */
};

/* The caller frees *out. */
void codec_jpeg(const struct codec_jpeg *jpeg, struct buf *out);
void codec_png(const struct codec_png *png, struct buf *out);
void codec_webp(const struct codec_webp *webp, struct buf *out);
void codec_gif(const struct codec_gif *gif, struct buf *out);

/* The colour, 0xRRGGBB, of a quarter (0 to 3, by rows), and its grey level of at most `depth` bits,
 * given as eight bits. */
unsigned codec_color(unsigned quarter);
unsigned codec_grey(unsigned quarter, unsigned depth);

/* Appends a PNG's chunk with its length and checksum. */
void codec_png_chunk(struct buf *out, const char *name, const void *data, size_t len);

#endif
