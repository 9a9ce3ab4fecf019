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

stop_gallery

# ---- what decoders keep ----

start_gallery VITRINE_WORKERS=1 VITRINE_UPLOADS_PER_MINUTE=0
worker=$(workers image)
# Prints the memory of the worker's decoders in kB: the hosts and the children that wait for the next image. Pages of files are
# left out: how much of them is a process's share depends on who else runs.
decoder_memory() {
  for host in $(pgrep -P "$worker"); do
    for pid in $host $(pgrep -P "$host"); do cat "/proc/$pid/smaps_rollup"; done
  done 2>"$work/ended" | awk '/^Pss_Anon:/ { sum += $2 } END { print sum + 0 }'
}
# Whether the memory is what it was half a second before, so that nothing is being decoded.
is_settled() {
  settled=$(decoder_memory)
  sleep 0.5
  [ "$(decoder_memory)" = "$settled" ]
}
# decode_many EXTENSION CODER: after 300 files, the decoders have the memory that they had after the first.
decode_many() {
  picture "$2" "$work/first.$1" width=1200 height=900 seed=$$
  upload "$work/first.$1"
  is "the first $2 is accepted" 201 "$status"
  eventually "the decoders rest after the first $2" is_settled
  before=$(decoder_memory)
  # A box that nobody reads makes each a file of its own.
  for number in $(seq 300); do
    {
      cat "$work/first.$1"
      printf '\000\000\000\020free%08d' "$number"
    } >"$work/next.$1"
    curl -s -o "$work/answer" -w '%{http_code}\n' -F "file=@$work/next.$1" "$url/api/images"
  done | sort | uniq -c >"$work/statuses"
  is "300 more $2s are accepted" '300 201' "$(xargs <"$work/statuses")"
  eventually "the decoders rest after 300 $2s" is_settled
  after=$(decoder_memory)
  echo "# decoders: $before kB after one $2, $after kB after 300 more"
  holds "after 300 $2s, the decoders have no more than a tenth above the memory that they had after the first" \
    test "$((after * 10))" -le "$((before * 11))"
  is "300 $2s do not end the worker" "$worker" "$(workers image)"
}
decode_many avif AVIF
decode_many jxl JXL

finish_gallery
