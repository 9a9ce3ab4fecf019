/* An image engine by the defaults, for the tests that decode. */
#ifndef VITRINE_TESTS_SUPPORT_ENGINE_H
#define VITRINE_TESTS_SUPPORT_ENGINE_H

#include "image.h"
#include "support.h"

/* There is one from support_engine_start() to support_engine_stop(). A test may free it and make
 * another. */
extern struct image_engine *support_engine;

/* A checked fixture, which comes before all else: the policy is read when ImageMagick starts. */
void support_engine_start(void);
void support_engine_stop(void);

#endif
