/* What a process and its decoder say to each other, and the decoder's host to its children: structs
 * of one size each, over sockets that keep the borders of messages. Both sides are of one build;
 * where an update has come between, the sizes or the first field disagree, and the message is
 * refused. */
#ifndef VITRINE_DECODER_WIRE_H
#define VITRINE_DECODER_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "decoder/decoder.h"

#define DECODER_WIRE UINT32_C(0x76640002)
#define DECODER_PROGRAM "vitrine-decoder"
#define DECODER_CONTROL 0 /* the program's descriptor of the socket */

/* A job. Or, with a count of 0 and without descriptors: nobody wants the reply of the job before
 * any more. */
struct decoder_request {
    uint32_t wire;
    uint32_t number; /* of the job */
    uint32_t seconds;
    uint32_t count;
    uint32_t
        by_engine; /* 1 where its type's own decoder has left the file to ImageMagick, else 0 */
    uint64_t memory;
    struct image_header header;
    struct decoder_output outputs[DECODER_OUTPUTS_MAX];
};

/* A request with its two descriptors: the file, and where the reply goes. -1 where it has none. */
struct decoder_mail {
    struct decoder_request request;
    int file, reply;
};

#define DECODER_MAIL_INIT                                                                          \
    ((struct decoder_mail){.request = {.wire = DECODER_WIRE}, .file = -1, .reply = -1})

/* Sends it through the socket; the descriptors stay the caller's. errno says why not. */
bool decoder_wire_send(int fd, const struct decoder_mail *mail) VT_MUST_CHECK;

/* Receives one. False where the other end is closed, or what came cannot be right. The descriptors
 * are the caller's in either case. */
bool decoder_wire_receive(int fd, struct decoder_mail *mail) VT_MUST_CHECK;

/* Closes the descriptors that it has. */
void decoder_wire_close(struct decoder_mail *mail);

/* Why a child has ended. */
enum decoder_cause {
    DECODER_BY_ITSELF, /* or by somebody else, as far as the host knows */
    DECODER_LATE,      /* ended by the host: its time was over */
    DECODER_CANCELLED  /* ended by the host, which was told to */
};

/* From the host, once the child of a job has ended. */
struct decoder_end {
    uint32_t wire;
    uint32_t number;
    int32_t status; /* of wait(2) */
    uint32_t cause; /* enum decoder_cause */
};

/* From the child; the bytes of the files follow. */
struct decoder_reply {
    uint32_t wire;
    int32_t err; /* enum vt_error */
    uint32_t width, height;
    uint32_t alpha;                        /* 0 or 1 */
    uint32_t lengths[DECODER_OUTPUTS_MAX]; /* 0 beyond the outputs of the job */
    struct vt_reason why;
};

#endif
