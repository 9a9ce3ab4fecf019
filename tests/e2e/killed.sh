#!/bin/sh
# A worker killed with -9 at each system call by which an upload, a change or a deletion changes something on disk:
# nothing is half-done, and whatever was answered is there. strace does the killing, so that the worker is the one
# that everybody has.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test kills the workers of its gallery'
command -v strace >/dev/null || bail_skip 'strace is not installed'

changing=openat,write,pwrite64,ftruncate,fsync,fdatasync,renameat,linkat,mkdirat,unlinkat,utimensat

is_traced() {
  grep -q "^TracerPid:[[:space:]]*$tracer\$" "/proc/$traced/status" || has_ended "$tracer"
}

has_worker() {
  traced=$(workers "$1")
  [ -n "$traced" ]
}

# trace POOL STRACE-ARGUMENT...: traces the pool's only worker until it ends, or until untrace. What a worker does at leisure
# may get it killed before the request comes: then its successor is traced.
trace() {
  trace_pool=$1
  shift
  for _ in 1 2 3 4 5; do
    poll has_worker "$trace_pool" || miss 'the pool has a worker'
    strace -qq -o "$work/trace" -p "$traced" "$@" 2>"$work/strace" &
    tracer=$!
    poll is_traced || miss 'strace traces the worker' "$(cat "$work/strace")"
    has_ended "$tracer" || return 0
    [ ! -s "$work/strace" ] || break
  done
  bail_skip "strace cannot trace a worker: $(head -n 1 "$work/strace")"
}

untrace() {
  kill -INT "$tracer" 2>/dev/null
  wait "$tracer" 2>/dev/null
}

# is_whole WHAT: checks that vitrine fsck finds nothing.
is_whole() {
  VITRINE_DATA=$data "$VITRINE_TEST_BIN/vitrine" fsck >"$work/found" 2>&1
  fsck_status=$?
  is "$1: fsck finds nothing" "0" "$fsck_status$([ "$fsck_status" -eq 0 ] || { echo; cat "$work/found"; })"
}

# ---- the requests during which a worker is killed: each has something new to do, and sets $status ----

pictures=0

upload_new() {
  pictures=$((pictures + 1))
  picture JPEG "$work/picture-$pictures.jpg" width=200 height=150 noise=1 seed="$pictures"
  upload "$work/picture-$pictures.jpg"
}

# Repeats the upload after a kill: it succeeds, or its bytes are known.
upload_again() {
  upload "$work/picture-$pictures.jpg"
  like "$1: the same upload succeeds afterwards" '^20[01]$' "$status"
}

# Chooses the last upload as the image to change.
set_victim() {
  victim_token=$(jq -r '.images[0].delete_token' "$work/body")
  victim=$(jq -r '.images[0].id' "$work/body")
}

change_new() {
  names=$((names + 1))
  request PATCH "/api/images/$victim" -H "Authorization: Bearer $victim_token" -H 'Content-Type: application/json' \
    --data "{\"name\":\"name $names\"}"
}

change_again() {
  request PATCH "/api/images/$victim" -H "Authorization: Bearer $victim_token" -H 'Content-Type: application/json' \
    --data "{\"name\":\"name $names\"}"
  is "$1: the same change succeeds afterwards" 200 "$status"
}

# Requests that prepare another one, and are not killed.
prepare_upload() { :; }
prepare_change() { :; }
prepare_remove() {
  picture JPEG "$work/doomed.jpg" width=200 height=150 noise=1 seed="$((1000000 + doomed))"
  doomed=$((doomed + 1))
  upload "$work/doomed.jpg"
  doomed_id=$(jq -r '.images[0].id' "$work/body")
  doomed_token=$(jq -r '.images[0].delete_token' "$work/body")
}

remove_new() {
  request DELETE "/api/images/$doomed_id" -H "Authorization: Bearer $doomed_token"
}

remove_again() {
  request DELETE "/api/images/$doomed_id" -H "Authorization: Bearer $doomed_token"
  like "$1: the same deletion succeeds afterwards, or finds nothing" '^(204|404)$' "$status"
  request GET "/api/images/$doomed_id"
  is "$1: the image is gone after the deletion" 404 "$status"
}

# points POOL WHAT: writes each system call of $changing that the request makes to $work/points, in order, as "NAME
# NUMBER": it is the NUMBERth call of that name.
points() {
  "prepare_$2"
  trace "$1" -e trace="$changing"
  "$2_new"
  untrace
  sed -E 's/^([0-9]+ +)?([a-z0-9]+)\(.*/\2/' "$work/trace" | awk 'NF == 1 { print $1, ++seen[$1] }' >"$work/points"
}

# kill_at_each POOL WHAT LEAST: kills the worker at each of these points, of which there are LEAST or more.
kill_at_each() {
  points "$1" "$2"
  kills=0
  while read -r name number; do
    at="$2 killed at $name $number"
    "prepare_$2"
    trace "$1" -e trace="$name" -e inject="$name:signal=KILL:when=$number"
    "$2_new"
    # If a folder exists already, one call less is made, so the last call of a name may not come.
    if [ "$status" != 502 ]; then
      like "$at: the call is not made, and the request succeeds" '^20[014]$' "$status"
      untrace
      continue
    fi
    wait "$tracer" 2>/dev/null
    kills=$((kills + 1))
    is_whole "$at"
    "$2_again" "$at"
  done <"$work/points"
  holds "$2: the worker was killed at $kills points, at least $3" [ "$kills" -ge "$3" ]
}

names=0
doomed=0
start_gallery VITRINE_WORKERS=1 VITRINE_METADATA=show
upload_new
set_victim
upload_new # the coders are loaded now
kill_at_each image upload 40
kill_at_each image change 8
kill_at_each image remove 8

# ---- after all kills ----

request GET '/api/images?limit=200'
is 'after all kills the listing has all pictures and no other' "$pictures" "$(json .total)"
i=0
missing=
while [ "$i" -lt "$pictures" ]; do
  i=$((i + 1))
  id=$(sha256sum "$work/picture-$i.jpg" | cut -c1-32)
  request GET "/uploads/$(echo "$id" | cut -c1-2)/$id.jpg"
  cmp -s "$work/picture-$i.jpg" "$work/body" || missing="$missing $i"
done
is 'after all kills each original is served byte for byte' '' "$missing"
request GET "/api/images/$victim"
is 'after all kills the image has its last name' "name $names" "$(json .name)"
stop_gallery
start_gallery VITRINE_WORKERS=1
is_whole 'after all kills and a restart'
find "$data/tmp" -type f -exec touch -d '2 hours ago' {} +
VITRINE_DATA=$data "$VITRINE_TEST_BIN/vitrine" gc >"$work/said"
is 'the sweep removes what the killed workers have left in tmp' '' "$(find "$data/tmp" -type f)"
is_whole 'after all kills and the sweep'

finish_gallery
