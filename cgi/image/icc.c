#include "image/icc.h"

#include <stdint.h>
#include <string.h>

#include "base/reader.h"

#define SIZE_MAX_BYTES (4 << 20) /* profiles of four-colour printers have 3 MB */
#define HEAD 128
#define TAGS 100 /* the limit of Little CMS */
#define STAGES 16
#define CHANNELS 4  /* inputs of a table; each further one doubles the cost */
#define OUTPUTS 16  /* outputs of a table */
#define SEGMENTS 64 /* of a curve */

static bool is(const uint8_t *at, const char *name)
{
    return memcmp(at, name, 4) == 0;
}

/* Takes the part of `in` that begins at offset and has that size. */
static bool take_part(const struct reader *in, uint32_t offset, uint32_t size, struct reader *part)
{
    if (offset > in->len || size > in->len - offset)
        return false;
    *part = (struct reader){in->data + offset, size, 0, NULL};
    return true;
}

/* Whether a table with that many outputs of that size for each point of the grid fits into the
 * bytes that are there. */
static bool fits_table(const uint8_t *grid, bool one_for_all, unsigned inputs, unsigned outputs,
                       unsigned bytes, size_t room)
{
    uint64_t size = (uint64_t)outputs * bytes;

    if (inputs == 0 || inputs > CHANNELS || outputs == 0 || outputs > OUTPUTS)
        return false;
    for (unsigned i = 0; i < inputs; i++) {
        size *= grid[one_for_all ? 0 : i];
        if (size > room)
            return false;
    }
    return size > 0;
}

/* mft1 and mft2: 10.10, 10.11 */
static bool check_lut(const struct reader *tag, unsigned bytes)
{
    unsigned inputs, outputs, head = bytes == 1 ? 48 : 52;
    uint64_t curves;

    if (tag->len < head)
        return false;
    inputs = tag->data[8];
    outputs = tag->data[9];
    curves = bytes == 1 ? (uint64_t)256 * (inputs + outputs)
                        : ((uint64_t)reader_big16(tag->data + 48) * inputs +
                           (uint64_t)reader_big16(tag->data + 50) * outputs) *
                              2;
    if (curves > tag->len - head)
        return false;
    return fits_table(tag->data + 10, true, inputs, outputs, bytes, tag->len - head - curves);
}

/* curv and para: 10.6, 10.18. *used is its length, rounded up to whole words. */
static bool check_curve(const struct reader *in, size_t *used)
{
    static const uint8_t numbers[] = {1, 3, 4, 5, 7};
    size_t size = 12;

    if (in->len < 12)
        return false;
    if (is(in->data, "curv")) {
        if (reader_big32(in->data + 8) > (in->len - 12) / 2)
            return false;
        size += (size_t)2 * reader_big32(in->data + 8);
    } else if (is(in->data, "para") && reader_big16(in->data + 8) < sizeof numbers) {
        size += (size_t)4 * numbers[reader_big16(in->data + 8)];
    } else {
        return false;
    }
    *used = (size + 3) & ~(size_t)3;
    return size <= in->len;
}

static bool check_curves(const struct reader *tag, uint32_t offset, unsigned count)
{
    struct reader curve;
    size_t used;

    for (; offset != 0 && count > 0; count--) {
        if (offset > tag->len || !take_part(tag, offset, (uint32_t)tag->len - offset, &curve) ||
            !check_curve(&curve, &used))
            return false;
        if (count > 1 && used > curve.len)
            return false;
        offset += (uint32_t)used;
    }
    return true;
}

/* mAB and mBA: 10.12, 10.13 */
static bool check_lut_of_curves(const struct reader *tag, bool to_device)
{
    unsigned inputs, outputs;
    uint32_t b, m, clut, a;
    struct reader table;

    if (tag->len < 32)
        return false;
    inputs = tag->data[8];
    outputs = tag->data[9];
    b = reader_big32(tag->data + 12);
    m = reader_big32(tag->data + 20);
    clut = reader_big32(tag->data + 24);
    a = reader_big32(tag->data + 28);
    if (inputs == 0 || inputs > CHANNELS || outputs == 0 || outputs > CHANNELS ||
        !check_curves(tag, b, to_device ? inputs : outputs) ||
        !check_curves(tag, m, to_device ? inputs : outputs) ||
        !check_curves(tag, a, to_device ? outputs : inputs))
        return false;
    if (clut == 0)
        return true;
    return clut <= tag->len && take_part(tag, clut, (uint32_t)tag->len - clut, &table) &&
           table.len >= 20 && (table.data[16] == 1 || table.data[16] == 2) &&
           fits_table(table.data, false, inputs, outputs, table.data[16], table.len - 20);
}

/* A stage's curves, 10.16.1: limits the number of their segments and checks that the values of a
 * sampled one are there. */
static bool check_curve_set(const struct reader *stage, unsigned channels)
{
    size_t total = 0;

    if (stage->len < 12 + (size_t)8 * channels)
        return false;
    for (unsigned i = 0; i < channels; i++) {
        const uint8_t *place = stage->data + 12 + (size_t)8 * i;
        struct reader curve;

        if (!take_part(stage, reader_big32(place), reader_big32(place + 4), &curve) ||
            curve.len < 12 || reader_big16(curve.data + 8) > SEGMENTS)
            return false;
        total += curve.len;
    }
    return total <= (size_t)4 * stage->len;
}

static bool check_stage(const struct reader *stage)
{
    unsigned inputs, outputs;

    if (stage->len < 12)
        return false;
    inputs = reader_big16(stage->data + 8);
    outputs = reader_big16(stage->data + 10);
    if (inputs == 0 || inputs > OUTPUTS || outputs == 0 || outputs > OUTPUTS)
        return false;
    if (is(stage->data, "cvst"))
        return inputs == outputs && check_curve_set(stage, inputs);
    if (is(stage->data, "matf"))
        return stage->len - 12 >= (size_t)4 * outputs * (inputs + 1);
    if (is(stage->data, "clut"))
        return stage->len >= 28 &&
               fits_table(stage->data + 12, false, inputs, outputs, 4, stage->len - 28);
    return is(stage->data, "bACS") || is(stage->data, "eACS");
}

/* mpet: 10.16 */
static bool check_stages(const struct reader *tag)
{
    uint64_t total = 0;
    uint32_t count;

    if (tag->len < 16)
        return false;
    count = reader_big32(tag->data + 12);
    if (count > STAGES || tag->len - 16 < (size_t)8 * count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *place = tag->data + 16 + (size_t)8 * i;
        struct reader stage;

        if (!take_part(tag, reader_big32(place), reader_big32(place + 4), &stage) ||
            !check_stage(&stage))
            return false;
        total += stage.len;
    }
    return total <= tag->len; /* so stages do not share bytes */
}

static bool check_tag(const struct reader *tag)
{
    size_t used;

    if (tag->len < 8)
        return false;
    if (is(tag->data, "mft1") || is(tag->data, "mft2"))
        return check_lut(tag, tag->data[3] == '1' ? 1 : 2);
    if (is(tag->data, "mAB ") || is(tag->data, "mBA "))
        return check_lut_of_curves(tag, tag->data[1] == 'B');
    if (is(tag->data, "mpet"))
        return check_stages(tag);
    if (is(tag->data, "curv") || is(tag->data, "para"))
        return check_curve(tag, &used);
    return true; /* other tags have no tables, and are read only on request */
}

static bool is_device(const uint8_t *head)
{
    const uint8_t *of = head + 12, *space = head + 16;

    return (is(of, "mntr") || is(of, "scnr") || is(of, "prtr") || is(of, "spac")) &&
           (is(space, "RGB ") || is(space, "CMYK") || is(space, "GRAY") || is(space, "Lab ") ||
            is(space, "XYZ ") || is(space, "YCbr") || is(space, "CMY ") || is(space, "HSV ") ||
            is(space, "HLS "));
}

bool image_icc_is_bounded(const void *profile, size_t len)
{
    struct reader all = {profile, len, 0, NULL}, tag;
    uint32_t count;

    if (len < HEAD + 4 || len > SIZE_MAX_BYTES || !is_device(all.data))
        return false;
    count = reader_big32(all.data + HEAD);
    if (count > TAGS || (len - HEAD - 4) / 12 < count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *entry = all.data + HEAD + 4 + (size_t)12 * i;

        if (!take_part(&all, reader_big32(entry + 4), reader_big32(entry + 8), &tag) ||
            !check_tag(&tag))
            return false;
    }
    return true;
}
