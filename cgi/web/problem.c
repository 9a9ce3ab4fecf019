#include "web/problem.h"

#include "base/log.h"
#include "web/render.h"

#define TYPE_PREFIX "urn:vitrine:problem:"

static const struct {
    int status;
    const char *type, *title;
} problems[VT_ERROR_COUNT] = {
    [VT_ERR_MALFORMED] = {400, "bad-request", "The request cannot be understood"},
    [VT_ERR_UNAUTHORIZED] = {401, "token-needed", "A token is needed"},
    [VT_ERR_FORBIDDEN] = {403, "wrong-token", "The token does not allow this"},
    [VT_ERR_NOT_FOUND] = {404, "not-found", "There is nothing here"},
    [VT_ERR_METHOD] = {405, "method-not-allowed", "The path does not have this method"},
    [VT_ERR_TOO_LARGE] = {413, "too-large", "The request is too large"},
    [VT_ERR_UNSUPPORTED] = {415, "unsupported-type", "The type is not supported"},
    [VT_ERR_MISDIRECTED] = {421, "misdirected", "The request reached the wrong pool"},
    [VT_ERR_INVALID_IMAGE] = {422, "invalid-image", "The image is broken"},
    [VT_ERR_IMAGE_LIMIT] = {422, "image-limit", "The image is over a limit"},
    [VT_ERR_NO_SPACE] = {507, "no-space", "The store is full"},
    [VT_ERR_QUOTA] = {507, "insufficient-storage", "The gallery is full"},
    [VT_ERR_TOO_MANY] = {429, "too-many", "Too many requests"},
    [VT_ERR_BUSY] = {503, "busy", "The server is overloaded"},
    [VT_ERR_UNAVAILABLE] = {503, "unavailable", "The store cannot be used at the moment"},
    [VT_ERR_IO] = {503, "input-output", "The server's disk failed to read or write"},
    [VT_ERR_DAMAGED] = {503, "damaged", "The catalogue is damaged"},
    [VT_ERR_STOPPED] = {503, "stopped", "The work was stopped"},
    [VT_ERR_MEMORY] = {503, "out-of-memory", "The worker is out of memory"},
    [VT_ERR_INTERNAL] = {500, "internal", "Internal error"},
};

static enum vt_error known(enum vt_error err)
{
    return (int)err > VT_OK && err < VT_ERROR_COUNT ? err : VT_ERR_INTERNAL;
}

int problem_status(enum vt_error err)
{
    return problems[known(err)].status;
}

const char *problem_title(enum vt_error err)
{
    return problems[known(err)].title;
}

json_t *problem_json(enum vt_error err, const struct vt_reason *why)
{
    err = known(err);
    return json_pack("{s:s+, s:s, s:i, s:s*}", "type", TYPE_PREFIX, problems[err].type, "title",
                     problems[err].title, "status", problems[err].status, "detail",
                     why != NULL && why->text[0] != '\0' ? why->text : NULL);
}

void problem_respond(struct http_response *response, enum vt_error err, const struct vt_reason *why)
{
    int status = problem_status(err);

    if (status == 401)
        http_header(response, "WWW-Authenticate", "Bearer realm=\"vitrine\"");
    if (status == 429 || status == 503)
        http_header(response, "Retry-After", "5");
    render_json(response, status, "application/problem+json", problem_json(err, why));
}
