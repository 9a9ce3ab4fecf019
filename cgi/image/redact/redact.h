/* Makes copies of originals for everybody: without what a photograph says of a place and its
 * owner, or without all that it says. No picture is decoded: the coded pixels stay byte for byte.
 *
 * Each format's file walks the structure and keeps what is known to be harmless: what is not on a
 * list of its own is left out, as is everything behind the picture's end. So a block that nobody
 * has thought of is not published. Runs in the decoder's child process and in tests only. */
#ifndef VITRINE_IMAGE_REDACT_REDACT_H
#define VITRINE_IMAGE_REDACT_REDACT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "image/image_type.h"

enum image_redact_level {
    IMAGE_REDACT_NOTHING, /* no copy is made */
    IMAGE_REDACT_PLACE,   /* keeps time, camera, exposure, and words and rights of EXIF and IPTC */
    IMAGE_REDACT_ALL,     /* keeps nothing but colours and orientation */
    IMAGE_REDACT_LEVELS
};

/* Appends the plan (plan.h) of the copy of an untrusted file, whose type is known, to *plan. Takes
 * time linear in len, but for sorting, and memory for the plan. VT_ERR_UNSUPPORTED if such a copy
 * cannot be made of this file with certainty, VT_ERR_MEMORY. */
enum vt_error image_redact(enum image_type type, enum image_redact_level level, const void *data,
                           size_t len, struct buf *plan) VT_MUST_CHECK;

#endif
