/* Checks whether a decoder's reply can be true. An attacker who broke out of a decoder could write
 * it, so everything in it that can be checked is checked. */
#ifndef VITRINE_DECODER_REPLY_H
#define VITRINE_DECODER_REPLY_H

#include "decoder/wire.h"

/* Whether the head is a valid beginning of the reply to the job: either an error that a decode can
 * have, with a reason in printable ASCII; or a size that the file can have, and lengths that
 * thumbnails of that size can have; or, if the job is to redact, the length of a plan. */
bool decoder_reply_is_sound(const struct decoder_reply *head, const struct decoder_job *job);

/* Whether each file is an image of the type and size that the job asks for, or the plan of a
 * redacted copy. The files have the
 * lengths of a head that has passed decoder_reply_is_sound(). */
bool decoder_reply_files_are_sound(const struct decoder_reply *head, const struct decoder_job *job,
                                   const struct decoder_result *result);

/* Whether a file's metadata can say this: the photo is sound, and nobody has guessed or set its
 * time. */
bool decoder_reply_photo_is_sound(const struct photo *photo);

/* The type of a thumbnail of this form. */
enum image_type decoder_reply_form_type(enum decoder_form form, bool alpha);

#endif
