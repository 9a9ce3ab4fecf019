/* /thumbs/{size}/{prefix}/{file}: nginx asks here for a thumbnail that is not on the disk. For a
 * client that accepts WebP it asks for ID.twin instead of ID.jpg.
 *
 * /copies/{level}/{prefix}/{file}: the same for the copy of an original that everybody may have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gallery/image_json.h"
#include "web/handlers.h"

/* Reads "ab" and "ab….jpg", each exactly as Vitrine writes it. */
static bool parse_file(const struct route_parameters *parameters, char id[ID_LENGTH + 1],
                       char extension[8])
{
    const char *file = parameters->values[2];

    if (strlen(file) <= ID_LENGTH + 1 || file[ID_LENGTH] != '.')
        return false;
    memcpy(id, file, ID_LENGTH);
    id[ID_LENGTH] = '\0';
    (void)snprintf(extension, 8, "%s", file + ID_LENGTH + 1);
    return record_is_id(id) && strlen(parameters->values[1]) == 2 &&
           memcmp(parameters->values[1], id, 2) == 0;
}

/* Reads "320", exactly as Vitrine writes it. */
static bool parse_size(const struct route_parameters *parameters, unsigned *size)
{
    char canonical[ROUTE_PARAMETER_SIZE];

    *size = (unsigned)strtoul(parameters->values[0], NULL, 10);
    (void)snprintf(canonical, sizeof canonical, "%u", *size);
    return strcmp(canonical, parameters->values[0]) == 0;
}

static struct gallery_client client_of(const struct http_request *request)
{
    return (struct gallery_client){request->address,
                                   request->connection > 0 ? request->connection : -1,
                                   request->others_wait, request->body_source};
}

/* Names the file itself: with the URL, nginx would choose again, and might ask again. */
static void send_file(struct http_response *response, const char *id, unsigned size,
                      const char *extension)
{
    http_header(response, "X-Accel-Redirect", "/made/thumbs/%u/%.2s/%s.%s", size, id, id,
                extension);
    response->status = 200;
}

enum vt_error handler_thumbnails_make(struct app *app, const struct http_request *request,
                                      const struct route_parameters *parameters,
                                      struct http_response *response)
{
    const struct gallery_client client = client_of(request);
    char id[ID_LENGTH + 1], extension[8];
    const char *made = extension;
    unsigned size;
    bool has_time;
    enum vt_error err;

    if (!parse_size(parameters, &size) || !parse_file(parameters, id, extension))
        return VT_ERR_NOT_FOUND;
    gallery_serve(app->gallery, &client);
    if (strcmp(extension, GALLERY_WEBP_VARIANT) == 0) {
        has_time = request->others_wait == NULL || !request->others_wait(request->body_source);
        err = gallery_find_webp_variant(app->gallery, id, size, has_time, &made);
    } else {
        err = gallery_make_thumbnail(app->gallery, id, size, extension);
    }
    gallery_serve(app->gallery, NULL);
    if (err == VT_OK)
        send_file(response, id, size, made);
    return err;
}

enum vt_error handler_thumbnails_copy(struct app *app, const struct http_request *request,
                                      const struct route_parameters *parameters,
                                      struct http_response *response)
{
    const struct gallery_client client = client_of(request);
    char id[ID_LENGTH + 1], extension[8];
    struct gallery_file file;
    enum vt_error err;

    /* Another level may be one that was hidden meanwhile. */
    if (strcmp(parameters->values[0], image_json_copy_word(app->config->metadata)) != 0 ||
        !parse_file(parameters, id, extension))
        return VT_ERR_NOT_FOUND;
    gallery_serve(app->gallery, &client);
    err = gallery_make_copy(app->gallery, id, extension, &file);
    gallery_serve(app->gallery, NULL);
    if (err == VT_OK)
        send_file(response, id, file.size, file.extension);
    return err;
}
