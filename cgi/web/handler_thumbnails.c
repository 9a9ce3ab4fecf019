/* /thumbs/{size}/{prefix}/{file}: nginx asks here for a thumbnail that is not on the disk. For a
 * client that accepts WebP it asks for ID.twin instead of ID.jpg. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/handlers.h"

/* Reads "320" and "ab" and "ab….jpg", each exactly as Vitrine writes it. */
static bool parse_path(const struct route_parameters *parameters, unsigned *size,
                       char id[ID_LENGTH + 1], char extension[8])
{
    const char *file = parameters->values[2];
    char canonical[ROUTE_PARAMETER_SIZE];

    if (strlen(file) <= ID_LENGTH + 1 || file[ID_LENGTH] != '.')
        return false;
    *size = (unsigned)strtoul(parameters->values[0], NULL, 10);
    (void)snprintf(canonical, sizeof canonical, "%u", *size);
    memcpy(id, file, ID_LENGTH);
    id[ID_LENGTH] = '\0';
    (void)snprintf(extension, 8, "%s", file + ID_LENGTH + 1);
    return strcmp(canonical, parameters->values[0]) == 0 && record_is_id(id) &&
           strlen(parameters->values[1]) == 2 && memcmp(parameters->values[1], id, 2) == 0;
}

enum vt_error handler_thumbnails_make(struct app *app, const struct http_request *request,
                                      const struct route_parameters *parameters,
                                      struct http_response *response)
{
    const struct gallery_client client = {request->address,
                                          request->connection > 0 ? request->connection : -1,
                                          request->others_wait, request->body_source};
    char id[ID_LENGTH + 1], extension[8];
    const char *made = extension;
    unsigned size;
    bool has_time;
    enum vt_error err;

    if (!parse_path(parameters, &size, id, extension))
        return VT_ERR_NOT_FOUND;
    gallery_serve(app->gallery, &client);
    if (strcmp(extension, GALLERY_WEBP_VARIANT) == 0) {
        has_time = request->others_wait == NULL || !request->others_wait(request->body_source);
        err = gallery_find_webp_variant(app->gallery, id, size, has_time, &made);
    } else {
        err = gallery_make_thumbnail(app->gallery, id, size, extension);
    }
    gallery_serve(app->gallery, NULL);
    if (err != VT_OK)
        return err;
    /* Names the file itself: with the URL, nginx would choose again, and might ask again. */
    http_header(response, "X-Accel-Redirect", "/made/thumbs/%u/%.2s/%s.%s", size, id, id, made);
    response->status = 200;
    return VT_OK;
}
