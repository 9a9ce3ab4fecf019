/* One image as the catalogue knows it. */
#ifndef VITRINE_STORE_RECORD_H
#define VITRINE_STORE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/photo.h"
#include "base/text.h"
#include "image/image_type.h"

#define ID_LENGTH 32                         /* hex digits: the first half of the bytes' SHA-256 */
#define VERSION_SIZE 40                      /* bytes of a catalogue's version, including the NUL */
#define TAG_MAX_COUNT 16                     /* tags of one image */
#define TAG_SIZE 64                          /* bytes of one tag, including the NUL */
#define TAGS_SIZE (TAG_MAX_COUNT * TAG_SIZE) /* all tags of one image, each with a newline */

/* What a person has set: a bit for each. Reading the file's metadata again does not change it, nor
 * what another program had written beside the file when it was imported, which is told to whom the
 * file's metadata is. */
enum record_set {
    RECORD_SET_NAME = 1,
    RECORD_SET_TAGS = 2,
    RECORD_SET_TAKEN = 4,
    RECORD_SET_DESCRIPTION = 8,
    RECORD_SET_PLACE = 16,
    RECORD_SET_ALL = 31,
    RECORD_BESIDE_TAKEN = 32,
    RECORD_BESIDE_DESCRIPTION = 64,
    RECORD_BESIDE_PLACE = 128,
    RECORD_BESIDE_RATING = 256,
    RECORD_BESIDE_CAMERA = 512, /* or lens: for as long as the file does not say */
    RECORD_BESIDE_ALL = 992
};

struct record {
    int64_t sequence; /* order of arrival, from 1; given by the catalogue */
    char id[ID_LENGTH + 1];
    char name[NAME_SIZE]; /* cleaned, for people */
    char tags[TAGS_SIZE]; /* cleaned, joined by newlines; empty if there are none */
    enum image_type type;
    uint32_t width, height; /* pixels as seen, after the EXIF orientation */
    uint64_t bytes;         /* of the original */
    int64_t created;        /* milliseconds since 1970, UTC */
    bool alpha; /* whether it has transparency, which decides the type of the thumbnails */
    uint8_t
        token_hash[DIGEST_SIZE]; /* SHA-256 of the delete token; the token itself is kept nowhere */
    uint32_t set_by_person;      /* of enum record_set */
    struct photo photo; /* its title and keywords are not kept: they are in name and tags */
};

/* Totals of the whole store. version changes with every change of any image. */
struct totals {
    uint64_t images, bytes;
    uint64_t derived;           /* bytes of thumbnails and WebP variants, as last counted */
    uint64_t changes;           /* counts the changes of this catalogue */
    uint64_t stamp;             /* the version as a number, which differs between epochs */
    char version[VERSION_SIZE]; /* printable, without quotes; fit for an entity tag */
};

/* Writes the id of an image from the hash of its bytes: the first half in hexadecimal. */
void record_write_id(const uint8_t hash[DIGEST_SIZE], char id[ID_LENGTH + 1]);

/* Computes the id of an open file's content, from its beginning; the file position stays. After a
 * failure the id is empty: VT_ERR_UNAVAILABLE if the file cannot be read. */
enum vt_error record_read_id(int fd, char id[ID_LENGTH + 1]) VT_MUST_CHECK;

/* Whether the time at which the photograph was taken is known. */
bool record_is_dated(const struct record *record) VT_MUST_CHECK;

/* The time by which the image stands in the order by time taken: that of the upload if the time
 * taken is not known. Milliseconds since 1970, which may be negative. */
int64_t record_time(const struct record *record) VT_MUST_CHECK;

/* Gives the record what the photograph's metadata says, except for what a person has set or what
 * was beside the file. Its name and its tags stay as they are. */
void record_set_photo(struct record *record, const struct photo *photo);

/* Makes what the record says of the photograph valid if it comes from a file that may be damaged or
 * made by hand: texts are cleaned, and what cannot be is unknown. */
void record_clean_photo(struct record *record);

/* Whether text is an id: 32 lower-case hex digits and nothing else. */
bool record_is_id(const char *text) VT_MUST_CHECK;

#endif
