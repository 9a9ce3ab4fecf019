/* The files that other programs have written beside pictures, and to which pictures they belong. */
#ifndef VITRINE_COMMAND_IMPORT_BESIDE_H
#define VITRINE_COMMAND_IMPORT_BESIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "command/import_list.h"

/* By their extension, .xmp or .json. */
struct import_beside {
    char **paths; /* relative to the folder, sorted by their bytes */
    size_t count;
};

#define IMPORT_BESIDE_INIT ((struct import_beside){NULL, 0})

/* Takes these files out of the list: they are no pictures. The caller frees *beside. */
enum vt_error import_beside_take(struct import_list *list,
                                 struct import_beside *beside) VT_MUST_CHECK;

void import_beside_free(struct import_beside *beside);

/* The files of one picture: paths of the struct import_beside; NULL for what there is not. */
struct import_beside_files {
    const char *xmp, *json;
};

/* Finds the files of the picture at that path. At most a thousand whose names begin like the
 * picture's are looked at. */
void import_beside_find(const struct import_beside *beside, const char *picture,
                        struct import_beside_files *files);

/* Finds the files that may be that of the album in which the picture is: `metadata.json`, or what
 * that is called in another language. At most `most` of them; returns how many. */
size_t import_beside_albums(const struct import_beside *beside, const char *picture,
                            const char **paths, size_t most) VT_MUST_CHECK;

/* How well the name of a file fits the name of a picture in the same folder: 0 if not at all, and
 * more the better it does.
 *
 * XMP is called `IMG_1.jpg.xmp` or `IMG_1.xmp`. Takeout's JSON is called `IMG_1.jpg.json` or
 * `IMG_1.jpg.supplemental-metadata.json`; what is before `.json` is cut to 46 characters, and for
 * `IMG_1(1).jpg` it is `IMG_1.jpg(1)`. `IMG_1-edited.jpg` has that of `IMG_1.jpg`. */
unsigned import_beside_fit(const char *picture, const char *beside) VT_MUST_CHECK;

/* Whether a JSON file that fits the picture is another's nevertheless: its name was cut, so that it
 * fits several, and its title ("" if it says none) does not begin like the picture's name, in which
 * Takeout writes `_` for what file names may not contain. */
bool import_beside_is_of_another(const char *picture, const char *json,
                                 const char *title) VT_MUST_CHECK;

/* Whether the title, which Takeout gives as the name of a picture, can be the uncut one of the file
 * of that name: that of an edited picture is the original's. */
bool import_beside_is_title(const char *picture, const char *title) VT_MUST_CHECK;

#endif
