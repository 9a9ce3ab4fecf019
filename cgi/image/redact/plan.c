#include "image/redact/plan.h"

#include <string.h>

static void end_piece(struct image_redact_plan *plan)
{
    if (plan->last.length == 0)
        return;
    if (plan->count < IMAGE_REDACT_PIECES_MAX)
        buf_append(&plan->pieces, &plan->last, sizeof plan->last);
    plan->count++;
    plan->last.length = 0;
}

/* Adds to the last piece what continues it. */
static void add(struct image_redact_plan *plan, enum image_redact_kind kind, size_t at,
                size_t length)
{
    struct image_redact_piece *last = &plan->last;

    if (length == 0)
        return;
    if (last->length > 0 && last->kind == kind &&
        (kind == IMAGE_REDACT_ZEROS || last->at + last->length == at)) {
        last->length += length;
        return;
    }
    end_piece(plan);
    *last = (struct image_redact_piece){kind, at, length};
}

void image_redact_plan_copy(struct image_redact_plan *plan, size_t at, size_t length)
{
    add(plan, IMAGE_REDACT_COPY, at, length);
}

void image_redact_plan_insert(struct image_redact_plan *plan, const void *data, size_t length)
{
    add(plan, IMAGE_REDACT_INSERT, plan->inserted.len, length);
    buf_append(&plan->inserted, data, length);
}

void image_redact_plan_zeros(struct image_redact_plan *plan, size_t length)
{
    add(plan, IMAGE_REDACT_ZEROS, 0, length);
}

enum vt_error image_redact_plan_write(struct image_redact_plan *plan, struct buf *out)
{
    struct image_redact_head head;

    end_piece(plan);
    if (!buf_ok(&plan->pieces) || !buf_ok(&plan->inserted))
        return VT_ERR_MEMORY;
    if (plan->count == 0 || plan->count > IMAGE_REDACT_PIECES_MAX ||
        plan->inserted.len > IMAGE_REDACT_INSERTED_MAX)
        return VT_ERR_UNSUPPORTED;
    head = (struct image_redact_head){plan->count, plan->inserted.len};
    buf_append(out, &head, sizeof head);
    buf_append(out, plan->pieces.data, plan->pieces.len);
    buf_append(out, plan->inserted.data, plan->inserted.len);
    return buf_ok(out) ? VT_OK : VT_ERR_MEMORY;
}

void image_redact_plan_free(struct image_redact_plan *plan)
{
    buf_free(&plan->pieces);
    buf_free(&plan->inserted);
    *plan = IMAGE_REDACT_PLAN_INIT;
}

/* ---- a written plan ---- */

/* Whether the piece lies where it says; *copied is where the piece of the file before it ends. */
static bool is_sound(const struct image_redact_piece *piece, uint64_t file_size, uint64_t inserted,
                     uint64_t *copied)
{
    uint64_t room = piece->kind == IMAGE_REDACT_INSERT ? inserted : file_size;

    if (piece->kind > IMAGE_REDACT_ZEROS || piece->length == 0 || piece->at > room ||
        piece->length > room - piece->at)
        return false;
    if (piece->kind != IMAGE_REDACT_COPY)
        return true;
    if (piece->at < *copied)
        return false;
    *copied = piece->at + piece->length;
    return true;
}

bool image_redact_plan_read(const void *data, size_t len, uint64_t file_size,
                            struct image_redact_reading *reading)
{
    struct image_redact_head head;
    uint64_t copied = 0;
    const char *unused;

    if (len < sizeof head)
        return false;
    memcpy(&head, data, sizeof head);
    if (head.pieces == 0 || head.pieces > IMAGE_REDACT_PIECES_MAX ||
        head.inserted > IMAGE_REDACT_INSERTED_MAX ||
        len != sizeof head + head.pieces * sizeof(struct image_redact_piece) + head.inserted)
        return false;
    reading->pieces = (const char *)data + sizeof head;
    reading->count = (size_t)head.pieces;
    reading->inserted = reading->pieces + reading->count * sizeof(struct image_redact_piece);
    reading->size = 0;
    for (size_t i = 0; i < reading->count; i++) {
        struct image_redact_piece piece = image_redact_plan_piece(reading, i, &unused);

        if (!is_sound(&piece, file_size, head.inserted, &copied))
            return false;
        reading->size += piece.length;
        if (reading->size > file_size + IMAGE_REDACT_INSERTED_MAX)
            return false;
    }
    return true;
}

struct image_redact_piece image_redact_plan_piece(const struct image_redact_reading *reading,
                                                  size_t index, const char **inserted)
{
    struct image_redact_piece piece;

    memcpy(&piece, reading->pieces + index * sizeof piece, sizeof piece);
    *inserted = piece.kind == IMAGE_REDACT_INSERT ? reading->inserted + piece.at : NULL;
    return piece;
}

bool image_redact_plan_is_whole(const struct image_redact_reading *reading, uint64_t file_size)
{
    const char *unused;
    struct image_redact_piece first = image_redact_plan_piece(reading, 0, &unused);

    return reading->count == 1 && first.kind == IMAGE_REDACT_COPY && first.length == file_size;
}
