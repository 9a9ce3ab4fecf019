/* What a photograph's metadata says, in any type: when it was taken, the camera, the place, words.
 *
 * The blocks are found by our own parsers (metadata_block.h, metadata_tiff.h), and EXIF and XMP are
 * read by libexif and Expat, in a module, image_metadata.so. Runs in the decoder's child process
 * and in tests only. */
#ifndef VITRINE_IMAGE_METADATA_H
#define VITRINE_IMAGE_METADATA_H

#include <stddef.h>
#include <stdint.h>

#include "base/photo.h"
#include "image/image_type.h"

struct image_metadata_module;

/* The version of what this reader finds. It is raised with every change after which pictures that
 * are stored already should be read again: vitrine rescan then does. */
#define IMAGE_METADATA_READER 1

/* Loads the module, so that a process forked later need not open anything. It stays loaded.
 * VT_ERR_UNAVAILABLE if it does not load, VT_ERR_INTERNAL if it is of another version of the
 * program. */
enum vt_error image_metadata_load(const char *module_dir,
                                  const struct image_metadata_module **module) VT_MUST_CHECK;

/* Reads the metadata of an untrusted file, whose type is known, at that time (milliseconds since
 * 1970, UTC). Whatever is absent, broken or impossible is unknown in *photo, which is sound, with
 * its padding zero. With module NULL, EXIF and XMP are not read.
 *
 * Taken: the original time of EXIF, else the digitized one, else those of XMP, of IPTC, or of a
 * PNG's text, without those that are in the future. The time of EXIF's DateTime, which is that of
 * the file's last change, is none of them: editors set it, and so it would move old pictures to
 * today. Words: XMP's before IPTC's, EXIF's and a PNG's. */
void image_metadata_read(const struct image_metadata_module *module, enum image_type type,
                         const void *data, size_t len, int64_t now, struct photo *photo);

/* The same of XMP alone, as other programs write it into a file beside the picture; nothing is
 * known if it is larger than XMP in a picture may be. */
void image_metadata_read_xmp(const struct image_metadata_module *module, const void *data,
                             size_t len, int64_t now, struct photo *photo);

#endif
