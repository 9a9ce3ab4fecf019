/* The functions that libFuzzer calls in a target, and what the targets share. A target that
 * finds a fault ends the process. */
#ifndef VITRINE_TESTS_FUZZ_H
#define VITRINE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "../support/app.h"
#include "http/http.h"

/* Called once, before anything else. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Runs one input. 0, always. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Changes an input in place, in a buffer of max_size bytes; gives its new size. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* libFuzzer's own way of changing one. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* An image's worth of pixels, so that no single input takes long. */
#define FUZZ_MAX_PIXELS (64 * 1024)
#define FUZZ_MAX_FRAMES 16

/* Opens a gallery with these limits and the operator's token, and its image engine with it. It is
 * closed at the end of the process. */
#define FUZZ_TOKEN "operator"
void fuzz_open(struct support_app *self);

/* Answers a request with the pool of its route, and checks the answer: a status that Vitrine has
 * and that is no fault of its own, with the fields and the body that belong to it; header lines as
 * HTTP has them; objects in JSON, problems with the status that they have; no script on a page. The
 * response is the caller's to free. */
void fuzz_answer(struct support_app *self, const struct support_request *request,
                 struct http_response *response);

#endif
