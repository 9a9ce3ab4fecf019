/* Changes a PNG as libFuzzer would, and then corrects the checksums of its chunks, without which
 * libpng would refuse most changes. */
#include <string.h>
#include <zlib.h>

#include "base/reader.h"
#include "fuzz.h"

#define SIGNATURE "\x89PNG\r\n\x1a\n"

static void mend(uint8_t *data, size_t size)
{
    size_t at = 8;

    while (size - at >= 12) {
        size_t len = reader_big32(data + at);
        uint32_t sum;

        if (len > size - at - 12)
            return;
        sum = (uint32_t)crc32(0, data + at + 4, (uInt)len + 4);
        for (unsigned i = 0; i < 4; i++)
            data[at + 8 + len + i] = (uint8_t)(sum >> (24 - 8 * i));
        at += len + 12;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, max_size);
    /* One in eight stays wrong. */
    if (seed % 8 != 0 && size > 8 && memcmp(data, SIGNATURE, 8) == 0)
        mend(data, size);
    return size;
}
