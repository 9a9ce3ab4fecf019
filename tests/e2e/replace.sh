#!/bin/sh
# A new worker, and a new site, while the gallery is asked for all it has: no request fails.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test replaces the worker'

# An installation of the test's own, to be replaced.
cp -R "$VITRINE_TEST_STAGE" "$work/stage"
VITRINE_TEST_LIBEXEC=$work/stage${VITRINE_TEST_LIBEXEC#"$VITRINE_TEST_STAGE"}
VITRINE_TEST_BIN=$work/stage${VITRINE_TEST_BIN#"$VITRINE_TEST_STAGE"}
VITRINE_TEST_STAGE=$work/stage
worker=$VITRINE_TEST_LIBEXEC/vitrine.fcgi

uploads=120
for i in $(seq $uploads); do
  picture PNG "$work/$i.png" width=400 height=300 seed=$(($$ + i))
done
start_gallery VITRINE_WORKERS=2
upload "$work/1.png"
original=$(json '.images[0].url')
thumb=$(json '.images[0].thumbs["320"]')
id=$(json '.images[0].id')
token=$(json '.images[0].delete_token')

# ---- clients; each writes a line for each answer ----

# asks NAME COUNT PATH: one after the other, on connections that are kept.
asks() {
  curl -s --max-time 300 -o "$work/asked.$1" -w '%{http_code}\n' "$url$3[1-$2]" >"$work/said.$1"
}
# In two halves, at the same time; the first is there already.
sends() {
  for i in $(seq "$1" 2 $uploads); do
    curl -s --max-time 100 -o "$work/sent.$i" -w '%{http_code}\n' -F "file=@$work/$i.png" "$url/api/images"
  done >"$work/said.sends$1"
}
renames() {
  for i in $(seq 150); do
    curl -s --max-time 100 -o "$work/renamed" -w '%{http_code}\n' -X PATCH -H "Authorization: Bearer $token" \
      -H 'Content-Type: application/json' --data "{\"name\":\"$i\"}" "$url/api/images/$id"
  done >"$work/said.renames"
}
asks listing 2000 '/api/images?sort=name&q=' &
clients=$!
asks published 2000 '/api/images#' &
clients="$clients $!"
asks original 2000 "$original?" &
clients="$clients $!"
asks thumb 2000 "$thumb?" &
clients="$clients $!"
sends 2 &
clients="$clients $!"
sends 3 &
clients="$clients $!"
renames &
clients="$clients $!"

# ---- new programs, one after the other, as long as they ask ----

# Another program that does the same, in one step in the place of the one before.
install_worker() {
  cp "$worker" "$worker.new"
  echo "$1" >>"$worker.new"
  mv "$worker.new" "$worker"
}
# Whether all workers of both pools run what is installed.
all_are_new() {
  for pool in api image; do
    [ "$(workers "$pool" | wc -l)" -eq 2 ] || return 1
    for pid in $(workers "$pool"); do
      cmp -s "/proc/$pid/exe" "$worker" || return 1
    done
  done
}
are_asking() {
  for client in $clients; do
    has_ended "$client" || return 0
  done
  return 1
}
replaced=0
renewed=0
while are_asking; do
  install_worker "$replaced"
  for pool in api image; do
    kill -HUP "$(pgrep -P "$server" -f "vitrine-pool $pool")"
  done
  poll all_are_new && replaced=$((replaced + 1))
  kill -HUP "$(cat "$data/run/nginx/nginx.pid")" && renewed=$((renewed + 1))
done
for client in $clients; do wait "$client"; done
echo "# replaced $replaced times, nginx reloaded $renewed times"
is 'the workers were replaced several times, and each time all of them' true "$([ $replaced -ge 3 ] && echo true)"
for name in listing published original thumb; do
  is "no $name failed" '2000 200' "$(sort "$work/said.$name" | uniq -c | xargs)"
done
is 'no change failed' '150 200' "$(sort "$work/said.renames" | uniq -c | xargs)"
is 'no upload failed' "$((uploads - 1)) 201" "$(cat "$work/said.sends2" "$work/said.sends3" | sort | uniq -c | xargs)"
is 'each is there' "$uploads" "$(image_count)"
is 'with its original' "$uploads" "$(find "$data/uploads" -type f | wc -l)"
jq -r '.images[].url' "$work"/sent.* | while read -r path; do
  curl -s -o "$work/got" -w '%{http_code}\n' "$url$path"
done | sort | uniq -c | xargs >"$work/statuses"
is 'which is served' "$((uploads - 1)) 200" "$(cat "$work/statuses")"
request GET "/api/images/$id"
is 'the last change is the last' 150 "$(json .name)"
is 'nothing unfinished is left' '' "$(find "$data/tmp" -type f)"
is 'no error was logged' '' "$(grep -Ev '^(Vitrine is ready|vitrine: check: |Child.* died, respawn|Spawning child.* next try)' "$work/log")"

finish_gallery
