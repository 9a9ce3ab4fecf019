#include "image/metadata.h"

#include <stdio.h>
#include <string.h>

#include "image/metadata_block.h"
#include "image/metadata_camera.h"
#include "image/metadata_iptc.h"
#include "image/metadata_module.h"
#include "image/metadata_tiff.h"

#define MODULE "image_metadata.so"

enum vt_error image_metadata_load(const char *module_dir,
                                  const struct image_metadata_module **module)
{
    const struct image_metadata_module *loaded =
        image_module_load(module_dir, MODULE, IMAGE_METADATA_SYMBOL);

    *module = NULL;
    if (loaded == NULL)
        return VT_ERR_UNAVAILABLE;
    if (!image_module_is_ours(&loaded->module, IMAGE_MODULE_VERSION(MODULE)) ||
        loaded->fields_size != sizeof(struct metadata_fields))
        return VT_ERR_INTERNAL;
    *module = loaded;
    return VT_OK;
}

/* The blocks, in the order in which they count for words. */
enum source { FROM_XMP, FROM_IPTC, FROM_EXIF, FROM_TEXTS, SOURCES };

/* Times as e-mail writes them (RFC 1123), which the PNG specification suggests: "Wed, 31 Jan 2024
 * 10:11:12 +0100", rewritten as "2024-01-31T10:11:12+01:00". Others stay as they are. */
static struct metadata_span rewrite_mail_time(struct metadata_span span, char out[64])
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    unsigned day, year, hour, minute, second, hours, minutes;
    char text[64], month[4], sign;
    const char *at, *found;
    int parts, len;

    metadata_fields_text(span, text, sizeof text);
    at = strchr(text, ',');
    parts = sscanf(at == NULL ? text : at + 1, " %2u %3s %4u %2u:%2u:%2u %c%2u%2u", &day, month,
                   &year, &hour, &minute, &second, &sign, &hours, &minutes);
    found = parts >= 6 ? strstr(months, month) : NULL;
    if (found == NULL || strlen(month) != 3 || (found - months) % 3 != 0)
        return span;
    len = snprintf(out, 64, "%04u-%02u-%02uT%02u:%02u:%02u", year,
                   (unsigned)(found - months) / 3 + 1, day, hour, minute, second);
    if (parts == 9 && (sign == '+' || sign == '-'))
        len += snprintf(out + len, 64 - (size_t)len, "%c%02u:%02u", sign, hours, minutes);
    return (struct metadata_span){(const uint8_t *)out, (size_t)len};
}

static void read_texts(const struct metadata_block *block, struct metadata_fields *fields)
{
    const struct metadata_span none = {0};
    struct photo *photo = &fields->photo;
    char time[64];

    metadata_fields_text(block->title, photo->title, sizeof photo->title);
    metadata_fields_text(block->description, photo->description, sizeof photo->description);
    if (block->created.data != NULL)
        metadata_fields_time(rewrite_mail_time(block->created, time), none, none,
                             &fields->digitized);
}

/* Fills what each block says. A TIFF's EXIF leads to its other blocks. */
static void read_blocks(const struct image_metadata_module *module,
                        const struct metadata_block *block, struct metadata_fields fields[SOURCES])
{
    struct metadata_span xmp = block->xmp, iptc = block->iptc;
    struct metadata_tiff tiff;

    metadata_tiff_find(block->exif, &tiff);
    if (xmp.data == NULL && tiff.xmp.len <= METADATA_BLOCK_XMP_MAX)
        xmp = tiff.xmp;
    if (iptc.data == NULL && tiff.iptc.len <= METADATA_BLOCK_IPTC_MAX)
        iptc = tiff.iptc;
    if (tiff.exif_len > 0 && module != NULL)
        module->read_exif((struct metadata_span){tiff.exif, tiff.exif_len}, &fields[FROM_EXIF]);
    if (xmp.data != NULL && module != NULL)
        module->read_xmp(xmp, &fields[FROM_XMP]);
    metadata_iptc_read(iptc, &fields[FROM_IPTC]);
    read_texts(block, &fields[FROM_TEXTS]);
}

static bool take_time(struct photo_time time, int64_t now, struct photo *photo)
{
    if (time.local == PHOTO_TIME_UNKNOWN || photo_time_is_after(time, now))
        return false;
    photo->taken = time;
    photo->taken_from = PHOTO_TAKEN_BY_FILE;
    return true;
}

static void choose_time(const struct metadata_fields fields[SOURCES], int64_t now,
                        struct photo *photo)
{
    static const enum source order[SOURCES] = {FROM_EXIF, FROM_XMP, FROM_IPTC, FROM_TEXTS};

    for (size_t i = 0; i < SOURCES; i++)
        if (take_time(fields[order[i]].original, now, photo) ||
            take_time(fields[order[i]].digitized, now, photo))
            return;
}

static void take_text(const char *text, char *out, size_t size)
{
    if (out[0] == '\0')
        text_clean(text, strlen(text), out, size);
}

static void choose_words(struct metadata_fields fields[SOURCES], struct photo *photo)
{
    for (size_t i = 0; i < SOURCES; i++) {
        struct photo *from = &fields[i].photo;

        metadata_camera_clear_default(from->description);
        take_text(from->title, photo->title, sizeof photo->title);
        take_text(from->description, photo->description, sizeof photo->description);
        if (photo->keywords[0] == '\0')
            memcpy(photo->keywords, from->keywords, sizeof photo->keywords);
        if (photo->rating == 0)
            photo->rating = from->rating;
    }
}

/* What the camera wrote is EXIF; XMP has what an editor has copied there. */
static void choose_camera(struct metadata_fields fields[SOURCES], struct photo *photo)
{
    const struct metadata_fields *exif = &fields[FROM_EXIF], *xmp = &fields[FROM_XMP];
    const struct metadata_fields *named = exif->model[0] != '\0' ? exif : xmp;

    if (named->model[0] == '\0' && exif->make[0] != '\0')
        named = exif;
    metadata_camera_name(named->make, named->model, photo->camera);
    for (size_t i = 0; i < SOURCES; i++)
        metadata_camera_clear_lens(fields[i].photo.lens);
    take_text(exif->photo.lens, photo->lens, sizeof photo->lens);
    take_text(xmp->photo.lens, photo->lens, sizeof photo->lens);
    photo->focal_length = exif->photo.focal_length;
    photo->focal_length_35 = exif->photo.focal_length_35;
    photo->aperture = exif->photo.aperture;
    photo->exposure = exif->photo.exposure;
    photo->iso = exif->photo.iso;
    photo->flash = exif->photo.flash;
}

static void choose_place(const struct metadata_fields fields[SOURCES], struct photo *photo)
{
    const struct photo *from =
        fields[FROM_EXIF].photo.has_place ? &fields[FROM_EXIF].photo : &fields[FROM_XMP].photo;

    photo->has_place = from->has_place;
    photo->latitude = from->latitude;
    photo->longitude = from->longitude;
    photo->has_altitude = from->has_altitude;
    photo->altitude = from->altitude;
}

static void clear(struct metadata_fields fields[SOURCES], struct photo *photo)
{
    memset(photo, 0, sizeof *photo); /* it is sent as it is */
    photo->taken = PHOTO_TIME_NONE;
    for (size_t i = 0; i < SOURCES; i++)
        fields[i] = METADATA_FIELDS_INIT;
}

static void choose(struct metadata_fields fields[SOURCES], int64_t now, struct photo *photo)
{
    choose_time(fields, now, photo);
    choose_words(fields, photo);
    choose_camera(fields, photo);
    choose_place(fields, photo);
}

void image_metadata_read(const struct image_metadata_module *module, enum image_type type,
                         const void *data, size_t len, int64_t now, struct photo *photo)
{
    struct metadata_fields fields[SOURCES];
    struct metadata_block block;

    clear(fields, photo);
    if (metadata_block_find(type, data, len, &block)) {
        read_blocks(module, &block, fields);
        choose(fields, now, photo);
    }
    metadata_block_free(&block);
}

void image_metadata_read_xmp(const struct image_metadata_module *module, const void *data,
                             size_t len, int64_t now, struct photo *photo)
{
    struct metadata_fields fields[SOURCES];

    clear(fields, photo);
    if (module != NULL && len <= METADATA_BLOCK_XMP_MAX)
        module->read_xmp((struct metadata_span){data, len}, &fields[FROM_XMP]);
    choose(fields, now, photo);
}
