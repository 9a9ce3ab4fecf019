#!/bin/sh
# More uploads than the image pool can take: some wait, and the others are told at once to come again.
# Listings do not notice.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test stops workers'

# Each upload comes from its own address, because one address may have 16.
start_gallery VITRINE_WORKERS=1 VITRINE_TRUSTED_PROXIES=127.0.0.1
worker=$(workers image)
picture PNG "$work/a.png" seed=$$
clients=

# flood COUNT: starts so many uploads in the background.
flood() {
  for number in $(seq "$1"); do
    curl -s --max-time 100 -o "$work/answer.$number" -D "$work/headers.$number" -w '%{http_code}' \
      -H "X-Forwarded-For: 203.0.113.$number" -F "file=@$work/a.png" "$url/api/images" >"$work/status.$number" &
    clients="$clients $!"
  done
}
wait_for_clients() {
  for client in $clients; do wait "$client"; done
  clients=
}
# with_status STATUS: prints the files of the uploads that were answered with it.
with_status() {
  grep -lx "$1" "$work"/status.*
}
# answered COUNT: whether so many uploads have been answered.
answered() {
  [ "$(find "$work" -name 'status.*' -size +0 | wc -l)" -eq "$1" ]
}

# ---- a worker that accepts nothing ----

kill -STOP "$worker"
flood 80
# The socket holds 64, and one more by Linux's count.
eventually 'uploads beyond the queue are answered while the worker is stopped' answered 15
is 'uploads beyond the queue are answered with 503' 15 "$(with_status 503 | wc -l)"
for file in $(with_status 503); do
  number=${file##*.}
  echo "$(jq -r '"\(.type) \(.status)"' "$work/answer.$number") $(tr -d '\r' <"$work/headers.$number" |
    sed -n 's/^\(Retry-After\|Content-Type\): //p' | xargs)"
done | sort -u >"$work/said"
is 'each 503 is a problem in JSON with Retry-After' \
  'urn:vitrine:problem:busy 503 application/problem+json 5' "$(cat "$work/said")"
request GET '/api/images?sort=name'
is 'listings are answered while the queue for images is full' 200 "$status"
request GET /
is 'the page is served while the queue for images is full' 200 "$status"
request GET "/thumbs/640/00/00000000000000000000000000000000.jpg"
is 'a missing thumbnail gets 503 and Retry-After while the queue is full' '503 5' "$status $(header Retry-After)"
kill -CONT "$worker"
wait_for_clients
is 'all uploads in the queue succeed once the worker continues' '1 64' "$(with_status 201 | wc -l) $(with_status 200 | wc -l)"
upload "$work/a.png"
is 'an upload after the full queue succeeds' 200 "$status"

# ---- a flood on a pool that works ----

rm "$work"/status.*
flood 150
while ! answered 150; do
  request GET '/api/images?sort=name'
  [ "$status" = 200 ] || break
  sleep 0.1
done
is 'listings are answered during a flood of uploads' 200 "$status"
wait_for_clients
is 'every upload of a flood is answered with success or 503' 150 \
  "$({ with_status 200; with_status 503; } | wc -l)"
is 'a flood of uploads does not end the worker' "$worker" "$(workers image)"

# ---- a pool that stops while its queue is full ----

rm "$work"/status.*
kill -STOP "$worker"
flood 70
eventually 'uploads beyond the queue of a pool to be stopped are answered' answered 5
kill -TERM "$(pgrep -P "$server" -f 'vitrine-pool image')"
has_no_socket() {
  [ ! -e "$data/run/image.sock" ]
}
eventually 'a pool that stops removes its socket' has_no_socket
kill -CONT "$worker"
wait_for_clients
is 'a pool that stops answers all uploads in its queue' 65 "$({ with_status 200; with_status 201; } | wc -l)"

finish_gallery
