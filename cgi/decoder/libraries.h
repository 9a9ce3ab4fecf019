/* Which libraries the decoder loads, and which versions they say they are. */
#ifndef VITRINE_DECODER_LIBRARIES_H
#define VITRINE_DECODER_LIBRARIES_H

#include "base/error.h"

/* The option of vitrine-decoder that prints them; behind it, the folders of image_magick.so and of
 * its policy. */
#define DECODER_LIBRARIES "--libraries"

/* Loads what a decoder may come to load, ImageMagick's coders included, and prints a line for each
 * library of the process on standard output: its version as it says it, or "-", and its path. Gives
 * image_engine_new()'s errors. */
enum vt_error decoder_libraries_print(const char *module_dir, const char *policy_dir) VT_MUST_CHECK;

#endif
