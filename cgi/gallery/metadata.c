/* What a file says of itself, by its metadata and its name, becomes what the gallery says of the
 * image, where neither a person nor another gallery has said it. */
#include <stdio.h>
#include <string.h>
#include <time.h>

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
