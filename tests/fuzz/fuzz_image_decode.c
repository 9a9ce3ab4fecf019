/* Decodes a file that has passed the header's checks to pixels. */
#include <string.h>

#include "fuzz.h"
#include "image/image.h"

#define DETAIL 64

static struct image_engine *engine;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct config config;

    (void)argc;
    (void)argv;
    support_config(support_folder(), &config);
    SUPPORT_MUST(image_engine_new(config.module_dir, config.policy_dir, FUZZ_MAX_PIXELS, &engine) ==
                 VT_OK);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct image_limits limits = {FUZZ_MAX_PIXELS, 65535, FUZZ_MAX_FRAMES};
    struct image_header header;
    struct image *image = NULL;
    struct vt_reason why = {""};
    uint32_t width, height;
    enum vt_error err;

    if (image_header_read(data, size, &header, NULL) != VT_OK ||
        image_header_check(&header, &limits, NULL) != VT_OK)
        return 0;
    err = image_decode(engine, data, size, &header, DETAIL, 10, &image, &why);
    SUPPORT_MUST((err == VT_OK) == (image != NULL));
    if (err == VT_OK) {
        image_size(image, &width, &height);
        SUPPORT_MUST(width > 0 && height > 0 && (uint64_t)width * height <= FUZZ_MAX_PIXELS);
        SUPPORT_MUST(image_shrink(image, DETAIL / 2) == VT_OK);
        (void)image_has_alpha(image);
    } else {
        SUPPORT_MUST(err == VT_ERR_INVALID_IMAGE || err == VT_ERR_MEMORY);
        SUPPORT_MUST(why.text[0] != '\0');
    }
    image_free(image);
    return 0;
}
