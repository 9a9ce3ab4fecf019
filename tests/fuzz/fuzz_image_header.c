/* Type detection and Vitrine's own parsers of headers, EXIF and chunks. */
#include <string.h>

#include "fuzz.h"
#include "image/exif.h"
#include "image/header/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct image_limits limits = {FUZZ_MAX_PIXELS, 65535, FUZZ_MAX_FRAMES};
    struct image_header header;
    struct vt_reason why = {""};
    enum vt_error err = image_header_read(data, size, &header, &why);
    unsigned orientation = image_exif_orientation(data, size);

    SUPPORT_MUST(orientation >= 1 && orientation <= 8);
    if (err != VT_OK) {
        SUPPORT_MUST(err == VT_ERR_UNSUPPORTED || err == VT_ERR_INVALID_IMAGE);
        SUPPORT_MUST(why.text[0] != '\0');
        return 0;
    }
    SUPPORT_MUST((unsigned)header.type < IMAGE_TYPE_COUNT);
    SUPPORT_MUST(header.width > 0 && header.height > 0 && header.frames > 0);
    err = image_header_check(&header, &limits, &why);
    SUPPORT_MUST(err == VT_OK || err == VT_ERR_IMAGE_LIMIT ||
                 (err == VT_ERR_UNSUPPORTED && header.raw != IMAGE_RAW_NONE));
    return 0;
}
