/* One image as the catalogue knows it. */
#ifndef VITRINE_STORE_RECORD_H
#define VITRINE_STORE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "image/image_type.h"

#define ID_LENGTH 32                         /* hex digits: the first half of the bytes' SHA-256 */
#define VERSION_SIZE 40                      /* bytes of a catalogue's version, its NUL included */
#define HASH_SIZE 32                         /* bytes of a SHA-256 */
#define TAG_MAX_COUNT 16                     /* tags of one image */
#define TAG_SIZE 64                          /* bytes of one tag, its NUL included */
#define TAGS_SIZE (TAG_MAX_COUNT * TAG_SIZE) /* all of one image's, each ended by a newline */

struct record {
    int64_t sequence; /* order of arrival, from 1; given by the catalogue */
    char id[ID_LENGTH + 1];
    char name[NAME_SIZE]; /* cleaned, for people */
    char tags[TAGS_SIZE]; /* cleaned, joined by newlines; empty where there are none */
    enum image_type type;
    uint32_t width, height; /* pixels as seen, after the EXIF orientation */
    uint64_t bytes;         /* of the original */
    int64_t created;        /* milliseconds since 1970, UTC */
    bool alpha;             /* transparency: decides the type of the thumbnails */
    uint8_t
        token_hash[HASH_SIZE]; /* SHA-256 of the delete token; the token itself is kept nowhere */
};

/* What the whole store holds. version changes with every change of any image. */
struct totals {
    uint64_t images, bytes;
    uint64_t derived;           /* bytes of thumbnails and twins, as last counted */
    uint64_t changes;           /* counts the changes of this catalogue */
    uint64_t stamp;             /* a number for the version: another for another epoch */
    char version[VERSION_SIZE]; /* printable, without quotes; fit for an entity tag */
};

/* Whether text is an id: 32 lower-case hex digits and nothing else. */
bool record_is_id(const char *text) VT_MUST_CHECK;

#endif
