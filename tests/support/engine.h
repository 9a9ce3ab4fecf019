/* An image engine by the defaults, for the tests that decode. */
#ifndef VITRINE_TESTS_SUPPORT_ENGINE_H
#define VITRINE_TESTS_SUPPORT_ENGINE_H

#include "image/image.h"
#include "support.h"

/* There is one from support_engine_start() to support_engine_stop(). A test may free it and make
 * another. */
extern struct image_engine *support_engine;

/* A checked fixture, which comes before all else: the policy is read when ImageMagick starts. */
void support_engine_start(void);
void support_engine_stop(void);

/* The way of every upload by that engine: header, limits, decode, a thumbnail of each type. *out
 * has both thumbnails, and is the caller's; it is empty where the file is refused. */
enum vt_error support_engine_take(const struct buf *file, struct buf *out) VT_MUST_CHECK;

/* Fails the test where support_engine_take() gives another result. */
void support_engine_expect(const struct buf *file, enum vt_error want);

#endif
