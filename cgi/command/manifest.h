/* The metadata that an export keeps beside its images' files: one JSON object per line for each
 * image, in order of arrival.
 *
 *   {"file":"cat.jpg","id":"…","name":"cat.jpg","tags":["cat"],"created":"2026-11-25T09:30:00.123Z",
 *    "set_by_person":["tags"]}
 *
 * and what the photograph knows, in the API's members. */
#ifndef VITRINE_COMMAND_MANIFEST_H
#define VITRINE_COMMAND_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "store/record.h"

#define MANIFEST_FILE "vitrine.jsonl"

struct manifest;

struct manifest_entry {
    char *file; /* a name in the manifest's folder */
    char id[ID_LENGTH + 1];
    char *name;  /* uncleaned */
    char **tags; /* uncleaned */
    size_t tag_count;
    int64_t created; /* milliseconds since 1970 */
    bool says_set;   /* the line says what a person has set: */
    uint32_t set_by_person;
    char
        *photo; /* the line, if it says anything of the photograph, or NULL: see manifest_photo() */
};

/* Appends an image's line. */
void manifest_write(struct buf *buf, const struct record *record, const char *file);

/* Reads a manifest from an open file, to its end. The caller frees *manifest. VT_ERR_MALFORMED, and
 * the line in *why, if it is not a manifest. */
enum vt_error manifest_read(int fd, struct manifest **manifest,
                            struct vt_reason *why) VT_MUST_CHECK;

/* Frees everything. NULL is allowed. */
void manifest_free(struct manifest *manifest);

/* The number of entries, and one of them. */
size_t manifest_count(const struct manifest *manifest);
const struct manifest_entry *manifest_get(const struct manifest *manifest, size_t at);

/* Reads what the entry says of the photograph, as uncleaned as its other texts; false if that is
 * nothing. */
bool manifest_photo(const struct manifest_entry *entry, struct photo *photo) VT_MUST_CHECK;

/* The entry of the image with that id; NULL if there is none. */
const struct manifest_entry *manifest_find(const struct manifest *manifest, const char *id);

#endif
