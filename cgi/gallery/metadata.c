/* What a file says of itself, by its metadata and its name, becomes what the gallery says of the
 * image, where neither a person nor another gallery has said it. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gallery/internal.h"
#include "gallery/name_time.h"

/* Cleaned as tags are, which may be shorter than keywords, and each only once. */
static void set_tags(const char *keywords, struct record *record)
{
    size_t at = 0;
    unsigned count = 0;

    record->tags[0] = '\0';
    while (*keywords != '\0' && count < TAG_MAX_COUNT) {
        size_t line = strcspn(keywords, "\n");
        char tag[TAG_SIZE];

        text_clean(keywords, line, tag, sizeof tag);
        if (tag[0] != '\0' && !gallery_has_tag(record->tags, tag)) {
            at += (size_t)snprintf(record->tags + at, TAGS_SIZE - at, "%s%s", at > 0 ? "\n" : "",
                                   tag);
            count++;
        }
        keywords += line;
        keywords += *keywords == '\n';
    }
}

static void guess_time(const char *file_name, struct photo *photo)
{
    struct timespec now;

    if (photo->taken_from == PHOTO_TAKEN_UNKNOWN && clock_gettime(CLOCK_REALTIME, &now) == 0 &&
        name_time_guess(file_name, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000,
                        &photo->taken))
        photo->taken_from = PHOTO_TAKEN_GUESSED;
}

void gallery_set_metadata(const struct config *config, struct record *record, const char *file_name,
                          struct photo *photo)
{
    unsigned kept = record->set_by_person;

    guess_time(file_name, photo);
    if (config->metadata == METADATA_HIDE_ALL) /* everybody is told the name and the tags */
        kept |= RECORD_SET_NAME | RECORD_SET_TAGS;
    if (photo->title[0] != '\0' && (kept & RECORD_SET_NAME) == 0)
        memcpy(record->name, photo->title, sizeof record->name);
    if (photo->keywords[0] != '\0' && (kept & RECORD_SET_TAGS) == 0)
        set_tags(photo->keywords, record);
    record_set_photo(record, photo);
}

enum vt_error gallery_run_metadata(struct gallery *gallery, enum decode_purpose purpose,
                                   const struct decoder_job *job, struct photo *photo,
                                   struct vt_reason *why)
{
    uint64_t limit = gallery->config->decode_memory;
    const struct decode_claim claim = {.purpose = purpose,
                                       .memory = job->memory < limit ? job->memory : limit};
    struct decoder_result result = DECODER_RESULT_INIT;
    enum vt_error err = gallery_start_decoder(gallery, false);

    if (err == VT_OK)
        err = decode_budget_take(gallery->budget, &claim, NULL, NULL, why);
    if (err != VT_OK)
        return err;
    err = decoder_run(gallery->decoder, job, &result, why);
    decode_budget_return(gallery->budget);
    *photo = result.photo;
    decoder_result_free(&result);
    return err;
}

enum vt_error gallery_read_metadata(struct gallery *gallery, const struct record *record,
                                    bool (*is_wanted)(void *context), void *context,
                                    struct photo *photo, struct vt_reason *why)
{
    const struct blob_key key = {0, record->id, image_type_extension(record->type)};
    const struct image_header header = {.type = record->type};
    struct decoder_job job = {.header = &header,
                              /* It takes a millisecond, but comes after all other work. */
                              .seconds = GALLERY_METADATA_SECONDS,
                              .memory = DECODER_METADATA_MEMORY,
                              .cancel_fd = -1,
                              .is_wanted = is_wanted,
                              .context = context,
                              .metadata = DECODER_FILE_METADATA};
    enum vt_error err = blobs_open(gallery->blobs, &key, &job.file);

    if (err != VT_OK) /* without the permission, it is this file alone that cannot be read */
        return err == VT_ERR_UNAVAILABLE ? VT_ERR_IO : err;
    err = gallery_run_metadata(gallery, DECODE_METADATA, &job, photo, why);
    (void)close(job.file);
    return err;
}

/* An original that fsck or rebuild has found is called by its id. */
static bool has_own_name(const struct record *record)
{
    return strncmp(record->name, record->id, ID_LENGTH) != 0 || record->name[ID_LENGTH] != '.';
}

/* The file's title and keywords become name and tags only where nobody has given any: before a
 * catalogue recorded what a person has set, nothing else than persons gave them. */
static void keep_words(const struct config *config, struct record *record, struct photo *found)
{
    if (config->metadata == METADATA_HIDE_ALL) /* everybody is told the name and the tags */
        return;
    if (found->title[0] != '\0' && !has_own_name(record) &&
        (record->set_by_person & RECORD_SET_NAME) == 0)
        memcpy(record->name, found->title, sizeof record->name);
    if (found->keywords[0] != '\0' && record->tags[0] == '\0' &&
        (record->set_by_person & RECORD_SET_TAGS) == 0)
        set_tags(found->keywords, record);
}

bool gallery_renew_metadata(const struct config *config, struct record *record,
                            const struct photo *found)
{
    const struct record before = *record;
    struct photo photo = *found;

    guess_time(record->name, &photo);
    if (photo.taken_from == PHOTO_TAKEN_UNKNOWN && before.photo.taken_from == PHOTO_TAKEN_GUESSED) {
        photo.taken = before.photo.taken;
        photo.taken_from = PHOTO_TAKEN_GUESSED;
    }
    keep_words(config, record, &photo);
    record_set_photo(record, &photo);
    return !photo_is_same(&before.photo, &record->photo) ||
           strcmp(before.name, record->name) != 0 || strcmp(before.tags, record->tags) != 0;
}
