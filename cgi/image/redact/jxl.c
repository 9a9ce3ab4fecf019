/* JPEG XL: boxes (ISO/IEC 18181-2) around a codestream, which has colours and orientation. A bare
 * codestream has nothing else. */
#include "image/header/heif.h"
#include "image/redact/formats.h"

enum { SIGNATURE, TYPE, LEVEL, INDEX, ONCE };

/* Left out are XMP, compressed boxes, and the data from which a JPEG can be restored, which has
 * that JPEG's own segments. The index of frames names places in the codestream, so it stays right.
 * Of what is there once, others might hold anything: decoders skip them. */
static bool is_kept(uint32_t name, size_t len, bool seen[ONCE])
{
    static const struct {
        uint32_t name;
        size_t min, max; /* bytes */
    } once[ONCE] = {
        [SIGNATURE] = {HEIF_NAME('J', 'X', 'L', ' '), 4, 4},
        [TYPE] = {HEIF_NAME('f', 't', 'y', 'p'), 8, 64},
        [LEVEL] = {HEIF_NAME('j', 'x', 'l', 'l'), 1, 1},
        [INDEX] = {HEIF_NAME('j', 'x', 'l', 'i'), 0, SIZE_MAX},
    };

    for (size_t i = 0; i < ONCE; i++)
        if (once[i].name == name) {
            bool is_first = !seen[i] && len >= once[i].min && len <= once[i].max;

            seen[i] = seen[i] || is_first;
            return is_first;
        }
    return name == HEIF_NAME('j', 'x', 'l', 'c') || name == HEIF_NAME('j', 'x', 'l', 'p');
}

static void write32(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

/* EXIF data begins with the number of bytes before its own header. Its orientation does not count
 * in this format. */
static void keep_exif(struct image_redact_job *job, struct reader body)
{
    uint8_t block[METADATA_TIFF_SIZE], head[] = {0, 0, 0, 0, 'E', 'x', 'i', 'f', 0, 0, 0, 0};
    const uint8_t *skip = reader_take(&body, 4);
    size_t len;

    if (job->has_exif || job->level != IMAGE_REDACT_PLACE || skip == NULL ||
        reader_take(&body, reader_big32(skip)) == NULL)
        return;
    job->has_exif = true;
    len = image_redact_exif(job->level, body.data + body.at, reader_left(&body), block);
    if (len == 0)
        return;
    write32(head, sizeof head + len);
    image_redact_plan_insert(job->plan, head, sizeof head);
    image_redact_plan_insert(job->plan, block, len);
}

enum vt_error image_redact_jxl(struct image_redact_job *job)
{
    struct reader *in = &job->in;
    bool seen[ONCE] = {false};
    struct reader body;
    uint32_t name;

    if (reader_left(in) >= 2 && reader_big16(in->data) == 0xff0a) {
        image_redact_plan_copy(job->plan, 0, in->len);
        return VT_OK;
    }
    while (reader_left(in) > 0) {
        size_t at = in->at;

        if (heif_take_box(in, false, &name, &body) != VT_OK)
            return VT_ERR_UNSUPPORTED;
        if (is_kept(name, body.len, seen))
            image_redact_plan_copy(job->plan, at, in->at - at);
        else if (name == HEIF_NAME('E', 'x', 'i', 'f'))
            keep_exif(job, body);
    }
    return VT_OK;
}
