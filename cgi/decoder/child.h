/* The process that decodes one file and then ends. Whatever that file makes it do, it has access
 * only to that file, the memory of a host that has never seen another one, and a pipe. */
#ifndef VITRINE_DECODER_CHILD_H
#define VITRINE_DECODER_CHILD_H

#include "decoder/wire.h"
#include "image/image.h"
#include "image/metadata.h"

/* Does one job and ends the process: decodes the file, if thumbnails are asked for, makes these and
 * writes the reply; then reads the metadata, if that is asked for, and writes it. A job to redact
 * only finds out of which bytes of the file its copy consists, and writes that. So whatever happens
 * there, the thumbnails have been written. engine and metadata may be NULL. Only this process has
 * the descriptors open. */
_Noreturn void decoder_child_run(struct image_engine *engine,
                                 const struct image_metadata_module *metadata,
                                 const struct decoder_request *request, int file, int reply);

#endif
