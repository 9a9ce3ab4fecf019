/* What a line of the manifest says of the photograph, in the API's members: when and where it was
 * taken, with which camera, its words and rating, and which of them a person has set. */
#ifndef VITRINE_COMMAND_MANIFEST_PHOTO_H
#define VITRINE_COMMAND_MANIFEST_PHOTO_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/photo.h"
#include "store/record.h"

/* Adds the members that are known of the record to an image's line. False if out of memory. */
bool manifest_photo_put(json_t *line, const struct record *record) VT_MUST_CHECK;

/* Reads them from a line; what it does not say is as in PHOTO_INIT. The texts are uncleaned, and
 * cut to what *photo holds. False if a member is not of its kind. */
bool manifest_photo_read(json_t *line, struct photo *photo) VT_MUST_CHECK;

/* Reads what the file's metadata does not change, as RECORD_SET_ and RECORD_BESIDE_ bits, which are
 * 0 if the line does not say. A name that another version has written says nothing to this one.
 * False if that is no array. */
bool manifest_photo_read_sets(json_t *line, bool *says_set, uint32_t *set_by_person) VT_MUST_CHECK;

/* Whether the line says anything of the photograph. */
bool manifest_photo_is_in(json_t *line) VT_MUST_CHECK;

#endif
