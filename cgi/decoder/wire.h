/* The messages between a process and its decoder, and from the decoder's host to its children:
 * structs of fixed sizes, over sockets that preserve message boundaries. Both sides are normally of
 * one build; if an update came between, the sizes or the first field disagree, and the message is
 * refused. */
#ifndef VITRINE_DECODER_WIRE_H
#define VITRINE_DECODER_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "decoder/decoder.h"

#define DECODER_WIRE UINT32_C(0x76640006)
#define DECODER_PROGRAM "vitrine-decoder"
#define DECODER_CONTROL 0 /* the program's descriptor of the socket */

/* A job. Without descriptors, it cancels the job before it, whose reply nobody wants any more. */
struct decoder_request {
    uint32_t wire;
    uint32_t number; /* of the job */
    uint32_t seconds;
    uint32_t count;
    uint32_t metadata; /* enum decoder_metadata; unless 0, a struct photo follows the files */
    uint32_t redact; /* enum image_redact_level: if not 0, the only file of the reply is the plan of
                        a redacted copy, and nothing is decoded */
    uint64_t memory;
    struct image_header header;
    struct decoder_output outputs[DECODER_OUTPUTS_MAX];
};

/* A request with its two descriptors: the file, and where the reply goes; -1 for each that is
 * absent. */
struct decoder_mail {
    struct decoder_request request;
    int file, reply;
};

#define DECODER_MAIL_INIT                                                                          \
    ((struct decoder_mail){.request = {.wire = DECODER_WIRE}, .file = -1, .reply = -1})

/* Sends the mail through the socket; the descriptors stay the caller's. On failure, errno says why.
 */
bool decoder_wire_send(int fd, const struct decoder_mail *mail) VT_MUST_CHECK;

/* Receives a mail. Returns false if the other end is closed, or the message is invalid. The caller
 * owns the descriptors in either case. */
bool decoder_wire_receive(int fd, struct decoder_mail *mail) VT_MUST_CHECK;

/* Closes the mail's descriptors. */
void decoder_wire_close(struct decoder_mail *mail);

/* Why a child has ended. */
enum decoder_cause {
    DECODER_BY_ITSELF, /* or was ended by another process than the host */
    DECODER_LATE,      /* ended by the host: its time was over */
    DECODER_CANCELLED  /* ended by the host, on request */
};

/* Sent by the host once the child of a job has ended. */
struct decoder_end {
    uint32_t wire;
    uint32_t number;
    int32_t status; /* of wait(2) */
    uint32_t cause; /* enum decoder_cause */
};

/* Sent by the child; the bytes of the files follow, and then, if the job asks for it, a struct
 * photo. */
struct decoder_reply {
    uint32_t wire;
    int32_t err; /* enum vt_error */
    uint32_t width, height;
    uint32_t alpha;                        /* 0 or 1 */
    uint32_t lengths[DECODER_OUTPUTS_MAX]; /* 0 beyond the outputs of the job */
    struct vt_reason why;
};

#endif
