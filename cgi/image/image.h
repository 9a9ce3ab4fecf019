/* Decoding and thumbnails: inside of the decoder's child process, and of tests. Everybody else has
 * decoder.h.
 *
 * An engine is ImageMagick, set up once in a process, for what has no decoder of its own; an image
 * is one decoded picture, no larger than what is to be made of it. */
#ifndef VITRINE_IMAGE_IMAGE_H
#define VITRINE_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "image/header/header.h"

struct image_engine;
struct image;

/* Loads ImageMagick from module_dir/image_magick.so and starts it under the policy in
 * policy_dir/policy.xml, with one thread, no disk cache and memory for images of max_pixels. Takes
 * about a tenth of a second with cold coders, so it is done at first need. VT_ERR_UNAVAILABLE where
 * the module does not load or the policy cannot be read, VT_ERR_INTERNAL where the module is of
 * another version of the program. At most one engine in a process; the
 * caller frees it. */
enum vt_error image_engine_new(const char *module_dir, const char *policy_dir, uint64_t max_pixels,
                               struct image_engine **engine) VT_MUST_CHECK;

/* Loads, now, what the decode of such a type would load, so that a process forked from here opens
 * nothing. What cannot be loaded is found by the decode. */
void image_engine_prepare(const struct image_engine *engine, enum image_type type);

/* Stops the library. NULL is allowed. */
void image_engine_free(struct image_engine *engine);

/* Whether every file of the type needs an engine. Of the others few do: see image_decode(). */
bool image_needs_engine(enum image_type type) VT_MUST_CHECK;

/* Decodes the first frame of a file whose header was read and checked, with the decoder of its type
 * and no other, turns it upright by its EXIF orientation, converts it to sRGB by its ICC profile,
 * and keeps what thumbnails of up to `detail` pixels need. All of the file's data is decoded, so
 * that corruption is found. Neither data nor the engine is kept. The caller frees *image.
 *
 * VT_ERR_UNSUPPORTED where the engine is NULL and the file needs one, before anything was decoded.
 * VT_ERR_INVALID_IMAGE where the data is corrupt or takes longer than so many seconds,
 * VT_ERR_MEMORY where it needs more memory than there is; *why says which. A library that does not
 * look at the clock may take longer: whoever calls this ends the process then. */
enum vt_error image_decode(struct image_engine *engine, const void *data, size_t len,
                           const struct image_header *header, unsigned detail, unsigned seconds,
                           struct image **image, struct vt_reason *why) VT_MUST_CHECK;

/* The size as seen: upright, in pixels of the file, whatever was kept of it. */
void image_size(const struct image *image, uint32_t *width, uint32_t *height);

/* Shrinks the image so that neither side is over size pixels. One that is smaller stays as it is.
 */
enum vt_error image_shrink(struct image *image, unsigned size) VT_MUST_CHECK;

/* Whether any pixel is not wholly opaque. */
bool image_has_alpha(const struct image *image);

/* Appends the image to *out as a file of that type, IMAGE_JPEG or IMAGE_WEBP: in sRGB, without
 * metadata, and opaque unless its alpha is to be kept, which a JPEG cannot. Either type has its
 * colours at half the resolution, and the quality at which the picture looks the same. */
enum vt_error image_encode(const struct image *image, enum image_type type, bool alpha,
                           struct buf *out) VT_MUST_CHECK;

/* Gives the pixels back. NULL is allowed. */
void image_free(struct image *image);

#endif
