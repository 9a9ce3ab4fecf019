/* Decodes images and makes thumbnails, in the decoder's child process and in tests only. All other
 * code uses decoder.h.
 *
 * An engine is libheif, libjxl, libtiff and ImageMagick, each loaded once in a process for the
 * first file that needs it. An image is one decoded picture, no larger than its thumbnails need. */
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

/* Makes an engine that has not loaded anything yet. Its modules are in module_dir, and
 * ImageMagick's policy is policy_dir/policy.xml; ImageMagick gets one thread, no disk cache and
 * memory for images of max_pixels. A process can have at most one engine; the caller frees it. */
enum vt_error image_engine_new(const char *module_dir, const char *policy_dir, uint64_t max_pixels,
                               struct image_engine **engine) VT_MUST_CHECK;

/* Loads now what decoding this type would load, if anything, so that a process forked later need
 * not open anything: libheif from image_heif.so, libjxl from image_jxl.so, libtiff from
 * image_tiff.so, or ImageMagick, from image_magick.so, and its coder of GIFs. This takes about a
 * tenth of a second with cold files. VT_ERR_UNAVAILABLE if the module does not load or the policy
 * cannot be read, VT_ERR_INTERNAL if the module is of another version of the program. If a coder
 * cannot be loaded, the decode reports it. */
enum vt_error image_engine_prepare(struct image_engine *engine, enum image_type type) VT_MUST_CHECK;

/* Stops the libraries. NULL is allowed. */
void image_engine_free(struct image_engine *engine);

/* Whether files of the type need an engine. */
bool image_needs_engine(enum image_type type) VT_MUST_CHECK;

/* Decodes the first frame of a file whose header was read and checked, using only the decoder of
 * its type. Turns it upright by its EXIF orientation where browsers do, converts it to sRGB by its
 * ICC profile, and keeps what thumbnails of up to `detail` pixels need. All of the file's data is
 * decoded, so that corruption is found. Keeps no reference to data or engine. The caller frees
 * *image. The engine may be NULL if the type does not need one.
 *
 * VT_ERR_INVALID_IMAGE if the data is corrupt or takes more than `seconds` to decode, VT_ERR_MEMORY
 * if it needs more memory than there is; *why says which. A library that does not check the clock
 * may take longer: the process has to be ended then. */
enum vt_error image_decode(struct image_engine *engine, const void *data, size_t len,
                           const struct image_header *header, unsigned detail, unsigned seconds,
                           struct image **image, struct vt_reason *why) VT_MUST_CHECK;

/* The size of the upright picture in the file's own pixels, however much of it was kept. */
void image_size(const struct image *image, uint32_t *width, uint32_t *height);

/* Shrinks the image so that neither side is longer than size pixels. A smaller image stays as it
 * is. */
enum vt_error image_shrink(struct image *image, unsigned size) VT_MUST_CHECK;

/* Whether any pixel is not wholly opaque. */
bool image_has_alpha(const struct image *image);

/* Appends the image to *out as a file of that type, IMAGE_JPEG or IMAGE_WEBP: in sRGB, without
 * metadata, and opaque unless `alpha` is true, which a JPEG cannot keep. Both types have their
 * colours at half the resolution, and a quality at which the two look the same; but a picture that
 * is tiny or of few colours becomes a lossless WebP, or a JPEG of a higher quality with all of its
 * colours. */
enum vt_error image_encode(const struct image *image, enum image_type type, bool alpha,
                           struct buf *out) VT_MUST_CHECK;

/* Frees the image. NULL is allowed. */
void image_free(struct image *image);

#endif
