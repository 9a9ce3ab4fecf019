#!/bin/sh
# The sandbox: what running workers are confined by, a worker that tries what it must not, kernels that lack
# something, a data folder that comes late.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test looks at workers, and changes them'
"$VITRINE_TEST_BUILD/tools/older_kernel" -- env VITRINE_DATA="$work" VITRINE_SANDBOX=require \
  "$VITRINE_TEST_BIN/vitrine" check --store \
  2>"$work/said" || bail_skip "$(cat "$work/said")"
rm -rf "${work:?}"/*

# It looks for leaks from another process, which has no way into this one.
ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
VITRINE_SANDBOX=on
export ASAN_OPTIONS VITRINE_SANDBOX

# status_of PID NAME: a line of the kernel's about a process.
status_of() {
  sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

# limit_of PID NAME: the soft limit and the hard one.
limit_of() {
  sed -n "s/^Max $2 *\([^ ]*\) *\([^ ]*\).*/\1 \2/p" "/proc/$1/limits"
}

# Waits until each pool has one worker that waits for requests: what it does last is to limit its processor time.
is_settled() {
  for settling in api image; do
    pid=$(workers "$settling")
    [ -n "$pid" ] && [ "$(readlink "/proc/$pid/exe")" = "$worker" ] || return 1
    [ "$1" = off ] || [ "$(limit_of "$pid" 'cpu time')" = '121 120000' ] || return 1
  done
}
worker=$(readlink -f "$VITRINE_TEST_LIBEXEC/vitrine.fcgi")

# ---- by default ----

start_gallery VITRINE_WORKERS=1 VITRINE_MAX_PIXELS=1000000
holds 'on: both workers have limited themselves' poll is_settled on
for pool in api image; do
  pid=$(workers "$pool")
  is "$pool: seccomp, no new privileges" '2 1' "$(status_of "$pid" Seccomp) $(status_of "$pid" NoNewPrivs)"
  is "$pool: open files" '192 192' "$(limit_of "$pid" 'open files')"
  is "$pool: no core" '0 0' "$(limit_of "$pid" 'core file size')"
  is "$pool: a file's size" '68719476736 68719476736' "$(limit_of "$pid" 'file size')"
done
for pid in $(pgrep -P "$server" -f 'nginx: master') $(pgrep -P "$(pgrep -P "$server" -f 'nginx: master')"); do
  is 'nginx: no new privileges' 1 "$(status_of "$pid" NoNewPrivs)"
done
picture AVIF "$work/a.avif" width=600 height=400 seed=$$
upload "$work/a.avif"
is 'a picture whose decoder is loaded late, and has threads' 201 "$status"
is 'nothing is said of a sandbox that is complete' '' "$(grep -i sandbox "$work/log")"
stop_gallery

start_gallery VITRINE_WORKERS=1 VITRINE_SANDBOX=off
holds 'off: both workers are there' poll is_settled off
is 'off: no seccomp, but no new privileges' '0 1' \
  "$(status_of "$(workers image)" Seccomp) $(status_of "$(workers image)" NoNewPrivs)"
stop_gallery

start_gallery VITRINE_WORKERS=1 VITRINE_SANDBOX=require
request GET /healthz
is 'require: answers' 200 "$status"
# All of them are open at once.
for number in $(seq 100); do
  picture PNG "$work/many.$number.png" width=8 height=8 seed=$((1000 + number))
  set -- "$@" -F "file=@$work/many.$number.png"
done
request POST /api/images "$@"
is 'require: a form of as many files as it may have' '201 100' "$status $(jq '.images | length' "$work/body")"
stop_gallery

# ---- kernels that lack something ----

# on_older_kernel NAME...: the gallery, without what is named.
on_older_kernel() {
  start_gallery VITRINE_WORKERS=1 "$VITRINE_TEST_BUILD/tools/older_kernel" "$@" --
  upload "$work/a.avif"
  is "without $*: an upload is taken" 200 "$status"
  request GET /api/images
  is "without $*: and listed" '200 101' "$status $(json .total)"
  is "without $*: each worker has said so, once" 2 "$(grep -c 'the sandbox is incomplete: ' "$work/log")"
  lacking=$(grep 'the sandbox is incomplete: ' "$work/log")
  seccomp=$(status_of "$(workers image)" Seccomp_filters)
  stop_gallery
}
on_older_kernel landlock
like 'without landlock: by name' 'the kernel has no Landlock: Function not implemented' "$lacking"
is 'without landlock: seccomp is used all the same' 2 "$seccomp" # the older kernel is a filter, too
on_older_kernel seccomp
like 'without seccomp: by name' 'no filter of system calls can be set: Invalid argument' "$lacking"
is 'without seccomp: there is none' 1 "$seccomp"
on_older_kernel landlock seccomp

for lack in landlock seccomp; do
  env VITRINE_ROOT="$VITRINE_TEST_STAGE" VITRINE_DATA="$data" VITRINE_SANDBOX=require "$VITRINE_TEST_BUILD/tools/older_kernel" \
    $lack -- "$VITRINE_TEST_LIBEXEC/vitrine-serve" >"$work/out" 2>"$work/err"
  is "require, without $lack: fails" 1 $?
  like "require, without $lack: says why" 'vitrine-serve: check: VITRINE_SANDBOX is require, and ' "$(cat "$work/err")"
  is "require, without $lack: in one line" '0 1' "$(wc -l <"$work/out" | tr -d ' ') $(wc -l <"$work/err" | tr -d ' ')"
done
# Without vitrine-serve, which asks before: the worker itself.
env VITRINE_DATA="$data" VITRINE_SANDBOX=require "$VITRINE_TEST_BUILD/tools/older_kernel" landlock -- \
  spawn-fcgi -n -s "$work/socket" -- "$VITRINE_TEST_LIBEXEC/vitrine.fcgi" >"$work/out" 2>&1
is 'require: the worker ends' 1 $?
like 'require: and says why' 'VITRINE_SANDBOX is require, and the kernel has no Landlock' "$(cat "$work/out")"

# ---- a worker that tries ----

mkdir "$work/outside"
echo secret >"$work/outside/file"
cp -a "$VITRINE_TEST_STAGE" "$work/stage"
VITRINE_TEST_LIBEXEC=$work/stage${VITRINE_TEST_LIBEXEC#"$VITRINE_TEST_STAGE"}
VITRINE_TEST_STAGE=$work/stage
cp "$VITRINE_TEST_BUILD/tools/attempting_worker" "$VITRINE_TEST_LIBEXEC/vitrine.fcgi"
worker=$(readlink -f "$VITRINE_TEST_LIBEXEC/vitrine.fcgi")
ln -s "$work/outside/file" "$data/way"

# provoke POOL: has a worker of the pool publish the listing, which is when it tries.
provoke() {
  if [ "$1" = api ]; then
    rm -f "$data/listing/first.json" "$data/listing/first.json.gz"
    request GET /api/images
  else
    pictures=$((${pictures:-0} + 1))
    picture PNG "$work/new.png" width=8 height=8 seed=$pictures
    upload "$work/new.png"
  fi
}
# said NUMBER WORD: what the worker wanted of an attempt, or got.
said() {
  sed -n "s/.*msg=\"attempt $1: \(.*\): $2 \(.*\)\"/\2/p" "$work/log"
}

start_gallery VITRINE_WORKERS=1 VITRINE_TEST_OUTSIDE="$work/outside"
for pool in api image; do
  number=0
  # A log for each, so that the numbers mean one pool.
  while :; do
    poll is_settled on
    pid=$(workers "$pool")
    : >"$work/log"
    echo $number >"$data/tmp/attempt"
    provoke $pool
    grep -q "attempt $number: there is none" "$work/log" && break
    what=$(sed -n "s/.*msg=\"attempt $number: \(.*\): wanted .*/\1/p" "$work/log")
    [ "$what" != 'writing outside' ] || late=$number # once more, further down
    wanted=$(said $number wanted)
    if [ "$wanted" = SIGSYS ]; then
      is "$pool: $what ends the worker" "502 $wanted " "$status $wanted $(said $number got)"
      holds "$pool: $what: it is gone" poll has_ended "$pid"
    else
      is "$pool: $what is refused" "$pid $wanted" "$(workers $pool) $(said $number got)"
    fi
    number=$((number + 1))
    [ $number -lt 1000 ] || break
  done
  is "$pool: everything was tried" yes "$([ $number -gt 50 ] && echo yes)"
done
is 'outside, all is as it was' 'file secret' "$(ls "$work/outside") $(cat "$work/outside/file")"
stop_gallery

# ---- a data folder that comes late ----

start_gallery VITRINE_WORKERS=1 VITRINE_TEST_OUTSIDE="$work/outside" VITRINE_RUN="$work/run"
poll is_settled on
pids="$(workers api) $(workers image)"
mv "$data" "$work/away"
# shellcheck disable=SC2086
kill $pids
are_others() {
  is_settled on && ! { workers api && workers image; } | grep -Fxq "$(echo "$pids" | tr ' ' '\n')"
}
holds 'late: workers start without the data folder' poll are_others
request GET '/api/images?sort=name'
is 'late: and cannot answer' '503 application/problem+json' "$status $(header Content-Type)"
is 'late: their calls are limited meanwhile' '2 2' \
  "$(status_of "$(workers api)" Seccomp) $(status_of "$(workers image)" Seccomp)"
mv "$work/away" "$data"
: >"$work/log"
for pool in api image; do
  echo "$late" >"$data/tmp/attempt"
  provoke $pool
  like "late: $pool answers when it is there" '^20[01]$' "$status"
done
is 'late: and both are confined to it' 'EACCES EACCES' "$(said "$late" got | xargs)"
like 'late: which was tried' 'writing outside: wanted EACCES' "$(cat "$work/log")"
stop_gallery

finish_gallery
