#include "web/access.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/token.h"
#include "http/http_header.h"

static bool is_operator(const struct config *config, const char *token)
{
    uint8_t hash[DIGEST_SIZE];

    if (config->token[0] == '\0')
        return false;
    digest_of(config->token, strlen(config->token), hash);
    return token_matches(token, hash);
}

static int64_t now_ms(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Checks that the request's token, which must exist, is the operator's or that of record, which may
 * be NULL. */
static enum vt_error look_at_token(const struct config *config, struct guesses *guesses,
                                   const struct http_request *request, const struct record *record,
                                   struct vt_reason *why)
{
    const char *token = http_header_bearer_token(request->authorization);
    int64_t now = now_ms();

    if (!guesses_may_try(guesses, request->address, now))
        return vt_fail(why, VT_ERR_TOO_MANY,
                       "too many wrong tokens came from this address; wait before the next one");
    if (is_operator(config, token) || (record != NULL && token_matches(token, record->token_hash)))
        return VT_OK;
    guesses_note_wrong(guesses, request->address, now);
    return vt_fail(why, VT_ERR_FORBIDDEN, "the token is not the right one");
}

enum vt_error access_has_token(const struct http_request *request, struct vt_reason *why)
{
    if (http_header_bearer_token(request->authorization) != NULL)
        return VT_OK;
    return vt_fail(why, VT_ERR_UNAUTHORIZED, "send the token as Authorization: Bearer TOKEN");
}

enum vt_error access_find_operator(const struct config *config, struct guesses *guesses,
                                   const struct http_request *request, bool *found,
                                   struct vt_reason *why)
{
    enum vt_error err = VT_OK;

    *found = false;
    if (http_header_bearer_token(request->authorization) != NULL) {
        err = look_at_token(config, guesses, request, NULL, why);
        *found = err == VT_OK;
    }
    return err;
}

enum vt_error access_may_upload(const struct config *config, struct guesses *guesses,
                                const struct http_request *request, struct vt_reason *why)
{
    enum vt_error err;

    if (config->token[0] == '\0')
        return VT_OK;
    err = access_has_token(request, why);
    return err == VT_OK ? look_at_token(config, guesses, request, NULL, why) : err;
}

enum vt_error access_may_change(const struct config *config, struct guesses *guesses,
                                const struct http_request *request, const struct record *record,
                                struct vt_reason *why)
{
    enum vt_error err = access_has_token(request, why);

    return err == VT_OK ? look_at_token(config, guesses, request, record, why) : err;
}
