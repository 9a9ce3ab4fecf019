/* Redacted copies, made as the decoder's child and the gallery make them. */
#ifndef VITRINE_TESTS_SUPPORT_REDACT_H
#define VITRINE_TESTS_SUPPORT_REDACT_H

#include "image/redact/redact.h"
#include "support.h"

/* Appends the copy of a file to *copy, from a buffer of exactly the file's size, so that reading
 * past its end is detected. The plan must be one that is accepted. Fails as image_redact() does. */
enum vt_error redact_copy(enum image_type type, enum image_redact_level level,
                          const struct buf *file, struct buf *copy) VT_MUST_CHECK;

/* Whether the bytes are somewhere in the file. */
bool redact_has(const struct buf *file, const char *bytes, size_t len) VT_MUST_CHECK;

#endif
