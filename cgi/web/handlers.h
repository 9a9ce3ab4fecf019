/* The handlers of the route table: HTTP in, HTTP out, nothing else. The table in
 * docs/architecture.md describes each of them; all follow the contract of route_handler. */
#ifndef VITRINE_WEB_HANDLERS_H
#define VITRINE_WEB_HANDLERS_H

#include "web/router.h"

#define DECLARE_HANDLER(name)                                                                      \
    enum vt_error name(struct app *app, const struct http_request *request,                        \
                       const struct route_parameters *parameters, struct http_response *response)

/* handler_images.c */
DECLARE_HANDLER(handler_images_list);
DECLARE_HANDLER(handler_images_get);
DECLARE_HANDLER(handler_images_original);
DECLARE_HANDLER(handler_images_change);
DECLARE_HANDLER(handler_images_remove);

/* handler_upload.c */
DECLARE_HANDLER(handler_upload);

/* handler_thumbnails.c */
DECLARE_HANDLER(handler_thumbnails_make);
DECLARE_HANDLER(handler_thumbnails_copy);

/* handler_counts.c */
DECLARE_HANDLER(handler_counts_timeline);
DECLARE_HANDLER(handler_counts_tags);

/* handler_operations.c */
DECLARE_HANDLER(handler_operations_session);
DECLARE_HANDLER(handler_operations_stats);
DECLARE_HANDLER(handler_operations_health);
DECLARE_HANDLER(handler_operations_metrics);

#undef DECLARE_HANDLER

#endif
