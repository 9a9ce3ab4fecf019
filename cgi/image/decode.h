/* The interface between image.c and its decoders; nothing else includes it.
 *
 * JPEG, PNG and WebP have a decoder each, which calls the same library that ImageMagick would call.
 * These libraries can scale while they decode, or return rows one by one, so that a thumbnail costs
 * little more than the entropy decoding that verifies the file. The other types' decoders are in
 * modules; see engine.h. */
#ifndef VITRINE_IMAGE_DECODE_H
#define VITRINE_IMAGE_DECODE_H

#include <stdbool.h>
#include <time.h>

#include "image/header/header.h"
#include "image/raster.h"

/* A file to decode. The caller owns the bytes. */
struct image_source {
    const uint8_t *data;
    size_t len;
    const struct image_header *header; /* read and checked */
    unsigned detail;                   /* the most pixels that the longer side needs */
    struct timespec deadline;          /* on CLOCK_MONOTONIC */
};

/* The result of a decoder: the first frame, as stored, reduced to raster_reduced_size(). */
struct decoded {
    struct raster raster;
    uint32_t width, height; /* of the frame itself, in pixels of the file */
    unsigned orientation;   /* by EXIF, 1 to 8; 1 if none is known or it has been applied */
    bool gray;              /* the file has gray pixels, which are three equal colours here */
    uint8_t *profile; /* an ICC profile of RGB or, if gray, of gray; NULL for sRGB; owned, from
                         malloc() */
    size_t profile_len;
};

/* Decodes a file. VT_ERR_INVALID_IMAGE if the library finds any of the data corrupt, VT_ERR_MEMORY
 * if it gets no memory; *why says why. The caller frees what *decoded owns with
 * image_decode_free(), even after a failure. */
typedef enum vt_error image_decoder(const struct image_source *source, struct decoded *decoded,
                                    struct vt_reason *why);

image_decoder image_jpeg_decode;
image_decoder image_png_decode;
image_decoder image_webp_decode;

/* ---- for the decoders ---- */

/* Whether the deadline of the decode has passed. */
bool image_decode_is_late(const struct image_source *source);

/* Returns the error for data that does not decode, or for a decode that has passed its deadline. */
enum vt_error image_decode_corrupt(const struct image_source *source,
                                   struct vt_reason *why) VT_MUST_CHECK;

/* Keeps a copy of the file's ICC profile if it fits the pixels: one of RGB, or one of gray if
 * decoded->gray is set. Ignores any other, as browsers do. VT_ERR_MEMORY if there is no memory. */
enum vt_error image_decode_keep_profile(struct decoded *decoded, const void *profile,
                                        size_t len) VT_MUST_CHECK;

struct image_color_space;

/* Keeps the profile of a space in which the file describes its colours without one. Ignores a space
 * that cannot exist. VT_ERR_MEMORY if there is no memory. */
enum vt_error image_decode_keep_space(struct decoded *decoded,
                                      const struct image_color_space *space) VT_MUST_CHECK;

void image_decode_free(struct decoded *decoded);

#endif
