#!/bin/sh
# What happens around a gallery that runs: the catalogue is locked by another program, the clock jumps, the sockets'
# folder goes. Nothing that was answered is lost, and it goes on.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test disturbs the gallery that it runs on'

# fsck WHAT
fsck() {
  VITRINE_DATA=$data "$VITRINE_TEST_BIN/vitrine" fsck >"$work/found" 2>&1
  is "$1: fsck finds nothing" 0 "$?"
}

newest() {
  request GET '/api/images?limit=1&sort=new'
  json '.images[0].name'
}

# new NAME: uploads another picture under this name.
seed=0
new() {
  seed=$((seed + 1))
  picture PNG "$work/$1.png" width=80 height=60 noise=1 seed="$seed"
  upload "$work/$1.png"
}

# ---- another program has the catalogue's write lock ----

start_gallery VITRINE_WORKERS=1
new first
token=$(json '.images[0].delete_token')
id=$(json '.images[0].id')
mkfifo "$work/commands"
# A worker may hold the lock for a moment after the upload, so this waits for it.
sqlite3 -cmd '.timeout 30000' "$data/catalogue.sqlite" <"$work/commands" >"$work/said" 2>&1 &
holder=$!
exec 9>"$work/commands"
echo 'BEGIN IMMEDIATE; SELECT 1;' >&9
is_locked() {
  grep -qx 1 "$work/said"
}
eventually "another program holds the catalogue's write lock" is_locked
mkdir "$work/in"
picture PNG "$work/in/imported.png" width=70 height=50 seed=7
VITRINE_MODULE_DIR=$VITRINE_TEST_LIBEXEC VITRINE_POLICY_DIR=$VITRINE_TEST_POLICY VITRINE_DATA=$data \
  "$VITRINE_TEST_BIN/vitrine" import --json "$work/in" >"$work/import" 2>&1 &
importer=$!
new second
is 'with the catalogue locked, an upload is refused with 503' '503 application/problem+json' "$status $(header Content-Type)"
is 'with the catalogue locked, an upload is told to retry in 5 seconds' 5 "$(header Retry-After)"
request PATCH "/api/images/$id" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
  --data '{"name":"in vain"}'
is 'with the catalogue locked, a change is refused with 503' 503 "$status"
request DELETE "/api/images/$id" -H "Authorization: Bearer $token"
is 'with the catalogue locked, a deletion is refused with 503' 503 "$status"
is 'with the catalogue locked, the listing is answered' first.png "$(newest)"
request GET "/api/images/$id"
is "with the catalogue locked, an image's data is answered" '200 first.png' "$status $(json .name)"
# Each of these waits for the lock, for five seconds at most, and there is one worker in each pool.
changers=
for i in 1 2 3 4 5 6 7 8 9 10; do
  curl -s -o "$work/changed-$i" -w '%{http_code}' -X PATCH -H "Authorization: Bearer $token" \
    -H 'Content-Type: application/json' --data '{"name":"in time"}' "$url/api/images/$id" >"$work/change-$i" &
  changers="$changers $!"
done
listings=0
while [ "$listings" -lt 20 ] && [ -z "$(find "$work" -name 'change-*' -size +0)" ]; do
  request GET '/api/images?sort=name'
  listings=$((listings + 1))
done
holds 'ten changes that wait for the catalogue delay no listing' [ "$listings" -ge 4 ]
echo 'COMMIT;' >&9
exec 9>&-
wait "$holder"
# shellcheck disable=SC2086
wait $changers
wait "$importer"
is 'an import tries again until the catalogue is unlocked' '0 1' "$? $(tail -n 1 "$work/import" | jq .imported)"
request GET "/api/images/$id"
is 'changes that waited for the catalogue succeed when it is unlocked' 'in time' "$(json .name)"
upload "$work/second.png"
is 'an upload succeeds once the catalogue is unlocked' 201 "$status"
is 'the upload after the lock is the newest image of the listing' second.png "$(newest)"
fsck 'after the catalogue was locked'

# ---- the sockets and their folder are removed ----

rm "$data/run/api.sock" "$data/run/image.sock"
is_back() {
  [ -S "$data/run/image.sock" ] && curl -fs -o "$work/health" --max-time 5 "$url/healthz"
}
eventually 'the gallery recovers by itself after its sockets are removed' is_back
new third
is 'uploads succeed after the sockets were removed' 201 "$status"
rm -r "$data/run"
eventually 'the gallery recovers by itself after the folder run/ is removed' is_back
new fourth
is 'uploads succeed after run/ was removed' 201 "$status"
picture PNG "$work/large.png" width=700 height=500 noise=1 seed=99
upload "$work/large.png"
is 'uploads that nginx buffers on the disk succeed after run/ was removed' 201 "$status"
is 'the upload after run/ was removed is the newest image of the listing' large.png "$(newest)"
fsck 'after run/ was removed'
stop_gallery

# ---- the clock jumps ----

faketime=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
reason=
[ -n "$faketime" ] || reason='libfaketime is not installed'
! grep -q libasan "$VITRINE_TEST_LIBEXEC/vitrine.fcgi" || reason='AddressSanitizer has to be loaded before libfaketime'
[ -z "$reason" ] || {
  skip 'the gallery serves while the clock jumps' "$reason"
  finish_gallery
}

# at OFFSET: sets the clock of the running gallery.
at() {
  echo "$1" >"$work/clock"
}
# Settings for env. The times of files are not changed.
set -- LD_PRELOAD="$faketime" FAKETIME_TIMESTAMP_FILE="$work/clock" FAKETIME_NO_CACHE=1 \
  FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1
at +0
# The sandbox does not allow libfaketime its own memory and files.
start_gallery VITRINE_WORKERS=1 VITRINE_SANDBOX=off "$@"
new today
now=$(json '.images[0].created')
at -3d
new yesterday
like 'an upload after the clock has jumped back succeeds' '^201 ' "$status $(json '.images[0].created')"
holds 'an upload after the clock has jumped back has an earlier time' [ "$(json '.images[0].created')" \< "$now" ]
is 'the last upload is listed first although the clock has jumped back' yesterday.png "$(newest)"
request GET '/api/images?limit=1&sort=new'
etag=$(header ETag)
new again
request GET '/api/images?limit=1&sort=new' -H "If-None-Match: $etag"
is 'a change is noticed by its entity tag although the clock has jumped back' '200 again.png' "$status $(json '.images[0].name')"

# Decoded whole, which takes a while.
picture GIF "$work/slow.gif" width=6000 height=4000 seed=7
is_under_way() {
  [ -n "$(find "$data/tmp" -type f)" ]
}
curl -s -o "$work/answer" -w '%{http_code}' -F "file=@$work/slow.gif" "$url/api/images" >"$work/status" &
client=$!
eventually 'an upload is in progress when the clock jumps forward' is_under_way
at +3d
wait "$client"
is 'an upload in progress succeeds although the clock jumps forward' 201 "$(cat "$work/status")"
new tomorrow
is 'the upload after the clock has jumped forward succeeds' '201 tomorrow.png' "$status $(newest)"
picture GIF "$work/slower.gif" width=6000 height=4000 seed=8
curl -s -o "$work/answer" -w '%{http_code}' -F "file=@$work/slower.gif" "$url/api/images" >"$work/status" &
client=$!
eventually 'an upload is in progress when its file is made to look old' is_under_way
find "$data/tmp" -type f -exec touch -d '4 days ago' {} +
env VITRINE_DATA="$data" "$@" "$VITRINE_TEST_BIN/vitrine" gc >"$work/said"
wait "$client"
like 'an upload in progress that a sweep takes for an old one succeeds, or fails with 500 or 503' '^(201|50[03])$' \
  "$(cat "$work/status")"
upload "$work/slower.gif"
like 'an upload after that sweep succeeds' '^20[01]$' "$status"
fsck 'after the clock has jumped'

finish_gallery
