#include "access.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "digest.h"
#include "http_header.h"

static bool is_operator(const struct config *config, const char *token)
{
    uint8_t hash[HASH_SIZE];

    if (config->token[0] == '\0')
        return false;
    digest_of(config->token, strlen(config->token), hash);
    return token_matches(token, hash);
}

static enum vt_error wrong_token(struct vt_reason *why)
{
    return vt_fail(why, VT_ERR_FORBIDDEN, "the token is not the right one");
}

enum vt_error access_has_token(const struct http_request *request, struct vt_reason *why)
{
    if (http_bearer_token(request->authorization) != NULL)
        return VT_OK;
    return vt_fail(why, VT_ERR_UNAUTHORIZED, "send the token as Authorization: Bearer TOKEN");
}

enum vt_error access_may_upload(const struct config *config, const struct http_request *request,
                                struct vt_reason *why)
{
    enum vt_error err;

    if (config->token[0] == '\0')
        return VT_OK;
    err = access_has_token(request, why);
    if (err != VT_OK)
        return err;
    return is_operator(config, http_bearer_token(request->authorization)) ? VT_OK
                                                                          : wrong_token(why);
}

enum vt_error access_may_change(const struct config *config, const struct http_request *request,
                                const struct record *record, struct vt_reason *why)
{
    enum vt_error err = access_has_token(request, why);
    const char *token;

    if (err != VT_OK)
        return err;
    token = http_bearer_token(request->authorization);
    if (is_operator(config, token) || token_matches(token, record->token_hash))
        return VT_OK;
    return wrong_token(why);
}
