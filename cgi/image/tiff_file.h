/* A file as libtiff reads it, a part of image_tiff.so: its bytes, which are in memory, and what the
 * library says of them, by messages alone. */
#ifndef VITRINE_IMAGE_TIFF_FILE_H
#define VITRINE_IMAGE_TIFF_FILE_H

#include "image/decode.h"
#include "image/tiff_samples.h"

/* Begins as zeroes but for the source. */
struct tiff_file {
    const struct image_source *source;
    uint64_t at;
    uint64_t most;      /* bytes that a strip or tile may take, by what the header says */
    bool is_decoding;   /* to be set once the directory has been read */
    bool is_damaged;    /* the library has complained about the pixels */
    bool is_too_large;  /* something would take more memory than the header accounts for */
    bool has_no_memory; /* an allocation has failed */
};

/* Opens the file, which must outlive *tiff, and limits what one allocation may take. The caller
 * calls TIFFClose(). VT_ERR_INVALID_IMAGE if it is no TIFF, or as the members above tell;
 * VT_ERR_MEMORY. */
enum vt_error tiff_file_open(struct tiff_file *file, TIFF **tiff) VT_MUST_CHECK;

#endif
