/* WebP: chunks in a RIFF file (RFC 9649). The header with the length, and the flags that name the
 * metadata, are written anew. */
#include <string.h>

#include "image/redact/formats.h"

#define RIFF_HEAD 12
#define CHUNK_HEAD 8
#define FLAG_EXIF 0x08
#define FLAG_XMP 0x04
#define EXTENDED 10 /* bytes in VP8X */

/* A copy in the making: its chunks are in the plan, its header is not. */
struct copy {
    struct image_redact_plan *chunks;
    const uint8_t *extended; /* what VP8X says; NULL if there is none */
    uint32_t size;           /* of all chunks */
    bool has_exif;
};

static void write32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    at[2] = (uint8_t)(value >> 16);
    at[3] = (uint8_t)(value >> 24);
}

static void insert_chunk(struct image_redact_plan *plan, const char *name, const uint8_t *data,
                         size_t len)
{
    uint8_t head[8];

    memcpy(head, name, 4);
    write32(head + 4, (uint32_t)len);
    image_redact_plan_insert(plan, head, sizeof head);
    image_redact_plan_insert(plan, data, len);
    image_redact_plan_zeros(plan, len % 2);
}

static bool is_needed(const uint8_t *name)
{
    static const char needed[][5] = {"VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP"};

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (memcmp(needed[i], name, 4) == 0)
            return true;
    return false;
}

static void keep_exif(const struct image_redact_job *job, struct copy *copy, const uint8_t *data,
                      size_t len)
{
    uint8_t block[METADATA_TIFF_SIZE];
    size_t kept = 0;

    if (copy->extended != NULL && !copy->has_exif)
        kept = image_redact_exif(job->level, data, len, block);
    if (kept == 0)
        return;
    insert_chunk(copy->chunks, "EXIF", block, kept);
    copy->size += (uint32_t)(8 + kept + kept % 2);
    copy->has_exif = true;
}

/* Takes all chunks up to the end that the header names; the last one may lack its padding, and some
 * bytes of no chunk may follow it, which are left out. */
static enum vt_error take_chunks(struct image_redact_job *job, struct copy *copy)
{
    struct reader *in = &job->in;
    const uint8_t *head;

    while (reader_left(in) >= CHUNK_HEAD) {
        size_t at = in->at, len;
        const uint8_t *body;

        head = reader_take(in, CHUNK_HEAD);
        len = head != NULL ? reader_little32(head + 4) : 0;
        body = head != NULL ? reader_take(in, len) : NULL;
        if (body == NULL)
            return VT_ERR_UNSUPPORTED;
        if (len % 2 != 0 && reader_left(in) > 0)
            in->at++;
        if (is_needed(head)) {
            image_redact_plan_copy(copy->chunks, at, in->at - at);
            copy->size += (uint32_t)(in->at - at);
        } else if (memcmp(head, "VP8X", 4) == 0) {
            if (copy->extended != NULL || len != EXTENDED)
                return VT_ERR_UNSUPPORTED;
            copy->extended = body;
        } else if (memcmp(head, "EXIF", 4) == 0) {
            keep_exif(job, copy, body, len);
        }
    }
    return VT_OK;
}

/* The bytes of all chunks, with the one that says what there is. */
static uint32_t total(const struct copy *copy)
{
    return copy->size + (copy->extended != NULL ? 8 + EXTENDED : 0);
}

static void insert_head(const struct image_redact_job *job, const struct copy *copy)
{
    uint8_t head[RIFF_HEAD], extended[EXTENDED];

    memcpy(head, job->in.data, sizeof head);
    write32(head + 4, 4 + total(copy));
    image_redact_plan_insert(job->plan, head, sizeof head);
    if (copy->extended == NULL)
        return;
    memcpy(extended, copy->extended, sizeof extended);
    extended[0] =
        (uint8_t)((extended[0] & ~(FLAG_EXIF | FLAG_XMP)) | (copy->has_exif ? FLAG_EXIF : 0));
    insert_chunk(job->plan, "VP8X", extended, sizeof extended);
}

/* Whether the copy would be the file: of this length, and without flags of metadata. */
static bool is_whole(const struct copy *copy, size_t len)
{
    return RIFF_HEAD + (size_t)total(copy) == len && !copy->has_exif &&
           (copy->extended == NULL || (copy->extended[0] & (FLAG_EXIF | FLAG_XMP)) == 0);
}

/* Goes through the chunks twice, as the header has the length of those that are kept. */
enum vt_error image_redact_webp(struct image_redact_job *job)
{
    struct image_redact_plan counted = IMAGE_REDACT_PLAN_INIT;
    struct copy first = {.chunks = &counted}, second = {.chunks = job->plan};
    const uint8_t *head = reader_take(&job->in, RIFF_HEAD);
    size_t file_size = job->in.len, len;
    enum vt_error err;

    len = head != NULL ? reader_little32(head + 4) : 0;
    if (len < 4 || len - 4 > reader_left(&job->in))
        return VT_ERR_UNSUPPORTED;
    job->in.len = RIFF_HEAD + len - 4;
    err = take_chunks(job, &first);
    image_redact_plan_free(&counted);
    if (err != VT_OK)
        return err;
    if (is_whole(&first, file_size)) {
        image_redact_plan_copy(job->plan, 0, file_size);
        return VT_OK;
    }
    insert_head(job, &first);
    job->in.at = RIFF_HEAD;
    return take_chunks(job, &second);
}
