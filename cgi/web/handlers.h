/* The handlers of the route table: HTTP in, HTTP out, nothing else. Each is described where the
 * table in docs/architecture.md names it; all follow route_handler's contract. */
#ifndef VITRINE_WEB_HANDLERS_H
#define VITRINE_WEB_HANDLERS_H

#include "web/router.h"

#define DECLARE_HANDLER(name)                                                                      \
    enum vt_error name(struct app *app, const struct http_request *request,                        \
                       const struct route_parameters *parameters, struct http_response *response)

/* images.c */
DECLARE_HANDLER(images_list);
DECLARE_HANDLER(images_get);
DECLARE_HANDLER(images_change);
DECLARE_HANDLER(images_remove);

/* images_add.c */
DECLARE_HANDLER(images_add);

/* thumbs.c */
DECLARE_HANDLER(thumbs_make);

/* ops.c */
DECLARE_HANDLER(ops_session);
DECLARE_HANDLER(ops_stats);
DECLARE_HANDLER(ops_health);
DECLARE_HANDLER(ops_metrics);

#undef DECLARE_HANDLER

#endif
