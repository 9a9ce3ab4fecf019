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

# ---- a decoder that notices that it takes too long ----

start_gallery VITRINE_WORKERS=1 VITRINE_DECODE_SECONDS=1
before=$(workers image)
upload "$work/scans.jpg"
refused 'an image whose decode would take minutes' 422 'the image takes too long to decode'
is 'a decode that takes too long does not end the worker' "$before" "$(workers image)"
is 'a decode that takes too long leaves no unfinished upload' '' "$(find "$data/tmp" -type f)"
upload "$work/next.png"
is 'the upload after a decode that took too long succeeds' 201 "$status"
consistent 'after a decode that took too long'

# ---- a decoder that never returns, and decoders that crash ----

# waits: finds the process that waits for the next picture, which is the youngest child of its host. The eldest child is
# the host with ImageMagick. To the host, a stopped decoder is like one that never returns.
waits() {
  host=$(pgrep -P "$(workers image)" -f vitrine-decoder) && child=$(pgrep -n -P "$host") &&
    [ "$child" != "$(pgrep -o -P "$host")" ]
}
before=$(workers image)
eventually 'a decoder waits for the first picture' waits
kill -STOP "$child"
request POST /api/images -F "file=@$work/stuck.png" -F "file=@$work/one.png" -F "file=@$work/two.png"
is 'a decoder that is stopped costs only its own file of the form' '207 2 1' \
  "$status $(jq '[.images[] | select(.error | not)] | length' "$work/body") $(jq '[.images[] | select(.error)] | length' "$work/body")"
like "a stopped decoder's client is told that the image takes too long" 'the image takes too long to decode' "$(cat "$work/body")"
is 'the other files of the form have their tokens' 2 "$(jq '[.images[].delete_token | strings | select(length > 40)] | length' "$work/body")"
is 'a stopped decoder does not end the worker' "$before" "$(workers image)"
is 'a stopped decoder leaves no unfinished upload' '' "$(find "$data/tmp" -type f)"
consistent 'after a stopped decoder'

# ---- a thumbnail whose client has disconnected ----

id=$(sqlite3 "$data/catalogue.sqlite" 'SELECT id FROM image LIMIT 1')
thumbnail=/thumbs/2048/$(echo "$id" | cut -c 1-2)/$id.jpg
stop_gallery
start_gallery VITRINE_WORKERS=1 VITRINE_DECODE_SECONDS=100
picture PNG "$work/more.png" seed=$(($$ + 5))
picture PNG "$work/again.png" seed=$(($$ + 8))
upload "$work/again.png"
eventually 'a decoder waits for the next picture' waits
kill -STOP "$child"
curl -s -o "$work/answer" --max-time 1 "$url$thumbnail"
upload "$work/more.png"
is 'no upload waits for the decode of a client that has disconnected' 201 "$status"

# ---- one worker: a thumbnail gives way to an upload ----

# Both decodes would otherwise go on for 100 seconds.
picture PNG "$work/behind10.png" seed=$(($$ + 10)) width=4000 height=2500
picture PNG "$work/behind11.png" seed=$(($$ + 11))
eventually 'a decoder waits for the thumbnail' waits
kill -STOP "$child"
curl -s -D "$work/heads" -o "$work/answer" -w '%{http_code}' --max-time 90 "$url$thumbnail" >"$work/first" &
client=$!
sleep 1
began=$(date +%s)
upload "$work/behind10.png"
is 'with one worker, an upload succeeds that arrives while a thumbnail is made' 201 "$status"
holds 'with one worker, an upload waits for a thumbnail for seconds only' test $(($(date +%s) - began)) -le 30
wait "$client"
is 'the thumbnail that gives way is refused with 503' 503 "$(cat "$work/first")"
like 'the client of a thumbnail that gives way is told when to ask again' '^[Rr]etry-[Aa]fter: [0-9]' "$(cat "$work/heads")"
request GET "$thumbnail"
is 'a thumbnail that gave way is made once nobody waits' 200 "$status"

# The variant of a large picture is made once the worker has nothing else to do.
id=$(sqlite3 "$data/catalogue.sqlite" 'SELECT id FROM image WHERE width = 4000')
thumbnail=/thumbs/2048/$(echo "$id" | cut -c 1-2)/$id.jpg
request GET "$thumbnail"
eventually 'a decoder waits for the WebP variant' waits
kill -STOP "$child"
request GET "$thumbnail" -H 'Accept: image/webp'
is 'a WebP variant of a large picture is left for later' '200 image/jpeg' "$status $(header Content-Type)"
sleep 1
began=$(date +%s)
upload "$work/behind11.png"
is 'with one worker, an upload succeeds that arrives while a WebP variant is made' 201 "$status"
holds 'with one worker, an upload waits for a WebP variant for seconds only' test $(($(date +%s) - began)) -le 30
stop_gallery

# ---- memory ----

picture GIF "$work/large.gif" width=2000 height=1000
picture PNG "$work/small.png" seed=$(($$ + 6))
start_gallery VITRINE_WORKERS=1 VITRINE_DECODE_MEMORY=64m
upload "$work/large.gif"
refused 'an image that can never fit into VITRINE_DECODE_MEMORY' 422 'of memory; at most 64 MB may be used'
upload "$work/small.png"
is 'an image that fits into VITRINE_DECODE_MEMORY is accepted' 201 "$status"
stop_gallery

# Pictures that make their decoder do what they say: see hostile_module.c.
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
is 'a hundred images that crash their decoder are refused' ' 422 422 422 422 422' "$statuses"
is 'a hundred crashed decoders do not end the worker' "$before" "$(workers image)"
upload "$work/last.png"
is 'the upload after a hundred crashed decoders succeeds' 201 "$status"

# ---- a thumbnail that cannot be made ----

upload "$work/plain.gif"
id=$(jq -r '.images[0].id' "$work/body")
cp "$work/crash.gif" "$data/uploads/$(echo "$id" | cut -c 1-2)/$id.gif"
thumbnail=/thumbs/2048/$(echo "$id" | cut -c 1-2)/$id.jpg
request GET "$thumbnail"
is 'a thumbnail whose decode fails is refused' 422 "$status"
cp "$work/plain.gif" "$data/uploads/$(echo "$id" | cut -c 1-2)/$id.gif"
request GET "$thumbnail"
is 'a thumbnail whose decode has failed is not tried again at once' 422 "$status"
request GET "$(echo "$thumbnail" | sed 's|/2048/|/1280/|')"
is 'other sizes of an image are made after one has failed' 200 "$status"

# ---- a decoder's host that has ended ----

kill -KILL "$(pgrep -P "$before" -f vitrine-decoder)"
is_replaced() {
  [ -n "$(workers image)" ] && [ "$(workers image)" != "$before" ]
}
eventually 'a worker whose decoder has ended is replaced before anybody asks it for a picture' is_replaced
picture GIF "$work/gone.gif" seed=$(($$ + 7))
upload "$work/gone.gif"
is 'a worker that replaces one without decoder accepts an upload' 201 "$status"
consistent 'after a lost decoder'
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
eventually 'a worker whose decoder cannot run is replaced' has_lost_four
holds 'a worker whose decoder cannot run is replaced at most once a second' test $(($(date +%s) - began)) -ge 3
request GET /api/images
is 'listings are answered while the decoder cannot run' 200 "$status"
stop_gallery
mv "$work/decoder" "$VITRINE_TEST_LIBEXEC/vitrine-decoder"

# ---- a module of another version ----

# As after an update: the worker is older than the module, which it loads with its first GIF.
start_gallery VITRINE_WORKERS=1
before=$(workers image)
cp "$VITRINE_TEST_LIBEXEC/image_magick.so" "$work/ours.so"
LC_ALL=C sed 's/\(image_magick.so [0-9.]*, ABI \)[0-9]/\1X/' "$work/ours.so" >"$work/others.so"
mv "$work/others.so" "$VITRINE_TEST_LIBEXEC/image_magick.so" # whoever has it mapped keeps the old one
picture GIF "$work/updated.gif" seed=$(($$ + 9))
upload "$work/updated.gif"
refused 'an upload to a worker with a module of another version' 503 ''
like 'the log names the version of the module and the one that is needed' 'image_magick.so [0-9.]*, ABI X was found, but image_magick.so [0-9.]*, ABI [0-9]+ is needed' \
  "$(grep -a 'ABI X' "$work/log")"
mv "$work/ours.so" "$VITRINE_TEST_LIBEXEC/image_magick.so"
eventually 'a worker with a module of another version is replaced' is_replaced
upload "$work/updated.gif"
is 'an upload succeeds once the module has the right version' 201 "$status"

finish_gallery
