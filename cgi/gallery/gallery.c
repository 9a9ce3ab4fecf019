#include "gallery/gallery.h"

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

/* Whether the tag is one of the lines of tags. */
static bool has_tag(const char *tags, const char *tag)
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
        if (!has_tag(out, tag))
            at += (size_t)snprintf(out + at, TAGS_SIZE - at, "%s%s", at > 0 ? "\n" : "", tag);
    }
    return VT_OK;
}

enum vt_error gallery_apply(const struct change *change, struct record *record,
                            struct vt_reason *why)
{
    char name[NAME_SIZE];

    if (change->name != NULL) {
        text_clean(change->name, strlen(change->name), name, sizeof name);
        if (name[0] == '\0')
            return vt_fail(why, VT_ERR_MALFORMED, "the name is empty");
        memcpy(record->name, name, sizeof name);
    }
    return change->tags != NULL ? join_tags(change, record->tags, why) : VT_OK;
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
