/* Lists the libraries that the decoder loads, with the versions that they report. */
#ifndef VITRINE_DECODER_LIBRARIES_H
#define VITRINE_DECODER_LIBRARIES_H

#include "base/error.h"

/* The option of vitrine-decoder that prints them. Its arguments are the folders of the modules and
 * of ImageMagick's policy. */
#define DECODER_LIBRARIES "--libraries"

/* Loads everything that a decoder may load, including codecs and ImageMagick's coders, and prints a
 * line for each library of the process on standard output: the version that it reports, or "-", and
 * its path. Errors are those of image_engine_prepare(). */
enum vt_error decoder_libraries_print(const char *module_dir, const char *policy_dir) VT_MUST_CHECK;

#endif
