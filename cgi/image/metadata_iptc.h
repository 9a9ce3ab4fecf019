/* Reads IPTC's data sets (IIM 4.2), which JPEGs have in Photoshop's resources and TIFFs in a field
 * of their own.
 *
 * This is done without a library: a block is a row of numbers, lengths and texts, so finding a text
 * is all of the work; libiptcdata would do nothing more. */
#ifndef VITRINE_IMAGE_METADATA_IPTC_H
#define VITRINE_IMAGE_METADATA_IPTC_H

#include "image/metadata_fields.h"

/* Fills what the untrusted block says: title, caption, keywords and dates. Stops at the first data
 * set that is broken. */
void metadata_iptc_read(struct metadata_span block, struct metadata_fields *fields);

#endif
