/* File names for images, made from the names that people gave them, which may be anything. */
#ifndef VITRINE_COMMAND_EXPORT_NAME_H
#define VITRINE_COMMAND_EXPORT_NAME_H

#include "store/record.h"

#define EXPORT_NAME_SIZE 256 /* 255 bytes, the limit of most file systems, and the NUL */

/* An image has several possible names, the best one first; the others contain its id, so that no
 * other image has the same. */
enum export_name {
    EXPORT_NAME_OWN,     /* "cat.jpg" */
    EXPORT_NAME_WITH_ID, /* "cat-<id>.jpg" */
    EXPORT_NAME_ID,      /* "<id>.jpg": valid on every file system */
    EXPORT_NAME_COUNT
};

/* Writes one of them. It has an extension of the image's own type, which is added if the name has
 * another; it is never empty, has no path separator and no control character, does not start with a
 * dot, is shorter than EXPORT_NAME_SIZE bytes, and does not end in half a character. */
void export_name(const struct record *record, enum export_name which, char out[EXPORT_NAME_SIZE]);

#endif
