/* Copies of originals for everybody: without the place, or without all metadata, as
 * VITRINE_METADATA says. A copy is made when somebody first asks for it, and kept beside the
 * thumbnails; if nothing has to be left out, it is a second name of the original. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "gallery/internal.h"
#include "image/redact/plan.h"

#define CHUNK 65536

enum image_redact_level gallery_copy_level(const struct config *config)
{
    static const enum image_redact_level levels[] = {
        [METADATA_HIDE_PLACE] = IMAGE_REDACT_PLACE,
        [METADATA_HIDE_ALL] = IMAGE_REDACT_ALL,
        [METADATA_SHOW] = IMAGE_REDACT_NOTHING,
    };

    return levels[config->metadata];
}

bool gallery_has_no_copy(struct gallery *gallery, const struct record *record)
{
    const struct blob_key mark = {gallery_copy_level(gallery->config), record->id, GALLERY_NO_COPY};
    struct blob_status status;

    return gallery_is_copy(&mark) && blobs_look(gallery->blobs, &mark, &status) == VT_OK;
}

/* A copy that is being made. */
struct copying {
    struct gallery *gallery;
    const struct record *record;
    struct blob_key key;
    int original; /* open, and locked while the copy is made */
};

/* ---- writing ---- */

static enum vt_error write_from_file(int file, uint64_t at, uint64_t length,
                                     struct blob_stage *stage)
{
    char chunk[CHUNK];
    enum vt_error err = VT_OK;

    while (err == VT_OK && length > 0) {
        ssize_t got = pread(file, chunk, length < CHUNK ? (size_t)length : CHUNK, (off_t)at);

        if (got < 0)
            return vt_error_from_errno(errno);
        if (got == 0)
            return VT_ERR_UNAVAILABLE; /* the file has become shorter */
        err = blobs_stage_write(stage, chunk, (size_t)got);
        at += (uint64_t)got;
        length -= (uint64_t)got;
    }
    return err;
}

static enum vt_error write_zeros(uint64_t length, struct blob_stage *stage)
{
    static const char zeros[CHUNK];
    enum vt_error err = VT_OK;

    for (uint64_t part; err == VT_OK && length > 0; length -= part) {
        part = length < CHUNK ? length : CHUNK;
        err = blobs_stage_write(stage, zeros, (size_t)part);
    }
    return err;
}

static enum vt_error write_pieces(const struct image_redact_reading *plan, int original,
                                  struct blob_stage *stage)
{
    enum vt_error err = VT_OK;

    for (size_t i = 0; err == VT_OK && i < plan->count; i++) {
        const char *inserted;
        struct image_redact_piece piece = image_redact_plan_piece(plan, i, &inserted);

        if (piece.kind == IMAGE_REDACT_COPY)
            err = write_from_file(original, piece.at, piece.length, stage);
        else if (piece.kind == IMAGE_REDACT_INSERT)
            err = blobs_stage_write(stage, inserted, (size_t)piece.length);
        else
            err = write_zeros(piece.length, stage);
    }
    return err;
}

/* Whether the copy is an image as the original is, for all that its header says. The plan comes
 * from a process that has read a stranger's file. */
static enum vt_error check(const struct blob_stage *stage, const struct image_header *original)
{
    struct mapping file = {NULL, 0};
    struct image_header header;
    enum vt_error err = gallery_map(stage->fd, &file);

    if (err != VT_OK)
        return err;
    if (image_header_read(file.data, file.len, &header, NULL) != VT_OK ||
        header.type != original->type || header.shown_width != original->shown_width ||
        header.shown_height != original->shown_height) {
        log_warning("gallery: a copy without metadata would not be the same image");
        err = VT_ERR_UNSUPPORTED;
    }
    gallery_unmap(&file);
    return err;
}

static enum vt_error write_copy(const struct copying *copying,
                                const struct image_redact_reading *plan,
                                const struct image_header *header)
{
    struct blob_stage stage = BLOB_STAGE_INIT;
    enum vt_error err = gallery_has_room_for(copying->gallery, ROOM_THUMBNAIL);

    if (err == VT_OK)
        err = blobs_stage(copying->gallery->blobs, &stage);
    if (err == VT_OK)
        err = write_pieces(plan, copying->original, &stage);
    if (err == VT_OK)
        err = check(&stage, header);
    if (err == VT_OK)
        err = blobs_stage_sync(&stage);
    if (err == VT_OK)
        err = gallery_publish_thumbnail(copying->gallery, &stage, &copying->key);
    blobs_stage_free(&stage);
    return err;
}

/* Records that there can be no copy, by an empty file. */
static enum vt_error mark(const struct copying *copying)
{
    const struct blob_key key = {copying->key.size, copying->key.id, GALLERY_NO_COPY};
    struct blob_stage stage = BLOB_STAGE_INIT;
    enum vt_error err = blobs_stage(copying->gallery->blobs, &stage);

    if (err == VT_OK)
        err = gallery_publish_thumbnail(copying->gallery, &stage, &key);
    blobs_stage_free(&stage);
    return err;
}

/* ---- making ---- */

/* Gives the original a second name if nothing is left out, or else writes the copy. */
static enum vt_error publish(const struct copying *copying, const struct image_redact_reading *plan,
                             uint64_t file_size, const struct image_header *header)
{
    const struct blob_key original = {0, copying->key.id, copying->key.extension};
    enum vt_error err = VT_ERR_UNSUPPORTED;

    if (image_redact_plan_is_whole(plan, file_size))
        err = gallery_link(copying->gallery, &original, &copying->key);
    if (err != VT_ERR_UNSUPPORTED) /* by a file system without hard links */
        return err;
    return write_copy(copying, plan, header);
}

static enum vt_error make(const struct copying *copying)
{
    struct decoder_result result = DECODER_RESULT_INIT;
    struct image_redact_reading plan;
    struct image_header header;
    struct stat status;
    enum vt_error err = fstat(copying->original, &status) == 0 ? VT_OK : VT_ERR_INTERNAL;

    if (err == VT_OK)
        err = gallery_redact(copying->gallery, (enum image_redact_level)copying->key.size,
                             copying->original, &header, &result);
    if (err == VT_OK && !image_redact_plan_read(result.files[0].data, result.files[0].len,
                                                (uint64_t)status.st_size, &plan))
        err = VT_ERR_INVALID_IMAGE;
    if (err == VT_OK)
        err = publish(copying, &plan, (uint64_t)status.st_size, &header);
    decoder_result_free(&result);
    return err;
}

/* Makes the copy unless somebody else does: a second request waits for the first. */
static enum vt_error make_or_wait(const struct copying *copying)
{
    struct gallery *gallery = copying->gallery;
    enum vt_error err = gallery_lock_file(gallery, copying->original);

    if (err != VT_OK || gallery_has_blob(gallery, &copying->key))
        return err;
    if (gallery_has_no_copy(gallery, copying->record))
        return VT_ERR_UNSUPPORTED;
    err = make(copying);
    gallery_note_failure(gallery, err, copying->key.id, copying->key.size);
    if (err == VT_ERR_UNSUPPORTED && mark(copying) != VT_OK)
        log_warning("gallery: whether %s can be copied is found out again", copying->key.id);
    return err;
}

static enum vt_error find_or_make(struct copying *copying)
{
    struct gallery *gallery = copying->gallery;
    const struct blob_key original = {0, copying->key.id, copying->key.extension};
    enum vt_error err;

    if (gallery_has_blob(gallery, &copying->key))
        return VT_OK;
    if (gallery_has_no_copy(gallery, copying->record))
        return VT_ERR_UNSUPPORTED;
    if (gallery->budget != NULL &&
        decode_budget_has_failed(gallery->budget, copying->key.id, copying->key.size))
        return VT_ERR_INVALID_IMAGE;
    err = blobs_open(gallery->blobs, &original, &copying->original);
    if (err != VT_OK)
        return err;
    err = make_or_wait(copying);
    (void)close(copying->original);
    return err;
}

/* In a full gallery, the largest thumbnail that exists stands in for now. */
static bool find_stand_in(struct gallery *gallery, const struct record *record,
                          struct gallery_file *file)
{
    const char *extension = gallery_thumbnail_extension(record);
    bool found = false;

    for (size_t i = 0; i < GALLERY_THUMBNAIL_SIZES; i++) {
        const struct blob_key key = {gallery_thumbnail_sizes[i], record->id, extension};

        if (gallery_has_size(record, key.size) && gallery_has_blob(gallery, &key)) {
            *file = (struct gallery_file){key.size, extension};
            found = true;
        }
    }
    return found;
}

enum vt_error gallery_make_copy(struct gallery *gallery, const char *id, const char *extension,
                                struct gallery_file *file)
{
    struct record record;
    struct copying copying = {.gallery = gallery, .record = &record, .original = -1};
    enum vt_error err = gallery_get(gallery, id, &record);

    if (err != VT_OK)
        return err;
    copying.key = (struct blob_key){gallery_copy_level(gallery->config), record.id,
                                    image_type_extension(record.type)};
    if (!gallery_is_copy(&copying.key) || strcmp(extension, copying.key.extension) != 0)
        return VT_ERR_NOT_FOUND;
    err = find_or_make(&copying);
    *file = (struct gallery_file){copying.key.size, copying.key.extension};
    if (err == VT_ERR_QUOTA || err == VT_ERR_NO_SPACE)
        return find_stand_in(gallery, &record, file) ? VT_OK : err;
    if (err != VT_ERR_UNSUPPORTED && err != VT_ERR_INVALID_IMAGE)
        return err;
    /* The largest thumbnail stands in. */
    for (size_t i = 0; i < GALLERY_THUMBNAIL_SIZES; i++)
        if (gallery_has_size(&record, gallery_thumbnail_sizes[i]))
            file->size = gallery_thumbnail_sizes[i];
    file->extension = gallery_thumbnail_extension(&record);
    return gallery_make_thumbnail(gallery, id, file->size, file->extension);
}
