#!/bin/sh
# What nginx serves: page, files, headers, caching, compression, errors; and the worker's health, counts and metrics.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

use_gallery

picture JPEG "$work/$mark.jpg" width=3000 height=2000 seed=$$
upload "$work/$mark.jpg"
id=$(json '.images[0].id')
prefix=$(echo "$id" | cut -c 1-2)
original=$(json '.images[0].url')
thumb=$(json '.images[0].thumbs["320"]')

# ---- the page ----

request GET /
is 'the page is served as HTML' '200 text/html' "$status $(header Content-Type | cut -d ';' -f 1)"
policy=$(header Content-Security-Policy)
like "the page's policy allows only the site's own scripts" "script-src 'self';" "$policy"
is "the page's policy allows nothing inline" 0 "$(printf '%s' "$policy" | grep -c unsafe)"
is 'the page is revalidated at each use' no-cache "$(header Cache-Control)"
grep -Eo '(src|href)="/[a-z.]+"' "$work/body" | cut -d '"' -f 2 | sort -u >"$work/parts"
holds 'the page uses other files' test -s "$work/parts"
while read -r part; do
  request GET "$part"
  is "$part, which the page uses, is served" 200 "$status"
done <"$work/parts"
is 'the page contains no style, script or handler' 0 \
  "$(curl -s "$url/" | grep -Eic 'style=|<style|<script>|[ "]on[a-z]+=')"

# ---- headers of everything ----

for path in / "$original" "$thumb" /api/images /healthz /nothing /api/nothing; do
  request GET "$path"
  is "$path has the header nosniff" nosniff "$(header X-Content-Type-Options)"
  is "$path sends no referrer to other sites" same-origin "$(header Referrer-Policy)"
  like "$path has a policy that loads nothing by default" "default-src 'none'" "$(header Content-Security-Policy)"
  is "$path does not name the version of the server" nginx "$(header Server)"
done

# ---- files ----

for path in "$original" "$thumb"; do
  request GET "$path"
  is "$path may be cached for ever" 'public, max-age=31536000, immutable' "$(header Cache-Control)"
  like "$path has the policy that runs nothing" 'sandbox' "$(header Content-Security-Policy)"
  request GET "$path" -H "If-None-Match: $(header ETag)"
  is "$path is revalidated with 304" 304 "$status"
  request GET "$path" -H 'Range: bytes=0-9'
  is "a range of $path is answered with 206" '206 10' "$status $(stat -c %s "$work/body")"
done
request GET /uploads/
is 'the folder of the originals has no listing' 404 "$status"
for path in "/uploads/$prefix/../../catalogue.sqlite" /uploads/../catalogue.sqlite /catalogue.sqlite \
  /uploads/..%2fcatalogue.sqlite /tmp/ "/uploads/$prefix" /metrics/x /thumbs/../catalogue.sqlite \
  "/thumbs/320/$prefix/../../../catalogue.sqlite"; do
  request GET "$path"
  like "$path is not served" '^(400|404)$' "$status"
done

# ---- thumbnails that are made at the first request ----

for size in 1280 2048; do
  if has_data; then
    is "the thumbnail of $size does not exist before the first request" '' "$(find "$data/thumbs/$size" -name "$id.jpg" 2>/dev/null)"
  fi
  request GET "/thumbs/$size/$prefix/$id.jpg"
  is "the thumbnail of $size is made at the first request" '200 image/jpeg' "$status $(header Content-Type)"
  is "the thumbnail of $size may be cached for ever" 'public, max-age=31536000, immutable' "$(header Cache-Control)"
  like "the thumbnail of $size has its size" "${size}x" "$(file "$work/body")"
  if has_data; then
    is "the thumbnail of $size is on the disk after the first request" 1 "$(find "$data/thumbs/$size" -name "$id.jpg" | wc -l)"
  fi
done
request HEAD "/thumbs/1280/$prefix/$id.jpg"
is 'HEAD of a thumbnail succeeds' 200 "$status"
for path in "321/$prefix/$id.jpg" "0640/$prefix/$id.jpg" "1/$prefix/$id.jpg" "640/$prefix/$id.webp" \
  "640/00/00000000000000000000000000000000.jpg" "640/xx/$id.jpg" "640/$prefix/$id.png" \
  "640/$prefix/${id}0.jpg" "640/$prefix/$id" "99999999999999999999/$prefix/$id.jpg"; do
  path=/thumbs/$path
  request GET "$path"
  is "$path does not exist: 404 as JSON" '404 application/problem+json' "$status $(header Content-Type)"
  is "a 404 of $path is not cached" '' "$(header Cache-Control)"
done

# ---- methods ----

# allows METHOD PATH ALLOW: checks that the method is refused, and which ones the answer allows.
allows() {
  request "$1" "$2"
  is "$1 $2 is refused with 405" '405 application/problem+json' "$status $(header Content-Type)"
  is "the 405 of $1 $2 names the allowed methods" "$3" "$(header Allow)"
}
allows PUT /api/images 'POST, GET, HEAD'
allows DELETE /api/images 'POST, GET, HEAD'
allows POST "/api/images/$id" 'GET, HEAD, PATCH, DELETE'
allows POST /api/stats 'GET, HEAD'
allows DELETE /healthz 'GET, HEAD'
allows POST /metrics 'GET, HEAD'
allows POST / 'GET, HEAD'
allows DELETE "$original" 'GET, HEAD'
allows PUT "$thumb" 'GET, HEAD'
allows PUT "/thumbs/1280/00/00000000000000000000000000000000.jpg" 'GET, HEAD'
request GET /api/nothing
is 'an unknown path of the API is 404 as JSON' "404 application/problem+json" "$status $(header Content-Type)"
request GET /nothing
is 'any other unknown path is 404 as JSON' "404 application/problem+json" "$status $(header Content-Type)"

# ---- too many uploads at once ----

# Uploads that take minutes, a piece every few seconds: nginx closes a connection after 30 s without data.
head -c 4000000 /dev/zero >"$work/slow"
clients=
start_slow_client() {
  curl -s -o "$work/slow-answer" -X POST -H 'Content-Type: image/png' --limit-rate 8k --data-binary "@$work/slow" \
    "$url/api/images" &
  clients="$clients $!"
}
for _ in $(seq 32); do
  start_slow_client
done
# Each attempt adds a client, in case one was lost: those over the limit are refused and end.
is_too_many() {
  upload "$work/$mark.jpg"
  [ "$status" = 429 ] || {
    start_slow_client
    echo "the last upload's status is $status"
    return 1
  }
}
eventually 'one address may not have more than 16 uploads in progress' is_too_many
[ "$status" = 429 ] || sed 's/^/# /' "$work/polled"
is 'an upload over that limit gets 429 as JSON with Retry-After' 'application/problem+json 429 5' \
  "$(header Content-Type) $(json .status) $(header Retry-After)"
request GET /api/images
is 'the first page is served while an address is at its limit' 200 "$status"
# shellcheck disable=SC2086
kill $clients
# shellcheck disable=SC2086
wait $clients 2>/dev/null
is_taken() {
  upload "$work/$mark.jpg"
  [ "$status" = 200 ]
}
eventually 'uploads succeed again after the others have ended' is_taken

# ---- compression ----

request GET /api/images --compressed -H 'Accept-Encoding: gzip'
is 'JSON is compressed for a client that accepts gzip' gzip "$(header Content-Encoding)"
is 'compressed JSON can be read' true "$(json '.total > 0')"
request GET "$original" -H 'Accept-Encoding: gzip'
is 'originals are not compressed by nginx' '' "$(header Content-Encoding)"

# ---- health, counts, metrics ----

request GET /healthz
is '/healthz says that catalogue and disk are usable' '200 no-store ok ok ok' \
  "$status $(header Cache-Control) $(json '"\(.status) \(.catalogue) \(.disk)"')"
request GET /api/stats
is '/api/stats counts the images' "200 $(curl -s "$url/api/images" | jq .total)" "$status $(json .images)"
is '/api/stats counts the bytes' true "$(json ".bytes >= $(stat -c %s "$work/$mark.jpg")")"
request GET /metrics
is '/metrics has the type of the Prometheus format' '200 text/plain; version=0.0.4; charset=utf-8' "$status $(header Content-Type)"
like '/metrics counts requests by route' '^vitrine_requests_total\{route="images_add",status="2xx"\} [1-9]' "$(cat "$work/body")"
like '/metrics counts the images' '^vitrine_images [1-9]' "$(cat "$work/body")"
is 'each line of /metrics is valid in the Prometheus format' 0 \
  "$(grep -Evc '^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)$' "$work/body")"

finish_gallery
