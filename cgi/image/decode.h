/* What image.c and its decoders share, and nothing else includes.
 *
 * JPEG, PNG and WebP have a decoder each, straight on the library that ImageMagick would call too:
 * those can scale while they decode or give rows one by one, so that a thumbnail costs little more
 * than the entropy decoding that verifies the file. What is rare in them, and every other type, is
 * ImageMagick's. */
#ifndef VITRINE_IMAGE_DECODE_H
#define VITRINE_IMAGE_DECODE_H

#include <stdbool.h>
#include <time.h>

#include "base/buf.h"
#include "image/header/header.h"
#include "image/raster.h"

/* A file to decode. The bytes are the caller's. */
struct image_source {
    const uint8_t *data;
    size_t len;
    const struct image_header *header; /* read and checked */
    unsigned detail;                   /* the wanted picture's longer side at most, in pixels */
    struct timespec deadline;          /* of CLOCK_MONOTONIC */
};

/* What a decoder gives: the first frame, as stored, reduced to raster_reduced_size(). */
struct decoded {
    struct raster raster;
    uint32_t width, height; /* of the frame itself, in pixels of the file */
    unsigned orientation;   /* by EXIF, 1 to 8; 1 where none is known or it is done already */
    uint8_t *profile;       /* an RGB ICC profile, or NULL: then it is sRGB; owned, from malloc() */
    size_t profile_len;
};

/* Decodes. VT_ERR_UNSUPPORTED where the file is one for ImageMagick (each source says which),
 * before anything was decoded. VT_ERR_INVALID_IMAGE where the library finds any of the data
 * corrupt, VT_ERR_MEMORY where it gets no memory; *why says why. The caller frees what *decoded
 * owns with image_decode_free(), after a failure too. */
typedef enum vt_error image_decoder(const struct image_source *source, struct decoded *decoded,
                                    struct vt_reason *why);

image_decoder image_jpeg_decode;
image_decoder image_png_decode;
image_decoder image_webp_decode;

/* Appends a PNG to *out without the chunks that its picture does not need, for a library that would
 * inflate and keep all of them. What does not parse ends it. */
enum vt_error image_decode_png_strip(const struct image_source *source,
                                     struct buf *out) VT_MUST_CHECK;

/* ---- for the decoders ---- */

/* Whether the decode has taken its time. */
bool image_decode_is_late(const struct image_source *source);

/* The failure of data that does not decode, or of a decode that came too late. */
enum vt_error image_decode_corrupt(const struct image_source *source,
                                   struct vt_reason *why) VT_MUST_CHECK;

/* Keeps a copy of the file's ICC profile. VT_ERR_UNSUPPORTED where it is not one of RGB. */
enum vt_error image_decode_keep_profile(struct decoded *decoded, const void *profile,
                                        size_t len) VT_MUST_CHECK;

void image_decode_free(struct decoded *decoded);

#endif
