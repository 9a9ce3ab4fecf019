/* The process that decodes: one file, then it ends. Whatever it is brought to do by that file, it
 * has nothing but that file, the memory of a host that has never seen another one, and a pipe. */
#ifndef VITRINE_DECODER_CHILD_H
#define VITRINE_DECODER_CHILD_H

#include "decoder/wire.h"
#include "image/image.h"

/* Does one job and ends the process; engine may be NULL: decodes the file, makes its thumbnails,
 * writes the reply. The descriptors are open in this process alone. */
_Noreturn void decoder_child_run(struct image_engine *engine, const struct decoder_request *request,
                                 int file, int reply);

#endif
