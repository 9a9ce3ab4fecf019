#!/bin/sh
# VITRINE_DECODE_SECONDS: decodes that take too long end, whether the decoder notices or not; and the
# pool answers the next upload.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test stops and kills workers'

picture SCANS "$work/scans.jpg" width=8000 height=8000
picture PNG "$work/next.png" seed=$$
picture PNG "$work/last.png" seed=$(($$ + 1))
# Its decoder is one call, of half a second or more, that asks nobody whether it is late.
picture AVIF "$work/deep.avif" width=3000 height=2000 noise=1 seed=$$

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

# ---- one that does not ----

# A timer of the worker: it decodes.
decodes() {
  grep -q '^ID' "/proc/$(workers image)/timers"
}
# A worker that is stopped is as late as one that is stuck: its timer is the first that it sees afterwards.
stick() {
  poll decodes
  stuck=$(workers image)
  echo "$stuck" >"$work/stuck"
  kill -STOP "$stuck"
  sleep 3
  kill -CONT "$stuck"
}
if [ -r /proc/self/timers ]; then
  stop_gallery
  start_gallery VITRINE_WORKERS=1 VITRINE_DECODE_SECONDS=1 VITRINE_REQUEST_LOG=on
  stick &
  sticking=$!
  upload "$work/deep.avif"
  wait "$sticking"
  before=$(cat "$work/stuck")
  refused 'a decoder that does not come back' 422 'the image takes too long to decode'
  has_logged() {
    grep -q "^level=error pid=$before msg=\"watchdog: the decode of an image takes over 2 s; the worker ends\"$" "$work/log"
  }
  holds 'its worker says so, and ends' poll has_logged
  is_replaced() {
    [ -n "$(workers image)" ] && [ "$(workers image)" != "$before" ]
  }
  holds 'another is there' poll is_replaced
  stick &
  sticking=$!
  request POST /api/images -F "file=@$work/deep.avif" -H 'Accept: text/html'
  wait "$sticking"
  is 'a browser without scripts reads of it' '422 text/html' "$status $(header Content-Type | cut -d ';' -f 1)"
  like 'and why' 'the image takes too long to decode' "$(cat "$work/body")"
  upload "$work/last.png"
  is 'the next upload is taken by another worker' 201 "$status"
  consistent stuck
  is 'what the dead have left is left to the sweep alone' '2 2' \
    "$(find "$data/tmp" -type f | wc -l) $(find "$data/uploads" -type f | wc -l)"
else
  skip 'a decoder that does not come back' 'this kernel does not tell of timers'
fi

finish_gallery
