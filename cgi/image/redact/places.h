/* What is kept of a file whose parts name each other's places, so that none may move: bytes of the
 * file stay where they are, others are put in the place of some, and all the rest become zeros. So
 * nothing that no part names, such as what an editor has left behind, is published. */
#ifndef VITRINE_IMAGE_REDACT_PLACES_H
#define VITRINE_IMAGE_REDACT_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "image/redact/plan.h"

#define IMAGE_REDACT_PLACES_MAX (1 << 19) /* ranges of bytes; 24 bytes of memory each */

struct image_redact_place {
    size_t at, length;
    size_t replaced; /* 1 more than where the other bytes begin; 0 if the file's own are kept */
};

struct image_redact_places {
    size_t file_size;
    size_t done; /* up to where a structure is decided, by a walk from front to back */
    struct buf places, bytes;
    enum vt_error err; /* of the first call that failed, since which nothing is noted */
};

/* Keeps these bytes of the file; they may be kept more than once. */
void image_redact_places_keep(struct image_redact_places *places, size_t at, size_t length);

/* Puts other bytes in the place of as many of the file. */
void image_redact_places_replace(struct image_redact_places *places, size_t at, const void *data,
                                 size_t length);

/* For a walk over a structure from front to back. The first keeps what is not decided yet, up to a
 * place; the second does so and puts other bytes behind it; the third and leaves out what follows.
 */
void image_redact_places_keep_to(struct image_redact_places *places, size_t at);
void image_redact_places_put(struct image_redact_places *places, size_t at, const void *data,
                             size_t length);
void image_redact_places_skip(struct image_redact_places *places, size_t at, size_t length);

/* Appends the whole file to the plan. VT_ERR_UNSUPPORTED if bytes that are replaced are also kept
 * or replaced by others, if a range exceeds the file, or if there are too many ranges;
 * VT_ERR_MEMORY. */
enum vt_error image_redact_places_finish(struct image_redact_places *places,
                                         struct image_redact_plan *plan) VT_MUST_CHECK;

void image_redact_places_free(struct image_redact_places *places);

#endif
