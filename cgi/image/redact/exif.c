/* EXIF: a new block, of the fields below or of the orientation alone. */
#include <string.h>

#include "image/exif.h"
#include "image/redact/formats.h"

/* The fields that are kept if only the place is hidden, for the first directory and that of EXIF.
 * They say how the picture is to be shown, when and with what it was taken, and in which words
 * somebody has described and claimed it. Not among them: places, serial numbers, the camera's
 * owner, the picture's unique number, maker notes, comments of no known form, previews, and what
 * sensors say of the surroundings (pressure is altitude). */
static const uint16_t kept[METADATA_TIFF_DIRECTORIES][METADATA_TIFF_TAGS] = {
    {0x010e, 0x010f, 0x0110, 0x0112, 0x011a, 0x011b, 0x0128, 0x0131, 0x0132, 0x013b, 0x0213, 0x4746,
     0x4749, 0x8298},
    {0x829a, 0x829d, 0x8822, 0x8827, 0x8830, 0x8831, 0x8832, 0x8833, 0x8834, 0x8835, 0x9000,
     0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9101, 0x9102, 0x9201, 0x9202, 0x9203, 0x9204,
     0x9205, 0x9206, 0x9207, 0x9208, 0x9209, 0x920a, 0x9290, 0x9291, 0x9292, 0xa000, 0xa001,
     0xa002, 0xa003, 0xa20e, 0xa20f, 0xa210, 0xa215, 0xa217, 0xa401, 0xa402, 0xa403, 0xa404,
     0xa405, 0xa406, 0xa407, 0xa408, 0xa409, 0xa40a, 0xa40c, 0xa432, 0xa433, 0xa434, 0xa500},
};

bool image_redact_exif_keeps(unsigned directory, uint16_t tag)
{
    for (const uint16_t *at = kept[directory]; *at != 0; at++)
        if (*at == tag)
            return true;
    return false;
}

/* A block of which the orientation is the only field. */
static size_t write_orientation(unsigned orientation, uint8_t *out)
{
    const uint8_t block[] = {'M', 'M', 0, 42, 0, 0, 0, 8, /* the header */
                             0,   1,                      /* one entry: tag, type, count, value */
                             1,   18,  0, 3,  0, 0, 0, 1, 0, (uint8_t)orientation,
                             0,   0,   0, 0,  0, 0}; /* no other directory */

    memcpy(out, block, sizeof block);
    return sizeof block;
}

size_t image_redact_exif(enum image_redact_level level, const uint8_t *data, size_t len,
                         uint8_t out[METADATA_TIFF_SIZE])
{
    unsigned orientation = image_exif_orientation(data, len);
    uint8_t plain[32];
    size_t copied;

    if (level != IMAGE_REDACT_PLACE)
        return orientation == 1 ? 0 : write_orientation(orientation, out);
    copied = metadata_tiff_copy((struct metadata_span){data, len}, kept, out);
    /* As others read it: a broken entry must not turn the picture. */
    if (copied > 0 && image_exif_orientation(out, copied) == orientation)
        return copied;
    if (orientation == 1)
        return 0;
    copied = write_orientation(orientation, plain);
    return metadata_tiff_copy((struct metadata_span){plain, copied}, kept, out); /* in one form */
}
