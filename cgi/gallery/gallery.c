#include "gallery/gallery.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "gallery/internal.h"

enum vt_error gallery_get(struct gallery *gallery, const char *id, struct record *record)
{
    enum vt_error err = gallery_open(gallery, NULL);

    return err == VT_OK ? catalogue_find(gallery->catalogue, id, record) : err;
}

enum vt_error gallery_list(struct gallery *gallery, const struct listing_query *query,
                           enum vt_error (*visit)(void *context, const struct record *record),
                           void *context, struct listing_page *page)
{
    enum vt_error err = gallery_open(gallery, NULL);

    return err == VT_OK ? catalogue_list(gallery->catalogue, query, visit, context, page) : err;
}

enum vt_error gallery_totals(struct gallery *gallery, struct totals *totals)
{
    enum vt_error err = gallery_open(gallery, NULL);

    return err == VT_OK ? catalogue_totals(gallery->catalogue, totals) : err;
}

enum vt_error gallery_months(struct gallery *gallery,
                             enum vt_error (*visit)(void *context, const char *month,
                                                    uint64_t images),
                             void *context, struct totals *totals)
{
    enum vt_error err = gallery_open(gallery, NULL);

    return err == VT_OK ? catalogue_months(gallery->catalogue, visit, context, totals) : err;
}

enum vt_error gallery_tags(struct gallery *gallery, const char *prefix, unsigned limit,
                           enum vt_error (*visit)(void *context, const char *tag, uint64_t images),
                           void *context, struct totals *totals)
{
    enum vt_error err = gallery_open(gallery, NULL);

    return err == VT_OK ? catalogue_tags(gallery->catalogue, prefix, limit, visit, context, totals)
                        : err;
}

bool gallery_has_tag(const char *tags, const char *tag)
{
    size_t len = strlen(tag);

    while (*tags != '\0') {
        size_t line = strcspn(tags, "\n");

        if (line == len && memcmp(tags, tag, len) == 0)
            return true;
        tags += line;
        tags += *tags == '\n';
    }
    return false;
}

static enum vt_error join_tags(const struct change *change, char out[TAGS_SIZE],
                               struct vt_reason *why)
{
    char tag[TAG_SIZE];
    size_t at = 0;

    if (change->tag_count > TAG_MAX_COUNT)
        return vt_fail(why, VT_ERR_MALFORMED, "an image may have %d tags", TAG_MAX_COUNT);
    out[0] = '\0';
    for (size_t i = 0; i < change->tag_count; i++) {
        text_clean(change->tags[i], strlen(change->tags[i]), tag, sizeof tag);
        if (tag[0] == '\0')
            return vt_fail(why, VT_ERR_MALFORMED, "a tag is empty");
        if (!gallery_has_tag(out, tag))
            at += (size_t)snprintf(out + at, TAGS_SIZE - at, "%s%s", at > 0 ? "\n" : "", tag);
    }
    return VT_OK;
}

static enum vt_error set_name(const char *text, struct record *record, struct vt_reason *why)
{
    char name[NAME_SIZE];

    text_clean(text, strlen(text), name, sizeof name);
    if (name[0] == '\0')
        return vt_fail(why, VT_ERR_MALFORMED, "the name is empty");
    memcpy(record->name, name, sizeof name);
    record->set_by_person |= RECORD_SET_NAME;
    return VT_OK;
}

static enum vt_error set_tags(const struct change *change, struct record *record,
                              struct vt_reason *why)
{
    record->set_by_person |= RECORD_SET_TAGS;
    return join_tags(change, record->tags, why);
}

/* A person is told that a description is too long, rather than finding it cut. */
static enum vt_error set_description(const char *text, struct record *record, struct vt_reason *why)
{
    size_t len = strlen(text);
    char line[PHOTO_DESCRIPTION_SIZE];

    if (len >= sizeof line)
        return vt_fail(why, VT_ERR_MALFORMED, "a description may have %d bytes",
                       PHOTO_DESCRIPTION_SIZE - 1);
    memcpy(line, text, len);
    for (size_t i = 0; i < len; i++)
        if (line[i] == '\n' || line[i] == '\r' || line[i] == '\t')
            line[i] = ' ';
    text_clean(line, len, record->photo.description, sizeof record->photo.description);
    record->set_by_person |= RECORD_SET_DESCRIPTION;
    return VT_OK;
}

static void set_taken(struct photo_time taken, struct record *record)
{
    record->photo.taken = taken;
    record->photo.taken_from = PHOTO_TAKEN_BY_PERSON;
    record->set_by_person |= RECORD_SET_TAKEN;
}

static bool is_within(double number, double limit)
{
    return isfinite(number) && number >= -limit && number <= limit;
}

static enum vt_error set_place(const struct change_place *place, struct record *record,
                               struct vt_reason *why)
{
    struct photo *photo = &record->photo;

    if (!is_within(place->latitude, PHOTO_LATITUDE_MAX) ||
        !is_within(place->longitude, PHOTO_LONGITUDE_MAX))
        return vt_fail(why, VT_ERR_MALFORMED,
                       "the latitude is from -90 to 90 degrees, the longitude from -180 to 180");
    if (place->has_altitude && !is_within(place->altitude, PHOTO_ALTITUDE_MAX))
        return vt_fail(why, VT_ERR_MALFORMED, "the altitude is from %.0f to %.0f metres",
                       -PHOTO_ALTITUDE_MAX, PHOTO_ALTITUDE_MAX);
    photo->has_place = place->is_known;
    photo->latitude = place->latitude;
    photo->longitude = place->longitude;
    photo->has_altitude = place->has_altitude;
    photo->altitude = place->altitude;
    record->set_by_person |= RECORD_SET_PLACE;
    return VT_OK;
}

enum vt_error gallery_apply(const struct change *change, struct record *record,
                            struct vt_reason *why)
{
    enum vt_error err = VT_OK;

    if (change->name != NULL)
        err = set_name(change->name, record, why);
    if (err == VT_OK && change->tags != NULL)
        err = set_tags(change, record, why);
    if (err == VT_OK && change->description != NULL)
        err = set_description(change->description, record, why);
    if (err == VT_OK && change->sets_place)
        err = set_place(&change->place, record, why);
    if (err == VT_OK && change->sets_taken)
        set_taken(change->taken, record);
    return err;
}

enum vt_error gallery_change(struct gallery *gallery, const char *id, const struct change *change,
                             struct record *record, struct vt_reason *why)
{
    enum vt_error err = gallery_open(gallery, why);

    if (err == VT_OK)
        err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = catalogue_find(gallery->catalogue, id, record);
    if (err == VT_OK)
        err = gallery_apply(change, record, why);
    if (err == VT_OK)
        err = catalogue_change(gallery->catalogue, record);
    if (err == VT_OK)
        return gallery_commit(gallery);
    catalogue_rollback(gallery->catalogue);
    return err;
}
