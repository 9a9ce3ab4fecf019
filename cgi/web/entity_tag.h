/* Entity tags of answers that the whole catalogue decides, such as listings. */
#ifndef VITRINE_WEB_ENTITY_TAG_H
#define VITRINE_WEB_ENTITY_TAG_H

#include "web/router.h"

/* Checks whether the client already has the answer: then the response gets the status 304. `form`
 * is what the tag says of the form in which the answer is written: "" or, for instance, "-html". In
 * any other case the response and version stay as they are; a 304 fills version. */
enum vt_error entity_tag_check(struct app *app, const struct http_request *request,
                               const char *form, struct http_response *response,
                               char version[VERSION_SIZE]) VT_MUST_CHECK;

/* Adds the headers of an answer made from that version of the catalogue: its entity tag, and that
 * caches ask again each time. */
void entity_tag_send(const struct app *app, const char *version, const char *form,
                     struct http_response *response);

#endif
