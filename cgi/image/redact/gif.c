/* GIF89a: blocks. Keeps the pictures, how they follow each other, the number of repetitions and a
 * colour profile; comments, texts and other extensions are left out. */
#include <string.h>

#include "image/redact/formats.h"

#define HEAD 13        /* of the file */
#define PICTURE_HEAD 9 /* of a picture */
#define CONTROL 0xf9
#define APPLICATION 0xff
#define NAME 11 /* bytes of an application's */
#define PALETTE_BYTES(flags) (((flags)&0x80) != 0 ? (size_t)3 << (((flags)&7) + 1) : 0)

static bool skip_blocks(struct reader *in)
{
    const uint8_t *size;

    do {
        size = reader_take(in, 1);
        if (size == NULL || reader_take(in, *size) == NULL)
            return false;
    } while (*size > 0);
    return true;
}

/* Whether to keep an extension, which begins with its kind and, of an application's, its name. */
static bool is_kept(const uint8_t *extension, size_t len)
{
    static const char *const names[] = {"NETSCAPE2.0", "ANIMEXTS1.0", "ICCRGBG1012"};

    if (extension[0] == CONTROL)
        return true;
    if (extension[0] != APPLICATION || len < 2 + NAME || extension[1] != NAME)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (memcmp(extension + 2, names[i], NAME) == 0)
            return true;
    return false;
}

static bool take_extension(struct image_redact_job *job, size_t at)
{
    struct reader *in = &job->in;
    const uint8_t *kind = reader_take(in, 1);

    if (kind == NULL || !skip_blocks(in))
        return false;
    if (is_kept(kind, in->at - at - 1))
        image_redact_plan_copy(job->plan, at, in->at - at);
    return true;
}

static bool take_picture(struct image_redact_job *job, size_t at)
{
    struct reader *in = &job->in;
    const uint8_t *head = reader_take(in, PICTURE_HEAD);

    if (head == NULL || reader_take(in, PALETTE_BYTES(head[8]) + 1) == NULL || !skip_blocks(in))
        return false;
    image_redact_plan_copy(job->plan, at, in->at - at);
    return true;
}

/* A file may lack its trailer, but each block is whole. */
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
        else if (*kind != ';')
            is_whole = false;
        if (*kind == ';') {
            image_redact_plan_copy(job->plan, at, 1);
            break;
        }
    }
    return is_whole ? VT_OK : VT_ERR_UNSUPPORTED;
}
