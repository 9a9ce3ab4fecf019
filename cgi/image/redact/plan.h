/* A redacted copy of a file as a plan: the pieces that it consists of, one behind the other. Most
 * are bytes of the file itself, which the plan only names. So the process that reads a stranger's
 * file sends little more than a list, and the process that writes the copy holds no file in memory.
 */
#ifndef VITRINE_IMAGE_REDACT_PLAN_H
#define VITRINE_IMAGE_REDACT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define IMAGE_REDACT_PIECES_MAX 65536
#define IMAGE_REDACT_INSERTED_MAX (1 << 20) /* bytes that are not the file's, of all pieces */

/* The most bytes that image_redact_plan_write() appends. */
#define IMAGE_REDACT_PLAN_MAX                                                                      \
    (sizeof(struct image_redact_head) +                                                            \
     IMAGE_REDACT_PIECES_MAX * sizeof(struct image_redact_piece) + IMAGE_REDACT_INSERTED_MAX)

enum image_redact_kind {
    IMAGE_REDACT_COPY,   /* bytes of the file */
    IMAGE_REDACT_INSERT, /* other bytes, which the plan has */
    IMAGE_REDACT_ZEROS   /* zero bytes */
};

struct image_redact_piece {
    uint64_t kind;
    uint64_t at; /* where the bytes begin: in the file, or in what the plan inserts; 0 for zeros */
    uint64_t length;
};

/* What a written plan begins with; the pieces and the inserted bytes follow. */
struct image_redact_head {
    uint64_t pieces, inserted; /* their number, and that of bytes */
};

/* A plan that is being made. A failure to get memory shows in image_redact_plan_write(). */
struct image_redact_plan {
    struct image_redact_piece last; /* to which more may be added; of no length before the first */
    size_t count;                   /* of the pieces before it */
    struct buf pieces, inserted;
};

#define IMAGE_REDACT_PLAN_INIT                                                                     \
    ((struct image_redact_plan){.pieces = BUF_INIT, .inserted = BUF_INIT})

/* Appends bytes of the file; or these bytes; or zeros. */
void image_redact_plan_copy(struct image_redact_plan *plan, size_t at, size_t length);
void image_redact_plan_insert(struct image_redact_plan *plan, const void *data, size_t length);
void image_redact_plan_zeros(struct image_redact_plan *plan, size_t length);

/* Appends the plan to *out. VT_ERR_UNSUPPORTED if it has no pieces, or if it has more of them or
 * inserts more than a plan may; VT_ERR_MEMORY. */
enum vt_error image_redact_plan_write(struct image_redact_plan *plan,
                                      struct buf *out) VT_MUST_CHECK;

void image_redact_plan_free(struct image_redact_plan *plan);

/* A written plan, which is untrusted. */
struct image_redact_reading {
    const char *pieces, *inserted; /* not aligned; they stay the caller's */
    size_t count;
    uint64_t size; /* bytes of the copy */
};

/* Reads a written plan for a file of that size. Returns false if it cannot be true: the pieces of
 * the file must lie in it, in order and without overlaps, and the copy may be larger than the file
 * by what a plan may insert. */
bool image_redact_plan_read(const void *data, size_t len, uint64_t file_size,
                            struct image_redact_reading *reading) VT_MUST_CHECK;

/* The piece at that index, and its inserted bytes in *inserted: NULL unless it has such. */
struct image_redact_piece image_redact_plan_piece(const struct image_redact_reading *reading,
                                                  size_t index, const char **inserted);

/* Whether the copy would be the file itself. */
bool image_redact_plan_is_whole(const struct image_redact_reading *reading,
                                uint64_t file_size) VT_MUST_CHECK;

#endif
