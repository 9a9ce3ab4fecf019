/* PNG: a length, a name, data and a checksum for each chunk. Keeps the chunks that pixels, colours
 * and animation need, and of texts those that say who made what. */
#include <string.h>

#include "image/redact/formats.h"

#define SIGNATURE 8
#define KEYWORD_MAX 80 /* and its NUL */
#define CHUNK_OVERHEAD 12

/* The checksum of ISO/IEC 15948, annex D, of few bytes. */
static uint32_t checksum(uint32_t crc, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
    }
    return crc;
}

static void write32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static void keep_exif(struct image_redact_job *job, const uint8_t *data, size_t len)
{
    static const uint8_t name[] = {'e', 'X', 'I', 'f'};
    uint8_t block[METADATA_TIFF_SIZE], word[4];
    size_t kept;

    if (job->has_exif)
        return;
    job->has_exif = true;
    kept = image_redact_exif(job->level, data, len, block);
    if (kept == 0)
        return;
    write32(word, (uint32_t)kept);
    image_redact_plan_insert(job->plan, word, sizeof word);
    image_redact_plan_insert(job->plan, name, sizeof name);
    image_redact_plan_insert(job->plan, block, kept);
    write32(word, ~checksum(checksum(UINT32_MAX, name, sizeof name), block, kept));
    image_redact_plan_insert(job->plan, word, sizeof word);
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Whether a text's keyword is one of those that the specification lists and that speak of the
 * picture's title, author and times. Others hold EXIF, XMP, or what a program likes. */
static bool is_kept_text(const uint8_t *data, size_t len)
{
    static const char *const keywords[] = {"Title",     "Author",        "Description",
                                           "Copyright", "Creation Time", "Software"};
    char keyword[KEYWORD_MAX] = "";

    for (size_t i = 0; i < len && i < sizeof keyword - 1 && data[i] != 0; i++)
        keyword[i] = (char)data[i];
    return is_one_of(keyword, keywords, sizeof keywords / sizeof keywords[0]);
}

static bool is_kept(const struct image_redact_job *job, const uint8_t *name, const uint8_t *data,
                    size_t len)
{
    /* Not sPLT: palettes for old screens, whose names may say anything. */
    static const char *const needed[] = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA",
                                         "iCCP", "sBIT", "sRGB", "cICP", "mDCV", "cLLI", "bKGD",
                                         "hIST", "pHYs", "acTL", "fcTL", "fdAT"};
    static const char *const texts[] = {"tEXt", "zTXt", "iTXt"};
    char text[5] = "";

    memcpy(text, name, 4);
    if (is_one_of(text, needed, sizeof needed / sizeof needed[0]))
        return true;
    if (job->level != IMAGE_REDACT_PLACE)
        return false;
    return strcmp(text, "tIME") == 0 ||
           (is_one_of(text, texts, sizeof texts / sizeof texts[0]) && is_kept_text(data, len));
}

enum vt_error image_redact_png(struct image_redact_job *job)
{
    struct reader *in = &job->in;
    const uint8_t *head;

    if (reader_take(in, SIGNATURE) == NULL)
        return VT_ERR_UNSUPPORTED;
    image_redact_plan_copy(job->plan, 0, SIGNATURE);
    while ((head = reader_take(in, 8)) != NULL) {
        size_t at = in->at - 8, len = reader_big32(head);
        const uint8_t *body = reader_take(in, len);

        if (body == NULL || reader_take(in, 4) == NULL)
            return VT_ERR_UNSUPPORTED;
        if (is_kept(job, head + 4, body, len))
            image_redact_plan_copy(job->plan, at, len + CHUNK_OVERHEAD);
        else if (memcmp(head + 4, "eXIf", 4) == 0)
            keep_exif(job, body, len);
        else if ((head[4] & 0x20) == 0) /* without it, the picture would be another one */
            return VT_ERR_UNSUPPORTED;
        if (memcmp(head + 4, "IEND", 4) == 0)
            break;
    }
    return VT_OK;
}
