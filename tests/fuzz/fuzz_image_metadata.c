/* Metadata of every type: the first byte says which, and the file follows. */
#include <string.h>

#include "fuzz.h"
#include "image/metadata.h"

#define NOW INT64_C(1796000000000) /* in 2026 */

static const struct image_metadata_module *module;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct config config;

    (void)argc;
    (void)argv;
    support_config(support_folder(), &config);
    SUPPORT_MUST(image_metadata_load(config.module_dir, &module) == VT_OK);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct photo photo;

    if (size == 0)
        return 0;
    image_metadata_read(module, (enum image_type)(data[0] % IMAGE_TYPE_COUNT), data + 1, size - 1,
                        NOW, &photo);
    SUPPORT_MUST(photo_is_sound(&photo));
    SUPPORT_MUST(photo.taken_from <= PHOTO_TAKEN_BY_FILE);
    SUPPORT_MUST(photo.taken_from == PHOTO_TAKEN_UNKNOWN || !photo_time_is_after(photo.taken, NOW));
    return 0;
}
