#!/bin/sh
# VITRINE_QUOTA: the gallery holds what it may hold, and not a byte more, however many come at once.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test fills the gallery'

for i in $(seq 12); do
  picture PNG "$work/$i.png" width=120 height=90 noise=1 seed=$(($$ + i))
done
stats() {
  curl -s "$url/api/stats" | jq -c "$1"
}

# of FILE: prints the bytes that it takes with its thumbnails.
of() {
  jq -r ".[\"$1\"]" "$work/sizes"
}

start_gallery
is 'without VITRINE_QUOTA, /api/stats has no quota' null "$(stats .quota)"
# The bytes that each takes with the thumbnails that its upload makes.
before=0
for i in $(seq 12); do
  upload "$work/$i.png"
  after=$(stats '.bytes + .thumbnail_bytes')
  echo "{\"$i\": $((after - before))}"
  before=$after
done | jq -s add >"$work/sizes"
is '/api/stats counts the bytes of the thumbnails on the disk' \
  "$(find "$data/thumbs" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')" "$(stats .thumbnail_bytes)"
stop_gallery
rm -rf "$data"

# ---- a quota that is used to the last byte ----

quota=$(($(of 1) + $(of 2)))
start_gallery VITRINE_QUOTA=$quota
is '/api/stats has quota and use' "[$quota,0,0]" "$(stats '[.quota, .bytes, .thumbnail_bytes]')"
upload "$work/1.png"
is 'an upload within the quota succeeds' 201 "$status"
token=$(json '.images[0].delete_token')
id=$(json '.images[0].id')
cp "$work/2.png" "$work/over.png"
echo >>"$work/over.png"
upload "$work/over.png"
refused 'an upload that exceeds the quota by one byte' 507 '^the gallery has no room for it: [0-9.]+ [kM]?B of [0-9.]+ [kM]?B are used, and this file and its thumbnails need [0-9.]+ [kM]?B'
is 'a used-up quota is a problem of the type insufficient-storage' urn:vitrine:problem:insufficient-storage "$(json .type)"
is 'an answer about the quota contains no path of the host' 0 "$(grep -c "$work" "$work/body")"
is 'an upload over the quota leaves no unfinished file' '' "$(find "$data/tmp" -type f)"
upload "$work/2.png"
is 'an upload that uses the quota to the last byte succeeds' "201 [$quota,$quota]" "$status $(stats '[.quota, .bytes + .thumbnail_bytes]')"
upload "$work/3.png"
is 'a full gallery accepts no upload' 507 "$status"
upload "$work/1.png"
is 'a full gallery answers an upload of known bytes with success' 200 "$status"
request POST /api/images -F "file=@$work/3.png" -H 'Accept: text/html'
is 'a full gallery answers a form with an HTML page' '507 text/html' "$status $(header Content-Type | cut -d ';' -f 1)"
request POST /api/images -F "file=@$work/2.png" -F "file=@$work/3.png"
is 'a form with a known file and one over the quota is answered for each' '207 200 507' "$status $(json '[.images[].status] | join(" ")')"
head -c 1000 /dev/urandom >"$work/noise"
upload "$work/noise"
is 'a full gallery refuses an upload before it looks at the content' 507 "$status"
request GET /healthz
is 'a full gallery is healthy' 200 "$status"
thumb=$(curl -s "$url/api/images" | jq -r '.images[0].thumbs["320"]')
request GET "$thumb" -H 'Accept: image/webp'
is 'a full gallery serves thumbnails, and makes no WebP variants of them' '200 image/jpeg' "$status $(header Content-Type)"
request DELETE "/api/images/$id" -H "Authorization: Bearer $token"
upload "$work/1.png"
is 'deleting an image makes space for another' '204' "$(request DELETE "/api/images/$(json '.images[0].id')" \
  -H "Authorization: Bearer $(json '.images[0].delete_token')" && echo "$status")"
stop_gallery

# ---- concurrent uploads ----

rm -rf "$data"
quota=$((5 * $(of 1) + 1000))
start_gallery VITRINE_QUOTA=$quota VITRINE_WORKERS=6
pids=
for i in $(seq 12); do
  curl -s -o "$work/answer.$i" -w '%{http_code}\n' -F "file=@$work/$i.png" "$url/api/images" >"$work/status.$i" &
  pids="$pids $!"
done
for pid in $pids; do wait "$pid"; done
taken=$(grep -lx 201 "$work"/status.* | wc -l)
is 'of twelve concurrent uploads, those that do not succeed are refused with 507' $((12 - taken)) "$(grep -lx 507 "$work"/status.* | wc -l)"
is '/api/stats counts the concurrent uploads that succeeded' "$taken" "$(stats .images)"
is 'concurrent uploads stay within the quota, and use it as far as possible' true \
  "$(stats "[.bytes + .thumbnail_bytes <= $quota, .bytes + .thumbnail_bytes + $(jq '[.[]] | min' "$work/sizes") > $quota] | all")"
is 'rows and originals agree after concurrent uploads' "$taken $(stats .bytes)" \
  "$(find "$data/uploads" -type f | wc -l) $(find "$data/uploads" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')"
stop_gallery

# ---- a quota below the use ----

start_gallery VITRINE_QUOTA=1
upload "$work/status.1"
is 'a quota below the use: no upload is accepted' 507 "$status"
request GET /api/images
is 'a quota below the use: all images are served' "200 $taken" "$status $(json .total)"

finish_gallery
