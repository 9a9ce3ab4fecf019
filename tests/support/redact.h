/* Redacted copies, made as the decoder's child and the gallery make them, and files of each type
 * that have everything to redact. */
#ifndef VITRINE_TESTS_SUPPORT_REDACT_H
#define VITRINE_TESTS_SUPPORT_REDACT_H

#include "image/redact/redact.h"
#include "support.h"

#define SECRET "SECRET" /* in everything that is hidden with the place */
#define WORD "WORD"     /* in what is not */

/* EXIF that says only how a picture of redact_make() is turned: all that the copy keeps of it. */
#define REDACT_ORIENTATION "MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"

/* The fixture of redact_make(): makes the blocks of metadata, and frees them. */
void redact_start(void);
void redact_stop(void);

/* Appends a file of that type, without pixels, that has EXIF, XMP, IPTC and texts of its own, as
 * far as the type knows them. */
void redact_make(enum image_type type, struct buf *out);

/* Appends a JPEG's segment: the name, with NUL bytes in it, and what follows it. */
void redact_put_segment(struct buf *out, unsigned marker, const char *name, size_t name_len,
                        const struct buf *body);

/* The same of a string literal, and nothing else. */
#define SEGMENT(out, marker, literal)                                                              \
    redact_put_segment(out, marker, literal, sizeof(literal) - 1, &(struct buf){0})

/* Appends what a JPEG's copy keeps in any case: tables, a frame, two scans with a table between
 * them; and, unless it is for a copy, a comment that is left out. */
void redact_put_coded(struct buf *out, bool is_copy);

/* Appends a chunk of WebP, padded. */
void redact_put_chunk(struct buf *out, const char *name, const void *data, size_t len);

/* The level of a loop test's run, of which even ones hide the place and odd ones everything. */
enum image_redact_level redact_level(int i) VT_MUST_CHECK;

/* Appends the copy of a file to *copy, from a buffer of exactly the file's size, so that reading
 * past its end is detected. The plan must be one that is accepted. Fails as image_redact() does. */
enum vt_error redact_copy(enum image_type type, enum image_redact_level level,
                          const struct buf *file, struct buf *copy) VT_MUST_CHECK;

/* Whether the bytes are somewhere in the file. */
bool redact_has(const struct buf *file, const char *bytes, size_t len) VT_MUST_CHECK;

/* Appends the copy of a file to *copy; fails the test if it is refused, or if the copy's copy is
 * another. */
void redact_expect(enum image_type type, enum image_redact_level level, const struct buf *file,
                   struct buf *copy);

/* The same, and fails the test if the copy is not exactly these bytes. Frees both. */
void redact_expect_bytes(enum image_type type, enum image_redact_level level, struct buf *file,
                         struct buf *want);

#endif
