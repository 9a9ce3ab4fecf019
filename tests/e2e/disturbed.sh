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
  request GET '/api/images?limit=1'
  json '.images[0].name'
}

# new NAME: uploads a picture of its own.
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
sqlite3 "$data/catalogue.sqlite" <"$work/commands" >"$work/said" 2>&1 &
holder=$!
exec 9>"$work/commands"
echo 'BEGIN IMMEDIATE; SELECT 1;' >&9
is_locked() {
  grep -q 1 "$work/said"
}
holds 'locked: another program has the catalogue' poll is_locked
mkdir "$work/in"
picture PNG "$work/in/imported.png" width=70 height=50 seed=7
VITRINE_MODULE_DIR=$VITRINE_TEST_LIBEXEC VITRINE_POLICY_DIR=$VITRINE_TEST_POLICY VITRINE_DATA=$data \
  "$VITRINE_TEST_BIN/vitrine" import --json "$work/in" >"$work/import" 2>&1 &
importer=$!
new second
is 'locked: an upload is refused' '503 application/problem+json' "$status $(header Content-Type)"
is 'locked: to be tried later' 5 "$(header Retry-After)"
request PATCH "/api/images/$id" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
  --data '{"name":"in vain"}'
is 'locked: so is a change' 503 "$status"
request DELETE "/api/images/$id" -H "Authorization: Bearer $token"
is 'locked: and a deletion' 503 "$status"
is 'locked: listings go on' first.png "$(newest)"
request GET "/api/images/$id"
is 'locked: and so does all else that only reads' '200 first.png' "$status $(json .name)"
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
holds 'locked: ten changes that wait keep no listing waiting' [ "$listings" -ge 4 ]
echo 'COMMIT;' >&9
exec 9>&-
wait "$holder"
# shellcheck disable=SC2086
wait $changers
wait "$importer"
is 'locked: an import has tried again' '0 1' "$? $(tail -n 1 "$work/import" | jq .imported)"
request GET "/api/images/$id"
is 'unlocked: changes that have waited are taken' 'in time' "$(json .name)"
upload "$work/second.png"
is 'unlocked: the upload is taken' 201 "$status"
is 'unlocked: and shown' second.png "$(newest)"
fsck unlocked

# ---- the folder of the sockets goes ----

rm "$data/run/api.sock" "$data/run/image.sock"
is_back() {
  [ -S "$data/run/image.sock" ] && curl -fs -o "$work/health" --max-time 5 "$url/healthz"
}
holds 'sockets removed: the gallery comes back by itself' poll is_back
new third
is 'sockets removed: uploads are taken' 201 "$status"
rm -r "$data/run"
holds 'folder removed: the gallery comes back by itself' poll is_back
new fourth
is 'folder removed: uploads are taken' 201 "$status"
picture PNG "$work/large.png" width=700 height=500 noise=1 seed=99
upload "$work/large.png"
is 'folder removed: larger ones, too, which nginx puts on disk' 201 "$status"
is 'folder removed: and shown' large.png "$(newest)"
fsck 'folder removed'
stop_gallery

# ---- the clock jumps ----

faketime=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
reason=
[ -n "$faketime" ] || reason='libfaketime is not installed'
! grep -q libasan "$VITRINE_TEST_LIBEXEC/vitrine.fcgi" || reason='AddressSanitizer has to be loaded before libfaketime'
[ -z "$reason" ] || {
  skip 'the clock jumps' "$reason"
  finish_gallery
}

# at OFFSET: sets the clock of the gallery, which it has running.
at() {
  echo "$1" >"$work/clock"
}
# For env. The times of files stay as they are.
set -- LD_PRELOAD="$faketime" FAKETIME_TIMESTAMP_FILE="$work/clock" FAKETIME_NO_CACHE=1 \
  FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1
at +0
# libfaketime's own memory and files are none of the sandbox's business.
start_gallery VITRINE_WORKERS=1 VITRINE_SANDBOX=off "$@"
new today
now=$(json '.images[0].created')
at -3d
new yesterday
like 'the clock jumps back: the worker sees it' '^201 ' "$status $(json '.images[0].created')"
holds 'the clock jumps back: indeed' [ "$(json '.images[0].created')" \< "$now" ]
is 'the clock jumps back: the last upload comes first all the same' yesterday.png "$(newest)"
request GET '/api/images?limit=1'
etag=$(header ETag)
new again
request GET '/api/images?limit=1' -H "If-None-Match: $etag"
is 'the clock jumps back: a change is seen as one' '200 again.png' "$status $(json '.images[0].name')"

# Decoded whole, which takes a while.
picture GIF "$work/slow.gif" width=6000 height=4000 seed=7
is_under_way() {
  [ -n "$(find "$data/tmp" -type f)" ]
}
curl -s -o "$work/answer" -w '%{http_code}' -F "file=@$work/slow.gif" "$url/api/images" >"$work/status" &
client=$!
poll is_under_way
at +3d
wait "$client"
is 'the clock jumps on: an upload under way is finished' 201 "$(cat "$work/status")"
new tomorrow
is 'the clock jumps on: the next is taken' '201 tomorrow.png' "$status $(newest)"
picture GIF "$work/slower.gif" width=6000 height=4000 seed=8
curl -s -o "$work/answer" -w '%{http_code}' -F "file=@$work/slower.gif" "$url/api/images" >"$work/status" &
client=$!
poll is_under_way
find "$data/tmp" -type f -exec touch -d '4 days ago' {} +
env VITRINE_DATA="$data" "$@" "$VITRINE_TEST_BIN/vitrine" gc >"$work/said"
wait "$client"
like 'a sweep that takes an upload under way for an old one: it is taken, or to be sent again' '^(201|50[03])$' \
  "$(cat "$work/status")"
upload "$work/slower.gif"
like 'and then it is taken, if it was not' '^20[01]$' "$status"
fsck 'the clock has jumped'

finish_gallery
