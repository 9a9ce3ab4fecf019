/* Decodes pictures outside of this process: a file goes in as a descriptor, thumbnails come out as
 * bytes.
 *
 * This process decodes nothing of an untrusted picture. A decoder is another program,
 * vitrine-decoder, which this process starts before it has any secrets, and which knows no token,
 * no data folder and no catalogue. For each file that program forks a child (see host.h), which
 * decodes this file and ends. So the damage that a picture can do ends with its child, and the next
 * picture gets memory in which no other picture has been. The child's reply is untrusted input, and
 * is checked here. */
#ifndef VITRINE_DECODER_DECODER_H
#define VITRINE_DECODER_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/config.h"
#include "base/error.h"
#include "base/photo.h"
#include "image/header/header.h"
#include "image/redact/redact.h"

struct decoder;

#define DECODER_OUTPUTS_MAX 4

/* The type that a thumbnail is to have. */
enum decoder_form {
    DECODER_BY_ALPHA,    /* JPEG if every pixel is opaque, else WebP with its transparency */
    DECODER_OPAQUE,      /* JPEG */
    DECODER_TRANSPARENT, /* WebP with its transparency */
    DECODER_OPAQUE_WEBP, /* WebP without transparency, as the variant of a JPEG */
    DECODER_FORM_COUNT
};

/* A thumbnail to be made. */
struct decoder_output {
    unsigned size; /* longest side allowed, in pixels; a smaller picture stays as it is */
    enum decoder_form form;
};

/* Whose metadata a job reads. The values cross a socket. */
enum decoder_metadata {
    DECODER_NO_METADATA = 0,
    DECODER_FILE_METADATA = 1, /* that of the picture */
    DECODER_XMP_METADATA = 2,  /* the file is no picture, but XMP that was beside one */
    DECODER_METADATA_COUNT
};

/* Bytes of memory that a job needs which only reads metadata. */
#define DECODER_METADATA_MEMORY (UINT64_C(64) << 20)

struct decoder_job {
    int file;                          /* open for reading only; stays the caller's */
    const struct image_header *header; /* of that file: read and checked; if the job only reads
                                          metadata, its type alone counts, and for XMP nothing */
    unsigned seconds;                  /* wall-clock seconds that the decode may take */
    uint64_t memory;                   /* bytes that it may use, beyond what every decode has */
    const struct decoder_output *outputs;
    size_t count;  /* up to DECODER_OUTPUTS_MAX, the largest size first; with 0 the picture is not
                      decoded, and the job only reads metadata */
    int cancel_fd; /* the decode is ended once this socket's other end is closed; -1 for none */
    /* Asked ten times in each second of the decode, which is ended once it returns false; NULL for
     * nobody to be asked. */
    bool (*is_wanted)(void *context);
    void *context;
    enum decoder_metadata metadata; /* with outputs, not DECODER_XMP_METADATA */
    /* If not IMAGE_REDACT_NOTHING, nothing is decoded. The job has one output, of whatever size and
     * form, and its result is a plan that image_redact_plan_read() accepts for this file; the rest
     * of the result is not set. */
    enum image_redact_level redact;
};

/* The picture's size and its thumbnails, in the order of the job's outputs, and its metadata. */
struct decoder_result {
    uint32_t width, height; /* as seen: upright, in pixels of the file */
    bool alpha;             /* whether any pixel is not wholly opaque */
    struct buf files[DECODER_OUTPUTS_MAX];
    struct photo photo; /* PHOTO_INIT unless the job asks for it; sound otherwise */
};

#define DECODER_RESULT_INIT ((struct decoder_result){.photo = PHOTO_INIT})

/* Starts the program from config->module_dir. Call it early, and before sandbox_enter(), after
 * which no other program can be started. The program gets neither the environment nor any
 * descriptor of this process except standard error, and ends with this process. Does not wait until
 * it is up; if it does not come up, the first decode fails. VT_ERR_MEMORY or VT_ERR_INTERNAL if no
 * process can be started. The caller frees *decoder. */
enum vt_error decoder_new(const struct config *config, struct decoder **decoder) VT_MUST_CHECK;

/* Ends the program. NULL is allowed. */
void decoder_free(struct decoder *decoder);

/* Whether the program is still running. It is not started again: a process whose decoder is gone
 * should end and be replaced by a fresh one. */
bool decoder_is_there(const struct decoder *decoder);

/* The socket to the program, on which poll(2) reports POLLHUP once it has ended. It stays the
 * decoder's. */
int decoder_socket(const struct decoder *decoder);

/* Decodes the whole file and makes the thumbnails, in a process of its own that has the job's
 * seconds, and one second more to notice that they are over. The caller frees *result with
 * decoder_result_free(), even after a failure.
 *
 * Metadata never fails a decode: it is read last, and if that crashes or takes more than two
 * seconds, the file has none. A job that only reads metadata has all of its seconds for that, and
 * fails as a decode does; it reads the pages of the file that it needs, and no others.
 *
 * VT_ERR_INVALID_IMAGE if the file is corrupt or takes too long, or if its process crashed, was
 * killed or sent an invalid reply; VT_ERR_MEMORY if there was not enough memory; VT_ERR_STOPPED if
 * the other end of cancel_fd was closed or the job is not wanted any more; VT_ERR_UNAVAILABLE if
 * the program is gone or cannot decode, which is not the file's fault; VT_ERR_UNSUPPORTED if a job
 * to redact is not possible with this file. *why says why. */
enum vt_error decoder_run(struct decoder *decoder, const struct decoder_job *job,
                          struct decoder_result *result, struct vt_reason *why) VT_MUST_CHECK;

/* Frees the thumbnails. Safe on DECODER_RESULT_INIT. */
void decoder_result_free(struct decoder_result *result);

#endif
