/* What all readers of a HEIC or AVIF share: reading a box, and refusing a file. ISO/IEC 14496-12,
 * 4.2. */
#include "image/header/heif.h"

enum vt_error heif_take_box(struct reader *in, bool nested, uint32_t *name, struct reader *body)
{
    const uint8_t *head = reader_take(in, 8), *large, *data;
    uint64_t size;
    size_t used = 8;

    if (head == NULL)
        return reader_cut_off(in);
    size = reader_big32(head);
    *name = reader_big32(head + 4);
    if (size == 1) {
        large = reader_take(in, 8);
        if (large == NULL)
            return reader_cut_off(in);
        size = (uint64_t)reader_big32(large) << 32 | reader_big32(large + 4);
        used = 16;
    } else if (size == 0 && !nested) {
        size = used + reader_left(in); /* to the end of the file */
    }
    if (size < used)
        return reader_corrupt(in, "a box is smaller than its header");
    if (size - used > reader_left(in))
        return reader_cut_off(in);
    data = reader_take(in, (size_t)(size - used));
    *body = (struct reader){data, (size_t)(size - used), 0, in->why};
    return VT_OK;
}

enum vt_error heif_refuse(const struct heif *heif, const char *what)
{
    return vt_fail(heif->file.why, VT_ERR_INVALID_IMAGE, "the image is not taken: %s", what);
}
