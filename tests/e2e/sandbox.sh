#!/bin/sh
# The sandbox: how running workers are confined, a worker that tries what is forbidden, kernels without some features, a
# data folder that appears late.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test looks at workers, and changes them'
"$VITRINE_TEST_BUILD/tools/older_kernel" -- env VITRINE_DATA="$work" VITRINE_SANDBOX=require \
  "$VITRINE_TEST_BIN/vitrine" check --store \
  2>"$work/said" || bail_skip "$(cat "$work/said")"
rm -rf "${work:?}"/*

# LeakSanitizer inspects a process from another one, which the sandbox does not allow.
ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
VITRINE_SANDBOX=on
export ASAN_OPTIONS VITRINE_SANDBOX

# status_of PID NAME: prints this line of a process's status in /proc.
status_of() {
  sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

# limit_of PID NAME: prints the soft limit and the hard one.
limit_of() {
  sed -n "s/^Max $2 *\([^ ]*\) *\([^ ]*\).*/\1 \2/p" "/proc/$1/limits"
}

# is_settled on|off: whether each pool has one worker that waits for requests. It limits its processor time last.
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
eventually 'with VITRINE_SANDBOX=on, both workers confine themselves' is_settled on
for pool in api image; do
  pid=$(workers "$pool")
  is "$pool: the worker has a seccomp filter and no new privileges" '2 1' "$(status_of "$pid" Seccomp) $(status_of "$pid" NoNewPrivs)"
  is "$pool: the worker may have 192 open files" '192 192' "$(limit_of "$pid" 'open files')"
  is "$pool: the worker dumps no core" '0 0' "$(limit_of "$pid" 'core file size')"
  is "$pool: the worker may write files of 64 GB" '68719476736 68719476736' "$(limit_of "$pid" 'file size')"
done
nginx="$(pgrep -P "$server" -f 'nginx: master') $(pgrep -P "$(pgrep -P "$server" -f 'nginx: master')")"
holds 'nginx has a master and a worker' [ "$(echo "$nginx" | wc -w)" -ge 2 ]
for pid in $nginx; do
  is 'no process of nginx may gain privileges' 1 "$(status_of "$pid" NoNewPrivs)"
done
picture AVIF "$work/a.avif" width=600 height=400 seed=$$
upload "$work/a.avif"
is 'an upload whose decoder is loaded late and has threads succeeds' 201 "$status"
is 'a complete sandbox is not mentioned in the log' '' "$(grep -i sandbox "$work/log")"
stop_gallery

start_gallery VITRINE_WORKERS=1 VITRINE_SANDBOX=off
eventually 'with VITRINE_SANDBOX=off, both workers start' is_settled off
is 'with VITRINE_SANDBOX=off, the worker has no filter, and may not gain privileges' '0 1' \
  "$(status_of "$(workers image)" Seccomp) $(status_of "$(workers image)" NoNewPrivs)"
stop_gallery

start_gallery VITRINE_WORKERS=1 VITRINE_SANDBOX=require
request GET /healthz
is 'with VITRINE_SANDBOX=require, the gallery answers' 200 "$status"
# All files of a form are open at once.
for number in $(seq 100); do
  picture PNG "$work/many.$number.png" width=8 height=8 seed=$((1000 + number))
  set -- "$@" -F "file=@$work/many.$number.png"
done
request POST /api/images "$@"
is 'with VITRINE_SANDBOX=require, a form of a hundred files is accepted' '201 100' "$status $(jq '.images | length' "$work/body")"
stop_gallery

# ---- kernels without some features ----

# on_older_kernel NAME...: runs the gallery without these features.
on_older_kernel() {
  start_gallery VITRINE_WORKERS=1 "$VITRINE_TEST_BUILD/tools/older_kernel" "$@" --
  upload "$work/a.avif"
  is "without $*, an upload succeeds" 200 "$status"
  request GET /api/images
  is "without $*, the listing is answered" '200 101' "$status $(json .total)"
  is "without $*, each worker logs once that the sandbox is incomplete" 2 "$(grep -c 'the sandbox is incomplete: ' "$work/log")"
  lacking=$(grep 'the sandbox is incomplete: ' "$work/log")
  seccomp=$(status_of "$(workers image)" Seccomp_filters)
  stop_gallery
}
on_older_kernel landlock
like 'without landlock, the log names it' 'the kernel has no Landlock: Function not implemented' "$lacking"
is 'without landlock, seccomp is used nevertheless' 2 "$seccomp" # the older kernel is a filter, too
on_older_kernel seccomp
like 'without seccomp, the log names it' 'no filter of system calls can be set: Invalid argument' "$lacking"
is 'without seccomp, the worker has no filter of its own' 1 "$seccomp"
on_older_kernel landlock seccomp

for lack in landlock seccomp; do
  env VITRINE_ROOT="$VITRINE_TEST_STAGE" VITRINE_DATA="$data" VITRINE_SANDBOX=require "$VITRINE_TEST_BUILD/tools/older_kernel" \
    $lack -- "$VITRINE_TEST_LIBEXEC/vitrine-serve" >"$work/out" 2>"$work/err"
  is "with VITRINE_SANDBOX=require and without $lack, vitrine-serve exits with 1" 1 $?
  like "with VITRINE_SANDBOX=require and without $lack, vitrine-serve says why" 'vitrine-serve: check: VITRINE_SANDBOX is require, and ' "$(cat "$work/err")"
  is "with VITRINE_SANDBOX=require and without $lack, vitrine-serve prints one line" '0 1' "$(wc -l <"$work/out" | tr -d ' ') $(wc -l <"$work/err" | tr -d ' ')"
done
# The worker itself, without vitrine-serve, which checks first.
env VITRINE_DATA="$data" VITRINE_SANDBOX=require "$VITRINE_TEST_BUILD/tools/older_kernel" landlock -- \
  spawn-fcgi -n -s "$work/socket" -- "$VITRINE_TEST_LIBEXEC/vitrine.fcgi" >"$work/out" 2>&1
is 'with VITRINE_SANDBOX=require and without landlock, the worker ends' 1 $?
like 'with VITRINE_SANDBOX=require and without landlock, the worker says why' 'VITRINE_SANDBOX is require, and the kernel has no Landlock' "$(cat "$work/out")"

# ---- a worker that tries what is forbidden ----

mkdir "$work/outside"
echo secret >"$work/outside/file"
cp -a "$VITRINE_TEST_STAGE" "$work/stage"
VITRINE_TEST_LIBEXEC=$work/stage${VITRINE_TEST_LIBEXEC#"$VITRINE_TEST_STAGE"}
VITRINE_TEST_STAGE=$work/stage
cp "$VITRINE_TEST_BUILD/tools/attempting_worker" "$VITRINE_TEST_LIBEXEC/vitrine.fcgi"
worker=$(readlink -f "$VITRINE_TEST_LIBEXEC/vitrine.fcgi")
ln -s "$work/outside/file" "$data/way"

# provoke POOL: makes a worker of the pool write the first page, which is when it tries.
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
# said NUMBER WORD: prints what the worker wanted from an attempt, or got.
said() {
  sed -n "s/.*msg=\"attempt $1: \(.*\): $2 \(.*\)\"/\2/p" "$work/log"
}

start_gallery VITRINE_WORKERS=1 VITRINE_TEST_OUTSIDE="$work/outside"
for pool in api image; do
  number=0
  # The log is emptied for each attempt, because both pools use the same numbers.
  while :; do
    poll is_settled on || miss "$pool: both workers confine themselves before attempt $number"
    pid=$(workers "$pool")
    : >"$work/log"
    echo $number >"$data/tmp/attempt"
    provoke $pool
    grep -q "attempt $number: there is none" "$work/log" && break
    what=$(sed -n "s/.*msg=\"attempt $number: \(.*\): wanted .*/\1/p" "$work/log")
    [ "$what" != 'writing outside' ] || late=$number # repeated further down
    wanted=$(said $number wanted)
    if [ "$wanted" = SIGSYS ]; then
      is "$pool: $what ends the worker" "502 $wanted " "$status $wanted $(said $number got)"
      eventually "$pool: the worker that tried $what is gone" has_ended "$pid"
    else
      is "$pool: $what is refused" "$pid $wanted" "$(workers $pool) $(said $number got)"
    fi
    number=$((number + 1))
    [ $number -lt 1000 ] || break
  done
  is "$pool: more than 50 attempts were made" yes "$([ $number -gt 50 ] && echo yes)"
done
is 'no attempt has changed a file outside' 'file secret' "$(ls "$work/outside") $(cat "$work/outside/file")"
stop_gallery

# ---- a data folder that appears late ----

start_gallery VITRINE_WORKERS=1 VITRINE_TEST_OUTSIDE="$work/outside" VITRINE_RUN="$work/run"
eventually 'both workers are confined before the data folder is moved' is_settled on
pids="$(workers api) $(workers image)"
mv "$data" "$work/away"
# shellcheck disable=SC2086
kill $pids
are_others() {
  is_settled on && ! { workers api && workers image; } | grep -Fxq "$(echo "$pids" | tr ' ' '\n')"
}
eventually 'workers start without the data folder' are_others
request GET '/api/images?sort=name'
is 'without the data folder, a listing gets 503 as JSON' '503 application/problem+json' "$status $(header Content-Type)"
is 'without the data folder, both workers have a seccomp filter' '2 2' \
  "$(status_of "$(workers api)" Seccomp) $(status_of "$(workers image)" Seccomp)"
mv "$work/away" "$data"
: >"$work/log"
for pool in api image; do
  echo "$late" >"$data/tmp/attempt"
  provoke $pool
  like "$pool: the worker answers once the data folder is there" '^20[01]$' "$status"
done
is 'both workers are confined to the data folder that appeared late' 'EACCES EACCES' "$(said "$late" got | xargs)"
like 'both workers have tried to write outside the data folder that appeared late' 'writing outside: wanted EACCES' "$(cat "$work/log")"
stop_gallery

finish_gallery
