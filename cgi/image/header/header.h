/* What an image file says of itself before anything is decoded: type, size, frames.
 *
 * Pure parsing of untrusted bytes, without MagickWand: no coder sees a file whose type, structure
 * and size were not found good here. It also finds files that were cut off, which decoders tend to
 * forgive. */
#ifndef VITRINE_IMAGE_HEADER_HEADER_H
#define VITRINE_IMAGE_HEADER_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "image/image_type.h"

struct image_header {
    enum image_type type;
    uint32_t width, height; /* pixels as stored, before any EXIF orientation; the largest of all
                               frames */
    uint32_t frames;        /* of an animation, or pages of a TIFF; at least 1 */
    unsigned depth;         /* bits of a channel, the largest of all; at least 1 */
    unsigned channels;      /* of a pixel, alpha among them; 0 where the header does not say */
    bool alpha;             /* whether a pixel may be transparent, or a channel is left over */
    bool progressive; /* a JPEG or PNG that comes in passes, or a JPEG with a scan for each channel:
                         decoders keep all of it */
};

struct image_limits {
    uint64_t pixels; /* width times height */
    uint32_t side;   /* width or height */
    uint32_t frames;
};

/* Reads the header and walks the structure to its end, without decoding. VT_ERR_UNSUPPORTED where
 * the bytes are of no type that is taken, VT_ERR_INVALID_IMAGE where they are cut off or
 * contradict themselves, or are made in a way that is not taken; *why says which. VT_ERR_MEMORY
 * where the 400 KB that a HEIC or AVIF takes, at most, are not there. Time is linear in len. */
enum vt_error image_header_read(const void *data, size_t len, struct image_header *header,
                                struct vt_reason *why) VT_MUST_CHECK;

/* VT_ERR_IMAGE_LIMIT, and why, where the header is over a limit. */
enum vt_error image_header_check(const struct image_header *header,
                                 const struct image_limits *limits,
                                 struct vt_reason *why) VT_MUST_CHECK;

#endif
