/* What other programs have written beside a file: XMP sidecars, and the JSON of Google Takeout. */
#include <stdio.h>
#include <string.h>

#include "gallery/internal.h"

enum vt_error gallery_read_xmp(struct gallery *gallery, int file, struct photo *photo,
                               struct vt_reason *why)
{
    const struct image_header header = {.type = IMAGE_JPEG}; /* it does not count */
    const struct decoder_job job = {.file = file,
                                    .header = &header,
                                    .seconds = GALLERY_METADATA_SECONDS,
                                    .memory = DECODER_METADATA_MEMORY,
                                    .cancel_fd = -1,
                                    .metadata = DECODER_XMP_METADATA};

    return gallery_run_metadata(gallery, DECODE_UPLOAD, &job, photo, why);
}

/* ---- the photograph ---- */

static void take_time(const struct photo *from, struct photo *photo)
{
    photo->taken = from->taken;
    photo->taken_from = PHOTO_TAKEN_BY_FILE;
}

static void take_place(const struct photo *from, struct photo *photo)
{
    photo->has_place = from->has_place;
    photo->latitude = from->latitude;
    photo->longitude = from->longitude;
    photo->has_altitude = from->has_altitude;
    photo->altitude = from->altitude;
}

#define TAKE_TEXT(from, photo, member)                                                             \
    ((from)->member[0] != '\0' ? memcpy((photo)->member, (from)->member, sizeof(photo)->member)    \
                               : NULL)

/* These two give the bits of enum record_set for what they have taken. */

/* A person has used an editor that leaves the file as it is: what it says is newer. The camera is
 * what the file says, if it does. */
static unsigned merge_xmp(const struct photo *from, struct photo *photo)
{
    unsigned bits = 0;

    if (from->taken_from != PHOTO_TAKEN_UNKNOWN) {
        take_time(from, photo);
        bits |= RECORD_BESIDE_TAKEN;
    }
    if (from->has_place) {
        take_place(from, photo);
        bits |= RECORD_BESIDE_PLACE;
    }
    if (from->rating != 0) {
        photo->rating = from->rating;
        bits |= RECORD_BESIDE_RATING;
    }
    if (TAKE_TEXT(from, photo, description) != NULL)
        bits |= RECORD_BESIDE_DESCRIPTION;
    (void)TAKE_TEXT(from, photo, title);
    (void)TAKE_TEXT(from, photo, keywords);
    if (photo->camera[0] == '\0' && TAKE_TEXT(from, photo, camera) != NULL)
        bits |= RECORD_BESIDE_CAMERA;
    if (photo->lens[0] == '\0' && TAKE_TEXT(from, photo, lens) != NULL)
        bits |= RECORD_BESIDE_CAMERA;
    return bits;
}

/* Takeout's time is a moment in UTC, whatever the clock at the place showed, so the file's time is
 * the better one; but a description was typed by a person. `had` are the bits of what counts more.
 */
static unsigned merge_takeout(const struct photo *from, unsigned had, struct photo *photo)
{
    unsigned bits = 0;

    if (from->taken_from != PHOTO_TAKEN_UNKNOWN &&
        (photo->taken_from == PHOTO_TAKEN_UNKNOWN || photo->taken_from == PHOTO_TAKEN_GUESSED)) {
        take_time(from, photo);
        bits |= RECORD_BESIDE_TAKEN;
    }
    if (from->has_place && !photo->has_place) {
        take_place(from, photo);
        bits |= RECORD_BESIDE_PLACE;
    }
    if ((had & RECORD_BESIDE_DESCRIPTION) == 0 && TAKE_TEXT(from, photo, description) != NULL)
        bits |= RECORD_BESIDE_DESCRIPTION;
    return bits;
}

/* `had` are the bits of what the photograph knows: its description may be that of an XMP which is
 * not there now. */
static unsigned merge(const struct gallery_beside *beside, unsigned had, struct photo *photo)
{
    unsigned bits = beside->xmp != NULL ? merge_xmp(beside->xmp, photo) : 0;

    if (beside->takeout != NULL)
        bits |= merge_takeout(beside->takeout, had | bits, photo);
    return bits;
}

/* ---- the image ---- */

static unsigned tag_count(const char *tags)
{
    unsigned count = tags[0] != '\0';

    for (; *tags != '\0'; tags++)
        count += *tags == '\n';
    return count;
}

/* Everybody is told the tags. If there are as many as there may be, the album is none of them. */
static void add_album(const struct config *config, const char *album, struct record *record)
{
    size_t len = strlen(record->tags);
    char tag[TAG_SIZE] = "";

    if (album != NULL)
        text_clean(album, strlen(album), tag, sizeof tag);
    if (tag[0] == '\0' || config->metadata == METADATA_HIDE_ALL ||
        tag_count(record->tags) >= TAG_MAX_COUNT || gallery_has_tag(record->tags, tag))
        return;
    (void)snprintf(record->tags + len, TAGS_SIZE - len, "%s%s", len > 0 ? "\n" : "", tag);
}

void gallery_set_beside(const struct config *config, const struct gallery_beside *beside,
                        struct record *record, const char *file_name, struct photo *photo)
{
    unsigned bits = merge(beside, 0, photo);

    gallery_set_metadata(config, record, file_name, photo);
    record->set_by_person |= bits;
    add_album(config, beside->album, record);
}

/* Returns whether the record has changed. */
static bool add(const struct config *config, const struct gallery_beside *beside,
                struct record *record)
{
    const struct record before = *record;
    struct photo photo = record->photo;
    unsigned bits = merge(beside, before.set_by_person, &photo);

    record->set_by_person &= ~bits; /* it is newer than what was beside the file before */
    record_set_photo(record, &photo);
    record->set_by_person |= bits;
    if ((record->set_by_person & RECORD_SET_TAGS) == 0)
        add_album(config, beside->album, record);
    return record->set_by_person != before.set_by_person ||
           !photo_is_same(&record->photo, &before.photo) || strcmp(record->tags, before.tags) != 0;
}

enum vt_error gallery_add_beside(struct gallery *gallery, const char *id,
                                 const struct gallery_beside *beside)
{
    struct record record;
    bool has_changed = false;
    enum vt_error err = gallery_open(gallery, NULL);

    if (err == VT_OK)
        err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = catalogue_find(gallery->catalogue, id, &record);
    if (err == VT_OK)
        has_changed = add(gallery->config, beside, &record);
    if (err == VT_OK && has_changed)
        err = catalogue_change(gallery->catalogue, &record);
    if (err == VT_OK && has_changed)
        return gallery_commit(gallery);
    catalogue_rollback(gallery->catalogue);
    return err;
}
