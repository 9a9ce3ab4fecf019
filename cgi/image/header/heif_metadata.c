#include "image/header/heif_metadata.h"

#include <stdlib.h>
#include <string.h>

#include "image/header/heif.h"

/* Copies an item, after the first `skip` bytes. Returns NULL if it is empty or too long. */
static uint8_t *copy(struct heif_data *data, uint64_t skip, size_t most, size_t *len)
{
    uint8_t *bytes;

    if (skip >= data->left || data->left - skip > most || !heif_data_take(data, NULL, skip))
        return NULL;
    *len = (size_t)data->left;
    bytes = malloc(*len);
    if (bytes != NULL && heif_data_take(data, bytes, *len))
        return bytes;
    free(bytes);
    return NULL;
}

/* EXIF data begins with the number of bytes before its own header. */
static void find_exif(struct heif_data *data, size_t most, struct heif_metadata *found)
{
    uint8_t word[4];

    if (found->exif == NULL && heif_data_take(data, word, sizeof word))
        found->exif = copy(data, reader_big32(word), most, &found->exif_len);
}

/* An item of this kind says its media type, but writers differ in it: what begins with < is XML,
 * and XML that is no XMP has nothing that is read. */
static void find_xmp(struct heif_data *data, size_t most, struct heif_metadata *found)
{
    struct heif_data ahead = *data;
    uint8_t first;

    if (found->xmp == NULL && heif_data_take(&ahead, &first, 1) && first == '<')
        found->xmp = copy(data, 0, most, &found->xmp_len);
}

void heif_metadata_find(const void *data, size_t len, size_t exif_max, size_t xmp_max,
                        struct heif_metadata *found)
{
    struct reader in = {data, len, 0, NULL};
    struct heif heif;
    enum vt_error err = heif_open(&in, &heif);

    memset(found, 0, sizeof *found);
    for (size_t i = 0; err == VT_OK && i < heif.item_count; i++) {
        const struct heif_item *item = &heif.items[i];
        struct heif_data bytes;

        if (item->is_of_other || !item->located)
            continue;
        heif_data_open(&heif, item, &bytes);
        if (item->type == HEIF_NAME('E', 'x', 'i', 'f'))
            find_exif(&bytes, exif_max, found);
        if (item->type == HEIF_NAME('m', 'i', 'm', 'e'))
            find_xmp(&bytes, xmp_max, found);
    }
    heif_free(&heif);
}

void heif_metadata_free(struct heif_metadata *found)
{
    free(found->exif);
    free(found->xmp);
    memset(found, 0, sizeof *found);
}
