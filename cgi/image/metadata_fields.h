/* What one block of metadata says (EXIF, XMP, IPTC, or a PNG's texts), before metadata.c chooses
 * among the blocks; and how its untrusted values are read. The readers of blocks fill it. */
#ifndef VITRINE_IMAGE_METADATA_FIELDS_H
#define VITRINE_IMAGE_METADATA_FIELDS_H

#include <stddef.h>

#include "base/photo.h"

struct metadata_fields {
    struct photo_time original;  /* when the picture was taken */
    struct photo_time digitized; /* when it was digitized, or its file was made */
    char make[PHOTO_MODEL_SIZE], model[PHOTO_MODEL_SIZE];
    struct photo photo; /* all else; its camera and times stay empty */
};

#define METADATA_FIELDS_INIT                                                                       \
    ((struct metadata_fields){                                                                     \
        .original = PHOTO_TIME_NONE, .digitized = PHOTO_TIME_NONE, .photo = PHOTO_INIT})

/* Bytes of a block that need not end with a NUL; data is NULL if there is none. */
struct metadata_span {
    const uint8_t *data;
    size_t len;
};

/* Makes text of the span up to its first NUL: text_clean()'s, with a blank for each line break or
 * tab. If the bytes are not UTF-8, they are taken as Latin-1. out may become empty. */
void metadata_fields_text(struct metadata_span span, char *out, size_t size);

/* The same, but leaves out as it is if it has a text already. */
void metadata_fields_first_text(struct metadata_span span, char *out, size_t size);

/* Appends a keyword, unless it is among them already or does not fit. Returns false if it does not
 * fit: the caller may stop. */
bool metadata_fields_keyword(struct photo *photo, struct metadata_span span);

/* Reads a time in the form of EXIF, "2024:01:31 10:11:12", whose separators may be any of ":-/.",
 * or that of photo_time_read(), and sets its sub-second digits and its offset from UTC, "+02:00";
 * both may be absent, and invalid ones are ignored. *time stays as it is if the text is no time. */
void metadata_fields_time(struct metadata_span text, struct metadata_span subsecond,
                          struct metadata_span offset, struct photo_time *time);

/* The value, or 0 if it is not a finite number above 0 and of at most `most`. */
double metadata_fields_number(double value, double most);

/* Sets the place, in degrees, unless it is exactly 0, 0, which is what cameras without reception
 * write, or not on the globe. */
void metadata_fields_place(struct photo *photo, double latitude, double longitude);

/* Sets the altitude in metres if it can be true. */
void metadata_fields_altitude(struct photo *photo, double metres);

/* Sets the rating if it is 1 to 5. */
void metadata_fields_rating(struct photo *photo, double rating);

#endif
