/* Reads what an image file's headers declare before anything is decoded: type, size, frames.
 *
 * It only parses untrusted bytes, without MagickWand: no coder sees a file whose type, structure
 * and size have not passed here. It also finds files that were cut off, which decoders tend to
 * forgive. A file that lacks only its end marker passes; its decoder finds whether the last pixels
 * are there. */
#ifndef VITRINE_IMAGE_HEADER_HEADER_H
#define VITRINE_IMAGE_HEADER_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "image/image_type.h"

/* Camera raw files that are TIFFs inside, by the kinds that people know. */
enum image_raw {
    IMAGE_RAW_NONE,
    IMAGE_RAW_DNG,
    IMAGE_RAW_CR2,
    IMAGE_RAW_NEF,
    IMAGE_RAW_ARW,
    IMAGE_RAW_PEF,
    IMAGE_RAW_SRW,
    IMAGE_RAW_IIQ,
    IMAGE_RAW_3FR,
    IMAGE_RAW_OTHER,
    IMAGE_RAW_COUNT
};

struct image_header {
    enum image_type type;
    uint32_t width, height; /* pixels as stored, before any EXIF orientation; the largest of the
                               canvas and all frames */
    uint32_t frames;        /* of an animation, or pages of a TIFF; at least 1 */
    unsigned depth;         /* bits of a channel, the largest of all; at least 1 */
    unsigned channels;      /* of a pixel, including alpha; 0 if the header does not say */
    bool alpha;             /* whether a pixel may be transparent, or there is a spare channel */
    bool progressive; /* a JPEG or PNG that comes in passes, a JPEG with a scan for each channel, or
                         a JPEG XL that is not in XYB, as lossless ones are: decoders keep all of it
                       */
    enum image_raw raw; /* whether it is a camera's raw file, whose first page is but a preview */
    uint32_t shown_width, shown_height; /* of the one picture that is decoded, as stored */
};

struct image_limits {
    uint64_t pixels; /* width times height */
    uint32_t side;   /* width or height */
    uint32_t frames;
};

/* Reads the header and walks the structure to its end, without decoding. VT_ERR_UNSUPPORTED if the
 * bytes are of no type that is accepted, VT_ERR_INVALID_IMAGE if they are cut off, contradict
 * themselves, or use a feature that is not accepted; *why says which. VT_ERR_MEMORY if there is not
 * enough memory: a HEIC or AVIF takes at most 400 KB. Takes time linear in len. */
enum vt_error image_header_read(const void *data, size_t len, struct image_header *header,
                                struct vt_reason *why) VT_MUST_CHECK;

/* VT_ERR_IMAGE_LIMIT, with *why, if the header is over a limit; VT_ERR_UNSUPPORTED if it is that of
 * a camera's raw file. */
enum vt_error image_header_check(const struct image_header *header,
                                 const struct image_limits *limits,
                                 struct vt_reason *why) VT_MUST_CHECK;

#endif
