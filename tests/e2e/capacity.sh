#!/bin/sh
# More uploads than the image pool can take: some wait, and the others are told at once to come again.
# Listings do not notice.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test stops workers'

# Each upload is from an address of its own: of one, 16 are the most.
start_gallery VITRINE_WORKERS=1 VITRINE_TRUSTED_PROXIES=127.0.0.1
worker=$(workers image)
picture PNG "$work/a.png" seed=$$
clients=

# flood COUNT: that many at once, in the background.
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
# with_status STATUS: which of them were answered so.
with_status() {
  grep -lx "$1" "$work"/status.*
}
# Whether COUNT have been answered.
answered() {
  [ "$(find "$work" -name 'status.*' -size +0 | wc -l)" -eq "$1" ]
}

# ---- a worker that takes nothing ----

kill -STOP "$worker"
flood 80
# The socket holds 64, and one more by Linux's count.
holds 'those over the queue are answered while it is full' poll answered 15
is 'with 503' 15 "$(with_status 503 | wc -l)"
for file in $(with_status 503); do
  number=${file##*.}
  echo "$(jq -r '"\(.type) \(.status)"' "$work/answer.$number") $(tr -d '\r' <"$work/headers.$number" |
    sed -n 's/^\(Retry-After\|Content-Type\): //p' | xargs)"
done | sort -u >"$work/said"
is 'as JSON, each with the time to come again' \
  'urn:vitrine:problem:busy 503 application/problem+json 5' "$(cat "$work/said")"
request GET '/api/images?sort=name'
is 'listings go on' 200 "$status"
request GET /
is 'so does the page' 200 "$status"
request GET "/thumbs/640/00/00000000000000000000000000000000.jpg"
is 'a missing thumbnail is told the same' '503 5' "$status $(header Retry-After)"
kill -CONT "$worker"
wait_for_clients
is 'when the worker goes on, all that waited are taken' '1 64' "$(with_status 201 | wc -l) $(with_status 200 | wc -l)"
upload "$work/a.png"
is 'and so is the next' 200 "$status"

# ---- a flood on a pool that works ----

rm "$work"/status.*
flood 150
while ! answered 150; do
  request GET '/api/images?sort=name'
  [ "$status" = 200 ] || break
  sleep 0.1
done
is 'listings go on during a flood' 200 "$status"
wait_for_clients
is 'of a flood each is taken or told to come again, none hangs' 150 \
  "$({ with_status 200; with_status 503; } | wc -l)"
is 'the worker is the same' "$worker" "$(workers image)"

# ---- a pool that stops while its queue is full ----

rm "$work"/status.*
kill -STOP "$worker"
flood 70
poll answered 5
kill -TERM "$(pgrep -P "$server" -f 'vitrine-pool image')"
has_no_socket() {
  [ ! -e "$data/run/image.sock" ]
}
holds 'a pool that stops takes nobody into its queue' poll has_no_socket
kill -CONT "$worker"
wait_for_clients
is 'and answers all that were in it' 65 "$({ with_status 200; with_status 201; } | wc -l)"

finish_gallery
