#!/bin/sh
# The 99th percentile of listings while four clients upload without pause, compared with no uploads.
# shellcheck source=bench/speed.d/lib.sh
. "${srcdir:?}/bench/speed.d/lib.sh"

seconds=2
[ -z "$SPEED_QUICK" ] || seconds=1

# tail_of FIGURE PAUSE PATH: adds the 99th percentile of four connections.
tail_of() {
  wrk_summary "$2" -t 1 -c 4 -d "${seconds}s" "$url$3" >"$work/summary" || fail "$3 is not answered"
  add "$1" "$(jq .p99_ms "$work/summary")"
}

# tails WHEN: measures one round.
tails() {
  tail_of "hot.$1" '' /api/images
  tail_of "name.$1" '' '/api/images?sort=name'
  tail_of "hot_paced.$1" 10 /api/images
  tail_of "name_paced.$1" 10 '/api/images?sort=name'
}

has_more_than() {
  [ "$(image_total)" -gt "$1" ]
}

is_settled() {
  settled_before=$(image_total)
  sleep 0.5
  [ "$(image_total)" -eq "$settled_before" ]
}

fill_gallery data 1000
open_gallery data
copy_photographs 8
upload_all "$work"/photographs/*.jpg || fail 'an upload was not answered with 201'
for round in $(rounds 5 1); do
  tails idle
  before=$(image_total)
  began=$(now_ms)
  wrk -t 1 -c 4 -d 600s --timeout 60s -s "$here/upload.lua" "$url/api/images" -- \
    "$photograph" "$mark-$round" >"$work/uploads" 2>&1 &
  uploading=$!
  poll has_more_than "$before" || fail 'no upload comes through'
  tails busy
  add uploads "$(per_second $(($(image_total) - before)) $(($(now_ms) - began)))"
  kill -INT "$uploading" # wrk ends its run then
  wait "$uploading" || fail "$(cat "$work/uploads")"
  uploading=
  poll is_settled || fail 'the gallery does not come to rest'
done

row hot ms 'first page, p99 while four upload' hot.busy against idle hot.idle at_most 3
row name ms 'by name, p99 while four upload' name.busy against idle name.idle at_most 3
row hot_paced ms 'first page, 400 a second, p99 while four upload' hot_paced.busy against idle hot_paced.idle at_most 3
row name_paced ms 'by name, 400 a second, p99 while four upload' name_paced.busy against idle name_paced.idle at_most 3
row uploads /s 'uploads meanwhile' uploads
