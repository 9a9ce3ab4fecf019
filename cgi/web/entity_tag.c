#include "web/entity_tag.h"

#include <stdio.h>
#include <string.h>

#include "base/build.h"
#include "gallery/image_json.h"
#include "http/http_header.h"

#define ETAG_SIZE (VERSION_SIZE + BUILD_TAG_SIZE + 48)

/* It has this build of the program, too, since another build may write the answer differently, and
 * what decides the addresses of originals. */
static void write_etag(const struct app *app, const char *version, const char *form,
                       char out[ETAG_SIZE])
{
    (void)snprintf(out, ETAG_SIZE, "\"%s-%s-%s%s\"", version, build_tag(),
                   image_json_copy_word(app->config->metadata), form);
}

enum vt_error entity_tag_check(struct app *app, const struct http_request *request,
                               const char *form, struct http_response *response,
                               char version[VERSION_SIZE])
{
    struct totals totals;
    char etag[ETAG_SIZE];
    enum vt_error err;

    if (request->if_none_match[0] == '\0')
        return VT_OK;
    err = gallery_totals(app->gallery, &totals);
    if (err != VT_OK)
        return err;
    write_etag(app, totals.version, form, etag);
    if (http_header_etag_matches(request->if_none_match, etag)) {
        response->status = 304;
        memcpy(version, totals.version, VERSION_SIZE);
    }
    return VT_OK;
}

void entity_tag_send(const struct app *app, const char *version, const char *form,
                     struct http_response *response)
{
    char etag[ETAG_SIZE];

    write_etag(app, version, form, etag);
    http_header(response, "ETag", "%s", etag);
    http_header(response, "Cache-Control", "no-cache");
}
