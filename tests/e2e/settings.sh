#!/bin/sh
# What an operator's settings change, as a client sees it.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

# ---- VITRINE_TOKEN ----

use_gallery_with VITRINE_TOKEN=open-sesame.12345
operator='Authorization: Bearer open-sesame.12345'
picture PNG "$work/$mark.png" seed=$$
upload "$work/$mark.png"
is 'an upload without VITRINE_TOKEN is refused with 401' '401 Bearer realm="vitrine"' "$status $(header WWW-Authenticate)"
upload "$work/$mark.png" -H 'Authorization: Bearer open-sesame'
is 'an upload with a wrong token is refused with 403' 403 "$status"
upload "$work/$mark.png" -H "$operator"
is 'an upload with VITRINE_TOKEN succeeds' 201 "$status"
id=$(json '.images[0].id')
token=$(json '.images[0].delete_token')
request GET /api/images
is 'the listing needs no token' 200 "$status"

# rename NAME TOKEN
rename() {
  request PATCH "/api/images/$id" -H 'Content-Type: application/json' -H "Authorization: Bearer $2" \
    --data "{\"name\":\"$1\"}"
}
rename 'by its own' "$token"
is "an image's own token may change it" '200 by its own' "$status $(json .name)"
rename 'by the operator' open-sesame.12345
is 'VITRINE_TOKEN may change an image' '200 by the operator' "$status $(json .name)"
request DELETE "/api/images/$id" -H "$operator"
is 'VITRINE_TOKEN may delete an image' 204 "$status"

# ---- VITRINE_MAX_UPLOAD ----

use_gallery_with VITRINE_MAX_UPLOAD=100k
head -c 200000 /dev/urandom >"$work/large.jpg"
upload "$work/large.jpg"
refused 'an upload over VITRINE_MAX_UPLOAD' 413 '100k'
request POST /api/images --data-binary "@$work/large.jpg" -H 'Content-Type: image/jpeg' \
  -H 'Transfer-Encoding: chunked'
refused 'a chunked upload over VITRINE_MAX_UPLOAD' 413 '100k'
upload "$work/$mark.png"
is 'an upload below VITRINE_MAX_UPLOAD succeeds' 201 "$status"

# ---- VITRINE_MAX_PIXELS, VITRINE_MAX_FRAMES ----

use_gallery_with VITRINE_MAX_PIXELS=10000 VITRINE_MAX_FRAMES=2
picture PNG "$work/wide.png" width=101 height=100 seed=$$
upload "$work/wide.png"
refused 'an image over VITRINE_MAX_PIXELS' 422 '101 by 100 pixels; at most 0.0 megapixels'
picture GIF "$work/long.gif" width=10 height=10 frames=3 seed=$$
upload "$work/long.gif"
refused 'an image over VITRINE_MAX_FRAMES' 422 '3 frames; at most 2'

# ---- logs ----

if is_own; then
  use_gallery_with VITRINE_ACCESS_LOG="$work/access" VITRINE_REQUEST_LOG=on
  request GET '/api/images?q=secret' -H 'X-Forwarded-For: 203.0.113.7'
  request GET /healthz
  request GET '/api/images/line%0Abreak%22'
  request GET /
  # nginx writes a line after the answer has been sent, so wait for the last one.
  eventually 'the access log contains the last request' grep -q '"GET / ' "$work/access"
  is 'the access log has a line for each request except good health checks' 3 "$(wc -l <"$work/access")"
  like 'the access log is in the combined format' \
    '^127\.0\.0\.1 - - \[[^]]+\] "GET /api/images\?q=secret HTTP/1\.1" 200 [0-9]+ "-" "curl/[0-9.]+"$' \
    "$(head -n 1 "$work/access")"
  is 'the request log has a line for each request to a worker except good health checks' 2 \
    "$(grep -c 'msg="request: ' "$work/log")"
  like 'the request log has path and status, and not the search' \
    '^level=info pid=[0-9]+ msg="request: GET /api/images 200, [0-9]+ bytes, [0-9.]+ ms"$' \
    "$(cat "$work/log")"
  like 'the request log escapes what a client sends' \
    ' msg="request: GET /api/images/line\\x0abreak\\" 404, [0-9]+ bytes, [0-9.]+ ms"$' "$(cat "$work/log")"

  # ---- VITRINE_TRUSTED_PROXIES ----

  rm "$work/access"
  use_gallery_with VITRINE_ACCESS_LOG="$work/access" VITRINE_TRUSTED_PROXIES='127.0.0.1, 192.0.2.0/24'
  request GET / -H 'X-Forwarded-For: 198.51.100.9, 203.0.113.7, 192.0.2.5'
  request GET /favicon.svg
  eventually 'the access log contains the last request behind a proxy' grep -q favicon "$work/access"
  is 'the access log has the address that a trusted proxy sends' '203.0.113.7 127.0.0.1' \
    "$(cut -d ' ' -f 1 "$work/access" | xargs)"
fi

finish_gallery
