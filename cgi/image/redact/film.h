/* The boxes of a HEIC or AVIF that moves: ISO/IEC 14496-12, 8. */
#ifndef VITRINE_IMAGE_REDACT_FILM_H
#define VITRINE_IMAGE_REDACT_FILM_H

#include "base/reader.h"
#include "image/redact/places.h"
#include "image/redact/redact.h"

/* Leaves out a box, which begins at a place of the file and ends with its body: it keeps its size,
 * and is called "free". */
void image_redact_film_free(struct image_redact_places *places, const uint8_t *file, size_t at,
                            const struct reader *body);

/* Leaves out what hdlr calls itself. */
void image_redact_film_unname(struct image_redact_places *places, const uint8_t *file,
                              const struct reader *hdlr);

/* Keeps what moov says of sequences of pictures, and their pictures; leaves out all other tracks
 * (films, sounds, places by the second), and texts. If all metadata is hidden, it leaves out times
 * and names of programs, too. VT_ERR_UNSUPPORTED if it is not understood. */
enum vt_error image_redact_film(struct image_redact_places *places, enum image_redact_level level,
                                const uint8_t *file, struct reader moov) VT_MUST_CHECK;

#endif
