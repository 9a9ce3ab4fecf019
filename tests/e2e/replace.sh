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

# asks NAME COUNT PATH: so many requests, one after the other, on connections that are kept open.
asks() {
  curl -s --max-time 300 -o "$work/asked.$1" -w '%{http_code}\n' "$url$3[1-$2]" >"$work/said.$1"
}
# sends FIRST: uploads every second picture. Two clients upload a half each; the first picture is uploaded already.
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
asks first-page 2000 '/api/images#' &
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

# ---- new programs, one after the other, as long as the clients ask ----

# install_worker WORD: replaces the program in one step by another one that does the same.
install_worker() {
  cp "$worker" "$worker.new"
  echo "$1" >>"$worker.new"
  mv "$worker.new" "$worker"
}
# all_are_new: whether all workers of both pools run the installed program.
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
  poll all_are_new || miss 'both pools run the new program' "$(workers api) $(workers image)"
  replaced=$((replaced + 1))
  kill -HUP "$(cat "$data/run/nginx/nginx.pid")" && renewed=$((renewed + 1))
done
for client in $clients; do wait "$client"; done
echo "# replaced $replaced times, nginx reloaded $renewed times"
is 'the workers were replaced several times' true "$([ $replaced -ge 3 ] && echo true)"
for name in listing first-page original thumb; do
  is "no request for the $name has failed during the replacements" '2000 200' "$(sort "$work/said.$name" | uniq -c | xargs)"
done
is 'no change has failed during the replacements' '150 200' "$(sort "$work/said.renames" | uniq -c | xargs)"
is 'no upload has failed during the replacements' "$((uploads - 1)) 201" "$(cat "$work/said.sends2" "$work/said.sends3" | sort | uniq -c | xargs)"
is 'each uploaded image is in the gallery' "$uploads" "$(image_count)"
is 'each uploaded image has its original' "$uploads" "$(find "$data/uploads" -type f | wc -l)"
jq -r '.images[].url' "$work"/sent.* | while read -r path; do
  curl -s -o "$work/got" -w '%{http_code}\n' "$url$path"
done | sort | uniq -c | xargs >"$work/statuses"
is 'each uploaded original is served' "$((uploads - 1)) 200" "$(cat "$work/statuses")"
request GET "/api/images/$id"
is 'the image has the name of the last change' 150 "$(json .name)"
is 'the replacements have left no unfinished upload' '' "$(find "$data/tmp" -type f)"
is 'no error was logged during the replacements' '' "$(grep -Ev '^(Vitrine is ready|vitrine: check: |Child.* died, respawn|Spawning child.* next try)' "$work/log")"

finish_gallery
