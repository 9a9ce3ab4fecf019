/* File names for images: made of what people have called them, which may be anything. */
#ifndef VITRINE_COMMAND_EXPORT_NAME_H
#define VITRINE_COMMAND_EXPORT_NAME_H

#include "store/record.h"

#define EXPORT_NAME_SIZE 256 /* 255 bytes, as most file systems have it, and the NUL */

/* An image has several names, the best one first; the later ones have its id in them, so that no
 * other image has one of them. */
enum export_name {
    EXPORT_NAME_OWN,     /* "cat.jpg" */
    EXPORT_NAME_WITH_ID, /* "cat-<id>.jpg" */
    EXPORT_NAME_ID,      /* "<id>.jpg": good for every file system */
    EXPORT_NAME_COUNT
};

/* Writes one of them: with an extension of the image's own type, which is added where the name has
 * another, never empty, with no separator of paths and no control character, not hidden by a dot,
 * of less than EXPORT_NAME_SIZE bytes, and not ending in half a character. */
void export_name(const struct record *record, enum export_name which, char out[EXPORT_NAME_SIZE]);

#endif
