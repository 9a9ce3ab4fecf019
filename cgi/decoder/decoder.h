/* The way to pixels: a file goes in by descriptor, thumbnails come out as bytes.
 *
 * Nothing of a stranger's picture is decoded in this process. A decoder is another program,
 * vitrine-decoder, which this process starts before it has anything worth taking, and which knows
 * no token, no data folder and no catalogue. For each file that program forks a child (see
 * decoder_host.h), which decodes this one and ends. So whatever a picture breaks is over with it,
 * and the next picture meets memory in which no other one has been. What the child answers is
 * checked here as if a stranger had sent it. */
#ifndef VITRINE_DECODER_DECODER_H
#define VITRINE_DECODER_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/config.h"
#include "base/error.h"
#include "image/header/header.h"

struct decoder;

#define DECODER_OUTPUTS_MAX 4

/* What type a thumbnail is to have. */
enum decoder_form {
    DECODER_BY_ALPHA,    /* JPEG where every pixel is opaque, else WebP with its transparency */
    DECODER_OPAQUE,      /* JPEG */
    DECODER_TRANSPARENT, /* WebP with its transparency */
    DECODER_TWIN,        /* WebP, opaque */
    DECODER_FORM_COUNT
};

/* A thumbnail to make. */
struct decoder_output {
    unsigned size; /* neither side is longer, in pixels; one that is smaller stays as it is */
    enum decoder_form form;
};

struct decoder_job {
    int file;                          /* open, and for reading only; stays the caller's */
    const struct image_header *header; /* of that file: read and checked */
    unsigned seconds;                  /* what the decode may take of the clock */
    uint64_t memory;                   /* bytes that it may take, beyond what every decode has */
    const struct decoder_output *outputs;
    size_t count;  /* 1 to DECODER_OUTPUTS_MAX, the largest size first */
    int cancel_fd; /* the decode ends where the other end of this socket is closed; -1 for none */
};

/* What a file was found to be, and its thumbnails, in the order of the job's outputs. */
struct decoder_result {
    uint32_t width, height; /* as seen: upright, in pixels of the file */
    bool alpha;             /* whether any pixel is not wholly opaque */
    struct buf files[DECODER_OUTPUTS_MAX];
};

#define DECODER_RESULT_INIT ((struct decoder_result){.width = 0})

/* Starts the program from config->module_dir. To be called early, and before sandbox_enter(), which
 * allows no other program: the program gets neither the environment nor any descriptor of this
 * process but standard error, and ends with it. Does not wait until it is up; where it does not
 * come up, the first decode fails. VT_ERR_MEMORY or VT_ERR_INTERNAL where no process can be
 * started. The caller frees *decoder. */
enum vt_error decoder_new(const struct config *config, struct decoder **decoder) VT_MUST_CHECK;

/* Ends the program. NULL is allowed. */
void decoder_free(struct decoder *decoder);

/* Whether the program is there. Once it is gone it stays so: a process whose decoder is gone should
 * make room for a fresh one. */
bool decoder_is_there(const struct decoder *decoder);

/* The socket to it, on which poll(2) tells that it has ended (POLLHUP). It stays the decoder's. */
int decoder_socket(const struct decoder *decoder);

/* Decodes all of the file and makes the thumbnails, in a process of its own that has the job's
 * seconds, and a second more to notice that they are over. The caller frees *result with
 * decoder_result_free(), after a failure too.
 *
 * VT_ERR_INVALID_IMAGE where the file is corrupt, takes too long, or its process has crashed, was
 * killed or answered nonsense; VT_ERR_MEMORY where there was not enough memory; VT_ERR_STOPPED
 * where cancel_fd told so; VT_ERR_UNAVAILABLE where the program is gone or cannot decode, which is
 * not the file's fault. *why says why. */
enum vt_error decoder_run(struct decoder *decoder, const struct decoder_job *job,
                          struct decoder_result *result, struct vt_reason *why) VT_MUST_CHECK;

/* Gives the thumbnails back. Safe on DECODER_RESULT_INIT. */
void decoder_result_free(struct decoder_result *result);

#endif
