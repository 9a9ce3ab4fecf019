/* Reads what is beside a picture, in the process that imports it. */
#ifndef VITRINE_COMMAND_IMPORT_READER_H
#define VITRINE_COMMAND_IMPORT_READER_H

#include "command/import_beside.h"
#include "command/takeout.h"
#include "gallery/gallery.h"

struct import_reader {
    struct gallery *gallery;
    int folder; /* that is imported, open */
    const struct import_beside *beside;
    char *album_of; /* the folder whose album was read last; NULL if none was */
    char album[NAME_SIZE];
};

/* What was read of one picture. Not to be moved, as beside points into it. */
struct import_reading {
    struct photo xmp;
    struct takeout takeout;
    struct gallery_beside beside;
    bool is_any; /* whether there was anything */
};

/* Reads it. A file that cannot be read, or says nothing, is logged and passed over; fails only if
 * the import has to wait or cannot go on, as gallery_read_xmp() does. */
enum vt_error import_reader_read(struct import_reader *reader, const char *picture,
                                 struct import_reading *reading,
                                 struct vt_reason *why) VT_MUST_CHECK;

/* Frees what the reader keeps, not the reader. */
void import_reader_free(struct import_reader *reader);

#endif
