/* Shared by the files of redact/, and by nothing else. */
#ifndef VITRINE_IMAGE_REDACT_FORMATS_H
#define VITRINE_IMAGE_REDACT_FORMATS_H

#include "base/reader.h"
#include "image/metadata_tiff.h"
#include "image/redact/plan.h"
#include "image/redact/redact.h"

/* What is being redacted. */
struct image_redact_job {
    struct reader in; /* the file */
    enum image_redact_level level;
    struct image_redact_plan *plan;
    bool has_exif; /* it is in the plan: only the first one counts */
};

/* Each makes the plan for a file of its type, as image_redact() does; tiff.c for EXIF data, too. */
enum vt_error image_redact_jpeg(struct image_redact_job *job) VT_MUST_CHECK;
enum vt_error image_redact_png(struct image_redact_job *job) VT_MUST_CHECK;
enum vt_error image_redact_gif(struct image_redact_job *job) VT_MUST_CHECK;
enum vt_error image_redact_webp(struct image_redact_job *job) VT_MUST_CHECK;
enum vt_error image_redact_jxl(struct image_redact_job *job) VT_MUST_CHECK;
enum vt_error image_redact_tiff(struct image_redact_job *job) VT_MUST_CHECK;
enum vt_error image_redact_heif(struct image_redact_job *job) VT_MUST_CHECK;

/* jpeg.c: the length, up to its end, of a JPEG in a TIFF, or of tables for such; 0 if it is not
 * well formed, or says anything that pixels do not need. */
size_t image_redact_jpeg_bare(const uint8_t *data, size_t len) VT_MUST_CHECK;

/* exif.c: writes what is kept of EXIF data, with or without the header that it has in a JPEG, as
 * EXIF data without it. Returns its length, 0 if nothing is kept. */
size_t image_redact_exif(enum image_redact_level level, const uint8_t *data, size_t len,
                         uint8_t out[METADATA_TIFF_SIZE]);

/* Whether a TIFF's or EXIF's first directory (0), or its directory of EXIF (1), keeps a field when
 * only the place is hidden. */
bool image_redact_exif_keeps(unsigned directory, uint16_t tag) VT_MUST_CHECK;

/* iptc.c: appends the kept data sets of an IPTC block, none if all metadata is hidden. */
void image_redact_iptc(enum image_redact_level level, const uint8_t *data, size_t len,
                       struct buf *out);

#endif
