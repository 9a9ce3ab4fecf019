/* An image engine with the default settings, for the tests that decode. */
#ifndef VITRINE_TESTS_SUPPORT_ENGINE_H
#define VITRINE_TESTS_SUPPORT_ENGINE_H

#include "image/image.h"
#include "support.h"

/* It exists from support_engine_start() to support_engine_stop(). A test may free it and make
 * another. */
extern struct image_engine *support_engine;

/* A checked fixture. It must come before everything else, since ImageMagick reads the policy when
 * it starts. */
void support_engine_start(void);
void support_engine_stop(void);

/* Reads the header and decodes the file with that engine, for thumbnails of up to 2048 pixels.
 * *image is the caller's; it is NULL after a failure. */
enum vt_error support_engine_decode(const struct buf *file, struct image **image,
                                    struct vt_reason *why) VT_MUST_CHECK;

/* Does the same, and gives the pixels of the thumbnail, a WebP. The caller frees pixels->data.
 * Fails the test if the file is refused. */
void support_engine_pixels(const struct buf *file, struct pixels *pixels);

/* Takes a file through the steps of an upload with that engine: header, limits, decode, a thumbnail
 * of each type. *out holds both thumbnails and is the caller's; it is empty if the file is refused.
 */
enum vt_error support_engine_take(const struct buf *file, struct buf *out) VT_MUST_CHECK;

/* Fails the test if support_engine_take() returns another result. */
void support_engine_expect(const struct buf *file, enum vt_error want);

#endif
