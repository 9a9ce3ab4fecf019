/* What a photograph's metadata says: the terms that the decoder, which reads it, and the store,
 * which keeps it, share. Of fixed size and without pointers, so that it can cross a pipe. */
#ifndef VITRINE_BASE_PHOTO_H
#define VITRINE_BASE_PHOTO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/photo_time.h"
#include "base/text.h"

#define PHOTO_MODEL_SIZE 128        /* bytes of a camera's or lens's name, including the NUL */
#define PHOTO_DESCRIPTION_SIZE 2048 /* bytes of a description, including the NUL */
#define PHOTO_KEYWORDS_SIZE 1024    /* bytes of all keywords, including the NUL */

/* The largest values that a photograph can have; what is beyond is a fault of the file. */
#define PHOTO_FOCAL_LENGTH_MAX 100000.0 /* mm; of a large telescope */
#define PHOTO_APERTURE_MAX 10000.0      /* the f-number; of a pinhole */
#define PHOTO_EXPOSURE_MAX 100000000.0  /* seconds; three years, on film */
#define PHOTO_ISO_MAX 100000000
#define PHOTO_LATITUDE_MAX 90.0
#define PHOTO_LONGITUDE_MAX 180.0
#define PHOTO_ALTITUDE_MAX 100000.0 /* metres, above the sea or below it */
#define PHOTO_RATING_MAX 5

/* Where the time comes from. The values are stored. */
enum photo_taken_from {
    PHOTO_TAKEN_UNKNOWN = 0,
    PHOTO_TAKEN_BY_FILE = 1, /* its metadata */
    PHOTO_TAKEN_GUESSED = 2, /* the file's name */
    PHOTO_TAKEN_BY_PERSON = 3
};

/* Whether the flash fired. The values are stored. */
enum photo_flash { PHOTO_FLASH_UNKNOWN = 0, PHOTO_FLASH_OFF = 1, PHOTO_FLASH_FIRED = 2 };

struct photo {
    enum photo_taken_from taken_from;
    struct photo_time taken; /* PHOTO_TIME_NONE if unknown */

    char camera[PHOTO_MODEL_SIZE]; /* make and model, without repetition; all texts are cleaned */
    char lens[PHOTO_MODEL_SIZE];
    double focal_length;    /* mm; this and the next four are 0 if unknown */
    double focal_length_35; /* mm, of the same angle of view on 35 mm film */
    double aperture;        /* the f-number */
    double exposure;        /* seconds */
    uint32_t iso;
    enum photo_flash flash;

    bool has_place;
    double latitude, longitude; /* degrees, north and east positive */
    bool has_altitude;
    double altitude; /* metres above the sea */

    uint32_t rating; /* 1 to 5; 0 if there is none */
    char title[NAME_SIZE];
    char description[PHOTO_DESCRIPTION_SIZE];
    char keywords[PHOTO_KEYWORDS_SIZE]; /* joined by newlines, each once */
};

/* A photograph of which nothing is known. */
#define PHOTO_INIT ((struct photo){.taken = PHOTO_TIME_NONE})

/* Whether every member has a value that it may have, of bytes that may be anything: texts end with
 * a NUL and are clean, keywords are one a line, numbers are finite and in the ranges above, and a
 * time is there exactly if taken_from says so. */
bool photo_is_sound(const struct photo *photo) VT_MUST_CHECK;

/* Whether both say the same. */
bool photo_is_same(const struct photo *a, const struct photo *b) VT_MUST_CHECK;

#endif
