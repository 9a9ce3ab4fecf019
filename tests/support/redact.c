#include "redact.h"

#include <stdlib.h>
#include <string.h>

#include "image/redact/plan.h"

static void follow(const struct buf *plan, const struct buf *file, struct buf *copy)
{
    struct image_redact_reading reading;
    size_t begin = copy->len;

    SUPPORT_MUST(image_redact_plan_read(plan->data, plan->len, file->len, &reading));
    for (size_t i = 0; i < reading.count; i++) {
        const char *inserted;
        struct image_redact_piece piece = image_redact_plan_piece(&reading, i, &inserted);

        if (piece.kind == IMAGE_REDACT_ZEROS)
            for (uint64_t k = 0; k < piece.length; k++)
                buf_append(copy, "", 1);
        else
            buf_append(copy, inserted != NULL ? inserted : file->data + piece.at,
                       (size_t)piece.length);
    }
    SUPPORT_MUST(buf_ok(copy) && copy->len - begin == reading.size);
    SUPPORT_MUST(!image_redact_plan_is_whole(&reading, file->len) ||
                 memcmp(copy->data + begin, file->data, file->len) == 0);
}

enum vt_error redact_copy(enum image_type type, enum image_redact_level level,
                          const struct buf *file, struct buf *copy)
{
    char *exact = malloc(file->len > 0 ? file->len : 1);
    struct buf plan = BUF_INIT;
    enum vt_error err;

    SUPPORT_MUST(exact != NULL && buf_ok(file));
    if (file->len > 0)
        memcpy(exact, file->data, file->len);
    err = image_redact(type, level, exact, file->len, &plan);
    SUPPORT_MUST(err == VT_OK || err == VT_ERR_UNSUPPORTED || err == VT_ERR_MEMORY);
    if (err == VT_OK && file->len > 0)
        follow(&plan, file, copy);
    buf_free(&plan);
    free(exact);
    return err;
}

bool redact_has(const struct buf *file, const char *bytes, size_t len)
{
    return file->len > 0 && memmem(file->data, file->len, bytes, len) != NULL;
}
