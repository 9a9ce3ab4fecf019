#include "base/reader.h"

const uint8_t *reader_take(struct reader *in, size_t count)
{
    const uint8_t *at = in->data + in->at;

    if (count > reader_left(in))
        return NULL;
    in->at += count;
    return at;
}

bool reader_skip_blocks(struct reader *in)
{
    const uint8_t *size;

    do {
        size = reader_take(in, 1);
        if (size == NULL || reader_take(in, *size) == NULL)
            return false;
    } while (*size > 0);
    return true;
}

enum vt_error reader_cut_off(struct reader *in)
{
    return vt_fail(in->why, VT_ERR_INVALID_IMAGE,
                   "the image is cut off: the file ends before the image does");
}

enum vt_error reader_corrupt(struct reader *in, const char *what)
{
    return vt_fail(in->why, VT_ERR_INVALID_IMAGE, "the image is corrupt: %s", what);
}
