/* GIF89a: blocks. Keeps the pictures, how they follow each other, the number of repetitions and a
 * colour profile; comments, texts and other extensions are left out. */
#include <string.h>

#include "image/redact/formats.h"

#define HEAD 13        /* of the file */
#define PICTURE_HEAD 9 /* of a picture */
#define CONTROL 0xf9
#define APPLICATION 0xff
#define NAME 11 /* bytes of an application's */
#define APPLICATION_HEAD 14
#define LOOP 18          /* bytes with a number of repetitions, without the end */
#define CONTROL_SIZE 4   /* of its block */
#define CONTROL_LENGTH 7 /* with the head, without the end */
#define PALETTE_BYTES(flags) (((flags)&0x80) != 0 ? (size_t)3 << (((flags)&7) + 1) : 0)

/* Keeps the beginning of an extension, up to its first block's end, and closes it: decoders read no
 * further blocks of it, so they might hold anything. */
static void keep_first(struct image_redact_job *job, size_t at, size_t len)
{
    if (job->in.at - at == len + 1) {
        image_redact_plan_copy(job->plan, at, len + 1);
        return;
    }
    image_redact_plan_copy(job->plan, at, len);
    image_redact_plan_zeros(job->plan, 1);
}

/* Of an application's extensions, the number of repetitions and a colour profile are kept. */
static void keep_application(struct image_redact_job *job, size_t at)
{
    static const char *const loops[] = {"NETSCAPE2.0", "ANIMEXTS1.0"};
    const uint8_t *extension = job->in.data + at;
    size_t len = job->in.at - at;

    if (len < APPLICATION_HEAD || extension[2] != NAME)
        return;
    for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++)
        if (memcmp(extension + 3, loops[i], NAME) == 0 && len > LOOP &&
            memcmp(extension + APPLICATION_HEAD, "\3\1", 2) == 0)
            keep_first(job, at, LOOP);
    if (memcmp(extension + 3, "ICCRGBG1012", NAME) == 0)
        image_redact_plan_copy(job->plan, at, len);
}

static bool take_extension(struct image_redact_job *job, size_t at)
{
    struct reader *in = &job->in;
    const uint8_t *kind = reader_take(in, 1);

    if (kind == NULL || !reader_skip_blocks(in))
        return false;
    if (*kind == CONTROL) {
        if (kind[1] != CONTROL_SIZE) /* decoders differ in what they make of it */
            return false;
        keep_first(job, at, CONTROL_LENGTH);
    } else if (*kind == APPLICATION) {
        keep_application(job, at);
    }
    return true;
}

static bool take_picture(struct image_redact_job *job, size_t at)
{
    struct reader *in = &job->in;
    const uint8_t *head = reader_take(in, PICTURE_HEAD);

    if (head == NULL || reader_take(in, PALETTE_BYTES(head[8]) + 1) == NULL ||
        !reader_skip_blocks(in))
        return false;
    image_redact_plan_copy(job->plan, at, in->at - at);
    return true;
}

/* A file may lack its trailer, but each block is whole. Zero bytes between blocks, which old
 * encoders write, are left out. */
enum vt_error image_redact_gif(struct image_redact_job *job)
{
    struct reader *in = &job->in;
    const uint8_t *head = reader_take(in, HEAD), *kind;
    bool is_whole = head != NULL && reader_take(in, PALETTE_BYTES(head[10])) != NULL;

    if (is_whole)
        image_redact_plan_copy(job->plan, 0, in->at);
    while (is_whole && (kind = reader_take(in, 1)) != NULL) {
        size_t at = in->at - 1;

        if (*kind == ',')
            is_whole = take_picture(job, at);
        else if (*kind == '!')
            is_whole = take_extension(job, at);
        else if (*kind != ';' && *kind != 0)
            is_whole = false;
        if (*kind == ';') {
            image_redact_plan_copy(job->plan, at, 1);
            break;
        }
    }
    return is_whole ? VT_OK : VT_ERR_UNSUPPORTED;
}
