/* JPEG: ITU T.81, annex B. Keeps the segments that decoding needs, JFIF's density, the colour
 * profile, Adobe's marker, and an EXIF and IPTC block of few fields. Everything behind the end is
 * left out: previews, depth maps, and the film of a motion photo, which may have a place each. */
#include <string.h>

#include "image/redact/formats.h"

#define EXIF_HEADER "Exif\0"      /* and the literal's NUL */
#define PHOTOSHOP "Photoshop 3.0" /* and the literal's NUL */
#define IPTC_RESOURCE 0x0404
#define JFIF_LENGTH 16  /* of a segment of it without a thumbnail */
#define ADOBE_LENGTH 12 /* of what decoders read of Adobe's marker */
#define DNL_LENGTH 2    /* of a number of lines */
#define BODY_MAX 65533  /* of any segment */

enum {
    TEM = 0x01,
    RST0 = 0xd0,
    RST7 = 0xd7,
    SOI = 0xd8,
    EOI = 0xd9,
    SOS = 0xda,
    DNL = 0xdc,
    APP0 = 0xe0,
    APP1 = 0xe1,
    APP2 = 0xe2,
    APP13 = 0xed,
    APP14 = 0xee
};

/* A segment: bytes of the file from its marker on. */
struct segment {
    unsigned marker;
    size_t at;
    const uint8_t *body;
    size_t len;
};

/* Whether the segment begins with the literal, of which the NUL at its end counts. */
#define BEGINS(segment, literal)                                                                   \
    ((segment)->len >= sizeof(literal) && memcmp((segment)->body, literal, sizeof(literal)) == 0)

static void keep(struct image_redact_job *job, const struct segment *segment)
{
    image_redact_plan_copy(job->plan, segment->at, job->in.at - segment->at);
}

/* Writes the beginning of a segment with that many bytes in it. */
static void insert_head(struct image_redact_job *job, unsigned marker, size_t len)
{
    const uint8_t head[] = {0xff, (uint8_t)marker, (uint8_t)((len + 2) >> 8), (uint8_t)(len + 2)};

    image_redact_plan_insert(job->plan, head, sizeof head);
}

/* JFIF has the density of pixels, and may have a thumbnail, which is left out. */
static void keep_jfif(struct image_redact_job *job, const struct segment *segment)
{
    uint8_t body[JFIF_LENGTH - 2];

    if (segment->len < sizeof body)
        return;
    if (segment->len == sizeof body) {
        keep(job, segment);
        return;
    }
    memcpy(body, segment->body, sizeof body);
    body[12] = body[13] = 0; /* columns and rows of the thumbnail */
    insert_head(job, APP0, sizeof body);
    image_redact_plan_insert(job->plan, body, sizeof body);
}

static void keep_exif(struct image_redact_job *job, const struct segment *segment)
{
    uint8_t block[METADATA_TIFF_SIZE];
    size_t len;

    if (job->has_exif)
        return;
    job->has_exif = true;
    len = image_redact_exif(job->level, segment->body, segment->len, block);
    if (len == 0)
        return;
    insert_head(job, APP1, sizeof EXIF_HEADER + len);
    image_redact_plan_insert(job->plan, EXIF_HEADER, sizeof EXIF_HEADER);
    image_redact_plan_insert(job->plan, block, len);
}

/* Finds IPTC among Photoshop's resources: a signature, a number, a name, a length, data; the last
 * two of even length. */
static bool find_iptc(const struct segment *segment, struct reader *iptc)
{
    struct reader in = {segment->body, segment->len, sizeof PHOTOSHOP, NULL};
    const uint8_t *head;

    while ((head = reader_take(&in, 7)) != NULL && memcmp(head, "8BIM", 4) == 0) {
        const uint8_t *size, *body;
        size_t name = head[6], len;

        if (reader_take(&in, name + (name % 2 == 0 ? 1 : 0)) == NULL ||
            (size = reader_take(&in, 4)) == NULL)
            return false;
        len = reader_big32(size);
        body = reader_take(&in, len);
        if (body == NULL)
            return false;
        *iptc = (struct reader){body, len, 0, NULL};
        if (reader_big16(head + 4) == IPTC_RESOURCE)
            return true;
        (void)!reader_take(&in, len % 2);
    }
    return false;
}

static void keep_iptc(struct image_redact_job *job, const struct segment *segment)
{
    static const uint8_t resource[] = {'8', 'B', 'I', 'M', 4, 4, 0, 0, 0, 0};
    struct buf kept = BUF_INIT;
    struct reader iptc;
    size_t pad, len;
    uint8_t size[2];

    if (!find_iptc(segment, &iptc))
        return;
    image_redact_iptc(job->level, iptc.data, iptc.len, &kept);
    pad = kept.len % 2; /* which the segment may have lacked at its end */
    len = sizeof PHOTOSHOP + sizeof resource + sizeof size + kept.len + pad;
    if (buf_ok(&kept) && kept.len > 0 && len <= BODY_MAX) {
        size[0] = (uint8_t)(kept.len >> 8);
        size[1] = (uint8_t)kept.len;
        insert_head(job, APP13, len);
        image_redact_plan_insert(job->plan, PHOTOSHOP, sizeof PHOTOSHOP);
        image_redact_plan_insert(job->plan, resource, sizeof resource);
        image_redact_plan_insert(job->plan, size, sizeof size);
        image_redact_plan_insert(job->plan, kept.data, kept.len);
        image_redact_plan_zeros(job->plan, pad);
    }
    buf_free(&kept);
}

/* Says how colours are coded. Decoders take a longer one, too. */
static void keep_adobe(struct image_redact_job *job, const struct segment *segment)
{
    if (segment->len == ADOBE_LENGTH) {
        keep(job, segment);
        return;
    }
    insert_head(job, APP14, ADOBE_LENGTH);
    image_redact_plan_insert(job->plan, segment->body, ADOBE_LENGTH);
}

static void keep_application(struct image_redact_job *job, const struct segment *segment)
{
    if (segment->marker == APP0 && BEGINS(segment, "JFIF"))
        keep_jfif(job, segment);
    else if (segment->marker == APP1 && BEGINS(segment, EXIF_HEADER))
        keep_exif(job, segment);
    else if (segment->marker == APP2 && BEGINS(segment, "ICC_PROFILE"))
        keep(job, segment);
    else if (segment->marker == APP13 && BEGINS(segment, PHOTOSHOP))
        keep_iptc(job, segment);
    else if (segment->marker == APP14 && segment->len >= ADOBE_LENGTH &&
             memcmp(segment->body, "Adobe", 5) == 0)
        keep_adobe(job, segment);
}

/* Whether decoding needs a segment: of frames, tables, scans, lines and restarts. Decoders skip a
 * number of lines whatever its length, so it might hold anything. */
static bool is_needed(const struct segment *segment)
{
    return segment->marker >= 0xc0 && segment->marker <= 0xdf &&
           (segment->marker != DNL || segment->len == DNL_LENGTH);
}

static bool stands_alone(unsigned marker)
{
    return marker == TEM || (marker >= RST0 && marker <= SOI);
}

/* Steps over entropy-coded data, or over what decoders skip between segments, up to the 0xff of the
 * next marker or the end of the file. */
static void skip_data(struct reader *in)
{
    while (reader_left(in) >= 2) {
        const uint8_t *mark = memchr(in->data + in->at, 0xff, reader_left(in) - 1);

        if (mark == NULL)
            break;
        in->at = (size_t)(mark - in->data);
        if (mark[1] == 0xff)
            in->at++;
        else if (mark[1] == 0 || (mark[1] >= RST0 && mark[1] <= RST7))
            in->at += 2;
        else
            return;
    }
    in->at = in->len;
}

/* Takes the next segment; of one that stands alone, the marker. */
static bool take_segment(struct reader *in, struct segment *segment)
{
    size_t at = in->at;
    const uint8_t *head = reader_take(in, 2);

    if (head == NULL || head[0] != 0xff)
        return false;
    *segment = (struct segment){head[1], at, NULL, 0};
    if (stands_alone(segment->marker) || segment->marker == EOI)
        return true;
    head = reader_take(in, 2);
    if (head == NULL || reader_big16(head) < 2)
        return false;
    segment->len = reader_big16(head) - 2;
    segment->body = reader_take(in, segment->len);
    return segment->body != NULL;
}

enum vt_error image_redact_jpeg(struct image_redact_job *job)
{
    struct reader *in = &job->in;
    struct segment segment;
    bool has_scan = false;

    for (skip_data(in); reader_left(in) > 0; skip_data(in)) {
        if (!take_segment(in, &segment))
            return has_scan && reader_left(in) == 0 ? VT_OK : VT_ERR_UNSUPPORTED;
        if (segment.marker == SOS)
            skip_data(in);
        has_scan = has_scan || segment.marker == SOS;
        if (is_needed(&segment))
            keep(job, &segment);
        else
            keep_application(job, &segment);
        if (segment.marker == EOI)
            break;
    }
    return has_scan ? VT_OK : VT_ERR_UNSUPPORTED;
}

size_t image_redact_jpeg_bare(const uint8_t *data, size_t len)
{
    struct reader in = {data, len, 0, NULL};
    struct segment segment;

    while (reader_left(&in) > 0) {
        if (!take_segment(&in, &segment))
            return 0;
        if (segment.marker == EOI)
            break;
        if (segment.marker == SOS)
            skip_data(&in);
        if (!is_needed(&segment) &&
            !(segment.marker == APP0 && segment.len == JFIF_LENGTH - 2 &&
              BEGINS(&segment, "JFIF")) &&
            !(segment.marker == APP14 && segment.len == ADOBE_LENGTH))
            return 0;
    }
    return in.at;
}
