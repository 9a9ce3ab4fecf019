/* The name of a camera, as people say it. */
#ifndef VITRINE_IMAGE_METADATA_CAMERA_H
#define VITRINE_IMAGE_METADATA_CAMERA_H

#include "base/photo.h"

/* Makes a name of the maker and the model, each clean and possibly empty: "NIKON CORPORATION" and
 * "NIKON D90" make "NIKON D90", "OLYMPUS OPTICAL CO.,LTD" and "C2000Z" make "OLYMPUS C2000Z". */
void metadata_camera_name(const char *make, const char *model, char out[PHOTO_MODEL_SIZE]);

/* Clears a description that was not written by a person: the texts that cameras put there. */
void metadata_camera_clear_default(char *description);

/* Clears the name of a lens that says nothing, such as "----". */
void metadata_camera_clear_lens(char *lens);

#endif
