/* Metadata of every type: the first byte says which, and the file follows. It is read, and copies
 * of the file are made, in which nothing may be read that they hide. */
#include <string.h>

#include "../support/redact.h"
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

/* The copy's copy is the same, so nothing hides behind what the first one leaves out. It may be
 * refused, where parts of a made-up file share bytes: then a thumbnail would stand in. */
static void redact(enum image_type type, enum image_redact_level level, const struct buf *file)
{
    struct buf copy = BUF_INIT, again = BUF_INIT;
    struct photo photo;
    enum vt_error err;

    if (redact_copy(type, level, file, &copy) == VT_OK && copy.len > 0) {
        image_metadata_read(module, type, copy.data, copy.len, NOW, &photo);
        SUPPORT_MUST(!photo.has_place);
        SUPPORT_MUST(level != IMAGE_REDACT_ALL ||
                     (photo.taken_from == PHOTO_TAKEN_UNKNOWN && photo.camera[0] == '\0' &&
                      photo.description[0] == '\0' && photo.title[0] == '\0'));
        err = redact_copy(type, level, &copy, &again);
        SUPPORT_MUST(err == VT_OK || err == VT_ERR_UNSUPPORTED);
        SUPPORT_MUST(err != VT_OK ||
                     (again.len == copy.len && memcmp(again.data, copy.data, copy.len) == 0));
    }
    buf_free(&copy);
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct photo photo;
    struct buf file = BUF_INIT;
    enum image_type type;

    if (size == 0)
        return 0;
    type = (enum image_type)(data[0] % IMAGE_TYPE_COUNT);
    image_metadata_read(module, type, data + 1, size - 1, NOW, &photo);
    SUPPORT_MUST(photo_is_sound(&photo));
    SUPPORT_MUST(photo.taken_from <= PHOTO_TAKEN_BY_FILE);
    SUPPORT_MUST(photo.taken_from == PHOTO_TAKEN_UNKNOWN || !photo_time_is_after(photo.taken, NOW));
    buf_append(&file, data + 1, size - 1);
    redact(type, IMAGE_REDACT_PLACE, &file);
    redact(type, IMAGE_REDACT_ALL, &file);
    buf_free(&file);
    return 0;
}
