/* Adds an image: its bytes become durable, then visible, then known, in this order. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "gallery/internal.h"

/* Made immediately, from one decode, the larger first; the other sizes are made on first request.
 */
static const unsigned first_sizes[] = {FIRST_THUMBNAIL_SIZE, 320};

#define LOOK_EVERY (1024 * 1024) /* bytes between two checks for room */
#define FIRST_COUNT (sizeof first_sizes / sizeof first_sizes[0])

const unsigned *gallery_first_sizes(size_t *count)
{
    *count = FIRST_COUNT;
    return first_sizes;
}

struct upload {
    struct gallery *gallery;
    struct digest *digest;
    struct blob_stage original;
    struct blob_stage thumbnails[FIRST_COUNT];
    uint64_t bytes;
    uint64_t derived;                    /* bytes of its thumbnails, once they exist */
    uint64_t looked_at;                  /* bytes at the last check for room */
    enum vt_error refusal;               /* VT_OK, or why its bytes are no longer kept: */
    struct vt_reason refused_for;        /* in words */
    bool is_kept;                        /* gallery_upload_keep() was called: */
    struct record kept;                  /* with what it said, */
    bool knows_photo;                    /* also of the photograph */
    const struct gallery_beside *beside; /* NULL if nothing was beside the file */
};

enum vt_error gallery_upload_begin(struct gallery *gallery, struct upload **upload)
{
    struct upload *self = calloc(1, sizeof *self);
    enum vt_error err;

    *upload = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->gallery = gallery;
    self->original = BLOB_STAGE_INIT;
    for (size_t i = 0; i < FIRST_COUNT; i++)
        self->thumbnails[i] = BLOB_STAGE_INIT;
    err = gallery_open(gallery, NULL);
    if (err == VT_OK)
        err = digest_new(&self->digest);
    if (err == VT_OK)
        err = blobs_stage(gallery->blobs, &self->original);
    if (err != VT_OK) {
        gallery_upload_free(self);
        return err;
    }
    *upload = self;
    return VT_OK;
}

static enum vt_error has_room(struct upload *upload, struct vt_reason *why)
{
    return gallery_has_room(upload->gallery, &upload->original, upload->bytes, upload->derived,
                            why);
}

/* Discards the bytes if there is no room for them. They are still hashed: a known image is answered
 * as such, however full the gallery is. */
static enum vt_error look_for_room(struct upload *upload)
{
    enum vt_error err;

    if (upload->bytes - upload->looked_at < LOOK_EVERY)
        return VT_OK;
    upload->looked_at = upload->bytes;
    err = has_room(upload, &upload->refused_for);
    if (err != VT_ERR_QUOTA && err != VT_ERR_NO_SPACE)
        return err;
    blobs_stage_free(&upload->original);
    upload->refusal = err;
    return VT_OK;
}

enum vt_error gallery_upload_write(struct upload *upload, const void *data, size_t len)
{
    enum vt_error err = VT_OK;

    digest_update(upload->digest, data, len);
    if (upload->refusal != VT_OK)
        return VT_OK;
    err = blobs_stage_write(&upload->original, data, len);
    if (err != VT_OK)
        return err;
    upload->bytes += len;
    return look_for_room(upload);
}

enum vt_error gallery_upload_keep(struct upload *upload, const struct gallery_kept *known,
                                  struct vt_reason *why)
{
    struct record *kept = &upload->kept;
    enum vt_error err;

    kept->photo = known->photo != NULL ? *known->photo : PHOTO_INIT;
    err = gallery_apply(&known->change, kept, why);
    upload->is_kept = err == VT_OK;
    upload->knows_photo = known->photo != NULL;
    kept->created = known->created;
    if (known->says_set)
        kept->set_by_person = known->set_by_person;
    record_clean_photo(kept);
    return err;
}

/* Gives the record its name, its time, and what was known of it elsewhere. */
static enum vt_error describe(const struct upload *upload, const char *file_name,
                              struct record *record)
{
    struct timespec now;

    text_clean_name(file_name, strlen(file_name), record->name);
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return VT_ERR_INTERNAL;
    record->created = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (!upload->is_kept)
        return VT_OK;
    record->created = upload->kept.created;
    memcpy(record->name, upload->kept.name, sizeof record->name);
    memcpy(record->tags, upload->kept.tags, sizeof record->tags);
    record->photo = upload->kept.photo;
    record->set_by_person = upload->kept.set_by_person;
    return VT_OK;
}

void gallery_upload_beside(struct upload *upload, const struct gallery_beside *beside)
{
    upload->beside = beside;
}

static void set_metadata(const struct upload *upload, const char *file_name, struct record *record,
                         struct photo *photo)
{
    const struct config *config = upload->gallery->config;

    if (upload->knows_photo)
        return;
    if (upload->beside != NULL)
        gallery_set_beside(config, upload->beside, record, file_name, photo);
    else
        gallery_set_metadata(config, record, file_name, photo);
}

/* Verifies the file by having it decoded, and stages the results. */
static enum vt_error decode(struct upload *upload, const char *file_name, struct record *record,
                            struct vt_reason *why)
{
    struct gallery *gallery = upload->gallery;
    struct decoder_output outputs[FIRST_COUNT];
    struct decoder_result result = DECODER_RESULT_INIT;
    struct image_header header;
    enum vt_error err;

    for (size_t i = 0; i < FIRST_COUNT; i++)
        outputs[i] = (struct decoder_output){first_sizes[i], DECODER_BY_ALPHA};
    err = gallery_decode(gallery, DECODE_UPLOAD, upload->original.fd, outputs, FIRST_COUNT, &header,
                         &result, why);
    for (size_t i = 0; err == VT_OK && i < FIRST_COUNT; i++) {
        err = gallery_stage_thumbnail(gallery, &result.files[i], &upload->thumbnails[i]);
        upload->derived += result.files[i].len;
    }
    if (err == VT_OK) {
        record->type = header.type;
        record->width = result.width;
        record->height = result.height;
        record->alpha = result.alpha;
        set_metadata(upload, file_name, record, &result.photo);
    }
    decoder_result_free(&result);
    return err;
}

static enum vt_error publish(struct upload *upload, const struct record *record)
{
    struct blob_key key = {0, record->id, image_type_extension(record->type)};
    enum vt_error err = blobs_stage_publish(&upload->original, &key);

    key.extension = gallery_thumbnail_extension(record);
    for (size_t i = 0; err == VT_OK && i < FIRST_COUNT; i++) {
        key.size = first_sizes[i];
        err = blobs_stage_publish(&upload->thumbnails[i], &key);
    }
    return err;
}

/* Blobs first, then the row, under the write lock. If the same bytes are uploaded several times at
 * once, the first upload to get here stores them, and the others find its row. */
static enum vt_error store(struct upload *upload, struct added *added, struct vt_reason *why)
{
    struct gallery *gallery = upload->gallery;
    struct record found;
    enum vt_error err = catalogue_lock(gallery->catalogue);

    if (err != VT_OK)
        return err;
    err = catalogue_find(gallery->catalogue, added->record.id, &found);
    if (err == VT_OK) {
        catalogue_rollback(gallery->catalogue);
        added->record = found;
        added->known = true;
        return VT_OK;
    }
    if (err == VT_ERR_NOT_FOUND)
        err = has_room(upload, why); /* exact under the lock */
    if (err == VT_OK)
        err = publish(upload, &added->record);
    if (err == VT_OK)
        err = catalogue_add(gallery->catalogue, &added->record);
    if (err == VT_OK)
        err = gallery_note_derived(gallery, &added->record);
    if (err == VT_OK)
        err = gallery_commit(gallery);
    if (err != VT_OK) {
        catalogue_rollback(gallery->catalogue);
        if (gallery_collect(gallery, &added->record) != VT_OK)
            log_warning("gallery: blobs of %s are left for the sweep", added->record.id);
    }
    return err;
}

/* Removes the thumbnails, which may show the damage. They are made again on request. */
static void forget_thumbnails(struct gallery *gallery, const struct record *record)
{
    enum vt_error err = gallery_remove_thumbnails(gallery, record->id);

    if (err == VT_OK)
        err = gallery_note_derived(gallery, record);
    if (err == VT_OK)
        err = gallery_commit(gallery);
    if (err != VT_OK)
        log_warning("gallery: thumbnails of %s may show the damage of its original", record->id);
}

/* Restores the original of a row, under the lock and durably; the bytes are known to match the id.
 */
static enum vt_error put_back(struct upload *upload, const struct record *record)
{
    const struct blob_key key = {0, record->id, image_type_extension(record->type)};
    struct gallery *gallery = upload->gallery;
    bool was_damaged = gallery_has_blob(gallery, &key);
    struct record found;
    enum vt_error err = blobs_stage_sync(&upload->original);

    if (err == VT_OK)
        err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = catalogue_find(gallery->catalogue, record->id, &found);
    if (err == VT_OK)
        err = blobs_stage_publish(&upload->original, &key);
    if (err == VT_OK)
        log_warning("gallery: the original of %s was %s, and is back", record->id,
                    was_damaged ? "damaged" : "missing");
    if (err == VT_OK && was_damaged)
        forget_thumbnails(gallery, record);
    catalogue_rollback(gallery->catalogue); /* of what was not committed; releases the lock */
    return err == VT_ERR_NOT_FOUND ? VT_ERR_UNAVAILABLE : err; /* removed: the next try adds it */
}

enum vt_error gallery_upload_finish(struct upload *upload, const char *file_name,
                                    struct added *added, struct vt_reason *why)
{
    struct gallery *gallery = upload->gallery;
    struct record *record = &added->record;
    uint8_t hash[DIGEST_SIZE];
    enum vt_error err;

    memset(added, 0, sizeof *added);
    digest_finish(upload->digest, hash);
    record_write_id(hash, record->id);
    err = catalogue_find(gallery->catalogue, record->id, record);
    added->known = err == VT_OK;
    if (err == VT_OK && gallery_is_whole(gallery, record))
        return VT_OK;
    if (upload->refusal != VT_OK) {
        if (why != NULL)
            *why = upload->refused_for;
        return upload->refusal;
    }
    if (err != VT_ERR_NOT_FOUND)
        return err == VT_OK ? put_back(upload, record) : err;
    record->bytes = upload->bytes;
    err = describe(upload, file_name, record);
    if (err == VT_OK)
        err = has_room(upload, why); /* a full gallery decodes nothing */
    if (err == VT_OK)
        err = decode(upload, file_name, record, why);
    if (err == VT_OK)
        err = blobs_stage_sync(&upload->original);
    if (err == VT_OK)
        err = token_make(added->token, record->token_hash);
    if (err == VT_OK)
        err = store(upload, added, why);
    if (added->known)
        added->token[0] = '\0'; /* another upload of the same bytes was first */
    return err;
}

void gallery_upload_free(struct upload *upload)
{
    if (upload == NULL)
        return;
    for (size_t i = 0; i < FIRST_COUNT; i++)
        blobs_stage_free(&upload->thumbnails[i]);
    blobs_stage_free(&upload->original);
    digest_free(upload->digest);
    free(upload);
}
