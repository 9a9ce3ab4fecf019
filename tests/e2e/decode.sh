#!/bin/sh
# VITRINE_DECODE_SECONDS: decodes that take too long end, whether the decoder notices or not; and the
# pool answers the next upload.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test stops and kills workers'

picture SCANS "$work/scans.jpg" width=8000 height=8000
picture PNG "$work/next.png" seed=$$
picture PNG "$work/last.png" seed=$(($$ + 1))
picture PNG "$work/one.png" seed=$(($$ + 2))
picture PNG "$work/two.png" seed=$(($$ + 3))
picture PNG "$work/stuck.png" seed=$(($$ + 4))

consistent() {
  is "$1: rows and originals agree" \
    "$(sqlite3 "$data/catalogue.sqlite" 'SELECT id FROM image ORDER BY id')" \
    "$(find "$data/uploads" -type f | sed 's|.*/||; s|\..*||' | sort)"
}

# ---- a decoder that looks at the clock ----

start_gallery VITRINE_WORKERS=1 VITRINE_DECODE_SECONDS=1
before=$(workers image)
upload "$work/scans.jpg"
refused 'minutes of decoding' 422 'the image takes too long to decode'
is 'the worker lives on' "$before" "$(workers image)"
is 'no unfinished upload is left' '' "$(find "$data/tmp" -type f)"
upload "$work/next.png"
is 'the next upload is taken' 201 "$status"
consistent late

# ---- one that does not, and one that crashes ----

# The process that waits for the next picture: its host's youngest, whose eldest is the host with ImageMagick. One that
# is stopped is as late as one that is stuck.
waits() {
  host=$(pgrep -P "$(workers image)" -f vitrine-decoder) && child=$(pgrep -n -P "$host") &&
    [ "$child" != "$(pgrep -o -P "$host")" ]
}
before=$(workers image)
poll waits
kill -STOP "$child"
request POST /api/images -F "file=@$work/stuck.png" -F "file=@$work/one.png" -F "file=@$work/two.png"
is 'a decoder that does not come back costs its own file' '207 2 1' \
  "$status $(jq '[.images[] | select(.error | not)] | length' "$work/body") $(jq '[.images[] | select(.error)] | length' "$work/body")"
like 'and the client is told why' 'the image takes too long to decode' "$(cat "$work/body")"
is 'the others have their tokens' 2 "$(jq '[.images[].delete_token | strings | select(length > 40)] | length' "$work/body")"
is 'the worker lives on' "$before" "$(workers image)"
is 'no unfinished upload is left' '' "$(find "$data/tmp" -type f)"
consistent stuck

# ---- a thumbnail whose client has gone ----

id=$(sqlite3 "$data/catalogue.sqlite" 'SELECT id FROM image LIMIT 1')
thumbnail=/thumbs/2048/$(echo "$id" | cut -c 1-2)/$id.jpg
stop_gallery
start_gallery VITRINE_WORKERS=1 VITRINE_DECODE_SECONDS=100
picture PNG "$work/more.png" seed=$(($$ + 5))
picture PNG "$work/again.png" seed=$(($$ + 8))
upload "$work/again.png"
holds 'a process waits for the next picture' poll waits
kill -STOP "$child"
curl -s -o "$work/answer" --max-time 1 "$url$thumbnail"
upload "$work/more.png"
is 'nobody waits for the decode of a client that has gone' 201 "$status"
stop_gallery

# ---- memory ----

picture GIF "$work/large.gif" width=2000 height=1000
picture PNG "$work/small.png" seed=$(($$ + 6))
start_gallery VITRINE_WORKERS=1 VITRINE_DECODE_MEMORY=64m
upload "$work/large.gif"
refused 'an image that can never fit into VITRINE_DECODE_MEMORY' 422 'of memory; at most 64 MB may be used'
upload "$work/small.png"
is 'one that fits is taken' 201 "$status"
stop_gallery

# Pictures that take their decoder over: see hostile_module.c.
cp -a "$VITRINE_TEST_STAGE" "$work/stage"
VITRINE_TEST_LIBEXEC=$work/stage${VITRINE_TEST_LIBEXEC#"$VITRINE_TEST_STAGE"}
VITRINE_TEST_STAGE=$work/stage
mv "$VITRINE_TEST_LIBEXEC/image_magick.so" "$VITRINE_TEST_LIBEXEC/real.so"
cp "$VITRINE_TEST_BUILD/tools/hostile_module.so" "$VITRINE_TEST_LIBEXEC/image_magick.so"
picture GIF "$work/plain.gif" seed=$$
{
  head -c -1 "$work/plain.gif"
  printf '!\376\015HOSTILE:crash\000;'
} >"$work/crash.gif"
start_gallery VITRINE_WORKERS=1
before=$(workers image)
set --
statuses=
for _ in $(seq 20); do
  set -- "$@" -F "file=@$work/crash.gif"
done
for _ in $(seq 5); do
  request POST /api/images "$@"
  statuses="$statuses $status"
done
is 'a hundred crashes are refused' ' 422 422 422 422 422' "$statuses"
is 'and end no worker' "$before" "$(workers image)"
upload "$work/last.png"
is 'the next upload is taken' 201 "$status"

# ---- a thumbnail that cannot be made ----

upload "$work/plain.gif"
id=$(jq -r '.images[0].id' "$work/body")
cp "$work/crash.gif" "$data/uploads/$(echo "$id" | cut -c 1-2)/$id.gif"
thumbnail=/thumbs/2048/$(echo "$id" | cut -c 1-2)/$id.jpg
request GET "$thumbnail"
is 'a thumbnail whose decode fails is refused' 422 "$status"
cp "$work/plain.gif" "$data/uploads/$(echo "$id" | cut -c 1-2)/$id.gif"
request GET "$thumbnail"
is 'and is not tried again at once' 422 "$status"
request GET "$(echo "$thumbnail" | sed 's|/2048/|/1280/|')"
is 'while other sizes are made' 200 "$status"

# ---- a decoder's host that is gone ----

kill -KILL "$(pgrep -P "$before" -f vitrine-decoder)"
is_replaced() {
  [ -n "$(workers image)" ] && [ "$(workers image)" != "$before" ]
}
holds 'a worker whose decoder has ended is replaced before anybody asks it for a picture' poll is_replaced
picture GIF "$work/gone.gif" seed=$(($$ + 7))
upload "$work/gone.gif"
is 'and the other one takes an upload' 201 "$status"
consistent gone
stop_gallery

# ---- a decoder that cannot run ----

mv "$VITRINE_TEST_LIBEXEC/vitrine-decoder" "$work/decoder"
printf '#!/bin/sh\nexit 1\n' >"$VITRINE_TEST_LIBEXEC/vitrine-decoder"
chmod 755 "$VITRINE_TEST_LIBEXEC/vitrine-decoder"
began=$(date +%s)
start_gallery VITRINE_WORKERS=1
has_lost_four() {
  [ "$(grep -c 'its decoder has ended' "$work/log")" -ge 4 ]
}
holds 'a worker whose decoder cannot run is replaced' poll has_lost_four
holds 'but not more often than once a second' test $(($(date +%s) - began)) -ge 3
request GET /api/images
is 'while listings are answered' 200 "$status"
stop_gallery
mv "$work/decoder" "$VITRINE_TEST_LIBEXEC/vitrine-decoder"

# ---- a module of another version ----

# As after an update: the worker is of before, and loads the module with its first GIF.
start_gallery VITRINE_WORKERS=1
before=$(workers image)
cp "$VITRINE_TEST_LIBEXEC/image_magick.so" "$work/ours.so"
LC_ALL=C sed 's/\(image_magick.so [0-9.]*, ABI \)[0-9]/\1X/' "$work/ours.so" >"$VITRINE_TEST_LIBEXEC/image_magick.so"
picture GIF "$work/updated.gif" seed=$(($$ + 9))
upload "$work/updated.gif"
refused 'a module of another version is not used' 503 ''
like 'the log says why' 'image_magick.so [0-9.]*, ABI X was found, but image_magick.so [0-9.]*, ABI [0-9]+ is needed' \
  "$(grep -a 'ABI X' "$work/log")"
cp "$work/ours.so" "$VITRINE_TEST_LIBEXEC/image_magick.so"
holds 'another worker takes its place' poll is_replaced
upload "$work/updated.gif"
is 'and takes the upload' 201 "$status"

finish_gallery
