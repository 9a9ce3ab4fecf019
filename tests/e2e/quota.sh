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

# of FILE: what it takes with its thumbnails.
of() {
  jq -r ".[\"$1\"]" "$work/sizes"
}

start_gallery
is 'without a quota: none is told' null "$(stats .quota)"
# What each takes with the thumbnails that its upload makes.
before=0
for i in $(seq 12); do
  upload "$work/$i.png"
  after=$(stats '.bytes + .thumbnail_bytes')
  echo "{\"$i\": $((after - before))}"
  before=$after
done | jq -s add >"$work/sizes"
is 'what is told of thumbnails is what is on the disk' \
  "$(find "$data/thumbs" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')" "$(stats .thumbnail_bytes)"
stop_gallery
rm -rf "$data"

# ---- up to the byte ----

quota=$(($(of 1) + $(of 2)))
start_gallery VITRINE_QUOTA=$quota
is 'stats tell quota and use' "[$quota,0,0]" "$(stats '[.quota, .bytes, .thumbnail_bytes]')"
upload "$work/1.png"
is 'the first is taken' 201 "$status"
token=$(json '.images[0].delete_token')
id=$(json '.images[0].id')
cp "$work/2.png" "$work/over.png"
echo >>"$work/over.png"
upload "$work/over.png"
refused 'a byte too many' 507 '^the gallery has no room for it: [0-9.]+ [kM]?B of [0-9.]+ [kM]?B are used, and this file and its thumbnails need [0-9.]+ [kM]?B'
is 'of its own type' urn:vitrine:problem:insufficient-storage "$(json .type)"
is 'no path of the host is told' 0 "$(grep -c "$work" "$work/body")"
is 'nothing of it is left' '' "$(find "$data/tmp" -type f)"
upload "$work/2.png"
is 'what fits is taken to the byte' "201 [$quota,$quota]" "$status $(stats '[.quota, .bytes + .thumbnail_bytes]')"
upload "$work/3.png"
is 'a full gallery takes nothing' 507 "$status"
upload "$work/1.png"
is 'known bytes are still known' 200 "$status"
request POST /api/images -F "file=@$work/3.png" -H 'Accept: text/html'
is 'a browser without scripts reads of it' '507 text/html' "$status $(header Content-Type | cut -d ';' -f 1)"
request POST /api/images -F "file=@$work/2.png" -F "file=@$work/3.png"
is 'a form with a known file and one too many' '207 200 507' "$status $(json '[.images[].status] | join(" ")')"
head -c 1000 /dev/urandom >"$work/noise"
upload "$work/noise"
is 'it is refused before anything is looked into' 507 "$status"
request GET /healthz
is 'a gallery that is full is well' 200 "$status"
thumb=$(curl -s "$url/api/images" | jq -r '.images[0].thumbs["320"]')
request GET "$thumb" -H 'Accept: image/webp'
is 'a full gallery serves thumbnails, and makes no twins of them' '200 image/jpeg' "$status $(header Content-Type)"
request DELETE "/api/images/$id" -H "Authorization: Bearer $token"
upload "$work/1.png"
is 'what is deleted makes room' '204' "$(request DELETE "/api/images/$(json '.images[0].id')" \
  -H "Authorization: Bearer $(json '.images[0].delete_token')" && echo "$status")"
stop_gallery

# ---- many at once ----

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
is 'of twelve at once, all others are refused' $((12 - taken)) "$(grep -lx 507 "$work"/status.* | wc -l)"
is 'those that were taken are counted' "$taken" "$(stats .images)"
is 'they stay within the quota, and no more would' true \
  "$(stats "[.bytes + .thumbnail_bytes <= $quota, .bytes + .thumbnail_bytes + $(jq '[.[]] | min' "$work/sizes") > $quota] | all")"
is 'rows and originals agree' "$taken $(stats .bytes)" \
  "$(find "$data/uploads" -type f | wc -l) $(find "$data/uploads" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')"
stop_gallery

# ---- a quota below what is there ----

start_gallery VITRINE_QUOTA=1
upload "$work/status.1"
is 'a quota below what is there: nothing is taken' 507 "$status"
request GET /api/images
is 'and all is served' "200 $taken" "$status $(json .total)"

finish_gallery
