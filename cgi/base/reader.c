#include "base/reader.h"

const uint8_t *reader_take(struct reader *in, size_t count)
{
    const uint8_t *at = in->data + in->at;

    if (count > reader_left(in))
        return NULL;
    in->at += count;
    return at;
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
