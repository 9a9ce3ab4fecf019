#!/bin/sh
# vitrine-serve as a process: invalid settings, restarts of what has died, stopping with a request in progress.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this is about starting and stopping a gallery'

# refuses WHAT REGEX [NAME=VALUE...]: checks that vitrine-serve fails with one line on standard error.
refuses() {
  what=$1
  wanted=$2
  shift 2
  env VITRINE_ROOT="$VITRINE_TEST_STAGE" "$@" "$VITRINE_TEST_LIBEXEC/vitrine-serve" \
    >"$work/out" 2>"$work/err"
  is "$what: vitrine-serve exits with 1" 1 $?
  like "$what: vitrine-serve says why" "$wanted" "$(cat "$work/err")"
  is "$what: vitrine-serve says it in one line" '0 1' "$(wc -l <"$work/out" | tr -d ' ') $(wc -l <"$work/err" | tr -d ' ')"
}

mkdir "$data"
for bad in 0 65536 80abc -1 080 99999999999; do
  refuses "the invalid port $bad" 'VITRINE_PORT must be a whole number' VITRINE_DATA="$data" VITRINE_PORT=$bad
done
for bad in 0 -1 2x 1000; do
  refuses "the invalid number of workers $bad" 'VITRINE_WORKERS must be a whole number' VITRINE_DATA="$data" VITRINE_WORKERS=$bad
done
for bad in x 30d 010 123456; do
  env VITRINE_ROOT="$VITRINE_TEST_STAGE" VITRINE_RUN="$work" VITRINE_STOP_TIMEOUT=$bad \
    "$VITRINE_TEST_LIBEXEC/vitrine-pool" api 2>"$work/err"
  like "the invalid stop timeout $bad is refused" '^1 .*VITRINE_STOP_TIMEOUT must be' "$? $(cat "$work/err")"
done
for bad in 0 10x 1t -5 99999999999g; do
  refuses "the invalid upload limit $bad" 'VITRINE_MAX_UPLOAD must be' VITRINE_DATA="$data" VITRINE_MAX_UPLOAD=$bad
done
refuses 'a token that is too short' 'VITRINE_TOKEN is shorter than 16 characters' VITRINE_DATA="$data" VITRINE_TOKEN=fifteen.letters
refuses 'a token with a space' 'VITRINE_TOKEN may hold' VITRINE_DATA="$data" VITRINE_TOKEN='a b'
refuses 'a missing data folder' 'the data folder does not exist' VITRINE_DATA="$work/none"
touch "$work/file"
refuses 'a file as data folder' 'the data folder does not exist' VITRINE_DATA="$work/file"
echo 'no database' >"$data/catalogue.sqlite"
refuses 'a catalogue that is not a database' 'the catalogue is damaged: .* run: vitrine rebuild' VITRINE_DATA="$data"
rm -rf "$data"

is 'vitrine, which every start runs, loads no image library' '' \
  "$(ldd "$VITRINE_TEST_BIN/vitrine" | grep -i magick)"

# A proxy that does not answer: requests to this machine's own port must not go there.
start_gallery VITRINE_WORKERS=2 http_proxy=http://127.0.0.1:9 all_proxy=http://127.0.0.1:9 no_proxy= NO_PROXY=
pass 'the gallery starts whatever proxy is in the environment'
pids="$server $(workers api) $(workers image) $(pgrep -P "$server")"
refuses 'a port in use' "port $port is taken" VITRINE_DATA="$work" VITRINE_PORT="$port"
request GET /healthz
is 'the gallery that has the port continues to answer' 200 "$status"

is 'each pool has two workers' '2 2' "$(workers api | wc -l) $(workers image | wc -l)"
is 'the workers of the image pool run at nice 10' '10 10' "$(for pid in $(workers image); do ps -o ni= -p "$pid"; done | xargs)"

# heaps FIELD PID...: prints the largest heap of these processes, in kB, by this field of /proc/PID/smaps.
heaps() {
  field=$1
  shift
  for pid in "$@"; do
    awk -v "field=$field:" '/\[heap\]$/ { heap = 1 } heap && $1 == field { print $2; exit }' "/proc/$pid/smaps"
  done | sort -n | tail -n 1
}
if grep -aq __asan_init "$VITRINE_TEST_LIBEXEC/vitrine.fcgi"; then
  skip 'idle workers and hosts of decoders have small heaps' 'AddressSanitizer has its own memory'
else
  # SQLite's room for pages and what libseccomp leaves would each double these. The catalogue's schema takes 44 kB, most of it
  # for triggers.
  # shellcheck disable=SC2046
  holds 'the heap of an idle worker has 128 kB at most' test "$(heaps Rss $(workers api) $(workers image))" -le 128
  hosts=$(for pid in $(workers image); do pgrep -P "$pid"; done)
  # shellcheck disable=SC2046,SC2086
  holds 'of the heap of a decoder'"'"'s idle host, 32 kB at most are its own' \
    test "$(heaps Private_Dirty $hosts $(for pid in $hosts; do pgrep -P "$pid"; done))" -le 32
fi

autogroups() {
  for pid in $(workers "$1"); do sed 's/.* //' "/proc/$pid/autogroup"; done | xargs
}
if [ -e /proc/self/autogroup ]; then
  is 'the session of the image pool has nice 10, too' '0 0 and 10 10' "$(autogroups api) and $(autogroups image)"
else
  skip 'the session of the image pool has nice 10, too' 'this kernel does not group processes by session'
fi

# ---- what has died is started again ----

# has_others POOL PIDS: whether the pool has two workers, and none of them is one of these.
has_others() {
  [ "$(workers "$1" | wc -l)" -eq 2 ] && ! workers "$1" | grep -Fxq "$2"
}
for pool in api image; do
  old=$(workers $pool)
  # shellcheck disable=SC2086
  kill -9 $old
  eventually "$pool: killed workers are replaced" has_others $pool "$old"
done
request GET /api/images
is 'the workers that replace killed ones answer' 200 "$status"

# ---- workers that die again and again ----

# kill_many PID COUNT: kills so many of its children, each as soon as it exists.
kill_many() {
  kills=0
  killed=
  until [ "$kills" -ge "$2" ]; do
    children=
    read -r children <"/proc/$1/task/$1/children" || :
    for pid in $children; do
      case " $killed " in *" $pid "*) continue ;; esac
      kill -9 "$pid" 2>/dev/null && kills=$((kills + 1))
    done
    killed=$children
  done
}
multiwatch=$(pgrep -P "$(pgrep -P "$server" -f 'vitrine-pool api')")
kill_many "$multiwatch" 300
eventually 'after 300 deaths in a row the pool has all its workers' has_others api "$killed"
is "after 300 deaths in a row the pool's multiwatch is the same" "$multiwatch" "$(pgrep -P "$(pgrep -P "$server" -f 'vitrine-pool api')")"
request GET /api/images
is 'after 300 deaths in a row the pool answers' 200 "$status"
is 'after 300 deaths in a row neither pool nor workers were given up' '' "$(grep -E 'often|starting it again' "$work/log")"
is 'systemd sets no limit to the starts of a pool' StartLimitIntervalSec=0 \
  "$(grep -h StartLimit "$VITRINE_TEST_STAGE"/*/lib/systemd/system/vitrine@.service \
    "$(dirname "$VITRINE_TEST_BIN")/lib/systemd/system/vitrine@.service" 2>/dev/null)"

# ---- sockets and folders that are removed ----

is_back() {
  [ -S "$data/run/image.sock" ] && [ -d "$data/run/nginx" ] && curl -fs -o "$work/health" --max-time 5 "$url/healthz"
}
rm "$data/run/api.sock" "$data/run/image.sock"
eventually 'sockets that are removed are made again' is_back
rm -r "$data/run"
eventually 'the folder of the sockets is made again if it is removed' is_back
request GET /api/images
is 'the gallery answers after its sockets were removed' 200 "$status"

# Requests while HUP is sent again and again.
for pool in api image; do
  old=$(workers $pool)
  (
    for _ in $(seq 100); do
      curl -s -o "$work/asked" -w '%{http_code}\n' "$url/api/images?sort=name"
      curl -s -o "$work/asked" -w '%{http_code}\n' -X POST "$url/api/images" -H 'Content-Type: image/png' -d x
    done
  ) >"$work/answers" &
  client=$!
  pool_pid=$(pgrep -P "$server" -f "vitrine-pool $pool")
  kill -HUP "$pool_pid"
  eventually "$pool: HUP replaces the workers" has_others $pool "$old"
  hups=0
  while ! has_ended $client && [ "$hups" -lt 50 ]; do
    hups=$((hups + 1))
    kill -HUP "$pool_pid"
    sleep 0.1
  done
  wait "$client"
  is "$pool: no request is lost while HUP replaces workers" '100 200 100 415' "$(sort "$work/answers" | uniq -c | xargs)"
done

is_healthy() {
  [ "$(curl -s -o "$work/health" -w '%{http_code}' "$url/healthz")" = 200 ]
}
old=$(workers api)
kill -9 "$(pgrep -P "$(pgrep -P "$server" -f 'vitrine-pool api')")"
eventually 'the workers of a killed multiwatch end' sh -c \
  "! ps -p '$(echo "$old" | paste -sd,)' >/dev/null"
eventually 'a pool whose multiwatch was killed starts again' is_healthy
old=$(pgrep -P "$server" -f 'nginx: master')
old="$old $(pgrep -P "$old")"
kill -9 "${old%% *}"
eventually 'the workers of a killed nginx end' sh -c "! ps -p '$(echo "$old" | xargs | tr ' ' ,)' >/dev/null"
eventually 'a killed nginx is started again' is_healthy

# ---- the end: requests in progress are answered, nothing is left ----

pids="$pids $(workers api) $(workers image) $(pgrep -P "$server")"
picture GIF "$work/slow.gif" width=6000 height=4000 seed=$$
curl -s -o "$work/answer" -w '%{http_code}' -F "file=@$work/slow.gif" "$url/api/images" >"$work/status" &
client=$!
is_under_way() {
  [ -n "$(find "$data/tmp" -type f)" ]
}
eventually 'an upload is in progress when the gallery is stopped' is_under_way
stop_gallery
is 'SIGTERM ends the gallery with success' 0 "$stopped"
wait "$client"
is 'the upload in progress is answered before the gallery ends' 201 "$(cat "$work/status")"
# shellcheck disable=SC2086
is 'a stopped gallery leaves no process' '' "$(ps -o pid=,args= -p "$(echo $pids | tr ' ' ,)")"
is 'a stopped gallery leaves no socket' '' "$(find "$data" -type s -o -name '*.pid')"
is 'a stopped gallery leaves no unfinished upload' '' "$(find "$data/tmp" -type f)"
mkdir "$work/alone"
cp "$data/catalogue.sqlite" "$work/alone"
is "after a stop the catalogue's file alone has all rows" 1 \
  "$(sqlite3 "$work/alone/catalogue.sqlite" 'SELECT count(*) FROM image')"
# The hourly sweep is ended, too, and may leave the index of an empty log.
is "after a stop the catalogue's log is empty" '' "$(find "$data" -name 'catalogue*-wal' -size +0)"

# ---- a worker that does not end ----

start_gallery VITRINE_WORKERS=1 VITRINE_STOP_TIMEOUT=1s
pids="$server $(workers api) $(workers image)"
kill -STOP "$(workers image)"
stop_gallery
is 'a gallery whose worker does not end within VITRINE_STOP_TIMEOUT ends with success' 0 "$stopped"
# shellcheck disable=SC2086
is 'a worker that does not end within VITRINE_STOP_TIMEOUT is killed' '' "$(ps -o pid=,args= -p "$(echo $pids | tr ' ' ,)")"

# When vitrine-serve says that it is ready, workers have been forked but may not have executed their program yet.
is_over() {
  case $(ps -o stat= -p "$server") in '' | Z*) ;; *) return 1 ;; esac
}
for _ in 1 2 3 4; do
  start_gallery VITRINE_WORKERS=8
  kill -TERM "$server"
  eventually 'a gallery that gets SIGTERM as soon as it is ready ends' is_over
  stop_gallery
  is 'a gallery that gets SIGTERM as soon as it is ready ends with success' 0 "$stopped"
done

start_gallery
request GET "/api/images/$(jq -r '.images[0].id' "$work/answer")"
is 'the next start has the image that was uploaded last' 200 "$status"
is 'by default the image pool has one worker more than the api pool' 1 \
  $(($(workers image | wc -l) - $(workers api | wc -l)))
holds 'no worker has loaded ImageMagick before the first image' sh -c \
  "! grep -q -i magick $(for pid in $(workers api) $(workers image); do echo "/proc/$pid/maps"; done | xargs)"

stop_gallery

# ---- a library with a known vulnerability ----

mkdir "$work/bin"
printf '#!/bin/sh\necho 1.6.39-2 libpng16-16 installed\n' >"$work/bin/dpkg-query"
chmod 755 "$work/bin/dpkg-query"
start_gallery PATH="$work/bin:$PATH"
eventually 'the log names a library with a known vulnerability' grep -q '^vitrine: check: libpng 1.6.39-2 .*CVE-' "$work/log"
request GET /healthz
is 'a gallery with a vulnerable library serves nevertheless' 200 "$status"
stop_gallery
is 'a gallery with a vulnerable library ends with success' 0 "$stopped"

# ---- a sweep that takes long ----

stage=$VITRINE_TEST_STAGE
libexec=$VITRINE_TEST_LIBEXEC
cp -a "$stage" "$work/stage"
VITRINE_TEST_STAGE=$work/stage
VITRINE_TEST_LIBEXEC=$work/stage${libexec#"$stage"}
command=$work/stage${VITRINE_TEST_BIN#"$stage"}/vitrine
mv "$command" "$command.real"
cat >"$command" <<EOF
#!/bin/sh
[ "\$1" = gc ] || exec "$command.real" "\$@"
echo \$\$ >"$work/sweeper"
exec sleep 600
EOF
chmod +x "$command"
start_gallery
eventually 'the sweep runs in the background of a start' test -s "$work/sweeper"
sweeper=$(cat "$work/sweeper")
rm "$data/run/api.sock"
is_back_beside_it() {
  [ -S "$data/run/api.sock" ] && ! has_ended "$sweeper"
}
eventually 'a removed socket is made again during a sweep' is_back_beside_it
stop_gallery
is 'SIGTERM during a sweep ends the gallery with success' 0 "$stopped"
holds 'SIGTERM during a sweep ends the sweep' has_ended "$sweeper"

# ---- a check of the store, which may migrate the catalogue, that takes long ----

cat >"$command" <<EOF
#!/bin/sh
echo \$\$ >"$work/checker"
exec sleep 600
EOF
# shellcheck disable=SC2086
$as_gallery $plainly env VITRINE_ROOT="$VITRINE_TEST_STAGE" VITRINE_DATA="$data" VITRINE_PORT="$port" \
  "$VITRINE_TEST_LIBEXEC/vitrine-serve" >"$work/log" 2>&1 &
server=$!
eventually 'the store is checked before anything starts' test -s "$work/checker"
checker=$(cat "$work/checker")
kill -TERM "$server"
wait "$server"
server=
eventually 'SIGTERM during the check of the store ends the check' has_ended "$checker"

VITRINE_TEST_STAGE=$stage
VITRINE_TEST_LIBEXEC=$libexec
start_gallery

# ---- vitrine-serve killed with SIGKILL ----

pids="$(workers api) $(workers image) $(pgrep -P "$server")"
kill -9 "$server"
wait "$server" 2>/dev/null
server=
# shellcheck disable=SC2086
eventually 'all processes end after vitrine-serve was killed with SIGKILL' sh -c "! ps -p '$(echo $pids | tr ' ' ,)' >/dev/null"
start_gallery
request GET /healthz
is 'the gallery starts again after vitrine-serve was killed' 200 "$status"

finish_gallery
