/* Whether what a decoder has answered can be true. Whoever broke out of a decoder writes the reply;
 * nothing in it is taken on its word that can be looked at. */
#ifndef VITRINE_DECODER_REPLY_H
#define VITRINE_DECODER_REPLY_H

#include "decoder/wire.h"

/* Whether the head may begin the reply to the job: an error that a decode can have, with a reason
 * that is printable ASCII; or a size that the file can have, and lengths that thumbnails of that
 * size can have. */
bool decoder_reply_is_sound(const struct decoder_reply *head, const struct decoder_job *job);

/* Whether each of the files, which have the lengths of a sound head, is an image of the type and
 * the size that the job asks for. */
bool decoder_reply_files_are_sound(const struct decoder_reply *head, const struct decoder_job *job,
                                   const struct decoder_result *result);

/* The type that a thumbnail of such a form has. */
enum image_type decoder_reply_form_type(enum decoder_form form, bool alpha);

#endif
