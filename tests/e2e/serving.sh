#!/bin/sh
# What nginx serves and says: page, files, headers, caching, compression, errors, and the worker's
# health, counts and metrics.
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
is 'the page' '200 text/html' "$status $(header Content-Type | cut -d ';' -f 1)"
policy=$(header Content-Security-Policy)
like 'its policy allows no scripts but its own' "script-src 'self';" "$policy"
is 'and nothing inline' 0 "$(printf '%s' "$policy" | grep -c unsafe)"
is 'it is asked for again each time' no-cache "$(header Cache-Control)"
grep -Eo '(src|href)="/[a-z.]+"' "$work/body" | cut -d '"' -f 2 | sort -u >"$work/parts"
while read -r part; do
  request GET "$part"
  is "$part is there" 200 "$status"
done <"$work/parts"
is 'no style or handler in the page itself' 0 \
  "$(curl -s "$url/" | grep -Eic 'style=|<style|<script>|[ "]on[a-z]+=')"

# ---- headers of everything ----

for path in / "$original" "$thumb" /api/images /healthz /nothing /api/nothing; do
  request GET "$path"
  is "$path: nosniff" nosniff "$(header X-Content-Type-Options)"
  is "$path: no referrer to other sites" same-origin "$(header Referrer-Policy)"
  like "$path: a policy" "default-src 'none'" "$(header Content-Security-Policy)"
  is "$path: no version of the server" nginx "$(header Server)"
done

# ---- files ----

for path in "$original" "$thumb"; do
  request GET "$path"
  is "$path may be kept for ever" 'public, max-age=31536000, immutable' "$(header Cache-Control)"
  like "$path runs nothing" 'sandbox' "$(header Content-Security-Policy)"
  request GET "$path" -H "If-None-Match: $(header ETag)"
  is "$path: 304 for who has it" 304 "$status"
  request GET "$path" -H 'Range: bytes=0-9'
  is "$path: ranges" '206 10' "$status $(stat -c %s "$work/body")"
done
request GET /uploads/
is 'no list of the folder' 404 "$status"
for path in "/uploads/$prefix/../../catalogue.sqlite" /uploads/../catalogue.sqlite /catalogue.sqlite \
  /uploads/..%2fcatalogue.sqlite /tmp/ "/uploads/$prefix" /metrics/x /thumbs/../catalogue.sqlite \
  "/thumbs/320/$prefix/../../../catalogue.sqlite"; do
  request GET "$path"
  like "$path is not served" '^(400|404)$' "$status"
done

# ---- thumbnails at first sight ----

for size in 1280 2048; do
  if has_data; then
    is "$size: not there before" '' "$(find "$data/thumbs/$size" -name "$id.jpg" 2>/dev/null)"
  fi
  request GET "/thumbs/$size/$prefix/$id.jpg"
  is "$size: made when it is asked for" '200 image/jpeg' "$status $(header Content-Type)"
  is "$size: and kept for ever" 'public, max-age=31536000, immutable' "$(header Cache-Control)"
  like "$size: in its size" "${size}x" "$(file "$work/body")"
  if has_data; then
    is "$size: on the disk now" 1 "$(find "$data/thumbs/$size" -name "$id.jpg" | wc -l)"
  fi
done
request HEAD "/thumbs/1280/$prefix/$id.jpg"
is 'HEAD of a thumbnail' 200 "$status"
for path in "321/$prefix/$id.jpg" "0640/$prefix/$id.jpg" "1/$prefix/$id.jpg" "640/$prefix/$id.webp" \
  "640/00/00000000000000000000000000000000.jpg" "640/xx/$id.jpg" "640/$prefix/$id.png" \
  "640/$prefix/${id}0.jpg" "640/$prefix/$id" "99999999999999999999/$prefix/$id.jpg"; do
  path=/thumbs/$path
  request GET "$path"
  is "$path: 404" '404 application/problem+json' "$status $(header Content-Type)"
  is "$path: not to be kept" '' "$(header Cache-Control)"
done

# ---- methods ----

# allows METHOD PATH ALLOW
allows() {
  request "$1" "$2"
  is "$1 $2: 405" '405 application/problem+json' "$status $(header Content-Type)"
  is "$1 $2: Allow" "$3" "$(header Allow)"
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
is 'an unknown path of the API' "404 application/problem+json" "$status $(header Content-Type)"
request GET /nothing
is 'any other unknown path' "404 application/problem+json" "$status $(header Content-Type)"

# ---- too many uploads at once ----

# Uploads that take minutes: a piece every few seconds, since nginx gives up who sends nothing for 30 s.
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
# Each try adds one, for one that was lost: those over the limit are refused and end.
is_too_many() {
  upload "$work/$mark.jpg"
  [ "$status" = 429 ] || {
    start_slow_client
    echo "the last upload's status is $status"
    return 1
  }
}
holds 'one upload more than 16 of one address at once is refused' poll is_too_many
[ "$status" = 429 ] || sed 's/^/# /' "$work/polled"
is 'as JSON, and when to come again' 'application/problem+json 429 5' \
  "$(header Content-Type) $(json .status) $(header Retry-After)"
request GET /api/images
is 'reading goes on' 200 "$status"
# shellcheck disable=SC2086
kill $clients
# shellcheck disable=SC2086
wait $clients 2>/dev/null
is_taken() {
  upload "$work/$mark.jpg"
  [ "$status" = 200 ]
}
holds 'when they are gone, uploads are taken again' poll is_taken

# ---- compression ----

request GET /api/images --compressed -H 'Accept-Encoding: gzip'
is 'JSON is compressed' gzip "$(header Content-Encoding)"
is 'and readable' true "$(json '.total > 0')"
request GET "$original" -H 'Accept-Encoding: gzip'
is 'pictures are not' '' "$(header Content-Encoding)"

# ---- health, counts, metrics ----

request GET /healthz
is 'health' '200 no-store ok ok ok' \
  "$status $(header Cache-Control) $(json '"\(.status) \(.catalogue) \(.disk)"')"
request GET /api/stats
is 'counts' "200 $(curl -s "$url/api/images" | jq .total)" "$status $(json .images)"
is 'bytes' true "$(json ".bytes >= $(stat -c %s "$work/$mark.jpg")")"
request GET /metrics
is 'metrics' '200 text/plain; version=0.0.4; charset=utf-8' "$status $(header Content-Type)"
like 'metrics count requests' '^vitrine_requests_total\{route="images_add",status="2xx"\} [1-9]' "$(cat "$work/body")"
like 'metrics count images' '^vitrine_images [1-9]' "$(cat "$work/body")"
is 'each line is one of the format' 0 \
  "$(grep -Evc '^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)$' "$work/body")"

finish_gallery
