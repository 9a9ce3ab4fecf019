/* One reader for each type; header.c chooses among them, and nothing else calls them.
 *
 * Each reader gets the whole file, whose magic bytes match its type, and a header that is zero but
 * for one frame and one bit. It fills the header and walks the structure to its end. Errors are
 * those of image_header_read(). */
#ifndef VITRINE_IMAGE_HEADER_FORMATS_H
#define VITRINE_IMAGE_HEADER_FORMATS_H

#include "base/reader.h"
#include "image/header/header.h"

/* web.c */
enum vt_error image_header_read_jpeg(struct reader *in, struct image_header *header) VT_MUST_CHECK;
enum vt_error image_header_read_png(struct reader *in, struct image_header *header) VT_MUST_CHECK;
enum vt_error image_header_read_gif(struct reader *in, struct image_header *header) VT_MUST_CHECK;
enum vt_error image_header_read_webp(struct reader *in, struct image_header *header) VT_MUST_CHECK;

/* tiff.c */
enum vt_error image_header_read_tiff(struct reader *in, struct image_header *header) VT_MUST_CHECK;

/* isobmff.c: HEIC and AVIF */
enum vt_error image_header_read_isobmff(struct reader *in,
                                        struct image_header *header) VT_MUST_CHECK;

/* jxl.c: JPEG XL */
enum vt_error image_header_read_jxl(struct reader *in, struct image_header *header) VT_MUST_CHECK;

/* Raises each side to the larger of the two, so that no large frame hides behind a small one. */
static inline void image_header_grow(struct image_header *header, uint32_t width, uint32_t height)
{
    if (width > header->width)
        header->width = width;
    if (height > header->height)
        header->height = height;
}

/* Does the same for the bits of a channel. */
static inline void image_header_deepen(struct image_header *header, unsigned depth)
{
    if (depth > header->depth)
        header->depth = depth;
}

#endif
