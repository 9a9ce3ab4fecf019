#include "image/exif.h"

#include <stdbool.h>
#include <string.h>

#include "base/reader.h"

#define ORIENTATION 0x0112
#define SHORT 3

/* EXIF is a TIFF file (6.0, section 2) whose first directory holds the orientation. */
unsigned image_exif_orientation(const void *data, size_t len)
{
    struct reader in = {data, len, 0, NULL};
    const uint8_t *head;
    uint32_t entries, value = 0;
    bool big_endian;

    if (len >= 6 && memcmp(data, "Exif\0", 6) == 0)
        in = (struct reader){in.data + 6, len - 6, 0, NULL};
    head = reader_take(&in, 8);
    if (head == NULL || (memcmp(head, "MM\0*", 4) != 0 && memcmp(head, "II*\0", 4) != 0))
        return 1;
    big_endian = head[0] == 'M';
    in.at = reader_32(head + 4, big_endian);
    if (in.at > in.len || (head = reader_take(&in, 2)) == NULL)
        return 1;
    for (entries = reader_16(head, big_endian); entries > 0; entries--) {
        const uint8_t *entry = reader_take(&in, 12);

        if (entry == NULL)
            return 1;
        if (reader_16(entry, big_endian) == ORIENTATION &&
            reader_16(entry + 2, big_endian) == SHORT)
            value = reader_16(entry + 8, big_endian);
    }
    return value >= 1 && value <= 8 ? value : 1;
}
